//! Old URLs: as keys by which links find their articles, and as paths of the site.

use crate::model::permalink::percent_decode_path;
use crate::model::{Fingerprint, Permalink};

/// Returns the key of an absolute URL: the same for both schemes, with and without `www.`, a final
/// slash and a fragment. `None` if the URL isn't one of the web.
pub(crate) fn url_key(url: &str) -> Option<Fingerprint> {
    let rest = url.strip_prefix("https:").or_else(|| url.strip_prefix("http:")).unwrap_or(url);
    let rest = rest.strip_prefix("//")?;
    let rest = rest.split('#').next().unwrap_or(rest);
    let rest = rest.strip_prefix("www.").unwrap_or(rest);
    let (host, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let key = format!("{}{}", host.to_ascii_lowercase(), percent_decode_path(path));
    Some(Fingerprint::hash_bytes(key.trim_end_matches('/').as_bytes()))
}

/// Returns the scheme and host of an absolute URL.
pub(crate) fn origin(url: &str) -> Option<&str> {
    let start = url.find("://")? + 3;
    Some(&url[..start + path_start(&url[start..])])
}

/// Returns the host of an absolute URL, in lower case and without `www.`.
pub(crate) fn host(url: &str) -> Option<String> {
    let rest = url.split_once("//").filter(|(scheme, _)| ["http:", "https:", ""].contains(scheme));
    let rest = rest?.1;
    let host = rest[..path_start(rest)].to_ascii_lowercase();
    Some(host.strip_prefix("www.").map(str::to_owned).unwrap_or(host))
}

/// Returns the path of an old URL, as the site can redirect it.
///
/// # Errors
/// The reason, as text, why a static site can't answer at the URL.
pub(crate) fn old_path(url: &str) -> Result<Permalink, String> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest.split_at(path_start(rest)).1);
    let path = rest.split('#').next().unwrap_or(rest);
    if path.contains('?') {
        return Err("it has a query, which a static host ignores".to_owned());
    }
    let path = percent_decode_path(path);
    if matches!(&*path, "" | "/") {
        return Err("it is the front page".to_owned());
    }
    Permalink::new(&path)
}

fn path_start(rest: &str) -> usize {
    rest.find(['/', '?', '#']).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_url_have_one_key() {
        let key = url_key("https://old.example/2014/%D8%A7/");
        for url in ["http://www.old.example/2014/ا", "//OLD.example/2014/ا/#top"] {
            assert_eq!(url_key(url), key, "{url}");
        }
        assert_ne!(url_key("https://old.example/?p=1"), url_key("https://old.example/?p=2"));
        assert_eq!(url_key("mailto:a@example.org"), None);
    }

    #[test]
    fn old_paths_are_safe() {
        let path = |url: &str| old_path(url).map(|path| path.as_str().to_owned());
        assert!(path("https://old.example/a/b?").is_err());
        assert_eq!(path("https://old.example/a/%D8%A7/").as_deref(), Ok("/a/ا/"));
        assert_eq!(path("/a.html#x").as_deref(), Ok("/a.html"));
        for url in ["https://old.example", "https://old.example/", "https://x.example/a/../../b"] {
            assert!(path(url).is_err(), "{url}");
        }
    }
}
