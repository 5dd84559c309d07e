//! The house in order: lower floors never import higher ones, one room for each foreign crate, one
//! place that prints, one that exits.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::harness::read_files;

/// Every room with its floor and the rooms that it may import, as ARCHITECTURE.md lists them.
const MODULES: &[(&str, u8, &[&str])] = &[
    (
        "cli",
        7,
        &[
            "serve",
            "check",
            "explain",
            "mend",
            "build",
            "fixity",
            "register",
            "files",
            "export",
            "stats",
            "start",
            "pages",
            "templates",
            "content",
            "catalog",
            "state",
            "ledger",
            "site",
            "model",
            "diagnostic",
        ],
    ),
    (
        "check",
        6,
        &[
            "build",
            "register",
            "search",
            "catalog",
            "content",
            "files",
            "site",
            "model",
            "diagnostic",
        ],
    ),
    ("explain", 6, &["build", "content", "site", "model", "diagnostic"]),
    ("serve", 6, &["build", "search", "site", "model", "diagnostic"]),
    ("fixity", 6, &["build", "files", "state", "ledger", "site", "model", "diagnostic"]),
    ("mend", 6, &["build", "content", "files", "site", "model", "diagnostic"]),
    (
        "build",
        5,
        &[
            "pages",
            "register",
            "history",
            "search",
            "templates",
            "content",
            "catalog",
            "state",
            "ledger",
            "site",
            "pictures",
            "model",
            "diagnostic",
        ],
    ),
    (
        "pages",
        4,
        &["register", "history", "templates", "catalog", "content", "site", "model", "diagnostic"],
    ),
    ("register", 4, &["files", "catalog", "content", "site", "model", "diagnostic"]),
    ("export", 4, &["catalog", "content", "site", "model", "diagnostic"]),
    ("stats", 4, &["catalog", "content", "site", "model", "diagnostic"]),
    ("start", 4, &["content", "site", "model", "diagnostic"]),
    ("history", 4, &["catalog", "content", "site", "model", "diagnostic"]),
    ("search", 4, &["catalog", "content", "site", "model", "diagnostic"]),
    ("catalog", 3, &["content", "site", "model", "diagnostic"]),
    ("content", 3, &["site", "pictures", "model", "diagnostic"]),
    ("templates", 3, &["site", "model", "diagnostic"]),
    ("site", 2, &["model", "diagnostic"]),
    ("state", 3, &["ledger", "model", "diagnostic"]),
    ("files", 2, &["diagnostic"]),
    ("ledger", 2, &["model", "diagnostic"]),
    ("pictures", 1, &[]),
    ("model", 1, &[]),
    ("diagnostic", 1, &[]),
    ("main", 8, &["cli"]),
];

