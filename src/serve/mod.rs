//! Serve: the site on this machine while it is being written. Nothing is built ahead: a page is
//! made when a browser asks for it, from what the files hold at that moment; so an edit costs the
//! same in an archive of ten stories and of a hundred thousand.
//!
//! Three threads and one line: `watch` tells what changed, `http` what is asked for, and the loop
//! here answers both, one after the other, from a [`Preview`]; `hub` tells the browsers.

mod file_watcher;
mod http;
mod live_reload;
mod poll_watcher;
mod router;

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::config::{CONFIG_FILE, REDACTIONS_FILE, Site, SiteOptions};
use crate::diagnostics::{Diagnostic, Error, Severity};
use crate::pipeline::{Effect, Progress, Session, SitePreview, blocks_build};
use file_watcher::FileWatcher;
use http::{AllowedHosts, PageRequest};
use live_reload::LiveReload;
use router::route;

/// The port that is taken unless the call names one.
pub(crate) const DEFAULT_PORT: u16 = 8000;
/// How many ports are tried after it.
const PORT_ATTEMPTS: u16 = 20;
/// The stack of a thread that makes an answer: as much as a build's main thread has.
const STACK_BYTES: usize = 8 << 20;
/// How often a site that is gone is looked for.
const SITE_POLL_INTERVAL: Duration = Duration::from_millis(500);

/// How to serve.
#[derive(Clone, Debug)]
pub(crate) struct ServeOptions {
    /// The name or address to listen on; others than this machine can ask only if it is given.
    pub host: Option<String>,
    /// The port; a free one from 8000 on, if it isn't given.
    pub port: Option<u16>,
    /// Look for changes every second instead of being told by the system.
    pub poll: bool,
}

/// Who is told how it goes.
pub(crate) trait ServeObserver: Progress {
    /// It begins, at an address.
    fn on_started(&self, url: &str, article_count: usize);
    /// Files changed and are shown; so many articles were read for that.
    fn on_changed(&self, changed: &[String], files_read: usize, took: Duration);
    /// What is wrong now.
    fn on_diagnostics(&self, diagnostics: &[Diagnostic]);
    /// Something else that is good to know.
    fn on_notice(&self, text: &str);
}

/// What the loop is told.
enum Message {
    /// A browser asks for something.
    Request(PageRequest),
    /// Files changed, given from the site's folder.
    Changed(Vec<String>),
    /// The site's folder is gone.
    SiteRemoved,
    /// Something that whoever began it should know.
    Notice(String),
    /// The system doesn't tell of all changes any more.
    WatchFailed(String),
}

/// Serves a site until the process ends.
///
/// # Errors
/// If there is no site, or the port can't be had.
pub(crate) fn serve(
    site_options: &SiteOptions,
    serve_options: &ServeOptions,
    observer: &dyn ServeObserver,
) -> Result<(), Error> {
    let site = Site::load(site_options.clone())?;
    let listener = listen(serve_options, observer)?;
    let address = listener.local_addr().map_err(Error::io("can't listen on", "the port"))?;
    let (message_sender, messages) = mpsc::channel();
    let live_reload = Arc::new(LiveReload::new());
    let hosts = AllowedHosts::new(serve_options.host.as_deref(), address);
    http::start(listener, hosts, message_sender.clone(), Arc::clone(&live_reload))?;
    let mut watcher = FileWatcher::start(&site.root, serve_options.poll, message_sender.clone());
    let mut session = Session::open(&site, observer)?;
    // The working folder may be taken away with the site, and another put in its place.
    let site_options = SiteOptions { root: site.root.clone(), ..site_options.clone() };
    let mut loaded = LoadedSite {
        site_options,
        is_valid: !site.mistakes.iter().any(blocks_build),
        diagnostics: site.mistakes.clone(),
        site,
    };
    let mut update_report =
        UpdateReport { url: Some(server_url(serve_options, address)), ..UpdateReport::default() };
    loop {
        let reason = session.with_preview(&loaded.site, loaded.diagnostics.clone(), |preview| {
            update_report.announce(preview, observer, &live_reload);
            handle_messages(preview, &messages, &live_reload, observer)
        });
        update_report.start = Some(Instant::now());
        match reason {
            EndReason::Shutdown => return Ok(()),
            EndReason::SiteRemoved => {
                wait_for_site(&loaded.site.root, &messages, &live_reload, observer);
                watcher = FileWatcher::start(
                    &loaded.site.root,
                    serve_options.poll,
                    message_sender.clone(),
                );
                loaded.reload();
                session = loaded.open_session(observer).unwrap_or(session);
                update_report.changed = vec!["the site's folder".to_owned()];
            }
            EndReason::Changed(changed) => {
                watcher.watch_new_folders(&changed);
                if changed.iter().any(|path| path == CONFIG_FILE || path == REDACTIONS_FILE) {
                    loaded.reload();
                    if !session.is_compatible(&loaded.site) {
                        session = loaded.open_session(observer).unwrap_or(session);
                    }
                }
                let effect = session.apply_changes(&loaded.site, &changed);
                let outside_effect = changed
                    .iter()
                    .map(|path| effect_outside_content(path))
                    .max()
                    .unwrap_or_default();
                session.invalidate(&loaded.site, outside_effect);
                update_report.changed =
                    if effect.max(outside_effect) == Effect::None { Vec::new() } else { changed };
            }
            EndReason::WatchFailed => {
                watcher = FileWatcher::start(&loaded.site.root, true, message_sender.clone());
                // What wasn't told may have changed.
                let _ = message_sender.send(Message::Changed(file_watcher::all_sources()));
            }
        }
        update_report.files_read = session.files_read();
    }
}

