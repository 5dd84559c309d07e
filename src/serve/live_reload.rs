//! Live reload: notifies every browser that shows a page of the site about changes and diagnostics,
//! with server-sent events (HTML, section 9.2).

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use hyper::body::Bytes;
use serde_json::{Value, json};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::last_good_pages::LastGoodPages;
use crate::diagnostics::{Diagnostic, Severity};

/// The maximum number of diagnostics that a page shows.
const MAX_SHOWN_DIAGNOSTICS: usize = 20;
/// The maximum number of unsent events for a browser. One that exceeds it is disconnected.
const CHANNEL_CAPACITY: usize = 16;

/// The pause after which a browser reconnects, in milliseconds.
const RETRY_MILLIS: u32 = 500;

/// The connected browsers, and the state that they show.
pub(super) struct LiveReload {
    /// The version of the site; pages with another one are reloaded.
    version: AtomicU64,
    subscribers: Mutex<Subscribers>,
    /// The pages to show while their articles have errors.
    pub(super) last_good_pages: LastGoodPages,
}

/// The kind of a change.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum SiteChange {
    /// Pages may have changed, and are reloaded.
    Pages,
    /// At most the diagnostics changed.
    DiagnosticsOnly,
}

#[derive(Default)]
struct Subscribers {
    senders: Vec<Sender<Bytes>>,
    /// The latest diagnostics, as JSON.
    diagnostics: Value,
}

impl LiveReload {
    /// Starts without browsers.
    pub(super) fn new() -> Self {
        // Differs from the versions of an earlier server, so that its pages are reloaded.
        let start = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(1, |since| since.as_millis() as u64);
        Self {
            version: AtomicU64::new(start),
            subscribers: Mutex::default(),
            last_good_pages: LastGoodPages::default(),
        }
    }

    fn lock_subscribers(&self) -> MutexGuard<'_, Subscribers> {
        self.subscribers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the current version of the site.
    pub(super) fn version(&self) -> u64 {
        self.version.load(Ordering::Relaxed)
    }

    /// Creates the event that a browser gets when it connects.
    fn state_event(&self, subscribers: &Subscribers) -> Bytes {
        format_event(
            "state",
            &json!({
                "version": self.version().to_string(),
                "diagnostics": subscribers.diagnostics,
            }),
        )
    }

    /// Notifies all browsers of a change. Returns true if there are other diagnostics than before.
    pub(super) fn publish_update(&self, diagnostics: &[Diagnostic], change: SiteChange) -> bool {
        let mut subscribers = self.lock_subscribers();
        let diagnostics = diagnostics_json(diagnostics);
        let diagnostics_changed = subscribers.diagnostics != diagnostics;
        subscribers.diagnostics = diagnostics;
        if change == SiteChange::Pages {
            self.version.fetch_add(1, Ordering::Relaxed);
        }
        let state = self.state_event(&subscribers);
        subscribers.broadcast(&state);
        diagnostics_changed
    }

    /// Notifies all browsers of a changed style sheet.
    pub(super) fn publish_style_sheet(&self, url: &str) {
        self.lock_subscribers().broadcast(&format_event("style", &json!({ "url": url })));
    }

    /// Adds a browser.
    pub(super) fn subscribe(&self) -> Receiver<Bytes> {
        let (sender, receiver) = channel(CHANNEL_CAPACITY);
        let mut subscribers = self.lock_subscribers();
        // A new channel is empty, so that this can't fail.
        let _ = sender.try_send(self.state_event(&subscribers));
        subscribers.senders.retain(|sender| !sender.is_closed());
        subscribers.senders.push(sender);
        receiver
    }
}

impl Subscribers {
    /// Sends an event to all browsers, and removes those that have disconnected.
    fn broadcast(&mut self, event: &Bytes) {
        self.senders.retain(|sender| sender.try_send(event.clone()).is_ok());
    }
}

fn format_event(name: &str, data: &Value) -> Bytes {
    Bytes::from(format!("event: {name}\nretry: {RETRY_MILLIS}\ndata: {data}\n\n"))
}

/// Returns the diagnostics for the client, errors first.
pub(super) fn diagnostics_json(diagnostics: &[Diagnostic]) -> Value {
    let (errors, warnings): (Vec<&Diagnostic>, Vec<&Diagnostic>) =
        diagnostics.iter().partition(|diagnostic| diagnostic.severity == Severity::Error);
    let shown: Vec<Value> = errors
        .iter()
        .chain(&warnings)
        .take(MAX_SHOWN_DIAGNOSTICS)
        .map(|diagnostic| diagnostic_json(diagnostic))
        .collect();
    json!({ "errors": errors.len(), "warnings": warnings.len(), "shown": shown })
}

fn diagnostic_json(diagnostic: &Diagnostic) -> Value {
    let location = diagnostic.location.as_ref();
    let from = location.map(|location| {
        let column = location.column - 1;
        column - location.hidden_chars().min(column)
    });
    json!({
        "severity": if diagnostic.severity == Severity::Error { "error" } else { "warning" },
        "code": diagnostic.code,
        "message": diagnostic.message,
        "file": diagnostic.file,
        "line": location.map(|location| location.line),
        "column": location.map(|location| location.column),
        "text": location.map(|location| &location.text),
        "from": from,
        "width": location.map(|location| location.width),
        "help": diagnostic.help,
    })
}
