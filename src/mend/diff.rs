//! What a mend changes, as a unified diff.

use std::time::Duration;

use similar::TextDiff;

/// So many lines are shown around a change.
const AROUND: usize = 3;

/// For so long the shortest diff is looked for; then any will do.
const PATIENCE: Duration = Duration::from_millis(500);

/// The diff of two texts of which so many bytes at the end, from the closing fence on, are the same. `file` is the path below the site, as `git apply` and `patch -p1` want it.
pub(super) fn unified(file: &str, old: &str, new: &str, same: usize) -> String {
    let (old, new) = (head(old, same), head(new, same));
    let diff = TextDiff::configure().timeout(PATIENCE).newline_terminated(true).diff_slices(&old, &new);
    let (from, to) = (name("a", file), name("b", file));
    diff.unified_diff().context_radius(AROUND).header(&from, &to).to_string()
}

/// The lines up to a few of those that are the same.
fn head(text: &str, same: usize) -> Vec<&str> {
    let front = text.len() - same;
    let behind: usize = text[front..].split_inclusive('\n').take(AROUND).map(str::len).sum();
    text[..front + behind].split_inclusive('\n').collect()
}

/// A path as a diff's head has it: in quotation marks where it has signs that would end it.
fn name(side: &str, file: &str) -> String {
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
        let diff = unified("content/x.md", &old, &new, "---\n".len() + body.len());
        let expected =
            "--- a/content/x.md\n+++ b/content/x.md\n@@ -1,5 +1,5 @@\n ---\n-t: a\n+t: b\n ---\n one\n two\n";
        assert_eq!(diff, expected);
        assert_eq!(name("a", "x\ny"), "\"a/x\\ny\"");
    }
}
