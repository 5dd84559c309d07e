//! Serve: the site on this machine while it is being written. Nothing is built ahead: a page is made when a browser asks for it, from what the
//! files hold at that moment; so an edit costs the same in an archive of ten stories and of a hundred thousand.
//!
//! Three threads and one line: `watch` tells what changed, `http` what is asked for, and the loop here answers both, one after the other, from a
//! [`Preview`]; `hub` tells the browsers.

mod answer;
mod http;
mod hub;
mod watch;

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::build::{Desk, Effect, Preview, Progress};
use crate::diagnostic::{Diagnostic, Error, Severity};
use crate::site::{CONFIG_FILE, Options, REDACTIONS_FILE, Site};
use answer::answer;
use http::{Ask, Hosts};
use hub::Hub;
use watch::Watch;

/// The port that is taken unless the call names one.
pub const PORT: u16 = 8000;
/// How many ports are tried after it.
const TRIED: u16 = 20;
/// How often a site that is gone is looked for.
const LOOK: Duration = Duration::from_millis(500);

/// How to serve.
#[derive(Clone, Debug)]
pub struct Serve {
    /// The name or address to listen on; others than this machine can ask only if it is given.
    pub host: Option<String>,
    /// The port; a free one from 8000 on, if it isn't given.
    pub port: Option<u16>,
    /// Look for changes every second instead of being told by the system.
    pub poll: bool,
}

/// Who is told how it goes.
pub trait Audience: Progress {
    /// It begins, at an address.
    fn serving(&self, address: &str, stories: usize);
    /// Files changed and are shown.
    fn shown(&self, changed: &[String], took: Duration);
    /// What is wrong now.
    fn wrong(&self, diagnostics: &[Diagnostic]);
    /// Something else that is good to know.
    fn notice(&self, text: &str);
}

/// What the loop is told.
enum Message {
    /// A browser asks for something.
    Ask(Ask),
    /// Files changed, given from the site's folder.
    Changed(Vec<String>),
    /// The site's folder is gone.
    Gone,
    /// The system doesn't tell of changes any more, or not of all.
    Unwatched(String),
}

/// Serves a site until the process ends.
///
/// # Errors
/// If there is no site, or the port can't be had.
pub fn serve(options: &Options, how: &Serve, audience: &dyn Audience) -> Result<(), Error> {
    let (mut site, mut mistakes) = Site::load(options.clone())?;
    let listener = listen(how, audience)?;
    let address = listener.local_addr().map_err(Error::io("can't listen on", "the port"))?;
    let (tell, told) = mpsc::channel();
    let hub = Arc::new(Hub::new());
    let hosts = Hosts::new(how.host.as_deref(), address);
    http::start(listener, hosts, tell.clone(), Arc::clone(&hub))?;
    let mut watch = Watch::start(&site.root, how.poll, tell.clone());
    let mut desk = Desk::open(&site, audience)?;
    let mut news = News { start: None, changed: Vec::new(), address: Some(url(how, address)) };
    loop {
        let next = desk.preview(&site, mistakes.clone(), |preview| {
            news.tell(preview, audience, &hub);
            attend(preview, &told, &hub, audience)
        });
        let start = Instant::now();
        news.start = Some(start);
        match next {
            Next::End => return Ok(()),
            Next::Gone => {
                wait_for(&site.root, &told, &hub, audience);
                watch = Watch::start(&site.root, how.poll, tell.clone());
                (site, mistakes) = Site::load(options.clone())?;
                desk = Desk::open(&site, audience)?;
                news.changed = vec!["the site's folder".to_owned()];
            }
            Next::Changed(changed) => {
                watch.follow(&changed);
                if changed.iter().any(|path| path == CONFIG_FILE || path == REDACTIONS_FILE) {
                    match Site::load(options.clone()) {
                        // Until it is known which names are to be taken out, those of before are.
                        Ok((_, wrong)) if wrong.iter().any(hides_names) => mistakes = wrong,
                        Ok(loaded) => (site, mistakes) = loaded,
                        Err(error) => mistakes = vec![of_machine(&error)],
                    }
                    if !desk.fits(&site) {
                        desk = Desk::open(&site, audience)?;
                    }
                    desk.forget(&site, Effect::Site);
                }
                let effect = desk.change(&site, &changed);
                let beside = changed.iter().map(|path| effect_of(path)).max().unwrap_or_default();
                desk.forget(&site, beside);
                news.changed = if effect.max(beside) == Effect::None { Vec::new() } else { changed };
            }
        }
    }
}

/// Whether a mistake keeps it from being known which names are to be taken out.
fn hides_names(mistake: &Diagnostic) -> bool {
    mistake.file == REDACTIONS_FILE && mistake.severity == Severity::Error
}

/// What a change of a file comes to besides its being one of `content/`.
fn effect_of(path: &str) -> Effect {
    match path.split('/').next() {
        Some("templates") => Effect::Templates,
        Some("static" | CONFIG_FILE | REDACTIONS_FILE) => Effect::Site,
        _ => Effect::None,
    }
}

