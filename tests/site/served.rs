//! `dateline serve` under test: the program on a free port, asked over a plain connection, and gone with the value that stands for it.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::archive::clean;
use crate::harness::{Site, dateline};

/// Long, since other tests may have the machine at the same time; nothing waits so long but a test that fails.
const PATIENCE: Duration = Duration::from_secs(120);

/// What the server answered.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// The whole of what came over a connection, as head and body.
    #[track_caller]
    fn read(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|end| end == b"\r\n\r\n").expect("a head");
        let head = String::from_utf8(bytes[..end].to_vec()).expect("text");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        Self { status, head, body: bytes[end + 4..].to_vec() }
    }

    /// A header; nothing if there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body without the script that `serve` adds.
    pub(crate) fn page(&self) -> Vec<u8> {
        let text = self.text();
        let script = "<script src=\"/.dateline/client.js\" data-version=\"";
        match (text.rfind(script), String::from_utf8(self.body.clone())) {
            (Some(at), Ok(_)) => {
                let end = text[at..].find("</script>").expect("the script's end") + at + "</script>".len();
                [&text.as_bytes()[..at], &text.as_bytes()[end..]].concat()
            }
            _ => self.body.clone(),
        }
    }
}

/// What browsers are told.
pub(crate) struct Events(BufReader<TcpStream>);

impl Events {
    /// The next event: its name and what it says.
    #[track_caller]
    pub(crate) fn next(&mut self) -> (String, Value) {
        let (mut name, mut data) = (String::new(), Value::Null);
        loop {
            let mut line = String::new();
            assert!(self.0.read_line(&mut line).expect("an event comes") > 0, "the events ended");
            match line.trim_end().split_once(": ") {
                Some(("event", text)) => name = text.to_owned(),
                Some(("data", text)) => data = serde_json::from_str(text).expect("JSON"),
                None if !name.is_empty() => return (name, data),
                _ => {}
            }
        }
    }
}

/// A site that is being served.
pub(crate) struct Served {
    child: Child,
    pub(crate) address: SocketAddr,
    /// The site's own path.
    pub(crate) path: String,
    said: Arc<Mutex<String>>,
    events: Events,
    /// What is wrong, as the last event said.
    pub(crate) wrong: Value,
    version: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if !std::thread::panicking() {
            let said = self.said();
            assert!(!said.contains("panicked at"), "{said}");
        }
    }
}

impl Served {
    /// Serves a site on a free port.
    #[track_caller]
    pub(crate) fn start(site: &Site, args: &[&str]) -> Self {
        let mut command = dateline();
        command.args(["serve", "--verbose", "--port", "0", "--root"]).arg(site.root()).args(args);
        Self::of(command)
    }

    /// Starts a program that serves, and waits until it says where.
    #[track_caller]
    pub(crate) fn of(command: Command) -> Self {
        Self::heard_for(command, usize::MAX)
    }

    /// Starts it likewise, and closes its standard streams after so many lines of each.
    #[track_caller]
    pub(crate) fn heard_for(mut command: Command, lines: usize) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let said = Arc::new(Mutex::new(String::new()));
        let pipes: [Box<dyn Read + Send>; 2] =
            [Box::new(child.stdout.take().expect("a pipe")), Box::new(child.stderr.take().expect("a pipe"))];
        for pipe in pipes {
            let said = Arc::clone(&said);
            std::thread::spawn(move || {
                for line in BufReader::new(pipe).lines().map_while(Result::ok).take(lines) {
                    let mut said = said.lock().expect("whole");
                    said.push_str(&line);
                    said.push('\n');
                }
            });
        }
        let heard = || said.lock().expect("whole").clone();
        let start = Instant::now();
        let url = loop {
            let text = heard();
            if let Some((_, rest)) = text.split_once(" at http://").filter(|(_, rest)| rest.contains('\n')) {
                break rest.lines().next().expect("a line").to_owned();
            }
            let ended = child.try_wait().expect("asked");
            assert!(ended.is_none() && start.elapsed() < PATIENCE, "{ended:?}: {text}");
            std::thread::sleep(Duration::from_millis(5));
        };
        let (host, path) = url.split_once('/').expect("a path");
        let address: SocketAddr = host.replace("localhost", "127.0.0.1").parse().expect("an address");
        let events = Events(BufReader::new(events_of(address)));
        let mut served = Self {
            child,
            address,
            path: format!("/{path}"),
            said,
            events,
            wrong: Value::Null,
            version: String::new(),
        };
        served.next();
        served
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Everything that the terminal showed.
    pub(crate) fn said(&self) -> String {
        self.said.lock().expect("whole").clone()
    }

