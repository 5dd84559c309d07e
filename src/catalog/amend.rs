//! Amend: stories are put into a finished catalog, taken out of it, or moved in it, so that it is what it would be if it had been built with them.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::OnceLock;

use rayon::prelude::*;

use super::builder::{configured_name, shown, teaser, translations};
use super::record::{ArticleRecord, Kept, path_to_keep};
use super::terms::Spellings;
use super::{Catalog, Row, RowId, TermId};
use crate::model::Day;
use crate::model::codec::{Decoder, Encode};
use crate::site::Site;

/// A file of which another story is made now.
#[derive(Debug)]
pub struct Change<'a> {
    /// The file, relative to `content/`.
    pub path: &'a str,
    /// What it was; `None` if it was no story.
    pub old: Option<ArticleRecord<'a>>,
    /// What it is; `None` if it is no story.
    pub new: Option<ArticleRecord<'a>>,
}

/// What stands in the place of a row that is gone.
const GONE: RowId = RowId::MAX;

impl Catalog {
    /// Puts another record in the place of a story's that stays where it is ([`super::record::same_place`]). Tells whether there is such a story.
    pub fn replace(&mut self, site: &Site, path: &str, record: &ArticleRecord<'_>) -> bool {
        let Some(row) = self.by_path(path).map(|story| story.id) else { return false };
        let mut bytes = Vec::with_capacity(record.kept.len() + path.len() + 2);
        bytes.text(path_to_keep(path, record.kept));
        bytes.extend_from_slice(record.kept);
        let kept = self.arena.push(&bytes);
        let at = row as usize;
        self.rows[at] = Row { kept, content: record.content, flags: record.flags, ..self.rows[at].clone() };
        self.rows[at].teaser = teaser(&self.story(row), &shown(site));
        true
    }

