//! `dateline serve` under test: the program on a free port, with requests over a plain connection,
//! stopped when the value is dropped.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::archive::clean_build_files;
use crate::harness::{TestSite, dateline};

/// Long, since other tests run at the same time; only a failing test waits so long.
const TIMEOUT: Duration = Duration::from_secs(120);

/// A response of the server.
#[derive(Debug)]
pub(crate) struct HttpResponse {
    pub(crate) status: u16,
    headers: String,
    pub(crate) body: Vec<u8>,
}

impl HttpResponse {
    /// Parses all bytes of a connection as head and body.
    #[track_caller]
    fn parse(bytes: &[u8]) -> Self {
        let head_end = bytes
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .expect("the response has a head");
        let headers = String::from_utf8(bytes[..head_end].to_vec()).expect("it is text");
        let status = headers
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .expect("the response has a status");
        Self { status, headers, body: bytes[head_end + 4..].to_vec() }
    }

    /// Returns a header; an empty string if there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut lines = self.headers.lines().skip(1).filter_map(|line| line.split_once(": "));
        lines.find(|(header, _)| header.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }

    pub(crate) fn body_text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Returns the body without the script that `serve` adds.
    pub(crate) fn body_without_client_script(&self) -> Vec<u8> {
        let text = self.body_text();
        let script = "<script src=\"/.dateline/client.js\" data-version=\"";
        match (text.rfind(script), String::from_utf8(self.body.clone())) {
            (Some(index), Ok(_)) => {
                let end = text[index..].find("</script>").expect("the script ends")
                    + index
                    + "</script>".len();
                [&text.as_bytes()[..index], &text.as_bytes()[end..]].concat()
            }
            _ => self.body.clone(),
        }
    }
}

/// The event stream of browsers.
pub(crate) struct EventStream(BufReader<TcpStream>);

impl EventStream {
    /// Returns the name and the data of the next event.
    #[track_caller]
    pub(crate) fn next_event(&mut self) -> (String, Value) {
        let (mut name, mut data) = (String::new(), Value::Null);
        loop {
            let mut line = String::new();
            assert!(self.0.read_line(&mut line).expect("an event arrives") > 0, "the events ended");
            match line.trim_end().split_once(": ") {
                Some(("event", text)) => name = text.to_owned(),
                Some(("data", text)) => data = serde_json::from_str(text).expect("it is JSON"),
                None if !name.is_empty() => return (name, data),
                _ => {}
            }
        }
    }
}

/// A running server of a site.
pub(crate) struct TestServer {
    child: Child,
    pub(crate) listen_address: SocketAddr,
    /// The path of the site's URL.
    pub(crate) path: String,
    terminal_output: Arc<Mutex<String>>,
    events: EventStream,
    /// The diagnostics of the last event.
    pub(crate) diagnostics: Value,
    version: String,
}

impl Drop for TestServer {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if !std::thread::panicking() {
            let output = self.terminal_output();
            assert!(!output.contains("panicked at"), "{output}");
        }
    }
}

impl TestServer {
    /// Serves a site on a free port.
    #[track_caller]
    pub(crate) fn start(site: &TestSite, args: &[&str]) -> Self {
        let mut command = dateline();
        command.args(["serve", "--verbose", "--port", "0", "--root"]).arg(site.root()).args(args);
        Self::spawn(command)
    }

    /// Starts a server command, and waits until it prints its URL.
    #[track_caller]
    pub(crate) fn spawn(command: Command) -> Self {
        Self::spawn_and_close_output_after(command, usize::MAX)
    }

    /// Starts a server command, and closes its standard streams after some lines of each.
    #[track_caller]
    pub(crate) fn spawn_and_close_output_after(mut command: Command, lines: usize) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let terminal_output = Arc::new(Mutex::new(String::new()));
        let pipes: [Box<dyn Read + Send>; 2] = [
            Box::new(child.stdout.take().expect("the stream is piped")),
            Box::new(child.stderr.take().expect("the stream is piped")),
        ];
        for pipe in pipes {
            let terminal_output = Arc::clone(&terminal_output);
            std::thread::spawn(move || {
                for line in BufReader::new(pipe).lines().map_while(Result::ok).take(lines) {
                    let mut output_text = terminal_output.lock().expect("no other thread panicked");
                    output_text.push_str(&line);
                    output_text.push('\n');
                }
            });
        }
        let read_output = || terminal_output.lock().expect("no other thread panicked").clone();
        let start = Instant::now();
        let url = loop {
            let text = read_output();
            if let Some((_, rest)) =
                text.split_once(" at http://").filter(|(_, tail)| tail.contains('\n'))
            {
                break rest.lines().next().expect("there is a line").to_owned();
            }
            let exit_status = child.try_wait().expect("the process can be checked");
            assert!(exit_status.is_none() && start.elapsed() < TIMEOUT, "{exit_status:?}: {text}");
            std::thread::sleep(Duration::from_millis(5));
        };
        let (host, path) = url.split_once('/').expect("there is a path");
        let listen_address: SocketAddr =
            host.replace("localhost", "127.0.0.1").parse().expect("it is a socket address");
        let events = EventStream(BufReader::new(open_event_stream(listen_address)));
        let mut server = Self {
            child,
            listen_address,
            path: format!("/{path}"),
            terminal_output,
            events,
            diagnostics: Value::Null,
            version: String::new(),
        };
        server.next_event();
        server
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Returns everything that it printed.
    pub(crate) fn terminal_output(&self) -> String {
        self.terminal_output.lock().expect("no other thread panicked").clone()
    }

