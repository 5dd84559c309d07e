//! Redacts names in an article before anything else is derived from its file, so that later stages
//! never see them.

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::fences::body_start;
use super::front_matter::{FrontMatter, FrontMatterReading};
use super::markdown;
use super::source::SourceFile;
use crate::config::Site;
use crate::diagnostics::Diagnostic;
use crate::model::RedactionMatcher;
use crate::model::redaction::{MAX_NAMES, listed_names, name_problem};

/// An article's file without its redacted names.
#[derive(Debug, Default)]
pub(crate) struct RedactedFile {
    /// The file's bytes, with placeholders instead of names.
    pub bytes: Vec<u8>,
    /// The matcher of the names.
    pub matcher: RedactionMatcher,
    /// The names that its front matter and `redactions.yaml` list for it; without those that are
    /// redacted in every article.
    pub listed_names: Vec<String>,
}

/// Redacts a file of `content/`: replaces the names that it lists under `redact:`, and those of the
/// site. `path` is the file's path below `content/`.
///
/// # Errors
/// Diagnostics without any text of the file, if the front matter can't be read and the names are
/// therefore unknown.
pub(crate) fn redact(
    site: &Site,
    path: &str,
    bytes: Vec<u8>,
) -> Result<RedactedFile, Vec<Diagnostic>> {
    let may_list_names = contains_redact_key(&bytes);
    if !may_list_names && site.redactions.is_empty() {
        return Ok(RedactedFile { bytes, ..RedactedFile::default() });
    }
    let file = format!("content/{path}");
    let mut names = site.redactions.names_for_file(path).to_vec();
    let holds_listed_id =
        site.redactions.ids().any(|(id, _)| memchr::memmem::find(&bytes, id.as_bytes()).is_some());
    if may_list_names || holds_listed_id {
        let front_matter = parse_front_matter(site, &file, &bytes)?;
        names.extend(
            front_matter
                .id
                .as_deref()
                .into_iter()
                .flat_map(|id| site.redactions.names_for_id(id.trim()))
                .cloned(),
        );
        names.extend(validate_names(front_matter.redact, &file)?);
    }
    let matcher = RedactionMatcher::from_names(names.iter().map(String::as_str))
        .union(&site.redactions.everywhere);
    if matcher.is_empty() {
        return Ok(RedactedFile { bytes, ..RedactedFile::default() });
    }
    let Ok(text) = std::str::from_utf8(&bytes) else {
        let message = "the file is not UTF-8, so names in it can't be redacted";
        return Err(vec![Diagnostic::error("not-utf8", file, message).help("save it as UTF-8")]);
    };
    let bytes = redact_source(text, &matcher).into_bytes();
    Ok(RedactedFile { bytes, matcher, listed_names: names })
}

/// Redacts the names in the text of a file: in its source, and in what a reader sees of its body.
/// In the front matter, [`FrontMatter::parse`] redacts what the source doesn't show.
fn redact_source(text: &str, matcher: &RedactionMatcher) -> String {
    let redacted = matcher.redact(text);
    let body_start = body_start(&redacted);
    let (front_matter, body) = redacted.split_at(body_start);
    match matcher.redact_with(body, markdown::visible_text) {
        Cow::Borrowed(_) => redacted.into_owned(),
        Cow::Owned(body) => format!("{front_matter}{body}"),
    }
}

/// Returns true if a file may list names: it has the key's letters anywhere, in either case.
/// [`check_all_redacted`] finds other spellings.
fn contains_redact_key(bytes: &[u8]) -> bool {
    static FINDERS: LazyLock<[Finder<'static>; 2]> =
        LazyLock::new(|| [Finder::new("edact"), Finder::new("EDACT")]);
    FINDERS.iter().any(|finder| finder.find(bytes).is_some())
}

/// Parses the front matter as written. An error is reported with the number of its line but not
/// the line's text, which may contain a name.
fn parse_front_matter(
    site: &Site,
    file: &str,
    bytes: &[u8],
) -> Result<FrontMatter, Vec<Diagnostic>> {
    // That the front matter isn't found, or isn't YAML, is reported as what it is.
    let source = SourceFile::parse(file, bytes, &site.config.limits)
        .map_err(|diagnostic| vec![diagnostic.without_text()])?;
    let reading = FrontMatterReading::read(&source, site);
    let result =
        if reading.names_are_known() { Ok(reading.front_matter) } else { Err(reading.errors()) };
    result.map_err(|diagnostics| {
        if site.redactions.is_empty() && !contains_redact_key(source.front_matter.as_bytes()) {
            return diagnostics;
        }
        let without_content = |diagnostic: Diagnostic| {
            let message = "the front matter can't be read, so the names to be redacted are unknown";
            let help = "correct this line, which isn't shown because it may contain a name; \
                        `dateline help front-matter` lists the values of each key";
            Diagnostic { message: message.into(), code: "bad-redaction", ..diagnostic }
                .help(help)
                .without_text()
        };
        diagnostics.into_iter().map(without_content).collect()
    })
}

/// Returns the names that a file lists. Each must be a name that can be found.
fn validate_names(raw_names: Vec<String>, file: &str) -> Result<Vec<String>, Vec<Diagnostic>> {
    let names: Vec<String> = raw_names.into_iter().filter(|name| !name.trim().is_empty()).collect();
    let problem = names.iter().find_map(|name| name_problem(name).or_else(|| word_problem(name)));
    let names: Vec<String> = names.iter().flat_map(|name| listed_names(name)).collect();
    let problem =
        problem.or_else(|| (names.len() > MAX_NAMES).then_some("there are more than 100,000"));
    match problem {
        None => Ok(names),
        Some(why) => {
            let message = format!("a name under `redact:` can't be redacted: {why}");
            let help =
                "write the name as it appears in the article, with quotation marks around it";
            Err(vec![Diagnostic::error("bad-redaction", file, message).help(help)])
        }
    }
}

/// Returns the reason why a text isn't a name, although it could be one: `redact: true`.
fn word_problem(name: &str) -> Option<&'static str> {
    let is_boolean = ["true", "false", "yes", "no"];
    let is_boolean = is_boolean.iter().any(|word| name.trim().eq_ignore_ascii_case(word));
    is_boolean.then_some("it isn't a name")
}

/// Checks that redacted front matter lists no name that can still be read, because it is written in
/// a way that the matcher doesn't find, or under a key that was overlooked.
///
/// # Errors
/// A diagnostic (`bad-redaction`) if a name is still readable.
pub(crate) fn check_all_redacted(
    front_matter: &FrontMatter,
    source: &SourceFile<'_>,
) -> Result<(), Vec<Diagnostic>> {
    if front_matter.redact.iter().all(|name| !name.contains(char::is_alphanumeric)) {
        return Ok(());
    }
    let message = "a name under `redact:` is written in a form that isn't found in its own line";
    let help = "write the key as `redact:`, and each name on one line with single spaces";
    let diagnostic = Diagnostic::error("bad-redaction", source.file, message)
        .location(source.key_location("redact", 0));
    Err(vec![diagnostic.help(help).without_text()])
}
