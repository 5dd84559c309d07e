//! Paths that no article may have, because other programs give them a meaning: a repository that a
//! host or a person clones, the build cache, and the files by which a domain is verified.

use super::fold::fold_file_name;
use super::permalink::percent_decode_path;

/// A folder that is reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReservedFolder {
    /// `.git`, and the folders of other version control systems.
    Repository,
    /// The build cache.
    Cache,
    /// `/.well-known/` (RFC 8615), by whose files services verify who controls a domain.
    WellKnown,
    /// Any other name that begins with a period: hosts read their configuration from some of these
    /// (`.htaccess`), and don't serve others.
    Hidden,
}

/// The names of reserved folders. NTFS also finds `.git` by its short name.
const NAMES: [(&str, ReservedFolder); 7] = [
    (".git", ReservedFolder::Repository),
    ("git~1", ReservedFolder::Repository),
    (".hg", ReservedFolder::Repository),
    (".svn", ReservedFolder::Repository),
    (".dateline", ReservedFolder::Cache),
    ("dateli~1", ReservedFolder::Cache),
    (".well-known", ReservedFolder::WellKnown),
];

/// The maximum number of times that a path is percent-decoded: hosts decode it once, and some
/// proxies once more.
const MAX_DECODINGS: usize = 4;

/// Returns the first reserved folder in a path, however a file system or a host spells it: in any
/// case, percent-encoded, with dots and spaces at its end, or with ignored characters. Of
/// `.well-known` only the one at the root is [`ReservedFolder::WellKnown`].
pub(crate) fn reserved_folder(path: &str) -> Option<ReservedFolder> {
    // Each name has a full stop or a tilde, which ASCII spells only as themselves or
    // percent-encoded.
    if path.is_ascii() && !path.contains(['.', '~', '%']) {
        return None;
    }
    let mut decoded = path.to_owned();
    for _ in 0..MAX_DECODINGS {
        let next = percent_decode_path(&decoded).into_owned();
        if next == decoded {
            break;
        }
        decoded = next;
    }
    let segments = decoded.split(['/', '\\']).map(canonical_segment);
    let mut segments = segments.filter(|segment| !segment.is_empty()).enumerate();
    segments.find_map(|(index, segment)| {
        let named = NAMES.iter().find(|(name, _)| *name == segment).map(|(_, folder)| *folder);
        let named = named.filter(|folder| index == 0 || *folder != ReservedFolder::WellKnown);
        named.or_else(|| segment.starts_with('.').then_some(ReservedFolder::Hidden))
    })
}

/// Returns a segment as file systems compare it: HFS+ and APFS ignore invisible characters, NTFS
/// and FAT full stops and spaces at the end and what follows a colon.
fn canonical_segment(segment: &str) -> String {
    let name = segment.split(':').next().unwrap_or_default();
    let lower = fold_file_name(name);
    lower.trim().trim_end_matches(['.', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_folders_are_found_in_every_spelling() {
        for path in [
            "/.git/",
            "/.git/config",
            "/.GIT/x/",
            "/a/.git/x/",
            "/%2egit/",
            "/%252Egit/x",
            "/.git./x",
            "/.git /x",
            "/.git. . /x",
            "/git~1/x",
            "/GIT~1/",
            "/.g\u{200c}it/x",
            "/.gi%74/",
            "/.git:x/",
            "/\u{ff0e}git/x",
            "//.git/x",
            ".git/x",
            "/.svn/entries",
            "/.hg/",
        ] {
            assert_eq!(reserved_folder(path), Some(ReservedFolder::Repository), "{path:?}");
        }
        for path in ["/.dateline/state", "/.DateLine/", "/x/%2Edateline/y"] {
            assert_eq!(reserved_folder(path), Some(ReservedFolder::Cache), "{path:?}");
        }
        for path in ["/.well-known/x", "/.Well-Known/", "/%2ewell%2dknown/acme-challenge/x"] {
            assert_eq!(reserved_folder(path), Some(ReservedFolder::WellKnown), "{path:?}");
        }
        for path in
            ["/", "/git/", "/a.git/", "/a.b/index.html", "/v1.2/", "/…/", "/a~b/", "/100%25/"]
        {
            assert_eq!(reserved_folder(path), None, "{path:?}");
        }
        for path in [
            "/.htaccess",
            "/%2ehtaccess",
            "/%252ehtaccess",
            "/a/.env",
            "/.github/",
            "/x/.well-known/y/",
            "/2024/.gitx/",
            "/\u{ff0e}user.ini",
            "/\u{200b}.user.ini",
        ] {
            assert_eq!(reserved_folder(path), Some(ReservedFolder::Hidden), "{path:?}");
        }
    }
}
