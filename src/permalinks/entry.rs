//! The entries of the permalink registry.

use std::borrow::Cow;

use crate::model::{Fingerprint, Permalink};

/// Shorter bodies, in bytes, are no evidence: several articles may have the same one.
const MIN_BODY_BYTES: usize = 64;

/// The name of the field with an old path of the article's file, see [`old_path_stems`].
pub(super) const OLD_FILE: &str = "old-file";

/// An entry of the permalink registry: a published URL, and the evidence by which its page is
/// recognized.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct RegistryEntry<'a> {
    /// The URL, below the site's root.
    pub(super) permalink: &'a str,
    /// The `id:` of the article.
    pub(super) id: Option<&'a str>,
    /// The path of the article's file below `content/`, without its extension.
    pub(super) path_stem: Option<&'a str>,
    /// The hash of the body, see [`body_evidence`].
    pub(super) body_evidence: Option<Fingerprint>,
    /// The article's `updated` date when it was recorded, if it had one.
    pub(super) updated: Option<&'a str>,
    /// The language, because translations may have the same `id:`.
    pub(super) lang: Option<&'a str>,
    /// The taxonomy and the slug of a term. The other fields are then those of an article with the
    /// term.
    pub(super) term: Option<&'a str>,
}

impl<'a> RegistryEntry<'a> {
    /// Parses a line of the registry.
    ///
    /// # Errors
    /// The reason, as text, if the URL isn't a valid path, if a field is unknown or invalid, or if
    /// the line is a conflict marker.
    pub(super) fn parse(text: &'a str) -> Result<Self, Cow<'static, str>> {
        if ["<<<<<<<", "=======", ">>>>>>>", "|||||||"]
            .iter()
            .any(|marker| text.starts_with(marker))
        {
            return Err("it is a conflict marker of an unfinished merge".into());
        }
        let mut fields = text.split('\t').map(str::trim);
        let url = fields.next().unwrap_or_default();
        match Permalink::new(url) {
            Ok(permalink) if permalink.as_str() == url => {}
            Ok(permalink) => {
                return Err(format!("`{url}` should be `{permalink}`").into());
            }
            Err(reason) => return Err(format!("`{url}` isn't a valid URL path: {reason}").into()),
        }
        let mut line = Self { permalink: url, ..Self::default() };
        for field in fields.filter(|field| !field.is_empty()) {
            let (name, value) = field.split_once(':').unwrap_or((field, ""));
            match name {
                "id" => line.id = Some(value),
                "file" => line.path_stem = Some(value),
                "lang" => line.lang = Some(value),
                OLD_FILE if !value.is_empty() => {}
                "updated" if value.starts_with(|c: char| c.is_ascii_digit()) => {
                    line.updated = Some(value);
                }
                "term" if value.contains('/') => line.term = Some(value),
                "body" => match u64::from_str_radix(value, 16) {
                    Ok(hash) if value.len() == 16 => line.body_evidence = Some(Fingerprint(hash)),
                    _ => {
                        return Err(
                            format!("`{field}` isn't `body:` and 16 hexadecimal digits").into()
                        );
                    }
                },
                _ => return Err(format!("`{field}` isn't a known field").into()),
            }
        }
        Ok(line)
    }
}

/// Returns the old paths of the article's file in a line of the registry: below `content/`,
/// without extensions.
pub(super) fn old_path_stems(text: &str) -> impl Iterator<Item = &str> {
    let fields = text.split('\t').skip(1).map(str::trim);
    fields.filter_map(|field| field.strip_prefix(OLD_FILE)?.strip_prefix(':'))
}

/// Returns the hash by which an article is recognized after its file was renamed: the hash of the
/// body's text, with any line endings. [`Fingerprint::DIRTY`] if the body is so short that several
/// articles may have the same one.
pub(crate) fn body_evidence(body: &str) -> Fingerprint {
    let text = body.trim();
    match text.len() {
        ..MIN_BODY_BYTES => Fingerprint::DIRTY,
        _ if text.contains('\r') => Fingerprint::hash_bytes(text.replace("\r\n", "\n").as_bytes()),
        _ => Fingerprint::hash_bytes(text.as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_parsed() {
        let line = RegistryEntry::parse("/a b/\tfile:2024/x\tbody:00000000000000ff").unwrap();
        assert_eq!(
            (line.permalink, line.path_stem, line.body_evidence),
            ("/a b/", Some("2024/x"), Some(Fingerprint(255)))
        );
        assert_eq!(
            RegistryEntry::parse("/x.html").unwrap(),
            RegistryEntry { permalink: "/x.html", ..RegistryEntry::default() }
        );
        let id = RegistryEntry::parse("/x/\tid:a:b\tlang:ur").unwrap();
        assert_eq!((id.id, id.lang), (Some("a:b"), Some("ur")));
        assert_eq!(
            RegistryEntry::parse("/x/\tupdated:2024-11-05").unwrap().updated,
            Some("2024-11-05")
        );
        let renamed = "/x/\tfile:c\told-file:a/b\told-file:b";
        assert_eq!(RegistryEntry::parse(renamed).unwrap().path_stem, Some("c"));
        assert_eq!(old_path_stems(renamed).collect::<Vec<_>>(), ["a/b", "b"]);
        for bad in [
            "x",
            "/x",
            "/../x/",
            "/x/ y\tz",
            "/x/\tbody:1",
            "<<<<<<< HEAD",
            "=======",
            "/x/\tterm:iran",
            "/x/\tupdated:soon",
            "/x/\told-file:",
        ] {
            assert!(RegistryEntry::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn bodies_are_recognized_by_their_text() {
        let text =
            "The delegations met on Tuesday,\nand the talks went on until late in the night.\n";
        assert_eq!(body_evidence(text), body_evidence(&text.replace('\n', "\r\n")));
        assert_eq!(body_evidence(text), body_evidence(&format!("\n{text}\n")));
        assert_ne!(body_evidence(text), body_evidence(&text.replace("late", "early")));
        assert_eq!(body_evidence("Text."), Fingerprint::DIRTY);
    }
}
