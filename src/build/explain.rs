//! Explain: why a page is made, input by input. The old inputs come from the saved records, walked as the new ones are.

use std::collections::{BTreeMap, HashMap};

use super::folder::Folder;
use super::plan::{self, Batch, Output};
use super::stamp::{self, Scan};
use crate::catalog::record::Record;
use crate::catalog::{Builder, Catalog};
use crate::diagnostic::Error;
use crate::ledger::Ledger;
use crate::model::{Fingerprint, Told};
use crate::pages::View;
use crate::register;
use crate::site::Site;
use crate::state::State;

/// Why a page is or isn't made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// The file below the output folder.
    pub path: String,
    /// In one sentence.
    pub verdict: String,
    /// The inputs that differ, as they were and as they are.
    pub changes: Vec<Change>,
    /// How many inputs there are.
    pub inputs: usize,
}

/// An input that differs from the last build's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it is.
    pub name: String,
    /// What it was, if it was there.
    pub from: Option<String>,
    /// What it is, if it is there.
    pub to: Option<String>,
}

/// What explaining takes.
pub(super) struct Explainer<'a> {
    pub(super) view: &'a View<'a>,
    pub(super) batches: &'a [Batch],
    pub(super) state: Option<&'a State>,
    pub(super) ledger: &'a Ledger,
    pub(super) common: &'a [(String, String)],
}

impl Explainer<'_> {
    /// Explains the pages that a call names by address or path.
    pub(super) fn all(&self, wanted: &[String]) -> Result<Vec<Explanation>, Error> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let catalog = self.state.map(|state| old_catalog(self.view.site, state)).transpose()?;
        let old = catalog.as_ref().map(|catalog| self.old_view(catalog)).transpose()?;
        Ok(wanted.iter().map(|name| self.one(&output_path(self.view.site, name), old.as_ref())).collect())
    }

    /// What pages were made from. The register of before isn't known, so that what it leads on now counts.
    fn old_view<'v>(&'v self, catalog: &'v Catalog) -> Result<View<'v>, Error> {
        let site = self.view.site;
        let register = register::resolve(site, catalog, &mut Vec::new())?;
        Ok(View::new(site, catalog, self.view.templates).leading(register.former))
    }

    fn one(&self, path: &str, old: Option<&View<'_>>) -> Explanation {
        let mut explanation = Explanation { path: path.to_owned(), ..Explanation::default() };
        let entry = self.ledger.get(Fingerprint::of(path.as_bytes()));
        let Some(output) = find(self.batches, self.view, path) else {
            explanation.verdict = match entry {
                Some(_) => {
                    "it was built before and is no longer wanted: its article is gone, or has another address"
                }
                None => "there is no such page in this site",
            }
            .to_owned();
            return explanation;
        };
        let (common, told) = self.inputs(output);
        explanation.inputs = common.len() + told.len();
        if entry.is_some() {
            let before: BTreeMap<&str, &str> =
                self.common.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let known = common.iter().filter_map(|(name, _)| {
                before.get(name.as_str()).map(|value| (name.clone(), (*value).to_owned()))
            });
            explanation.changes = differences(known.collect(), common);
            let old_told = old.and_then(|old| {
                let batches =
                    plan::batches(old, plan::Files::default(), Scan::now(), HashMap::new(), &mut Vec::new());
                find(&batches, old, path).map(|output| told_of(output, old))
            });
            explanation.changes.extend(differences(old_told.unwrap_or_default(), told));
        }
        explanation.verdict = self.verdict(path, output, &explanation.changes).to_owned();
        explanation
    }

    fn verdict(&self, path: &str, output: &Output, changes: &[Change]) -> &'static str {
        let Some(entry) = self.ledger.get(Fingerprint::of(path.as_bytes())) else {
            return "it is new: no build has written it";
        };
        let there = stamp::output_file(&Folder::open(&self.view.site.output), path);
        let inputs = output.inputs(self.view, &output.path(self.view));
        match () {
            () if entry.inputs == Fingerprint::UNSETTLED => {
                "it is made again: --force, or it couldn't be made, or something changed meanwhile"
            }
            () if !inputs.settles(entry.inputs) && changes.is_empty() => {
                "it is made again: what it is made from changed"
            }
            () if !inputs.settles(entry.inputs) => "it is made again: these inputs changed",
            () if there == stamp::UNSETTLED => "it is made again: the file is gone from the output folder",
            () if there != entry.stamp => {
                "it is made again: the file in the output folder was changed by hand"
            }
            () => "it is left alone: every input is as it was",
        }
    }

    fn inputs(&self, output: &Output) -> (Told, Told) {
        match output {
            Output::Page(page) => page.explain(self.view),
            _ => (Vec::new(), told_of(output, self.view)),
        }
    }
}

