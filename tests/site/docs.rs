//! The documentation agrees with the program: each lists what the other has.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use dateline::internals::Limits;
use dateline::internals::TEMPLATES;
use dateline::internals::{FrontMatter, ParsedArticle, SourceFile, front_matter_fields};
use dateline::{Site, SiteOptions};

use crate::docs_parser::{
    Block, Document, files_with_extension, read_file, repository_root, string_set, text_between,
};
use crate::harness::ARTICLE;
use crate::in_process::{build_site, reported_codes, site_dir, write_file};
use crate::reference_pages::{setting_keys, setting_words};
use crate::source_items::SourceItems;

#[test]
fn diagnostic_codes_match_their_documentation() {
    let document = Document::parse("docs/errors.md");
    let codes = SourceItems::parse("src/").diagnostic_codes();
    let documented: BTreeSet<String> =
        document.sections.iter().filter(|s| s.0 == 3).map(|s| s.1.clone()).collect();
    assert_eq!(documented, codes.keys().cloned().collect());
    let text = read_file("docs/errors.md");
    for (code, error) in codes {
        let severity = if error { "error" } else { "warning" };
        let row = format!("| [`{code}`](#{code}) | {severity} |");
        let both = format!("| [`{code}`](#{code}) | error or warning |");
        assert!(text.contains(&row) || text.contains(&both), "the table has no row `{row}`");
        let severities = if text.contains(&both) { &["error", "warning"][..] } else { &[severity] };
        let (_, _, blocks) =
            document.sections.iter().find(|s| s.1 == code).expect("the section exists");
        let shows = |severity: &&str| {
            let heading = format!("{severity}[{code}]: ");
            blocks.iter().any(|block| block.text.starts_with(&heading))
        };
        assert!(severities.iter().any(shows), "nothing shows `{severity}[{code}]: `");
    }
}

#[test]
fn terminal_output_matches_the_examples() {
    let mut tried = 0;
    for (_, code, blocks) in &Document::parse("docs/errors.md").sections {
        let named_files: Vec<(&str, &str)> = blocks
            .iter()
            .filter_map(|block| Some((block.file.as_deref()?, block.text.as_str())))
            .collect();
        if named_files.is_empty() {
            continue;
        }
        let folder = site_dir(&[]);
        write_file(
            folder.path(),
            "site.yaml",
            "title: The Courier\nbase_url: https://courier.example\n",
        );
        if !named_files.iter().any(|(file, _)| file.starts_with("content/")) {
            write_file(folder.path(), "content/good.md", ARTICLE);
        }
        for (file, text) in &named_files {
            write_file(folder.path(), file, text);
        }
        let program = Command::new(env!("CARGO_BIN_EXE_dateline"))
            .args(["build", "--root"])
            .arg(folder.path())
            .output()
            .expect("the program runs");
        let printed = String::from_utf8(program.stderr).expect("it is text");
        let printed: Vec<&str> = printed.trim().lines().map(str::trim_end).collect();
        let expected =
            blocks.iter().find(|block| block.language == "text").expect("the page shows output");
        let expected: Vec<&str> = expected.text.trim().lines().collect();
        assert_eq!(printed, expected, "{code}");
        tried += 1;
    }
    assert!(tried > 20, "only {tried} examples");
}

#[test]
fn the_json_report_is_documented() {
    let document = Document::parse("docs/errors.md");
    let source = SourceItems::parse("src/cli/output/");
    let example =
        document.blocks().find(|block| block.language == "json").expect("the page has an example");
    let example: serde_json::Value = serde_json::from_str(&example.text).expect("it is JSON");
    let keys = source.json_keys_in_fn("write_json");
    for (_, key) in &keys {
        assert!(document.spans.contains(key), "`{key}`");
    }
    let mut expected: BTreeSet<String> =
        keys.into_iter().filter(|(depth, _)| *depth == 1).map(|(_, key)| key).collect();
    expected.extend(string_set(["written_files", "removed_files"]));
    assert_eq!(object_keys(&example), expected, "the example");
    for (function, list) in
        [("diagnostic_to_json", "diagnostics"), ("explanation_to_json", "explanations")]
    {
        let keys: BTreeSet<String> =
            source.json_keys_in_fn(function).into_iter().map(|(_, key)| key).collect();
        for key in &keys {
            assert!(document.spans.contains(key), "`{key}` of `{list}`");
        }
        for key in object_keys(&example[list][0]) {
            assert!(keys.contains(&key), "`{key}` of `{list}` in the example");
        }
    }
}

