//! Checks links to other sites. Each host gets one request at a time, with a pause between
//! requests; the results are cached with their day in the build cache directory.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::net::{IpAddr, ToSocketAddrs};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::article_file::ArticleFile;
use super::rules::finding;
use crate::atomic_file::replace_file;
use crate::config::{ExternalLinkSettings, Site};
use crate::diagnostics::{Diagnostic, Error};
use crate::model::{Day, Moment};
use crate::pipeline::Progress;
use crate::regular_file;

/// The file of cached results in the build cache directory.
const CACHE_FILE: &str = "links.jsonl";
/// The maximum number of redirects that are followed.
const MAX_REDIRECTS: usize = 5;
/// The number of days that a failure is cached: it may be temporary.
const FAILURE_CACHE_DAYS: u32 = 1;

/// A link to another site.
#[derive(Debug)]
pub(super) struct ExternalLink {
    /// The URL as written in HTML.
    pub(super) url: String,
    /// The path below `content/` of the first article that has it.
    pub(super) article_path: Option<String>,
    /// The day of that article.
    pub(super) day: Option<Day>,
}

/// The results of checking external links.
#[derive(Debug, Default)]
pub(super) struct ExternalResult {
    /// The number of links that were requested, not read from the cache.
    pub(super) requested: usize,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// A cached result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct CachedStatus {
    url: String,
    /// The day of the request, such as `2024-11-05`.
    day: String,
    #[serde(flatten)]
    status: LinkStatus,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "lowercase")]
enum LinkStatus {
    /// The page exists.
    Good,
    /// The page redirects permanently.
    Moved { to: String },
    /// The page doesn't exist, or the host can't be reached.
    Dead { why: String },
    /// Inconclusive: for example, the host limits the rate or requires a login.
    Unclear { why: String },
}

/// Requests every link that isn't in the cache, and reports the broken ones.
///
/// # Errors
/// [`Error::Io`] if the cache of external links can't be written. A link that can't be requested is
/// a diagnostic.
pub(super) fn check_links(
    site: &Site,
    links: &[ExternalLink],
    progress: &dyn Progress,
) -> Result<ExternalResult, Error> {
    let settings = &site.config.check.external;
    let file = site.cache_dir.join(CACHE_FILE);
    let today = Moment { seconds: site.now, day_only: false }.day(site.zone);
    let mut cached = read_cache(&file, today, settings.keep);
    let mut hosts: BTreeMap<String, Vec<Url>> = BTreeMap::new();
    let mut urls = Vec::new();
    for link in links {
        let Some(url) = parse_url(&link.url).filter(|url| !is_ignored(url, settings)) else {
            continue;
        };
        if let (false, Some(host)) = (cached.contains_key(url.as_str()), url.host_str()) {
            let host_urls = hosts.entry(host.to_owned()).or_default();
            if !host_urls.contains(&url) {
                host_urls.push(url.clone());
            }
        }
        urls.push((link, url));
    }
    let statuses = check_hosts(hosts, settings, progress);
    let requested = statuses.len();
    let day = today.iso();
    cached.extend(
        statuses
            .into_iter()
            .map(|(url, status)| (url.clone(), CachedStatus { url, day: day.clone(), status })),
    );
    write_cache(&file, &cached)?;
    let diagnostics = urls
        .iter()
        .filter_map(|(link, url)| diagnostic_for(site, link, &cached.get(url.as_str())?.status))
        .collect();
    Ok(ExternalResult { requested, diagnostics })
}

/// Parses a URL as it is requested: without its fragment.
fn parse_url(href: &str) -> Option<Url> {
    let mut url = match href.strip_prefix("//") {
        Some(_) => Url::parse(&format!("https:{href}")).ok()?,
        None => Url::parse(href).ok()?,
    };
    url.set_fragment(None);
    matches!(url.scheme(), "http" | "https").then_some(url)
}

fn is_ignored(url: &Url, settings: &ExternalLinkSettings) -> bool {
    settings.ignore.iter().any(|prefix| url.as_str().starts_with(prefix.as_str()))
}

