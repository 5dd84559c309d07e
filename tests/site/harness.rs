//! A small site in a temporary folder: write files, build it with the program, read the output.
//!
//! Everything is done through the command line and the output folder, so that no test depends on
//! the internals of the library, and a crash of the program (for example a stack overflow) fails
//! one test and doesn't end the others.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::SystemTime;

use tempfile::TempDir;
use walkdir::WalkDir;

use crate::diagnostics::{ReportedDiagnostic, parse_diagnostics};

/// The settings of a site without others.
pub(crate) const SETTINGS: &str = "title: The Test\nbase_url: https://test.example\n";

/// A valid article: 5 November 2024, with tags and a section.
pub(crate) const ARTICLE: &str = "---\ntitle: Border talks\ndate: 2024-11-05\n\
    tags: [Iran, I.R.A.N.]\nsection: world\n---\nText.\n";

/// Returns an article with a title and a date, further lines of front matter, and a body.
pub(crate) fn article(title: &str, date: &str, lines: &str, body: &str) -> String {
    format!("---\ntitle: {title}\ndate: {date}\n{lines}---\n{body}")
}

/// A site under test, in a folder inside a temporary one, so that files written outside the site
/// are found. Both are removed with it.
pub(crate) struct TestSite {
    folder: TempDir,
}

impl TestSite {
    /// Creates a site without articles.
    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder is created");
        fs::create_dir_all(folder.path().join("site/content")).expect("the folder is created");
        Self { folder }.with_file("site.yaml", SETTINGS)
    }

    /// Creates a site with one valid article, `content/good.md`, published at `/2024/11/05/good/`.
    pub(crate) fn new() -> Self {
        Self::empty().with_file("content/good.md", ARTICLE)
    }

    /// Writes a file, and returns the site.
    pub(crate) fn with_file(self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.write(path, bytes);
        self
    }

    /// Writes a file, and creates its folders.
    pub(crate) fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let file = self.path(path);
        fs::create_dir_all(file.parent().expect("the path has a parent"))
            .expect("the folder is created");
        fs::write(file, bytes).expect("the file is written");
    }

    /// Removes a file.
    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.path(path)).expect("the file is removed");
    }

    /// Creates a symbolic link.
    #[cfg(unix)]
    pub(crate) fn with_symlink(self, path: &str, target: impl AsRef<Path>) -> Self {
        let symlink = self.path(path);
        fs::create_dir_all(symlink.parent().expect("the path has a parent"))
            .expect("the folder is created");
        std::os::unix::fs::symlink(target, symlink).expect("the symbolic link is created");
        self
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("site")
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    /// Returns the paths beside the site's folder.
    pub(crate) fn outside_files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.folder.path()).expect("the file is readable");
        entries
            .map(|entry| entry.expect("the file is readable").path())
            .filter(|path| *path != self.root())
            .collect()
    }

    /// Builds into `public/`.
    pub(crate) fn build(&self) -> CommandOutput {
        self.build_with_args(&[])
    }

    /// Builds with further arguments.
    pub(crate) fn build_with_args(&self, args: &[&str]) -> CommandOutput {
        let mut command = self.build_command();
        command.args(["--format", "json"]).args(args);
        CommandOutput::run(&mut command)
    }

    /// Builds into an empty folder, and returns its files.
    pub(crate) fn build_clean(&self) -> (CommandOutput, BTreeMap<String, Vec<u8>>) {
        let output = tempfile::tempdir().expect("a temporary folder is created");
        let target = output.path().join("out");
        let build = self.build_with_args(&["--output", target.to_str().expect("it is UTF-8")]);
        (build, read_files(&target))
    }

    /// Returns the command `dateline build --root …` for further settings.
    pub(crate) fn build_command(&self) -> Command {
        let mut command = dateline();
        command.arg("build").arg("--root").arg(self.root());
        command
    }

    /// Reports that a file was published.
    pub(crate) fn has_output(&self, path: &str) -> bool {
        self.path("public").join(path).is_file()
    }

    /// Returns the text of a published file.
    #[track_caller]
    pub(crate) fn read_output(&self, path: &str) -> String {
        let file = self.path("public").join(path);
        fs::read_to_string(&file)
            .unwrap_or_else(|error| panic!("{path}: {error}; there are {:#?}", self.output_paths()))
    }

    /// Returns the bytes of every published file by path.
    pub(crate) fn outputs(&self) -> BTreeMap<String, Vec<u8>> {
        read_files(&self.path("public"))
    }

    /// Returns the path of every published file.
    pub(crate) fn output_paths(&self) -> Vec<String> {
        self.outputs().into_keys().collect()
    }

    /// Returns the modification time of every published file by path.
    pub(crate) fn output_mtimes(&self) -> BTreeMap<String, SystemTime> {
        let mtime = |path: &Path| {
            fs::metadata(path)
                .and_then(|metadata| metadata.modified())
                .expect("the modification time is known")
        };
        walk_files(&self.path("public")).map(|(name, path)| (name, mtime(&path))).collect()
    }
}

