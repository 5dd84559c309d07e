//! Turns redirects of the old site into aliases of imported articles and rules of the site.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use super::rule::{OldRedirect, RedirectSource};
use crate::config::{RedirectFormat, RedirectSettings};
use crate::import::plan::ImportPlan;
use crate::import::urls::{host, old_path};
use crate::model::Permalink;

/// The maximum number of redirects in a row that are followed.
const MAX_CHAIN: usize = 20;

/// The site that the redirects become part of.
#[derive(Clone, Copy)]
pub(crate) struct RedirectContext<'a> {
    pub(crate) plan: &'a ImportPlan,
    /// The rules of the site.
    pub(crate) settings: &'a RedirectSettings,
}

/// The result for a redirect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RedirectTarget {
    /// An alias of the article of a record.
    Alias { record: usize, path: Permalink },
    /// A rule of the site.
    Rule { from: String, to: String },
    /// The site or another redirect has it already.
    Known,
    /// It can't be converted, for this reason.
    Failed(String),
}

/// Resolves redirects, in their order. Chains are followed to their end.
pub(crate) fn resolve_redirects(
    context: RedirectContext<'_>,
    redirects: &[&OldRedirect],
) -> Vec<RedirectTarget> {
    let mut targets = HashMap::new();
    for redirect in redirects {
        if let RedirectSource::Exact(from) = &redirect.from
            && let Ok(path) = old_path(from)
        {
            targets.entry(path.as_str().to_owned()).or_insert(redirect.to.as_str());
        }
    }
    let mut seen = HashMap::new();
    let resolver = Resolver { context, targets };
    let resolved = redirects.iter().map(|redirect| {
        let target = resolver.resolve(redirect).unwrap_or_else(RedirectTarget::Failed);
        let key = match &redirect.from {
            RedirectSource::Exact(from) => from.clone(),
            RedirectSource::Prefix(from) => format!("{from}*"),
        };
        match seen.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(target.clone());
                target
            }
            Entry::Occupied(entry) if *entry.get() == target => RedirectTarget::Known,
            Entry::Occupied(_) => {
                let reason = "another rule before it has the same URL and another target";
                RedirectTarget::Failed(reason.to_owned())
            }
        }
    });
    resolved.collect()
}

struct Resolver<'a> {
    context: RedirectContext<'a>,
    /// The targets of single URLs by their paths.
    targets: HashMap<String, &'a str>,
}

impl Resolver<'_> {
    fn resolve(&self, redirect: &OldRedirect) -> Result<RedirectTarget, String> {
        let plan = self.context.plan;
        let from = match &redirect.from {
            RedirectSource::Prefix(from) => return self.prefix_rule(from, &redirect.to),
            RedirectSource::Exact(from) => old_path(from)?,
        };
        if plan.record_at(from.as_str()).is_some() {
            return Err("it is the URL of an imported article".to_owned());
        }
        let to = self.end_of_chain(&redirect.to)?;
        if let Some(record) = plan.record_at(&to) {
            return Ok(RedirectTarget::Alias { record, path: from });
        }
        self.rule(from.as_str().to_owned(), self.local(&to))
    }

    /// Follows redirects to a URL that isn't redirected.
    fn end_of_chain(&self, to: &str) -> Result<String, String> {
        let mut to = to;
        let mut seen = HashSet::new();
        while seen.len() < MAX_CHAIN {
            let local = self.local(to);
            let path = if local.starts_with('/') { old_path(&local).ok() } else { None };
            let next = path.and_then(|path| self.targets.get(path.as_str()));
            match next {
                Some(next) if self.context.plan.record_at(to).is_none() => {
                    if !seen.insert(to) {
                        return Err("the redirects form a cycle".to_owned());
                    }
                    to = next;
                }
                _ => return Ok(to.to_owned()),
            }
        }
        Err(format!("more than {MAX_CHAIN} redirects follow each other"))
    }

    fn prefix_rule(&self, from: &str, to: &str) -> Result<RedirectTarget, String> {
        if self.context.settings.formats == [RedirectFormat::Html] {
            let help = "add another format to `redirects: formats` first";
            return Err(format!("a rule for all URLs below a path needs a host's format: {help}"));
        }
        self.rule(format!("{from}*"), self.local(to))
    }

    /// Returns a URL of the old site as a path.
    fn local(&self, to: &str) -> String {
        let is_own = host(to).is_some_and(|host| self.context.plan.has_host(&host));
        let path = to.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
        match (is_own, path) {
            (true, Some(path)) => path.to_owned(),
            (true, None) => "/".to_owned(),
            (false, _) => to.to_owned(),
        }
    }

    fn rule(&self, from: String, to: String) -> Result<RedirectTarget, String> {
        let mut rules = RedirectSettings::default();
        rules.add_rule(&from, &to).map_err(|(message, help)| format!("{message}: {help}"))?;
        let settings = self.context.settings;
        let known = settings.exact.iter().find(|(known, _)| *known == from);
        if let Some((_, target)) = known {
            return match *target == to {
                true => Ok(RedirectTarget::Known),
                false => Err(format!("the site redirects it to `{target}`")),
            };
        }
        let has_wildcard = |rule| settings.wildcards.contains(rule);
        if rules.wildcards.iter().any(has_wildcard) {
            return Ok(RedirectTarget::Known);
        }
        Ok(RedirectTarget::Rule { from, to })
    }
}