fn object_keys(value: &serde_json::Value) -> BTreeSet<String> {
    value.as_object().expect("the value is an object").keys().cloned().collect()
}

#[test]
fn every_setting_is_documented() {
    let document = Document::parse("docs/configuration.md");
    let source = SourceItems::parse("src/config/");
    assert_eq!(document.headings("Settings", 3), setting_keys());
    let reactions = source.strings_in_const("BUILT_IN_REACTIONS").into_iter().step_by(2);
    let tokens = SourceItems::parse("src/model/permalink").strings_in_const("TOKENS");
    let documented_keys = setting_words()
        .into_iter()
        .chain(reactions)
        .chain(tokens.iter().map(|token| format!("{{{token}}}")))
        .chain(reserved_paths(&source));
    for key in documented_keys {
        assert!(document.spans.contains(&key), "`{key}`");
    }
    let limits = Limits::default();
    let text = read_file("docs/configuration.md");
    for (key, value) in [
        ("article_bytes", limits.article_bytes.to_string()),
        ("front_matter_bytes", limits.front_matter_bytes.to_string()),
        ("nesting", limits.nesting.to_string()),
    ] {
        let row = text
            .lines()
            .find(|line| line.starts_with(&format!("| `{key}` |")))
            .expect("there is a row");
        assert!(row.contains(&format!("| {value}")), "{row}");
    }
}

/// Returns the names in the site's root that the program uses itself.
fn reserved_paths(source: &SourceItems) -> Vec<String> {
    let names: Vec<String> = source.strings_in_const("ROOT_NAMES").into_iter().step_by(2).collect();
    assert!(names.len() > 20 && names.iter().any(|name| name == "archive"), "{names:?}");
    names
}

#[test]
fn every_option_is_documented() {
    let source = SourceItems::parse("src/cli/");
    for (structure, document) in [
        ("SiteArgs", "configuration"),
        ("BuildCommand", "configuration"),
        ("PermalinksFixCommand", "permalinks"),
        ("VerifyCommand", "verify"),
        ("ServeCommand", "serve"),
        ("SiteArgs", "serve"),
    ] {
        let document = Document::parse(&format!("docs/{document}.md"));
        for field in source.struct_fields(structure) {
            let option = format!("--{}", field.replace('_', "-"));
            let is_documented =
                document.spans.iter().any(|span| span.split(' ').next() == Some(option.as_str()));
            // Flattened arguments have their own options.
            let is_option = field != "site_args" && field != "folder";
            assert!(is_documented || !is_option, "`{option}`");
        }
    }
}

/// Returns the files below `static/` that an example of settings names.
fn named_files(settings: &str) -> impl Iterator<Item = &str> {
    let keys = ["logo: ", "favicon: "];
    settings.lines().filter_map(move |line| keys.iter().find_map(|key| line.strip_prefix(key)))
}

