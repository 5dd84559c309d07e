//! Findings with one cause: a missing file is reported by the build, by the rule about its link or
//! image, and by the rule about the image's size. Only the most specific one is kept.

use std::collections::BTreeSet;

use crate::diagnostics::{Diagnostic, Location};

/// Pairs of codes: the second is left out where the first is reported at the same position.
const SAME_CAUSE: [(&str, &str); 3] = [
    ("broken-image", "missing-image"),
    ("broken-image", "image-size"),
    ("broken-link", "missing-file"),
];

/// Removes findings that another finding at the same position explains.
pub(super) fn keep_one_finding_per_cause(diagnostics: &mut Vec<Diagnostic>) {
    let explained: BTreeSet<(&str, String, Location)> = diagnostics
        .iter()
        .flat_map(|diagnostic| {
            let consequences = SAME_CAUSE.iter().filter(|(cause, _)| *cause == diagnostic.code);
            consequences.filter_map(|(_, code)| {
                Some((*code, diagnostic.file.clone(), diagnostic.location.clone()?))
            })
        })
        .collect();
    diagnostics.retain(|diagnostic| {
        let Some(location) = &diagnostic.location else { return true };
        let key = (diagnostic.code, diagnostic.file.clone(), location.clone());
        !explained.contains(&key)
    });
}
