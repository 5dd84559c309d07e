//! Watch: which files change, gathered for as long as they go on changing, so that a save in two steps or a checkout of thousands of files is one
//! change. Where the system won't tell, the folders are looked through instead.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use notify::event::{EventKind, MetadataKind, ModifyKind};
use notify::{Config, ErrorKind, Event, RecommendedWatcher, RecursiveMode, Watcher};

use super::Message;
use super::look::{FOLDERS, Look};
use crate::site::{CONFIG_FILE, REDACTIONS_FILE};

/// How long it has to be quiet until a change counts as whole, and how long that is waited for at most.
const QUIET: Duration = Duration::from_millis(12);
const LONGEST: Duration = Duration::from_millis(400);

/// Watches a site for as long as it is held.
pub(super) struct Watch {
    root: PathBuf,
    /// None where the folders are looked through instead.
    watcher: Option<RecommendedWatcher>,
    _look: Option<Look>,
}

impl Watch {
    /// Begins to watch.
    pub(super) fn start(root: &Path, poll: bool, tell: Sender<Message>) -> Self {
        let (send, events) = mpsc::channel();
        let watcher = match poll {
            true => None,
            false => system(root, send.clone())
                // Whoever was to be told of it has gone, if it fails.
                .map_err(|error| drop(tell.send(Message::Notice(why(&error)))))
                .ok(),
        };
        let look = watcher.is_none().then(|| Look::start(root, send));
        let gather = Gather { root: root.to_owned(), tell };
        std::thread::spawn(move || gather.run(&events));
        Self { root: root.to_owned(), watcher, _look: look }
    }

    /// Watches folders of the site that are new.
    pub(super) fn follow(&mut self, changed: &[String]) {
        let Some(watcher) = &mut self.watcher else { return };
        for folder in FOLDERS.iter().filter(|folder| changed.iter().any(|path| path == *folder)) {
            // It may be gone again.
            let _ = watcher.watch(&self.root.join(folder), RecursiveMode::Recursive);
        }
    }
}

/// Everything that a site is made from.
pub(super) fn all() -> Vec<String> {
    FOLDERS.into_iter().chain([CONFIG_FILE, REDACTIONS_FILE]).map(str::to_owned).collect()
}

/// Watches the root for the settings and the folders, and these with all below them; links are not followed, as in a build.
fn system(root: &Path, send: Sender<notify::Result<Event>>) -> notify::Result<RecommendedWatcher> {
    let mut watcher = RecommendedWatcher::new(send, Config::default().with_follow_symlinks(false))?;
    watcher.watch(root, RecursiveMode::NonRecursive)?;
    for folder in FOLDERS.map(|folder| root.join(folder)).iter().filter(|folder| folder.is_dir()) {
        watcher.watch(folder, RecursiveMode::Recursive)?;
    }
    Ok(watcher)
}

/// What to say, and what to do, where the system won't watch.
fn why(error: &notify::Error) -> String {
    let full = match &error.kind {
        ErrorKind::MaxFilesWatch => true,
        // ENOSPC and EMFILE: watches, and watchers.
        ErrorKind::Io(error) => matches!(error.raw_os_error(), Some(28 | 24)),
        _ => false,
    };
    match full {
        true => "the system's limit of watched folders is reached: the site is looked through every second instead. On Linux `sudo sysctl fs.inotify.max_user_watches=1048576 fs.inotify.max_user_instances=1024` raises it".to_owned(),
        false => format!("the system can't watch the site ({error}): it is looked through every second instead"),
    }
}

/// Gathers events into changes.
struct Gather {
    root: PathBuf,
    tell: Sender<Message>,
}

impl Gather {
    fn run(&self, events: &Receiver<notify::Result<Event>>) {
        let tells = |event: &notify::Result<Event>| !event.as_ref().is_ok_and(tells_nothing);
        // Every file that is opened is an event, too: such a one begins nothing, and puts nothing off.
        while let Some(first) = events.iter().find(tells) {
            let mut changed = BTreeSet::new();
            let (start, mut last, mut next) = (Instant::now(), Instant::now(), Some(first));
            while start.elapsed() < LONGEST {
                match next
                    .take()
                    .map_or_else(|| events.recv_timeout(QUIET.saturating_sub(last.elapsed())), Ok)
                {
                    Ok(Ok(event)) if tells_nothing(&event) => continue,
                    Ok(Ok(event)) => self.add(&event, &mut changed),
                    Ok(Err(error)) => {
                        // Whoever is told of it begins to look instead.
                        let _ = self.tell.send(Message::Unwatched(why(&error)));
                        return;
                    }
                    Err(RecvTimeoutError::Timeout) => break,
                    Err(RecvTimeoutError::Disconnected) => return,
                }
                last = Instant::now();
            }
            let message = match () {
                () if !self.root.join("content").is_dir() => Message::Gone,
                () if changed.is_empty() => continue,
                () => Message::Changed(changed.into_iter().collect()),
            };
            if self.tell.send(message).is_err() {
                return;
            }
        }
    }

    fn add(&self, event: &Event, changed: &mut BTreeSet<String>) {
        // Events were lost: everything may have changed.
        if event.need_rescan() {
            changed.extend(all());
        }
        changed.extend(event.paths.iter().filter_map(|path| self.name(path)));
    }

    /// A path from the site's folder, if it is one that a site is made from.
    fn name(&self, path: &Path) -> Option<String> {
        let name = path.strip_prefix(&self.root).ok()?.to_str()?.replace('\\', "/");
        let counts =
            name == CONFIG_FILE || name == REDACTIONS_FILE || FOLDERS.contains(&name.split('/').next()?);
        // Editors leave such files beside what they save.
        let passing = |part: &str| part.starts_with('.') && part != ".well-known" || part.ends_with('~');
        let passing = name.split('/').any(passing);
        (counts && !passing).then_some(name)
    }
}

/// Whether an event changes nothing that a page is made from.
fn tells_nothing(event: &Event) -> bool {
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
        for kind in [ErrorKind::MaxFilesWatch, ErrorKind::Io(std::io::Error::from_raw_os_error(28))] {
            assert!(why(&notify::Error::new(kind)).contains("sysctl fs.inotify.max_user_watches"));
        }
        let other = ErrorKind::Io(std::io::Error::from_raw_os_error(13));
        assert!(!why(&notify::Error::new(other)).contains("sysctl"));
    }

    #[test]
    fn only_what_a_site_is_made_from_counts() {
        let (tell, _told) = mpsc::channel();
        let gather = Gather { root: PathBuf::from("/site"), tell };
        let name = |path: &str| gather.name(Path::new(path));
        assert_eq!(name("/site/content/2024/a.md").as_deref(), Some("content/2024/a.md"));
        assert_eq!(name("/site/site.yaml").as_deref(), Some("site.yaml"));
        assert_eq!(name("/site/redactions.yaml").as_deref(), Some("redactions.yaml"));
        assert_eq!(name("/site/templates").as_deref(), Some("templates"));
        assert!(name("/site/static/.well-known/security.txt").is_some());
        for path in [
            "/site/public/index.html",
            "/site/content/.a.md.swp",
            "/site/content/a.md~",
            "/other/content/a.md",
        ] {
            assert_eq!(name(path), None, "{path}");
        }
    }
}
