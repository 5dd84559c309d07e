//! What `dateline check` looks for, and how bad each is.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::reader::{Reader, mistake};
use crate::diagnostic::nearest;

/// How bad it is when a rule isn't kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It isn't looked for.
    Off,
    /// It is told.
    Warning,
    /// It is told, and the check fails.
    Error,
}

/// Every rule, with how bad it is unless the site says otherwise. `docs/check.md` explains each.
pub const RULES: [(&str, Level); 15] = [
    ("broken-link", Level::Error),
    ("broken-anchor", Level::Warning),
    ("broken-image", Level::Error),
    ("missing-alt", Level::Warning),
    ("image-size", Level::Warning),
    ("malformed-html", Level::Warning),
    ("unreachable-page", Level::Warning),
    ("duplicate-headline", Level::Warning),
    ("no-section", Level::Warning),
    ("term-spelling", Level::Warning),
    ("similar-terms", Level::Warning),
    ("long-description", Level::Warning),
    ("stale-updated", Level::Warning),
    ("dead-link", Level::Warning),
    ("moved-link", Level::Off),
];

/// How the site is checked.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Check {
    /// Rules that are another level than usual.
    pub rules: BTreeMap<String, Level>,
    /// The longest description, in characters.
    pub description: usize,
    /// The address at which an archive of the web has a page: `{url}` and `{date}` (`20240511`) stand for the page's address and the story's day.
    pub archive: Option<String>,
    /// How links that lead out of the site are asked.
    pub external: External,
}

impl Default for Check {
    fn default() -> Self {
        Self { rules: BTreeMap::new(), description: 300, archive: None, external: External::default() }
    }
}

/// How links that lead out of the site are asked.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct External {
    /// How many hosts are asked at a time.
    pub hosts: usize,
    /// How long to wait between two questions to one host, in milliseconds.
    pub pause: u64,
    /// How long to wait for an answer, in seconds.
    pub timeout: u64,
    /// For how many days a good answer counts.
    pub keep: u32,
    /// Whether addresses of this machine and its own network are asked, too.
    pub private: bool,
    /// What addresses begin with that aren't asked.
    pub ignore: Vec<String>,
}

impl Default for External {
    fn default() -> Self {
        Self { hosts: 8, pause: 500, timeout: 15, keep: 30, private: false, ignore: Vec::new() }
    }
}

impl Check {
    /// How bad it is when a rule isn't kept.
    pub fn level(&self, rule: &str) -> Level {
        let usual = RULES.iter().find(|(name, _)| *name == rule).map_or(Level::Off, |(_, level)| *level);
        self.rules.get(rule).copied().unwrap_or(usual)
    }
}

/// The setting `check`.
pub(super) fn read(reader: &mut Reader<'_>) -> Check {
    let mut check: Check = reader.take("check").unwrap_or_default();
    let known = || RULES.iter().map(|(name, _)| *name);
    let unknown: Vec<String> =
        check.rules.keys().filter(|rule| known().all(|name| name != rule.as_str())).cloned().collect();
    for rule in unknown {
        check.rules.remove(&rule);
        let help = nearest(&rule, known()).map(|near| format!("did you mean `{near}`?"));
        let all = || format!("the rules are {}", known().collect::<Vec<_>>().join(", "));
        let message = format!("check: there is no rule `{rule}`");
        reader.diagnostics.push(mistake(reader.source, "check", &message, Some(help.unwrap_or_else(all))));
    }
    if check.archive.as_ref().is_some_and(|pattern| !pattern.contains("{url}")) {
        let help = Some("write it as `https://web.archive.org/web/{date}/{url}`".to_owned());
        reader.diagnostics.push(mistake(
            reader.source,
            "check",
            "check: archive: there is no `{url}` in it",
            help,
        ));
        check.archive = None;
    }
    check.external.hosts = check.external.hosts.clamp(1, 64);
    check
}
