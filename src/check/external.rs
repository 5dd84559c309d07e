//! External: links that lead out of the site, asked whether there is something. One question at a time to a host, with a pause between; what was
//! answered is kept, with its day, in the state folder.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::net::{IpAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::finding;
use super::places::File;
use crate::build::Progress;
use crate::diagnostic::{Diagnostic, Error};
use crate::files::replace;
use crate::model::{Day, Moment};
use crate::site::{External, Site};

/// What is kept, below the state folder.
const KEPT: &str = "links.jsonl";
/// How many redirects are followed.
const HOPS: usize = 5;
/// For how many days a bad answer counts: it may have been a bad day.
const BAD_DAYS: u32 = 1;

/// A link out of the site.
#[derive(Debug)]
pub(super) struct Link {
    /// As it stands in HTML.
    pub(super) address: String,
    /// The file below `content/` of the first story that has it.
    pub(super) story: Option<String>,
    /// The day of that story.
    pub(super) day: Option<Day>,
}

/// What came of asking.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) asked: usize,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// What a host said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Answer {
    url: String,
    /// The day on which it was asked.
    day: String,
    #[serde(flatten)]
    said: Said,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "said", rename_all = "lowercase")]
enum Said {
    /// There is something.
    Good,
    /// It is elsewhere, for good.
    Moved { to: String },
    /// There is nothing.
    Dead { why: String },
    /// It couldn't be told: the host asks for patience or for a reader.
    Unclear { why: String },
}

/// Asks every link that wasn't asked lately.
pub(super) fn ask(site: &Site, links: &[Link], progress: &dyn Progress) -> Result<Asked, Error> {
    let settings = &site.config.check.external;
    let file = site.state.join(KEPT);
    let today = Moment { seconds: site.options.now, day_only: false }.day(site.zone);
    let mut known = read(&file, today, settings.keep);
    let mut hosts: BTreeMap<String, Vec<Url>> = BTreeMap::new();
    let mut urls = Vec::new();
    for link in links {
        let Some(url) = url_of(&link.address).filter(|url| !ignored(url, settings)) else { continue };
        if let (false, Some(host)) = (known.contains_key(url.as_str()), url.host_str()) {
            let of_host = hosts.entry(host.to_owned()).or_default();
            if !of_host.contains(&url) {
                of_host.push(url.clone());
            }
        }
        urls.push((link, url));
    }
    let answers = ask_hosts(hosts, settings, progress);
    let asked = answers.len();
    let day = today.iso();
    known
        .extend(answers.into_iter().map(|(url, said)| (url.clone(), Answer { url, day: day.clone(), said })));
    write(&file, &known)?;
    let diagnostics =
        urls.iter().filter_map(|(link, url)| told(site, link, &known.get(url.as_str())?.said)).collect();
    Ok(Asked { asked, diagnostics })
}

/// The address as it is asked: decoded from HTML, without its place in the page.
fn url_of(address: &str) -> Option<Url> {
    let address = html_escape::decode_html_entities(address);
    let address = if address.starts_with("//") { format!("https:{address}") } else { address.into_owned() };
    let mut url = Url::parse(&address).ok()?;
    url.set_fragment(None);
    matches!(url.scheme(), "http" | "https").then_some(url)
}

fn ignored(url: &Url, settings: &External) -> bool {
    settings.ignore.iter().any(|beginning| url.as_str().starts_with(beginning.as_str()))
}

/// Asks some hosts at a time, and each its links one after the other.
fn ask_hosts(
    hosts: BTreeMap<String, Vec<Url>>,
    settings: &External,
    progress: &dyn Progress,
) -> Vec<(String, Said)> {
    progress.expect(hosts.values().map(Vec::len).sum());
    let waiting = Mutex::new(hosts.into_values().collect::<VecDeque<Vec<Url>>>());
    let answers = Mutex::new(Vec::new());
    std::thread::scope(|threads| {
        for _ in 0..settings.hosts {
            threads.spawn(|| {
                let agent = agent(settings);
                loop {
                    let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    let Some(urls) = next else { return };
                    for (at, url) in urls.iter().enumerate() {
                        if at > 0 {
                            std::thread::sleep(Duration::from_millis(settings.pause));
                        }
                        let said = one(&agent, url, settings);
                        answers
                            .lock()
                            .unwrap_or_else(PoisonError::into_inner)
                            .push((url.as_str().to_owned(), said));
                        progress.done();
                    }
                }
            });
        }
    });
    answers.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn agent(settings: &External) -> ureq::Agent {
    ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(settings.timeout)))
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .user_agent(concat!("dateline/", env!("CARGO_PKG_VERSION"), " (link check)"))
        .build()
        .into()
}

/// Follows one link.
fn one(agent: &ureq::Agent, url: &Url, settings: &External) -> Said {
    let mut at = url.clone();
    let mut for_good = true;
    for _ in 0..=HOPS {
        let (status, next) = match question(agent, &at, settings) {
            Ok(answer) => answer,
            Err(said) => return said,
        };
        match status {
            301 | 302 | 303 | 307 | 308 => {
                for_good &= matches!(status, 301 | 308);
                let Some(next) = next.and_then(|next| at.join(&next).ok()) else {
                    return Said::Dead { why: format!("{status} without saying where to") };
                };
                at = next;
            }
            200..=299 | 304 => {
                return if for_good && at != *url { Said::Moved { to: at.into() } } else { Said::Good };
            }
            404 | 410 => return Said::Dead { why: format!("the host says {status}: there is no such page") },
            500..=599 | 429 | 401 | 403 | 405 | 406 | 408 | 451 => {
                return Said::Unclear { why: format!("the host says {status}") };
            }
            _ => return Said::Dead { why: format!("the host says {status}") },
        }
    }
    Said::Dead { why: format!("it leads on more than {HOPS} times") }
}

