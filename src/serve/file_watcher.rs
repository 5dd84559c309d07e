//! Watch: which files change, gathered for as long as they go on changing, so that a save in two
//! steps or a checkout of thousands of files is one change. Where the system won't tell, the
//! folders are looked through instead.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use notify::event::{EventKind, MetadataKind, ModifyKind};
use notify::{Config, ErrorKind, Event, RecommendedWatcher, RecursiveMode, Watcher};

use super::Message;
use super::poll_watcher::{PollWatcher, SOURCE_DIRS};
use crate::config::{CONFIG_FILE, REDACTIONS_FILE};

/// How long it has to be quiet until a change counts as whole, and how long that is waited for at
/// most.
const QUIET_PERIOD: Duration = Duration::from_millis(12);
const MAX_WAIT: Duration = Duration::from_millis(400);

/// Watches a site for as long as it is held.
pub(super) struct FileWatcher {
    root: PathBuf,
    /// None where the folders are looked through instead.
    watcher: Option<RecommendedWatcher>,
    _poll_watcher: Option<PollWatcher>,
}

impl FileWatcher {
    /// Begins to watch.
    pub(super) fn start(root: &Path, poll: bool, message_sender: Sender<Message>) -> Self {
        let (event_sender, events) = mpsc::channel();
        let watcher = match poll {
            true => None,
            false => start_system_watcher(root, event_sender.clone())
                // Whoever was to be told of it has gone, if it fails.
                .map_err(|error| {
                    drop(message_sender.send(Message::Notice(watch_failure_message(&error))))
                })
                .ok(),
        };
        let poll_watcher = watcher.is_none().then(|| PollWatcher::start(root, event_sender));
        let debouncer = Debouncer { root: root.to_owned(), message_sender };
        std::thread::spawn(move || debouncer.run(&events));
        Self { root: root.to_owned(), watcher, _poll_watcher: poll_watcher }
    }

    /// Watches folders of the site that are new.
    pub(super) fn watch_new_folders(&mut self, changed: &[String]) {
        let Some(watcher) = &mut self.watcher else { return };
        for folder in SOURCE_DIRS.iter().filter(|folder| changed.iter().any(|path| path == *folder))
        {
            // It may be gone again.
            let _ = watcher.watch(&self.root.join(folder), RecursiveMode::Recursive);
        }
    }
}

/// Everything that a site is made from.
pub(super) fn all_sources() -> Vec<String> {
    SOURCE_DIRS.into_iter().chain([CONFIG_FILE, REDACTIONS_FILE]).map(str::to_owned).collect()
}

/// Watches the root for the settings and the folders, and these with all below them; links are not
/// followed, as in a build.
fn start_system_watcher(
    root: &Path,
    event_sender: Sender<notify::Result<Event>>,
) -> notify::Result<RecommendedWatcher> {
    let mut watcher =
        RecommendedWatcher::new(event_sender, Config::default().with_follow_symlinks(false))?;
    watcher.watch(root, RecursiveMode::NonRecursive)?;
    for folder in
        SOURCE_DIRS.map(|folder| root.join(folder)).iter().filter(|folder| folder.is_dir())
    {
        watcher.watch(folder, RecursiveMode::Recursive)?;
    }
    Ok(watcher)
}

/// What to say, and what to do, where the system won't watch.
fn watch_failure_message(error: &notify::Error) -> String {
    let limit_reached = match &error.kind {
        ErrorKind::MaxFilesWatch => true,
        // ENOSPC and EMFILE: watches, and watchers.
        ErrorKind::Io(error) => matches!(error.raw_os_error(), Some(28 | 24)),
        _ => false,
    };
    match limit_reached {
        true => "the system's limit of watched folders is reached: the site is looked through every second instead. On Linux `sudo sysctl fs.inotify.max_user_watches=1048576 fs.inotify.max_user_instances=1024` raises it".to_owned(),
        false => format!("the system can't watch the site ({error}): it is looked through every second instead"),
    }
}

/// Gathers events into changes.
struct Debouncer {
    root: PathBuf,
    message_sender: Sender<Message>,
}

