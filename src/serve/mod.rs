//! The preview server. Nothing is built in advance: a page is rendered from the current files when
//! a browser requests it, so that an edit costs the same in an archive of ten articles and of a
//! hundred thousand.
//!
//! [`file_watcher`] and [`http`] run on their own threads and send messages to the loop here, which
//! renders pages from a [`SitePreview`]; [`live_reload`] notifies the browsers.

mod file_watcher;
mod http;
mod last_good_pages;
mod live_reload;
mod message;
mod poll_watcher;
mod responses;
mod router;

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use crate::config::{CONFIG_FILE, REDACTIONS_FILE, Site, SiteOptions};
use crate::diagnostics::{Diagnostic, Error, Severity};
use crate::pipeline::{Effect, Progress, Session, SitePreview, blocks_build};
use file_watcher::FileWatcher;
use http::AllowedHosts;
use live_reload::{LiveReload, SiteChange};
use message::Message;
pub(crate) use responses::requested_range;
use router::route;

pub(crate) use file_watcher::WatchMode;

/// The default port.
pub(crate) const DEFAULT_PORT: u16 = 8000;
/// The number of further ports that are tried.
const PORT_ATTEMPTS: u16 = 20;
/// The stack size of a thread that renders a page, in bytes: that of a build's main thread.
const STACK_BYTES: usize = 8 << 20;
/// The interval of checks for a removed site.
const SITE_POLL_INTERVAL: Duration = Duration::from_millis(500);

/// The options of the server.
#[derive(Clone, Debug)]
pub(crate) struct ServeOptions {
    /// The host name or IP address to listen on. Without it, only this machine can connect.
    pub host: Option<String>,
    /// The port. Without it, 8000 or the next free one.
    pub port: Option<u16>,
    /// The way to find changes.
    pub watch_mode: WatchMode,
}

/// Receives reports about the server.
pub(crate) trait ServeObserver: Progress {
    /// The server has started at a URL.
    fn on_started(&self, url: &str, article_count: usize);
    /// Changed files are shown. For this, a number of articles was read.
    fn on_changed(&self, changed: &[String], files_read: usize, took: Duration);
    /// There are other diagnostics; these are all current ones.
    fn on_diagnostics(&self, diagnostics: &[Diagnostic]);
    /// A notice for the terminal.
    fn on_notice(&self, text: &str);
}

/// Serves a site until the process ends.
///
/// # Errors
/// As [`Site::load`]; [`Error::Io`] if the port is in use, or if the listener fails.
pub(crate) fn serve(
    site_options: &SiteOptions,
    serve_options: &ServeOptions,
    observer: &dyn ServeObserver,
) -> Result<(), Error> {
    let site = Site::load(site_options.clone())?;
    let listener = listen(serve_options, observer)?;
    let local_address = listener.local_addr().map_err(Error::io("can't listen on", "the port"))?;
    let (message_sender, messages) = mpsc::channel();
    let live_reload = Arc::new(LiveReload::new());
    let hosts = AllowedHosts::new(serve_options.host.as_deref(), local_address);
    http::start(listener, hosts, message_sender.clone(), Arc::clone(&live_reload))?;
    let watcher = FileWatcher::start(&site.root, serve_options.watch_mode, message_sender.clone());
    let session = Session::open(&site, observer)?;
    // The current folder may be removed together with the site, and replaced by another.
    let site_options = SiteOptions { root: site.root.clone(), ..site_options.clone() };
    let loaded = LoadedSite {
        site_options,
        is_valid: !site.mistakes.iter().any(blocks_build),
        diagnostics: site.mistakes.clone(),
        site,
    };
    let update_report = UpdateReport {
        url: Some(server_url(serve_options, local_address)),
        ..UpdateReport::default()
    };
    let server = Server {
        loaded,
        session,
        watcher,
        watch_mode: serve_options.watch_mode,
        message_sender,
        messages,
        live_reload,
        update_report,
        observer,
    };
    server.run();
    Ok(())
}