    /// Waits for the end of the process.
    #[track_caller]
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.child.wait().expect("the process ends")
    }

    /// Sends bytes and reads until the server closes the connection.
    #[track_caller]
    pub(crate) fn send_raw(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = connect(self.listen_address);
        stream.write_all(bytes).expect("the request is sent");
        let mut response = Vec::new();
        stream.read_to_end(&mut response).expect("the response is readable");
        response
    }

    /// Sends a request with headers.
    #[track_caller]
    pub(crate) fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> HttpResponse {
        let mut lines: String =
            headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        if !headers.iter().any(|(name, _)| *name == "Host") {
            lines.push_str("Host: localhost\r\n");
        }
        let request = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n{lines}\r\n");
        HttpResponse::parse(&self.send_raw(request.as_bytes()))
    }

    /// Requests a path below the path of the site's URL.
    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> HttpResponse {
        self.request("GET", &format!("{}{}", self.path, percent_encode(path)), &[])
    }

    /// Waits for the next event; the diagnostics of a `state` event are kept.
    #[track_caller]
    pub(crate) fn next_event(&mut self) -> (String, Value) {
        let (name, data) = self.events.next_event();
        if name == "state" {
            self.diagnostics = data["diagnostics"].clone();
            self.version = data["version"].as_str().expect("there is a version").to_owned();
        }
        (name, data)
    }

    /// Waits, from event to event, until a condition is true.
    #[track_caller]
    pub(crate) fn wait_until(&mut self, condition: impl Fn(&Self) -> bool) {
        while !condition(self) {
            self.next_event();
        }
    }

    /// Waits until a page contains a text.
    #[track_caller]
    pub(crate) fn wait_for_text(&mut self, path: &str, text: &str) {
        self.wait_until(|server| server.get(path).body_text().contains(text));
    }

    /// Waits until some number of errors is reported.
    #[track_caller]
    pub(crate) fn wait_for_error_count(&mut self, count: u64) {
        self.wait_until(|server| server.diagnostics["errors"] == count);
    }

    /// Returns the first diagnostic: code, file, line, and how to fix it.
    pub(crate) fn first(&self) -> (&str, &str, u64, &str) {
        let diagnostic = &self.diagnostics["shown"][0];
        let text = |key: &str| diagnostic[key].as_str().unwrap_or_default();
        (text("code"), text("file"), diagnostic["line"].as_u64().unwrap_or_default(), text("help"))
    }

    /// Asserts that it serves what a clean build writes, file by file, and no other files of an
    /// earlier build. Returns the paths.
    #[track_caller]
    pub(crate) fn assert_serves_clean_build(
        &self,
        site: &TestSite,
        context: &str,
        paths_before: &BTreeSet<String>,
    ) -> BTreeSet<String> {
        let clean_files = clean_build_files(site);
        let mut differs = Vec::new();
        for (path, bytes) in &clean_files {
            let response = self.get(path);
            if (response.status, &response.body_without_client_script()) != (200, bytes) {
                differs.push(format!("{path}: {}", response.status));
            }
        }
        let paths: BTreeSet<String> = clean_files.into_keys().collect();
        let leftover: Vec<&String> =
            paths_before.difference(&paths).filter(|path| self.get(path).status != 404).collect();
        assert!(
            differs.is_empty() && leftover.is_empty(),
            "{context}: {differs:#?}, left over {leftover:#?}"
        );
        paths
    }
}

/// Encodes a path as a browser sends it.
pub(crate) fn percent_encode(path: &str) -> String {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~?&=".contains(&byte);
    path.bytes()
        .map(|byte| {
            if is_unreserved(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
        })
        .collect()
}

pub(crate) fn connect(listen_address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(listen_address).expect("the server listens");
    stream.set_read_timeout(Some(TIMEOUT)).expect("the timeout is set");
    stream
}

/// Opens a connection for events, without chunked encoding.
fn open_event_stream(listen_address: SocketAddr) -> TcpStream {
    let mut stream = connect(listen_address);
    stream
        .write_all(b"GET /.dateline/events HTTP/1.0\r\nHost: localhost\r\n\r\n")
        .expect("the request is sent");
    stream
}
