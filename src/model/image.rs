//! A picture as an article refers to it.

/// A picture with what belongs to it. `src` is an address as written in the source until the build
/// resolves it to the address of the published file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// Where the picture is: an address, or a path beside the article.
    pub src: String,
    /// The text in place of the picture; empty for a picture that only decorates.
    pub alt: String,
    /// The caption printed under the picture.
    pub caption: Option<String>,
    /// Who made the picture.
    pub credit: Option<String>,
    /// Width and height in pixels, where the file is ours to look at.
    pub size: Option<(u32, u32)>,
    /// Its smaller copies, as `srcset` has them, where the site makes any.
    pub srcset: Option<String>,
}
