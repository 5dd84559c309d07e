//! The program in a shell, `man` and `cargo`: completions, manual pages, help, the package,
//! startup.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::harness::{CommandOutput, dateline, read_files, report_skipped};

/// Every command with its subcommand.
const COMMANDS: &[&[&str]] = &[
    &["init"],
    &["new"],
    &["build"],
    &["serve"],
    &["check"],
    &["explain"],
    &["list"],
    &["fix"],
    &["export"],
    &["export", "sqlite"],
    &["stats"],
    &["completions"],
    &["schema"],
    &["man"],
    &["permalinks"],
    &["permalinks", "record"],
    &["permalinks", "check"],
    &["permalinks", "fix"],
    &["verify"],
    &["help"],
    &["import"],
];

fn run_dateline(args: &[&str]) -> CommandOutput {
    CommandOutput::run(dateline().args(args))
}

#[test]
fn every_command_has_help_with_examples() {
    let top_level_help = run_dateline(&["--help"]).assert_success().stdout;
    for &command in COMMANDS {
        let help = run_dateline(&[command, &["--help"]].concat()).assert_success().stdout;
        let (_, examples) =
            help.split_once("Example").unwrap_or_else(|| panic!("{command:?}: {help}"));
        assert!(examples.contains(&format!("dateline {}", command[0])), "{command:?}: {examples}");
        assert!(
            command.len() > 1 || top_level_help.contains(&format!("\n  {} ", command[0])),
            "{command:?}: {top_level_help}"
        );
        let short = run_dateline(&[command, &["-h"]].concat()).assert_success().stdout;
        assert!(short.lines().all(|line| line.chars().count() <= 140), "{command:?}: {short}");
    }
    let listed = top_level_help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed = listed.take_while(|line| !line.is_empty()).filter(|line| !line.starts_with("   "));
    let names: BTreeSet<&str> = listed.filter_map(|line| line.split_whitespace().next()).collect();
    let expected: BTreeSet<&str> = COMMANDS.iter().map(|command| command[0]).collect();
    assert_eq!(names, expected, "COMMANDS lists every command");
}

/// The examples in the help are valid command lines.
#[test]
fn examples_of_help_parse() {
    let folder = tempfile::tempdir().expect("a temporary folder is created");
    let mut tried = 0;
    for &command in COMMANDS {
        let help = run_dateline(&[command, &["--help"]].concat()).assert_success().stdout;
        let (_, examples) = help.split_once("Example").expect("the help has examples");
        for line in examples.lines().filter(|line| line.trim_start().starts_with("dateline ")) {
            // Without the file or the program that receives the output.
            let command_line = line.split(['>', '|', '&']).next().unwrap_or_default().trim();
            let Ok(output) = Command::new("sh")
                .arg("-c")
                .arg(format!(
                    "{} --no-such-flag",
                    command_line
                        .replacen("dateline", env!("CARGO_BIN_EXE_dateline"), 1)
                        .replace(" -- ", " --no-such-flag -- ")
                ))
                .current_dir(folder.path())
                .output()
            else {
                return report_skipped("examples_of_help_parse", "there is no `sh`");
            };
            let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(
                stderr.contains("'--no-such-flag'"),
                "the only thing wrong with `{command_line}`: {stderr}"
            );
            tried += 1;
        }
    }
    assert!(tried > 12, "{tried}");
}

#[test]
fn completions_know_every_command() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = run_dateline(&["completions", shell]).assert_success().stdout;
        for &command in COMMANDS {
            assert!(script.contains(command[0]), "{shell}: {command:?}");
        }
        assert!(script.contains("dateline") && script.contains("section"), "{shell}");
    }
    let output = run_dateline(&["completions", "tcsh"]);
    assert_eq!((output.status, output.stdout.as_str()), (2, ""));
    let folder = tempfile::tempdir().expect("a temporary folder is created");
    let script = folder.path().join("dateline.bash");
    fs::write(&script, run_dateline(&["completions", "bash"]).stdout).expect("the file is written");
    match Command::new("bash").arg("-n").arg(&script).output() {
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        Err(_) => report_skipped("completions_know_every_command", "there is no `bash`"),
    }
}

