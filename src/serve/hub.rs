//! Hub: every browser that shows a page of the site is told what changed, by server-sent events (HTML, section 9.2).

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use hyper::body::Bytes;
use serde_json::{Value, json};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::diagnostic::{Diagnostic, Severity};

/// The most mistakes that a page shows; how many there are is told besides.
const SHOWN: usize = 20;
/// How many events may wait for a browser; one that doesn't listen any longer is let go.
const WAITING: usize = 16;

/// After how many milliseconds a browser asks again when the server has gone.
const AGAIN: u32 = 500;

/// Everyone who listens, and what they were told last.
pub(super) struct Hub {
    version: AtomicU64,
    room: Mutex<Room>,
}

#[derive(Default)]
struct Room {
    listeners: Vec<Sender<Bytes>>,
    wrong: Value,
}

impl Hub {
    pub(super) fn new() -> Self {
        // Versions of an earlier server are others, so that its pages are loaded again.
        let start = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_millis() as u64);
        Self { version: AtomicU64::new(start), room: Mutex::default() }
    }

    fn room(&self) -> MutexGuard<'_, Room> {
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The version of the site that pages are made from.
    pub(super) fn version(&self) -> u64 {
        self.version.load(Ordering::Relaxed)
    }

    /// What browsers are told when they begin to listen.
    fn state(&self, room: &Room) -> Bytes {
        event("state", &json!({ "version": self.version().to_string(), "wrong": room.wrong }))
    }

    /// Tells of a new version. Gives whether what is wrong is something else than before.
    pub(super) fn renew(&self, diagnostics: &[Diagnostic], changed: bool) -> bool {
        let mut room = self.room();
        let wrong = wrong(diagnostics);
        let other = room.wrong != wrong;
        room.wrong = wrong;
        if changed {
            self.version.fetch_add(1, Ordering::Relaxed);
        }
        let state = self.state(&room);
        room.tell(&state);
        other
    }

    /// Tells of a style sheet that is another now.
    pub(super) fn style(&self, address: &str) {
        self.room().tell(&event("style", &json!({ "address": address })));
    }

    /// Someone more listens.
    pub(super) fn listen(&self) -> Receiver<Bytes> {
        let (sender, receiver) = channel(WAITING);
        let mut room = self.room();
        // A new channel has room.
        let _ = sender.try_send(self.state(&room));
        room.listeners.retain(|listener| !listener.is_closed());
        room.listeners.push(sender);
        receiver
    }
}

impl Room {
    fn tell(&mut self, event: &Bytes) {
        self.listeners.retain(|listener| listener.try_send(event.clone()).is_ok());
    }
}

fn event(name: &str, data: &Value) -> Bytes {
    Bytes::from(format!("event: {name}\nretry: {AGAIN}\ndata: {data}\n\n"))
}

/// What is wrong, as the page in the browser shows it: errors first.
pub(super) fn wrong(diagnostics: &[Diagnostic]) -> Value {
    let (errors, warnings): (Vec<&Diagnostic>, Vec<&Diagnostic>) =
        diagnostics.iter().partition(|diagnostic| diagnostic.severity == Severity::Error);
    let shown: Vec<Value> =
        errors.iter().chain(&warnings).take(SHOWN).map(|diagnostic| one(diagnostic)).collect();
    json!({ "errors": errors.len(), "warnings": warnings.len(), "shown": shown })
}

fn one(diagnostic: &Diagnostic) -> Value {
    let place = diagnostic.place.as_ref();
    json!({
        "severity": if diagnostic.severity == Severity::Error { "error" } else { "warning" },
        "code": diagnostic.code,
        "message": diagnostic.message,
        "file": diagnostic.file,
        "line": place.map(|place| place.line),
        "column": place.map(|place| place.column),
        "text": place.map(|place| &place.text),
        "from": place.map(|place| place.column - 1 - place.hidden().min(place.column - 1)),
        "width": place.map(|place| place.width),
        "help": diagnostic.help,
    })
}
