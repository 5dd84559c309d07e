//! The HTTP server: checks requests, passes them to the loop that renders pages, and sends its
//! responses.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use hyper::body::{Bytes, Incoming};
use hyper::header::{
    ALLOW, CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, HeaderValue, LOCATION, TRANSFER_ENCODING,
};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, Uri, Version};
use hyper_util::rt::{TokioIo, TokioTimer};
use percent_encoding::percent_decode_str;
use tokio::sync::{Semaphore, oneshot};

use super::live_reload::LiveReload;
use super::message::{Message, PageRequest, PageResponse};
use super::responses::{
    ResponseBody, bytes_response, event_stream_response, file_response, text_response,
};
use crate::diagnostics::Error;

/// The maximum number of requests that are rendered at the same time.
const MAX_CONCURRENT_RESPONSES: usize = 16;
/// The path of the server's own script and events, which aren't part of the site.
const SERVER_PREFIX: &str = "/.dateline/";
/// The pause after a connection couldn't be accepted.
const ACCEPT_RETRY_INTERVAL: Duration = Duration::from_millis(50);

/// The host names in requests that the server accepts. Another site can make its own host name
/// point to this machine (DNS rebinding), but can't change the name that a browser sends.
pub(super) struct AllowedHosts {
    hostname: Option<String>,
    /// True if other machines can connect.
    is_public: bool,
}

impl AllowedHosts {
    /// Creates the rule for `--host` and the listening address.
    pub(super) fn new(hostname: Option<&str>, address: SocketAddr) -> Self {
        Self { hostname: hostname.map(str::to_lowercase), is_public: !address.ip().is_loopback() }
    }

    /// Returns true if a request with this host is accepted: `localhost`, the name of `--host`, or
    /// an IP address, which can't be rebound.
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

/// Starts the server on its own thread.
///
/// # Errors
/// I/O errors of the listener and of the asynchronous runtime.
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
    std::thread::spawn(move || runtime.block_on(server.accept_connections(listener)));
    Ok(())
}

/// The state that all connections share.
struct Server {
    hosts: AllowedHosts,
    message_sender: Sender<Message>,
    live_reload: Arc<LiveReload>,
    permits: Semaphore,
}

impl Server {
    /// Serves all connections, each as a task.
    async fn accept_connections(self: Arc<Self>, listener: TcpListener) {
        let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
        loop {
            // The connection was aborted, or too many files are open: the next one may succeed.
            let Ok((stream, _)) = listener.accept().await else {
                tokio::time::sleep(ACCEPT_RETRY_INTERVAL).await;
                continue;
            };
            let server = Arc::clone(&self);
            let service = service_fn(move |request| {
                let server = Arc::clone(&server);
                async move { Ok::<_, Infallible>(server.respond(request).await) }
            });
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service);
            tokio::spawn(async move {
                // The browser reports errors of its connection.
                let _ = connection.await;
            });
        }
    }

    /// Checks the host and the method of a request.
    async fn respond(&self, request: Request<Incoming>) -> Response<ResponseBody> {
        if let Some(reason) = malformed_reason(request.version(), request.uri(), request.headers())
        {
            let mut response = text_response(StatusCode::BAD_REQUEST, reason);
            // What follows may be part of this request for one reader and a new one for another.
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            return response;
        }
        let host =
            request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        if !self.hosts.allows(host) {
            let help = "This server only accepts requests to localhost or an IP address. To use \
                another name, start it with: dateline serve --host NAME\n";
            return text_response(StatusCode::FORBIDDEN, help);
        }
        let is_head = request.method() == Method::HEAD;
        let mut response = match request.method() {
            &Method::GET | &Method::HEAD => self.get(&request).await,
            _ => {
                let mut response = text_response(
                    StatusCode::METHOD_NOT_ALLOWED,
                    "Only GET and HEAD are supported\n",
                );
                response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
                response
            }
        };
        if is_head {
            *response.body_mut() = ResponseBody::Full(None);
        }
        response
    }

    /// Responds with a page, a file, or one of the server's own resources.
    async fn get(&self, request: &Request<Incoming>) -> Response<ResponseBody> {
        let Some(path) = decode_path(request.uri().path()) else {
            return text_response(
                StatusCode::BAD_REQUEST,
                "The path isn't valid: it must be UTF-8, without \"..\"\n",
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
        // If the loop has ended, the sender is dropped, and the reply is an error.
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
            Err(_) => text_response(
                StatusCode::SERVICE_UNAVAILABLE,
                "The page couldn't be rendered: see the terminal\n",
            ),
        }
    }
}

