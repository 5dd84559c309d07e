//! What machines are given: feeds, sitemaps, data, redirects and the small files that hosts and crawlers look for.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_yaml::{Mapping, Value};

use super::reader::{Reader, mistake};
use crate::model::permalink::Permalink;

/// Everything that pages tell machines, or that is made for machines alone.
#[derive(Debug)]
pub struct Machines {
    /// Whether pages tell machines what they are.
    pub metadata: bool,
    /// The address of the licence that all stories are under.
    pub license: Option<String>,
    /// Whether a story can be cited from its page.
    pub cite: bool,
    /// Feeds.
    pub feeds: Option<Feeds>,
    /// Sitemaps.
    pub sitemaps: Option<Sitemaps>,
    /// The archive as data.
    pub data: Option<Data>,
    /// Addresses that lead elsewhere.
    pub redirects: Redirects,
    /// `robots.txt`.
    pub robots: Option<Robots>,
    /// `humans.txt`: its text.
    pub humans: Option<String>,
    /// `trust.txt` (JournalList): its lines by name.
    pub trust: Vec<(String, String)>,
    /// `/.well-known/security.txt` (RFC 9116): its fields.
    pub security: Vec<(String, String)>,
    /// Whether there is an `llms.txt`.
    pub llms: bool,
    /// Whether there is a `_headers`, as Netlify and Cloudflare Pages read it.
    pub headers: bool,
}

/// A form of feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FeedFormat {
    /// Atom (RFC 4287).
    Atom,
    /// RSS 2.0.
    Rss,
    /// JSON Feed 1.1.
    Json,
}

impl FeedFormat {
    /// The name of a feed's file in its folder.
    pub fn file(self) -> &'static str {
        match self {
            Self::Atom => "feed.xml",
            Self::Rss => "rss.xml",
            Self::Json => "feed.json",
        }
    }
}

/// The feeds of the site, of its sections, and of terms whose taxonomy asks for them.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Feeds {
    /// In which forms.
    pub formats: Vec<FeedFormat>,
    /// Whether feeds hold whole stories or just their standfirsts.
    pub full_text: bool,
    /// How many stories the newest document holds at least.
    pub stories: usize,
    /// Whether there are documents by month, too, so that a reader can fetch the whole archive (RFC 5005).
    pub archive: bool,
    /// The domain in the ids of stories; that of `base_url` otherwise. A site that moves keeps its old one.
    pub authority: Option<String>,
    /// The WebSub hub that tells subscribers of news.
    pub hub: Option<String>,
}

impl Default for Feeds {
    fn default() -> Self {
        Self {
            formats: vec![FeedFormat::Atom, FeedFormat::Rss, FeedFormat::Json],
            full_text: false,
            stories: 30,
            archive: true,
            authority: None,
            hub: None,
        }
    }
}

/// What sitemaps say besides addresses.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sitemaps {
    /// The main picture of each story.
    pub images: bool,
    /// A sitemap of the last two days' stories, as Google News reads it.
    pub news: bool,
}

impl Default for Sitemaps {
    fn default() -> Self {
        Self { images: true, news: true }
    }
}

/// The archive as data.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Data {
    /// A table of all stories, as JSON Lines and CSV by year.
    pub catalogue: bool,
    /// Each story as IPTC's ninjs beside its page.
    pub ninjs: bool,
}

impl Default for Data {
    fn default() -> Self {
        Self { catalogue: true, ninjs: false }
    }
}

/// A form in which hosts are told of redirects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RedirectFormat {
    /// A page for each that leads on.
    Html,
    /// `_redirects`, which Netlify and Cloudflare Pages read.
    Netlify,
    /// A map for nginx.
    Nginx,
    /// `.htaccess`.
    Apache,
    /// Routing rules of S3.
    S3,
}

/// A redirect of all addresses below one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wildcard {
    /// What the addresses begin with.
    pub from: String,
    /// Where they lead.
    pub to: String,
    /// Whether the rest of the address follows.
    pub splat: bool,
}

