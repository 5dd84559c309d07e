//! Hub: every browser that shows a page of the site is told what changed, by server-sent events
//! (HTML, section 9.2).

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use hyper::body::Bytes;
use serde_json::{Value, json};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::diagnostics::{Diagnostic, Severity};

/// The most mistakes that a page shows; how many there are is told besides.
const MAX_SHOWN_DIAGNOSTICS: usize = 20;
/// How many events may wait for a browser; one that doesn't listen any longer is let go.
const CHANNEL_CAPACITY: usize = 16;

/// After how many milliseconds a browser asks again when the server has gone.
const RETRY_MILLIS: u32 = 500;

/// Everyone who listens, and what they were told last.
pub(super) struct LiveReload {
    version: AtomicU64,
    subscribers: Mutex<Subscribers>,
}

#[derive(Default)]
struct Subscribers {
    listeners: Vec<Sender<Bytes>>,
    problems: Value,
}

impl LiveReload {
    pub(super) fn new() -> Self {
        // Versions of an earlier server are others, so that its pages are loaded again.
        let start = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(1, |since| since.as_millis() as u64);
        Self { version: AtomicU64::new(start), subscribers: Mutex::default() }
    }

    fn lock_subscribers(&self) -> MutexGuard<'_, Subscribers> {
        self.subscribers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The version of the site that pages are made from.
    pub(super) fn version(&self) -> u64 {
        self.version.load(Ordering::Relaxed)
    }

    /// What browsers are told when they begin to listen.
    fn state_event(&self, subscribers: &Subscribers) -> Bytes {
        format_event(
            "state",
            &json!({ "version": self.version().to_string(), "wrong": subscribers.problems }),
        )
    }

    /// Tells of a new version. Gives whether what is wrong is something else than before.
    pub(super) fn publish_update(&self, diagnostics: &[Diagnostic], site_changed: bool) -> bool {
        let mut subscribers = self.lock_subscribers();
        let problems = problems_json(diagnostics);
        let problems_changed = subscribers.problems != problems;
        subscribers.problems = problems;
        if site_changed {
            self.version.fetch_add(1, Ordering::Relaxed);
        }
        let state = self.state_event(&subscribers);
        subscribers.broadcast(&state);
        problems_changed
    }

    /// Tells of a style sheet that is another now.
    pub(super) fn publish_style_sheet(&self, url: &str) {
        self.lock_subscribers().broadcast(&format_event("style", &json!({ "address": url })));
    }

    /// Someone more listens.
    pub(super) fn subscribe(&self) -> Receiver<Bytes> {
        let (sender, receiver) = channel(CHANNEL_CAPACITY);
        let mut subscribers = self.lock_subscribers();
        // A new channel has room.
        let _ = sender.try_send(self.state_event(&subscribers));
        subscribers.listeners.retain(|listener| !listener.is_closed());
        subscribers.listeners.push(sender);
        receiver
    }
}

impl Subscribers {
    fn broadcast(&mut self, event: &Bytes) {
        self.listeners.retain(|listener| listener.try_send(event.clone()).is_ok());
    }
}

fn format_event(name: &str, data: &Value) -> Bytes {
    Bytes::from(format!("event: {name}\nretry: {RETRY_MILLIS}\ndata: {data}\n\n"))
}

/// What is wrong, as the page in the browser shows it: errors first.
pub(super) fn problems_json(diagnostics: &[Diagnostic]) -> Value {
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
    json!({
        "severity": if diagnostic.severity == Severity::Error { "error" } else { "warning" },
        "code": diagnostic.code,
        "message": diagnostic.message,
        "file": diagnostic.file,
        "line": location.map(|location| location.line),
        "column": location.map(|location| location.column),
        "text": location.map(|location| &location.text),
        "from": location.map(|location| location.column - 1 - location.hidden_chars().min(location.column - 1)),
        "width": location.map(|location| location.width),
        "help": diagnostic.help,
    })
}
