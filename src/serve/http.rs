//! HTTP: requests to paths, answers to responses. Nothing here knows of files but those that an answer names.

use std::convert::Infallible;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::task::{Context, Poll};

use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::body::{Body, Bytes, Frame, Incoming};
use hyper::header::{
    ACCEPT_ENCODING, ACCEPT_RANGES, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_TYPE, ETAG, HOST, HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH, IF_RANGE, LOCATION, RANGE,
    VARY, X_CONTENT_TYPE_OPTIONS,
};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use percent_encoding::percent_decode_str;
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::Message;
use super::answer::Answer;
use super::hub::Hub;
use crate::diagnostic::Error;
use crate::model::Fingerprint;

/// How many answers are made at a time.
const AT_ONCE: usize = 16;
/// Longer files are sent in pieces of this size.
const PIECE: usize = 1 << 18;
/// Shorter texts aren't worth compressing.
const WORTH: usize = 1024;
/// Where what the server itself adds to a site is found.
const OWN: &str = "/.dateline/";

/// What a browser asks for.
pub(super) struct Ask {
    /// The path: decoded, with its first slash.
    pub(super) path: String,
    to: oneshot::Sender<Answer>,
}

impl Ask {
    /// Answers. A browser that has gone is no mistake.
    pub(super) fn reply(self, answer: Answer) {
        let _ = self.to.send(answer);
    }
}

/// The names by which this server may be asked. A page of another site can have its own name lead here (DNS rebinding), but not change the name
/// that its reader's browser then says.
pub(super) struct Hosts {
    named: Option<String>,
    /// Whether it listens to others than this machine.
    open: bool,
}

impl Hosts {
    pub(super) fn new(named: Option<&str>, address: SocketAddr) -> Self {
        Self { named: named.map(str::to_lowercase), open: !address.ip().is_loopback() }
    }

    /// Whether a request may say this host. Names are refused but for `localhost` and the one that the call gave; an address can't be rebound.
    fn allow(&self, host: &str) -> bool {
        let host = host.to_lowercase();
        let name = match host.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => host.split(':').next().unwrap_or_default(),
        };
        match name.parse::<IpAddr>() {
            Ok(ip) => ip.is_loopback() || self.open,
            Err(_) => name == "localhost" || self.named.as_deref() == Some(name),
        }
    }
}

/// Begins to answer, on a thread of its own.
pub(super) fn start(
    listener: TcpListener,
    hosts: Hosts,
    tell: Sender<Message>,
    hub: Arc<Hub>,
) -> Result<(), Error> {
    let failed = || Error::io("can't listen on", "the port");
    listener.set_nonblocking(true).map_err(failed())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed())?;
    let server = Arc::new(Server { hosts, tell, hub, room: Semaphore::new(AT_ONCE) });
    std::thread::spawn(move || {
        runtime.block_on(async move {
            let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
            loop {
                // A connection that was broken off, or too many open files: the next may do.
                let Ok((stream, _)) = listener.accept().await else {
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                    continue;
                };
                let server = Arc::clone(&server);
                let service = service_fn(move |request| {
                    let server = Arc::clone(&server);
                    async move { Ok::<_, Infallible>(server.serve(request).await) }
                });
                let connection = http1::Builder::new()
                    .timer(TokioTimer::new())
                    .serve_connection(TokioIo::new(stream), service);
                // What goes wrong with one connection is that browser's to see.
                tokio::spawn(async move { drop(connection.await) });
            }
        });
    });
    Ok(())
}

struct Server {
    hosts: Hosts,
    tell: Sender<Message>,
    hub: Arc<Hub>,
    room: Semaphore,
}

