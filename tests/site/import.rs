//! `dateline import`: what it writes builds, every record and word is accounted for, and edited
//! articles are kept.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::harness::{CommandOutput, TestSite, dateline, read_files};

/// An article as it was copied from a site.
const COPIED: &str = "Harbor & port agree to *share* the quay\n\
    The port will pay a third of the cost, and the council will not raise the fees.\n\
    HARBOR TOWN: The council agreed with the port on Tuesday, 7 to 2.\n\
    “It is dear,” said Mr. Port_Master.\n\
    The vote\n\
    It took a minute.\n\
    What’s Your Reaction?\n";

/// An import into a test site.
pub(crate) struct Import<'a> {
    pub(crate) site: &'a TestSite,
    pub(crate) output: CommandOutput,
}

impl<'a> Import<'a> {
    /// Runs `dateline import --root …` with further arguments. The current time is in 2026.
    pub(crate) fn run(site: &'a TestSite, args: &[&str]) -> Self {
        let mut command = dateline();
        command.arg("import").arg("--root").arg(site.root());
        command.args(["--now", "2026-12-01", "--format", "json"]).args(args);
        Self { site, output: CommandOutput::run(&mut command) }
    }

    /// Returns the result of each record.
    pub(crate) fn records(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.site.path("import-report.jsonl"));
        let text = text.expect("the report is readable");
        text.lines().map(|line| serde_json::from_str(line).expect("it is JSON")).collect()
    }

    /// Asserts that everything is accounted for.
    #[track_caller]
    pub(crate) fn assert_explained(self) -> Self {
        let text = fs::read_to_string(self.site.path("import-report.json")).unwrap_or_default();
        assert_eq!((self.output.status, &*self.output.stderr), (0, ""), "{text}");
        self
    }
}

/// Writes a source beside the site, and returns its path.
pub(crate) fn source(site: &TestSite, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
    let path = site.root().with_file_name("old").join(name);
    fs::create_dir_all(path.parent().expect("it has a parent")).expect("the folder is created");
    fs::write(&path, text).expect("the file is written");
    path
}

pub(crate) fn path_text(path: &std::path::Path) -> &str {
    path.to_str().expect("it is UTF-8")
}

#[test]
fn a_copied_text_becomes_an_article() {
    let site = TestSite::empty();
    let file = source(&site, "quay.txt", COPIED);
    let import = Import::run(&site, &[path_text(&file), "--date", "2024-11-05"]);
    let import = import.assert_explained();
    let path = "content/2024/11/05/harbor-port-agree-to-share-the-quay.md";
    let text = fs::read_to_string(site.path(path)).expect("the article is written");
    let expected = "---\n\
        title: \"Harbor & port agree to *share* the quay\"\n\
        description: \"The port will pay a third of the cost, and the council will not raise the \
        fees.\"\n\
        date: 2024-11-05\n\
        dateline: \"HARBOR TOWN\"\n\
        id: \"text:quay.txt\"\n\
        ---\n\n\
        The council agreed with the port on Tuesday, 7 to 2.\n\n\
        “It is dear,” said Mr. Port\\_Master.\n\n\
        ## The vote\n\n\
        It took a minute.\n";
    assert_eq!(text, expected);
    let record = &import.records()[0];
    assert_eq!(record["outcome"], "article");
    assert_eq!(record["differences"][0]["rule"], "interface-line");
    assert_eq!(record["words_in"].as_u64(), record["words_out"].as_u64().map(|out| out + 4));
    site.build().assert_success();
    let page = site.read_output("2024/11/05/harbor-port-agree-to-share-the-quay/index.html");
    assert!(page.contains("<h2") && page.contains("Port_Master") && !page.contains("Reaction?"));
}

#[test]
fn a_text_without_a_date_is_reported() {
    let site = TestSite::empty();
    let file = source(&site, "undated.txt", "A headline\nA text without a date.\n");
    let import = Import::run(&site, &[path_text(&file)]);
    assert_eq!(import.output.status, 1);
    let record = &import.records()[0];
    assert_eq!(record["outcome"], "failed");
    assert!(record["reason"].as_str().is_some_and(|reason| reason.contains("--date")), "{record}");
    assert!(read_files(&site.path("content")).is_empty());
    let page = fs::read_to_string(site.path("import-report.html")).expect("the page is readable");
    assert!(page.contains("A headline") && page.contains("1 of 1 record"), "{page}");
}

#[test]
fn a_file_with_several_articles_is_divided() {
    let site = TestSite::empty();
    let rule = "=".repeat(20);
    let text = format!(
        "HEADLINE: One\nDATE: November 5, 2024\nBYLINE: By A. Reporter and B. Writer\n\
         SECTION: World\nLENGTH: 3 words\n\nThe first text.\n\n{rule}\n\nHEADLINE: One\n\
         DATE: November 5, 2024\nBYLINE: By Staff\n\nThe second text: it isn't the first.\n{rule}\n\
         HEADLINE: One\nDATE: 05/11/2024\n\nText.\n"
    );
    let file = source(&site, "wire.txt", text);
    let import = Import::run(&site, &[path_text(&file)]);
    assert_eq!(import.output.status, 1, "a date of two meanings is never guessed");
    let outcomes: Vec<Value> =
        import.records().iter().map(|record| record["outcome"].clone()).collect();
    assert_eq!(outcomes, ["article", "article", "failed"]);
    let text = fs::read_to_string(site.path("content/2024/11/05/one.md")).expect("it is written");
    assert!(text.contains("authors: [\"A. Reporter\", \"B. Writer\"]\n"), "{text}");
    assert!(site.path("content/2024/11/05/one-2.md").exists(), "both have one headline and day");
}

