//! The rules of a check, with the severity that the site's settings give them.

use crate::config::{RuleLevel, Site};
use crate::diagnostics::Diagnostic;

/// Creates a finding with the severity of its rule; `None` if the rule is off.
pub(super) fn finding(
    site: &Site,
    rule: &'static str,
    file: impl Into<String>,
    message: impl Into<String>,
) -> Option<Diagnostic> {
    match site.config.check.level(rule) {
        RuleLevel::Off => None,
        RuleLevel::Warning => Some(Diagnostic::warning(rule, file, message)),
        RuleLevel::Error => Some(Diagnostic::error(rule, file, message)),
    }
}

/// Returns true if a rule isn't off.
pub(super) fn is_enabled(site: &Site, rule: &str) -> bool {
    site.config.check.level(rule) != RuleLevel::Off
}
