//! Old URLs as paths of the site.

use crate::model::Permalink;
use crate::model::permalink::percent_decode_path;

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