fn told_of(output: &Output, view: &View<'_>) -> Told {
    match output {
        Output::Page(page) => page.explain(view).1,
        other => vec![("file".to_owned(), format!("[{:016x}]", other.inputs(view, &other.path(view)).0))],
    }
}

fn find<'b>(batches: &'b [Batch], view: &View<'_>, path: &str) -> Option<&'b Output> {
    let mut outputs = batches.iter().flat_map(|(_, outputs)| outputs);
    outputs.find(|output| output.path(view).as_str() == path)
}

/// The catalog as the last build saw it.
fn old_catalog(site: &Site, state: &State) -> Result<Catalog, Error> {
    let mut builder = Builder::new(site, 0);
    let mut records = state.records()?;
    while let Some(saved) = records.read_next()? {
        match Record::decode(&saved.record) {
            Some(Record::Article(record)) => builder.add(&saved.path, &record),
            Some(Record::Term(page)) => builder.add_page(page),
            Some(Record::Tombstone(tombstone)) => builder.add_tombstone(tombstone),
            Some(Record::Nothing) | None => {}
        }
    }
    Ok(builder.finish())
}

/// The file below the output folder that an address, a path of the site or a path of the output folder means.
pub fn output_path(site: &Site, name: &str) -> String {
    let below = name.strip_prefix(&site.base_url).unwrap_or(name);
    let below = below.strip_prefix(site.path.as_str()).unwrap_or(below).trim_start_matches('/');
    match below {
        "" => "index.html".to_owned(),
        folder if folder.ends_with('/') => format!("{folder}index.html"),
        file => file.to_owned(),
    }
}

/// What is only in one of two lists, those of one name side by side.
fn differences(old: Told, new: Told) -> Vec<Change> {
    let mut counts: BTreeMap<&(String, String), i32> = BTreeMap::new();
    old.iter().for_each(|input| *counts.entry(input).or_default() -= 1);
    new.iter().for_each(|input| *counts.entry(input).or_default() += 1);
    let mut gone: Vec<&(String, String)> = Vec::new();
    for input in &old {
        let count = counts.entry(input).or_default();
        if *count < 0 {
            *count += 1;
            gone.push(input);
        }
    }
    let mut changes = Vec::new();
    for input in &new {
        let count = counts.entry(input).or_default();
        if *count > 0 {
            *count -= 1;
            let from = gone.iter().position(|(name, _)| *name == input.0).map(|at| gone.remove(at).1.clone());
            changes.push(Change { name: input.0.clone(), from, to: Some(input.1.clone()) });
        }
    }
    let gone = gone.into_iter();
    changes.extend(gone.map(|(name, value)| Change {
        name: name.clone(),
        from: Some(value.clone()),
        to: None,
    }));
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_told_side_by_side() {
        let told = |items: &[(&str, &str)]| -> Told {
            items.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let old = told(&[("title", "A"), ("term", "x"), ("term", "y"), ("gone", "1")]);
        let new = told(&[("title", "B"), ("term", "y"), ("term", "x"), ("new", "2")]);
        let change = |name: &str, from: Option<&str>, to: Option<&str>| Change {
            name: name.into(),
            from: from.map(str::to_owned),
            to: to.map(str::to_owned),
        };
        let expected = [
            change("title", Some("A"), Some("B")),
            change("new", None, Some("2")),
            change("gone", Some("1"), None),
        ];
        assert_eq!(differences(old, new), expected);
    }
}