#[test]
fn a_manual_page_for_every_command() {
    let folder = tempfile::tempdir().expect("a temporary folder is created");
    let target = folder.path().join("man1");
    let output = run_dateline(&["man", target.to_str().expect("it is UTF-8")]).assert_success();
    let pages = read_files(&target);
    let mut expected: Vec<String> =
        COMMANDS.iter().map(|command| format!("dateline-{}.1", command.join("-"))).collect();
    expected.push("dateline.1".into());
    expected.sort();
    assert_eq!(pages.keys().cloned().collect::<Vec<_>>(), expected);
    assert!(
        output.stdout.starts_with(&format!("{} pages in ", COMMANDS.len() + 1)),
        "{}",
        output.stdout
    );
    for (name, bytes) in &pages {
        let text = String::from_utf8_lossy(bytes);
        assert!(
            text.contains(".TH ") && text.contains(".SH NAME") && text.contains(".SH SYNOPSIS"),
            "{name}: {text}"
        );
    }
    let page = String::from_utf8_lossy(&pages["dateline-new.1"]).into_owned();
    assert!(page.contains("Harbour bridge opens") && page.contains("section"), "{page}");
    run_dateline(&["man", target.to_str().expect("it is UTF-8")]).assert_success();
    assert_eq!(read_files(&target), pages, "again gives the same");
    assert_eq!(run_dateline(&["man"]).assert_success().stdout.as_bytes(), pages["dateline.1"]);
    let path_below_file = target.join("dateline.1/x");
    assert_eq!(run_dateline(&["man", path_below_file.to_str().expect("it is UTF-8")]).status, 2);
}

/// If the pipe is closed, the program ends without a message.
#[cfg(unix)]
#[test]
fn a_reader_that_stops_is_no_error() {
    let line = format!(
        "'{0}' completions bash | head -c 1; '{0}' man | true",
        env!("CARGO_BIN_EXE_dateline")
    );
    let output = Command::new("sh").arg("-c").arg(line).output().expect("the shell runs");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

/// Every embedded file is in the package that `cargo publish` creates.
#[test]
fn the_package_holds_what_is_embedded() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let listed = Command::new(env!("CARGO"))
        .current_dir(root)
        .args(["package", "--list", "--allow-dirty", "--offline"])
        .output();
    let Some(listed) = listed.ok().filter(|output| output.status.success()) else {
        return report_skipped("the_package_holds_what_is_embedded", "cargo lists no package here");
    };
    let listed: BTreeSet<String> = String::from_utf8_lossy(&listed.stdout)
        .lines()
        .map(|line| line.replace('\\', "/"))
        .collect();
    let mut embedded = 0;
    for (path, bytes) in read_files(&root.join("src")) {
        let source = String::from_utf8_lossy(&bytes).into_owned();
        let source = source.split("#[cfg(test)]").next().unwrap_or_default();
        for call in ["include_str!(\"", "include_bytes!(\""] {
            for rest in source.split(call).skip(1) {
                let name = rest.split('"').next().unwrap_or_default();
                let embedded_file = root
                    .join("src")
                    .join(&path)
                    .with_file_name(name)
                    .canonicalize()
                    .expect("the folder exists");
                let name = embedded_file
                    .strip_prefix(root.canonicalize().expect("the folder exists"))
                    .expect("the path is in the repository");
                let name = name.to_string_lossy().replace('\\', "/");
                assert!(listed.contains(&name), "{path} embeds {name}");
                embedded += 1;
            }
        }
    }
    assert!(embedded > 60, "{embedded}");
    assert!(
        listed.contains("src/main.rs")
            && listed.contains("Cargo.lock")
            && listed.contains("README.md")
    );
    assert!(
        !listed.iter().any(|name| name.starts_with("content/") || name.starts_with("tests/")),
        "{listed:?}"
    );
}
