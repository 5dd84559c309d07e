//! The documents agree with the program: what one names, the other has.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use dateline::content::{Article, FrontMatter, Source};
use dateline::site::{Limits, Options, Site};
use dateline::templates::TEMPLATES;

use crate::documents::{
    Block, Document, between, diagnostic_codes, fields, files, literals, read, root, set, source,
};
use crate::harness::STORY;
use crate::library::{codes, put, run, site};

#[test]
fn every_code_is_explained_and_every_explanation_has_a_code() {
    let document = Document::read("docs/errors.md");
    let known = diagnostic_codes();
    let explained: BTreeSet<String> =
        document.sections.iter().filter(|s| s.0 == 3).map(|s| s.1.clone()).collect();
    assert_eq!(explained, known.keys().cloned().collect());
    let text = read("docs/errors.md");
    for (code, error) in known {
        let severity = if error { "error" } else { "warning" };
        let row = format!("| [`{code}`](#{code}) | {severity} |");
        assert!(text.contains(&row), "the table has no row `{row}`");
        let (_, _, blocks) = document.sections.iter().find(|s| s.1 == code).expect("just found");
        let shown = format!("{severity}[{code}]: ");
        assert!(blocks.iter().any(|block| block.text.starts_with(&shown)), "nothing shows `{shown}`");
    }
}

#[test]
fn the_terminal_prints_what_the_examples_say() {
    let mut tried = 0;
    for (_, code, blocks) in &Document::read("docs/errors.md").sections {
        let named: Vec<(&str, &str)> =
            blocks.iter().filter_map(|block| Some((block.file.as_deref()?, block.text.as_str()))).collect();
        if named.is_empty() {
            continue;
        }
        let folder = site(&[]);
        put(folder.path(), "site.yaml", "title: The Courier\nbase_url: https://courier.example\n");
        if !named.iter().any(|(file, _)| file.starts_with("content/")) {
            put(folder.path(), "content/good.md", STORY);
        }
        for (file, text) in &named {
            put(folder.path(), file, text);
        }
        let program = Command::new(env!("CARGO_BIN_EXE_dateline"))
            .args(["build", "--root"])
            .arg(folder.path())
            .output()
            .expect("the program runs");
        let printed = String::from_utf8(program.stderr).expect("text");
        let printed: Vec<&str> = printed.trim().lines().map(str::trim_end).collect();
        let expected = blocks.iter().find(|block| block.language == "text").expect("an example of output");
        let expected: Vec<&str> = expected.text.trim().lines().collect();
        assert_eq!(printed, expected, "{code}");
        tried += 1;
    }
    assert!(tried > 20, "only {tried} examples");
}

#[test]
fn the_json_report_is_explained() {
    let document = Document::read("docs/errors.md");
    let rust = source("src/cli/report.rs");
    let mut keys = literals(between(&rust, "serde_json::json!({", "})"));
    keys.extend(literals(between(&rust, "for (key, paths) in [", "] {")));
    let shown = document.blocks().find(|block| block.language == "json").expect("an example");
    let shown: serde_json::Value = serde_json::from_str(&shown.text).expect("JSON");
    for key in &keys {
        assert!(document.spans.contains(key), "`{key}`");
        assert!(shown.get(key).or(shown["held_back"].get(key)).is_some(), "`{key}` in the example");
    }
    assert_eq!(shown.as_object().map(serde_json::Map::len), Some(keys.len() - 3), "held_back has three");
    let rust = source("src/cli/formats.rs");
    for (of, list) in [("json_of_diagnostic", "diagnostics"), ("json_of_explanation", "explanations")] {
        let body = between(&rust, &format!("fn {of}("), "\n}\n");
        for key in body.match_indices("\": ").filter_map(|(at, _)| body[..at].rsplit('"').next()) {
            assert!(document.spans.contains(key), "`{key}` of `{list}`");
        }
        for key in body.lines().filter_map(|line| line.strip_prefix("        \"")?.split_once("\": ")) {
            assert!(shown[list][0].get(key.0).is_some(), "`{}` of `{list}` in the example", key.0);
        }
    }
}