/// Addresses of the site's own that lead elsewhere, besides the former addresses that stories name.
#[derive(Debug, Default)]
pub struct Redirects {
    /// In which forms, each once.
    pub formats: Vec<RedirectFormat>,
    /// Single addresses, with their targets.
    pub exact: Vec<(String, String)>,
    /// Addresses below one, with their targets.
    pub wildcards: Vec<Wildcard>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RedirectsEntry {
    formats: Option<Vec<RedirectFormat>>,
    #[serde(default)]
    rules: Mapping,
}

/// `robots.txt` (RFC 9309).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Robots {
    /// Paths that no crawler is to fetch.
    pub disallow: Vec<String>,
    /// Crawlers that are to fetch nothing.
    pub refuse: Vec<String>,
}

/// Reads every setting of this kind.
pub(super) fn read(reader: &mut Reader<'_>) -> Machines {
    let license = reader.take::<String>("license").filter(|address| is_address("license", address, reader));
    let mut feeds = reader.switch::<Feeds>("feeds", true);
    if let Some(feeds) = &mut feeds {
        feeds.formats.sort_unstable();
        feeds.formats.dedup();
        feeds.stories = feeds.stories.clamp(1, 1000);
        feeds.hub = feeds.hub.take().filter(|hub| is_address("feeds", hub, reader));
        feeds.authority = feeds.authority.take().filter(|domain| is_domain(domain, reader));
    }
    Machines {
        metadata: reader.take("metadata").unwrap_or(true),
        license,
        cite: reader.take("cite").unwrap_or(true),
        feeds: feeds.filter(|feeds| !feeds.formats.is_empty()),
        sitemaps: reader.switch("sitemaps", true),
        data: reader.switch("data", false),
        redirects: redirects(reader),
        robots: reader.switch("robots", true).map(|robots| without_line_breaks(robots, reader)),
        humans: reader.take("humans"),
        trust: fields("trust", &TRUST, reader),
        security: security(reader),
        llms: reader.take("llms").unwrap_or(false),
        headers: reader.take("headers").unwrap_or(false),
    }
}

fn wrong(key: &str, message: &str, help: &str, reader: &mut Reader<'_>) {
    let diagnostic = mistake(reader.source, key, message, Some(help.to_owned()));
    reader.diagnostics.push(diagnostic);
}

fn is_address(key: &str, address: &str, reader: &mut Reader<'_>) -> bool {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '<' | '>' | '\\');
    let good = rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(odd));
    if !good {
        wrong(key, &format!("`{address}` is not a web address"), "write it with its `https://`", reader);
    }
    good
}

fn is_domain(domain: &str, reader: &mut Reader<'_>) -> bool {
    let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    let good = !domain.is_empty() && domain.chars().all(letter);
    if !good {
        let help = "write a domain that was yours when the first story appeared, such as `example.org`";
        wrong("feeds", &format!("authority: `{domain}` is not a domain"), help, reader);
    }
    good
}

/// The fields of trust.txt's specification (JournalList, version 1.4).
const TRUST: [&str; 11] = [
    "member",
    "belongto",
    "control",
    "controlledby",
    "social",
    "customer",
    "vendor",
    "disclosure",
    "contact",
    "datatrainingallowed",
    "version",
];

/// The fields of RFC 9116, section 2.5.
const SECURITY: [&str; 8] = [
    "acknowledgments",
    "canonical",
    "contact",
    "encryption",
    "expires",
    "hiring",
    "policy",
    "preferred-languages",
];

/// A file of lines with names: each key a text or a list of texts, without line breaks.
fn fields(key: &str, known: &[&str], reader: &mut Reader<'_>) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    for (name, value) in reader.take::<BTreeMap<String, Value>>(key).unwrap_or_default() {
        if !known.contains(&name.as_str()) {
            let help = format!("the fields are {}", known.join(", "));
            wrong(key, &format!("there is no field `{name}`"), &help, reader);
            continue;
        }
        let values = match value {
            Value::Sequence(values) => values,
            one => vec![one],
        };
        for value in values {
            let text = match value {
                Value::String(text) => text,
                Value::Bool(said) => if said { "yes" } else { "no" }.into(),
                Value::Number(number) => number.to_string(),
                _ => String::new(),
            };
            if text.is_empty() || text.contains(char::is_control) {
                wrong(key, &format!("`{name}` must be one line of text"), "or a list of such lines", reader);
            } else {
                lines.push((name.clone(), text));
            }
        }
    }
    lines
}

