//! Look: what changed, found by looking through the folders again and again, where the system won't tell.

use std::collections::HashMap;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant, SystemTime};

use notify::event::{Event, EventKind};
use walkdir::WalkDir;

use crate::site::{CONFIG_FILE, REDACTIONS_FILE};

/// The folders of a site that count, with all below them.
pub(super) const FOLDERS: [&str; 3] = ["content", "templates", "static"];

/// How often folders are looked through. Where that takes long, it is done less often, so that no more than a fifth of the time goes into it.
const OFTEN: Duration = Duration::from_secs(1);
const SHARE: u32 = 4;

/// Looks for as long as it is held.
pub(super) struct Look(#[expect(dead_code, reason = "its end is what counts")] Sender<Infallible>);

impl Look {
    /// Begins to look. What is there by the time that this returns is not new.
    pub(super) fn start(root: &Path, tell: Sender<notify::Result<Event>>) -> Self {
        let (held, end) = channel();
        let root = root.to_owned();
        let mut before = look(&root);
        std::thread::spawn(move || {
            let mut pause = OFTEN;
            while end.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                let start = Instant::now();
                let now = look(&root);
                pause = OFTEN.max(start.elapsed() * SHARE);
                let changed = difference(&before, &now);
                before = now;
                if !changed.is_empty() && tell.send(Ok(event(changed))).is_err() {
                    return;
                }
            }
        });
        Self(held)
    }
}

/// What tells a file from its next version: how long it is, and when it was last changed. Of a folder, that it is there.
type Facts = Option<(u64, SystemTime)>;

/// Everything that counts in a site's folder.
fn look(root: &Path) -> HashMap<PathBuf, Facts> {
    let places = FOLDERS.into_iter().chain([CONFIG_FILE, REDACTIONS_FILE]).map(|name| root.join(name));
    let entries = places.flat_map(|place| WalkDir::new(place).follow_links(false)).filter_map(Result::ok);
    let facts = |entry: walkdir::DirEntry| {
        let found = entry.metadata().ok()?;
        let facts = (!found.is_dir()).then(|| Some((found.len(), found.modified().ok()?)));
        Some((entry.into_path(), facts.flatten()))
    };
    entries.filter_map(facts).collect()
}

/// What came, went or is another.
fn difference(before: &HashMap<PathBuf, Facts>, now: &HashMap<PathBuf, Facts>) -> Vec<PathBuf> {
    let other = now.iter().filter(|(path, facts)| before.get(*path) != Some(facts));
    let gone = before.keys().filter(|path| !now.contains_key(*path));
    other.map(|(path, _)| path).chain(gone).cloned().collect()
}

fn event(changed: Vec<PathBuf>) -> Event {
    changed.into_iter().fold(Event::new(EventKind::Any), Event::add_path)
}
