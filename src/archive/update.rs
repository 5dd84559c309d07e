//! Changing a finished catalog: adding, removing and moving articles. The result is the same as if
//! the catalog had been built anew.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::OnceLock;

use rayon::prelude::*;

use super::builder::{configured_name, find_translations, teaser_hash, teaser_taxonomies};
use super::catalog::{ArticleRow, Catalog};
use super::ids::{ArticleId, TermId};
use super::record::{ArticleRecord, EncodedArticle, PAGE_DAY};
use super::terms::{Term, TermVariants};
use crate::config::Site;
use crate::model::Day;

/// A changed file.
#[derive(Debug)]
pub(crate) struct ArticleChange<'a> {
    /// The file, relative to `content/`.
    pub(crate) path: &'a str,
    /// Its old record; `None` if it wasn't an article.
    pub(crate) old: Option<ArticleRecord<'a>>,
    /// Its new record; `None` if it isn't an article.
    pub(crate) new: Option<ArticleRecord<'a>>,
}

/// The new ID of a removed article.
const REMOVED: ArticleId = ArticleId::MAX;

impl Catalog {
    /// Replaces the record of an article that [keeps its
    /// position](super::record::keeps_position). Returns whether the catalog has the article.
    pub(crate) fn replace(&mut self, site: &Site, path: &str, record: &ArticleRecord<'_>) -> bool {
        let Some(id) = self.article_by_path(path).map(|article| article.id) else { return false };
        let mut bytes = Vec::with_capacity(record.encoded_details.len() + path.len() + 2);
        EncodedArticle::encode(&mut bytes, path, record.encoded_details);
        let arena_position = self.arena.push(&bytes);
        let index = id as usize;
        self.rows[index] = ArticleRow {
            arena_position,
            content_hash: record.content_hash,
            flags: record.flags,
            ..self.rows[index].clone()
        };
        self.rows[index].teaser_hash = teaser_hash(&self.article(id), &teaser_taxonomies(site));
        true
    }