#[test]
fn every_setting_is_explained() {
    let document = Document::read("docs/configuration.md");
    let rust = ["config", "machines", "reactions", "search", "check", "corrections"]
        .map(|file| source(&format!("src/site/{file}.rs")))
        .concat();
    let keys: BTreeSet<String> = literals(between(&rust, "const KEYS: ", "];")).into_iter().collect();
    assert_eq!(document.headings("Settings", 3), keys);
    let groups = ["Limits", "SectionEntry", "ReactionsEntry", "KindEntry", "TaxonomyEntry"];
    let machines = [
        "Search",
        "Engine",
        "Feeds",
        "Sitemaps",
        "Data",
        "RedirectsEntry",
        "Robots",
        "Check",
        "External",
        "Corrections",
    ];
    let mut parts: Vec<String> = groups
        .iter()
        .chain(&machines)
        .flat_map(|of| fields(&rust, of))
        .chain(literals(between(&rust, "const USUAL_REACTIONS: ", "];")).into_iter().step_by(2))
        .chain(
            literals(between(&source("src/model/permalink.rs"), "const TOKENS: ", "];"))
                .into_iter()
                .map(|t| format!("{{{t}}}")),
        )
        .collect();
    for choice in [
        "Html",
        "Expired",
        "FeedFormat",
        "RedirectFormat",
        "SearchFiles",
        "Level",
        "CorrectionsPlace",
        "HistoryFrom",
        "Retracted",
    ] {
        let body = between(&rust, &format!("enum {choice} {{"), "}\n");
        let names = body.lines().filter_map(|line| line.trim().strip_suffix(','));
        parts.extend(names.map(str::to_lowercase));
    }
    for part in &parts {
        assert!(document.spans.contains(part), "`{part}`");
    }
    let limits = Limits::default();
    let text = read("docs/configuration.md");
    for (key, value) in [
        ("article_bytes", limits.article_bytes.to_string()),
        ("front_matter_bytes", limits.front_matter_bytes.to_string()),
        ("nesting", limits.nesting.to_string()),
    ] {
        let row = text.lines().find(|line| line.starts_with(&format!("| `{key}` |"))).expect("a row");
        assert!(row.contains(&format!("| {value}")), "{row}");
    }
    for fixed in literals(between(&rust, "let fixed = [", "];")) {
        assert!(document.spans.contains(&fixed), "`{fixed}`");
    }
}

#[test]
fn every_option_is_explained() {
    for (file, of, document) in [
        ("mod", "Which", "configuration"),
        ("build", "Build", "configuration"),
        ("permalinks", "Fix", "permalinks"),
        ("verify", "Verify", "verify"),
        ("serve", "Serve", "serve"),
        ("mod", "Which", "serve"),
    ] {
        let document = Document::read(&format!("docs/{document}.md"));
        for field in fields(&source(&format!("src/cli/{file}.rs")), of) {
            let name = field.trim_start_matches("pub(super) ");
            let option = format!("--{}", name.replace('_', "-"));
            let shown = document.spans.iter().any(|span| span.split(' ').next() == Some(option.as_str()));
            // What is flattened has options of its own.
            assert!(shown || name == "which", "`{option}`");
        }
    }
}

#[test]
fn every_example_of_settings_loads() {
    let mut complete = 0;
    for (path, whole) in [
        ("docs/configuration.md", true),
        ("docs/getting-started.md", false),
        ("docs/check.md", false),
        ("docs/moving.md", false),
        ("docs/hosting.md", false),
    ] {
        let document = Document::read(path);
        let examples: Vec<(&str, &Block)> = document
            .sections
            .iter()
            .flat_map(|(_, heading, blocks)| blocks.iter().map(move |block| (heading.as_str(), block)))
            .filter(|(_, block)| block.language == "yaml")
            .collect();
        assert!(!examples.is_empty(), "{path}");
        for (heading, block) in examples {
            let folder = site(&[("content/a.md", STORY)]);
            let address =
                if block.text.contains("base_url:") { "" } else { "base_url: https://test.example\n" };
            put(folder.path(), "site.yaml", format!("{address}{}", block.text));
            let report = run(folder.path());
            assert_eq!(report.diagnostics, [], "{path}: {heading}");
            if whole && heading == "A complete example" {
                let keys = literals(between(&source("src/site/config.rs"), "const KEYS: ", "];"));
                let set =
                    |key: &&String| !block.text.lines().any(|line| line.starts_with(&format!("{key}:")));
                assert_eq!(keys.iter().find(set), None, "the complete example sets everything");
                complete += 1;
            }
        }
    }
    assert_eq!(complete, 1);
}

