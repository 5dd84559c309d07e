//! Look: what changed, found by looking through the folders again and again, where the system won't
//! tell.

use std::collections::HashMap;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant, SystemTime};

use notify::event::{Event, EventKind};
use walkdir::WalkDir;

use crate::config::{CONFIG_FILE, REDACTIONS_FILE};

/// The folders of a site that count, with all below them.
pub(super) const SOURCE_DIRS: [&str; 3] = ["content", "templates", "static"];

/// How often folders are looked through. Where that takes long, it is done less often, so that no
/// more than a fifth of the time goes into it.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
const PAUSE_FACTOR: u32 = 4;

/// Looks for as long as it is held.
pub(super) struct PollWatcher(
    #[expect(dead_code, reason = "its end is what counts")] Sender<Infallible>,
);

impl PollWatcher {
    /// Begins to look. What is there by the time that this returns is not new.
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

/// What tells a file from its next version: how long it is, and when it was last changed. Of a
/// folder, that it is there.
type FileState = Option<(u64, SystemTime)>;

/// Everything that counts in a site's folder.
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

/// What came, went or is another.
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