#[test]
fn every_example_of_settings_loads() {
    let mut complete = 0;
    for (path, is_complete) in [
        ("docs/configuration.md", true),
        ("docs/getting-started.md", false),
        ("docs/check.md", false),
        ("docs/moving.md", false),
        ("docs/hosting.md", false),
    ] {
        let document = Document::parse(path);
        let examples: Vec<(&str, &Block)> = document
            .sections
            .iter()
            .flat_map(|(_, heading, blocks)| {
                blocks.iter().map(move |block| (heading.as_str(), block))
            })
            .filter(|(_, block)| block.language == "yaml")
            .collect();
        assert!(!examples.is_empty(), "{path}");
        for (heading, block) in examples {
            let folder = site_dir(&[("content/a.md", ARTICLE)]);
            for file in named_files(&block.text) {
                write_file(folder.path(), &format!("static/{file}"), "<svg/>");
            }
            for page in block.text.split("page: ").skip(1) {
                let page = page.split(['}', ',', '\n']).next().unwrap_or_default();
                write_file(
                    folder.path(),
                    &format!("content/pages/{page}"),
                    "---\ntitle: A page\n---\nText.\n",
                );
            }
            let base_url = if block.text.contains("base_url:") {
                ""
            } else {
                "base_url: https://test.example\n"
            };
            write_file(folder.path(), "site.yaml", format!("{base_url}{}", block.text));
            let report = build_site(folder.path());
            assert_eq!(report.diagnostics, [], "{path}: {heading}");
            if is_complete && heading == "A complete example" {
                let is_unset = |key: &String| {
                    !block.text.lines().any(|line| line.starts_with(&format!("{key}:")))
                };
                assert_eq!(
                    setting_keys().into_iter().find(is_unset),
                    None,
                    "the complete example sets everything"
                );
                complete += 1;
            }
        }
    }
    assert_eq!(complete, 1);
}

/// Returns every key of front matter that the program reads.
fn front_matter_keys() -> BTreeSet<String> {
    let folder = site_dir(&[("content/a.md", ARTICLE)]);
    let site = Site::load(SiteOptions::new(folder.path())).expect("the site is loaded");
    let fields = front_matter_fields().flat_map(|row| row.names).map(|name| (*name).to_owned());
    fields.chain(dateline::internals::term_keys(&site)).collect()
}

#[test]
fn every_front_matter_key_is_documented() {
    let document = Document::parse("docs/front-matter.md");
    for key in front_matter_keys() {
        assert!(document.spans.contains(&key), "`{key}`");
    }
    for key in SourceItems::parse("src/content/yaml.rs").patterns_in_fn("visit_map") {
        assert!(document.words().contains(&key), "`{key}` of a map");
    }
}

#[test]
fn every_example_of_an_article_parses() {
    let folder = site_dir(&[("content/a.md", ARTICLE)]);
    let site = Site::load(SiteOptions::new(folder.path())).expect("the site is loaded");
    let mut tried = BTreeMap::new();
    for path in files_with_extension("docs", "md").into_iter().chain(["README.md".into()]) {
        if path == "docs/errors.md" {
            continue; // its examples are mistakes
        }
        for block in Document::parse(&path).blocks() {
            if block.language != "markdown" || !block.text.starts_with("---\n") {
                continue;
            }
            let file = block.file.as_deref().unwrap_or("content/example.md");
            let below = file.strip_prefix("content/").expect("articles are in content/");
            let source =
                SourceFile::parse(file, block.text.as_bytes(), dateline::internals::limits(&site))
                    .expect("there is front matter");
            let front = FrontMatter::parse(&source, &site)
                .unwrap_or_else(|diagnostics| panic!("{path}: {diagnostics:#?}"));
            if !below.ends_with("_index.md") {
                ParsedArticle::resolve(front, &source, below, &site)
                    .unwrap_or_else(|diagnostics| panic!("{path}: {diagnostics:#?}"));
            }
            *tried.entry(path.clone()).or_insert(0) += 1;
        }
    }
    assert!(tried.get("docs/front-matter.md").is_some_and(|count| *count >= 5), "{tried:?}");
    assert!(tried.contains_key("docs/getting-started.md"), "{tried:?}");
}

