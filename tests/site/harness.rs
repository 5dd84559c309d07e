//! A small site in a folder of its own: put files, build it with the program itself, read what came
//! out.
//!
//! Everything goes through the command line and the output folder, so that no test depends on the
//! library's inner signatures, and a crash of the program (a stack overflow, say) is one failed
//! test instead of the end of all.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::SystemTime;

use tempfile::TempDir;
use walkdir::WalkDir;

use crate::diagnostics::{ReportedDiagnostic, parse_diagnostics};

/// The configuration of a site that doesn't say otherwise.
pub(crate) const SETTINGS: &str = "title: The Test\nbase_url: https://test.example\n";

/// A story that nothing is wrong with: 5 November 2024, tagged, in a section.
pub(crate) const ARTICLE: &str = "---\ntitle: Border talks\ndate: 2024-11-05\ntags: [Iran, I.R.A.N.]\nsection: world\n---\nText.\n";

/// A story with a title and a date, further lines of front matter, and a body.
pub(crate) fn article(title: &str, date: &str, lines: &str, body: &str) -> String {
    format!("---\ntitle: {title}\ndate: {date}\n{lines}---\n{body}")
}

/// A site under test, in a folder of its own so that what it does to its surroundings is seen; both
/// go with it.
pub(crate) struct TestSite {
    folder: TempDir,
}

impl TestSite {
    /// A site without articles.
    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(folder.path().join("site/content")).expect("created");
        Self { folder }.with_file("site.yaml", SETTINGS)
    }

    /// A site with one good story, `content/good.md`, published at `/2024/11/05/good/`.
    pub(crate) fn new() -> Self {
        Self::empty().with_file("content/good.md", ARTICLE)
    }

    /// The site with a file more, or another one in its place.
    pub(crate) fn with_file(self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.write(path, bytes);
        self
    }

    /// Writes a file, with the folders that it needs.
    pub(crate) fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let file = self.path(path);
        fs::create_dir_all(file.parent().expect("a folder")).expect("created");
        fs::write(file, bytes).expect("written");
    }

    /// Removes a file.
    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.path(path)).expect("removed");
    }

    /// Makes a symbolic link.
    #[cfg(unix)]
    pub(crate) fn with_symlink(self, path: &str, target: impl AsRef<Path>) -> Self {
        let symlink = self.path(path);
        fs::create_dir_all(symlink.parent().expect("a folder")).expect("created");
        std::os::unix::fs::symlink(target, symlink).expect("linked");
        self
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("site")
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    /// What lies in the folder around the site besides it.
    pub(crate) fn outside_files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.folder.path()).expect("readable");
        entries
            .map(|entry| entry.expect("readable").path())
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

    /// Builds as if there had never been a build, into another folder, whose files are returned.
    pub(crate) fn build_clean(&self) -> (CommandOutput, BTreeMap<String, Vec<u8>>) {
        let output = tempfile::tempdir().expect("a folder");
        let target = output.path().join("out");
        let build = self.build_with_args(&["--output", target.to_str().expect("UTF-8")]);
        (build, read_files(&target))
    }

    /// `dateline build --root …`, for a test that has more to set.
    pub(crate) fn build_command(&self) -> Command {
        let mut command = dateline();
        command.arg("build").arg("--root").arg(self.root());
        command
    }

    /// Whether a file was published.
    pub(crate) fn has_output(&self, path: &str) -> bool {
        self.path("public").join(path).is_file()
    }

    /// The text of a published file.
    #[track_caller]
    pub(crate) fn read_output(&self, path: &str) -> String {
        let file = self.path("public").join(path);
        fs::read_to_string(&file)
            .unwrap_or_else(|error| panic!("{path}: {error}; there are {:#?}", self.output_paths()))
    }

    /// Every published file with its bytes.
    pub(crate) fn outputs(&self) -> BTreeMap<String, Vec<u8>> {
        read_files(&self.path("public"))
    }

    /// The paths of every published file.
    pub(crate) fn output_paths(&self) -> Vec<String> {
        self.outputs().into_keys().collect()
    }

    /// When each published file was last written.
    pub(crate) fn output_mtimes(&self) -> BTreeMap<String, SystemTime> {
        let mtime = |path: &Path| {
            fs::metadata(path).and_then(|metadata| metadata.modified()).expect("a time")
        };
        walk_files(&self.path("public")).map(|(name, path)| (name, mtime(&path))).collect()
    }
}

