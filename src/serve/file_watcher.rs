//! Watches the site's files. Events are collected until there are no more for a moment, so that a
//! save in two steps, or a checkout of thousands of files, is one change.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use notify::event::{EventKind, MetadataKind, ModifyKind};
use notify::{Config, ErrorKind, Event, RecommendedWatcher, RecursiveMode, Watcher};

use super::message::Message;
use super::poll_watcher::{PollWatcher, SOURCE_DIRS};
use crate::config::{CONFIG_FILE, REDACTIONS_FILE};

/// The time without events after which a change is complete.
const QUIET_PERIOD: Duration = Duration::from_millis(12);
/// The maximum time to wait for that.
const MAX_WAIT: Duration = Duration::from_millis(400);

/// The way to find changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WatchMode {
    /// Notifications of the system; if it can't watch the site, scans.
    Notifications,
    /// Periodic scans.
    Polling,
}

/// Watches a site until it is dropped.
pub(super) struct FileWatcher {
    root: PathBuf,
    /// None if the folders are scanned.
    watcher: Option<RecommendedWatcher>,
    _poll_watcher: Option<PollWatcher>,
}

impl FileWatcher {
    /// Starts to watch.
    pub(super) fn start(root: &Path, mode: WatchMode, message_sender: Sender<Message>) -> Self {
        let (event_sender, events) = mpsc::channel();
        let watcher = match mode {
            WatchMode::Polling => None,
            WatchMode::Notifications => start_system_watcher(root, event_sender.clone())
                .map_err(|error| {
                    let notice = Message::Notice(watch_failure_message(&error));
                    // It fails only when the server ends.
                    let _ = message_sender.send(notice);
                })
                .ok(),
        };
        let poll_watcher = watcher.is_none().then(|| PollWatcher::start(root, event_sender));
        let debouncer = Debouncer { root: root.to_owned(), message_sender };
        std::thread::spawn(move || debouncer.run(&events));
        Self { root: root.to_owned(), watcher, _poll_watcher: poll_watcher }
    }

    /// Starts to watch the folders of the site that were created.
    pub(super) fn watch_new_folders(&mut self, changed: &[String]) {
        let Some(watcher) = &mut self.watcher else { return };
        for folder in SOURCE_DIRS.iter().filter(|folder| changed.iter().any(|path| path == *folder))
        {
            // It may have been removed again.
            let _ = watcher.watch(&self.root.join(folder), RecursiveMode::Recursive);
        }
    }
}

/// Returns the paths of all files and folders that a site is built from.
pub(super) fn all_sources() -> Vec<String> {
    SOURCE_DIRS.into_iter().chain([CONFIG_FILE, REDACTIONS_FILE]).map(str::to_owned).collect()
}

/// Watches the site's folder for settings and new folders, and its folders with everything in them.
/// As in a build, symbolic links aren't followed.
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

/// Returns the message for a system that can't watch the site.
fn watch_failure_message(error: &notify::Error) -> String {
    let limit_reached = match &error.kind {
        ErrorKind::MaxFilesWatch => true,
        // ENOSPC: too many watches. EMFILE: too many watchers.
        ErrorKind::Io(error) => matches!(error.raw_os_error(), Some(28 | 24)),
        _ => false,
    };
    if limit_reached {
        "the system's limit of watched folders is reached, so the site is scanned every second \
         instead. To raise the limit on Linux, run `sudo sysctl \
         fs.inotify.max_user_watches=1048576 fs.inotify.max_user_instances=1024`"
            .to_owned()
    } else {
        format!(
            "the system can't watch the site ({error}), so the site is scanned every second instead"
        )
    }
}

/// Combines events into changes.
struct Debouncer {
    root: PathBuf,
    message_sender: Sender<Message>,
}

impl Debouncer {
    fn run(&self, events: &Receiver<notify::Result<Event>>) {
        let is_relevant = |event: &notify::Result<Event>| !event.as_ref().is_ok_and(is_irrelevant);
        // Opening a file is an event, too; irrelevant events neither start nor extend a change.
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
                        // The loop starts to scan instead.
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
            let message = if !self.root.join("content").is_dir() {
                Message::SiteRemoved
            } else if changed.is_empty() {
                continue;
            } else {
                Message::Changed(changed.into_iter().collect())
            };
            if self.message_sender.send(message).is_err() {
                return;
            }
        }
    }

    fn add(&self, event: &Event, changed: &mut BTreeSet<String>) {
        // Events were lost, so that everything may have changed.
        if event.need_rescan() {
            changed.extend(all_sources());
        }
        changed.extend(event.paths.iter().filter_map(|path| self.source_path(path)));
    }

    /// Returns the path below the site's folder if a site is built from it.
    fn source_path(&self, path: &Path) -> Option<String> {
        let relative_path = path.strip_prefix(&self.root).ok()?.to_str()?.replace('\\', "/");
        let is_source = relative_path == CONFIG_FILE
            || relative_path == REDACTIONS_FILE
            || SOURCE_DIRS.contains(&relative_path.split('/').next()?);
        // Editors create such files when they save.
        let is_temporary_name = |component: &str| {
            component.starts_with('.') && component != ".well-known" || component.ends_with('~')
        };
        let is_temporary = relative_path.split('/').any(is_temporary_name);
        (is_source && !is_temporary).then_some(relative_path)
    }
}

/// Returns true for events that can't change a page.
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
    fn the_message_about_the_limit_names_the_command() {
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
    fn only_sources_of_the_site_are_watched() {
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
