//! HTTP responses: media types, entity tags, ranges and compression.

use std::convert::Infallible;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};

use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::body::{Body, Bytes, Frame};
use hyper::header::{
    ACCEPT_ENCODING, ACCEPT_RANGES, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH, IF_RANGE, RANGE, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use hyper::{Response, StatusCode};
use tokio::sync::mpsc;

use crate::model::Fingerprint;
use crate::regular_file;

/// Longer files are sent in chunks of this size, in bytes.
const CHUNK_BYTES: usize = 1 << 18;
/// The minimum size of texts that are compressed, in bytes.
const MIN_COMPRESSED_BYTES: usize = 1024;

/// The body of a response.
pub(super) enum ResponseBody {
    /// Bytes in memory; none for an empty body.
    Full(Option<Bytes>),
    /// Chunks of a file, or events.
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

/// Creates a plain text response.
pub(super) fn text_response(status: StatusCode, text: &'static str) -> Response<ResponseBody> {
    let mut response = new_response(
        status,
        "text/plain; charset=utf-8",
        ResponseBody::Full(Some(Bytes::from_static(text.as_bytes()))),
    );
    set_header(response.headers_mut(), CONTENT_LENGTH, &text.len().to_string());
    response
}

/// Creates a response that sends events until the browser closes the connection.
pub(super) fn event_stream_response(events: mpsc::Receiver<Bytes>) -> Response<ResponseBody> {
    new_response(StatusCode::OK, "text/event-stream", ResponseBody::Chunks(events))
}

/// Returns the media type of a file by its name.
fn content_type_of(path: &str) -> String {
    let media_type = match path.rsplit('.').next() {
        // Types that their specifications define.
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

/// Returns true if the browser has this version already (RFC 9110, section 13.1.2).
fn matches_etag(headers: &HeaderMap, etag: &str) -> bool {
    header_value(headers, &IF_NONE_MATCH).split(',').any(|candidate| {
        let candidate = candidate.trim();
        candidate == "*" || candidate.trim_start_matches("W/") == etag
    })
}

/// Creates a response from bytes in memory.
pub(super) fn bytes_response(
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
            let is_text = content_type.contains("charset") || content_type.contains("svg");
            let is_compressible = is_text && bytes.len() >= MIN_COMPRESSED_BYTES;
            let compressed =
                (is_compressible && accepts_gzip(request_headers)).then(|| gzip(&bytes)).flatten();
            let is_compressed = compressed.is_some();
            let body = compressed.unwrap_or(bytes);
            let mut response =
                new_response(status, &content_type, ResponseBody::Full(Some(body.clone())));
            let headers = response.headers_mut();
            set_header(headers, CONTENT_LENGTH, &body.len().to_string());
            set_header(headers, VARY, "accept-encoding");
            if is_compressed {
                // A weak tag, since ranges are of the uncompressed bytes.
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

/// Returns true if the browser accepts gzip (RFC 9110, section 12.5.3), except with the weight 0.
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

/// The part of a resource that a request is for.
#[derive(Debug, PartialEq, Eq)]
enum ByteRange {
    All,
    /// From an offset up to, but not including, another.
    Partial(u64, u64),
    Unsatisfiable,
}

/// Parses the range of a request (RFC 9110, section 14). Several ranges and invalid ones stand for
/// the whole resource.
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

/// Returns the part of a file that a `Range` header is for; `None` if that is the whole file or
/// nothing.
pub(crate) fn requested_range(header: &str, length: u64) -> Option<(u64, u64)> {
    let mut headers = HeaderMap::new();
    headers.insert(RANGE, HeaderValue::from_str(header).ok()?);
    match parse_range(&headers, "", length) {
        ByteRange::Partial(from, until) => Some((from, until)),
        ByteRange::All | ByteRange::Unsatisfiable => None,
    }
}

/// Creates a response from a file. Long files are sent in chunks.
pub(super) fn file_response(
    request_headers: &HeaderMap,
    path: &str,
    file: &Path,
) -> Response<ResponseBody> {
    let not_found = || text_response(StatusCode::NOT_FOUND, "The file no longer exists\n");
    let Ok((mut opened, metadata)) = regular_file::open_with_metadata(file) else {
        return not_found();
    };
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

/// Sends a part of a file while it is read.
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
    fn ranges_are_parsed_as_in_the_rfc() {
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
    fn responses_are_compressed_if_the_browser_accepts_it() {
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
}
