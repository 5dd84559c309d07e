//! The settings of outputs for programs: feeds, sitemaps, data, redirects and the small files that
//! hosts and crawlers look for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_yaml::{Mapping, Value};

use super::root_names::RootName;
use super::settings_reader::{SettingsReader, Toggle};
use crate::model::permalink::Permalink;

/// The structured data in pages, and the files that only programs read.
#[derive(Debug, Serialize)]
pub(crate) struct Outputs {
    /// Adds structured data to pages.
    #[serde(rename = "metadata")]
    pub structured_data: bool,
    /// The URL of the license that all articles are under.
    pub license: Option<String>,
    /// Adds citations to articles' pages.
    #[serde(rename = "cite")]
    pub citations: bool,
    /// Feeds.
    #[serde(serialize_with = "super::setting_texts::serialize_toggle")]
    pub feeds: Option<FeedSettings>,
    /// Sitemaps.
    #[serde(serialize_with = "super::setting_texts::serialize_toggle")]
    pub sitemaps: Option<SitemapSettings>,
    /// The archive as data.
    #[serde(serialize_with = "super::setting_texts::serialize_toggle")]
    pub data: Option<DataSettings>,
    /// URLs that redirect.
    #[serde(skip)]
    pub redirects: RedirectSettings,
    /// `robots.txt`.
    #[serde(serialize_with = "super::setting_texts::serialize_toggle")]
    pub robots: Option<RobotsSettings>,
    /// `humans.txt`: its text.
    pub humans: Option<String>,
    /// `trust.txt` (JournalList): its lines by name.
    #[serde(skip)]
    pub trust: Vec<(String, String)>,
    /// `/.well-known/security.txt` (RFC 9116): its fields.
    #[serde(skip)]
    pub security: Vec<(String, String)>,
    /// Writes an `llms.txt`.
    pub llms: bool,
    /// Writes a `_headers`, as Netlify and Cloudflare Pages read it.
    pub headers: bool,
}

/// A feed format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FeedFormat {
    /// Atom (RFC 4287).
    Atom,
    /// RSS 2.0.
    Rss,
    /// JSON Feed 1.1.
    Json,
}

impl FeedFormat {
    /// The name of a feed's file in its folder.
    pub(crate) fn file_name(self) -> &'static str {
        match self {
            Self::Atom => RootName::FeedAtom.as_str(),
            Self::Rss => RootName::FeedRss.as_str(),
            Self::Json => RootName::FeedJson.as_str(),
        }
    }

    /// The name of the format.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Atom => "Atom",
            Self::Rss => "RSS",
            Self::Json => "JSON Feed",
        }
    }

    /// The media type of a feed.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Atom => "application/atom+xml",
            Self::Rss => "application/rss+xml",
            Self::Json => "application/feed+json",
        }
    }
}

/// The feeds of the site, of its sections, and of terms whose taxonomy enables them.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct FeedSettings {
    /// The formats.
    pub formats: Vec<FeedFormat>,
    /// Includes whole articles instead of their descriptions.
    pub full_text: bool,
    /// The minimum number of articles in the newest document.
    pub articles: usize,
    /// Writes documents by month, too, so that a client can load the whole archive (RFC 5005).
    pub archive: bool,
    /// The domain in the ids of articles; `None` for that of `base_url`. A site that moves to
    /// another domain keeps the old one here.
    pub authority: Option<String>,
    /// The WebSub hub that notifies subscribers of changes.
    pub hub: Option<String>,
}

impl Default for FeedSettings {
    fn default() -> Self {
        Self {
            formats: vec![FeedFormat::Atom, FeedFormat::Rss, FeedFormat::Json],
            full_text: false,
            articles: 30,
            archive: true,
            authority: None,
            hub: None,
        }
    }
}

/// The contents of sitemaps besides URLs.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SitemapSettings {
    /// The main image of each article.
    pub images: bool,
    /// A sitemap of the last two days' articles, as Google News reads it.
    pub news: bool,
}

impl Default for SitemapSettings {
    fn default() -> Self {
        Self { images: true, news: true }
    }
}

/// The archive as data.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DataSettings {
    /// A table of all articles, as JSON Lines and CSV by year.
    pub articles: bool,
    /// Each article as IPTC's ninjs, next to its page.
    pub ninjs: bool,
}

impl Default for DataSettings {
    fn default() -> Self {
        Self { articles: true, ninjs: false }
    }
}

/// A format in which hosts read redirects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RedirectFormat {
    /// An HTML page for each redirect.
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

/// A redirect of all URLs below a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WildcardRedirect {
    /// The common prefix of the URLs.
    pub from: String,
    /// The target.
    pub to: String,
    /// The rest of the URL is appended to the target.
    pub splat: bool,
}