/// RFC 9116 asks for a contact and one date of expiry.
fn security(reader: &mut Reader<'_>) -> Vec<(String, String)> {
    let lines = fields("security", &SECURITY, reader);
    let count = |wanted: &str| lines.iter().filter(|(name, _)| name == wanted).count();
    let time = |text: &str| text.contains('T') && crate::model::Moment::parse(text, chrono_tz::UTC).is_ok();
    let timed = lines.iter().all(|(name, value)| name != "expires" || time(value));
    if !lines.is_empty() && (count("contact") == 0 || count("expires") != 1 || !timed) {
        let message = "security.txt needs a `contact`, and one `expires` with a time";
        let help = "such as `security: {contact: \"mailto:security@example.org\", expires: \"2027-01-01T00:00:00Z\"}` (RFC 9116, section 2.5)";
        wrong("security", message, help, reader);
        return Vec::new();
    }
    lines
}

/// A line break in a rule would begin another one.
fn without_line_breaks(mut robots: Robots, reader: &mut Reader<'_>) -> Robots {
    for list in [&mut robots.disallow, &mut robots.refuse] {
        let before = list.len();
        list.retain(|text| !text.is_empty() && !text.contains(char::is_control));
        if list.len() < before {
            wrong("robots", "a rule must be one line of text", "such as `disallow: [/drafts/]`", reader);
        }
    }
    robots
}

fn redirects(reader: &mut Reader<'_>) -> Redirects {
    let entry = reader.take::<RedirectsEntry>("redirects");
    let mut redirects = Redirects { formats: vec![RedirectFormat::Html], ..Redirects::default() };
    let Some(RedirectsEntry { formats, rules }) = entry else { return redirects };
    redirects.formats = formats.unwrap_or(redirects.formats);
    redirects.formats.sort_unstable();
    redirects.formats.dedup();
    for (from, to) in rules {
        let (Some(from), Some(to)) = (from.as_str(), to.as_str()) else {
            wrong("redirects", "a rule must be `/from/: /to/`", "both are paths or web addresses", reader);
            continue;
        };
        if let Err((message, help)) = redirects.rule(from, to) {
            wrong("redirects", &format!("`{from}`: {message}"), help, reader);
        }
    }
    let pages_alone = redirects.formats == [RedirectFormat::Html];
    if pages_alone && let Some(Wildcard { from, .. }) = redirects.wildcards.first() {
        let message = format!("`{from}*` needs a host that knows of it: no page can stand in for many");
        let help = "add the host's form, such as `formats: [html, netlify]` (netlify, nginx, apache or s3)";
        wrong("redirects", &message, help, reader);
    }
    redirects
}

impl Redirects {
    /// One rule. A `*` at the end stands for the rest of an address; `:splat` in the target is that rest.
    fn rule(&mut self, from: &str, to: &str) -> Result<(), (String, &'static str)> {
        let rest = to.strip_suffix(":splat");
        let target = rest.unwrap_or(to);
        let odd = |c: char| {
            c.is_whitespace()
                || c.is_control()
                || matches!(c, '"' | '<' | '>' | '\\' | '*' | '$' | ';' | '{' | '}')
        };
        let web = ["https://", "http://"].iter().any(|start| target.starts_with(start));
        if target.contains(odd)
            || target.contains(":splat")
            || !(web || target.starts_with('/') && !target.starts_with("//"))
        {
            return Err((
                format!("`{to}` is not a path or a web address"),
                "a target begins with `/` or `https://`",
            ));
        }
        match from.strip_suffix('*') {
            Some(start) => {
                let path =
                    start.strip_suffix('/').filter(|path| path.is_empty() || Permalink::new(path).is_ok());
                if path.is_none() || start.contains(odd) {
                    return Err(("a wildcard stands alone at the end".into(), "write it as `/old/*`"));
                }
                self.wildcards.push(Wildcard {
                    from: start.into(),
                    to: target.into(),
                    splat: rest.is_some(),
                });
            }
            None if rest.is_some() => {
                return Err(("there is a `:splat` but no `*`".into(), "write it as `/old/*: /new/:splat`"));
            }
            None => {
                let help = "write the address's path, such as `/old/page.html`";
                let path = Permalink::new(from).map_err(|why| (why, help))?;
                if from.contains(odd) || !from.starts_with('/') || from == "/" {
                    return Err(("is not a path".into(), help));
                }
                self.exact.push((path.as_str().to_owned(), target.into()));
            }
        }
        Ok(())
    }
}
