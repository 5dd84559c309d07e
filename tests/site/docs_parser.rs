//! A parser of the documentation, for the tests that compare it with the program.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use pulldown_cmark::{CodeBlockKind, Event, Options as Markdown, Parser, Tag, TagEnd};

pub(crate) fn repository_root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn read_file(path: &str) -> String {
    fs::read_to_string(repository_root().join(path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Returns the files with an extension below a folder, as paths from the root.
pub(crate) fn files_with_extension(folder: &str, extension: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut pending = vec![repository_root().join(folder)];
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(&folder).expect("the folder is readable").filter_map(Result::ok) {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.')
                || ["target", "public", "node_modules"].contains(&name.as_str())
            {
                continue;
            }
            let path = entry.path();
            if path.is_dir() {
                pending.push(path);
            } else if name.ends_with(&format!(".{extension}")) {
                let path =
                    path.strip_prefix(repository_root()).expect("the path is below the root");
                found.push(path.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

/// Returns the text between two markers; the first must exist.
pub(crate) fn text_between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) =
        text.split_once(from).unwrap_or_else(|| panic!("`{from}` isn't there any more"));
    rest.split_once(to).unwrap_or_else(|| panic!("no `{to}` after `{from}`")).0
}

/// A code block of a document.
pub(crate) struct Block {
    /// The first word after the fence.
    pub(crate) language: String,
    /// The file that it shows, if the info string names one.
    pub(crate) file: Option<String>,
    pub(crate) text: String,
}

/// A parsed document.
#[derive(Default)]
pub(crate) struct Document {
    /// Headings with their level, and the blocks under each.
    pub(crate) sections: Vec<(u8, String, Vec<Block>)>,
    /// All inline code.
    pub(crate) spans: BTreeSet<String>,
    pub(crate) links: Vec<String>,
    pub(crate) anchors: BTreeSet<String>,
}

impl Document {
    pub(crate) fn parse(path: &str) -> Self {
        let text = read_file(path);
        let mut document =
            Self { sections: vec![(0, String::new(), Vec::new())], ..Self::default() };
        let (mut heading, mut block): (Option<String>, Option<Block>) = (None, None);
        for event in Parser::new_ext(&text, Markdown::ENABLE_TABLES | Markdown::ENABLE_FOOTNOTES) {
            match event {
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(level)) => {
                    let text = heading.take().unwrap_or_default();
                    document.add_anchor(&text);
                    document.sections.push((level as u8, text, Vec::new()));
                }
                Event::Start(Tag::CodeBlock(kind)) => {
                    let info = match kind {
                        CodeBlockKind::Fenced(info) => info.into_string(),
                        CodeBlockKind::Indented => String::new(),
                    };
                    let mut words = info.split_whitespace().map(str::to_owned);
                    let language = words.next().unwrap_or_default();
                    block = Some(Block { language, file: words.next(), text: String::new() });
                }
                Event::End(TagEnd::CodeBlock) => {
                    if let (Some(block), Some(section)) =
                        (block.take(), document.sections.last_mut())
                    {
                        section.2.push(block);
                    }
                }
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    document.links.push(dest_url.into_string());
                }
                Event::Text(text) => match (&mut block, &mut heading) {
                    (Some(block), _) => block.text.push_str(&text),
                    (None, Some(heading)) => heading.push_str(&text),
                    (None, None) => {}
                },
                Event::Code(code) => {
                    if let Some(heading) = &mut heading {
                        heading.push_str(&code);
                    }
                    document.spans.insert(code.into_string());
                }
                _ => {}
            }
        }
        document
    }

    /// Adds the anchor that GitHub gives to a heading.
    pub(crate) fn add_anchor(&mut self, heading: &str) {
        let lowercase = heading.to_lowercase();
        let anchor_chars =
            lowercase.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        let anchor: String = anchor_chars.map(|c| if c == ' ' { '-' } else { c }).collect();
        let mut unique = anchor.clone();
        let mut count = 0;
        while !self.anchors.insert(unique.clone()) {
            count += 1;
            unique = format!("{anchor}-{count}");
        }
    }

    pub(crate) fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.sections.iter().flat_map(|(_, _, blocks)| blocks)
    }

    /// Returns the headings of a level below a heading of the next higher level.
    pub(crate) fn headings(&self, under: &str, level: u8) -> BTreeSet<String> {
        let inside = self.sections.iter().skip_while(|(_, name, _)| name != under).skip(1);
        let inside = inside.take_while(|(depth, _, _)| *depth >= level);
        inside.filter(|(depth, _, _)| *depth == level).map(|(_, name, _)| name.clone()).collect()
    }

    /// Returns every word in inline code and code blocks.
    pub(crate) fn words(&self) -> BTreeSet<String> {
        let code = self
            .spans
            .iter()
            .map(String::as_str)
            .chain(self.blocks().map(|block| block.text.as_str()));
        let words =
            code.flat_map(|code| code.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')));
        words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }
}

pub(crate) fn string_set<const N: usize>(items: [&str; N]) -> BTreeSet<String> {
    items.map(str::to_owned).into()
}
