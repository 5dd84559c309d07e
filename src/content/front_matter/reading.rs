//! Reading of front matter with all of its mistakes.

use std::collections::BTreeMap;

use serde_yaml::Value;

use super::blocks::{Block, read_blocks};
use super::errors::parser_error;
use super::fields::{FrontMatter, accepted_keys};
use super::key_checks::{KeyChecker, KeyFindings, key_context};
use super::raw::RawFrontMatter;
use super::tree::{parse_tree, read_entries, tree_blocks};
use crate::config::{MERGE_KEY, Site};
use crate::content::fences::FrontMatterFormat;
use crate::content::source::SourceFile;
use crate::content::visibility::{
    StatusMeaning, controls_visibility, may_hide, misplaced_keys, parse_boolean,
};
use crate::diagnostics::{Diagnostic, Location, Severity};

/// Front matter as far as it can be read, with its mistakes.
#[derive(Debug, Default)]
pub(crate) struct FrontMatterReading {
    /// The values that can be read.
    pub(crate) front_matter: FrontMatter,
    /// The mistakes. An article with an error isn't published.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The mistakes in the spelling of keys, of which a page of a term may have any.
    pub(crate) key_diagnostics: Vec<Diagnostic>,
    /// The reason why the article must not be visible to readers, although that isn't certain.
    pub(crate) suspicion: Option<String>,
}

impl FrontMatter {
    /// Reads the front matter of a file.
    ///
    /// # Errors
    /// Every mistake that keeps the article from being published, each with its line. Warnings are
    /// left out.
    pub fn parse(source: &SourceFile<'_>, site: &Site) -> Result<Self, Vec<Diagnostic>> {
        let reading = FrontMatterReading::read(source, site);
        let errors = reading.errors();
        if errors.is_empty() { Ok(reading.front_matter) } else { Err(errors) }
    }
}

/// The codes of front matter of which no value is known.
const SYNTAX_ERROR_CODES: [&str; 3] = ["invalid-yaml", "invalid-toml", "invalid-json"];

impl FrontMatterReading {
    /// Returns the mistakes that keep the article from being published.
    pub(crate) fn errors(&self) -> Vec<Diagnostic> {
        let all = self.diagnostics.iter().chain(&self.key_diagnostics);
        all.filter(|diagnostic| diagnostic.severity == Severity::Error).cloned().collect()
    }

    /// Returns true if it is certain which names the article lists, and which id it has.
    pub(crate) fn names_are_known(&self) -> bool {
        let decides_names = |key: &String| {
            matches!(key.as_str(), "redact" | MERGE_KEY)
                || accepted_keys("id").contains(&key.as_str())
        };
        !self.front_matter.unreadable_keys.iter().any(decides_names)
            && !self
                .diagnostics
                .iter()
                .any(|diagnostic| SYNTAX_ERROR_CODES.contains(&diagnostic.code))
    }

    /// Reads the front matter of a file, with all of its mistakes.
    pub(crate) fn read(source: &SourceFile<'_>, site: &Site) -> Self {
        let mut reader = Reader { source, site, reading: Self::default() };
        let raw = match source.format {
            FrontMatterFormat::Yaml => reader.read_yaml(),
            FrontMatterFormat::Toml | FrontMatterFormat::Json => reader.read_tree(),
        };
        reader.finish(raw)
    }
}

fn has_duplicates(keys: &[String]) -> bool {
    let mut sorted: Vec<&String> = keys.iter().collect();
    sorted.sort_unstable();
    sorted.windows(2).any(|pair| pair[0] == pair[1])
}

/// Returns true if a key decides the date, the title, the permalink or the visibility of an
/// article, so that the article isn't published if its value is in doubt.
fn is_deciding(key: &str, site: &Site) -> bool {
    let sections = site.config.sections.iter().filter_map(|section| section.permalink.as_deref());
    let mut patterns = sections.chain([site.config.permalink.as_str()]);
    let mut pattern_has = |placeholder: &str| patterns.any(|pattern| pattern.contains(placeholder));
    let is_name_of = |field: &str| accepted_keys(field).contains(&key);
    // `redactions.yaml` may list an article by its id.
    ["title", "date", "permalink", "slug", "id"].into_iter().any(is_name_of)
        || controls_visibility(key)
        || may_hide(key, site)
        // A merge key sets any of them.
        || key == MERGE_KEY
        || is_name_of("lang") && pattern_has("{lang}")
        || matches!(key, "section" | "sections" | "category" | "categories")
            && pattern_has("{section}")
}

