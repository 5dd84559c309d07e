//! Explain: why a page is made, input by input. The old inputs come from the saved records, walked
//! as the new ones are.

use std::collections::{BTreeMap, HashMap};

use super::cache::file_stamps::{self, ScanTime};
use super::dir_handle::DirHandle;
use super::stages::plan::{self, Batch, PlannedOutput};
use crate::archive::record::Record;
use crate::archive::{Catalog, CatalogBuilder};
use crate::config::Site;
use crate::diagnostics::Error;
use crate::model::{Dependencies, Fingerprint};
use crate::pages::SiteView;
use crate::permalinks;
use crate::pipeline::cache::manifest::Manifest;
use crate::pipeline::cache::store::Cache;

/// Why a page is or isn't made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// The file below the output folder.
    pub path: String,
    /// In one sentence.
    pub verdict: String,
    /// The inputs that differ, as they were and as they are.
    pub changes: Vec<InputChange>,
    /// How many inputs there are.
    pub inputs: usize,
}

/// An input that differs from the last build's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputChange {
    /// What it is.
    pub name: String,
    /// What it was, if it was there.
    pub from: Option<String>,
    /// What it is, if it is there.
    pub to: Option<String>,
}

/// What explaining takes.
pub(crate) struct Explainer<'a> {
    pub(crate) view: &'a SiteView<'a>,
    pub(crate) batches: &'a [Batch],
    pub(crate) cache: Option<&'a Cache>,
    pub(crate) manifest: &'a Manifest,
    pub(crate) common_inputs: &'a [(String, String)],
}

impl Explainer<'_> {
    /// Explains the pages that a call names by address or path.
    pub(crate) fn explain_pages(&self, requested: &[String]) -> Result<Vec<Explanation>, Error> {
        if requested.is_empty() {
            return Ok(Vec::new());
        }
        let catalog =
            self.cache.map(|cache| load_old_catalog(self.view.site, cache)).transpose()?;
        let old_view = catalog.as_ref().map(|catalog| self.old_view(catalog)).transpose()?;
        Ok(requested
            .iter()
            .map(|name| self.explain_page(&output_path(self.view.site, name), old_view.as_ref()))
            .collect())
    }

    /// What pages were made from. The register of before isn't known, so that what it leads on now
    /// counts.
    fn old_view<'v>(&'v self, catalog: &'v Catalog) -> Result<SiteView<'v>, Error> {
        let site = self.view.site;
        let registry = permalinks::resolve(site, catalog, &mut Vec::new())?;
        Ok(SiteView::new(site, catalog, self.view.templates).with_redirects(registry.redirects))
    }

    fn explain_page(&self, path: &str, old_view: Option<&SiteView<'_>>) -> Explanation {
        let mut explanation = Explanation { path: path.to_owned(), ..Explanation::default() };
        let entry = self.manifest.get(Fingerprint::hash_bytes(path.as_bytes()));
        let Some(output) = find_output(self.batches, self.view, path) else {
            explanation.verdict = match entry {
                Some(_) => {
                    "it was built before and is no longer wanted: its article is gone, or has another address"
                }
                None => "there is no such page in this site",
            }
            .to_owned();
            return explanation;
        };
        let (common_inputs, page_inputs) = self.inputs(output);
        explanation.inputs = common_inputs.len() + page_inputs.len();
        if entry.is_some() {
            let old_common_inputs: BTreeMap<&str, &str> = self
                .common_inputs
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            let known_common_inputs = common_inputs.iter().filter_map(|(name, _)| {
                old_common_inputs
                    .get(name.as_str())
                    .map(|value| (name.clone(), (*value).to_owned()))
            });
            explanation.changes = diff_inputs(known_common_inputs.collect(), common_inputs);
            let old_page_inputs = old_view.and_then(|old_view| {
                let batches = plan::plan_batches(
                    old_view,
                    plan::NonPageFiles::default(),
                    ScanTime::now(),
                    HashMap::new(),
                    &mut Vec::new(),
                );
                find_output(&batches, old_view, path).map(|output| output_inputs(output, old_view))
            });
            explanation
                .changes
                .extend(diff_inputs(old_page_inputs.unwrap_or_default(), page_inputs));
        }
        explanation.verdict = self.verdict(path, output, &explanation.changes).to_owned();
        explanation
    }

    fn verdict(&self, path: &str, output: &PlannedOutput, changes: &[InputChange]) -> &'static str {
        let Some(entry) = self.manifest.get(Fingerprint::hash_bytes(path.as_bytes())) else {
            return "it is new: no build has written it";
        };
        let current_stamp =
            file_stamps::output_file_stamp(&DirHandle::open(&self.view.site.output_dir), path);
        let inputs_hash = output.inputs_hash(self.view, &output.path(self.view));
        match () {
            () if entry.inputs_hash == Fingerprint::DIRTY => {
                "it is made again: --force, or it couldn't be made, or something changed meanwhile"
            }
            () if !inputs_hash.matches(entry.inputs_hash) && changes.is_empty() => {
                "it is made again: what it is made from changed"
            }
            () if !inputs_hash.matches(entry.inputs_hash) => {
                "it is made again: these inputs changed"
            }
            () if current_stamp == file_stamps::DIRTY => {
                "it is made again: the file is gone from the output folder"
            }
            () if current_stamp != entry.stamp => {
                "it is made again: the file in the output folder was changed by hand"
            }
            () => "it is left alone: every input is as it was",
        }
    }

    fn inputs(&self, output: &PlannedOutput) -> (Dependencies, Dependencies) {
        match output {
            PlannedOutput::Page(page) => page.explain(self.view),
            _ => (Vec::new(), output_inputs(output, self.view)),
        }
    }
}