/// The loop that renders pages: a new preview of the site after each change.
struct Server<'a> {
    loaded: LoadedSite,
    session: Session,
    watcher: FileWatcher,
    watch_mode: WatchMode,
    message_sender: Sender<Message>,
    messages: Receiver<Message>,
    live_reload: Arc<LiveReload>,
    update_report: UpdateReport,
    observer: &'a dyn ServeObserver,
}

impl Server<'_> {
    fn run(mut self) {
        loop {
            let (messages, live_reload, observer) =
                (&self.messages, &self.live_reload, self.observer);
            let update_report = &mut self.update_report;
            let diagnostics = self.loaded.diagnostics.clone();
            let reason = self.session.with_preview(&self.loaded.site, diagnostics, |preview| {
                update_report.announce(preview, observer, live_reload);
                handle_messages(preview, messages, live_reload, observer)
            });
            self.update_report.start = Some(Instant::now());
            match reason {
                EndReason::Shutdown => return,
                EndReason::SiteRemoved => self.wait_and_reopen(),
                EndReason::Changed(changed) => self.apply_changes(changed),
                EndReason::WatchFailed => {
                    self.restart_watcher(WatchMode::Polling);
                    // Changes since the failure are unknown.
                    let all = Message::Changed(file_watcher::all_sources());
                    let _ = self.message_sender.send(all);
                }
            }
            self.update_report.files_read = self.session.files_read();
        }
    }

    /// Waits until the site's folder exists again, and reads everything.
    fn wait_and_reopen(&mut self) {
        let root = &self.loaded.site.root;
        wait_for_site(root, &self.messages, &self.live_reload, self.observer);
        self.restart_watcher(self.watch_mode);
        self.loaded.reload();
        self.reopen_session();
        self.update_report.changed = vec!["the site's folder".to_owned()];
    }

    /// Updates the session after changes of files.
    fn apply_changes(&mut self, changed: Vec<String>) {
        self.watcher.watch_new_folders(&changed);
        if changed.iter().any(|path| path == CONFIG_FILE || path == REDACTIONS_FILE) {
            self.loaded.reload();
            if !self.session.is_compatible(&self.loaded.site) {
                self.reopen_session();
            }
        }
        let effect = self.session.apply_changes(&self.loaded.site, &changed);
        let outside_effect =
            changed.iter().map(|path| effect_outside_content(path)).max().unwrap_or_default();
        self.session.invalidate(&self.loaded.site, outside_effect);
        let has_effect = effect.max(outside_effect) != Effect::None;
        self.update_report.changed = if has_effect { changed } else { Vec::new() };
    }

    fn restart_watcher(&mut self, mode: WatchMode) {
        self.watcher =
            FileWatcher::start(&self.loaded.site.root, mode, self.message_sender.clone());
    }

    /// Reads all articles again. If that fails, the previous session stays.
    fn reopen_session(&mut self) {
        if let Some(session) = self.loaded.open_session(self.observer) {
            self.session = session;
        }
    }
}

/// The site with its settings, which can be read again.
struct LoadedSite {
    site_options: SiteOptions,
    site: Site,
    diagnostics: Vec<Diagnostic>,
    /// True if the site's settings have no error that could change every page.
    is_valid: bool,
}