/// URLs of the site that redirect, besides the old URLs that articles list.
#[derive(Debug, Default)]
pub(crate) struct RedirectSettings {
    /// The formats, each once.
    pub formats: Vec<RedirectFormat>,
    /// Single URLs, with their targets.
    pub exact: Vec<(String, String)>,
    /// All URLs below one, with their targets.
    pub wildcards: Vec<WildcardRedirect>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RedirectsEntry {
    formats: Option<Vec<RedirectFormat>>,
    #[serde(default)]
    rules: Mapping,
}

/// `robots.txt` (RFC 9309).
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RobotsSettings {
    /// Paths that no crawler should fetch.
    pub disallow: Vec<String>,
    /// Crawlers that should not fetch anything.
    pub refuse: Vec<String>,
}

/// Reads all settings of outputs.
pub(super) fn read_outputs(reader: &mut SettingsReader<'_>) -> Outputs {
    let license =
        reader.read::<String>("license").filter(|url| check_url(&["license"], url, reader));
    let mut feeds = reader.read_toggle::<FeedSettings>("feeds", Toggle::On);
    if let Some(feeds) = &mut feeds {
        feeds.formats.sort_unstable();
        feeds.formats.dedup();
        feeds.articles = feeds.articles.clamp(1, 1000);
        feeds.hub = feeds.hub.take().filter(|hub| check_url(&["feeds", "hub"], hub, reader));
        feeds.authority = feeds.authority.take().filter(|domain| check_domain(domain, reader));
    }
    Outputs {
        structured_data: reader.read("metadata").unwrap_or(true),
        license,
        citations: reader.read("cite").unwrap_or(true),
        feeds: feeds.filter(|feeds| !feeds.formats.is_empty()),
        sitemaps: reader.read_toggle("sitemaps", Toggle::On),
        data: reader.read_toggle("data", Toggle::Off),
        redirects: read_redirects(reader),
        robots: reader
            .read_toggle("robots", Toggle::On)
            .map(|robots| drop_multiline_rules(robots, reader)),
        humans: reader.read("humans"),
        trust: read_fields("trust", &TRUST_FIELDS, reader),
        security: read_security(reader),
        llms: reader.read("llms").unwrap_or(false),
        headers: reader.read("headers").unwrap_or(false),
    }
}

fn report_setting_error(path: &[&str], message: &str, help: &str, reader: &mut SettingsReader<'_>) {
    reader.report(path, message, Some(help.to_owned()));
}

fn check_url(path: &[&str], url: &str, reader: &mut SettingsReader<'_>) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let is_unsafe =
        |c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '<' | '>' | '\\');
    let is_valid = rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(is_unsafe));
    if !is_valid {
        report_setting_error(
            path,
            &format!("`{url}` is not an HTTP or HTTPS URL"),
            "write a URL that begins with `https://`",
            reader,
        );
    }
    is_valid
}

fn check_domain(domain: &str, reader: &mut SettingsReader<'_>) -> bool {
    let is_domain_char = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    let is_valid = !domain.is_empty() && domain.chars().all(is_domain_char);
    if !is_valid {
        let help =
            "write a domain that you owned when the first article appeared, such as `example.org`";
        report_setting_error(
            &["feeds", "authority"],
            &format!("authority: `{domain}` is not a domain"),
            help,
            reader,
        );
    }
    is_valid
}

/// The fields of trust.txt's specification (JournalList, version 1.4).
pub(super) const TRUST_FIELDS: [&str; 11] = [
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
pub(super) const SECURITY_FIELDS: [&str; 8] = [
    "acknowledgments",
    "canonical",
    "contact",
    "encryption",
    "expires",
    "hiring",
    "policy",
    "preferred-languages",
];

/// Reads the fields of a text file: each key has a text or a list of texts, without line breaks.
fn read_fields(
    key: &str,
    known_fields: &[&str],
    reader: &mut SettingsReader<'_>,
) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    for (name, value) in reader.read::<BTreeMap<String, Value>>(key).unwrap_or_default() {
        if !known_fields.contains(&name.as_str()) {
            let help = format!("the fields are {}", known_fields.join(", "));
            let message = format!("there is no field `{name}`");
            report_setting_error(&[key, &name], &message, &help, reader);
            continue;
        }
        let values = match value {
            Value::Sequence(values) => values,
            single => vec![single],
        };
        for value in values {
            let text = match value {
                Value::String(text) => text,
                Value::Bool(boolean) => if boolean { "yes" } else { "no" }.into(),
                Value::Number(number) => number.to_string(),
                _ => String::new(),
            };
            if text.is_empty() || text.contains(char::is_control) {
                report_setting_error(
                    &[key, &name],
                    &format!("`{name}` must be one line of text"),
                    "write one line, or a list of lines",
                    reader,
                );
            } else {
                lines.push((name.clone(), text));
            }
        }
    }
    lines
}