/// The settings, as they are read again.
struct LoadedSite {
    site_options: SiteOptions,
    site: Site,
    diagnostics: Vec<Diagnostic>,
    /// Whether the site is one that no mistake in its settings moved.
    is_valid: bool,
}

impl LoadedSite {
    /// Reads them. As in a build, a mistake that could move every page leaves a good site as it
    /// was, until it is mended.
    fn reload(&mut self) {
        match Site::load(self.site_options.clone()) {
            Ok(site) => {
                // Until it is known which names are to be taken out, those of before are.
                let is_valid = !site
                    .mistakes
                    .iter()
                    .any(|diagnostic| blocks_build(diagnostic) || breaks_redactions(diagnostic));
                self.diagnostics.clone_from(&site.mistakes);
                if is_valid || !self.is_valid {
                    (self.site, self.is_valid) = (site, is_valid);
                }
            }
            Err(error) => self.diagnostics = vec![io_error_diagnostic(&error)],
        }
    }

    /// Reads all files under these settings. Where the machine refuses that, it is a mistake like
    /// others.
    fn open_session(&mut self, observer: &dyn ServeObserver) -> Option<Session> {
        let session = Session::open(&self.site, observer);
        session.map_err(|error| self.diagnostics.push(io_error_diagnostic(&error))).ok()
    }
}

/// Whether a mistake keeps it from being known which names are to be taken out.
fn breaks_redactions(diagnostic: &Diagnostic) -> bool {
    diagnostic.file == REDACTIONS_FILE && diagnostic.severity == Severity::Error
}

/// What a change of a file comes to besides its being one of `content/`.
fn effect_outside_content(path: &str) -> Effect {
    match path.split('/').next() {
        Some("templates") => Effect::Templates,
        Some("static" | CONFIG_FILE | REDACTIONS_FILE) => Effect::Site,
        _ => Effect::None,
    }
}

/// What a preview is announced with.
#[derive(Default)]
struct UpdateReport {
    /// When the change was noticed.
    start: Option<Instant>,
    changed: Vec<String>,
    /// How many files were read for it.
    files_read: usize,
    /// The site's address, until it was told.
    url: Option<String>,
}

impl UpdateReport {
    fn announce(
        &mut self,
        preview: &SitePreview<'_>,
        observer: &dyn ServeObserver,
        live_reload: &LiveReload,
    ) {
        let has_changes = !self.changed.is_empty();
        let diagnostics_changed = live_reload.publish_update(&preview.diagnostics, has_changes);
        let is_first = self.url.is_some();
        if let Some(url) = self.url.take() {
            let path = &preview.site().base_path;
            observer.on_diagnostics(&preview.diagnostics);
            observer.on_started(&format!("{url}{path}"), preview.catalog().len());
        } else if has_changes {
            let took = self.start.map_or(Duration::ZERO, |start| start.elapsed());
            observer.on_changed(&self.changed, self.files_read, took);
        }
        if diagnostics_changed && !is_first {
            observer.on_diagnostics(&preview.diagnostics);
        }
        self.changed.clear();
    }
}

/// Why a preview ends.
enum EndReason {
    Changed(Vec<String>),
    SiteRemoved,
    WatchFailed,
    Shutdown,
}