/// Every key of front matter that the program knows.
fn front_matter_keys() -> BTreeSet<String> {
    let rust = source("src/content/front_matter.rs");
    let visit = between(&rust, "let written = written.unwrap_or_default();", "_ => match field(&key)");
    let unnest = between(&rust, "fn unnest(", "\n    }\n");
    let folder = site(&[("content/a.md", STORY)]);
    let (site, _) = Site::load(Options { root: folder.path().into(), ..Options::default() }).expect("a site");
    let from = site.taxonomies.iter().flat_map(|taxonomy| taxonomy.from.clone());
    let fields = literals(between(&rust, "const FIELDS: ", "];"));
    fields.into_iter().chain(literals(visit)).chain(literals(unnest)).chain(from).collect()
}

#[test]
fn every_key_of_front_matter_is_explained() {
    let document = Document::read("docs/front-matter.md");
    let known = front_matter_keys();
    for key in &known {
        assert!(document.spans.contains(key), "`{key}`");
    }
    let text = read("docs/front-matter.md");
    let table = between(&text, "## All keys", "\nThe keys of the taxonomies");
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    let cells = rows
        .flat_map(|row| row.split('|').skip(1).take(2).flat_map(|cell| cell.split('`').skip(1).step_by(2)));
    let listed: BTreeSet<String> = cells.map(str::to_owned).collect();
    assert_eq!(listed, known, "the table of all keys");
    let image = between(&source("src/content/yaml.rs"), "for ImageField {", "\n}\n").to_owned();
    let image = literals(between(&image, "match key.as_str() {", "_ =>"));
    for key in image {
        assert!(document.spans.contains(&key), "`{key}` of `image`");
    }
}

#[test]
fn every_example_of_an_article_parses() {
    let folder = site(&[("content/a.md", STORY)]);
    let (site, _) = Site::load(Options { root: folder.path().into(), ..Options::default() }).expect("a site");
    let mut tried = BTreeMap::new();
    for path in files("docs", "md").into_iter().chain(["README.md".into()]) {
        if path == "docs/errors.md" {
            continue; // its examples are mistakes
        }
        for block in Document::read(&path).blocks() {
            if block.language != "markdown" || !block.text.starts_with("---\n") {
                continue;
            }
            let file = block.file.as_deref().unwrap_or("content/example.md");
            let below = file.strip_prefix("content/").expect("articles are in content/");
            let source = Source::read(file, block.text.as_bytes(), &site.config.limits).expect("fences");
            let front = FrontMatter::parse(&source, &site).unwrap_or_else(|why| panic!("{path}: {why:#?}"));
            if !below.ends_with("_index.md") {
                Article::resolve(front, &source, below, &site)
                    .unwrap_or_else(|why| panic!("{path}: {why:#?}"));
            }
            *tried.entry(path.clone()).or_insert(0) += 1;
        }
    }
    assert!(tried.get("docs/front-matter.md").is_some_and(|count| *count >= 5), "{tried:?}");
    assert!(tried.contains_key("README.md") && tried.contains_key("docs/getting-started.md"), "{tried:?}");
}

