//! The files of the repository keep the limits of [`source_measures`](crate::source_measures).

use std::fs;
use std::path::Path;

use crate::harness::read_files;
use crate::layering::read_texts;
use crate::source_measures::{Role, long_markdown_lines, violations};

#[test]
fn files_and_functions_keep_their_limits() {
    let mut problems = Vec::new();
    for folder in ["src", "tests", "examples", "benches", "templates", "static"] {
        let role = if folder == "src" { Role::Program } else { Role::Test };
        // The published search client is generated.
        let texts = read_texts(folder).into_iter();
        for (path, text) in texts.filter(|(path, _)| !path.starts_with("search/client/published/"))
        {
            problems.extend(violations(&format!("{folder}/{path}"), &text, role));
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn prose_keeps_its_columns() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut problems = Vec::new();
    let mut count = 0;
    for file in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"] {
        let text = fs::read_to_string(root.join(file)).expect("the file is readable");
        problems.extend(long_markdown_lines(file, &text));
    }
    for folder in ["docs", "benches", "src"] {
        for (path, bytes) in read_files(&root.join(folder)) {
            if path.ends_with(".md") && !path.contains("node_modules/") {
                let text = String::from_utf8(bytes).expect("Markdown is UTF-8");
                problems.extend(long_markdown_lines(&format!("{folder}/{path}"), &text));
                count += 1;
            }
        }
    }
    assert!(count > 25, "{count} files");
    assert!(problems.is_empty(), "{problems:#?}");
}