    /// Carries out some changes, of each file one. Gives the years whose stories are others now; those of later years may have moved to
    /// other rows. Nothing, if it can't: if it doesn't have the old stories, or if a language comes or goes. It is of no use then.
    #[must_use]
    pub fn amend(
        &mut self,
        site: &Site,
        spellings: &mut Spellings,
        changes: &[Change<'_>],
    ) -> Option<BTreeSet<i32>> {
        let mut gone = vec![false; self.rows.len()];
        let mut touched: BTreeSet<TermId> = BTreeSet::new();
        let mut translated = false;
        for (change, old) in changes.iter().filter_map(|change| Some((change, change.old.as_ref()?))) {
            let row = self.by_path(change.path)?.id;
            gone[row as usize] = true;
            translated |= self.story(row).translation_key().is_some();
            touched.extend(old.terms.iter().filter_map(|(taxonomy, name)| spellings.forget(*taxonomy, name)));
        }
        let languages = self.languages.len();
        let mut buffer = Vec::new();
        let mut new: Vec<(&str, Row)> = Vec::new();
        for (change, record) in changes.iter().filter_map(|change| Some((change, change.new.as_ref()?))) {
            new.push((change.path, self.keep(spellings, &mut buffer, change.path, record)));
        }
        new.sort_by(|(path, row), (other_path, other)| {
            (row.day, row.date, path).cmp(&(other.day, other.date, other_path))
        });
        for (_, row) in &new {
            touched.extend(&self.row_terms[row.first_term as usize..][..row.terms as usize]);
        }
        let new = self.move_rows(&gone, new);
        let in_use = |lang| self.rows.iter().any(|row| usize::from(row.lang) == lang);
        if self.languages.len() > languages || !(0..languages).all(in_use) {
            return None;
        }
        self.settle_touched(site, spellings, &touched, &new);
        self.names = OnceLock::new();
        translated |= new.iter().any(|&row| self.story(row).translation_key().is_some());
        if translated {
            self.translations = translations(self);
        }
        let records = changes.iter().flat_map(|change| change.old.iter().chain(&change.new));
        let days = records.filter_map(|record| Day::from_number(record.day));
        Some(days.map(Day::year).collect())
    }

    /// Takes rows out and puts others, given in order, where they belong; the numbers of all are others then. Gives those of the new ones.
    fn move_rows(&mut self, gone: &[bool], new: Vec<(&str, Row)>) -> Vec<RowId> {
        let rows = std::mem::take(&mut self.rows);
        let mut all: Vec<Row> = Vec::with_capacity(rows.len() + new.len());
        let mut moved = vec![GONE; rows.len()];
        let mut placed: Vec<(RowId, &str)> = Vec::with_capacity(new.len());
        let mut new = new.into_iter().peekable();
        for (at, row) in rows.into_iter().enumerate() {
            while let Some((path, one)) = new.next_if(|(path, one)| self.is_before(path, one, &row)) {
                placed.push((all.len() as RowId, path));
                all.push(one);
            }
            if !gone[at] {
                moved[at] = all.len() as RowId;
                all.push(row);
            }
        }
        for (path, one) in new {
            placed.push((all.len() as RowId, path));
            all.push(one);
        }
        self.rows = all;
        let follow = |row: &mut RowId| {
            *row = moved[*row as usize];
            *row != GONE
        };
        self.by_path.retain_mut(follow);
        // If one of them is gone, they are looked for anew.
        self.translations.retain_mut(|(story, other)| follow(story) && follow(other));
        self.terms.par_iter_mut().with_min_len(64).for_each(|term| term.rows.retain_mut(follow));
        for &(row, path) in &placed {
            let at = self.by_path.partition_point(|&id| self.story(id).path().as_ref() < path);
            self.by_path.insert(at, row);
        }
        placed.into_iter().map(|(row, _)| row).collect()
    }

    /// Whether a new row comes before one.
    fn is_before(&self, path: &str, new: &Row, row: &Row) -> bool {
        let order = (new.day, new.date).cmp(&(row.day, row.date));
        order.then_with(|| path.cmp(Kept(Decoder(self.arena.get(row.kept))).path().as_ref()))
            == Ordering::Less
    }

    /// Gives the touched terms their new stories, names and pages, and takes those away that have no story any more.
    fn settle_touched(
        &mut self,
        site: &Site,
        spellings: &Spellings,
        touched: &BTreeSet<TermId>,
        new: &[RowId],
    ) {
        for &id in new {
            let row = &self.rows[id as usize];
            for &term in &self.row_terms[row.first_term as usize..][..row.terms as usize] {
                let rows = &mut self.terms[term as usize].rows;
                let at = rows.partition_point(|&other| other < id);
                rows.insert(at, id);
            }
        }
        let shown = shown(site);
        let mut faces: BTreeSet<RowId> = new.iter().copied().collect();
        let before: Vec<String> =
            touched.iter().map(|&id| std::mem::take(&mut self.terms[id as usize].name)).collect();
        touched.iter().for_each(|&id| self.terms[id as usize].unname());
        spellings.name(&mut self.terms, |id| touched.contains(&id));
        for (&id, before) in touched.iter().zip(before) {
            let term = &mut self.terms[id as usize];
            let key = (term.taxonomy, term.slug.clone());
            let page = term.page.take().or_else(|| self.pages.remove(&key));
            let by_slug = |ids: &[TermId], terms: &[super::Term]| {
                ids.binary_search_by(|&other| terms[other as usize].slug.as_str().cmp(&key.1))
            };
            let ids = &mut self.by_taxonomy[key.0];
            if term.rows.is_empty() {
                let page = page.map(|page| (key.clone(), page));
                if let Ok(at) = by_slug(ids, &self.terms) {
                    ids.remove(at);
                }
                self.pages.extend(page);
                continue;
            }
            term.settle(page, configured_name(site, key.0, &key.1));
            if term.name != before && shown.contains(&Some(term.taxonomy)) {
                faces.extend(&term.rows);
            }
            if let Err(at) = by_slug(ids, &self.terms) {
                ids.insert(at, id);
            }
        }
        for id in faces {
            self.rows[id as usize].teaser = teaser(&self.story(id), &shown);
        }
    }
}