impl LoadedSite {
    /// Reads the settings. An error that could change every page keeps a valid site as it was until
    /// the error is fixed, as in a build.
    fn reload(&mut self) {
        match Site::load(self.site_options.clone()) {
            Ok(site) => {
                // While redactions.yaml can't be read, the previous redactions apply.
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

    /// Reads all articles with these settings. I/O errors become diagnostics.
    fn open_session(&mut self, observer: &dyn ServeObserver) -> Option<Session> {
        let session = Session::open(&self.site, observer);
        session.map_err(|error| self.diagnostics.push(io_error_diagnostic(&error))).ok()
    }
}

/// Returns true for errors in `redactions.yaml`, with which the redactions are unknown.
fn breaks_redactions(diagnostic: &Diagnostic) -> bool {
    diagnostic.file == REDACTIONS_FILE && diagnostic.severity == Severity::Error
}

/// Returns the effect of a changed file outside `content/`.
fn effect_outside_content(path: &str) -> Effect {
    match path.split('/').next() {
        Some("templates") => Effect::Templates,
        Some("static" | CONFIG_FILE | REDACTIONS_FILE) => Effect::Site,
        _ => Effect::None,
    }
}

/// The report of an update.
#[derive(Default)]
struct UpdateReport {
    /// The time when the change was noticed.
    start: Option<Instant>,
    changed: Vec<String>,
    /// The number of files that were read.
    files_read: usize,
    /// The server's URL, until it was reported.
    url: Option<String>,
}

impl UpdateReport {
    /// Notifies the browsers and the observer of a new preview.
    fn announce(
        &mut self,
        preview: &SitePreview<'_>,
        observer: &dyn ServeObserver,
        live_reload: &LiveReload,
    ) {
        let has_changes = !self.changed.is_empty();
        let change = if has_changes { SiteChange::Pages } else { SiteChange::DiagnosticsOnly };
        let diagnostics_changed = live_reload.publish_update(&preview.diagnostics, change);
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

/// The reason why a preview ends.
enum EndReason {
    Changed(Vec<String>),
    SiteRemoved,
    WatchFailed,
    Shutdown,
}

/// Handles messages with a preview until something changes. Each request is rendered on its own
/// thread; [`http`] limits their number.
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
                        // A panic affects only this response: the dropped request becomes an
                        // error response.
                        let result = catch_unwind(AssertUnwindSafe(|| {
                            route(preview, &request.path, live_reload)
                        }));
                        if let Ok(response) = result {
                            request.reply(response);
                        }
                    };
                    let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
                    // If it can't be spawned, the request is dropped, too.
                    let _ = thread.spawn_scoped(threads, work);
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

/// Returns the URL of a changed style sheet in `static/`, which pages replace without a reload.
fn replaced_style_sheet_url(preview: &SitePreview<'_>, changed: &str) -> Option<String> {
    let path = changed.strip_prefix("static/").filter(|path| path.ends_with(".css"))?;
    let site = preview.site();
    let is_file =
        site.static_dir.join(path).symlink_metadata().is_ok_and(|metadata| metadata.is_file());
    let is_replaced = is_file && preview.is_static_copy(path);
    is_replaced.then(|| site.href(path))
}

/// Waits until the site's folder exists again. Until then, requests get an error page.
fn wait_for_site(
    root: &Path,
    messages: &Receiver<Message>,
    live_reload: &LiveReload,
    observer: &dyn ServeObserver,
) {
    let diagnostic =
        Diagnostic::error("no-site", root.to_string_lossy(), "the site's folder was removed")
            .help("restore it: the site is shown again as soon as the folder exists");
    observer.on_diagnostics(std::slice::from_ref(&diagnostic));
    live_reload.publish_update(std::slice::from_ref(&diagnostic), SiteChange::Pages);
    while !root.join("content").is_dir() {
        match messages.recv_timeout(SITE_POLL_INTERVAL) {
            Ok(Message::Request(request)) => {
                request.reply(router::error_page(vec![diagnostic.clone()], live_reload));
            }
            Ok(_) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Creates a diagnostic from an I/O error.
fn io_error_diagnostic(error: &Error) -> Diagnostic {
    Diagnostic::error("unreadable", CONFIG_FILE, error.to_string())
}

/// Listens on the port of the options, or on the first free one.
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
            observer.on_notice(&format!("port {first} is in use, so port {port} is used"));
            Ok(listener)
        }
        (Some((port, _)), Some(_)) => {
            Err(Error::Usage(format!("port {first} is in use; {port} is free: try --port {port}")))
        }
        (None, _) => Err(Error::io("can't listen on", format!("{host}:{first}"))(in_use_error)),
    }
}

/// Returns the URL at which a browser reaches the server.
fn server_url(options: &ServeOptions, address: SocketAddr) -> String {
    let host = match (&options.host, address.ip()) {
        (_, ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.to_string(),
        (Some(host), _) if host.parse::<IpAddr>().is_err() => host.clone(),
        (_, IpAddr::V6(ip)) => format!("[{ip}]"),
        (_, IpAddr::V4(ip)) => ip.to_string(),
    };
    format!("http://{host}:{}", address.port())
}
