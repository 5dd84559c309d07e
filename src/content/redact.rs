//! Names that are taken out of a story, before anything else is made of its file: what is clean from here on needs no care further on.

use super::front_matter::FrontMatter;
use super::source::Source;
use crate::diagnostic::Diagnostic;
use crate::model::Names;
use crate::model::names::{MOST, fault};
use crate::site::Site;

/// A story's file without its names.
#[derive(Debug, Default)]
pub struct Redacted {
    /// The file's bytes, with marks in place of names.
    pub bytes: Vec<u8>,
    /// What was looked for.
    pub names: Names,
    /// The names that its front matter and `redactions.yaml` list for it; without those that are taken out of every story.
    pub listed: Vec<String>,
}

/// Takes out of the bytes of a file of `content/` the names that it lists under `redact:`, and those of the site. `path` is the file's path below `content/`.
///
/// # Errors
/// If it can't be known which names these are. Nothing of the file is shown then.
pub fn redact(site: &Site, path: &str, bytes: Vec<u8>) -> Result<Redacted, Vec<Diagnostic>> {
    let has_own = lists_names(&bytes);
    if !has_own && site.redactions.is_empty() {
        return Ok(Redacted { bytes, ..Redacted::default() });
    }
    let file = format!("content/{path}");
    let mut listed = site.redactions.of_file(path).to_vec();
    let named = site.redactions.ids().any(|(id, _)| memchr::memmem::find(&bytes, id.as_bytes()).is_some());
    if has_own || named {
        let front = front_matter(site, &file, &bytes)?;
        listed
            .extend(front.id.as_deref().into_iter().flat_map(|id| site.redactions.of_id(id.trim())).cloned());
        listed.extend(own(front.redact, &file)?);
    }
    let names = Names::of(listed.iter().map(String::as_str)).and(&site.redactions.everywhere);
    if names.is_empty() {
        return Ok(Redacted { bytes, ..Redacted::default() });
    }
    let Ok(text) = std::str::from_utf8(&bytes) else {
        let message = "the file is not UTF-8, so that no names can be taken out of it";
        return Err(vec![Diagnostic::error("not-utf8", file, message).help("save it as UTF-8")]);
    };
    let bytes = names.redact(text).into_owned().into_bytes();
    Ok(Redacted { bytes, names, listed })
}

/// Whether a file may list names: whether it has the key's letters anywhere. Searched in the two ways in which keys are written; a third is found by [`check`].
fn lists_names(bytes: &[u8]) -> bool {
    ["edact", "EDACT"].iter().any(|key| memchr::memmem::find(bytes, key.as_bytes()).is_some())
}

/// The front matter as written. What keeps it from being read is told by its line alone, since that may hold a name.
fn front_matter(site: &Site, file: &str, bytes: &[u8]) -> Result<FrontMatter, Vec<Diagnostic>> {
    let source = Source::read(file, bytes, &site.config.limits);
    let front = source.map_err(|mistake| vec![*mistake]).and_then(|source| FrontMatter::parse(&source, site));
    front.map_err(|mistakes| {
        let blank = |mistake: Diagnostic| {
            let message = "the front matter can't be read, so that it isn't known which names are to be taken out";
            let help = "mend this line, which isn't shown since it may hold a name; docs/front-matter.md says what each key may hold";
            Diagnostic { message: message.into(), code: "bad-redaction", ..mistake }.help(help).without_text()
        };
        mistakes.into_iter().map(blank).collect()
    })
}

/// The names that a file lists, if each can be looked for.
fn own(written: Vec<String>, file: &str) -> Result<Vec<String>, Vec<Diagnostic>> {
    let names: Vec<String> = written.into_iter().filter(|name| !name.trim().is_empty()).collect();
    let wrong = names.iter().find_map(|name| fault(name));
    let wrong = wrong.or_else(|| (names.len() > MOST).then_some("there are more than 100,000"));
    match wrong {
        None => Ok(names),
        Some(why) => {
            let message = format!("a name under `redact:` can't be looked for: {why}");
            let help = "write the name as it stands in the story, with quotation marks around it";
            Err(vec![Diagnostic::error("bad-redaction", file, message).help(help)])
        }
    }
}

/// Whether front matter, once its names were taken out, lists one that is still to be read: then it stands there in a way in which it isn't found, or under a key
/// that wasn't seen.
///
/// # Errors
/// That this is so.
pub fn check(front: &FrontMatter, source: &Source<'_>) -> Result<(), Vec<Diagnostic>> {
    if front.redact.iter().all(|name| !name.contains(char::is_alphanumeric)) {
        return Ok(());
    }
    let message = "a name under `redact:` is written so that it isn't found in its own line";
    let help = "write the key as `redact:`, and each name in one line with single blanks";
    let mistake = Diagnostic::error("bad-redaction", source.file, message).at(source.key_place("redact", 0));
    Err(vec![mistake.help(help).without_text()])
}