/// Asks for the head of a page, and for its first byte where a host has no answer to that. Gives the status and where it leads on to.
fn question(agent: &ureq::Agent, url: &Url, settings: &External) -> Result<(u16, Option<String>), Said> {
    if !settings.private && is_private(url)? {
        return Err(Said::Unclear {
            why: "its host is in a private network, which `check: {external: {private: true}}` lets be asked"
                .to_owned(),
        });
    }
    let dead = |error: ureq::Error| match error {
        ureq::Error::Timeout(_) => Said::Unclear { why: "the host doesn't answer in time".to_owned() },
        error => Said::Dead { why: error.to_string() },
    };
    let of = |response: &ureq::http::Response<ureq::Body>| {
        let location = response.headers().get("location").and_then(|value| value.to_str().ok());
        (response.status().as_u16(), location.map(str::to_owned))
    };
    let head = agent.head(url.as_str()).call().map(|response| of(&response));
    match head {
        Ok((status, next)) if !matches!(status, 403 | 404 | 405 | 500 | 501) => Ok((status, next)),
        // Some hosts have no answer to HEAD, or a wrong one.
        _ => agent
            .get(url.as_str())
            .header("range", "bytes=0-0")
            .call()
            .map(|response| of(&response))
            .map_err(dead),
    }
}

/// Whether a host is this machine or one of its own network: content is not to make it ask there.
fn is_private(url: &Url) -> Result<bool, Said> {
    let unknown = || Said::Dead { why: format!("there is no host `{}`", url.host_str().unwrap_or_default()) };
    let addresses: Vec<IpAddr> = match url.host().ok_or_else(unknown)? {
        Host::Ipv4(ip) => vec![ip.into()],
        Host::Ipv6(ip) => vec![ip.into()],
        Host::Domain(name) => {
            let found = (name, url.port_or_known_default().unwrap_or(443)).to_socket_addrs();
            found.map_err(|_| unknown())?.map(|address| address.ip()).collect()
        }
    };
    Ok(addresses.iter().any(|ip| inside(*ip)))
}

fn inside(ip: IpAddr) -> bool {
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
            Some(ip) => inside(ip.into()),
            None => {
                ip.is_loopback() || ip.is_unspecified() || ip.is_unique_local() || ip.is_unicast_link_local()
            }
        },
    }
}

/// What was answered lately, by address.
fn read(file: &PathBuf, today: Day, keep: u32) -> BTreeMap<String, Answer> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let answers = text.lines().filter_map(|line| serde_json::from_str::<Answer>(line).ok());
    let fresh = answers.filter(|answer| {
        let days = if matches!(answer.said, Said::Good | Said::Moved { .. }) { keep } else { BAD_DAYS };
        age(&answer.day, today).is_some_and(|age| (0..i64::from(days)).contains(&age))
    });
    fresh.map(|answer| (answer.url.clone(), answer)).collect()
}

/// How many days ago a day was.
fn age(day: &str, today: Day) -> Option<i64> {
    let mut parts = day.split('-').map(str::parse::<u32>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    let then = Day::new(i32::try_from(year).ok()?, month, day)?;
    Some(i64::from(today.number()) - i64::from(then.number()))
}

fn write(file: &PathBuf, answers: &BTreeMap<String, Answer>) -> Result<(), Error> {
    let lines = answers.values().filter_map(|answer| serde_json::to_string(answer).ok());
    let text: String = lines.map(|line| line + "\n").collect();
    fs::create_dir_all(file.parent().unwrap_or(file)).map_err(Error::io("can't write", file))?;
    replace(file, text.as_bytes())
}

/// What is told of a link.
fn told(site: &Site, link: &Link, said: &Said) -> Option<Diagnostic> {
    let (rule, message, mut help) = match said {
        Said::Good | Said::Unclear { .. } => return None,
        Said::Dead { why } => {
            ("dead-link", format!("`{}` is gone: {why}", link.address), "link to where it is now".to_owned())
        }
        Said::Moved { to } => {
            ("moved-link", format!("`{}` has moved for good", link.address), format!("link to `{to}`"))
        }
    };
    if let (Said::Dead { .. }, Some(pattern)) = (said, &site.config.check.archive) {
        let date = link.day.map(|day| day.iso().replace('-', "")).unwrap_or_default();
        let kept = pattern
            .replace("{date}", &date)
            .replace("{url}", &html_escape::decode_html_entities(&link.address));
        help = format!(
            "link to where it is now, or to the page as it was: `{kept}`; a story's `source` may have it as `archived_url:`"
        );
    }
    let file = link.story.as_ref().map(|path| File::read(site, path));
    let name = file.as_ref().map_or("templates", |file| file.name.as_str());
    let place = file.as_ref().and_then(|file| file.address(site, &link.address));
    Some(finding(site, rule, name, message)?.at(place).help(help))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_ones_own_network_are_told_apart() {
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
    fn addresses_are_asked_without_their_place() {
        let url = |address| url_of(address).map(String::from);
        assert_eq!(url("https://a.example/b?c=1&amp;d#e").as_deref(), Some("https://a.example/b?c=1&d"));
        assert_eq!(url("//a.example/").as_deref(), Some("https://a.example/"));
        assert_eq!(url("ftp://a.example/"), None);
    }

    #[test]
    fn answers_grow_old() {
        let day = Day::new(2026, 11, 26).unwrap();
        assert_eq!(
            (age("2026-11-26", day), age("2026-10-27", day), age("soon", day)),
            (Some(0), Some(30), None)
        );
    }
}
