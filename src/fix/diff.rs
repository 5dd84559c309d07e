//! What a mend changes, as a unified diff.

use std::time::Duration;

use similar::TextDiff;

/// So many lines are shown around a change.
const CONTEXT_LINES: usize = 3;

/// For so long the shortest diff is looked for; then any will do.
const DIFF_TIMEOUT: Duration = Duration::from_millis(500);

/// The diff of two texts of which so many bytes at the end, from the closing fence on, are the
/// same. `file` is the path below the site, as `git apply` and `patch -p1` want it.
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

/// The lines up to a few of those that are the same.
fn lines_with_context(text: &str, common_suffix_len: usize) -> Vec<&str> {
    let changed_len = text.len() - common_suffix_len;
    let context_len: usize =
        text[changed_len..].split_inclusive('\n').take(CONTEXT_LINES).map(str::len).sum();
    text[..changed_len + context_len].split_inclusive('\n').collect()
}

/// A path as a diff's head has it: in quotation marks where it has signs that would end it.
fn header_path(side: &str, file: &str) -> String {
    let path = format!("{side}/{file}");
    let safe = |c: char| !c.is_control() && c != '"' && c != '\\';
    if path.chars().all(safe) { path } else { format!("\"{}\"", path.escape_default()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_near_is_shown() {
        let body = "one\ntwo\nthree\nfour\n";
        let (old, new) = (format!("---\nt: a\n---\n{body}"), format!("---\nt: b\n---\n{body}"));
        let diff = unified_diff("content/x.md", &old, &new, "---\n".len() + body.len());
        let expected = "--- a/content/x.md\n+++ b/content/x.md\n@@ -1,5 +1,5 @@\n ---\n-t: a\n+t: b\n ---\n one\n two\n";
        assert_eq!(diff, expected);
        assert_eq!(header_path("a", "x\ny"), "\"a/x\\ny\"");
    }
}
