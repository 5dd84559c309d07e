//! Keys that this program doesn't read: those with which other systems hide an article, misspelled
//! ones, and those in the wrong place.

use std::collections::HashMap;

use serde_yaml::Value;

use super::fields::{FrontMatter, accepted_keys, known_keys};
use crate::config::Site;
use crate::content::source::SourceFile;
use crate::content::visibility::{
    DateEffect, DateRule, ForeignFlag, KeyContext, MisplacedEffect, MisplacedKey, date_effect,
    date_rule, foreign_flag, is_unread_redaction, misspelled_date_key, misspelled_foreign_flag,
    misspelled_visibility_key, nearest_key,
};
use crate::diagnostics::{Diagnostic, Location, Severity};
use crate::model::Moment;
use crate::model::work::add_steps;

/// The mistakes in keys.
#[derive(Debug, Default)]
pub(super) struct KeyFindings {
    /// Those that a page of a term must not have, either.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// Those of which a page of a term may have any.
    pub(super) key_diagnostics: Vec<Diagnostic>,
    /// The reason why the article must not be visible to readers, although that isn't certain.
    pub(super) suspicion: Option<String>,
}

/// Checks the keys of front matter and the values of those that aren't read, and applies those of
/// other systems.
pub(super) struct KeyChecker<'a> {
    pub(super) source: &'a SourceFile<'a>,
    pub(super) site: &'a Site,
    pub(super) front_matter: &'a mut FrontMatter,
    pub(super) findings: KeyFindings,
}

/// Returns the context of the values of keys, which are in lower case.
pub(super) fn key_context<'a>(site: &'a Site, written_keys: &[String]) -> KeyContext<'a> {
    let has_date =
        accepted_keys("date").iter().any(|name| written_keys.iter().any(|key| key == name));
    KeyContext { site, has_date }
}