/// Which files may use which foreign crate: by the beginning of their path below `src/`.
const ALLOWED_CRATE_USES: &[(&str, &[&str])] = &[
    ("aho_corasick", &["model/names/"]),
    ("ammonia", &["content/sanitize.rs"]),
    ("annotate_snippets", &["cli/report.rs"]),
    ("chrono", &["model/date.rs"]),
    ("chrono_tz", &["catalog/mod.rs", "model/date.rs", "site/"]),
    ("clap", &["cli/"]),
    ("clap_complete", &["cli/shell.rs"]),
    ("clap_mangen", &["cli/shell.rs"]),
    ("crc32fast", &["pictures/metadata.rs"]),
    ("flate2", &["search/deflate.rs", "serve/http.rs"]),
    ("html_escape", &["check/", "content/", "model/names/"]),
    ("hyper", &["serve/"]),
    ("hyper_util", &["serve/http.rs"]),
    ("icu_calendar", &["templates/formats.rs"]),
    ("icu_casemap", &["templates/formats.rs"]),
    ("icu_collator", &["templates/locale.rs"]),
    ("icu_datetime", &["templates/formats.rs"]),
    ("icu_decimal", &["templates/formats.rs"]),
    ("icu_list", &["templates/formats.rs"]),
    ("icu_locale_core", &["templates/formats.rs", "templates/locale.rs"]),
    ("icu_plurals", &["templates/locale.rs"]),
    // Named only for its feature `sync`.
    ("icu_provider", &[]),
    ("image", &["pictures/mod.rs"]),
    ("imagesize", &["pictures/mod.rs"]),
    ("indicatif", &["cli/report.rs"]),
    (
        "memchr",
        &["check/html.rs", "content/", "model/names/", "pictures/metadata.rs", "search/words.rs"],
    ),
    ("mimalloc", &["main.rs"]),
    ("mime_guess", &["serve/http.rs"]),
    ("moxcms", &["pictures/mod.rs"]),
    ("notify", &["serve/look.rs", "serve/watch.rs"]),
    ("open", &["cli/report.rs"]),
    ("percent_encoding", &["check/", "model/permalink.rs", "serve/http.rs"]),
    (
        "pulldown_cmark",
        &["content/markdown.rs", "content/markdown/scan.rs", "content/markdown/searchable.rs"],
    ),
    (
        "pulldown_cmark_escape",
        &["content/html.rs", "content/markdown.rs", "pages/machines/feed.rs", "pages/metadata.rs"],
    ),
    (
        "rayon",
        &[
            "build/",
            "catalog/amend.rs",
            "catalog/builder.rs",
            "check/",
            "cli/build.rs",
            "fixity.rs",
            "mend/mod.rs",
            "search/mod.rs",
            "stats.rs",
        ],
    ),
    ("rusqlite", &["export.rs"]),
    ("rustix", &["build/folder.rs"]),
    ("serde", &["check/external.rs", "content/", "model/", "site/"]),
    (
        "serde_json",
        &[
            "build/",
            "catalog/builder.rs",
            "check/external.rs",
            "cli/build.rs",
            "cli/formats.rs",
            "cli/report.rs",
            "cli/tell.rs",
            "cli/tell_fix.rs",
            "cli/tell_stats.rs",
            "fixity.rs",
            "pages/machines/redirects.rs",
            "pages/search.rs",
            "rayon",
            "search/",
            "search/mod.rs",
            "serve/",
        ],
    ),
    (
        "serde_yaml",
        &[
            "content/article.rs",
            "content/front_matter.rs",
            "content/values.rs",
            "content/yaml.rs",
            "site/",
            "templates/formats.rs",
            "templates/words.rs",
        ],
    ),
    ("sha2", &["fixity.rs"]),
    ("similar", &["history/diff.rs", "mend/diff.rs"]),
    ("strsim", &["diagnostic.rs", "site/config.rs"]),
    ("tempfile", &["build/changes.rs", "search/mod.rs", "start/files.rs"]),
    ("tera", &["pages/", "templates/"]),
    ("terminal_size", &["cli/tell_stats.rs"]),
    ("tokio", &["serve/"]),
    (
        "unicode_normalization",
        &[
            "model/fold.rs",
            "model/names/",
            "model/slug.rs",
            "search/words.rs",
            "templates/locale.rs",
        ],
    ),
    ("unicode_width", &["cli/tell_stats.rs"]),
    ("ureq", &["check/external.rs"]),
    ("url", &["check/external.rs"]),
    ("walkdir", &["build/", "fixity.rs", "serve/look.rs", "start/layout.rs", "templates/"]),
    ("webp", &["pictures/mod.rs"]),
    ("writeable", &["templates/formats.rs"]),
    ("xxhash_rust", &["build/write.rs", "model/fingerprint.rs", "search/", "state.rs"]),
];

/// What no file but the named ones may say.
const RESTRICTED_WORDS: &[(&str, &[&str])] = &[
    // They panic where nobody reads, or where a disk is full.
    ("println!", &[]),
    ("eprintln!", &[]),
    ("print!", &[]),
    ("eprint!", &[]),
    (
        "stdout(",
        &[
            "cli/out.rs",
            "cli/report.rs",
            "cli/tell_stats.rs",
            // Those of another program.
            "history/git.rs",
            "history/walk.rs",
        ],
    ),
    ("stderr(", &["cli/out.rs", "cli/report.rs", "history/git.rs"]),
    ("process::exit", &[]),
    ("process::abort", &[]),
    ("ExitCode", &["cli/mod.rs", "main.rs"]),
    ("SystemTime::now", &["build/stamp.rs", "cli/mod.rs", "serve/hub.rs"]),
    ("Utc::now", &[]),
    ("Local::now", &[]),
    ("env::var", &["cli/new.rs", "cli/report.rs"]),
];

/// The sources below `src/`, without their comments and without their unit tests.
fn read_sources() -> BTreeMap<String, String> {
    let all = read_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let text = |bytes: Vec<u8>| strip_comments_and_tests(&String::from_utf8(bytes).expect("UTF-8"));
    all.into_iter().map(|(path, bytes)| (path, text(bytes))).collect()
}

/// The lines of a file that are code of the program, with the rest left blank so that lines keep
/// their numbers.
fn strip_comments_and_tests(source: &str) -> String {
    let end = source.find("#[cfg(test)]").unwrap_or(source.len());
    let line = |line: &str| line.split("//").next().unwrap_or_default().to_owned();
    source[..end].lines().map(line).collect::<Vec<_>>().join("\n")
}

