//! Front matter: the only place that reads an article's YAML, TOML and JSON.

mod blocks;
mod byline;
mod errors;
mod fields;
mod key_checks;
mod merge;
mod raw;
mod reading;
mod schema;
mod table;
mod tree;

pub use fields::FrontMatter;
pub(crate) use fields::{accepted_keys, canonical_key};
pub(crate) use reading::FrontMatterReading;
pub(crate) use schema::front_matter_schema;
pub(crate) use table::ALIAS_KEYS;
pub use table::{FieldValue, FrontMatterField, front_matter_fields};

#[cfg(test)]
mod tests {
    use super::reading::FrontMatterReading;
    use super::table::{
        ALIAS_KEYS, FieldValue, FrontMatterField, TEXT_FIELDS, front_matter_fields,
    };
    use crate::config::{Limits, Site, SiteOptions};
    use crate::content::source::SourceFile;

    fn read(site: &Site, lines: &str) -> FrontMatterReading {
        let file = format!("---\n{lines}---\n\nText.\n");
        let limits = Limits::default();
        let source = SourceFile::parse("content/a.md", file.as_bytes(), &limits).expect("a file");
        FrontMatterReading::read(&source, site)
    }

    fn load_site() -> (tempfile::TempDir, Site) {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("content")).expect("created");
        let site = Site::load(SiteOptions::new(folder.path())).expect("a site");
        (folder, site)
    }

    #[test]
    fn every_name_of_every_field_is_read() {
        let (_folder, site) = load_site();
        let empty = format!("{:?}", read(&site, "").front_matter);
        for row in front_matter_fields() {
            for name in row.names {
                let FrontMatterField { value, example, .. } = row;
                let reading = read(&site, &format!("{name}: {example}\n"));
                assert_eq!(reading.diagnostics, [], "{name}");
                assert_eq!(reading.key_diagnostics, [], "{name}");
                let extra = &reading.front_matter.extra;
                let is_custom = matches!(value, FieldValue::Map | FieldValue::PageType);
                assert_eq!(extra.is_empty(), !is_custom, "{name}");
                // Such flags are the default, which a file rarely writes.
                let is_default = ["draft", "published"].contains(name);
                let is_changed = format!("{:?}", reading.front_matter) != empty;
                assert!(is_changed != is_default, "{name}: {example}");
            }
        }
    }

    #[test]
    fn every_name_belongs_to_one_field() {
        let mut names: Vec<&str> =
            front_matter_fields().flat_map(|row| row.names.iter().copied()).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(names.iter().all(|name| name.to_ascii_lowercase() == *name));
        assert!(front_matter_fields().any(|row| row.names == ALIAS_KEYS));
        // The number of a field is a bit of a mask when texts are folded.
        assert!(TEXT_FIELDS.iter().enumerate().all(|(index, (field, _))| *field as usize == index));
    }

    #[test]
    fn a_key_without_a_row_is_a_custom_value() {
        let (_folder, site) = load_site();
        let reading = read(&site, "zzz: 1\n");
        assert_eq!(reading.front_matter.extra.len(), 1);
    }

    #[test]
    fn a_map_is_refused_where_a_row_has_another_type() {
        let (_folder, site) = load_site();
        for row in front_matter_fields() {
            use FieldValue::{Image, Map, MapOfLists, Notes, PageType, Source};
            if !matches!(row.value, Image | Map | MapOfLists | Notes | PageType | Source) {
                let reading = read(&site, &format!("{}: {{odd: [[1]]}}\n", row.names[0]));
                assert!(!reading.diagnostics.is_empty(), "{}", row.names[0]);
            }
        }
    }
}
