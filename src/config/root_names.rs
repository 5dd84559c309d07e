//! The names directly below the site's root that the program uses itself. Pages and outputs take
//! theirs from here, so that nothing else can be configured to have the same.

use crate::model::slug::collision_key;

/// A name in the site's root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RootName {
    Archive,
    ArchiveIndex,
    Assets,
    Corrections,
    Data,
    Favicon,
    FeedAtom,
    FeedJson,
    FeedRss,
    Feeds,
    Gone,
    Headers,
    Home,
    Htaccess,
    Humans,
    Llms,
    NotFound,
    OnThisDay,
    Redirects,
    RedirectsNginx,
    RedirectsS3,
    Robots,
    Search,
    Sitemap,
    Sitemaps,
    Trust,
    WellKnown,
}

/// The kind of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RootEntry {
    /// A file.
    File,
    /// A folder with a page of its own and nothing else.
    Page,
    /// A folder that has other pages or files, too.
    Directory,
}

/// The row of a name: the name itself, its kind, and a description of its content.
type RootNameRow = (RootName, &'static str, RootEntry, &'static str);

const ROOT_NAMES: [RootNameRow; 27] = [
    (RootName::Archive, "archive", RootEntry::Page, "the page of all years"),
    (RootName::ArchiveIndex, "archive.json", RootEntry::File, "the index of the data files"),
    (RootName::Assets, "assets", RootEntry::Directory, "the style sheets, scripts and fonts"),
    (RootName::Corrections, "corrections", RootEntry::Directory, "the corrections page"),
    (RootName::Data, "data", RootEntry::Directory, "the data files"),
    (RootName::Favicon, "favicon.svg", RootEntry::File, "the icon"),
    (RootName::FeedAtom, "feed.xml", RootEntry::File, "the Atom feed"),
    (RootName::FeedJson, "feed.json", RootEntry::File, "the JSON feed"),
    (RootName::FeedRss, "rss.xml", RootEntry::File, "the RSS feed"),
    (RootName::Feeds, "feeds", RootEntry::Directory, "the monthly feeds"),
    (RootName::Gone, "gone.nginx.conf", RootEntry::File, "the list of removed URLs"),
    (RootName::Headers, "_headers", RootEntry::File, "the HTTP headers"),
    (RootName::Home, "index.html", RootEntry::File, "the front page"),
    (RootName::Htaccess, ".htaccess", RootEntry::File, "the redirects for Apache"),
    (RootName::Humans, "humans.txt", RootEntry::File, "the humans.txt"),
    (RootName::Llms, "llms.txt", RootEntry::File, "the llms.txt"),
    (RootName::NotFound, "404.html", RootEntry::File, "the page for missing URLs"),
    (RootName::OnThisDay, "on-this-day", RootEntry::Directory, "the pages of days of the year"),
    (RootName::Redirects, "_redirects", RootEntry::File, "the redirects for Netlify"),
    (RootName::RedirectsNginx, "redirects.nginx.conf", RootEntry::File, "the redirects for nginx"),
    (RootName::RedirectsS3, "redirects.s3.json", RootEntry::File, "the redirects for S3"),
    (RootName::Robots, "robots.txt", RootEntry::File, "the robots.txt"),
    (RootName::Search, "search", RootEntry::Directory, "the search page"),
    (RootName::Sitemap, "sitemap.xml", RootEntry::File, "the index of sitemaps"),
    (RootName::Sitemaps, "sitemaps", RootEntry::Directory, "the sitemaps"),
    (RootName::Trust, "trust.txt", RootEntry::File, "the trust.txt"),
    (RootName::WellKnown, ".well-known", RootEntry::Directory, "the security.txt"),
];

impl RootName {
    /// Returns the name.
    pub(crate) const fn as_str(self) -> &'static str {
        // A test makes sure that the rows are in the order of the variants.
        ROOT_NAMES[self as usize].1
    }

    /// Returns the path of the URL of a page or folder.
    pub(crate) fn dir_path(self) -> String {
        format!("/{}/", self.as_str())
    }

    /// Returns the path of the URL of a file.
    pub(crate) fn file_path(self) -> String {
        format!("/{}", self.as_str())
    }
}

/// Returns what the program uses a path (without slashes around it) or a folder above it for;
/// `None` if it is free. The folders of years contain the pages of days.
pub(super) fn reserved_use(path: &str) -> Option<&'static str> {
    let first = path.split('/').next().unwrap_or(path);
    let is_below = first.len() < path.len();
    if first.len() == 4 && first.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some("the pages of a year");
    }
    let key = collision_key(first);
    let row = ROOT_NAMES.iter().find(|row| collision_key(row.1) == key)?;
    (row.2 == RootEntry::Directory || !is_below).then_some(row.3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_in_the_order_of_the_names() {
        for (index, row) in ROOT_NAMES.iter().enumerate() {
            assert_eq!(row.0 as usize, index, "{}", row.1);
        }
    }

    #[test]
    fn whatever_the_program_writes_is_reserved() {
        for row in ROOT_NAMES {
            assert_eq!(reserved_use(row.1), Some(row.3));
            assert_eq!(reserved_use(&row.1.to_uppercase()), Some(row.3));
        }
        assert_eq!(reserved_use("2024/topics"), Some("the pages of a year"));
        assert!(reserved_use("corrections/2024").is_some());
        for free in ["archive/topics", "archives", "topics", "20245", "tag", "a/archive"] {
            assert_eq!(reserved_use(free), None, "{free}");
        }
    }
}