/// Returns the reason why a request is ambiguous, so that two readers of it could see different
/// hosts or different ends of it (RFC 9112, sections 3.2 and 6.3); `None` if it isn't. The parser
/// has rejected the rest: invalid lengths, spaces before a colon, folded lines.
fn malformed_reason(version: Version, uri: &Uri, headers: &HeaderMap) -> Option<&'static str> {
    let count = |name| headers.get_all(name).iter().count();
    let host = headers.get(HOST).map(HeaderValue::as_bytes);
    let is_host_byte = |byte: &u8| byte.is_ascii_alphanumeric() || b".-_~:[]%".contains(byte);
    if count(&HOST) > 1 {
        return Some("There is more than one Host header\n");
    }
    if host.is_none() && version >= Version::HTTP_11 {
        return Some("There is no Host header\n");
    }
    if host.is_some_and(|host| !host.iter().all(is_host_byte)) {
        return Some("The Host header isn't a host name\n");
    }
    let authority = uri.authority().map(|authority| authority.as_str().as_bytes());
    if let (Some(authority), Some(host)) = (authority, host)
        && !authority.eq_ignore_ascii_case(host)
    {
        return Some("The URL and the Host header have different host names\n");
    }
    if headers.contains_key(TRANSFER_ENCODING) {
        return Some("A request for a page has no Transfer-Encoding\n");
    }
    (count(&CONTENT_LENGTH) > 1).then_some("There is more than one Content-Length header\n")
}

/// Decodes the path of a URL; `None` if no file of a site can have it.
fn decode_path(path: &str) -> Option<String> {
    let path = percent_decode_str(path).decode_utf8().ok()?;
    let is_safe = path.split('/').all(|component| component != "..")
        && !path.contains(['\0', '\\'])
        && path.starts_with('/');
    is_safe.then(|| path.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_that_can_be_rebound_are_rejected() {
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
        let public = AllowedHosts::new(Some("newsroom.local"), ([0, 0, 0, 0], 8000).into());
        assert!(
            public.allows("newsroom.local:8000")
                && public.allows("192.168.0.7")
                && public.allows("localhost")
        );
        assert!(!public.allows("evil.example"));
    }

    #[test]
    fn ambiguous_requests_are_malformed() {
        let is_malformed = |uri: &str, headers: &[(&'static str, &str)]| {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.append(*name, HeaderValue::from_str(value).expect("a valid value"));
            }
            let uri: Uri = uri.parse().expect("a valid URL");
            malformed_reason(Version::HTTP_11, &uri, &map).is_some()
        };
        let localhost = ("host", "localhost:8000");
        assert!(!is_malformed("/", &[localhost]));
        assert!(!is_malformed("/", &[("host", "[::1]:80"), ("content-length", "0")]));
        assert!(!is_malformed("http://LOCALHOST:8000/", &[localhost]));
        for (uri, headers) in [
            ("/", &[][..]),
            ("/", &[localhost, localhost]),
            ("/", &[localhost, ("host", "evil.example")]),
            ("/", &[("host", "localhost, evil.example")]),
            ("/", &[("host", "localhost evil.example")]),
            ("/", &[("host", "user@localhost")]),
            ("/", &[("host", "localhost/evil.example")]),
            ("http://evil.example/", &[localhost]),
            ("/", &[localhost, ("transfer-encoding", "chunked")]),
            ("/", &[localhost, ("content-length", "5"), ("content-length", "5")]),
        ] {
            assert!(is_malformed(uri, headers), "{uri} {headers:?}");
        }
    }

    #[test]
    fn paths_with_parent_components_are_rejected() {
        assert_eq!(decode_path("/a%20b/%D8%B2/").as_deref(), Some("/a b/ز/"));
        for path in ["/../x", "/a/%2e%2e/x", "/%2e%2e%2fx", "/a%5c..%5cx", "/%ff", "/%00", "*"] {
            assert_eq!(decode_path(path), None, "{path}");
        }
    }
}
