//! Resolve: where registered addresses lead that are no story's and no term's any more.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Line, read};
use crate::catalog::record::Flags;
use crate::catalog::{Catalog, RowId, Story, TermId, place_of};
use crate::diagnostic::{Diagnostic, Error};
use crate::model::permalink::former_path;
use crate::model::{Fingerprint, Permalink};
use crate::site::Site;

/// A former address whose page is known by another one now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Former {
    /// The address below the site's root.
    pub from: String,
    /// Where it leads.
    pub to: Target,
}

/// What a former address leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A story.
    Story(RowId),
    /// A term.
    Term(TermId),
    /// All terms of a taxonomy: the term is gone.
    Terms(usize),
}

/// A registered address that nothing is known to answer for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// The address below the site's root.
    pub address: String,
    /// The first of its lines.
    pub line: usize,
    /// That line.
    pub text: String,
    /// The one story that may be meant, by its name alone: too little to lead readers there.
    pub likely: Option<RowId>,
    /// The places of the files that it was, without their extensions.
    pub files: Vec<String>,
}

/// What the register says of addresses that are no story's and no term's now.
#[derive(Debug, Default)]
pub struct Register {
    /// Those that lead on by themselves, in order.
    pub former: Vec<Former>,
    /// Those that a page of another kind may answer for, or nothing, in order.
    pub lost: Vec<Lost>,
}

/// Looks up every registered address. Only those that are neither a story's nor a term's are held.
///
/// # Errors
/// If the register can't be read.
pub fn resolve(site: &Site, catalog: &Catalog, diagnostics: &mut Vec<Diagnostic>) -> Result<Register, Error> {
    if !site.registered {
        return Ok(Register::default());
    }
    let known = Known::of(site, catalog);
    let mut open: BTreeMap<String, Vec<(String, usize)>> = BTreeMap::new();
    let mut terms: HashSet<Fingerprint> = HashSet::new();
    read(site, diagnostics, |number, text, line| {
        terms.extend(line.term.map(key));
        if !known.answers(line.address) {
            open.entry(line.address.to_owned()).or_default().push((text.to_owned(), number));
        }
    })?;
    drop(known);
    for lines in open.values_mut() {
        // Whatever order two registers were merged in, the same clue counts.
        lines.sort_unstable();
        lines.dedup_by(|a, b| a.0 == b.0);
    }
    let parsed: Vec<(&String, Vec<Line<'_>>)> = open
        .iter()
        .map(|(address, lines)| {
            (address, lines.iter().filter_map(|(text, _)| Line::parse(text).ok()).collect())
        })
        .collect();
    let mut clues = Clues::of(parsed.iter().flat_map(|(_, lines)| lines));
    if !parsed.is_empty() {
        catalog.stories(catalog.all()).for_each(|story| clues.see(&story));
    }
    let led = !site.config.machines.redirects.formats.is_empty();
    let mut register = Register::default();
    for (address, lines) in &parsed {
        let best = lines.iter().filter_map(|line| clues.target(line, site, catalog, &terms));
        match best.min_by_key(|(rank, _)| *rank).filter(|_| led) {
            Some((_, to)) => register.former.push(Former { from: (*address).clone(), to }),
            None => register.lost.push(clues.lost(address, lines, &open)),
        }
    }
    Ok(register)
}

fn key(text: &str) -> Fingerprint {
    Fingerprint::of(text.as_bytes())
}

/// The addresses of stories and of terms, and those that lead on by front matter or by settings.
struct Known<'a> {
    addresses: HashSet<Fingerprint>,
    site: &'a Site,
}

impl<'a> Known<'a> {
    fn of(site: &'a Site, catalog: &Catalog) -> Self {
        let mut addresses = HashSet::with_capacity(catalog.len() + catalog.terms());
        let led = !site.config.machines.redirects.formats.is_empty();
        for story in catalog.stories(catalog.all()) {
            addresses.insert(key(story.permalink()));
            if led && story.flags().has(Flags::ALIASES) {
                let aliases = story.details().aliases.into_iter();
                let paths = aliases.filter_map(|alias| Permalink::new(&former_path(alias)).ok());
                addresses.extend(paths.map(|path| key(path.as_str())));
            }
        }
        for (number, taxonomy) in site.taxonomies.iter().enumerate() {
            let terms = catalog.terms_of(number).iter();
            addresses.extend(terms.map(|&id| key(&taxonomy.term_path(&catalog.term(id).slug))));
        }
        let rules = &site.config.machines.redirects.exact;
        addresses.extend(rules.iter().filter(|_| led).map(|(from, _)| key(from)));
        Self { addresses, site }
    }

    fn answers(&self, address: &str) -> bool {
        let wildcards = &self.site.config.machines.redirects.wildcards;
        self.addresses.contains(&key(address)) || wildcards.iter().any(|rule| address.starts_with(&rule.from))
    }
}

/// How many stories fit a clue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Fits {
    #[default]
    None,
    One(RowId),
    Many,
}

impl Fits {
    fn add(&mut self, row: RowId) {
        *self = if *self == Self::None { Self::One(row) } else { Self::Many };
    }

    fn one(self) -> Option<RowId> {
        if let Self::One(row) = self { Some(row) } else { None }
    }
}

/// Translations share an id; no more of them are looked at.
const LANGUAGES: usize = 64;