/// What a preview is announced with.
struct News {
    /// When the change was noticed.
    start: Option<Instant>,
    changed: Vec<String>,
    /// The site's address, until it was told.
    address: Option<String>,
}

impl News {
    fn tell(&mut self, preview: &Preview<'_>, audience: &dyn Audience, hub: &Hub) {
        let news = !self.changed.is_empty();
        let told_anew = hub.renew(&preview.diagnostics, news);
        if let Some(address) = self.address.take() {
            let path = &preview.site().path;
            audience.wrong(&preview.diagnostics);
            audience.serving(&format!("{address}{path}"), preview.catalog().len());
        } else if news {
            audience.shown(&self.changed, self.start.map_or(Duration::ZERO, |start| start.elapsed()));
            if told_anew {
                audience.wrong(&preview.diagnostics);
            }
        }
        self.changed.clear();
    }
}

/// Why a preview ends.
enum Next {
    Changed(Vec<String>),
    Gone,
    End,
}

/// Answers from a preview until something changes. Each answer is made by a thread of its own; how many there are at a time, `http` sees to.
fn attend(preview: &Preview<'_>, told: &Receiver<Message>, hub: &Hub, audience: &dyn Audience) -> Next {
    std::thread::scope(|threads| {
        loop {
            match told.recv() {
                Ok(Message::Ask(ask)) => {
                    drop(threads.spawn(move || {
                        let answer = answer(preview, &ask.path, hub);
                        ask.reply(answer);
                    }));
                }
                Ok(Message::Changed(changed)) => {
                    let sheets = changed.iter().map(|path| style_sheet(preview, path));
                    match sheets.collect::<Option<Vec<String>>>() {
                        Some(sheets) => {
                            sheets.iter().for_each(|sheet| hub.style(sheet));
                            audience.shown(&changed, Duration::ZERO);
                        }
                        None => return Next::Changed(changed),
                    }
                }
                Ok(Message::Gone) => return Next::Gone,
                Ok(Message::Unwatched(why)) => audience.notice(&why),
                Err(mpsc::RecvError) => return Next::End,
            }
        }
    })
}

/// The address of a style sheet of `static/` that was there before and is now another: it is exchanged in the page.
fn style_sheet(preview: &Preview<'_>, changed: &str) -> Option<String> {
    let path = changed.strip_prefix("static/").filter(|path| path.ends_with(".css"))?;
    let site = preview.site();
    let there = site.statics.join(path).is_file() && preview.copies(path);
    there.then(|| site.href(path))
}

/// Waits until a site that was taken away is back. Whoever asks meanwhile is told.
fn wait_for(root: &Path, told: &Receiver<Message>, hub: &Hub, audience: &dyn Audience) {
    let gone = Diagnostic::error("no-site", root.to_string_lossy(), "the site's folder is gone")
        .help("put it back: it is shown again as soon as it is there");
    audience.wrong(std::slice::from_ref(&gone));
    hub.renew(std::slice::from_ref(&gone), true);
    while !root.join("content").is_dir() {
        match told.recv_timeout(LOOK) {
            Ok(Message::Ask(ask)) => ask.reply(answer::failed(vec![gone.clone()], hub)),
            Ok(_) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// What the machine refused, as a mistake that a browser can show.
fn of_machine(error: &Error) -> Diagnostic {
    Diagnostic::error("unreadable", CONFIG_FILE, error.to_string())
}

/// Listens on the port that is asked for, or on the first free one.
fn listen(how: &Serve, audience: &dyn Audience) -> Result<TcpListener, Error> {
    let host = how.host.as_deref().unwrap_or("127.0.0.1");
    let bind = |port: u16| TcpListener::bind((host.trim_matches(['[', ']']), port));
    let first = how.port.unwrap_or(PORT);
    let taken = match bind(first) {
        Ok(listener) => return Ok(listener),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => error,
        Err(error) => return Err(Error::io("can't listen on", format!("{host}:{first}"))(error)),
    };
    let free = (1..=TRIED)
        .filter_map(|more| first.checked_add(more))
        .find_map(|port| Some((port, bind(port).ok()?)));
    match (free, how.port) {
        (Some((port, listener)), None) => {
            audience.notice(&format!("port {first} is taken: taking {port} instead"));
            Ok(listener)
        }
        (Some((port, _)), Some(_)) => {
            Err(Error::Usage(format!("port {first} is taken; {port} is free: try --port {port}")))
        }
        (None, _) => Err(Error::io("can't listen on", format!("{host}:{first}"))(taken)),
    }
}

/// The address that a browser can ask for.
fn url(how: &Serve, address: SocketAddr) -> String {
    let host = match (&how.host, address.ip()) {
        (_, ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.to_string(),
        (Some(host), _) if host.parse::<IpAddr>().is_err() => host.clone(),
        (_, IpAddr::V6(ip)) => format!("[{ip}]"),
        (_, IpAddr::V4(ip)) => ip.to_string(),
    };
    format!("http://{host}:{}", address.port())
}
