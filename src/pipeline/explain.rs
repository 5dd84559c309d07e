//! The explanation of why a page is rebuilt, input by input. The inputs of the last build are
//! gathered from its cached records in the same way as those of this build.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::article_links::find_broken_links;
use super::cache::file_stamps;
use super::cache::manifest::Manifest;
use super::cache::store::Cache;
use super::dir_handle::DirHandle;
use super::planned_output::{Batch, PlannedOutput};
use super::stages::plan;
use crate::archive::record::Record;
use crate::archive::{Catalog, CatalogBuilder};
use crate::config::Site;
use crate::diagnostics::Error;
use crate::model::{Dependencies, Fingerprint};
use crate::pages::SiteView;
use crate::permalinks;

/// The reason why a page is or isn't rebuilt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explanation {
    /// The file below the output folder.
    pub path: String,
    /// The reason, in one sentence.
    pub verdict: String,
    /// The inputs that differ from the last build's.
    pub changes: Vec<InputChange>,
    /// The number of inputs.
    pub inputs: usize,
}

/// An input that differs from the last build's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct InputChange {
    /// Its name: a setting's key, a file, `template day.html`.
    pub name: String,
    /// Its value in the last build, if it had one.
    pub from: Option<String>,
    /// Its value now, if it has one.
    pub to: Option<String>,
}

/// A changed input with all pages that are rebuilt because of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ChangeCause<'a> {
    pub(crate) change: &'a InputChange,
    pub(crate) pages: Vec<&'a str>,
}

/// Returns every changed input once, in the order in which pages name them.
pub(crate) fn group_changes(explanations: &[Explanation]) -> Vec<ChangeCause<'_>> {
    let mut causes: Vec<ChangeCause<'_>> = Vec::new();
    let mut indices: HashMap<&InputChange, usize> = HashMap::new();
    for explanation in explanations {
        for change in &explanation.changes {
            let index = *indices.entry(change).or_insert(causes.len());
            if index == causes.len() {
                causes.push(ChangeCause { change, pages: Vec::new() });
            }
            // A page may have an input twice: a teaser in two lists.
            if causes[index].pages.last() != Some(&explanation.path.as_str()) {
                causes[index].pages.push(&explanation.path);
            }
        }
    }
    causes
}

/// The last build and the plan of this one.
pub(crate) struct Explainer<'a> {
    pub(crate) view: &'a SiteView<'a>,
    pub(crate) batches: &'a [Batch],
    pub(crate) cache: Option<&'a Cache>,
    pub(crate) manifest: &'a Manifest,
    pub(crate) common_inputs: &'a [(String, String)],
}

