//! Unified diffs of fixed files.

use std::time::Duration;

use similar::TextDiff;

/// The number of unchanged lines around a change.
const CONTEXT_LINES: usize = 3;

/// The time limit of the search for the shortest diff.
const DIFF_TIMEOUT: Duration = Duration::from_millis(500);

/// Returns the diff of two texts. The last `common_suffix_len` bytes, from the closing fence of the
/// front matter on, are the same in both. `file` is the path relative to the site's folder, as
/// `git apply` and `patch -p1` expect it.
pub(super) fn unified_diff(file: &str, old: &str, new: &str, common_suffix_len: usize) -> String {
    let (old, new) =
        (lines_with_context(old, common_suffix_len), lines_with_context(new, common_suffix_len));
    let diff = TextDiff::configure()
        .timeout(DIFF_TIMEOUT)
        .newline_terminated(true)
        .diff_slices(&old, &new);
    let (from, to) = (header_path("a", file), header_path("b", file));
    diff.unified_diff().context_radius(CONTEXT_LINES).header(&from, &to).to_string()
}

/// The lines before the common suffix, and a few lines of it as context.
fn lines_with_context(text: &str, common_suffix_len: usize) -> Vec<&str> {
    let changed_len = text.len() - common_suffix_len;
    let context_len: usize =
        text[changed_len..].split_inclusive('\n').take(CONTEXT_LINES).map(str::len).sum();
    text[..changed_len + context_len].split_inclusive('\n').collect()
}

/// Returns a path for the header of a diff: quoted if it has control characters, quotation marks or
/// backslashes.
fn header_path(side: &str, file: &str) -> String {
    let path = format!("{side}/{file}");
    let safe = |c: char| !c.is_control() && c != '"' && c != '\\';
    if path.chars().all(safe) { path } else { format!("\"{}\"", path.escape_default()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn diffs_have_three_lines_of_context() {
        let body = "one\ntwo\nthree\nfour\n";
        let (old, new) = (format!("---\nt: a\n---\n{body}"), format!("---\nt: b\n---\n{body}"));
        let diff = unified_diff("content/x.md", &old, &new, "---\n".len() + body.len());
        let expected = "--- a/content/x.md\n+++ b/content/x.md\n@@ -1,5 +1,5 @@\n \
                        ---\n-t: a\n+t: b\n ---\n one\n two\n";
        assert_eq!(diff, expected);
        assert_eq!(header_path("a", "x\ny"), "\"a/x\\ny\"");
    }
}
