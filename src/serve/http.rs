//! HTTP: requests to paths, answers to responses. Nothing here knows of files but those that an
//! answer names.

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
    ACCEPT_ENCODING, ACCEPT_RANGES, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH,
    CONTENT_RANGE, CONTENT_TYPE, ETAG, HOST, HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH,
    IF_RANGE, LOCATION, RANGE, VARY, X_CONTENT_TYPE_OPTIONS,
};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use percent_encoding::percent_decode_str;
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::Message;
use super::live_reload::LiveReload;
use super::router::PageResponse;
use crate::diagnostics::Error;
use crate::model::Fingerprint;

/// How many answers are made at a time.
const MAX_CONCURRENT_RESPONSES: usize = 16;
/// Longer files are sent in pieces of this size.
const CHUNK_BYTES: usize = 1 << 18;
/// Shorter texts aren't worth compressing.
const MIN_COMPRESSED_BYTES: usize = 1024;
/// Where what the server itself adds to a site is found.
const SERVER_PREFIX: &str = "/.dateline/";

/// What a browser asks for.
pub(super) struct PageRequest {
    /// The path: decoded, with its first slash.
    pub(super) path: String,
    reply_sender: oneshot::Sender<PageResponse>,
}

impl PageRequest {
    /// Answers. A browser that has gone is no mistake.
    pub(super) fn reply(self, response: PageResponse) {
        let _ = self.reply_sender.send(response);
    }
}

/// The names by which this server may be asked. A page of another site can have its own name lead
/// here (DNS rebinding), but not change the name that its reader's browser then says.
pub(super) struct AllowedHosts {
    hostname: Option<String>,
    /// Whether it listens to others than this machine.
    is_public: bool,
}

impl AllowedHosts {
    pub(super) fn new(hostname: Option<&str>, address: SocketAddr) -> Self {
        Self { hostname: hostname.map(str::to_lowercase), is_public: !address.ip().is_loopback() }
    }

    /// Whether a request may say this host. Names are refused but for `localhost` and the one that
    /// the call gave; an address can't be rebound.
    fn allows(&self, host: &str) -> bool {
        let host = host.to_lowercase();
        let name = match host.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => host.split(':').next().unwrap_or_default(),
        };
        match name.parse::<IpAddr>() {
            Ok(ip) => ip.is_loopback() || self.is_public,
            Err(_) => name == "localhost" || self.hostname.as_deref() == Some(name),
        }
    }
}

/// Begins to answer, on a thread of its own.
pub(super) fn start(
    listener: TcpListener,
    hosts: AllowedHosts,
    message_sender: Sender<Message>,
    live_reload: Arc<LiveReload>,
) -> Result<(), Error> {
    let listen_error = || Error::io("can't listen on", "the port");
    listener.set_nonblocking(true).map_err(listen_error())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(listen_error())?;
    let server = Arc::new(Server {
        hosts,
        message_sender,
        live_reload,
        permits: Semaphore::new(MAX_CONCURRENT_RESPONSES),
    });
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
    hosts: AllowedHosts,
    message_sender: Sender<Message>,
    live_reload: Arc<LiveReload>,
    permits: Semaphore,
}

impl Server {
    async fn serve(&self, request: Request<Incoming>) -> Response<ResponseBody> {
        let host =
            request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        if !self.hosts.allows(host) {
            let help = "This server answers to localhost and to addresses. To reach it by another name, say it: dateline serve --host NAME\n";
            return text_response(StatusCode::FORBIDDEN, help);
        }
        let is_head = request.method() == Method::HEAD;
        let mut response = match request.method() {
            &Method::GET | &Method::HEAD => self.get(&request).await,
            _ => {
                let mut response =
                    text_response(StatusCode::METHOD_NOT_ALLOWED, "Only GET and HEAD\n");
                response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
                response
            }
        };
        if is_head {
            *response.body_mut() = ResponseBody::Full(None);
        }
        response
    }