/// The room that a file belongs to.
fn module_of(path: &str) -> &str {
    path.split('/').next().unwrap_or(path).trim_end_matches(".rs")
}

fn identifier(text: &str) -> &str {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default()
}

/// The first names behind every occurrence of a prefix: `crate::{site::Site, model}` gives `site`
/// and `model`.
fn names_after_prefix(prefix: &str, source: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (offset, _) in source.match_indices(prefix) {
        let preceding = source[..offset].chars().next_back();
        if preceding.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '$')) {
            continue;
        }
        let rest = &source[offset + prefix.len()..];
        match rest.strip_prefix('{') {
            Some(group) => {
                names.extend(top_level_members(group).map(|name| identifier(name).to_owned()))
            }
            None => drop(names.insert(identifier(rest).to_owned())),
        }
    }
    names
}

/// The members of a group up to its closing brace, without those of groups inside it.
fn top_level_members(group: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0;
    let mut end = group.len();
    let mut cuts = vec![0];
    for (offset, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                end = offset;
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => cuts.push(offset + 1),
            _ => {}
        }
    }
    cuts.push(end + 1);
    let parts: Vec<&str> = cuts.windows(2).map(|cut| group[cut[0]..cut[1] - 1].trim()).collect();
    parts.into_iter().filter(|part| !part.is_empty())
}

/// The rooms that a file imports: by `crate::`, by the library's own name, or by `super::` that
/// leaves the room.
fn imported_modules(path: &str, source: &str) -> BTreeSet<String> {
    let mut names = names_after_prefix("crate::", source);
    names.extend(names_after_prefix("dateline::", source));
    let depth =
        path.matches('/').count() + usize::from(!path.ends_with("mod.rs") && path.contains('/'));
    // `a/mod.rs` is one below the root, `a/b.rs` two, `ledger.rs` one.
    let depth = if path.contains('/') { depth } else { 1 };
    names.extend(
        names_after_prefix(&"super::".repeat(depth), source)
            .into_iter()
            .filter(|name| name != "super"),
    );
    names.retain(|name| name != module_of(path));
    names
}

#[test]
fn modules_import_only_allowed_modules() {
    let mut violations = Vec::new();
    let mut seen_modules = BTreeSet::new();
    for (path, source) in read_sources() {
        if path == "lib.rs" {
            continue;
        }
        let Some((name, _, allowed)) = MODULES.iter().find(|(name, ..)| *name == module_of(&path))
        else {
            panic!("{path}: no such room; add it to ARCHITECTURE.md and to ROOMS here");
        };
        seen_modules.insert(*name);
        for import in imported_modules(&path, &source) {
            if !allowed.contains(&import.as_str()) {
                violations.push(format!("{path} imports {import}"));
            }
        }
    }
    assert!(violations.is_empty(), "{violations:#?}");
    assert_eq!(
        seen_modules.len(),
        MODULES.len(),
        "ROOMS lists only what there is: {seen_modules:?}"
    );
}

/// The files of `build/` in the order of the line, tools before the stages that hold them. A file
/// may know earlier ones, for what they hand on; none knows a later one, and only `mod.rs` calls
/// them.
const PIPELINE_ORDER: &[&str] = &[
    "folder",
    "stamp",
    "copies",
    "claims",
    "journal",
    "changes",
    "discover",
    "inspect",
    "parse",
    "index",
    "links",
    "plan",
    "places",
    "redirects",
    "explain",
    "write",
    "make",
    "record",
    "before",
    "permalinks",
    "prove",
    "preview",
    "assembly",
    "desk",
];

#[test]
fn pipeline_files_import_only_earlier_files() {
    let sources = read_sources();
    let files: BTreeSet<&str> = sources
        .keys()
        .filter_map(|path| path.strip_prefix("build/")?.strip_suffix(".rs"))
        .filter(|file| *file != "mod")
        .collect();
    assert_eq!(files, PIPELINE_ORDER.iter().copied().collect(), "LINE lists every file");
    for (index, file) in PIPELINE_ORDER.iter().enumerate() {
        let source = &sources[&format!("build/{file}.rs")];
        let mut names = names_after_prefix("super::", source);
        names.extend(names_after_prefix("crate::build::", source));
        for later in &PIPELINE_ORDER[index + 1..] {
            assert!(
                !names.contains(*later),
                "build/{file}.rs imports build/{later}.rs, which comes after it"
            );
        }
    }
}

