//! The warnings about content that is dropped from pages: one for each class, with its number and
//! three examples.

use std::collections::BTreeMap;

use super::unread_files::with_separators;
use crate::config::Site;
use crate::content::dropped::{DroppedClass, is_tag, locate, locate_tag, parse_summary};
use crate::diagnostics::{Diagnostic, Location};

/// The number of examples.
const EXAMPLES: usize = 3;
/// The number of tags whose first files are read again to find their lines.
const MAX_LOCATED_TAGS: usize = 50;
/// The number of names, such as elements, that a message lists.
const MAX_NAMES: usize = 6;

/// Collects what is dropped from all files.
#[derive(Default)]
pub(crate) struct DroppedContentReport {
    classes: BTreeMap<DroppedClass, ClassSummary>,
    /// The shortcodes and tags that nothing stands for, by their names.
    shortcodes: BTreeMap<String, ShortcodeSummary>,
}

/// The uses of a shortcode or a tag that nothing stands for.
struct ShortcodeSummary {
    total: usize,
    files: usize,
    /// The path of the first file below `content/`.
    first_file: String,
}

/// The dropped content of a class.
#[derive(Default)]
struct ClassSummary {
    total: usize,
    files: usize,
    /// The number of times by name.
    names: BTreeMap<String, usize>,
    /// The paths of the first files below `content/`.
    first_files: Vec<String>,
}

impl DroppedContentReport {
    /// Adds the entries of a file's record.
    pub(crate) fn add<'e>(&mut self, path: &str, entries: impl Iterator<Item = &'e str>) {
        let mut last_class = None;
        for (class, name, count) in entries.filter_map(parse_summary) {
            if class == DroppedClass::Shortcode {
                let first = || ShortcodeSummary { total: 0, files: 0, first_file: path.to_owned() };
                let summary = self.shortcodes.entry(name.to_owned()).or_insert_with(first);
                summary.total += count;
                summary.files += 1;
                continue;
            }
            let summary = self.classes.entry(class).or_default();
            summary.total += count;
            *summary.names.entry(name.to_owned()).or_default() += count;
            // The entries of a class follow each other.
            if last_class.replace(class) != Some(class) {
                summary.files += 1;
                if summary.first_files.len() < EXAMPLES {
                    summary.first_files.push(path.to_owned());
                }
            }
        }
    }

    /// Returns the warnings. The files of examples are read again to find the lines.
    pub(crate) fn into_diagnostics(self, site: &Site) -> Vec<Diagnostic> {
        let (tags, shortcodes): (Vec<_>, Vec<_>) =
            self.shortcodes.iter().partition(|(name, _)| is_tag(name));
        let shortcodes = shortcodes.into_iter().map(|(name, summary)| summary.shortcode(name));
        let tags = tags.into_iter().enumerate().map(|(number, (name, summary))| {
            let location = || locate_tag(site, &summary.first_file, name);
            summary.tag(name).location((number < MAX_LOCATED_TAGS).then(location).flatten())
        });
        let classes = self.classes.iter().map(|(class, summary)| summary.diagnostic(*class, site));
        classes.chain(shortcodes).chain(tags).collect()
    }
}

impl ShortcodeSummary {
    /// The warning about a shortcode of Hugo.
    fn shortcode(&self, name: &str) -> Diagnostic {
        let message = format!(
            "there is no shortcode `{name}`: it is removed from {} article{}, first from this one",
            self.files,
            if self.files == 1 { "" } else { "s" }
        );
        Diagnostic::warning("shortcode", format!("content/{}", self.first_file), message)
            .help("the text that it encloses is kept; write the rest as Markdown")
    }

    /// The warning about a tag of Liquid, without its location.
    fn tag(&self, name: &str) -> Diagnostic {
        let message = format!(
            "nothing stands for `{name}`: it is removed, {} time{} in {}, first here",
            with_separators(self.total),
            if self.total == 1 { "" } else { "s" },
            count_files(self.files)
        );
        Diagnostic::warning("template-tags", format!("content/{}", self.first_file), message)
            .help("the text that it encloses is kept; write the rest as Markdown")
    }
}