    /// Applies changes, at most one per file. Returns the years whose articles changed; the
    /// articles of later years may have other IDs than before. Returns `None` if the catalog
    /// doesn't have the old articles, or if a language was added or removed: the catalog must then
    /// be built anew.
    #[must_use]
    pub(crate) fn amend(
        &mut self,
        site: &Site,
        term_variants: &mut TermVariants,
        changes: &[ArticleChange<'_>],
    ) -> Option<BTreeSet<i32>> {
        let mut removed = vec![false; self.rows.len()];
        let mut affected: BTreeSet<TermId> = BTreeSet::new();
        let mut translations_changed = false;
        for (change, old) in
            changes.iter().filter_map(|change| Some((change, change.old.as_ref()?)))
        {
            let id = self.article_by_path(change.path)?.id;
            removed[id as usize] = true;
            translations_changed |= self.article(id).translation_key().is_some();
            affected.extend(
                old.terms
                    .iter()
                    .filter_map(|(taxonomy, name)| term_variants.release(*taxonomy, name)),
            );
        }
        let languages = self.languages.len();
        let mut buffer = Vec::new();
        let mut new_rows: Vec<(&str, ArticleRow)> = Vec::new();
        for (change, record) in
            changes.iter().filter_map(|change| Some((change, change.new.as_ref()?)))
        {
            new_rows.push((
                change.path,
                self.store_article(term_variants, &mut buffer, change.path, record),
            ));
        }
        new_rows.sort_by(|(path, row), (other_path, other)| {
            (row.day, row.date, path).cmp(&(other.day, other.date, other_path))
        });
        for (_, row) in &new_rows {
            affected.extend(&self.article_terms[row.term_range()]);
        }
        let new_ids = self.move_rows(&removed, new_rows);
        let in_use = |lang| self.rows.iter().any(|row| usize::from(row.lang) == lang);
        if self.languages.len() > languages || !(0..languages).all(in_use) {
            return None;
        }
        self.update_terms(site, term_variants, &affected, &new_ids);
        self.ids_by_file_name = OnceLock::new();
        translations_changed |=
            new_ids.iter().any(|&id| self.article(id).translation_key().is_some());
        if translations_changed {
            self.translations = find_translations(self);
        }
        let records = changes.iter().flat_map(|change| change.old.iter().chain(&change.new));
        let dated = records.filter(|record| record.day != PAGE_DAY);
        let days = dated.filter_map(|record| Day::from_number(record.day));
        Some(days.map(Day::year).collect())
    }

    /// Returns the catalog without some articles, which are sorted by ID; the others get new IDs.
    #[must_use]
    pub(crate) fn without(mut self, removed: &[ArticleId]) -> Self {
        let mut next_id = 0..;
        let new_ids: Vec<Option<ArticleId>> = self
            .ids_with_pages()
            .map(|id| if removed.binary_search(&id).is_ok() { None } else { next_id.next() })
            .collect();
        let mut remaining = new_ids.iter();
        self.rows.retain(|_| remaining.next().is_some_and(Option::is_some));
        self.count_articles();
        let remap = |ids: &[ArticleId]| -> Vec<ArticleId> {
            ids.iter().filter_map(|&id| new_ids[id as usize]).collect()
        };
        self.ids_by_path = remap(&self.ids_by_path);
        for term in &mut self.terms {
            term.article_ids = remap(&term.article_ids);
        }
        for terms in &mut self.by_taxonomy {
            terms.retain(|&id| !self.terms[id as usize].article_ids.is_empty());
        }
        self.ids_by_file_name = OnceLock::new();
        self.translations = find_translations(&self);
        self
    }

    /// Removes rows and inserts new ones, which are sorted; updates all IDs, and returns those of
    /// the new rows.
    fn move_rows(&mut self, removed: &[bool], new_rows: Vec<(&str, ArticleRow)>) -> Vec<ArticleId> {
        let old_rows = std::mem::take(&mut self.rows);
        let mut merged: Vec<ArticleRow> = Vec::with_capacity(old_rows.len() + new_rows.len());
        let mut new_ids = vec![REMOVED; old_rows.len()];
        let mut inserted: Vec<(ArticleId, &str)> = Vec::with_capacity(new_rows.len());
        let mut pending = new_rows.into_iter().peekable();
        for (index, row) in old_rows.into_iter().enumerate() {
            while let Some((path, new_row)) =
                pending.next_if(|(path, new_row)| self.precedes(path, new_row, &row))
            {
                inserted.push((merged.len() as ArticleId, path));
                merged.push(new_row);
            }
            if !removed[index] {
                new_ids[index] = merged.len() as ArticleId;
                merged.push(row);
            }
        }
        for (path, new_row) in pending {
            inserted.push((merged.len() as ArticleId, path));
            merged.push(new_row);
        }
        self.rows = merged;
        self.count_articles();
        let remap = |id: &mut ArticleId| {
            *id = new_ids[*id as usize];
            *id != REMOVED
        };
        self.ids_by_path.retain_mut(remap);
        // If a translation was removed, `amend` finds all translations anew.
        self.translations.retain_mut(|(article, translation)| remap(article) && remap(translation));
        self.terms
            .par_iter_mut()
            .with_min_len(64)
            .for_each(|term| term.article_ids.retain_mut(remap));
        for &(new_id, path) in &inserted {
            let index =
                self.ids_by_path.partition_point(|&id| self.article(id).path().as_ref() < path);
            self.ids_by_path.insert(index, new_id);
        }
        inserted.into_iter().map(|(id, _)| id).collect()
    }

    /// Returns whether a new row is sorted before an existing one.
    fn precedes(&self, path: &str, new_row: &ArticleRow, row: &ArticleRow) -> bool {
        let order = (new_row.day, new_row.date).cmp(&(row.day, row.date));
        order.then_with(|| {
            path.cmp(EncodedArticle::new(self.arena.get(row.arena_position)).path().as_ref())
        }) == Ordering::Less
    }

    /// Updates the articles, names and pages of the affected terms, and removes terms without
    /// articles from their taxonomy.
    fn update_terms(
        &mut self,
        site: &Site,
        term_variants: &TermVariants,
        affected: &BTreeSet<TermId>,
        new_ids: &[ArticleId],
    ) {
        for &id in new_ids {
            let row = &self.rows[id as usize];
            for &term in &self.article_terms[row.term_range()] {
                let article_ids = &mut self.terms[term as usize].article_ids;
                let index = article_ids.partition_point(|&other| other < id);
                article_ids.insert(index, id);
            }
        }
        let teaser_taxonomies = teaser_taxonomies(site);
        let mut outdated_teasers: BTreeSet<ArticleId> = new_ids.iter().copied().collect();
        let old_names: Vec<String> =
            affected.iter().map(|&id| std::mem::take(&mut self.terms[id as usize].name)).collect();
        affected.iter().for_each(|&id| self.terms[id as usize].clear_name());
        term_variants.assign_names(&mut self.terms, |id| affected.contains(&id));
        for (&id, old_name) in affected.iter().zip(old_names) {
            let term = &mut self.terms[id as usize];
            let key = (term.taxonomy, term.slug.clone());
            let page = term.page.take().or_else(|| self.term_pages.remove(&key));
            let by_slug = |ids: &[TermId], terms: &[Term]| {
                ids.binary_search_by(|&other| terms[other as usize].slug.as_str().cmp(&key.1))
            };
            let ids = &mut self.by_taxonomy[key.0];
            if term.article_ids.is_empty() {
                let page = page.map(|page| (key.clone(), page));
                if let Ok(index) = by_slug(ids, &self.terms) {
                    ids.remove(index);
                }
                self.term_pages.extend(page);
                continue;
            }
            term.resolve_name(page, configured_name(site, key.0, &key.1));
            if term.name != old_name && teaser_taxonomies.contains(&Some(term.taxonomy)) {
                outdated_teasers.extend(&term.article_ids);
            }
            if let Err(index) = by_slug(ids, &self.terms) {
                ids.insert(index, id);
            }
        }
        for id in outdated_teasers {
            self.rows[id as usize].teaser_hash = teaser_hash(&self.article(id), &teaser_taxonomies);
        }
    }
}