impl Explainer<'_> {
    /// Explains the pages at some URLs or output paths.
    ///
    /// # Errors
    /// [`Error::Io`] if the build cache or the permalink registry can't be read.
    pub(crate) fn explain_pages(&self, requested: &[String]) -> Result<Vec<Explanation>, Error> {
        if requested.is_empty() {
            return Ok(Vec::new());
        }
        let catalog =
            self.cache.map(|cache| load_old_catalog(self.view.site, cache)).transpose()?;
        let old_view = catalog.as_ref().map(|catalog| self.old_view(catalog)).transpose()?;
        let old_batches = old_view.as_ref().map(|old_view| {
            let files = plan::NonPageFiles::none();
            plan::plan_batches(old_view, files, HashMap::new(), &mut Vec::new())
        });
        let old_plan = old_view.as_ref().zip(old_batches.as_deref());
        let explain =
            |name: &String| self.explain_page(&output_path(self.view.site, name), old_plan);
        Ok(requested.iter().map(explain).collect())
    }

    /// Returns the site as the last build read it. The permalink registry of that build isn't
    /// known, so the present one is used.
    fn old_view<'v>(&'v self, catalog: &'v Catalog) -> Result<SiteView<'v>, Error> {
        let site = self.view.site;
        let registry = permalinks::resolve(site, catalog, &mut Vec::new())?;
        let links = find_broken_links(catalog);
        let broken_links =
            permalinks::find_renamed_files(site, catalog, links, &registry.redirects)?;
        Ok(SiteView::new(site, catalog, self.view.templates)
            .with_redirects(registry.redirects)
            .with_broken_links(broken_links))
    }

    fn explain_page(&self, path: &str, old_plan: Option<OldPlan<'_>>) -> Explanation {
        let mut explanation = Explanation { path: path.to_owned(), ..Explanation::default() };
        let entry = self.manifest.get(Fingerprint::hash_bytes(path.as_bytes()));
        let Some(output) = find_output(self.batches, self.view, path) else {
            explanation.verdict = match entry {
                Some(_) => "removed: the article was removed or has another URL",
                None => "there is no such page in this site",
            }
            .to_owned();
            return explanation;
        };
        let (common_inputs, page_inputs) = self.inputs(output);
        explanation.inputs = common_inputs.len() + page_inputs.len();
        if entry.is_some() {
            let old_common_inputs = self.old_common_inputs(&common_inputs);
            explanation.changes = diff_inputs(old_common_inputs, common_inputs);
            let old_page_inputs = old_plan.and_then(|(old_view, batches)| {
                find_output(batches, old_view, path).map(|output| output_inputs(output, old_view))
            });
            explanation
                .changes
                .extend(diff_inputs(old_page_inputs.unwrap_or_default(), page_inputs));
        }
        explanation.verdict = self.verdict(path, output, &explanation.changes).to_owned();
        explanation
    }

    /// Returns the last build's values of a page's common inputs. The cache has them for all pages
    /// together; of those that no longer exist, settings are taken that are in a group with one of
    /// the page's: `sections.city` with `sections`.
    fn old_common_inputs(&self, common_inputs: &[(String, String)]) -> Dependencies {
        let group = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
        let names: HashSet<&str> = common_inputs.iter().map(|(name, _)| name.as_str()).collect();
        let groups: HashSet<String> = names
            .iter()
            .filter(|name| !name.starts_with("template "))
            .map(|name| group(name))
            .collect();
        let current_inputs = self.view.common_dependencies();
        let current_names: HashSet<&str> =
            current_inputs.iter().map(|(name, _)| name.as_str()).collect();
        let is_known = |(name, _): &&(String, String)| {
            names.contains(name.as_str())
                || !current_names.contains(name.as_str()) && groups.contains(&group(name))
        };
        self.common_inputs.iter().filter(is_known).cloned().collect()
    }

    fn verdict(&self, path: &str, output: &PlannedOutput, changes: &[InputChange]) -> &'static str {
        let Some(entry) = self.manifest.get(Fingerprint::hash_bytes(path.as_bytes())) else {
            return "new: no build has written it";
        };
        let current_stamp =
            file_stamps::output_file_stamp(&DirHandle::open(&self.view.site.output_dir), path);
        let inputs_hash = output.inputs_hash(self.view, &output.path(self.view));
        if entry.inputs_hash == Fingerprint::DIRTY {
            "rebuilt: because of --force, or because the last build couldn't complete it, or a \
             file changed during that build"
        } else if !inputs_hash.matches(entry.inputs_hash) && changes.is_empty() {
            "rebuilt: what it depends on changed"
        } else if !inputs_hash.matches(entry.inputs_hash) {
            "rebuilt: these inputs changed"
        } else if current_stamp == file_stamps::DIRTY {
            "rebuilt: its file is missing from the output folder"
        } else if current_stamp != entry.stamp {
            "rebuilt: its file in the output folder was changed after the last build"
        } else {
            "unchanged: all its inputs are the same as in the last build"
        }
    }

    fn inputs(&self, output: &PlannedOutput) -> (Dependencies, Dependencies) {
        match output {
            PlannedOutput::Page(page) => page.explain(self.view),
            _ => (Vec::new(), output_inputs(output, self.view)),
        }
    }
}

/// The site as the last build read it, and its plan.
type OldPlan<'a> = (&'a SiteView<'a>, &'a [Batch]);

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

/// Returns the catalog of the last build.
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

/// Returns the path below the output folder of a page that is given by its URL, by the path of its
/// URL, or by that path itself.
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

/// Returns the inputs that are in only one of two lists; two values of one name are one change.
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
    fn both_values_of_an_input_are_one_change() {
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

    #[test]
    fn a_change_of_several_pages_is_one_cause() {
        let change = |name: &str, to: &str| InputChange {
            name: name.into(),
            from: None,
            to: Some(to.into()),
        };
        let explanation = |path: &str, changes: &[InputChange]| Explanation {
            path: path.into(),
            changes: changes.to_vec(),
            ..Explanation::default()
        };
        let (city, talks) = (change("sections.city", "City"), change("teaser", "Talks"));
        let explanations = [
            explanation("a", &[city.clone(), talks.clone(), talks.clone()]),
            explanation("b", &[city.clone(), change("sections.city", "Town")]),
        ];
        let causes = group_changes(&explanations);
        let pages: Vec<&[&str]> = causes.iter().map(|cause| &*cause.pages).collect();
        assert_eq!(pages, [&["a", "b"][..], &["a"], &["b"]]);
        assert_eq!(causes[0].change, &city);
        assert_eq!(causes[1].change, &talks);
    }
}
