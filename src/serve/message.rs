//! Messages between the threads of the server.

use std::path::PathBuf;

use hyper::body::Bytes;
use tokio::sync::oneshot;

/// A message to the loop that renders pages.
pub(super) enum Message {
    /// A browser's request for a page or a file.
    Request(PageRequest),
    /// Files were changed, given by their paths below the site's folder.
    Changed(Vec<String>),
    /// The site's folder was removed.
    SiteRemoved,
    /// Something to show in the terminal.
    Notice(String),
    /// The system's notifications have failed, for a reason.
    WatchFailed(String),
}

/// A request for a page or a file.
pub(super) struct PageRequest {
    /// The path: decoded, with its first slash.
    pub(super) path: String,
    pub(super) reply_sender: oneshot::Sender<PageResponse>,
}

impl PageRequest {
    /// Sends the response. It is dropped if the browser has closed the connection.
    pub(super) fn reply(self, response: PageResponse) {
        let _ = self.reply_sender.send(response);
    }
}

/// The response to a [`PageRequest`].
pub(super) enum PageResponse {
    /// Bytes in memory, with a path from which their type follows.
    Bytes { path: String, bytes: Bytes, status: u16 },
    /// A file that is sent unchanged, with a path from which its type follows.
    File { path: String, file: PathBuf },
    /// A redirect to another URL.
    Redirect(String),
}
