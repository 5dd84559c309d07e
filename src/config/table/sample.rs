//! The `site.yaml` that `dateline init` writes: every setting with its documentation, most of them
//! in comments.

use super::SETTING_GROUPS;
use super::setting::{Sample, Setting};

/// The maximum length of a line, in characters.
const MAX_COLUMNS: usize = 118;

const INTRODUCTION: [&str; 4] = [
    "The settings of this site. Every setting has a default.",
    "A line that begins with `#` and a name shows a setting that isn't set: to set it, remove the",
    "`#` (for a map, from each of its lines) and write your own value.",
    "`dateline help configuration` describes all settings.",
];

/// Returns the text of the file; `{title}` is a placeholder for the title.
pub(crate) fn sample_file() -> String {
    let mut text = String::new();
    add_comment(&INTRODUCTION.join(" "), &mut text);
    for group in &SETTING_GROUPS {
        text.push_str(&format!("\n# ---- {} ----\n\n", group.title));
        group.settings.iter().for_each(|setting| add_setting(setting, &mut text));
    }
    text
}

fn add_setting(setting: &Setting, text: &mut String) {
    let (lines, prefix) = match setting.sample {
        Sample::Set(lines) => (lines, ""),
        Sample::Commented(lines) => (lines, "#"),
        Sample::None => return,
    };
    add_comment(setting.summary, text);
    for line in lines.lines() {
        text.push_str(prefix);
        text.push_str(line);
        text.push('\n');
    }
}

/// Appends a comment, wrapped between words.
fn add_comment(comment: &str, text: &mut String) {
    let mut columns = 0;
    for word in comment.split(' ') {
        let length = word.chars().count();
        if columns == 0 || columns + 1 + length > MAX_COLUMNS {
            text.push_str(if columns == 0 { "#" } else { "\n#" });
            columns = 1;
        }
        text.push(' ');
        text.push_str(word);
        columns += 1 + length;
    }
    text.push('\n');
}
