//! The JSON Schemas that `dateline schema` prints, applied by Python's `jsonschema` where it is
//! installed: they accept what the program accepts, and report what it reports.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use dateline::internals::{example_path, front_matter_fields, set_at_path};
use serde_json::{Value, json};
use serde_yaml::Mapping;

use crate::docs_parser::{Document, files_with_extension, read_file};
use crate::harness::{CommandOutput, dateline, report_skipped};
use crate::reference_pages::settings;

/// Settings with which every key of the table can be set alone.
const BASE: &str = "\
search: {engine: {name: Duck, url: \"https://duck.example/\"}}
reactions: {kinds: [like, {key: odd, symbol: o}]}
menus: {masthead: [{name: A, children: [{name: B, url: /archive/}]}], footer: [{name: A, children: \
[{name: B, url: /archive/}]}]}
";

/// Files of settings with mistakes.
const INVALID_SETTINGS: [&str; 8] = [
    "titel: x",
    "title: [x]",
    "limits: {nesting: deep}",
    "feeds: {formats: [pdf]}",
    "search: {engine: {name: Duck}}",
    "base_url: ftp://x",
    "check: {rules: {broken-lnk: error}}",
    "sections: {news: {nmae: News}}",
];

/// Front matter with mistakes.
const INVALID_FRONT_MATTER: [&str; 4] =
    ["title: {en: x}", "draft: maybe", "date: [2024-11-05]", "corrections: [{date: 2024-11-05}]"];

fn print_schema(name: &str) -> Value {
    let output = CommandOutput::run(dateline().args(["schema", name])).assert_success();
    serde_json::from_str(&output.stdout).expect("the schema is JSON")
}

/// Returns a case for Python, from YAML.
fn case(name: &str, schema: &str, yaml: &str, valid: &Value) -> Value {
    let value: serde_yaml::Value =
        serde_yaml::from_str(yaml).unwrap_or_else(|error| panic!("{name}: {error}"));
    let value = serde_json::to_value(value).expect("it can be represented in JSON");
    json!({ "name": name, "schema": schema, "value": value, "valid": valid })
}

fn cases() -> Vec<Value> {
    let (valid, invalid) = (json!(true), json!(false));
    let mut cases = vec![
        case("site.yaml", "site", &read_file("site.yaml"), &valid),
        case("a file without settings", "site", "", &valid),
    ];
    let documentation = Document::parse("docs/configuration.md");
    for block in documentation.blocks().filter(|block| block.language == "yaml") {
        cases.push(case(&block.text, "site", &block.text, &valid));
    }
    for setting in settings() {
        for example in setting.examples.values() {
            let mut values: Mapping = serde_yaml::from_str(BASE).expect("a map");
            let value = serde_yaml::from_str(example).expect("a value");
            set_at_path(&mut values, &example_path(setting), value);
            let yaml = serde_yaml::to_string(&values).expect("a map is YAML");
            cases.push(case(setting.key, "site", &yaml, &valid));
        }
    }
    for path in files_with_extension("content", "md") {
        let text = read_file(&path);
        let front_matter = text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---"));
        let (front_matter, _) = front_matter.unwrap_or_else(|| panic!("{path}"));
        cases.push(case(&path, "front-matter", front_matter, &valid));
    }
    for row in front_matter_fields() {
        for name in row.names {
            let yaml = format!("{name}: {}\n", row.example);
            cases.push(case(name, "front-matter", &yaml, &valid));
        }
    }
    cases.extend(INVALID_SETTINGS.map(|yaml| case(yaml, "site", yaml, &invalid)));
    cases.extend(INVALID_FRONT_MATTER.map(|yaml| case(yaml, "front-matter", yaml, &invalid)));
    cases
}

#[test]
fn the_schemas_describe_what_the_program_accepts() {
    const TEST: &str = "the_schemas_describe_what_the_program_accepts";
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let schemas: Value = ["site", "front-matter"]
        .map(|name| (name.to_owned(), print_schema(name)))
        .into_iter()
        .collect::<serde_json::Map<_, _>>()
        .into();
    let cases = cases();
    assert!(cases.len() > 200, "{}", cases.len());
    let venv = root.join("tests/validators/.venv/bin/python");
    let python = if venv.is_file() { venv } else { "python3".into() };
    let check = Command::new(&python).args(["-c", "import jsonschema"]).output();
    if !check.is_ok_and(|output| output.status.success()) {
        let required = std::env::var("DATELINE_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
        assert!(!required, "Python's jsonschema is missing");
        return report_skipped(TEST, "Python's jsonschema isn't installed");
    }
    let mut program = Command::new(&python)
        .arg(root.join("tests/validators/schemas.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python runs");
    let request = json!({ "schemas": schemas, "cases": cases }).to_string();
    let mut input = program.stdin.take().expect("the input is a pipe");
    input.write_all(request.as_bytes()).expect("Python reads");
    drop(input);
    let output = program.wait_with_output().expect("Python ends");
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
}