impl ClassSummary {
    fn diagnostic(&self, class: DroppedClass, site: &Site) -> Diagnostic {
        let first_file = self.first_files.first().map(String::as_str).unwrap_or_default();
        let file = format!("content/{first_file}");
        let mut examples = self.examples(class, site).into_iter();
        let location = examples.next().map(|(_, location)| location);
        let others: Vec<String> = examples.map(|(example, _)| example).collect();
        let (diagnostic, help) = match class {
            DroppedClass::Embed => (
                Diagnostic::warning("dropped-embed", file, self.message("embed", "embeds")),
                "write a link to what was embedded; `html: trusted` in site.yaml publishes all \
                 HTML unchanged",
            ),
            DroppedClass::Markup => {
                let message = self.message("attribute or tag", "attributes and tags");
                (
                    Diagnostic::warning("dropped-markup", file, message),
                    "the text stays; write what they mean as Markdown, or style a `class` in a \
                     style sheet; `html: trusted` in site.yaml publishes all HTML unchanged",
                )
            }
            DroppedClass::Url => {
                let message = self.message(
                    "URL with a scheme that isn't allowed",
                    "URLs with schemes that aren't allowed",
                );
                (
                    Diagnostic::warning("dropped-url", file, message),
                    "links may have http, https, mailto, tel, sms, ftp and geo; put images into \
                     files",
                )
            }
            DroppedClass::TemplateSyntax | DroppedClass::Shortcode => (
                Diagnostic::warning("template-tags", file, self.template_message()),
                "write it as Markdown or remove it; in code it is left as it is",
            ),
        };
        let also = match others.is_empty() {
            true => String::new(),
            false => format!("; also in {}", others.join(", ")),
        };
        diagnostic.location(location).help(format!("{help}{also}"))
    }

    /// `5 embeds are removed from 4 files: 4 iframe, 1 video`.
    fn message(&self, singular: &str, plural: &str) -> String {
        let what = if self.total == 1 {
            format!("1 {singular} is")
        } else {
            format!("{} {plural} are", with_separators(self.total))
        };
        format!("{what} removed from {}: {}", self.files_text(), self.names_text())
    }

    fn template_message(&self) -> String {
        let times = if self.total == 1 { "time" } else { "times" };
        format!(
            "template syntax of another system is printed as text, {} {times} in {}: {}",
            with_separators(self.total),
            self.files_text(),
            self.names_text()
        )
    }

    /// Returns up to three examples: of different files, or else of one.
    fn examples(&self, class: DroppedClass, site: &Site) -> Vec<(String, Location)> {
        let in_files: Vec<(String, Location)> = self
            .first_files
            .iter()
            .flat_map(|path| {
                let wanted = EXAMPLES + 1 - self.first_files.len();
                let locations = locate(site, path, class, wanted).into_iter();
                locations.map(move |location| (path.clone(), location))
            })
            .collect();
        let named = in_files
            .into_iter()
            .take(EXAMPLES)
            .map(|(path, location)| (format!("content/{path}:{}", location.line), location));
        named.collect()
    }

    /// `1 file`, `1,200 files`.
    fn files_text(&self) -> String {
        count_files(self.files)
    }

    /// `8 iframe, 3 video`, most frequent first.
    fn names_text(&self) -> String {
        let mut names: Vec<(&String, &usize)> = self.names.iter().collect();
        names.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let others: usize = names.iter().skip(MAX_NAMES).map(|(_, count)| **count).sum();
        let listed = names.iter().take(MAX_NAMES);
        let mut parts: Vec<String> =
            listed.map(|(name, count)| format!("{} {name}", with_separators(**count))).collect();
        if others > 0 {
            parts.push(format!("{} others", with_separators(others)));
        }
        parts.join(", ")
    }
}

/// `1 file`, `1,200 files`.
fn count_files(number: usize) -> String {
    format!("{} file{}", with_separators(number), if number == 1 { "" } else { "s" })
}