    /// Waits for its end.
    #[track_caller]
    pub(crate) fn ended(&mut self) -> ExitStatus {
        self.child.wait().expect("it ends")
    }

    /// Sends bytes and reads until the other side ends.
    #[track_caller]
    pub(crate) fn raw(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = connect(self.address);
        stream.write_all(bytes).expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        answer
    }

    /// Asks with headers of one's own.
    #[track_caller]
    pub(crate) fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
        let mut lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        if !headers.iter().any(|(name, _)| *name == "Host") {
            lines.push_str("Host: localhost\r\n");
        }
        let request = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n{lines}\r\n");
        Reply::read(&self.raw(request.as_bytes()))
    }

    /// Asks for a path of the site, below its own.
    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Reply {
        self.ask("GET", &format!("{}{}", self.path, encoded(path)), &[])
    }

    /// The next event; of a `state`, what it says is kept.
    #[track_caller]
    pub(crate) fn next(&mut self) -> (String, Value) {
        let (name, data) = self.events.next();
        if name == "state" {
            self.wrong = data["wrong"].clone();
            self.version = data["version"].as_str().expect("a version").to_owned();
        }
        (name, data)
    }

    /// Waits, from event to event, until something is so.
    #[track_caller]
    pub(crate) fn until(&mut self, so: impl Fn(&Self) -> bool) {
        while !so(self) {
            self.next();
        }
    }

    /// Waits until a page shows a text.
    #[track_caller]
    pub(crate) fn shows(&mut self, path: &str, text: &str) {
        self.until(|served| served.get(path).text().contains(text));
    }

    /// Waits until there are so many errors, all told.
    #[track_caller]
    pub(crate) fn errors(&mut self, count: u64) {
        self.until(|served| served.wrong["errors"] == count);
    }

    /// The first mistake that is shown: code, file, line, and how to mend it.
    pub(crate) fn first(&self) -> (&str, &str, u64, &str) {
        let first = &self.wrong["shown"][0];
        let text = |key: &str| first[key].as_str().unwrap_or_default();
        (text("code"), text("file"), first["line"].as_u64().unwrap_or_default(), text("help"))
    }

    /// Asserts that it serves what a clean build writes, file by file, and that what an earlier build wrote besides isn't there. Gives the paths.
    #[track_caller]
    pub(crate) fn assert_same(&self, site: &Site, why: &str, before: &BTreeSet<String>) -> BTreeSet<String> {
        let clean = clean(site);
        let mut differs = Vec::new();
        for (path, bytes) in &clean {
            let reply = self.get(path);
            if (reply.status, &reply.page()) != (200, bytes) {
                differs.push(format!("{path}: {}", reply.status));
            }
        }
        let paths: BTreeSet<String> = clean.into_keys().collect();
        let left: Vec<&String> =
            before.difference(&paths).filter(|path| self.get(path).status != 404).collect();
        assert!(differs.is_empty() && left.is_empty(), "{why}: {differs:#?}, left over {left:#?}");
        paths
    }
}

/// A path as a browser sends it.
pub(crate) fn encoded(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~?&=".contains(&byte);
    path.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("set");
    stream
}

/// A connection on which events come, without HTTP's pieces.
fn events_of(address: SocketAddr) -> TcpStream {
    let mut stream = connect(address);
    stream.write_all(b"GET /.dateline/events HTTP/1.0\r\nHost: localhost\r\n\r\n").expect("sent");
    stream
}
