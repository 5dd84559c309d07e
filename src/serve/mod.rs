//! Serve: the site on this machine while it is being written. Nothing is built ahead: a page is made when a browser asks for it, from what the
//! files hold at that moment; so an edit costs the same in an archive of ten stories and of a hundred thousand.
//!
//! Three threads and one line: `watch` tells what changed, `http` what is asked for, and the loop here answers both, one after the other, from a
//! [`Preview`]; `hub` tells the browsers.

mod answer;
mod http;
mod hub;
mod look;
mod watch;

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::build::{Desk, Effect, Preview, Progress, stops};
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
/// The stack of a thread that makes an answer: as much as a build's main thread has.
const STACK: usize = 8 << 20;
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
    /// Files changed and are shown; so many articles were read for that.
    fn shown(&self, changed: &[String], read: usize, took: Duration);
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
    /// Something that whoever began it should know.
    Notice(String),
    /// The system doesn't tell of all changes any more.
    Unwatched(String),
}

/// Serves a site until the process ends.
///
/// # Errors
/// If there is no site, or the port can't be had.
pub fn serve(options: &Options, how: &Serve, audience: &dyn Audience) -> Result<(), Error> {
    let (site, mistakes) = Site::load(options.clone())?;
    let listener = listen(how, audience)?;
    let address = listener.local_addr().map_err(Error::io("can't listen on", "the port"))?;
    let (tell, told) = mpsc::channel();
    let hub = Arc::new(Hub::new());
    let hosts = Hosts::new(how.host.as_deref(), address);
    http::start(listener, hosts, tell.clone(), Arc::clone(&hub))?;
    let mut watch = Watch::start(&site.root, how.poll, tell.clone());
    let mut desk = Desk::open(&site, audience)?;
    // The working folder may be taken away with the site, and another put in its place.
    let options = Options { root: site.root.clone(), ..options.clone() };
    let mut settings = Settings { options, sound: !mistakes.iter().any(stops), mistakes, site };
    let mut news = News { address: Some(url(how, address)), ..News::default() };
    loop {
        let next = desk.preview(&settings.site, settings.mistakes.clone(), |preview| {
            news.tell(preview, audience, &hub);
            attend(preview, &told, &hub, audience)
        });
        news.start = Some(Instant::now());
        match next {
            Next::End => return Ok(()),
            Next::Gone => {
                wait_for(&settings.site.root, &told, &hub, audience);
                watch = Watch::start(&settings.site.root, how.poll, tell.clone());
                settings.load();
                desk = settings.desk(audience).unwrap_or(desk);
                news.changed = vec!["the site's folder".to_owned()];
            }
            Next::Changed(changed) => {
                watch.follow(&changed);
                if changed.iter().any(|path| path == CONFIG_FILE || path == REDACTIONS_FILE) {
                    settings.load();
                    if !desk.fits(&settings.site) {
                        desk = settings.desk(audience).unwrap_or(desk);
                    }
                }
                let effect = desk.change(&settings.site, &changed);
                let beside = changed.iter().map(|path| effect_of(path)).max().unwrap_or_default();
                desk.forget(&settings.site, beside);
                news.changed = if effect.max(beside) == Effect::None { Vec::new() } else { changed };
            }
            Next::Unwatched => {
                watch = Watch::start(&settings.site.root, true, tell.clone());
                // What wasn't told may have changed.
                let _ = tell.send(Message::Changed(watch::all()));
            }
        }
        news.read = desk.read();
    }
}

/// The settings, as they are read again.
struct Settings {
    options: Options,
    site: Site,
    mistakes: Vec<Diagnostic>,
    /// Whether the site is one that no mistake in its settings moved.
    sound: bool,
}

impl Settings {
    /// Reads them. As in a build, a mistake that could move every page leaves a good site as it was, until it is mended.
    fn load(&mut self) {
        match Site::load(self.options.clone()) {
            Ok((site, mistakes)) => {
                // Until it is known which names are to be taken out, those of before are.
                let sound = !mistakes.iter().any(|mistake| stops(mistake) || hides_names(mistake));
                self.mistakes = mistakes;
                if sound || !self.sound {
                    (self.site, self.sound) = (site, sound);
                }
            }
            Err(error) => self.mistakes = vec![of_machine(&error)],
        }
    }

    /// Reads all files under these settings. Where the machine refuses that, it is a mistake like others.
    fn desk(&mut self, audience: &dyn Audience) -> Option<Desk> {
        let opened = Desk::open(&self.site, audience);
        opened.map_err(|error| self.mistakes.push(of_machine(&error))).ok()
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
#[derive(Default)]
struct News {
    /// When the change was noticed.
    start: Option<Instant>,
    changed: Vec<String>,
    /// How many files were read for it.
    read: usize,
    /// The site's address, until it was told.
    address: Option<String>,
}

impl News {
    fn tell(&mut self, preview: &Preview<'_>, audience: &dyn Audience, hub: &Hub) {
        let news = !self.changed.is_empty();
        let told_anew = hub.renew(&preview.diagnostics, news);
        let first = self.address.is_some();
        if let Some(address) = self.address.take() {
            let path = &preview.site().path;
            audience.wrong(&preview.diagnostics);
            audience.serving(&format!("{address}{path}"), preview.catalog().len());
        } else if news {
            let took = self.start.map_or(Duration::ZERO, |start| start.elapsed());
            audience.shown(&self.changed, self.read, took);
        }
        if told_anew && !first {
            audience.wrong(&preview.diagnostics);
        }
        self.changed.clear();
    }
}

/// Why a preview ends.
enum Next {
    Changed(Vec<String>),
    Gone,
    Unwatched,
    End,
}

/// Answers from a preview until something changes. Each answer is made by a thread of its own; how many there are at a time, `http` sees to.
fn attend(preview: &Preview<'_>, told: &Receiver<Message>, hub: &Hub, audience: &dyn Audience) -> Next {
    std::thread::scope(|threads| {
        loop {
            match told.recv() {
                Ok(Message::Ask(ask)) => {
                    let work = move || {
                        // A defect of ours costs one answer, not the server: without one, the browser is told so.
                        let made = catch_unwind(AssertUnwindSafe(|| answer(preview, &ask.path, hub)));
                        if let Ok(answer) = made {
                            ask.reply(answer);
                        }
                    };
                    drop(std::thread::Builder::new().stack_size(STACK).spawn_scoped(threads, work));
                }
                Ok(Message::Changed(changed)) => {
                    let sheets = changed.iter().map(|path| style_sheet(preview, path));
                    match sheets.collect::<Option<Vec<String>>>() {
                        Some(sheets) => {
                            sheets.iter().for_each(|sheet| hub.style(sheet));
                            audience.shown(&changed, 0, Duration::ZERO);
                        }
                        None => return Next::Changed(changed),
                    }
                }
                Ok(Message::Gone) => return Next::Gone,
                Ok(Message::Notice(text)) => audience.notice(&text),
                Ok(Message::Unwatched(why)) => {
                    audience.notice(&why);
                    return Next::Unwatched;
                }
                Err(mpsc::RecvError) => return Next::End,
            }
        }
    })
}

/// The address of a style sheet of `static/` that was there before and is now another: it is exchanged in the page.
fn style_sheet(preview: &Preview<'_>, changed: &str) -> Option<String> {
    let path = changed.strip_prefix("static/").filter(|path| path.ends_with(".css"))?;
    let site = preview.site();
    let is_file = site.statics.join(path).symlink_metadata().is_ok_and(|found| found.is_file());
    let there = is_file && preview.copies(path);
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
