//! The tests that need Node: the demonstration site in a browser (`tests/browser/run.js`, with
//! Chromium, a Java runtime and `npm install` in its folder), the search index as its client reads
//! it (`tests/search/run.js`) and as readers use it (`tests/browser/search/run.js`), the types of
//! the client, and `serve` with an open page (`tests/browser/serve/run.js`).

use std::path::Path;
use std::process::{Command, Stdio};

/// Set for the full suite: a test whose tools are missing then fails instead of being skipped.
const REQUIRE_TOOLS_VAR: &str = "DATELINE_REQUIRE_TOOLS";

fn is_installed(program: &str) -> bool {
    let result =
        Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    result.is_ok_and(|status| status.success())
}

/// Reports the missing tools, or fails if all are required.
#[allow(
    clippy::print_stderr,
    reason = "whoever reads the tests' output should know what wasn't tried"
)]
fn skip_if_missing(suite: &str, missing: &[&str]) -> bool {
    if !missing.is_empty() {
        let required = std::env::var_os(REQUIRE_TOOLS_VAR).is_some_and(|value| value == "1");
        assert!(!required, "missing: {}", missing.join(", "));
        eprintln!("skipped {suite}; missing: {}", missing.join(", "));
    }
    !missing.is_empty()
}

/// Runs a `run.js`, which must succeed.
fn run_suite(folder: &Path) {
    run_node(folder, "run.js", &[]);
}

fn run_node(folder: &Path, script: &str, arguments: &[&str]) {
    let output = Command::new("node")
        .arg(script)
        .args(arguments)
        .current_dir(folder)
        .env("DATELINE_BIN", env!("CARGO_BIN_EXE_dateline"))
        .output()
        .expect("node runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}{stderr}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn demo_site_in_a_browser() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let mut missing: Vec<&str> =
        ["node", "chromium", "java"].into_iter().filter(|tool| !is_installed(tool)).collect();
    let packages = ["axe-core", "html-validate", "puppeteer-core", "vnu-jar"];
    missing.extend(packages.iter().filter(|name| !folder.join("node_modules").join(name).is_dir()));
    if !skip_if_missing("the browser tests", &missing) {
        run_suite(&folder);
    }
}

#[test]
fn search_in_a_browser() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let mut missing: Vec<&str> =
        ["node", "chromium"].into_iter().filter(|tool| !is_installed(tool)).collect();
    let packages = ["axe-core", "puppeteer-core"];
    missing.extend(packages.iter().filter(|name| !folder.join("node_modules").join(name).is_dir()));
    if !skip_if_missing("search in a browser", &missing) {
        run_suite(&folder.join("search"));
    }
}

#[test]
fn serve_in_a_browser() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let mut missing: Vec<&str> =
        ["node", "chromium"].into_iter().filter(|tool| !is_installed(tool)).collect();
    let packages = ["axe-core", "puppeteer-core"];
    missing.extend(packages.iter().filter(|name| !folder.join("node_modules").join(name).is_dir()));
    if !skip_if_missing("serve in a browser", &missing) {
        run_suite(&folder.join("serve"));
    }
}

#[test]
fn search_client_finds_the_expected_articles() {
    let missing: Vec<&str> = ["node"].into_iter().filter(|tool| !is_installed(tool)).collect();
    if !skip_if_missing("the search client", &missing) {
        run_suite(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/search"));
    }
}

#[test]
fn published_search_client_is_current() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/search");
    let mut missing: Vec<&str> = ["node"].into_iter().filter(|tool| !is_installed(tool)).collect();
    missing.extend((!folder.join("../browser/node_modules/terser").is_dir()).then_some("terser"));
    if !skip_if_missing("the published search client", &missing) {
        run_node(&folder, "minify.js", &["--check"]);
    }
}

#[test]
fn search_client_type_checks() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/search");
    let compiler = "../browser/node_modules/typescript/bin/tsc";
    let mut missing: Vec<&str> = ["node"].into_iter().filter(|tool| !is_installed(tool)).collect();
    missing.extend((!folder.join(compiler).is_file()).then_some("typescript"));
    if !skip_if_missing("the search client's types", &missing) {
        run_node(&folder, compiler, &["-p", "tsconfig.json"]);
    }
}