/// Reads `security`. RFC 9116 requires a contact and exactly one expiry date.
fn read_security(reader: &mut SettingsReader<'_>) -> Vec<(String, String)> {
    let lines = read_fields("security", &SECURITY_FIELDS, reader);
    let count = |field: &str| lines.iter().filter(|(name, _)| name == field).count();
    let has_time = |text: &str| {
        text.contains('T') && crate::model::Moment::parse(text, chrono_tz::UTC).is_ok()
    };
    let has_valid_expiry = lines.iter().all(|(name, value)| name != "expires" || has_time(value));
    if !lines.is_empty() && (count("contact") == 0 || count("expires") != 1 || !has_valid_expiry) {
        let message = "security.txt needs a `contact`, and one `expires` with a time";
        let help = "write, for example, `security: {contact: \"mailto:security@example.org\", \
                    expires: \"2027-01-01T00:00:00Z\"}` (RFC 9116, section 2.5)";
        report_setting_error(&["security"], message, help, reader);
        return Vec::new();
    }
    lines
}

/// Drops rules that contain a line break, which would begin another rule.
fn drop_multiline_rules(
    mut robots: RobotsSettings,
    reader: &mut SettingsReader<'_>,
) -> RobotsSettings {
    for (key, list) in [("disallow", &mut robots.disallow), ("refuse", &mut robots.refuse)] {
        let previous_len = list.len();
        list.retain(|text| !text.is_empty() && !text.contains(char::is_control));
        if list.len() < previous_len {
            report_setting_error(
                &["robots", key],
                "a rule must be one line of text",
                "write, for example, `disallow: [/drafts/]`",
                reader,
            );
        }
    }
    robots
}

fn read_redirects(reader: &mut SettingsReader<'_>) -> RedirectSettings {
    let entry = reader.read::<RedirectsEntry>("redirects");
    let mut redirects =
        RedirectSettings { formats: vec![RedirectFormat::Html], ..RedirectSettings::default() };
    let Some(RedirectsEntry { formats, rules }) = entry else { return redirects };
    redirects.formats = formats.unwrap_or(redirects.formats);
    redirects.formats.sort_unstable();
    redirects.formats.dedup();
    for (from, to) in rules {
        let (Some(from), Some(to)) = (from.as_str(), to.as_str()) else {
            report_setting_error(
                &["redirects", "rules"],
                "a rule must be `/from/: /to/`",
                "`/from/` is a path, `/to/` a path or a URL",
                reader,
            );
            continue;
        };
        if let Err((message, help)) = redirects.add_rule(from, to) {
            let message = format!("`{from}`: {message}");
            report_setting_error(&["redirects", "rules", from], &message, help, reader);
        }
    }
    let is_html_only = redirects.formats == [RedirectFormat::Html];
    if is_html_only && let Some(WildcardRedirect { from, .. }) = redirects.wildcards.first() {
        let message = format!("`{from}*` needs a host's format: a page can't match several URLs");
        let help = "add that format, such as `formats: [html, netlify]` (netlify, nginx, \
                    apache or s3)";
        report_setting_error(&["redirects", "rules", &format!("{from}*")], &message, help, reader);
    }
    redirects
}

impl RedirectSettings {
    /// Adds a rule. A `*` at the end matches the rest of a URL; `:splat` in the target is replaced
    /// with that rest.
    ///
    /// # Errors
    /// The problem and how to solve it, as text, if the rule isn't valid.
    pub(crate) fn add_rule(&mut self, from: &str, to: &str) -> Result<(), (String, &'static str)> {
        let rest = to.strip_suffix(":splat");
        let target = rest.unwrap_or(to);
        let is_unsafe = |c: char| {
            c.is_whitespace()
                || c.is_control()
                || matches!(c, '"' | '<' | '>' | '\\' | '*' | '$' | ';' | '{' | '}')
        };
        let is_web_url = ["https://", "http://"].iter().any(|start| target.starts_with(start));
        if target.contains(is_unsafe)
            || target.contains(":splat")
            || !(is_web_url || target.starts_with('/') && !target.starts_with("//"))
        {
            return Err((
                format!("`{to}` is neither a path nor an HTTP or HTTPS URL"),
                "a target begins with `/` or `https://`",
            ));
        }
        match from.strip_suffix('*') {
            Some(start) => {
                let path = start
                    .strip_suffix('/')
                    .filter(|path| path.is_empty() || Permalink::new(path).is_ok());
                if path.is_none() || start.contains(is_unsafe) {
                    return Err((
                        "`*` must be the whole last part of the path".into(),
                        "write it as `/old/*`",
                    ));
                }
                self.wildcards.push(WildcardRedirect {
                    from: start.into(),
                    to: target.into(),
                    splat: rest.is_some(),
                });
            }
            None if rest.is_some() => {
                return Err((
                    "there is a `:splat` but no `*`".into(),
                    "write it as `/old/*: /new/:splat`",
                ));
            }
            None => {
                let help = "write the URL's path, such as `/old/page.html`";
                let path = Permalink::new(from).map_err(|why| (why, help))?;
                if from.contains(is_unsafe) || !from.starts_with('/') || from == "/" {
                    return Err(("is not a path".into(), help));
                }
                self.exact.push((path.as_str().to_owned(), target.into()));
            }
        }
        Ok(())
    }
}
