//! What needs Node: the demonstration in a browser (`tests/browser/run.js`, with Chromium, a Java runtime and `npm install` in its folder), the search
//! index as its client reads it (`tests/search/run.js`) and as readers do (`tests/browser/search/run.js`), the client's types, and `serve` beside an
//! editor (`tests/browser/serve/run.js`).

use std::path::Path;
use std::process::{Command, Stdio};

/// Set where every tool must be there, as in the full suite: what is missing then fails instead of being skipped.
const REQUIRED: &str = "DATELINE_REQUIRE_TOOLS";

fn runs(program: &str) -> bool {
    let quiet = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    quiet.is_ok_and(|status| status.success())
}

/// Tells which tools are missing, or fails where all are required.
#[allow(clippy::print_stderr, reason = "whoever reads the tests' output should know what wasn't tried")]
fn skips(what: &str, missing: &[&str]) -> bool {
    if !missing.is_empty() {
        let required = std::env::var_os(REQUIRED).is_some_and(|value| value == "1");
        assert!(!required, "missing: {}", missing.join(", "));
        eprintln!("skipped {what}; missing: {}", missing.join(", "));
    }
    !missing.is_empty()
}

/// Runs a `run.js`, which ends well or says what is wrong.
fn run(folder: &Path) {
    node(folder, "run.js", &[]);
}

fn node(folder: &Path, script: &str, arguments: &[&str]) {
    let output = Command::new("node")
        .arg(script)
        .args(arguments)
        .current_dir(folder)
        .env("DATELINE_BIN", env!("CARGO_BIN_EXE_dateline"))
        .output()
        .expect("node runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}{told}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn the_demonstration_in_a_browser() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let mut missing: Vec<&str> =
        ["node", "chromium", "java"].into_iter().filter(|tool| !runs(tool)).collect();
    let packages = ["axe-core", "html-validate", "puppeteer-core", "vnu-jar"];
    missing.extend(packages.iter().filter(|name| !folder.join("node_modules").join(name).is_dir()));
    if !skips("the browser tests", &missing) {
        run(&folder);
    }
}

#[test]
fn search_in_a_browser() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let mut missing: Vec<&str> = ["node", "chromium"].into_iter().filter(|tool| !runs(tool)).collect();
    let packages = ["axe-core", "puppeteer-core"];
    missing.extend(packages.iter().filter(|name| !folder.join("node_modules").join(name).is_dir()));
    if !skips("search in a browser", &missing) {
        run(&folder.join("search"));
    }
}

#[test]
fn serve_in_a_browser() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let mut missing: Vec<&str> = ["node", "chromium"].into_iter().filter(|tool| !runs(tool)).collect();
    let packages = ["axe-core", "puppeteer-core"];
    missing.extend(packages.iter().filter(|name| !folder.join("node_modules").join(name).is_dir()));
    if !skips("serve in a browser", &missing) {
        run(&folder.join("serve"));
    }
}

#[test]
fn search_finds_what_the_texts_say() {
    let missing: Vec<&str> = ["node"].into_iter().filter(|tool| !runs(tool)).collect();
    if !skips("the search client", &missing) {
        run(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/search"));
    }
}

#[test]
fn the_search_client_has_its_types_right() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/search");
    let compiler = "../browser/node_modules/typescript/bin/tsc";
    let mut missing: Vec<&str> = ["node"].into_iter().filter(|tool| !runs(tool)).collect();
    missing.extend((!folder.join(compiler).is_file()).then_some("typescript"));
    if !skips("the search client's types", &missing) {
        node(&folder, compiler, &["-p", "tsconfig.json"]);
    }
}
