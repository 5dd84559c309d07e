//! The links of a page to its feeds.

use tera::Value;

use super::values::map;
use crate::config::Site;

/// Returns `{type, title, url}` of each feed in a folder, which is named without its final slash.
pub(super) fn feed_links(site: &Site, dir: &str) -> Vec<Value> {
    let formats = site.config.outputs.feeds.as_ref().map(|feeds| feeds.formats.as_slice());
    let links = formats.unwrap_or_default().iter().map(|&format| {
        Value::from(map! {
            "type" => format.media_type(),
            "title" => format.name(),
            "url" => site.href(&format!("{dir}/{}", format.file_name())),
        })
    });
    links.collect()
}