/// Checks several hosts in parallel, and the links of each host one after the other.
fn check_hosts(
    hosts: BTreeMap<String, Vec<Url>>,
    settings: &ExternalLinkSettings,
    progress: &dyn Progress,
) -> Vec<(String, LinkStatus)> {
    progress.add_work(hosts.values().map(Vec::len).sum());
    let queue = Mutex::new(hosts.into_values().collect::<VecDeque<Vec<Url>>>());
    let statuses = Mutex::new(Vec::new());
    std::thread::scope(|threads| {
        for _ in 0..settings.hosts {
            threads.spawn(|| {
                let agent = build_agent(settings);
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    let Some(urls) = next else { return };
                    for (index, url) in urls.iter().enumerate() {
                        if index > 0 {
                            std::thread::sleep(Duration::from_millis(settings.pause));
                        }
                        let status = check_url(&agent, url, settings);
                        statuses
                            .lock()
                            .unwrap_or_else(PoisonError::into_inner)
                            .push((url.as_str().to_owned(), status));
                        progress.advance();
                    }
                }
            });
        }
    });
    statuses.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn build_agent(settings: &ExternalLinkSettings) -> ureq::Agent {
    ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(settings.timeout)))
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .user_agent(concat!("dateline/", env!("CARGO_PKG_VERSION"), " (link check)"))
        .build()
        .into()
}

/// Requests a URL and follows its redirects.
fn check_url(agent: &ureq::Agent, url: &Url, settings: &ExternalLinkSettings) -> LinkStatus {
    let mut current = url.clone();
    let mut is_permanent = true;
    for _ in 0..=MAX_REDIRECTS {
        let (status, next) = match request(agent, &current, settings) {
            Ok(response) => response,
            Err(failure) => return failure,
        };
        match status {
            301 | 302 | 303 | 307 | 308 => {
                is_permanent &= matches!(status, 301 | 308);
                let Some(next) = next.and_then(|next| current.join(&next).ok()) else {
                    return LinkStatus::Dead { why: format!("status {status} without a target") };
                };
                current = next;
            }
            200..=299 | 304 => {
                return if is_permanent && current != *url {
                    LinkStatus::Moved { to: current.into() }
                } else {
                    LinkStatus::Good
                };
            }
            404 | 410 => {
                return LinkStatus::Dead {
                    why: format!("status {status}, the page doesn't exist"),
                };
            }
            500..=599 | 429 | 401 | 403 | 405 | 406 | 408 | 451 => {
                return LinkStatus::Unclear { why: format!("status {status}") };
            }
            _ => return LinkStatus::Dead { why: format!("status {status}") },
        }
    }
    LinkStatus::Dead { why: format!("more than {MAX_REDIRECTS} redirects") }
}

/// Sends a HEAD request, and a GET request for the first byte if the host doesn't support HEAD.
/// Returns the status and the target of a redirect.
fn request(
    agent: &ureq::Agent,
    url: &Url,
    settings: &ExternalLinkSettings,
) -> Result<(u16, Option<String>), LinkStatus> {
    if !settings.private && is_private(url)? {
        return Err(LinkStatus::Unclear {
            why: "the host is in a private network, which `private: false` excludes".to_owned(),
        });
    }
    let error_status = |error: ureq::Error| match error {
        ureq::Error::Timeout(_) => LinkStatus::Unclear { why: "no response in time".to_owned() },
        error => LinkStatus::Dead { why: error.to_string() },
    };
    let status_and_location = |response: &ureq::http::Response<ureq::Body>| {
        let location = response.headers().get("location").and_then(|value| value.to_str().ok());
        (response.status().as_u16(), location.map(str::to_owned))
    };
    let head = agent.head(url.as_str()).call().map(|response| status_and_location(&response));
    match head {
        Ok((status, next)) if !matches!(status, 403 | 404 | 405 | 500 | 501) => Ok((status, next)),
        // Some hosts reject HEAD, or respond to it with a wrong status.
        _ => agent
            .get(url.as_str())
            .header("range", "bytes=0-0")
            .call()
            .map(|response| status_and_location(&response))
            .map_err(error_status),
    }
}

/// Returns true if the host is on this machine or in a private network, where content must not make
/// it send requests.
fn is_private(url: &Url) -> Result<bool, LinkStatus> {
    let unknown_host = || LinkStatus::Dead {
        why: format!("the host `{}` can't be found", url.host_str().unwrap_or_default()),
    };
    let ips: Vec<IpAddr> = match url.host().ok_or_else(unknown_host)? {
        Host::Ipv4(ip) => vec![ip.into()],
        Host::Ipv6(ip) => vec![ip.into()],
        Host::Domain(name) => {
            let resolved = (name, url.port_or_known_default().unwrap_or(443)).to_socket_addrs();
            resolved.map_err(|_| unknown_host())?.map(|socket| socket.ip()).collect()
        }
    };
    Ok(ips.iter().any(|ip| is_private_ip(*ip)))
}

