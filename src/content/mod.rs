//! Articles: their files, front matter, Markdown and HTML.

mod admonitions;
pub(crate) mod article;
mod article_texts;
pub(crate) mod attachments;
pub(crate) mod browser_url;
mod divider;
pub(crate) mod dropped;
pub(crate) mod fences;
pub(crate) mod file_name;
pub(crate) mod front_matter;
pub(crate) mod html;
pub(crate) mod image;
mod key_positions;
mod kramdown;
mod liquid;
pub(crate) mod markdown;
pub(crate) mod plain_text;
pub(crate) mod read;
mod redacted_texts;
pub(crate) mod redaction;
pub(crate) mod references;
pub(crate) mod sanitize;
pub(crate) mod shortcodes;
pub(crate) mod source;
pub(crate) mod standalone_page;
mod value_tree;
pub(crate) mod visibility;
pub(crate) mod written_permalink;
mod yaml;
pub(crate) mod yaml_values;

pub use article::ParsedArticle;
pub(crate) use front_matter::front_matter_schema;
pub use front_matter::{FieldValue, FrontMatter, FrontMatterField, front_matter_fields};
pub use source::SourceFile;
pub(crate) use yaml_values::YamlValues;