/// The stories that fit what open lines say.
struct Clues<'a> {
    ids: HashMap<&'a str, Vec<(RowId, String)>>,
    files: HashMap<&'a str, Option<(RowId, Option<Fingerprint>)>>,
    bodies: HashMap<Fingerprint, Fits>,
    /// By the last part of an address or the name of a file.
    names: HashMap<&'a str, Fits>,
}

/// The last part of a path, without slashes and extension.
fn name(path: &str) -> &str {
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    last.strip_suffix(".html").unwrap_or(last)
}

/// The names that a line gives to its story.
fn names<'a>(line: &Line<'a>) -> impl Iterator<Item = &'a str> {
    [Some(name(line.address)), line.file.map(name)].into_iter().flatten().filter(|name| !name.is_empty())
}

impl<'a> Clues<'a> {
    fn of<'l>(lines: impl Iterator<Item = &'l Line<'a>>) -> Self
    where
        'a: 'l,
    {
        let mut clues = Self {
            ids: HashMap::new(),
            files: HashMap::new(),
            bodies: HashMap::new(),
            names: HashMap::new(),
        };
        for line in lines {
            clues.ids.extend(line.id.map(|id| (id, Vec::new())));
            clues.files.extend(line.file.map(|file| (file, None)));
            clues.bodies.extend(line.body.map(|body| (body, Fits::None)));
            if line.term.is_none() {
                clues.names.extend(names(line).map(|name| (name, Fits::None)));
            }
        }
        clues
    }

    /// Notes a story where it fits.
    fn see(&mut self, story: &Story<'_>) {
        if let Some(rows) = story.own_id().and_then(|id| self.ids.get_mut(id))
            && rows.len() < LANGUAGES
        {
            rows.push((story.id, story.lang().to_owned()));
        }
        let path = story.path();
        let (place, text) = (place_of(&path), story.details().text);
        if let Some(file) = self.files.get_mut(place) {
            *file = Some((story.id, text));
        }
        if let Some(fits) = text.and_then(|text| self.bodies.get_mut(&text)) {
            fits.add(story.id);
        }
        let (of_file, of_address) = (name(place), name(story.permalink()));
        for name in [of_file, of_address].iter().take(if of_file == of_address { 1 } else { 2 }) {
            if let Some(fits) = self.names.get_mut(*name) {
                fits.add(story.id);
            }
        }
    }

    /// Where a line leads, and how far to trust it: the lower the better.
    fn target(
        &self,
        line: &Line<'_>,
        site: &Site,
        catalog: &Catalog,
        registered: &HashSet<Fingerprint>,
    ) -> Option<(u8, Target)> {
        let story = self.story(line);
        let Some(term) = line.term else { return story.map(|(rank, row)| (rank, Target::Story(row))) };
        let (of, slug) = term.split_once('/')?;
        let taxonomy = site.taxonomy(of)?;
        let terms = catalog.terms_of(taxonomy);
        if let Ok(at) = terms.binary_search_by(|&id| catalog.term(id).slug.as_str().cmp(slug)) {
            return Some((0, Target::Term(terms[at])));
        }
        // The term that one of its stories has instead: the only one, or the only one that is new.
        let now: Vec<TermId> = story
            .map(|(_, row)| catalog.story(row).term_ids().to_vec())
            .unwrap_or_default()
            .into_iter()
            .filter(|&id| catalog.term(id).taxonomy == taxonomy)
            .collect();
        let is_new = |id: &&TermId| !registered.contains(&key(&format!("{of}/{}", catalog.term(**id).slug)));
        let mut new = now.iter().filter(is_new);
        let instead = match (&now[..], new.next(), new.next()) {
            (&[only], ..) => Some(only),
            (_, Some(&new), None) => Some(new),
            _ => None,
        };
        let instead = instead.map(|id| (1, Target::Term(id)));
        instead.or_else(|| (!terms.is_empty()).then_some((2, Target::Terms(taxonomy))))
    }

    /// The story of a line. An address leads to the text that it showed rather than to what has its file's name now.
    fn story(&self, line: &Line<'_>) -> Option<(u8, RowId)> {
        let with_id = line.id.and_then(|id| self.ids.get(id)).map(Vec::as_slice).unwrap_or_default();
        let same_lang = with_id.iter().find(|(_, lang)| Some(lang.as_str()) == line.lang);
        if let Some((row, _)) = same_lang.or(with_id.first()) {
            return Some((0, *row));
        }
        let file = line.file.and_then(|file| *self.files.get(file)?);
        match file {
            Some((row, text)) if line.body.is_some() && text == line.body => Some((1, row)),
            _ => {
                let body = line.body.and_then(|body| self.bodies.get(&body)?.one());
                body.map(|row| (2, row)).or(file.map(|(row, _)| (3, row)))
            }
        }
    }

    fn lost(&self, address: &str, lines: &[Line<'_>], open: &BTreeMap<String, Vec<(String, usize)>>) -> Lost {
        let written = open.get(address).and_then(|lines| lines.iter().min_by_key(|(_, number)| *number));
        let (text, line) = written.cloned().unwrap_or_default();
        let of_stories = || lines.iter().filter(|line| line.term.is_none());
        let likely = of_stories().flat_map(names).find_map(|name| self.names.get(name)?.one());
        let files = of_stories().filter_map(|line| line.file).map(str::to_owned).collect();
        Lost { address: address.to_owned(), line, text, likely, files }
    }
}
