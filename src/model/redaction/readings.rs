//! The readings of a text: what a reader, a browser or another program could make of it.

use super::derived_text::{DerivedText, decode_css_escapes, decode_escapes};
use super::markup::{MarkupReading, strip_markup};

/// The maximum nesting of escapes: HTML in JSON in HTML, and one more.
const MAX_NESTED_ESCAPES: usize = 4;

/// Calls `visit` with each reading of a text until it returns `true`: unchanged, with its escapes
/// decoded (repeatedly, if they are nested), and each of these without its markup. Also passes the
/// steps by which the reading was derived. Returns whether `visit` returned `true`.
pub(super) fn visit_readings(
    text: &str,
    mut visit: impl FnMut(&str, &[&DerivedText]) -> bool,
) -> bool {
    let mut steps: Vec<DerivedText> = Vec::new();
    loop {
        let current = steps.last().map_or(text, |step| step.text.as_str());
        let chain: Vec<&DerivedText> = steps.iter().collect();
        if visit(current, &chain) {
            return true;
        }
        for plain in MarkupReading::ALL.iter().filter_map(|way| strip_markup(current, *way)) {
            let chain: Vec<&DerivedText> = steps.iter().chain([&plain]).collect();
            if visit(&plain.text, &chain) {
                return true;
            }
        }
        if let Some(plain) = decode_css_escapes(current) {
            let chain: Vec<&DerivedText> = steps.iter().chain([&plain]).collect();
            if visit(&plain.text, &chain) {
                return true;
            }
        }
        match decode_escapes(current) {
            Some(next) if steps.len() < MAX_NESTED_ESCAPES => steps.push(next),
            _ => return false,
        }
    }
}
