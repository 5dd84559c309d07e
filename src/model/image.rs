//! Images as articles refer to them.

/// An image of an article. `src` is a URL as written in the source until the build resolves it to
/// the URL of the published file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// The URL of the image, or a path relative to the article.
    pub src: String,
    /// The alternative text; empty for a decorative image.
    pub alt: String,
    /// The caption.
    pub caption: Option<String>,
    /// The photographer or another credit.
    pub credit: Option<String>,
    /// The width and height in pixels, if the file is part of the site.
    pub size: Option<(u32, u32)>,
    /// The `srcset` of its smaller copies, if the site makes any.
    pub srcset: Option<String>,
}