impl Server {
    async fn serve(&self, request: Request<Incoming>) -> Response<Sent> {
        let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        if !self.hosts.allow(host) {
            let help = "This server answers to localhost and to addresses. To reach it by another name, say it: dateline serve --host NAME\n";
            return text(StatusCode::FORBIDDEN, help);
        }
        let head = request.method() == Method::HEAD;
        let mut response = match request.method() {
            &Method::GET | &Method::HEAD => self.get(&request).await,
            _ => {
                let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "Only GET and HEAD\n");
                response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
                response
            }
        };
        if head {
            *response.body_mut() = Sent::Whole(None);
        }
        response
    }

    async fn get(&self, request: &Request<Incoming>) -> Response<Sent> {
        let Some(path) = decoded(request.uri().path()) else {
            return text(StatusCode::BAD_REQUEST, "The path is not UTF-8, or leads upwards\n");
        };
        match path.strip_prefix(OWN) {
            Some("client.js") => {
                let script = Bytes::from_static(include_bytes!("client.js"));
                return whole(request.headers(), "client.js", script, StatusCode::OK);
            }
            Some("events") => return listening(self.hub.listen()),
            _ => {}
        }
        let Ok(_room) = self.room.acquire().await else {
            return text(StatusCode::SERVICE_UNAVAILABLE, "");
        };
        let (to, answered) = oneshot::channel();
        // Where the loop is gone there is no answer either.
        let _ = self.tell.send(Message::Ask(Ask { path, to }));
        match answered.await {
            Ok(Answer::Bytes { path, bytes, status }) => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
                whole(request.headers(), &path, bytes, status)
            }
            Ok(Answer::File { path, file }) => of_file(request.headers(), &path, &file),
            Ok(Answer::Redirect(to)) => {
                let mut response = text(StatusCode::MOVED_PERMANENTLY, "");
                let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
                if let Ok(to) = HeaderValue::from_str(&format!("{to}{query}")) {
                    response.headers_mut().insert(LOCATION, to);
                }
                response
            }
            Err(_) => text(StatusCode::SERVICE_UNAVAILABLE, "The server is ending\n"),
        }
    }
}

/// A path as text, if it is one that can be in a site.
fn decoded(path: &str) -> Option<String> {
    let path = percent_decode_str(path).decode_utf8().ok()?;
    let sound =
        path.split('/').all(|part| part != "..") && !path.contains(['\0', '\\']) && path.starts_with('/');
    sound.then(|| path.into_owned())
}

/// What is sent of an answer.
pub(super) enum Sent {
    Whole(Option<Bytes>),
    Pieces(mpsc::Receiver<Bytes>),
}

impl Body for Sent {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match &mut *self {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Pieces(pieces) => {
                pieces.poll_recv(context).map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }
}

fn response(status: StatusCode, kind: &str, body: Sent) -> Response<Sent> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    set(headers, CONTENT_TYPE, kind);
    set(headers, CACHE_CONTROL, "no-cache");
    set(headers, X_CONTENT_TYPE_OPTIONS, "nosniff");
    response
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn text(status: StatusCode, text: &'static str) -> Response<Sent> {
    let mut response =
        response(status, "text/plain; charset=utf-8", Sent::Whole(Some(Bytes::from_static(text.as_bytes()))));
    set(response.headers_mut(), CONTENT_LENGTH, &text.len().to_string());
    response
}

/// The events of the hub, for as long as a browser listens.
fn listening(events: mpsc::Receiver<Bytes>) -> Response<Sent> {
    response(StatusCode::OK, "text/event-stream", Sent::Pieces(events))
}

/// The type of a file by its name.
fn kind_of(path: &str) -> String {
    let kind = match path.rsplit('.').next() {
        // What feeds and data are by their own specifications.
        Some("webmanifest") => "application/manifest+json".to_owned(),
        Some("jsonl") => "application/jsonl".to_owned(),
        _ => mime_guess::from_path(path).first_or_octet_stream().essence_str().to_owned(),
    };
    let is_text = kind.starts_with("text/")
        || kind.ends_with("javascript")
        || kind.ends_with("json")
        || kind.ends_with("xml");
    if is_text { format!("{kind}; charset=utf-8") } else { kind }
}

fn header<'h>(headers: &'h HeaderMap, name: &HeaderName) -> &'h str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Whether a browser has just this already (RFC 9110, section 13.1.2).
fn has(headers: &HeaderMap, tag: &str) -> bool {
    header(headers, &IF_NONE_MATCH).split(',').any(|known| {
        let known = known.trim();
        known == "*" || known.trim_start_matches("W/") == tag
    })
}