fn output_inputs(output: &PlannedOutput, view: &SiteView<'_>) -> Dependencies {
    match output {
        PlannedOutput::Page(page) => page.explain(view).1,
        other => vec![(
            "file".to_owned(),
            format!("[{:016x}]", other.inputs_hash(view, &other.path(view)).0),
        )],
    }
}

fn find_output<'b>(
    batches: &'b [Batch],
    view: &SiteView<'_>,
    path: &str,
) -> Option<&'b PlannedOutput> {
    let mut outputs = batches.iter().flat_map(|(_, outputs)| outputs);
    outputs.find(|output| output.path(view).as_str() == path)
}

/// The catalog as the last build saw it.
fn load_old_catalog(site: &Site, cache: &Cache) -> Result<Catalog, Error> {
    let mut builder = CatalogBuilder::new(site, 0);
    let mut records = cache.records()?;
    while let Some(cached) = records.read_next()? {
        match Record::decode(&cached.record) {
            Some(Record::Article(record)) => builder.add(&cached.path, &record),
            Some(Record::Term(page)) => builder.add_term_page(page),
            Some(Record::Tombstone(tombstone)) => builder.add_tombstone(tombstone),
            Some(Record::NotAPage) | None => {}
        }
    }
    Ok(builder.finish())
}

/// The file below the output folder that an address, a path of the site or a path of the output
/// folder means.
pub(crate) fn output_path(site: &Site, name: &str) -> String {
    let relative_path = name.strip_prefix(&site.base_url).unwrap_or(name);
    let relative_path = relative_path
        .strip_prefix(site.base_path.as_str())
        .unwrap_or(relative_path)
        .trim_start_matches('/');
    match relative_path {
        "" => "index.html".to_owned(),
        folder if folder.ends_with('/') => format!("{folder}index.html"),
        file => file.to_owned(),
    }
}

/// What is only in one of two lists, those of one name side by side.
fn diff_inputs(old: Dependencies, new: Dependencies) -> Vec<InputChange> {
    let mut counts: BTreeMap<&(String, String), i32> = BTreeMap::new();
    old.iter().for_each(|input| *counts.entry(input).or_default() -= 1);
    new.iter().for_each(|input| *counts.entry(input).or_default() += 1);
    let mut removed: Vec<&(String, String)> = Vec::new();
    for input in &old {
        let count = counts.entry(input).or_default();
        if *count < 0 {
            *count += 1;
            removed.push(input);
        }
    }
    let mut changes = Vec::new();
    for input in &new {
        let count = counts.entry(input).or_default();
        if *count > 0 {
            *count -= 1;
            let from = removed
                .iter()
                .position(|(name, _)| *name == input.0)
                .map(|index| removed.remove(index).1.clone());
            changes.push(InputChange { name: input.0.clone(), from, to: Some(input.1.clone()) });
        }
    }
    let removed = removed.into_iter();
    changes.extend(removed.map(|(name, value)| InputChange {
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
        let inputs = |items: &[(&str, &str)]| -> Dependencies {
            items.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let old = inputs(&[("title", "A"), ("term", "x"), ("term", "y"), ("gone", "1")]);
        let new = inputs(&[("title", "B"), ("term", "y"), ("term", "x"), ("new", "2")]);
        let change = |name: &str, from: Option<&str>, to: Option<&str>| InputChange {
            name: name.into(),
            from: from.map(str::to_owned),
            to: to.map(str::to_owned),
        };
        let expected = [
            change("title", Some("A"), Some("B")),
            change("new", None, Some("2")),
            change("gone", Some("1"), None),
        ];
        assert_eq!(diff_inputs(old, new), expected);
    }
}