/// Answers from a preview until something changes. Each answer is made by a thread of its own; how
/// many there are at a time, `http` sees to.
fn handle_messages(
    preview: &SitePreview<'_>,
    messages: &Receiver<Message>,
    live_reload: &LiveReload,
    observer: &dyn ServeObserver,
) -> EndReason {
    std::thread::scope(|threads| {
        loop {
            match messages.recv() {
                Ok(Message::Request(request)) => {
                    let work = move || {
                        // A defect of ours costs one answer, not the server: without one, the
                        // browser is told so.
                        let result = catch_unwind(AssertUnwindSafe(|| {
                            route(preview, &request.path, live_reload)
                        }));
                        if let Ok(response) = result {
                            request.reply(response);
                        }
                    };
                    drop(
                        std::thread::Builder::new()
                            .stack_size(STACK_BYTES)
                            .spawn_scoped(threads, work),
                    );
                }
                Ok(Message::Changed(changed)) => {
                    let style_sheet_urls =
                        changed.iter().map(|path| replaced_style_sheet_url(preview, path));
                    match style_sheet_urls.collect::<Option<Vec<String>>>() {
                        Some(urls) => {
                            urls.iter().for_each(|url| live_reload.publish_style_sheet(url));
                            observer.on_changed(&changed, 0, Duration::ZERO);
                        }
                        None => return EndReason::Changed(changed),
                    }
                }
                Ok(Message::SiteRemoved) => return EndReason::SiteRemoved,
                Ok(Message::Notice(text)) => observer.on_notice(&text),
                Ok(Message::WatchFailed(reason)) => {
                    observer.on_notice(&reason);
                    return EndReason::WatchFailed;
                }
                Err(mpsc::RecvError) => return EndReason::Shutdown,
            }
        }
    })
}

/// The address of a style sheet of `static/` that was there before and is now another: it is
/// exchanged in the page.
fn replaced_style_sheet_url(preview: &SitePreview<'_>, changed: &str) -> Option<String> {
    let path = changed.strip_prefix("static/").filter(|path| path.ends_with(".css"))?;
    let site = preview.site();
    let is_file =
        site.static_dir.join(path).symlink_metadata().is_ok_and(|metadata| metadata.is_file());
    let is_replaced = is_file && preview.is_static_copy(path);
    is_replaced.then(|| site.href(path))
}

/// Waits until a site that was taken away is back. Whoever asks meanwhile is told.
fn wait_for_site(
    root: &Path,
    messages: &Receiver<Message>,
    live_reload: &LiveReload,
    observer: &dyn ServeObserver,
) {
    let diagnostic =
        Diagnostic::error("no-site", root.to_string_lossy(), "the site's folder is gone")
            .help("put it back: it is shown again as soon as it is there");
    observer.on_diagnostics(std::slice::from_ref(&diagnostic));
    live_reload.publish_update(std::slice::from_ref(&diagnostic), true);
    while !root.join("content").is_dir() {
        match messages.recv_timeout(SITE_POLL_INTERVAL) {
            Ok(Message::Request(request)) => {
                request.reply(router::error_page(vec![diagnostic.clone()], live_reload))
            }
            Ok(_) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// What the machine refused, as a mistake that a browser can show.
fn io_error_diagnostic(error: &Error) -> Diagnostic {
    Diagnostic::error("unreadable", CONFIG_FILE, error.to_string())
}

/// Listens on the port that is asked for, or on the first free one.
fn listen(options: &ServeOptions, observer: &dyn ServeObserver) -> Result<TcpListener, Error> {
    let host = options.host.as_deref().unwrap_or("127.0.0.1");
    let bind = |port: u16| TcpListener::bind((host.trim_matches(['[', ']']), port));
    let first = options.port.unwrap_or(DEFAULT_PORT);
    let in_use_error = match bind(first) {
        Ok(listener) => return Ok(listener),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => error,
        Err(error) => return Err(Error::io("can't listen on", format!("{host}:{first}"))(error)),
    };
    let free = (1..=PORT_ATTEMPTS)
        .filter_map(|offset| first.checked_add(offset))
        .find_map(|port| Some((port, bind(port).ok()?)));
    match (free, options.port) {
        (Some((port, listener)), None) => {
            observer.on_notice(&format!("port {first} is taken: taking {port} instead"));
            Ok(listener)
        }
        (Some((port, _)), Some(_)) => {
            Err(Error::Usage(format!("port {first} is taken; {port} is free: try --port {port}")))
        }
        (None, _) => Err(Error::io("can't listen on", format!("{host}:{first}"))(in_use_error)),
    }
}

/// The address that a browser can ask for.
fn server_url(options: &ServeOptions, address: SocketAddr) -> String {
    let host = match (&options.host, address.ip()) {
        (_, ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.to_string(),
        (Some(host), _) if host.parse::<IpAddr>().is_err() => host.clone(),
        (_, IpAddr::V6(ip)) => format!("[{ip}]"),
        (_, IpAddr::V4(ip)) => ip.to_string(),
    };
    format!("http://{host}:{}", address.port())
}