impl KeyChecker<'_> {
    /// Checks all keys, in lower case, and those that were found in the wrong place.
    pub(super) fn check(
        mut self,
        written_keys: &[String],
        misplaced: &[MisplacedKey],
    ) -> KeyFindings {
        self.check_redact(written_keys);
        self.check_misplaced(misplaced);
        let context = key_context(self.site, written_keys);
        let mut values: HashMap<String, Value> = HashMap::new();
        for (key, value) in &self.front_matter.extra {
            add_steps(1);
            if let Some(key) = key.as_str() {
                values.entry(key.to_ascii_lowercase()).or_insert_with(|| value.clone());
            }
        }
        for written in written_keys {
            add_steps(1);
            let value = values.get(written).unwrap_or(&Value::Null);
            // A name of a date that isn't the first one, too.
            if let Some(rule) = date_rule(written).filter(|_| values.contains_key(written)) {
                self.apply_date(written, rule, value);
            } else if !known_keys(self.site).any(|known| known == written) {
                self.check_unknown_key(written, value, &context);
            }
        }
        self.findings
    }

    /// Checks that names to redact are given if the front matter has the key.
    fn check_redact(&mut self, written_keys: &[String]) {
        let has_key = written_keys.iter().any(|key| key == "redact");
        let is_unreadable = self.front_matter.unreadable_keys.iter().any(|key| key == "redact");
        let names = &self.front_matter.redact;
        let has_empty_name = names.is_empty() || names.iter().any(|name| name.trim().is_empty());
        if has_key && !is_unreadable && has_empty_name {
            let message = "a name to redact is missing under `redact:`: the article is withheld";
            let diagnostic = Diagnostic::error("bad-redaction", self.source.file, message)
                .location(self.location("redact"))
                .help("write the name as it appears in the article, or take the line out")
                .without_text();
            self.findings.diagnostics.push(diagnostic);
            self.suspect("`redact` has no name".to_owned());
        }
    }

    /// Reports keys in maps in which they have no effect.
    fn check_misplaced(&mut self, misplaced: &[MisplacedKey]) {
        for MisplacedKey { top_key, parent, key, effect } in misplaced {
            let (message, target) = match effect {
                MisplacedEffect::Hide => (
                    format!(
                        "`{key}` has no effect below `{parent}`, and may be meant to hide the \
                         article: the article is withheld"
                    ),
                    "the top level".to_owned(),
                ),
                MisplacedEffect::Redact => (
                    format!(
                        "names to redact aren't read from `{key}` below `{parent}`: the article \
                         is withheld"
                    ),
                    "`redact:` at the top level".to_owned(),
                ),
            };
            let help = format!("move it to {target}, or give a key of your own another name");
            let diagnostic = Diagnostic::error("misplaced-key", self.source.file, message)
                .location(self.location(top_key))
                .help(help);
            // The line may contain a name.
            self.findings.diagnostics.push(match effect {
                MisplacedEffect::Hide => diagnostic,
                MisplacedEffect::Redact => diagnostic.without_text(),
            });
            self.suspect(format!("`{key}` is below `{parent}`"));
        }
    }

    /// Applies a date of another system. Of several dates, the strictest counts.
    fn apply_date(&mut self, key: &str, rule: DateRule, value: &Value) {
        let zone = self.site.zone;
        let front_matter = &mut *self.front_matter;
        match date_effect(rule, value, self.site) {
            Some(DateEffect::Hides(moment, text)) => {
                let current = match rule {
                    DateRule::Embargo => &mut front_matter.embargo,
                    DateRule::Expiry => &mut front_matter.expires,
                };
                let Some(written) = current else {
                    *current = Some(text);
                    return;
                };
                // A mistake in the first one is reported elsewhere.
                let is_stricter =
                    Moment::parse_zoned(written.trim(), zone).is_ok_and(|first| match rule {
                        DateRule::Embargo => moment.seconds > first.seconds,
                        DateRule::Expiry => moment.seconds < first.seconds,
                    });
                if is_stricter {
                    *current = Some(text);
                }
            }
            Some(DateEffect::Unreadable(written)) => {
                let message = format!("`{key}` is {written}, which isn't a date");
                let diagnostic = Diagnostic::error("bad-date", self.source.file, message)
                    .location(self.location(key))
                    .help("write it as 2024-11-05 or 2024-11-05 14:30, or take the line out");
                self.findings.diagnostics.push(diagnostic);
                self.suspect(format!("`{key}` can't be read"));
            }
            Some(DateEffect::Shows) | None => {}
        }
    }

    fn check_unknown_key(&mut self, written: &str, value: &Value, context: &KeyContext<'_>) {
        if is_unread_redaction(written, value) {
            return self.report_meant_key(written, "redact");
        }
        if let Some(flag) = foreign_flag(written, value) {
            return self.apply_flag(written, flag);
        }
        let meant = misspelled_visibility_key(written, value, context)
            .or_else(|| misspelled_foreign_flag(written, value))
            .or_else(|| misspelled_date_key(written, value, self.site));
        if let Some(meant) = meant {
            self.report_meant_key(written, meant);
        } else if let Some(meant) = nearest_key(written, known_keys(self.site)) {
            let front_matter = &mut *self.front_matter;
            front_matter.search_off |= meant == "search";
            front_matter.history_off |= meant == "history";
            let message = format!("the key `{written}` is unknown and may mean `{meant}`");
            let help = format!("write `{meant}:`, or move a key of your own below `extra:`");
            self.report_key(Severity::Warning, written, message, &help);
        }
    }

    /// Applies a key of another system.
    fn apply_flag(&mut self, key: &str, flag: ForeignFlag) {
        let includes_drafts = self.site.options.include_drafts;
        match flag {
            ForeignFlag::Draft => self.front_matter.draft = true,
            ForeignFlag::Unfinished(_) if includes_drafts => {}
            ForeignFlag::Unfinished(status) | ForeignFlag::Hidden(status) => {
                self.front_matter.withheld_status = Some(status);
            }
            ForeignFlag::Doubtful(meant) => {
                let message = format!(
                    "the value of `{key}` is unknown and may mean `{meant}`: the article is \
                     withheld"
                );
                let help = format!("write `{key}: {meant}`, or take the line out");
                let diagnostic = Diagnostic::error("misspelled-status", self.source.file, message)
                    .location(self.location(key))
                    .help(help);
                self.findings.key_diagnostics.push(diagnostic);
                self.suspect(format!("`{key}` may mean `{meant}`"));
            }
        }
    }

    /// Reports a key that probably stands for one that controls visibility.
    fn report_meant_key(&mut self, written: &str, meant: &str) {
        let message = format!(
            "the key `{written}` is unknown and may mean `{meant}`: the article is withheld"
        );
        let help = format!("write `{meant}:`, or give a key of your own another name");
        self.report_key(Severity::Error, written, message, &help);
        if meant == "redact" {
            // The line may contain a name.
            let last = self.findings.key_diagnostics.pop();
            self.findings.key_diagnostics.extend(last.map(Diagnostic::without_text));
        }
        self.suspect(format!("the key `{written}` may mean `{meant}`"));
    }

    /// Reports a key.
    fn report_key(&mut self, severity: Severity, key: &str, message: String, help: &str) {
        let diagnostic = Diagnostic::error("misspelled-key", self.source.file, message)
            .location(self.location(key))
            .help(help);
        self.findings.key_diagnostics.push(Diagnostic { severity, ..diagnostic });
    }

    fn suspect(&mut self, reason: String) {
        self.findings.suspicion = Some(reason);
    }

    fn location(&self, key: &str) -> Option<Location> {
        self.source.key_or_merge_location(key)
    }
}