/// The table itself: what a room may import lies below it, or beside it without a circle; and
/// ARCHITECTURE.md says the same.
#[test]
fn the_layers_are_consistent() {
    let layer_of = |name: &str| {
        MODULES.iter().find(|(module, ..)| *module == name).map(|(_, layer, _)| *layer)
    };
    let mut order: Vec<&str> = Vec::new();
    while order.len() < MODULES.len() {
        let is_ready = |(name, _, allowed): &&(&str, u8, &[&str])| {
            !order.contains(name) && allowed.iter().all(|module| order.contains(module))
        };
        let next = MODULES.iter().find(is_ready).map(|(name, ..)| *name);
        order.push(next.unwrap_or_else(|| panic!("a circle among the rooms beyond {order:?}")));
    }
    for (name, layer, allowed) in MODULES {
        for dependency in *allowed {
            assert!(
                layer_of(dependency).is_some_and(|dependency_layer| dependency_layer <= *layer),
                "{name} may not import {dependency} above it"
            );
        }
    }
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md"))
        .expect("there");
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| ")).collect();
    for (name, ..) in MODULES {
        let listed = rows.iter().filter(|row| {
            let cell = row.split('|').nth(2).unwrap_or_default();
            cell.contains(&format!("`{name}/`")) || cell.contains(&format!("`{name}.rs`"))
        });
        assert_eq!(listed.count(), 1, "rows of ARCHITECTURE.md for {name}");
    }
}

#[test]
fn foreign_crates_are_used_only_in_their_modules() {
    let mut violations = Vec::new();
    for (path, source) in read_sources() {
        for (name, allowed) in ALLOWED_CRATE_USES {
            let used = !names_after_prefix(&format!("{name}::"), &source).is_empty();
            if used && !allowed.iter().any(|path_prefix| path.starts_with(path_prefix)) {
                violations.push(format!("{path} uses {name}"));
            }
        }
    }
    assert!(violations.is_empty(), "{violations:#?}");
}

/// Every dependency of Cargo.toml has its room here, and its reason in ARCHITECTURE.md.
#[test]
fn every_dependency_is_listed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(root.join("Cargo.toml")).expect("there");
    let text = fs::read_to_string(root.join("ARCHITECTURE.md")).expect("there");
    let section = manifest.split("[dependencies]").nth(1).and_then(|rest| rest.split("\n[").next());
    let names: Vec<&str> = section
        .expect("a section")
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, _)| name)
        .collect();
    assert!(names.len() > 10, "{names:?}");
    for name in names {
        assert!(
            ALLOWED_CRATE_USES.iter().any(|(crate_name, _)| *crate_name == name.replace('-', "_")),
            "{name} has no room here"
        );
        assert!(text.contains(name), "ARCHITECTURE.md doesn't say why {name}");
    }
}

#[test]
fn restricted_words_are_used_only_where_allowed() {
    let mut violations = Vec::new();
    for (path, source) in read_sources() {
        for (number, line) in source.lines().enumerate() {
            for (word, allowed) in RESTRICTED_WORDS {
                let is_used = line.match_indices(word).any(|(offset, _)| {
                    !line[..offset].ends_with(|c: char| c.is_alphanumeric() || c == '_')
                });
                if is_used && !allowed.contains(&path.as_str()) {
                    violations.push(format!("{path}:{}: {word}", number + 1));
                }
            }
        }
    }
    assert!(violations.is_empty(), "{violations:#?}");
}

/// The lowest floor neither reads nor writes.
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

#[test]
fn no_file_is_too_long() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (folder, max_lines) in [("src", 600), ("tests", 600)] {
        for (path, bytes) in read_files(&root.join(folder)) {
            let lines = bytes.iter().filter(|&&byte| byte == b'\n').count();
            assert!(
                !path.ends_with(".rs") || lines <= max_lines,
                "{folder}/{path} has {lines} lines"
            );
        }
    }
}

/// The reader of imports itself: what it must see, and what it must not.
#[test]
fn imports_are_parsed_correctly() {
    let source = "use crate::{site::{Site, Limits}, model::Day};\nuse super::super::ledger::Entry;\nuse super::Page;\nlet x = crate::catalog::Row;\nlet y = mycrate::no;\n";
    let found: Vec<String> = imported_modules("pages/term.rs", source).into_iter().collect();
    assert_eq!(found, ["catalog", "ledger", "model", "site"]);
    let found: Vec<String> = imported_modules("pages/mod.rs", "use super::cli::run;\nuse self::x;")
        .into_iter()
        .collect();
    assert_eq!(found, ["cli"]);
    assert_eq!(strip_comments_and_tests("a // crate::b\n#[cfg(test)]\nc"), "a ");
    assert!(
        names_after_prefix("tera::", "tera::Map").contains("Map")
            && names_after_prefix("tera::", "my_tera::X").is_empty()
    );
}
