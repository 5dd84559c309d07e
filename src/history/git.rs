//! Running the program `git`: without a shell, without hooks or helpers that a repository could
//! configure, and without network access.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Settings that override those of the repository and the user, so that nothing else is run or
/// fetched, and the output has a known format.
const SETTINGS: [&str; 9] = [
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "protocol.allow=never",
    "log.showSignature=false",
    "log.showRoot=true",
    "log.follow=false",
    "diff.ignoreSubmodules=all",
    "diff.renameLimit=1000",
    "i18n.logOutputEncoding=UTF-8",
];

/// Environment variables that a hook or an editor may have set for another repository.
const REMOVED_VARIABLES: [&str; 10] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_EXTERNAL_DIFF",
    "GIT_CONFIG_PARAMETERS",
    "GIT_TRACE",
];

/// The maximum length of a header line of `git cat-file`, in bytes.
const MAX_HEADER_BYTES: u64 = 256;

/// Returns a command that runs git in a folder.
pub(super) fn git_command(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(["--no-pager", "--no-optional-locks"]);
    for setting in SETTINGS {
        command.args(["-c", setting]);
    }
    for name in REMOVED_VARIABLES {
        command.env_remove(name);
    }
    command.env("LC_ALL", "C").env("GIT_TERMINAL_PROMPT", "0").env("GIT_NO_LAZY_FETCH", "1");
    command.stdin(Stdio::null()).stderr(Stdio::null());
    command
}

/// Returns whether the repository of a folder is a shallow clone.
///
/// # Errors
/// The reason, as text, if git isn't installed or can't be run, if the folder isn't in a
/// repository, if the repository has no commits, or if git reports another error.
pub(super) fn is_shallow(folder: &Path) -> Result<bool, String> {
    let result = git_command(folder)
        .args(["rev-parse", "--is-shallow-repository", "--verify", "HEAD^{commit}"])
        .stderr(Stdio::piped())
        .output();
    let output = result.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => "the program `git` isn't installed".to_owned(),
        _ => format!("git can't be run: {error}"),
    })?;
    if output.status.success() {
        return Ok(output.stdout.starts_with(b"true"));
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    let message = stderr.lines().next().unwrap_or_default().trim_start_matches("fatal: ").trim();
    Err(match message {
        message if message.starts_with("not a git repository") => {
            "the site isn't in a Git repository".to_owned()
        }
        message if message.contains("HEAD") || message.contains("single revision") => {
            "the repository has no commits".to_owned()
        }
        message => {
            format!(
                "git reports: {}",
                message.chars().filter(|c| !c.is_control()).take(200).collect::<String>()
            )
        }
    })
}

/// A process that reads the files of a repository by their object IDs.
#[derive(Debug)]
pub(super) struct BlobReader {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    /// Set when a file isn't in the repository.
    pub(super) has_missing: bool,
}

impl BlobReader {
    /// Starts `git cat-file` for the repository of a folder.
    ///
    /// # Errors
    /// An I/O error if git can't be started.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let mut command = git_command(folder);
        command.args(["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let output = output.ok_or_else(|| io::Error::other("git has no output"))?;
        Ok(Self { child, input, output: BufReader::new(output), has_missing: false })
    }

    /// Returns the bytes of a file; `None` if it is missing, isn't a file, or is longer than the
    /// maximum.
    ///
    /// # Errors
    /// An I/O error if git has ended or its output ends early.
    pub(super) fn get(&mut self, id: &str, max_bytes: u64) -> io::Result<Option<Vec<u8>>> {
        let input = self.input.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        input.write_all(format!("{id}\n").as_bytes())?;
        input.flush()?;
        let mut header_bytes = Vec::new();
        self.output.by_ref().take(MAX_HEADER_BYTES).read_until(b'\n', &mut header_bytes)?;
        let header = String::from_utf8_lossy(&header_bytes);
        let mut fields = header.strip_suffix('\n').ok_or(io::ErrorKind::UnexpectedEof)?.split(' ');
        let (_, kind, size) = (fields.next(), fields.next(), fields.next());
        let Some(size) = size.and_then(|size| size.parse::<u64>().ok()) else {
            self.has_missing = true;
            return Ok(None);
        };
        let mut content = self.output.by_ref().take(size + 1);
        if kind != Some("blob") || size > max_bytes {
            io::copy(&mut content, &mut io::sink())?;
            return Ok(None);
        }
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes)?;
        if bytes.len() as u64 != size + 1 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes.pop();
        Ok(Some(bytes))
    }
}

impl Drop for BlobReader {
    fn drop(&mut self) {
        self.input = None;
        // It ends when its input is closed, unless it is still writing output.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