#[test]
fn importing_again_keeps_what_was_edited() {
    let site = TestSite::empty();
    let texts = [("a.txt", "One\nThe text.\n"), ("b.txt", "Two\nThe text.\n")];
    for (name, text) in texts {
        source(&site, name, text);
    }
    let folder = site.root().with_file_name("old");
    let args = [path_text(&folder), "--date", "2024-11-05"];
    Import::run(&site, &args).assert_explained();
    let files = read_files(&site.root());
    let again = Import::run(&site, &args).assert_explained();
    assert_eq!(again.records()[0]["file_state"], "unchanged");
    let without_report = |mut files: std::collections::BTreeMap<String, Vec<u8>>| {
        files.retain(|path, _| !path.starts_with("import-report"));
        files
    };
    assert_eq!(without_report(read_files(&site.root())), without_report(files));

    let edited = "content/2024/11/05/one.md";
    let text = fs::read_to_string(site.path(edited)).expect("it is written");
    site.write(edited, text.replace("The text.", "The better text."));
    for (name, text) in texts {
        source(&site, name, text.replace("The text.", "The new text."));
    }
    let newer = Import::run(&site, &args);
    assert_eq!(newer.output.status, 0, "{}", newer.output.stderr);
    let states: Vec<Value> =
        newer.records().iter().map(|record| record["file_state"].clone()).collect();
    assert_eq!(states, ["conflict", "updated"]);
    let read = |path: &str| fs::read_to_string(site.path(path)).expect("it is readable");
    assert!(read(edited).contains("The better text."));
    assert!(read("content/2024/11/05/two.md").contains("The new text."));

    site.remove("content/2024/11/05/two.md");
    let deleted = Import::run(&site, &args);
    assert_eq!(deleted.records()[1]["file_state"], "conflict");
    assert!(!site.path("content/2024/11/05/two.md").exists(), "a deleted article stays deleted");
}

/// A run that was killed leaves a file without a line in `imports.txt`, or an incomplete line.
#[test]
fn an_interrupted_import_continues() {
    let site = TestSite::empty();
    source(&site, "a.txt", "One\nThe text.\n");
    source(&site, "b.txt", "Two\nThe text.\n");
    let folder = site.root().with_file_name("old");
    let args = [path_text(&folder), "--date", "2024-11-05"];
    Import::run(&site, &args).assert_explained();
    let complete = read_files(&site.root());
    let records = String::from_utf8_lossy(&complete["imports.txt"]).into_owned();
    site.write("imports.txt", &records[..records.len() - 30]);
    Import::run(&site, &args).assert_explained();
    assert_eq!(read_files(&site.root())["imports.txt"], complete["imports.txt"]);
    assert_eq!(read_files(&site.path("content")).len(), 2);
}

#[test]
fn a_dry_run_writes_only_the_report() {
    let site = TestSite::empty();
    let file = source(&site, "quay.txt", COPIED);
    let args = [path_text(&file), "--date", "2024-11-05", "--dry-run"];
    let import = Import::run(&site, &args).assert_explained();
    assert_eq!(import.records()[0]["file_state"], "created");
    let files: Vec<String> = read_files(&site.root()).into_keys().collect();
    let report = ["import-report.html", "import-report.json", "import-report.jsonl", "site.yaml"];
    assert_eq!(files, report);
}

#[test]
fn nothing_is_written_outside_the_site() {
    let site = TestSite::empty();
    let text = "HEADLINE: ../../../outside\nDATE: 2024-11-05\nURL: https://x.example/../../a/\n\n\
                Text.\n";
    let file = source(&site, "a.txt", text);
    let import = Import::run(&site, &[path_text(&file)]).assert_explained();
    let warning = import.records()[0]["warnings"].to_string();
    assert!(warning.contains("can't be redirected"), "{warning}");
    assert_eq!(site.outside_files(), [site.root().with_file_name("old")]);
}

#[test]
fn unknown_arguments_are_reported() {
    let site = TestSite::empty();
    let file = source(&site, "a.bin", [0_u8, 1, 2]);
    for (args, message) in [
        (&[path_text(&file)][..], "the format of"),
        (&["text"], "after the format"),
        (&["texts", "a"], "the name of the format is `text`"),
        (&["missing.txt"], "can't read"),
        (&[path_text(&file), "--time-zone", "Mars/Olympus"], "isn't a time zone"),
    ] {
        let output = Import::run(&site, args).output;
        assert_eq!(output.status, 2, "{args:?}");
        assert!(output.stderr.contains(message), "{args:?}: {}", output.stderr);
    }
}