#[test]
fn files_of_other_systems_are_read_as_the_document_says() {
    let folder = site(&[]);
    let document = Document::read("docs/front-matter.md");
    let blocks = document.sections.iter().filter(|s| s.1 == "Files of other systems" || s.1 == "Dates");
    let named = blocks.flat_map(|s| &s.2).filter_map(|block| Some((block.file.clone()?, &block.text)));
    for (file, text) in named {
        put(folder.path(), &file, text);
    }
    let report = run(folder.path());
    assert_eq!(codes(&report), Vec::<&str>::new());
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
fn the_first_site_is_built_as_told() {
    let document = Document::read("docs/getting-started.md");
    let folder = site(&[]);
    let story = document.blocks().find(|block| block.language == "markdown").expect("an article");
    put(folder.path(), story.file.as_deref().expect("its name"), &story.text);
    let settings = document.blocks().find(|block| block.language == "yaml").expect("settings");
    put(folder.path(), "site.yaml", &settings.text);
    let report = run(folder.path());
    assert_eq!(report.diagnostics, []);
    let summary = document.blocks().find(|block| block.text.contains(" article, ")).expect("the summary");
    assert!(summary.text.starts_with(&format!("{} article, {} files", report.articles, report.pages)));
    assert!(folder.path().join("public/2024/11/05/border-security/index.html").is_file());
    assert_eq!(run(folder.path()).changes.written, 0, "nothing has changed");
    let component = document.blocks().find(|block| block.language == "jinja").expect("a component");
    put(folder.path(), component.file.as_deref().expect("its name"), &component.text);
    let report = run(folder.path());
    assert_eq!(report.diagnostics, []);
    let month = fs::read_to_string(folder.path().join("public/2024/11/index.html")).expect("the month");
    assert!(month.contains("November 5, 2024</time> · A. Reporter</p>"), "{month}");
}

#[test]
fn the_templates_of_the_document_work() {
    let document = Document::read("docs/templates.md");
    let folder = site(&[("content/a.md", STORY)]);
    let named: Vec<&Block> = document.blocks().filter(|block| block.file.is_some()).collect();
    assert!(named.len() >= 3, "{}", named.len());
    for block in named {
        put(folder.path(), block.file.as_deref().expect("filtered"), &block.text);
    }
    assert_eq!(run(folder.path()).diagnostics, []);
    let page = |path: &str| fs::read_to_string(folder.path().join("public").join(path)).expect("a page");
    assert!(
        page("2024/11/05/index.html").contains("<article><a href=\"/2024/11/05/a/\">Border talks</a> <time")
    );
    assert!(page("2024/11/05/a/index.html").contains("<meta name=\"author\" content=\"The Test\">"));
    assert!(page("tags/iran/index.html").contains("<h2>The latest</h2>"));
}

#[test]
fn every_template_component_and_variable_is_explained() {
    let document = Document::read("docs/templates.md");
    let text = read("docs/templates.md");
    for (name, source) in TEMPLATES {
        if name.starts_with("i18n/") {
            continue;
        }
        if name.starts_with("components/") {
            let head = between(source, "{% component ", "%}").trim_end_matches('-').trim();
            assert!(text.lines().any(|line| line == head), "the head of a component: {head}");
            let component = head.split('(').next().unwrap_or_default();
            assert!(document.spans.contains(component), "`{component}`");
        } else {
            assert!(document.spans.contains(*name), "`{name}`");
        }
    }
    let rust = source("src/pages/mod.rs");
    for kind in literals(between(&rust, "fn kind(", "\n    }\n")) {
        assert!(document.spans.contains(&kind), "the kind `{kind}`");
    }
    let table = between(&text, "## Files", "\n## ");
    let rendered: BTreeSet<String> =
        literals(between(&rust, "fn template(", "\n    }\n")).into_iter().collect();
    for template in &rendered {
        assert!(table.contains(&format!("| `{template}` |")), "`{template}`");
    }
    let words = document.words();
    let mut names = 0;
    for path in files("src/pages", "rs") {
        let rust = source(&path);
        let maps = rust.match_indices("\" =>").filter_map(|(at, _)| rust[..at].rsplit('"').next());
        let variables = rust.split("insert_value(\"").skip(1).filter_map(|rest| rest.split('"').next());
        for name in maps.chain(variables) {
            assert!(words.contains(name), "{path}: `{name}`");
            names += 1;
        }
    }
    assert!(names > 100, "only {names}");
}

#[test]
fn links_lead_to_files_and_headings_that_are_there() {
    let mut followed = 0;
    // Articles link by rules of their own, which the tests of links try.
    let documents = files("", "md").into_iter().filter(|path| !path.starts_with("content/"));
    for path in documents {
        let document = Document::read(&path);
        let folder = Path::new(&path).parent().map_or_else(PathBuf::new, Path::to_path_buf);
        for link in &document.links {
            if link.contains(':') {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { PathBuf::from(&path) } else { folder.join(file) };
            assert!(root().join(&target).exists(), "{path}: {link}");
            let target = target.to_string_lossy();
            if !anchor.is_empty() && target.ends_with(".md") {
                let anchors = Document::read(&target).anchors;
                assert!(anchors.contains(anchor), "{path}: {link}: {anchors:?}");
            }
            followed += 1;
        }
    }
    assert!(followed > 50, "only {followed}");
}

#[test]
fn every_page_of_the_documentation_is_in_its_index() {
    let index: BTreeSet<String> = Document::read("docs/README.md").links.into_iter().collect();
    for path in files("docs", "md") {
        let name = path.trim_start_matches("docs/");
        assert!(name == "README.md" || index.contains(name), "{name}");
    }
    let found = Document::read("README.md").links.into_iter().collect::<BTreeSet<_>>();
    assert!(set(["docs/README.md", "docs/getting-started.md"]).is_subset(&found), "{found:?}");
}
