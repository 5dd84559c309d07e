//! The terms that the folders of `_index.md` files stand for.

use crate::config::{SECTIONS, Site, Taxonomy};
use crate::content::file_name::is_section_folder;
use crate::model::slug::term_key;

/// The section, the term or the taxonomy (with an empty key) that an `_index.md` belongs to, by its
/// folders.
pub(super) fn term_of_index_file(site: &Site, path: &str) -> Option<(usize, String)> {
    let matches_folder = |taxonomy: &Taxonomy, folder: &str| {
        taxonomy.key == folder
            || taxonomy.path == folder
            || taxonomy.front_matter_keys.iter().any(|from| from == folder)
    };
    let taxonomy_for =
        |folder: &str| site.taxonomies.iter().position(|taxonomy| matches_folder(taxonomy, folder));
    let folders: Vec<&str> = path.split('/').rev().skip(1).collect();
    match folders[..] {
        [folder] => match taxonomy_for(folder) {
            Some(taxonomy) => Some((taxonomy, String::new())),
            None if !is_section_folder(folder) => None,
            None => site.taxonomy_index(SECTIONS).map(|number| (number, term_key(folder))),
        },
        [term, taxonomy] => taxonomy_for(taxonomy).map(|number| (number, term_key(term))),
        _ => None,
    }
}
