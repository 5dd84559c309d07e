//! The structure of the program: lower layers never import higher ones, no imports form a cycle,
//! each foreign crate is used in its own modules, one module prints, and one sets the exit status.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::harness::read_files;
use crate::source_tree::{Imports, Reexports, SourceTree, code_tokens, import_cycles, tokenize};

/// A module directly below `src/`.
struct Module {
    name: &'static str,
    layer: u8,
    /// The modules that it imports, all of lower layers. Every module may import [`BASE_MODULES`].
    imports: &'static [&'static str],
}

const fn module(name: &'static str, layer: u8, imports: &'static [&'static str]) -> Module {
    Module { name, layer, imports }
}

/// Every module, as ARCHITECTURE.md lists them.
const MODULES: &[Module] = &[
    module("main", 7, &["cli"]),
    module(
        "cli",
        7,
        &[
            "check",
            "explain",
            "import",
            "listing",
            "serve",
            "fix",
            "verify",
            "pipeline",
            "permalinks",
            "export",
            "stats",
            "scaffold",
            "archive",
            "content",
            "config",
            "atomic_file",
            "model",
        ],
    ),
    module(
        "check",
        6,
        &[
            "pipeline",
            "permalinks",
            "search",
            "archive",
            "content",
            "config",
            "atomic_file",
            "model",
        ],
    ),
    module("explain", 6, &["pipeline", "content", "config"]),
    module(
        "import",
        6,
        &["pipeline", "permalinks", "scaffold", "content", "config", "atomic_file", "model"],
    ),
    module("listing", 6, &["pipeline", "content", "config", "model"]),
    module("serve", 6, &["pipeline", "search", "config", "model"]),
    module("fix", 6, &["pipeline", "content", "templates", "config", "atomic_file", "model"]),
    module("verify", 6, &["pipeline", "config", "atomic_file", "model"]),
    module(
        "pipeline",
        5,
        &[
            "pages",
            "permalinks",
            "history",
            "search",
            "archive",
            "content",
            "templates",
            "config",
            "images",
            "model",
        ],
    ),
    module(
        "pages",
        4,
        &["permalinks", "history", "archive", "content", "templates", "config", "model"],
    ),
    module("search", 4, &["archive", "content", "config", "model"]),
    module("permalinks", 4, &["archive", "content", "config", "atomic_file", "model"]),
    module("history", 4, &["archive", "content", "config", "model"]),
    module("export", 4, &["archive", "content", "config", "model"]),
    module("stats", 4, &["archive", "content", "config", "model"]),
    module("scaffold", 4, &["content", "config", "model"]),
    module("archive", 3, &["content", "config", "model"]),
    module("content", 3, &["config", "images", "model"]),
    module("templates", 3, &["config", "model"]),
    module("config", 2, &["model"]),
    module("atomic_file", 2, &[]),
    module("regular_file", 1, &[]),
    module("images", 1, &[]),
    module("model", 1, &[]),
    module("diagnostics", 1, &[]),
];

/// Modules that every other may import.
const BASE_MODULES: [&str; 2] = ["diagnostics", "regular_file"];

/// The cells of ARCHITECTURE.md that stand for the imports of modules of lower layers.
const ALL_LOWER_MODULES: &str = "all below";

/// Which files may use which foreign crate, by the beginnings of their paths below `src/`.
const CRATES: &[(&str, &[&str])] = &[
    ("aho_corasick", &["model/redaction/"]),
    ("ammonia", &["content/sanitize.rs"]),
    ("annotate_snippets", &["cli/output/report.rs"]),
    ("base64", &["images/metadata/svg.rs"]),
    ("chardetng", &["import/text/decode.rs"]),
    ("chrono", &["model/date"]),
    ("chrono_tz", &["config/", "import/dates.rs", "model/date"]),
    ("clap", &["cli/"]),
    ("clap_complete", &["cli/commands/shell.rs"]),
    ("clap_mangen", &["cli/commands/shell.rs"]),
    ("crc32fast", &["images/metadata/png.rs"]),
    (
        "csv",
        &["import/formats/table/csv.rs", "import/formats/substack.rs", "import/redirects/table.rs"],
    ),
    ("ego_tree", &["import/text/read/"]),
    ("encoding_rs", &["import/text/"]),
    (
        "flate2",
        &[
            "images/metadata/texts.rs",
            "pipeline/compressed_text.rs",
            "search/deflate.rs",
            "serve/responses.rs",
        ],
    ),
    ("html5ever", &["import/text/read/mod.rs"]),
    ("html5gum", &["content/html/tokenizer.rs"]),
    ("html_escape", &["content/plain_text.rs", "images/metadata/texts.rs", "model/redaction/"]),
    ("hyper", &["serve/"]),
    ("hyper_util", &["serve/http.rs"]),
    ("icu_calendar", &["templates/i18n/"]),
    ("icu_casemap", &["templates/i18n/"]),
    ("icu_collator", &["templates/i18n/"]),
    ("icu_datetime", &["templates/i18n/"]),
    ("icu_decimal", &["templates/i18n/"]),
    ("icu_list", &["templates/i18n/"]),
    ("icu_locale", &["templates/i18n/"]),
    ("icu_locale_core", &["templates/i18n/"]),
    ("icu_plurals", &["templates/i18n/"]),
    // A dependency only for its feature `sync`.
    ("icu_provider", &[]),
    ("image", &["images/decode.rs", "images/resize.rs"]),
    ("imagesize", &["images/size.rs"]),
    ("indicatif", &["cli/output/report.rs"]),
    (
        "memchr",
        &[
            "content/",
            "images/",
            "import/text/",
            "model/redaction/",
            "model/text.rs",
            "search/spelling.rs",
            "search/tokenizer.rs",
        ],
    ),
    ("mimalloc", &["main.rs"]),
    ("mime_guess", &["serve/responses.rs"]),
    ("moxcms", &["images/resize.rs"]),
    ("notify", &["serve/file_watcher.rs", "serve/poll_watcher.rs"]),
    ("open", &["cli/output/serve.rs"]),
    ("percent_encoding", &["images/metadata/svg.rs", "model/permalink.rs", "serve/http.rs"]),
    ("pulldown_cmark", &["content/markdown"]),
    (
        "pulldown_cmark_escape",
        &["content/html/escape.rs", "pages/outputs/feeds.rs", "pages/structured_data.rs"],
    ),
    ("quick_xml", &["images/metadata/", "import/formats/xml.rs"]),
    (
        "rayon",
        &[
            "archive/",
            "check/",
            "cli/commands/build.rs",
            "fix/mod.rs",
            "pipeline/",
            "search/forms.rs",
            "search/index.rs",
            "stats.rs",
            "verify.rs",
        ],
    ),
    ("rusqlite", &["export.rs", "import/formats/table/sqlite.rs"]),
    ("rustix", &["pipeline/dir_handle.rs", "regular_file.rs"]),
    ("scraper", &["import/formats/medium.rs", "import/text/read/"]),
    ("serde", &["check/external.rs", "config/", "content/", "import/formats/"]),
    (
        "serde_json",
        &[
            "check/external.rs",
            "cli/output/",
            "config/table/schema.rs",
            "content/front_matter/schema.rs",
            "content/value_tree/json.rs",
            "import/formats/",
            "import/report/json.rs",
            "import/text/",
            "pages/outputs/redirects.rs",
            "pages/search.rs",
            "search/",
            "serve/live_reload.rs",
        ],
    ),
    (
        "serde_yaml",
        &[
            "config/",
            "content/",
            "import/field_map.rs",
            "import/redirects/rules_file.rs",
            "templates/i18n/",
        ],
    ),
    ("sha2", &["permalinks/redacted_url.rs", "verify.rs"]),
    ("similar", &["fix/diff.rs", "history/diff.rs"]),
    ("strsim", &["config/time_zone.rs", "content/visibility/", "diagnostics/"]),
    (
        "tempfile",
        &[
            "config/source_folder.rs",
            "pipeline/output_changes.rs",
            "scaffold/files.rs",
            "search/index.rs",
        ],
    ),
    ("tera", &["pages/", "templates/"]),
    ("terminal_size", &["cli/output/stats.rs"]),
    ("tokio", &["serve/"]),
    ("toml", &["content/value_tree/toml.rs"]),
    (
        "unicode_normalization",
        &[
            "model/fold.rs",
            "model/redaction/",
            "model/slug.rs",
            "search/tokenizer.rs",
            "templates/i18n/locale.rs",
        ],
    ),
    ("unicode_width", &["cli/output/stats.rs"]),
    ("ureq", &["check/external.rs"]),
    ("url", &["check/external.rs", "content/browser_url.rs", "content/html/urls.rs"]),
    (
        "walkdir",
        &[
            "import/source.rs",
            "pipeline/stages/",
            "scaffold/layout.rs",
            "serve/poll_watcher.rs",
            "templates/site_files.rs",
            "verify.rs",
        ],
    ),
    ("webp", &["images/resize.rs"]),
    ("writeable", &["templates/i18n/formats.rs"]),
    ("xxhash_rust", &["model/fingerprint.rs", "pipeline/", "search/"]),
];

/// Calls that only the listed files may contain.
const RESTRICTED_CALLS: &[(&str, &[&str])] = &[
    // They panic if standard output is closed or its disk is full.
    // A test reports that it is skipped.
    ("println!", &["import/text/archive_tests.rs"]),
    ("eprintln!", &[]),
    ("print!", &[]),
    ("eprint!", &[]),
    (
        "stdout(",
        &[
            "cli/output/report.rs",
            "cli/output/stats.rs",
            "cli/output/stdio.rs",
            // The standard output of git.
            "history/git.rs",
            "history/walk.rs",
        ],
    ),
    // Of git, too.
    ("stderr(", &["cli/output/report.rs", "cli/output/stdio.rs", "history/git.rs"]),
    ("process::exit", &[]),
    ("process::abort", &[]),
    ("ExitCode", &["cli/mod.rs", "main.rs"]),
    (
        "SystemTime::now",
        &["cli/args.rs", "config/site.rs", "pipeline/cache/file_stamps.rs", "serve/live_reload.rs"],
    ),
    ("Utc::now", &[]),
    ("Local::now", &[]),
    ("env::var", &[]),
    (
        "env::var_os",
        &["cli/commands/new.rs", "cli/output/report.rs", "import/text/archive_tests.rs"],
    ),
];

/// Returns the Rust files below `src/`.
fn read_sources() -> BTreeMap<String, String> {
    read_texts("src").into_iter().filter(|(path, _)| path.ends_with(".rs")).collect()
}

/// Returns the text files below a folder of the repository, without those of other languages than
/// Rust, JavaScript and CSS.
pub(crate) fn read_texts(folder: &str) -> BTreeMap<String, String> {
    let files = read_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    let is_code = |path: &str| [".rs", ".js", ".css"].iter().any(|end| path.ends_with(end));
    files
        .into_iter()
        .filter(|(path, _)| is_code(path) && !path.contains("node_modules/"))
        .map(|(path, bytes)| (path, String::from_utf8(bytes).expect("source text is UTF-8")))
        .collect()
}

fn parse_tree(sources: &BTreeMap<String, String>) -> SourceTree {
    SourceTree::parse(sources.iter().map(|(path, text)| (path.as_str(), text.as_str())))
}

/// Returns the module directly below `src/` that a file belongs to.
fn module_of(path: &str) -> &str {
    path.split('/').next().unwrap_or(path).trim_end_matches(".rs")
}

/// Returns the imports between modules, with an importing file for each.
fn imports_of_modules(imports: &Imports) -> BTreeMap<(&str, &str), &str> {
    imports
        .keys()
        .map(|(from, to)| ((module_of(from), module_of(to)), from.as_str()))
        .filter(|((from, to), _)| from != to && *from != "lib")
        .collect()
}

#[test]
fn modules_import_exactly_the_listed_modules() {
    let sources = read_sources();
    let existing: BTreeSet<&str> =
        sources.keys().map(|path| module_of(path)).filter(|name| *name != "lib").collect();
    let listed: BTreeSet<&str> = MODULES.iter().map(|module| module.name).collect();
    assert_eq!(existing, listed, "the modules below src/, and those listed here");
    let imports = parse_tree(&sources).imports(Reexports::Included);
    let imports = imports_of_modules(&imports);
    let mut problems = Vec::new();
    for ((from, to), file) in &imports {
        let module =
            MODULES.iter().find(|module| module.name == *from).expect("the module is listed");
        if !BASE_MODULES.contains(to) && !module.imports.contains(to) {
            problems.push(format!("{file} imports {to}"));
        }
    }
    for module in MODULES {
        for import in module.imports {
            if !imports.contains_key(&(module.name, *import)) {
                problems.push(format!("{} doesn't import {import}, as listed", module.name));
            }
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

/// The table itself: a module imports only modules of lower layers, or of its own without a cycle.
#[test]
fn the_layers_are_consistent() {
    let mut imports = Imports::new();
    for module in MODULES {
        for name in module.imports {
            let import = MODULES.iter().find(|module| module.name == *name);
            let import = import.unwrap_or_else(|| panic!("no module {name}"));
            let (importer, layer) = (module.name, module.layer);
            assert!(import.layer <= layer, "{importer} can't import {name}, which is above it");
            imports.insert((importer.to_owned(), (*name).to_owned()), BTreeSet::new());
        }
    }
    assert_eq!(import_cycles(&imports), BTreeSet::new());
}

#[test]
fn the_architecture_document_lists_the_same_layers() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md"))
        .expect("ARCHITECTURE.md is readable");
    let mut listed = BTreeSet::new();
    for row in text.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [_, layer, names, _, imports, _] = cells[..] else { continue };
        let Ok(layer) = layer.parse::<u8>() else { continue };
        let names: BTreeSet<&str> = names
            .split(", ")
            .map(|name| name.trim_matches('`').trim_end_matches('/').trim_end_matches(".rs"))
            .collect();
        let modules: Vec<&Module> =
            MODULES.iter().filter(|module| names.contains(module.name)).collect();
        assert_eq!(modules.len(), names.len(), "unknown modules: {row}");
        assert!(modules.iter().all(|module| module.layer == layer), "another layer: {row}");
        if imports != ALL_LOWER_MODULES {
            let imports: BTreeSet<&str> =
                imports.split(", ").filter(|name| !name.is_empty()).collect();
            let expected: BTreeSet<&str> =
                modules.iter().flat_map(|module| module.imports).copied().collect();
            assert_eq!(imports, expected, "other imports: {row}");
        }
        for name in names {
            assert!(listed.insert(name.to_owned()), "{name} is listed twice");
        }
    }
    let expected: BTreeSet<String> = MODULES.iter().map(|module| module.name.to_owned()).collect();
    assert_eq!(listed, expected);
}

#[test]
fn files_do_not_import_each_other_in_a_cycle() {
    let imports = parse_tree(&read_sources()).imports(Reexports::Ignored);
    let cycles: Vec<String> =
        import_cycles(&imports).iter().map(|cycle| cycle.join(" -> ")).collect();
    assert!(cycles.is_empty(), "{cycles:#?}");
}

#[test]
fn stages_do_not_import_each_other() {
    let imports = parse_tree(&read_sources()).imports(Reexports::Included);
    let stage = |path: &str| {
        let name = path.strip_prefix("pipeline/stages/")?.split('/').next()?.to_owned();
        Some(name).filter(|name| name != "mod.rs")
    };
    for (from, to) in imports.keys() {
        if let (Some(from_stage), Some(to_stage)) = (stage(from), stage(to)) {
            assert_eq!(from_stage, to_stage, "{from} imports {to}");
        }
    }
}

#[test]
fn foreign_crates_are_used_only_in_their_modules() {
    let sources = read_sources();
    let tree = parse_tree(&sources);
    let names = tree.foreign_names();
    let mut problems = Vec::new();
    for (name, allowed) in CRATES {
        let users: Vec<&str> =
            names.iter().filter(|(_, names)| names.contains(name)).map(|(path, _)| *path).collect();
        for path in &users {
            if !allowed.iter().any(|prefix| path.starts_with(prefix)) {
                problems.push(format!("{path} uses {name}"));
            }
        }
        for prefix in *allowed {
            if !users.iter().any(|path| path.starts_with(prefix)) {
                problems.push(format!("nothing in {prefix} uses {name}, as listed"));
            }
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

/// Every dependency of Cargo.toml has its modules here, and its reason in ARCHITECTURE.md.
#[test]
fn every_dependency_is_listed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(root.join("Cargo.toml")).expect("Cargo.toml is readable");
    let text =
        fs::read_to_string(root.join("ARCHITECTURE.md")).expect("ARCHITECTURE.md is readable");
    let section = manifest.split("[dependencies]").nth(1).and_then(|rest| rest.split("\n[").next());
    let names: Vec<&str> = section
        .expect("Cargo.toml has a section of dependencies")
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, _)| name)
        .collect();
    assert!(names.len() > 10, "{names:?}");
    for name in &names {
        assert!(text.contains(name), "ARCHITECTURE.md doesn't give the reason for {name}");
    }
    let rustix = "rustix".to_owned();
    let names: BTreeSet<String> =
        names.iter().map(|name| name.replace('-', "_")).chain([rustix]).collect();
    let listed: BTreeSet<String> = CRATES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names, listed, "the dependencies of Cargo.toml, and the crates listed here");
}

#[test]
fn restricted_calls_are_made_only_where_allowed() {
    let mut unused: BTreeSet<(&str, &str)> = RESTRICTED_CALLS
        .iter()
        .flat_map(|(call, allowed)| allowed.iter().map(move |path| (*call, *path)))
        .collect();
    let mut problems = Vec::new();
    let sources = read_sources();
    for (path, source) in &sources {
        let tokens = code_tokens(source);
        for (call, allowed) in RESTRICTED_CALLS {
            let pattern = tokenize(call);
            let found = tokens
                .windows(pattern.len())
                .find(|window| window.iter().map(|token| &token.text).eq(&pattern));
            let Some(found) = found else { continue };
            unused.remove(&(*call, path.as_str()));
            if !allowed.contains(&path.as_str()) {
                problems.push(format!("{path}:{}: {call}", found[0].line));
            }
        }
    }
    problems.extend(unused.iter().map(|(call, path)| format!("{path}: no {call}, as listed")));
    assert!(problems.is_empty(), "{problems:#?}");
}

/// The lowest layer does no I/O.
#[test]
fn the_model_does_no_io() {
    let mut file_count = 0;
    for (path, source) in read_sources() {
        if module_of(&path) != "model" {
            continue;
        }
        file_count += 1;
        for word in ["std::fs", "std::io", "std::env", "std::net", "std::process", "std::thread"] {
            assert!(!source.contains(word), "{path}: {word}");
        }
    }
    assert!(file_count > 3);
}

/// The resolution of imports itself: through re-exports, groups, macros, and modules in a file.
#[test]
fn imports_are_resolved_correctly() {
    let sources = [
        ("lib.rs", "mod a; mod b; pub use b::Kind;"),
        ("a/mod.rs", "mod one; mod two; pub(crate) use one::First; pub(crate) use crate::b as c;"),
        (
            "a/one.rs",
            "use super::two::{self, Second as Other}; use std::fmt::Write;
             pub struct First; // crate::b::Comment
             fn f() { let x = format!(\"{}\", crate::b::inner::value()); two::call(); }",
        ),
        (
            "a/two.rs",
            "pub struct Second; pub fn call() { super::c::helper(); }
             #[cfg(test)] mod tests { use super::super::one::First; }",
        ),
        ("b.rs", "use crate::a::First; pub mod inner { pub fn value() {} } pub fn helper() {}"),
    ];
    let tree = SourceTree::parse(sources.into_iter());
    let imports = tree.imports(Reexports::Ignored);
    let edges: Vec<(&str, &str)> =
        imports.keys().map(|(from, to)| (from.as_str(), to.as_str())).collect();
    assert_eq!(
        edges,
        [
            ("a/one.rs", "a/two.rs"),
            ("a/one.rs", "b.rs"),
            ("a/two.rs", "b.rs"),
            ("b.rs", "a/one.rs")
        ]
    );
    let reexports = tree.imports(Reexports::Included);
    assert!(reexports.contains_key(&("a/mod.rs".to_owned(), "a/one.rs".to_owned())));
    let cycles: Vec<String> =
        import_cycles(&imports).iter().map(|cycle| cycle.join(" -> ")).collect();
    assert_eq!(cycles, ["a/one.rs -> a/two.rs -> b.rs", "a/one.rs -> b.rs"]);
    assert_eq!(tree.foreign_names()["a/one.rs"], BTreeSet::from(["std"]));
}