#[test]
fn files_of_other_systems_are_read_as_documented() {
    let folder = site_dir(&[]);
    let document = Document::parse("docs/front-matter.md");
    let blocks =
        document.sections.iter().filter(|s| s.1 == "Files of other systems" || s.1 == "Dates");
    let named_files =
        blocks.flat_map(|s| &s.2).filter_map(|block| Some((block.file.clone()?, &block.text)));
    for (file, text) in named_files {
        write_file(folder.path(), &file, text);
    }
    let report = build_site(folder.path());
    assert_eq!(reported_codes(&report), Vec::<&str>::new());
    for page in [
        "2014/10/08/border-talks",
        "2014/10/08/talks-begin",
        "2024/11/05/border-talks",
        "2018/10/10/talks",
        "sections/world",
        "sections/blog",
        "tags/asia",
        "authors/a-reporter",
    ] {
        assert!(folder.path().join("public").join(page).join("index.html").is_file(), "{page}");
    }
}

#[test]
fn the_getting_started_guide_works() {
    let document = Document::parse("docs/getting-started.md");
    let folder = site_dir(&[]);
    let article = document
        .blocks()
        .find(|block| block.language == "markdown")
        .expect("the page shows an article");
    write_file(
        folder.path(),
        article.file.as_deref().expect("the block names its file"),
        &article.text,
    );
    let settings =
        document.blocks().find(|block| block.language == "yaml").expect("the page shows settings");
    write_file(folder.path(), "site.yaml", &settings.text);
    let report = build_site(folder.path());
    assert_eq!(report.diagnostics, []);
    let summary = document
        .blocks()
        .find(|block| block.text.contains(" article, "))
        .expect("the page shows the summary");
    assert!(
        summary.text.starts_with(&format!("{} article, {} files", report.articles, report.files))
    );
    assert!(folder.path().join("public/2024/11/05/border-security/index.html").is_file());
    assert_eq!(build_site(folder.path()).output_changes.written, 0, "nothing has changed");
    let component = document
        .blocks()
        .find(|block| block.language == "jinja")
        .expect("the page shows a component");
    write_file(
        folder.path(),
        component.file.as_deref().expect("the block names its file"),
        &component.text,
    );
    let report = build_site(folder.path());
    assert_eq!(report.diagnostics, []);
    let month = fs::read_to_string(folder.path().join("public/2024/11/index.html"))
        .expect("the month page is readable");
    assert!(month.contains("November 5, 2024</time> · A. Reporter</p>"), "{month}");
}

#[test]
fn documented_templates_work() {
    let document = Document::parse("docs/templates.md");
    let folder = site_dir(&[("content/a.md", ARTICLE)]);
    let named_blocks: Vec<&Block> =
        document.blocks().filter(|block| block.file.is_some()).collect();
    assert!(named_blocks.len() >= 3, "{}", named_blocks.len());
    for block in named_blocks {
        write_file(
            folder.path(),
            block.file.as_deref().expect("only blocks with files remain"),
            &block.text,
        );
    }
    assert_eq!(build_site(folder.path()).diagnostics, []);
    let page = |path: &str| {
        fs::read_to_string(folder.path().join("public").join(path)).expect("the page is readable")
    };
    assert!(
        page("2024/11/05/index.html")
            .contains("<article><a href=\"/2024/11/05/a/\">Border talks</a> <time")
    );
    assert!(
        page("2024/11/05/a/index.html").contains("<meta name=\"author\" content=\"The Test\">")
    );
    assert!(page("tags/iran/index.html").contains("<h2>The latest</h2>"));
}

