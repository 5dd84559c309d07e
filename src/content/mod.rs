//! From a file to an article: its text, its front matter, its body.

pub mod article;
pub mod front_matter;
pub mod html;
pub mod markdown;
pub mod picture;
pub mod read;
pub mod redact;
pub mod references;
pub mod sanitize;
pub mod shortcodes;
pub mod source;
pub mod values;
mod yaml;

pub use article::Article;
pub use front_matter::FrontMatter;
pub use source::Source;
pub use values::Values;