/// Bytes that are in memory.
fn whole(asked: &HeaderMap, path: &str, bytes: Bytes, status: StatusCode) -> Response<Sent> {
    let kind = kind_of(path);
    let tag = format!("\"{:016x}\"", Fingerprint::of(&bytes).0);
    if status == StatusCode::OK && has(asked, &tag) {
        return not_modified(&tag);
    }
    let length = bytes.len() as u64;
    let ranged = (status == StatusCode::OK).then(|| range(asked, &tag, length));
    match ranged {
        Some(Asked::Part(from, until)) => {
            let part = bytes.slice(from as usize..until as usize);
            part_of(&kind, &tag, (from, until, length), Sent::Whole(Some(part)))
        }
        Some(Asked::Nothing) => beyond(length),
        Some(Asked::All) | None => {
            let small = bytes.len() < WORTH || !kind.contains("charset") && !kind.contains("svg");
            let packed = (takes_gzip(asked) && !small).then(|| gzip(&bytes)).flatten();
            let coded = packed.is_some();
            let body = packed.unwrap_or(bytes);
            let mut response = response(status, &kind, Sent::Whole(Some(body.clone())));
            let headers = response.headers_mut();
            set(headers, CONTENT_LENGTH, &body.len().to_string());
            set(headers, VARY, "accept-encoding");
            if coded {
                // Weak: a part of the plain bytes doesn't go on from these.
                set(headers, ETAG, &format!("W/{tag}"));
                set(headers, CONTENT_ENCODING, "gzip");
            } else {
                set(headers, ETAG, &tag);
                set(headers, ACCEPT_RANGES, "bytes");
            }
            response
        }
    }
}

/// Whether a browser takes what is packed (RFC 9110, section 12.5.3): a weight of nothing is a no.
fn takes_gzip(asked: &HeaderMap) -> bool {
    header(asked, &ACCEPT_ENCODING).split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Ok(1.0), str::parse::<f32>);
        named && weight.is_ok_and(|weight| weight > 0.0)
    })
}

fn gzip(bytes: &[u8]) -> Option<Bytes> {
    let mut out = GzEncoder::new(Vec::with_capacity(bytes.len() / 3), Compression::fast());
    out.write_all(bytes).ok()?;
    out.finish().ok().map(Bytes::from)
}

fn not_modified(tag: &str) -> Response<Sent> {
    let mut response = Response::new(Sent::Whole(None));
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    set(response.headers_mut(), ETAG, tag);
    set(response.headers_mut(), CACHE_CONTROL, "no-cache");
    set(response.headers_mut(), VARY, "accept-encoding");
    response
}

fn part_of(kind: &str, tag: &str, (from, until, length): (u64, u64, u64), body: Sent) -> Response<Sent> {
    let mut response = response(StatusCode::PARTIAL_CONTENT, kind, body);
    let headers = response.headers_mut();
    set(headers, CONTENT_RANGE, &format!("bytes {from}-{}/{length}", until - 1));
    set(headers, CONTENT_LENGTH, &(until - from).to_string());
    set(headers, ETAG, tag);
    set(headers, ACCEPT_RANGES, "bytes");
    response
}

fn beyond(length: u64) -> Response<Sent> {
    let mut response = text(StatusCode::RANGE_NOT_SATISFIABLE, "");
    set(response.headers_mut(), CONTENT_RANGE, &format!("bytes */{length}"));
    response
}

/// Which part of something a browser asks for.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    All,
    /// From a byte to the one before another.
    Part(u64, u64),
    Nothing,
}

/// The part that a request asks for (RFC 9110, section 14): one range; of several, or of one that doesn't parse, everything.
fn range(headers: &HeaderMap, tag: &str, length: u64) -> Asked {
    let condition = header(headers, &IF_RANGE);
    let Some(ranges) = header(headers, &RANGE).strip_prefix("bytes=") else { return Asked::All };
    if !condition.is_empty() && condition != tag || ranges.contains(',') {
        return Asked::All;
    }
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let asked = match ranges.split_once('-') {
        Some(("", last)) => number(last).map(|last| (length.saturating_sub(last), length)),
        Some((from, "")) => number(from).map(|from| (from, length)),
        Some((from, last)) => number(from).zip(number(last)).filter(|(from, last)| from <= last),
        None => None,
    };
    let closed = ranges.split_once('-').is_some_and(|(from, last)| !from.is_empty() && !last.is_empty());
    match asked {
        None => Asked::All,
        Some((from, until)) => {
            let until = if closed { until.saturating_add(1) } else { until }.min(length);
            if from < until { Asked::Part(from, until) } else { Asked::Nothing }
        }
    }
}