impl Debouncer {
    fn run(&self, events: &Receiver<notify::Result<Event>>) {
        let is_relevant = |event: &notify::Result<Event>| !event.as_ref().is_ok_and(is_irrelevant);
        // Every file that is opened is an event, too: such a one begins nothing, and puts nothing
        // off.
        while let Some(first) = events.iter().find(is_relevant) {
            let mut changed = BTreeSet::new();
            let (start, mut last, mut next) = (Instant::now(), Instant::now(), Some(first));
            while start.elapsed() < MAX_WAIT {
                match next.take().map_or_else(
                    || events.recv_timeout(QUIET_PERIOD.saturating_sub(last.elapsed())),
                    Ok,
                ) {
                    Ok(Ok(event)) if is_irrelevant(&event) => continue,
                    Ok(Ok(event)) => self.add(&event, &mut changed),
                    Ok(Err(error)) => {
                        // Whoever is told of it begins to look instead.
                        let _ = self
                            .message_sender
                            .send(Message::WatchFailed(watch_failure_message(&error)));
                        return;
                    }
                    Err(RecvTimeoutError::Timeout) => break,
                    Err(RecvTimeoutError::Disconnected) => return,
                }
                last = Instant::now();
            }
            let message = match () {
                () if !self.root.join("content").is_dir() => Message::SiteRemoved,
                () if changed.is_empty() => continue,
                () => Message::Changed(changed.into_iter().collect()),
            };
            if self.message_sender.send(message).is_err() {
                return;
            }
        }
    }

    fn add(&self, event: &Event, changed: &mut BTreeSet<String>) {
        // Events were lost: everything may have changed.
        if event.need_rescan() {
            changed.extend(all_sources());
        }
        changed.extend(event.paths.iter().filter_map(|path| self.source_path(path)));
    }

    /// A path from the site's folder, if it is one that a site is made from.
    fn source_path(&self, path: &Path) -> Option<String> {
        let relative_path = path.strip_prefix(&self.root).ok()?.to_str()?.replace('\\', "/");
        let is_source = relative_path == CONFIG_FILE
            || relative_path == REDACTIONS_FILE
            || SOURCE_DIRS.contains(&relative_path.split('/').next()?);
        // Editors leave such files beside what they save.
        let is_temporary_name = |component: &str| {
            component.starts_with('.') && component != ".well-known" || component.ends_with('~')
        };
        let is_temporary = relative_path.split('/').any(is_temporary_name);
        (is_source && !is_temporary).then_some(relative_path)
    }
}

/// Whether an event changes nothing that a page is made from.
fn is_irrelevant(event: &Event) -> bool {
    matches!(
        event.kind,
        EventKind::Access(_) | EventKind::Modify(ModifyKind::Metadata(MetadataKind::AccessTime))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_system_is_told_with_its_remedy() {
        for kind in [ErrorKind::MaxFilesWatch, ErrorKind::Io(std::io::Error::from_raw_os_error(28))]
        {
            assert!(
                watch_failure_message(&notify::Error::new(kind))
                    .contains("sysctl fs.inotify.max_user_watches")
            );
        }
        let other = ErrorKind::Io(std::io::Error::from_raw_os_error(13));
        assert!(!watch_failure_message(&notify::Error::new(other)).contains("sysctl"));
    }

    #[test]
    fn only_what_a_site_is_made_from_counts() {
        let (message_sender, _messages) = mpsc::channel();
        let debouncer = Debouncer { root: PathBuf::from("/site"), message_sender };
        let source_path = |path: &str| debouncer.source_path(Path::new(path));
        assert_eq!(source_path("/site/content/2024/a.md").as_deref(), Some("content/2024/a.md"));
        assert_eq!(source_path("/site/site.yaml").as_deref(), Some("site.yaml"));
        assert_eq!(source_path("/site/redactions.yaml").as_deref(), Some("redactions.yaml"));
        assert_eq!(source_path("/site/templates").as_deref(), Some("templates"));
        assert!(source_path("/site/static/.well-known/security.txt").is_some());
        for path in [
            "/site/public/index.html",
            "/site/content/.a.md.swp",
            "/site/content/a.md~",
            "/other/content/a.md",
        ] {
            assert_eq!(source_path(path), None, "{path}");
        }
    }
}
