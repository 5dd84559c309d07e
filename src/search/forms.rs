//! The inflected forms of each word of a segment, for its entry in the term dictionary.

use std::collections::HashMap;

use rayon::prelude::*;

use super::inflection::{
    LanguageSet, are_apart, for_each_base, irregular_families, is_uninflected, language_of_families,
};

/// The maximum number of forms of a word, those in most articles.
const MAX_FORMS: usize = 16;
/// The maximum number of words of a dictionary in which two forms are also connected if their base
/// isn't in it. A larger one contains most bases.
const MAX_SMALL_WORDS: usize = 20_000;

/// The words of a segment in order.
#[derive(Default)]
pub(super) struct WordList {
    /// All words, and the end of each in `bytes`.
    bytes: Vec<u8>,
    ends: Vec<u32>,
    /// The languages of the articles that contain each word.
    languages: Vec<LanguageSet>,
    article_counts: Vec<u32>,
}

impl WordList {
    /// Adds the next word.
    pub(super) fn push(&mut self, word: &[u8], languages: LanguageSet, article_count: usize) {
        self.bytes.extend_from_slice(word);
        self.ends.push(self.bytes.len() as u32);
        self.languages.push(languages);
        self.article_counts.push(article_count as u32);
    }

    fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns a word by its number.
    pub(super) fn get(&self, id: u32) -> &str {
        let start = (id as usize).checked_sub(1).map_or(0, |previous| self.ends[previous] as usize);
        std::str::from_utf8(&self.bytes[start..self.ends[id as usize] as usize]).unwrap_or_default()
    }

    fn find(&self, word: &str) -> Option<u32> {
        let (mut low, mut high) = (0, self.len() as u32);
        while low < high {
            let middle = low.midpoint(high);
            match self.get(middle).cmp(word) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// Finds a word that occurs in one of the languages.
    fn find_in(&self, word: &str, languages: LanguageSet) -> Option<u32> {
        self.find(word).filter(|&id| self.languages[id as usize].intersects(languages))
    }
}

/// The base forms of each word, and the forms of each base.
pub(super) struct FormTable {
    bases: Relation,
    children: Relation,
}

impl FormTable {
    /// Applies the rules of inflection to all words.
    pub(super) fn new(words: &WordList) -> Self {
        let mut edges: Vec<(u32, u32)> = (0..words.len() as u32)
            .into_par_iter()
            .flat_map_iter(|id| bases_of(words, id))
            .collect();
        add_irregular(words, &mut edges);
        if words.len() <= MAX_SMALL_WORDS {
            add_siblings(words, &mut edges);
        }
        edges.sort_unstable();
        edges.dedup();
        let bases = Relation::new(words.len(), &edges);
        edges.iter_mut().for_each(|edge| *edge = (edge.1, edge.0));
        edges.sort_unstable();
        Self { bases, children: Relation::new(words.len(), &edges) }
    }

    /// Returns the other forms of a word: the forms of the word itself and, if it may be a form of
    /// another word, that word and its forms. So `hearing` has `hear` and `hearings`, but
    /// `hearings` doesn't have `hear`. A word that looks like a form of another word, but isn't,
    /// has itself: a client then doesn't derive it from that word.
    pub(super) fn forms(&self, words: &WordList, id: u32) -> Vec<u32> {
        let bases = self.bases.values_for(id);
        let of_bases = bases.iter().flat_map(|&base| self.children.values_for(base));
        let mut forms: Vec<u32> =
            self.children.values_for(id).iter().chain(bases).chain(of_bases).copied().collect();
        forms.sort_unstable();
        forms.dedup();
        let (word, languages) = (words.get(id), words.languages[id as usize]);
        forms.retain(|&form| form != id && !are_apart(languages, word, words.get(form)));
        forms.sort_by_key(|&form| std::cmp::Reverse(words.article_counts[form as usize]));
        forms.truncate(MAX_FORMS);
        if is_uninflected(languages, word) {
            forms.push(id);
        }
        forms.sort_unstable();
        forms
    }
}

/// Returns a word with each base form of it that is a word, too.
fn bases_of(words: &WordList, id: u32) -> Vec<(u32, u32)> {
    let languages = words.languages[id as usize];
    let mut edges = Vec::new();
    if languages == LanguageSet::default() {
        return edges;
    }
    let is_word = |word: &str| words.find(word).is_some();
    for_each_base(words.get(id), languages, &is_word, |base| {
        edges.extend(words.find_in(base, languages).map(|base| (id, base)));
    });
    edges
}

/// Connects the words of irregular families with the first one that is a word of the segment.
fn add_irregular(words: &WordList, edges: &mut Vec<(u32, u32)>) {
    let languages = language_of_families();
    for family in irregular_families(languages) {
        let mut present = family.iter().filter_map(|word| words.find_in(word, languages));
        if let Some(base) = present.next() {
            edges.extend(present.map(|form| (form, base)));
        }
    }
}

/// Connects two English forms of a word that isn't in the segment itself.
fn add_siblings(words: &WordList, edges: &mut Vec<(u32, u32)>) {
    let languages = language_of_families();
    let mut forms_of: HashMap<String, Vec<u32>> = HashMap::new();
    for id in 0..words.len() as u32 {
        if !words.languages[id as usize].intersects(languages) {
            continue;
        }
        for_each_base(words.get(id), languages, &|word| words.find(word).is_some(), |base| {
            if words.find_in(base, languages).is_none() {
                forms_of.entry(base.to_owned()).or_default().push(id);
            }
        });
    }
    for siblings in forms_of.into_values() {
        edges.extend(siblings[1..].iter().map(|&form| (form, siblings[0])));
    }
}

/// Numbers that belong to each number.
struct Relation {
    /// The end of each number's part of `values`.
    ends: Vec<u32>,
    values: Vec<u32>,
}

impl Relation {
    /// Creates a relation of `count` numbers from its sorted pairs.
    fn new(count: usize, edges: &[(u32, u32)]) -> Self {
        let mut ends = vec![0; count];
        for (index, edge) in edges.iter().enumerate() {
            ends[edge.0 as usize] = index as u32 + 1;
        }
        for id in 1..count {
            ends[id] = ends[id].max(ends[id - 1]);
        }
        Self { ends, values: edges.iter().map(|edge| edge.1).collect() }
    }

    fn values_for(&self, id: u32) -> &[u32] {
        let start = (id as usize).checked_sub(1).map_or(0, |previous| self.ends[previous]);
        &self.values[start as usize..self.ends[id as usize] as usize]
    }
}