fn is_private_ip(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_unspecified()
                || ip.is_broadcast()
                || (ip.octets()[0] == 100 && ip.octets()[1] & 0xc0 == 64)
        }
        IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
            Some(ip) => is_private_ip(ip.into()),
            None => {
                ip.is_loopback()
                    || ip.is_unspecified()
                    || ip.is_unique_local()
                    || ip.is_unicast_link_local()
            }
        },
    }
}

/// Reads the cached results that haven't expired, by URL.
fn read_cache(file: &Path, today: Day, keep_days: u32) -> BTreeMap<String, CachedStatus> {
    let text = regular_file::read_to_string(file).unwrap_or_default();
    let statuses = text.lines().filter_map(|line| serde_json::from_str::<CachedStatus>(line).ok());
    let fresh = statuses.filter(|cached| {
        let days = if matches!(cached.status, LinkStatus::Good | LinkStatus::Moved { .. }) {
            keep_days
        } else {
            FAILURE_CACHE_DAYS
        };
        days_ago(&cached.day, today).is_some_and(|age| (0..i64::from(days)).contains(&age))
    });
    fresh.map(|cached| (cached.url.clone(), cached)).collect()
}

/// The number of days since a day.
fn days_ago(day: &str, today: Day) -> Option<i64> {
    let mut parts = day.split('-').map(str::parse::<u32>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    let then = Day::new(i32::try_from(year).ok()?, month, day)?;
    Some(i64::from(today.number()) - i64::from(then.number()))
}

fn write_cache(file: &Path, statuses: &BTreeMap<String, CachedStatus>) -> Result<(), Error> {
    let lines = statuses.values().filter_map(|cached| serde_json::to_string(cached).ok());
    let text: String = lines.map(|line| line + "\n").collect();
    fs::create_dir_all(file.parent().unwrap_or(file)).map_err(Error::io("can't write", file))?;
    replace_file(file, text.as_bytes())
}

/// Returns the finding for a link, if it is broken or moved.
fn diagnostic_for(site: &Site, link: &ExternalLink, status: &LinkStatus) -> Option<Diagnostic> {
    let (rule, message, mut help) = match status {
        LinkStatus::Good | LinkStatus::Unclear { .. } => return None,
        LinkStatus::Dead { why } => (
            "dead-link",
            format!("the link `{}` is broken: {why}", link.url),
            "link to the page's new URL".to_owned(),
        ),
        LinkStatus::Moved { to } => (
            "moved-link",
            format!("`{}` redirects permanently", link.url),
            format!("link to `{to}`"),
        ),
    };
    if let (LinkStatus::Dead { .. }, Some(pattern)) = (status, &site.config.check.archive) {
        let date = link.day.map(|day| day.iso().replace('-', "")).unwrap_or_default();
        let archived_url = pattern.replace("{date}", &date).replace("{url}", &link.url);
        help = format!("link to the page's new URL, or to its archived version: `{archived_url}`");
    }
    let file = link.article_path.as_ref().map(|path| ArticleFile::read(site, path));
    let name = file.as_ref().map_or("templates", |file| file.name.as_str());
    let location = file.as_ref().and_then(|file| file.locate_url(site, &link.url));
    Some(finding(site, rule, name, message)?.location(location).help(help))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_in_private_networks_are_recognized() {
        let private = [
            "http://127.0.0.1/",
            "http://[::1]/",
            "http://10.1.2.3/",
            "http://169.254.169.254/latest",
            "http://[::ffff:192.168.0.1]/",
            "http://100.64.0.1/",
            "http://0.0.0.0/",
        ];
        for url in private {
            assert_eq!(is_private(&Url::parse(url).unwrap()), Ok(true), "{url}");
        }
        for url in ["http://93.184.216.34/", "http://[2606:2800:220:1::1]/"] {
            assert_eq!(is_private(&Url::parse(url).unwrap()), Ok(false), "{url}");
        }
    }

    #[test]
    fn urls_are_requested_without_their_fragment() {
        let url = |href| parse_url(href).map(String::from);
        assert_eq!(
            url("https://a.example/b?c=1&d#e").as_deref(),
            Some("https://a.example/b?c=1&d")
        );
        assert_eq!(url("//a.example/").as_deref(), Some("https://a.example/"));
        assert_eq!(url("ftp://a.example/"), None);
    }

    #[test]
    fn answers_grow_old() {
        let day = Day::new(2026, 11, 26).unwrap();
        assert_eq!(
            (days_ago("2026-11-26", day), days_ago("2026-10-27", day), days_ago("soon", day)),
            (Some(0), Some(30), None)
        );
    }
}
