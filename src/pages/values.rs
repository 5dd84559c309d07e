//! Values for templates.

use tera::Value;

use crate::config::Site;

/// Builds a map for templates from pairs of names and values.
macro_rules! map {
    () => { tera::Map::default() };
    ($($key:literal => $value:expr),+ $(,)?) => {{
        let mut map = tera::Map::with_capacity_and_hasher([$($key),+].len(), Default::default());
        $(map.insert(tera::value::Key::Str($key), tera::Value::from($value));)+
        map
    }};
}
pub(super) use map;

/// Returns `{name, url}`: a link to a path of the site.
pub(super) fn link_value(name: &str, path: &str, site: &Site) -> Value {
    Value::from(map! { "name" => name, "url" => site.href(path) })
}

/// Returns rendered HTML as a value that templates don't escape again.
pub(super) fn safe_html(html: &[u8]) -> Value {
    // A template's output is UTF-8, as its source and all values are.
    Value::safe_string(std::str::from_utf8(html).unwrap_or_default())
}
