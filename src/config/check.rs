//! The rules of `dateline check`, and the severity of each.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::settings_reader::SettingsReader;
use crate::diagnostics::nearest;

/// The severity of a violated rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleLevel {
    /// The rule is disabled.
    Off,
    /// A violation is a warning.
    Warning,
    /// A violation is an error: the check fails.
    Error,
}

/// Every rule with its default severity. `docs/check.md` explains each.
pub const RULES: [(&str, RuleLevel); 16] = [
    ("broken-link", RuleLevel::Error),
    ("broken-anchor", RuleLevel::Warning),
    ("broken-image", RuleLevel::Error),
    ("missing-alt", RuleLevel::Warning),
    ("image-size", RuleLevel::Warning),
    ("image-metadata", RuleLevel::Warning),
    ("malformed-html", RuleLevel::Warning),
    ("unreachable-page", RuleLevel::Warning),
    ("duplicate-headline", RuleLevel::Warning),
    ("no-section", RuleLevel::Warning),
    ("term-spelling", RuleLevel::Warning),
    ("similar-terms", RuleLevel::Warning),
    ("long-description", RuleLevel::Warning),
    ("stale-updated", RuleLevel::Warning),
    ("dead-link", RuleLevel::Warning),
    ("moved-link", RuleLevel::Off),
];

/// The names of the rules.
pub(super) const RULE_NAMES: &[&str] = &{
    let mut names = [""; RULES.len()];
    let mut index = 0;
    while index < RULES.len() {
        names[index] = RULES[index].0;
        index += 1;
    }
    names
};

/// The settings of `dateline check`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CheckSettings {
    /// The rules whose severity isn't the default.
    pub rules: BTreeMap<String, RuleLevel>,
    /// The longest description, in characters.
    pub description: usize,
    /// The URL of a page's copy in a web archive: `{url}` and `{date}` (`20240511`) are replaced
    /// with the page's URL and the article's day.
    pub archive: Option<String>,
    /// The settings of requests to external links.
    pub external: ExternalLinkSettings,
}

impl Default for CheckSettings {
    fn default() -> Self {
        Self {
            rules: BTreeMap::new(),
            description: 300,
            archive: None,
            external: ExternalLinkSettings::default(),
        }
    }
}

/// The settings of requests to external links.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ExternalLinkSettings {
    /// The number of hosts that are checked in parallel.
    pub hosts: usize,
    /// The pause between two requests to one host, in milliseconds.
    pub pause: u64,
    /// The time after which a request fails, in seconds.
    pub timeout: u64,
    /// The number of days for which a success is cached.
    pub keep: u32,
    /// Allows requests to this machine and to private networks.
    pub private: bool,
    /// URL prefixes that are never requested.
    pub ignore: Vec<String>,
}

impl Default for ExternalLinkSettings {
    fn default() -> Self {
        Self { hosts: 8, pause: 500, timeout: 15, keep: 30, private: false, ignore: Vec::new() }
    }
}

impl CheckSettings {
    /// The severity of a violated rule.
    pub(crate) fn level(&self, rule: &str) -> RuleLevel {
        let default = RULES
            .iter()
            .find(|(name, _)| *name == rule)
            .map_or(RuleLevel::Off, |(_, level)| *level);
        self.rules.get(rule).copied().unwrap_or(default)
    }
}

/// Reads the setting `check`.
pub(super) fn read_check_settings(reader: &mut SettingsReader<'_>) -> CheckSettings {
    let mut check: CheckSettings = reader.read("check").unwrap_or_default();
    let rule_names = || RULES.iter().map(|(name, _)| *name);
    let unknown: Vec<String> = check
        .rules
        .keys()
        .filter(|rule| rule_names().all(|name| name != rule.as_str()))
        .cloned()
        .collect();
    for rule in unknown {
        check.rules.remove(&rule);
        let help = nearest(&rule, rule_names()).map(|near| format!("did you mean `{near}`?"));
        let all_rules = || format!("the rules are {}", rule_names().collect::<Vec<_>>().join(", "));
        let message = format!("check: there is no rule `{rule}`");
        let help = Some(help.unwrap_or_else(all_rules));
        reader.report(&["check", "rules", &rule], &message, help);
    }
    if check.archive.as_ref().is_some_and(|pattern| !pattern.contains("{url}")) {
        let help =
            Some("write it as `archive: https://web.archive.org/web/{date}/{url}`".to_owned());
        reader.report(&["check", "archive"], "`check.archive` must contain `{url}`", help);
        check.archive = None;
    }
    check.external.hosts = check.external.hosts.clamp(1, 64);
    check
}