    async fn get(&self, request: &Request<Incoming>) -> Response<ResponseBody> {
        let Some(path) = decode_path(request.uri().path()) else {
            return text_response(
                StatusCode::BAD_REQUEST,
                "The path is not UTF-8, or leads upwards\n",
            );
        };
        match path.strip_prefix(SERVER_PREFIX) {
            Some("client.js") => {
                let script = Bytes::from_static(include_bytes!("client.js"));
                return bytes_response(request.headers(), "client.js", script, StatusCode::OK);
            }
            Some("events") => return event_stream_response(self.live_reload.subscribe()),
            _ => {}
        }
        let Ok(_permit) = self.permits.acquire().await else {
            return text_response(StatusCode::SERVICE_UNAVAILABLE, "");
        };
        let (reply_sender, reply) = oneshot::channel();
        // Where the loop is gone there is no answer either.
        let _ = self.message_sender.send(Message::Request(PageRequest { path, reply_sender }));
        match reply.await {
            Ok(PageResponse::Bytes { path, bytes, status }) => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
                bytes_response(request.headers(), &path, bytes, status)
            }
            Ok(PageResponse::File { path, file }) => file_response(request.headers(), &path, &file),
            Ok(PageResponse::Redirect(url)) => {
                let mut response = text_response(StatusCode::MOVED_PERMANENTLY, "");
                let query =
                    request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
                if let Ok(location) = HeaderValue::from_str(&format!("{url}{query}")) {
                    response.headers_mut().insert(LOCATION, location);
                }
                response
            }
            Err(_) => text_response(StatusCode::SERVICE_UNAVAILABLE, "The server is ending\n"),
        }
    }
}

/// A path as text, if it is one that can be in a site.
fn decode_path(path: &str) -> Option<String> {
    let path = percent_decode_str(path).decode_utf8().ok()?;
    let is_safe = path.split('/').all(|component| component != "..")
        && !path.contains(['\0', '\\'])
        && path.starts_with('/');
    is_safe.then(|| path.into_owned())
}

