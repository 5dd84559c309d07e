//! Finds changes by scanning the folders periodically, where the system doesn't send notifications.

use std::collections::HashMap;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant, SystemTime};

use notify::event::{Event, EventKind};
use walkdir::WalkDir;

use crate::config::{CONFIG_FILE, REDACTIONS_FILE};

/// The folders of a site that are watched, with everything in them.
pub(super) const SOURCE_DIRS: [&str; 3] = ["content", "templates", "static"];

/// The minimum pause between two scans.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// The minimum pause as a multiple of a scan's duration, so that scans take at most a fifth of the
/// time.
const PAUSE_FACTOR: u32 = 4;

/// Scans the folders until it is dropped.
pub(super) struct PollWatcher(
    #[expect(dead_code, reason = "the thread ends when it is dropped")] Sender<Infallible>,
);

impl PollWatcher {
    /// Starts to scan. Changes are relative to the time when this returns.
    pub(super) fn start(root: &Path, event_sender: Sender<notify::Result<Event>>) -> Self {
        let (stop_guard, stop) = channel();
        let root = root.to_owned();
        let mut previous = scan(&root);
        std::thread::spawn(move || {
            let mut pause = POLL_INTERVAL;
            while stop.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                let start = Instant::now();
                let current = scan(&root);
                pause = POLL_INTERVAL.max(start.elapsed() * PAUSE_FACTOR);
                let changed = changed_paths(&previous, &current);
                previous = current;
                if !changed.is_empty() && event_sender.send(Ok(change_event(changed))).is_err() {
                    return;
                }
            }
        });
        Self(stop_guard)
    }
}

/// The size and the modification time of a file; `None` for a folder.
type FileState = Option<(u64, SystemTime)>;

/// Reads the state of all watched files and folders.
fn scan(root: &Path) -> HashMap<PathBuf, FileState> {
    let paths =
        SOURCE_DIRS.into_iter().chain([CONFIG_FILE, REDACTIONS_FILE]).map(|name| root.join(name));
    let entries =
        paths.flat_map(|path| WalkDir::new(path).follow_links(false)).filter_map(Result::ok);
    let with_state = |entry: walkdir::DirEntry| {
        let metadata = entry.metadata().ok()?;
        let state = (!metadata.is_dir()).then(|| Some((metadata.len(), metadata.modified().ok()?)));
        Some((entry.into_path(), state.flatten()))
    };
    entries.filter_map(with_state).collect()
}

/// Returns the paths that were added, removed or changed.
fn changed_paths(
    previous: &HashMap<PathBuf, FileState>,
    current: &HashMap<PathBuf, FileState>,
) -> Vec<PathBuf> {
    let modified = current.iter().filter(|(path, state)| previous.get(*path) != Some(state));
    let removed = previous.keys().filter(|path| !current.contains_key(*path));
    modified.map(|(path, _)| path).chain(removed).cloned().collect()
}

fn change_event(changed: Vec<PathBuf>) -> Event {
    changed.into_iter().fold(Event::new(EventKind::Any), Event::add_path)
}