struct Reader<'a> {
    source: &'a SourceFile<'a>,
    site: &'a Site,
    reading: FrontMatterReading,
}

impl Reader<'_> {
    fn read_yaml(&mut self) -> RawFrontMatter {
        let (source, site) = (self.source, self.site);
        let parsed = match RawFrontMatter::parse(source.front_matter, site) {
            Ok(raw) if !has_duplicates(&raw.keys) => return raw,
            parsed => parsed,
        };
        let blocks = read_blocks(source, site)
            .filter(|blocks| parsed.is_ok() || blocks.iter().any(|b| b.content.is_err()));
        match (blocks, parsed) {
            (Some(blocks), _) => self.merge_blocks(blocks),
            (None, Ok(raw)) => {
                self.report_repeated_keys(&raw.keys);
                raw
            }
            (None, Err(error)) => {
                let error = parser_error(source, source.front_matter, 0, &error);
                self.give_up(error.diagnostic)
            }
        }
    }

    /// Reads TOML or JSON.
    fn read_tree(&mut self) -> RawFrontMatter {
        let (source, site) = (self.source, self.site);
        let entries = match parse_tree(source) {
            Ok(entries) => entries,
            Err(diagnostic) => return self.give_up(*diagnostic),
        };
        match read_entries(&entries, source, site) {
            Some(raw) if !has_duplicates(&raw.keys) => raw,
            _ => self.merge_blocks(tree_blocks(&entries, source, site)),
        }
    }

    /// Reports front matter of which no value can be read.
    fn give_up(&mut self, diagnostic: Diagnostic) -> RawFrontMatter {
        self.reading.diagnostics.push(diagnostic);
        // That they are missing isn't certain.
        let fields = ["title", "date", "id", "redact"].map(str::to_owned);
        self.reading.front_matter.unreadable_keys.extend(fields);
        RawFrontMatter::default()
    }

    /// Joins the blocks that can be read, and reports the mistakes of the others.
    fn merge_blocks(&mut self, blocks: Vec<Block>) -> RawFrontMatter {
        let mut last_of_key: BTreeMap<String, usize> = BTreeMap::new();
        let mut blocks_of_key: BTreeMap<&str, Vec<&Block>> = BTreeMap::new();
        for (index, block) in blocks.iter().enumerate() {
            last_of_key.insert(block.key.clone(), index);
            blocks_of_key.entry(&block.key).or_default().push(block);
        }
        for same_key in blocks_of_key.values().filter(|blocks| blocks.len() > 1) {
            self.report_repeated_block(same_key);
        }
        let mut raw = RawFrontMatter::default();
        for (index, block) in blocks.into_iter().enumerate() {
            let is_last = last_of_key.get(&block.key) == Some(&index);
            let value = block.value;
            match block.content {
                Ok(part) if is_last => raw.append(part),
                Ok(_) => {}
                Err(error) => {
                    let mut diagnostic = error.diagnostic;
                    let is_harmless = error.is_wrong_type
                        && value.is_some()
                        && !block.key.is_empty()
                        && !is_deciding(&block.key, self.site);
                    if is_harmless {
                        diagnostic.severity = Severity::Warning;
                        let help = diagnostic.help.take().unwrap_or_default();
                        diagnostic = diagnostic
                            .help(format!("the article is built without this value; {help}"));
                        // Templates may use it.
                        if let Some(value) = value.filter(|_| is_last) {
                            raw.extra.insert(Value::String(block.key), value);
                        }
                    } else {
                        self.suspect_unreadable(&block.key);
                    }
                    self.reading.diagnostics.push(diagnostic);
                }
            }
        }
        raw
    }

    /// Notes a key whose value can't be read.
    fn suspect_unreadable(&mut self, key: &str) {
        if controls_visibility(key) {
            let reason = || format!("`{key}` can't be read");
            self.reading.suspicion.get_or_insert_with(reason);
        }
        self.reading.front_matter.unreadable_keys.push(key.to_owned());
    }

    /// Reports a key that several blocks set.
    fn report_repeated_block(&mut self, blocks: &[&Block]) {
        let key = &blocks[0].key;
        let is_same = |pair: &[&Block]| {
            let values = (&pair[0].value, &pair[1].value);
            let is_number = |value: &Option<Value>| matches!(value, Some(Value::Number(_)));
            pair[0].written_value == pair[1].written_value
                || values.0 == values.1 && values.0.is_some() && !is_number(values.0)
        };
        let is_harmless = blocks.windows(2).all(is_same) || !is_deciding(key, self.site);
        self.report_repeated_key(key, blocks.len(), is_harmless);
    }

    /// Reports the keys that are set twice in front matter that doesn't consist of blocks.
    fn report_repeated_keys(&mut self, keys: &[String]) {
        let mut counts: BTreeMap<&String, usize> = BTreeMap::new();
        keys.iter().for_each(|key| *counts.entry(key).or_default() += 1);
        for (key, count) in counts.into_iter().filter(|(_, count)| *count > 1) {
            self.report_repeated_key(key, count, !is_deciding(key, self.site));
        }
    }

    /// Reports a key that is set several times: a warning if it is harmless.
    fn report_repeated_key(&mut self, key: &str, count: usize, is_harmless: bool) {
        let locations: Vec<Location> = self.source.key_locations(key).take(count).collect();
        let times = if count == 2 { "twice".to_owned() } else { format!("{count} times") };
        let lines: Vec<String> =
            locations.iter().map(|location| format!("in line {}", location.line)).collect();
        let lines = match &lines[..] {
            [] => String::new(),
            [only] => format!(", {only}"),
            [first @ .., last] => format!(", {} and {last}", first.join(", ")),
        };
        let message = format!("`{key}` is set {times}{lines}");
        let file = self.source.file;
        let diagnostic = if is_harmless {
            Diagnostic::warning("duplicate-key", file, message)
                .help("the last value counts; keep one of them")
        } else {
            // If one of the values hides the article, `concealing_line` finds it.
            self.reading.front_matter.unreadable_keys.push(key.to_owned());
            Diagnostic::error("duplicate-key", file, message).help("keep one of them")
        };
        let location = locations.get(1).or(locations.first()).cloned();
        let related = locations.first().filter(|_| locations.len() > 1).cloned();
        self.reading
            .diagnostics
            .push(diagnostic.location(location).related(related, "first set here"));
    }

    /// Reports the mistakes that have nothing to do with YAML.
    fn finish(mut self, mut raw: RawFrontMatter) -> FrontMatterReading {
        for key in raw.apply_merge_keys() {
            self.report_repeated_key(&key, 2, !is_deciding(&key, self.site));
        }
        for (key, nested_key) in std::mem::take(&mut raw.repeated) {
            self.report_nested_duplicate(&key, &nested_key);
        }
        let status = raw.status.take();
        let context = key_context(self.site, &raw.keys);
        let misplaced = misplaced_keys(&raw.extra, &raw.redact, &context);
        let written_keys = std::mem::take(&mut raw.keys);
        let unreadable_keys = std::mem::take(&mut self.reading.front_matter.unreadable_keys);
        let (front_matter, bad_flags) = raw.into_front_matter(self.source, self.site);
        self.reading.front_matter = FrontMatter { unreadable_keys, ..front_matter };
        for (key, text) in bad_flags {
            self.report_bad_flag(&key, &text);
        }
        self.resolve_status(status);
        let checker = KeyChecker {
            source: self.source,
            site: self.site,
            front_matter: &mut self.reading.front_matter,
            findings: KeyFindings::default(),
        };
        let findings = checker.check(&written_keys, &misplaced);
        self.reading.diagnostics.extend(findings.diagnostics);
        self.reading.key_diagnostics.extend(findings.key_diagnostics);
        self.reading.suspicion = findings.suspicion.or(self.reading.suspicion);
        self.reading
    }

    fn report_nested_duplicate(&mut self, key: &str, nested_key: &str) {
        let lines = match self.source.lines_of_nested_key(key, nested_key) {
            [] => String::new(),
            [line] => format!(", in line {line}"),
            [first, .., last] => format!(", in line {first} and in line {last}"),
        };
        let message = format!("`{nested_key}` is set twice in `{key}`{lines}");
        let diagnostic = Diagnostic::warning("duplicate-key", self.source.file, message)
            .location(self.source.key_or_merge_location(key));
        let diagnostic = match may_hide(nested_key, self.site) {
            // If one of the values hides the article, `concealing_line` finds it.
            true => Diagnostic { severity: Severity::Error, ..diagnostic }.help("keep one of them"),
            false => diagnostic.help("the last value counts; keep one of them"),
        };
        self.reading.diagnostics.push(diagnostic);
    }

    fn report_bad_flag(&mut self, key: &str, text: &str) {
        let message = format!("`{key}` must be `true` or `false`, not `{text}`");
        let file = self.source.file;
        let diagnostic = if is_deciding(key, self.site) {
            self.suspect_unreadable(key);
            Diagnostic::error("wrong-type", file, message)
        } else {
            Diagnostic::warning("wrong-type", file, message)
        };
        let help = format!("write `{key}: true`, or take the line out");
        let location = self.source.key_or_merge_location(key);
        self.reading.diagnostics.push(diagnostic.location(location).help(help));
    }

    /// Resolves `status:`. A status that is probably misspelled withholds the article if the status
    /// that was meant does.
    fn resolve_status(&mut self, status: Option<Value>) {
        let text = match status {
            None | Some(Value::Null) => return,
            Some(Value::String(text)) if text.trim().is_empty() => return,
            Some(Value::String(text))
                if parse_boolean(&text) == Some(false) && text.contains(char::is_alphabetic) =>
            {
                return self.report_status_type(&format!("`{text}`"));
            }
            Some(Value::String(text)) => text,
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::Bool(true)) => "true".to_owned(),
            Some(Value::Bool(false)) => return self.report_status_type("`false`"),
            Some(Value::Sequence(_)) => return self.report_status_type("a list"),
            Some(_) => return self.report_status_type("a map"),
        };
        let front_matter = &mut self.reading.front_matter;
        match StatusMeaning::parse(&text) {
            StatusMeaning::Own(status) => front_matter.status = status,
            // Its date decides.
            StatusMeaning::Scheduled => {}
            StatusMeaning::Draft(_) if self.site.options.include_drafts => {}
            StatusMeaning::Draft(word) | StatusMeaning::Withheld(word) => {
                front_matter.withheld_status = Some(word);
            }
            StatusMeaning::Misspelled(word) => {
                let message = format!(
                    "the status `{text}` is unknown and may mean `{word}`: the article is withheld"
                );
                let help = format!("write `status: {word}`, or `status: published`");
                let diagnostic = Diagnostic::error("misspelled-status", self.source.file, message);
                self.report_status(diagnostic.help(help));
                self.reading.suspicion = Some(format!("the status `{text}` may mean `{word}`"));
            }
            StatusMeaning::Unknown => {
                // Versions of the article may have to be hidden.
                front_matter.history_off = true;
                let message = format!("the status `{text}` is unknown: the article is published");
                let help = "write `published`, `corrected`, `retracted`, `unpublished` or \
                            `anonymized`, or give the key another name";
                let diagnostic = Diagnostic::warning("unknown-status", self.source.file, message);
                self.report_status(diagnostic.help(help));
            }
        }
    }

    fn report_status_type(&mut self, actual: &str) {
        let message = format!("`status` is {actual}, but must be one value");
        let help = "write `status: unpublished` to take the article down, or take the line out";
        let diagnostic = Diagnostic::error("wrong-type", self.source.file, message);
        self.report_status(diagnostic.help(help));
        self.suspect_unreadable("status");
    }

    fn report_status(&mut self, diagnostic: Diagnostic) {
        let location = self.source.key_or_merge_location("status");
        self.reading.diagnostics.push(diagnostic.location(location));
    }
}