/// What is sent of an answer.
pub(super) enum ResponseBody {
    Full(Option<Bytes>),
    Chunks(mpsc::Receiver<Bytes>),
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match &mut *self {
            Self::Full(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Chunks(chunks) => {
                chunks.poll_recv(context).map(|chunk| chunk.map(|bytes| Ok(Frame::data(bytes))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Full(None))
    }
}

fn new_response(
    status: StatusCode,
    content_type: &str,
    body: ResponseBody,
) -> Response<ResponseBody> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    set_header(headers, CONTENT_TYPE, content_type);
    set_header(headers, CACHE_CONTROL, "no-cache");
    set_header(headers, X_CONTENT_TYPE_OPTIONS, "nosniff");
    response
}

fn set_header(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn text_response(status: StatusCode, text: &'static str) -> Response<ResponseBody> {
    let mut response = new_response(
        status,
        "text/plain; charset=utf-8",
        ResponseBody::Full(Some(Bytes::from_static(text.as_bytes()))),
    );
    set_header(response.headers_mut(), CONTENT_LENGTH, &text.len().to_string());
    response
}

/// The events of the hub, for as long as a browser listens.
fn event_stream_response(events: mpsc::Receiver<Bytes>) -> Response<ResponseBody> {
    new_response(StatusCode::OK, "text/event-stream", ResponseBody::Chunks(events))
}

/// The type of a file by its name.
fn content_type_of(path: &str) -> String {
    let media_type = match path.rsplit('.').next() {
        // What feeds and data are by their own specifications.
        Some("webmanifest") => "application/manifest+json".to_owned(),
        Some("jsonl") => "application/jsonl".to_owned(),
        _ => mime_guess::from_path(path).first_or_octet_stream().essence_str().to_owned(),
    };
    let is_text = media_type.starts_with("text/")
        || media_type.ends_with("javascript")
        || media_type.ends_with("json")
        || media_type.ends_with("xml");
    if is_text { format!("{media_type}; charset=utf-8") } else { media_type }
}

fn header_value<'h>(headers: &'h HeaderMap, name: &HeaderName) -> &'h str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Whether a browser has just this already (RFC 9110, section 13.1.2).
fn matches_etag(headers: &HeaderMap, etag: &str) -> bool {
    header_value(headers, &IF_NONE_MATCH).split(',').any(|candidate| {
        let candidate = candidate.trim();
        candidate == "*" || candidate.trim_start_matches("W/") == etag
    })
}

/// Bytes that are in memory.
fn bytes_response(
    request_headers: &HeaderMap,
    path: &str,
    bytes: Bytes,
    status: StatusCode,
) -> Response<ResponseBody> {
    let content_type = content_type_of(path);
    let etag = format!("\"{:016x}\"", Fingerprint::hash_bytes(&bytes).0);
    if status == StatusCode::OK && matches_etag(request_headers, &etag) {
        return not_modified(&etag);
    }
    let length = bytes.len() as u64;
    let requested_range =
        (status == StatusCode::OK).then(|| parse_range(request_headers, &etag, length));
    match requested_range {
        Some(ByteRange::Partial(from, until)) => {
            let slice = bytes.slice(from as usize..until as usize);
            partial_response(
                &content_type,
                &etag,
                (from, until, length),
                ResponseBody::Full(Some(slice)),
            )
        }
        Some(ByteRange::Unsatisfiable) => range_not_satisfiable(length),
        Some(ByteRange::All) | None => {
            let skip_gzip = bytes.len() < MIN_COMPRESSED_BYTES
                || !content_type.contains("charset") && !content_type.contains("svg");
            let compressed =
                (accepts_gzip(request_headers) && !skip_gzip).then(|| gzip(&bytes)).flatten();
            let is_compressed = compressed.is_some();
            let body = compressed.unwrap_or(bytes);
            let mut response =
                new_response(status, &content_type, ResponseBody::Full(Some(body.clone())));
            let headers = response.headers_mut();
            set_header(headers, CONTENT_LENGTH, &body.len().to_string());
            set_header(headers, VARY, "accept-encoding");
            if is_compressed {
                // Weak: a part of the plain bytes doesn't go on from these.
                set_header(headers, ETAG, &format!("W/{etag}"));
                set_header(headers, CONTENT_ENCODING, "gzip");
            } else {
                set_header(headers, ETAG, &etag);
                set_header(headers, ACCEPT_RANGES, "bytes");
            }
            response
        }
    }
}

/// Whether a browser takes what is packed (RFC 9110, section 12.5.3): a weight of nothing is a no.
fn accepts_gzip(request_headers: &HeaderMap) -> bool {
    header_value(request_headers, &ACCEPT_ENCODING).split(',').any(|coding| {
        let mut parameters = coding.split(';').map(str::trim);
        let is_gzip = parameters.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        let quality = parameters
            .find_map(|parameter| parameter.strip_prefix("q="))
            .map_or(Ok(1.0), str::parse::<f32>);
        is_gzip && quality.is_ok_and(|weight| weight > 0.0)
    })
}

fn gzip(bytes: &[u8]) -> Option<Bytes> {
    let mut out = GzEncoder::new(Vec::with_capacity(bytes.len() / 3), Compression::fast());
    out.write_all(bytes).ok()?;
    out.finish().ok().map(Bytes::from)
}

fn not_modified(etag: &str) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::Full(None));
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    set_header(response.headers_mut(), ETAG, etag);
    set_header(response.headers_mut(), CACHE_CONTROL, "no-cache");
    set_header(response.headers_mut(), VARY, "accept-encoding");
    response
}