/// Returns the program, without environment variables that change its output.
pub(crate) fn dateline() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dateline"));
    command.env_remove("NO_COLOR").env_remove("RAYON_NUM_THREADS").env("RUST_BACKTRACE", "0");
    command
}

fn walk_files(folder: &Path) -> impl Iterator<Item = (String, PathBuf)> {
    let folder = folder.to_owned();
    let entries = WalkDir::new(&folder).sort_by_file_name().into_iter().filter_map(Result::ok);
    entries.filter(|entry| entry.file_type().is_file()).map(move |entry| {
        let name = entry.path().strip_prefix(&folder).expect("the path is below the folder");
        (name.to_str().expect("it is UTF-8").replace('\\', "/"), entry.path().to_owned())
    })
}

/// Returns the bytes of every file below a folder by path.
pub(crate) fn read_files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    walk_files(folder)
        .map(|(name, path)| (name, fs::read(path).expect("the file is readable")))
        .collect()
}

/// The result of a command as its caller sees it.
#[derive(Debug)]
pub(crate) struct CommandOutput {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// The diagnostics on standard error, in order.
    pub(crate) diagnostics: Vec<ReportedDiagnostic>,
}

impl CommandOutput {
    /// Runs a command. A panic or a signal is a bug, whatever the input.
    #[track_caller]
    pub(crate) fn run(command: &mut Command) -> Self {
        let Output { status, stdout, stderr } = command.output().expect("the program starts");
        let stdout = String::from_utf8(stdout).expect("it is UTF-8");
        let stderr = String::from_utf8(stderr).expect("it is UTF-8");
        assert!(!stderr.contains("panicked at"), "{stderr}");
        let Some(status) = status.code() else { panic!("{status}: {stderr}") };
        Self { status, diagnostics: parse_diagnostics(&stderr), stdout, stderr }
    }

    /// Returns a number of the JSON report.
    #[track_caller]
    pub(crate) fn report_number(&self, key: &str) -> u64 {
        let report: serde_json::Value =
            serde_json::from_str(&self.stdout).expect("the output is a JSON object");
        let number = key.split('.').fold(&report, |value, segment| &value[segment]);
        number.as_u64().unwrap_or_else(|| panic!("no number `{key}` in {report}"))
    }

    /// Returns the codes of all diagnostics, in order.
    pub(crate) fn codes(&self) -> Vec<&str> {
        self.diagnostics.iter().map(|diagnostic| diagnostic.code.as_str()).collect()
    }

    /// Returns the diagnostics about a file.
    pub(crate) fn diagnostics_for(&self, file: &str) -> Vec<&ReportedDiagnostic> {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.file == file).collect()
    }

    /// Returns the only diagnostic.
    #[track_caller]
    pub(crate) fn only_diagnostic(&self) -> &ReportedDiagnostic {
        assert_eq!(self.diagnostics.len(), 1, "{}", self.stderr);
        &self.diagnostics[0]
    }

    /// Asserts success without diagnostics.
    #[track_caller]
    pub(crate) fn assert_success(self) -> Self {
        assert_eq!((self.status, self.stderr.as_str()), (0, ""));
        self
    }

    /// Asserts that the status reports errors in the content.
    #[track_caller]
    pub(crate) fn assert_errors(self) -> Self {
        assert_eq!(self.status, 1, "{}", self.stderr);
        self
    }
}

/// Reports, past the test runner's capture, that a test is skipped.
pub(crate) fn report_skipped(test: &str, reason: &str) {
    print_uncaptured(&format!("skipped: {test}: {reason}"));
}

/// Prints a line past the test runner's capture.
pub(crate) fn print_uncaptured(line: &str) {
    // A closed standard error is no problem.
    let _ = writeln!(std::io::stderr(), "{line}");
}