/// A file that is sent as it is: a small one whole, a long one in pieces, and of either only the part that is asked for.
fn of_file(asked: &HeaderMap, path: &str, file: &Path) -> Response<Sent> {
    let missing = || text(StatusCode::NOT_FOUND, "The file is gone\n");
    let Ok(mut opened) = File::open(file) else { return missing() };
    let Ok(facts) = opened.metadata() else { return missing() };
    let length = facts.len();
    let mut bytes = Vec::new();
    if length <= PIECE as u64 {
        return match opened.read_to_end(&mut bytes) {
            Ok(_) => whole(asked, path, bytes.into(), StatusCode::OK),
            Err(_) => missing(),
        };
    }
    let changed = facts.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    let tag = format!("\"{length:x}-{:x}\"", changed.unwrap_or_default().as_nanos());
    if has(asked, &tag) {
        return not_modified(&tag);
    }
    let kind = kind_of(path);
    match range(asked, &tag, length) {
        Asked::Nothing => beyond(length),
        Asked::Part(from, until) => part_of(&kind, &tag, (from, until, length), pieces(opened, from, until)),
        Asked::All => {
            let mut response = response(StatusCode::OK, &kind, pieces(opened, 0, length));
            set(response.headers_mut(), CONTENT_LENGTH, &length.to_string());
            set(response.headers_mut(), ETAG, &tag);
            set(response.headers_mut(), ACCEPT_RANGES, "bytes");
            response
        }
    }
}

/// A part of a file, read as it is sent.
fn pieces(mut file: File, from: u64, until: u64) -> Sent {
    let (sender, receiver) = mpsc::channel(2);
    tokio::task::spawn_blocking(move || {
        if file.seek(SeekFrom::Start(from)).is_err() {
            return;
        }
        let mut rest = file.take(until - from);
        loop {
            let mut piece = Vec::with_capacity(PIECE);
            match (&mut rest).take(PIECE as u64).read_to_end(&mut piece) {
                Ok(read) if read > 0 && sender.blocking_send(piece.into()).is_ok() => {}
                _ => return,
            }
        }
    });
    Sent::Pieces(receiver)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(range_of: &str) -> Asked {
        let mut headers = HeaderMap::new();
        set(&mut headers, RANGE, range_of);
        range(&headers, "\"t\"", 100)
    }

    #[test]
    fn ranges_are_read_as_the_rfc_says() {
        assert_eq!(asked("bytes=0-0"), Asked::Part(0, 1));
        assert_eq!(asked("bytes=10-19"), Asked::Part(10, 20));
        assert_eq!(asked("bytes=90-"), Asked::Part(90, 100));
        assert_eq!(asked("bytes=-5"), Asked::Part(95, 100));
        assert_eq!(asked("bytes=-500"), Asked::Part(0, 100));
        assert_eq!(asked("bytes=90-500"), Asked::Part(90, 100));
        assert_eq!(asked("bytes=100-"), Asked::Nothing);
        assert_eq!(asked("bytes=-0"), Asked::Nothing);
        for odd in
            ["bytes=", "bytes=5-2", "bytes=a-b", "lines=1-2", "bytes=0-1,3-4", "bytes=18446744073709551616-"]
        {
            assert_eq!(asked(odd), Asked::All, "{odd}");
        }
        assert_eq!(asked("bytes=0-18446744073709551615"), Asked::Part(0, 100));
    }

    #[test]
    fn packed_answers_go_to_those_who_take_them() {
        let takes = |said: &str| {
            let mut headers = HeaderMap::new();
            set(&mut headers, ACCEPT_ENCODING, said);
            takes_gzip(&headers)
        };
        assert!(["gzip", "br, GZIP", "gzip;q=0.5", "deflate, gzip; q=1"].into_iter().all(takes));
        assert!(!["", "identity", "gzip;q=0", "gzip; q=0.0", "gzipped", "gzip;q=x"].into_iter().any(takes));
    }

    #[test]
    fn only_what_cant_be_rebound_may_be_said_as_host() {
        let here: SocketAddr = ([127, 0, 0, 1], 8000).into();
        let local = Hosts::new(None, here);
        for host in ["localhost", "localhost:8000", "LOCALHOST:1", "127.0.0.1:8000", "[::1]:8000"] {
            assert!(local.allow(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "localhost.evil.example",
            "192.168.0.7:8000",
            "127.0.0.1.evil.example",
            "[::2]",
        ] {
            assert!(!local.allow(host), "{host}");
        }
        let open = Hosts::new(Some("desk.local"), ([0, 0, 0, 0], 8000).into());
        assert!(open.allow("desk.local:8000") && open.allow("192.168.0.7") && open.allow("localhost"));
        assert!(!open.allow("evil.example"));
    }

    #[test]
    fn paths_that_lead_upwards_are_none() {
        assert_eq!(decoded("/a%20b/%D8%B2/").as_deref(), Some("/a b/ز/"));
        for path in ["/../x", "/a/%2e%2e/x", "/%2e%2e%2fx", "/a%5c..%5cx", "/%ff", "/%00", "*"] {
            assert_eq!(decoded(path), None, "{path}");
        }
    }
}