fn partial_response(
    content_type: &str,
    etag: &str,
    (from, until, length): (u64, u64, u64),
    body: ResponseBody,
) -> Response<ResponseBody> {
    let mut response = new_response(StatusCode::PARTIAL_CONTENT, content_type, body);
    let headers = response.headers_mut();
    set_header(headers, CONTENT_RANGE, &format!("bytes {from}-{}/{length}", until - 1));
    set_header(headers, CONTENT_LENGTH, &(until - from).to_string());
    set_header(headers, ETAG, etag);
    set_header(headers, ACCEPT_RANGES, "bytes");
    response
}

fn range_not_satisfiable(length: u64) -> Response<ResponseBody> {
    let mut response = text_response(StatusCode::RANGE_NOT_SATISFIABLE, "");
    set_header(response.headers_mut(), CONTENT_RANGE, &format!("bytes */{length}"));
    response
}

/// Which part of something a browser asks for.
#[derive(Debug, PartialEq, Eq)]
enum ByteRange {
    All,
    /// From a byte to the one before another.
    Partial(u64, u64),
    Unsatisfiable,
}

/// The part that a request asks for (RFC 9110, section 14): one range; of several, or of one that
/// doesn't parse, everything.
fn parse_range(headers: &HeaderMap, etag: &str, length: u64) -> ByteRange {
    let condition = header_value(headers, &IF_RANGE);
    let Some(ranges) = header_value(headers, &RANGE).strip_prefix("bytes=") else {
        return ByteRange::All;
    };
    if !condition.is_empty() && condition != etag || ranges.contains(',') {
        return ByteRange::All;
    }
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let bounds = match ranges.split_once('-') {
        Some(("", last)) => number(last).map(|last| (length.saturating_sub(last), length)),
        Some((from, "")) => number(from).map(|from| (from, length)),
        Some((from, last)) => number(from).zip(number(last)).filter(|(from, last)| from <= last),
        None => None,
    };
    let has_both_ends =
        ranges.split_once('-').is_some_and(|(from, last)| !from.is_empty() && !last.is_empty());
    match bounds {
        None => ByteRange::All,
        Some((from, until)) => {
            let until = if has_both_ends { until.saturating_add(1) } else { until }.min(length);
            if from < until { ByteRange::Partial(from, until) } else { ByteRange::Unsatisfiable }
        }
    }
}

/// A file that is sent as it is: a small one whole, a long one in pieces, and of either only the
/// part that is asked for.
fn file_response(request_headers: &HeaderMap, path: &str, file: &Path) -> Response<ResponseBody> {
    let not_found = || text_response(StatusCode::NOT_FOUND, "The file is gone\n");
    let Ok(mut opened) = File::open(file) else { return not_found() };
    let Ok(metadata) = opened.metadata() else { return not_found() };
    let length = metadata.len();
    let mut bytes = Vec::new();
    if length <= CHUNK_BYTES as u64 {
        return match opened.read_to_end(&mut bytes) {
            Ok(_) => bytes_response(request_headers, path, bytes.into(), StatusCode::OK),
            Err(_) => not_found(),
        };
    }
    let modified =
        metadata.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    let etag = format!("\"{length:x}-{:x}\"", modified.unwrap_or_default().as_nanos());
    if matches_etag(request_headers, &etag) {
        return not_modified(&etag);
    }
    let content_type = content_type_of(path);
    match parse_range(request_headers, &etag, length) {
        ByteRange::Unsatisfiable => range_not_satisfiable(length),
        ByteRange::Partial(from, until) => partial_response(
            &content_type,
            &etag,
            (from, until, length),
            stream_file(opened, from, until),
        ),
        ByteRange::All => {
            let mut response =
                new_response(StatusCode::OK, &content_type, stream_file(opened, 0, length));
            set_header(response.headers_mut(), CONTENT_LENGTH, &length.to_string());
            set_header(response.headers_mut(), ETAG, &etag);
            set_header(response.headers_mut(), ACCEPT_RANGES, "bytes");
            response
        }
    }
}