/// The program, in an environment that says nothing.
pub(crate) fn dateline() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dateline"));
    command.env_remove("NO_COLOR").env_remove("RAYON_NUM_THREADS").env("RUST_BACKTRACE", "0");
    command
}

fn walk_files(folder: &Path) -> impl Iterator<Item = (String, PathBuf)> {
    let folder = folder.to_owned();
    let entries = WalkDir::new(&folder).sort_by_file_name().into_iter().filter_map(Result::ok);
    entries.filter(|entry| entry.file_type().is_file()).map(move |entry| {
        let name = entry.path().strip_prefix(&folder).expect("below the folder");
        (name.to_str().expect("UTF-8").replace('\\', "/"), entry.path().to_owned())
    })
}

/// Every file below a folder with its bytes.
pub(crate) fn read_files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    walk_files(folder).map(|(name, path)| (name, fs::read(path).expect("readable"))).collect()
}

/// How a build went, as whoever called the program sees it.
#[derive(Debug)]
pub(crate) struct CommandOutput {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// What was told about the content, in order.
    pub(crate) diagnostics: Vec<ReportedDiagnostic>,
}

impl CommandOutput {
    /// Runs a build; a panic or a signal is a defect whatever the input.
    #[track_caller]
    pub(crate) fn run(command: &mut Command) -> Self {
        let Output { status, stdout, stderr } = command.output().expect("the program starts");
        let stdout = String::from_utf8(stdout).expect("UTF-8");
        let stderr = String::from_utf8(stderr).expect("UTF-8");
        assert!(!stderr.contains("panicked at"), "{stderr}");
        let Some(status) = status.code() else { panic!("{status}: {stderr}") };
        Self { status, diagnostics: parse_diagnostics(&stderr), stdout, stderr }
    }

    /// A number of the JSON report.
    #[track_caller]
    pub(crate) fn report_number(&self, key: &str) -> u64 {
        let report: serde_json::Value =
            serde_json::from_str(&self.stdout).expect("one JSON object");
        let number = key.split('.').fold(&report, |value, segment| &value[segment]);
        number.as_u64().unwrap_or_else(|| panic!("no number `{key}` in {report}"))
    }

    /// The codes of everything told, in order.
    pub(crate) fn codes(&self) -> Vec<&str> {
        self.diagnostics.iter().map(|diagnostic| diagnostic.code.as_str()).collect()
    }

    /// Everything told about a file.
    pub(crate) fn diagnostics_for(&self, file: &str) -> Vec<&ReportedDiagnostic> {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.file == file).collect()
    }

    /// The only thing that was told.
    #[track_caller]
    pub(crate) fn only_diagnostic(&self) -> &ReportedDiagnostic {
        assert_eq!(self.diagnostics.len(), 1, "{}", self.stderr);
        &self.diagnostics[0]
    }

    /// All went well and nothing was told.
    #[track_caller]
    pub(crate) fn assert_success(self) -> Self {
        assert_eq!((self.status, self.stderr.as_str()), (0, ""));
        self
    }

    /// Something in the content is wrong.
    #[track_caller]
    pub(crate) fn assert_errors(self) -> Self {
        assert_eq!(self.status, 1, "{}", self.stderr);
        self
    }
}

/// Says, past the test runner's capture, that a test can't run here.
pub(crate) fn report_skipped(test: &str, reason: &str) {
    print_uncaptured(&format!("skipped: {test}: {reason}"));
}

/// Says a line past the test runner's capture.
pub(crate) fn print_uncaptured(line: &str) {
    // Nobody needs to know where there is no standard error.
    let _ = writeln!(std::io::stderr(), "{line}");
}
