//! Imports the redirects of the old site.

use std::collections::HashMap;
use std::io::Read as _;

use super::outcome::Outcome;
use super::plan::{Decision, ImportPlan};
use super::redirects::{
    MAX_REDIRECTS_BYTES, OldRedirect, ReadRule, RedirectContext, RedirectSource, RedirectTarget,
    add_rules, resolve_redirects,
};
use super::report::{RecordResult, ReportWriter};
use super::source::RedirectFile;
use super::write::WriteMode;
use crate::atomic_file::replace_file;
use crate::config::{CONFIG_FILE, Site};
use crate::diagnostics::Error;
use crate::model::Permalink;
use crate::regular_file;

/// The redirects of the old site, and the result for each.
#[derive(Debug, Default)]
pub(crate) struct RedirectPlan {
    /// The aliases of each record.
    aliases: HashMap<usize, Vec<Permalink>>,
    /// The rules that the site gets.
    rules: Vec<(String, String)>,
    results: Vec<RecordResult>,
    /// The numbers of the results that become rules.
    rule_results: Vec<usize>,
}

/// Reads the files of redirects, and resolves each.
///
/// # Errors
/// [`Error::Io`] if a file can't be read, or is too long.
pub(crate) fn plan_redirects(
    site: &Site,
    plan: &ImportPlan,
    files: &[RedirectFile],
) -> Result<RedirectPlan, Error> {
    let mut rules: Vec<(&str, ReadRule)> = Vec::new();
    for file in files {
        let read = file.syntax.read(&read_file(file)?);
        rules.extend(read.into_iter().map(|rule| (file.name.as_str(), rule)));
    }
    let readable: Vec<&OldRedirect> = rules.iter().filter_map(|(_, r)| r.as_ref().ok()).collect();
    let context = RedirectContext { plan, settings: &site.config.outputs.redirects };
    let mut targets = resolve_redirects(context, &readable).into_iter();
    let mut redirects = RedirectPlan::default();
    for (source, rule) in &rules {
        let target = match rule {
            Ok(_) => targets.next(),
            Err(_) => None,
        };
        redirects.add(plan, source, rule, target);
    }
    Ok(redirects)
}

fn read_file(file: &RedirectFile) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let opened = regular_file::open(&file.path);
    let read = opened.and_then(|input| {
        let length = input.take(MAX_REDIRECTS_BYTES + 1).read_to_end(&mut bytes)?;
        match length as u64 > MAX_REDIRECTS_BYTES {
            true => Err(std::io::Error::other(format!("longer than {MAX_REDIRECTS_BYTES} bytes"))),
            false => Ok(()),
        }
    });
    read.map_err(Error::io("can't read", &file.path))?;
    Ok(bytes)
}

impl RedirectPlan {
    /// Returns the aliases of a record.
    pub(crate) fn aliases_of(&self, record: usize) -> &[Permalink] {
        self.aliases.get(&record).map_or(&[], Vec::as_slice)
    }

    fn add(
        &mut self,
        plan: &ImportPlan,
        source: &str,
        rule: &ReadRule,
        target: Option<RedirectTarget>,
    ) {
        let mut result = RecordResult::new(source);
        result.outcome = Outcome::Redirect;
        match rule {
            Err(unread) => {
                result.line = unread.line;
                result.title.clone_from(&unread.text);
                result.outcome = Outcome::Failed(unread.reason.to_owned());
            }
            Ok(redirect) => {
                result.line = redirect.line;
                result.id = match &redirect.from {
                    RedirectSource::Exact(from) => from.clone(),
                    RedirectSource::Prefix(from) => format!("{from}*"),
                };
                result.title = format!("{} → {}", result.id, redirect.to);
                result.warnings.extend(redirect.warning.map(str::to_owned));
            }
        }
        match target {
            Some(RedirectTarget::Alias { record, path }) => {
                if let Some(Decision::Write { file, .. }) = plan.decisions.get(record) {
                    result.file = Some(format!("content/{file}"));
                }
                self.aliases.entry(record).or_default().push(path);
            }
            Some(RedirectTarget::Rule { from, to }) => {
                result.file = Some(CONFIG_FILE.to_owned());
                result.new_url = Some(to.clone());
                self.rules.push((from, to));
                self.rule_results.push(self.results.len());
            }
            Some(RedirectTarget::Failed(reason)) => result.outcome = Outcome::Failed(reason),
            Some(RedirectTarget::Known) | None => {}
        }
        self.results.push(result);
    }

    /// Adds the rules to the site's settings, and all redirects to the report.
    ///
    /// # Errors
    /// [`Error::Io`] if the settings can't be read or written, or the report can't be written.
    pub(crate) fn finish(
        &self,
        site: &Site,
        mode: WriteMode,
        report: &mut ReportWriter<'_>,
    ) -> Result<(), Error> {
        let mut unwritten = HashMap::new();
        if !self.rules.is_empty() {
            let path = site.root.join(CONFIG_FILE);
            let text = match regular_file::read_to_string(&path) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
                read => read.map_err(Error::io("can't read", &path))?,
            };
            match add_rules(&text, &self.rules) {
                Some(_) if mode == WriteMode::DryRun => {}
                Some(new) => replace_file(&path, new.as_bytes())?,
                None => unwritten = self.rule_results.iter().zip(&self.rules).collect(),
            }
        }
        for (number, result) in self.results.iter().enumerate() {
            match unwritten.get(&number) {
                None => report.add(result)?,
                Some((from, to)) => {
                    let help = format!("add `{from}: {to}` to `redirects: rules` there");
                    let reason = format!("{CONFIG_FILE} has `redirects` on one line: {help}");
                    let outcome = Outcome::Failed(reason);
                    report.add(&RecordResult { outcome, file: None, ..result.clone() })?;
                }
            }
        }
        Ok(())
    }
}