/// A part of a file, read as it is sent.
fn stream_file(mut file: File, from: u64, until: u64) -> ResponseBody {
    let (sender, receiver) = mpsc::channel(2);
    tokio::task::spawn_blocking(move || {
        if file.seek(SeekFrom::Start(from)).is_err() {
            return;
        }
        let mut rest = file.take(until - from);
        loop {
            let mut chunk = Vec::with_capacity(CHUNK_BYTES);
            match (&mut rest).take(CHUNK_BYTES as u64).read_to_end(&mut chunk) {
                Ok(read) if read > 0 && sender.blocking_send(chunk.into()).is_ok() => {}
                _ => return,
            }
        }
    });
    ResponseBody::Chunks(receiver)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(header: &str) -> ByteRange {
        let mut headers = HeaderMap::new();
        set_header(&mut headers, RANGE, header);
        parse_range(&headers, "\"t\"", 100)
    }

    #[test]
    fn ranges_are_read_as_the_rfc_says() {
        assert_eq!(parse("bytes=0-0"), ByteRange::Partial(0, 1));
        assert_eq!(parse("bytes=10-19"), ByteRange::Partial(10, 20));
        assert_eq!(parse("bytes=90-"), ByteRange::Partial(90, 100));
        assert_eq!(parse("bytes=-5"), ByteRange::Partial(95, 100));
        assert_eq!(parse("bytes=-500"), ByteRange::Partial(0, 100));
        assert_eq!(parse("bytes=90-500"), ByteRange::Partial(90, 100));
        assert_eq!(parse("bytes=100-"), ByteRange::Unsatisfiable);
        assert_eq!(parse("bytes=-0"), ByteRange::Unsatisfiable);
        for malformed in [
            "bytes=",
            "bytes=5-2",
            "bytes=a-b",
            "lines=1-2",
            "bytes=0-1,3-4",
            "bytes=18446744073709551616-",
        ] {
            assert_eq!(parse(malformed), ByteRange::All, "{malformed}");
        }
        assert_eq!(parse("bytes=0-18446744073709551615"), ByteRange::Partial(0, 100));
    }

    #[test]
    fn packed_answers_go_to_those_who_take_them() {
        let accepts = |encoding: &str| {
            let mut headers = HeaderMap::new();
            set_header(&mut headers, ACCEPT_ENCODING, encoding);
            accepts_gzip(&headers)
        };
        assert!(["gzip", "br, GZIP", "gzip;q=0.5", "deflate, gzip; q=1"].into_iter().all(accepts));
        assert!(
            !["", "identity", "gzip;q=0", "gzip; q=0.0", "gzipped", "gzip;q=x"]
                .into_iter()
                .any(accepts)
        );
    }

    #[test]
    fn only_what_cant_be_rebound_may_be_said_as_host() {
        let local_address: SocketAddr = ([127, 0, 0, 1], 8000).into();
        let local = AllowedHosts::new(None, local_address);
        for host in ["localhost", "localhost:8000", "LOCALHOST:1", "127.0.0.1:8000", "[::1]:8000"] {
            assert!(local.allows(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "localhost.evil.example",
            "192.168.0.7:8000",
            "127.0.0.1.evil.example",
            "[::2]",
        ] {
            assert!(!local.allows(host), "{host}");
        }
        let public = AllowedHosts::new(Some("desk.local"), ([0, 0, 0, 0], 8000).into());
        assert!(
            public.allows("desk.local:8000")
                && public.allows("192.168.0.7")
                && public.allows("localhost")
        );
        assert!(!public.allows("evil.example"));
    }

    #[test]
    fn paths_that_lead_upwards_are_none() {
        assert_eq!(decode_path("/a%20b/%D8%B2/").as_deref(), Some("/a b/ز/"));
        for path in ["/../x", "/a/%2e%2e/x", "/%2e%2e%2fx", "/a%5c..%5cx", "/%ff", "/%00", "*"] {
            assert_eq!(decode_path(path), None, "{path}");
        }
    }
}