#[test]
fn every_template_component_and_variable_is_documented() {
    let document = Document::parse("docs/templates.md");
    let text = read_file("docs/templates.md");
    for (name, source) in TEMPLATES {
        if name.starts_with("i18n/") {
            continue;
        }
        if name.starts_with("components/") {
            let head = text_between(source, "{% component ", "%}").trim_end_matches('-').trim();
            assert!(text.lines().any(|line| line == head), "the head of a component: {head}");
            let component = head.split('(').next().unwrap_or_default();
            assert!(document.spans.contains(component), "`{component}`");
        } else {
            assert!(document.spans.contains(*name), "`{name}`");
        }
    }
    let source = SourceItems::parse("src/pages/");
    let table = text_between(&text, "## Files", "\n## ");
    // Each row of the table of page kinds has a name, and a template.
    for name in SourceItems::parse("src/pages/kinds.rs").strings_in_fn("row") {
        if name.ends_with(".html") {
            assert!(table.contains(&format!("| `{name}` |")), "`{name}`");
        } else {
            assert!(document.spans.contains(&name), "the kind `{name}`");
        }
    }
    let words = document.words();
    let names = source.template_variables();
    assert!(names.len() > 100, "only {names:?}");
    for name in names {
        assert!(words.contains(&name), "`{name}`");
    }
}

#[test]
fn links_in_the_documentation_are_not_broken() {
    let mut followed = 0;
    // Links in articles follow other rules, which have their own tests.
    let documents =
        files_with_extension("", "md").into_iter().filter(|path| !path.starts_with("content/"));
    for path in documents {
        let document = Document::parse(&path);
        let folder = Path::new(&path).parent().map_or_else(PathBuf::new, Path::to_path_buf);
        for link in &document.links {
            if link.contains(':') {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { PathBuf::from(&path) } else { folder.join(file) };
            assert!(repository_root().join(&target).exists(), "{path}: {link}");
            let target = target.to_string_lossy();
            if !anchor.is_empty() && target.ends_with(".md") {
                let anchors = Document::parse(&target).anchors;
                assert!(anchors.contains(anchor), "{path}: {link}: {anchors:?}");
            }
            followed += 1;
        }
    }
    assert!(followed > 50, "only {followed}");
}

#[test]
fn every_documentation_page_is_in_the_index() {
    let index: BTreeSet<String> = Document::parse("docs/README.md").links.into_iter().collect();
    for path in files_with_extension("docs", "md") {
        let name = path.trim_start_matches("docs/");
        assert!(name == "README.md" || index.contains(name), "{name}");
    }
    let links = Document::parse("README.md").links.into_iter().collect::<BTreeSet<_>>();
    assert!(
        string_set(["docs/README.md", "docs/getting-started.md"]).is_subset(&links),
        "{links:?}"
    );
}

/// The promises of the README name tests, which exist.
#[test]
fn each_promise_of_the_readme_has_a_test() {
    let readme = read_file("README.md");
    let table = text_between(&readme, "| promise | test |\n| --- | --- |\n", "\n\n");
    let mut promises = 0;
    for row in table.lines() {
        let (name, path) = text_between(row, "[`", ")")
            .split_once("`](")
            .unwrap_or_else(|| panic!("the row names no test: {row}"));
        let source = syn::parse_file(&read_file(path)).expect("the file is Rust");
        let is_test = |item: &syn::Item| {
            matches!(item, syn::Item::Fn(function) if function.sig.ident == name
                && function.attrs.iter().any(|attribute| attribute.path().is_ident("test")))
        };
        assert!(source.items.iter().any(is_test), "{path} has no test `{name}`");
        promises += 1;
    }
    assert!(promises > 10, "only {promises}");
    // Every promise in bold has a row.
    let bold = readme.split("## What is different").nth(1).expect("the section exists");
    assert!(bold.matches("\n- **").count() <= promises);
}

/// Pull requests are checked with the commands of the full suite, on three systems.
#[test]
fn pull_requests_are_checked_on_three_systems() {
    let workflow = read_file(".github/workflows/ci.yml");
    let suite = read_file(".ci/run");
    for part in ["pull_request", "ubuntu-", "macos-", "windows-", "rust-version", "cargo-deny"] {
        assert!(workflow.contains(part), "{part}");
    }
    for command in ["fmt --check", "clippy --all-targets -- -D warnings", "test"] {
        assert!(suite.contains(&format!("cargo {command}")), ".ci/run: {command}");
        assert!(workflow.contains(&format!("cargo +stable {command}")), "ci.yml: {command}");
    }
}
