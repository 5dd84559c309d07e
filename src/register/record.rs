//! Record: the register with all that is published now.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{LONGEST, Line, Register, Target, read};
use crate::catalog::{Catalog, Story, TermId, place_of};
use crate::diagnostic::{Diagnostic, Error};
use crate::files::replace;
use crate::model::Fingerprint;
use crate::site::Site;

/// What a register begins with. In the order of bytes it comes before all addresses.
const HEAD: &str = "# Every address that was ever published. Made by `dateline permalinks record`; two of these merge by `sort -u`.\n";

/// The longest id that is written down; a longer one is no id but a text.
const LONGEST_ID: usize = 1024;

/// What became of the register.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// How many addresses it has.
    pub addresses: usize,
    /// How many of them are new.
    pub new: usize,
}

/// Writes every address of a story and of a term into the register, with what they are known by now; and gives former addresses the same. Lines
/// of addresses that answer to something else, or to nothing, stay.
///
/// # Errors
/// If the register can't be read or written.
pub fn record(site: &Site, catalog: &Catalog, register: &Register) -> Result<Recorded, Error> {
    let mut wrong = Vec::new();
    let mut lines: BTreeMap<String, Vec<String>> = BTreeMap::new();
    read(site, &mut wrong, |_, text, line| {
        lines.entry(line.address.to_owned()).or_default().push(text.to_owned());
    })?;
    refuse_bad(&wrong)?;
    let before = lines.len();
    for story in catalog.stories(catalog.all()) {
        lines.insert(story.permalink().to_owned(), vec![of_story(story.permalink(), &story, site)]);
    }
    for taxonomy in 0..site.taxonomies.len() {
        for &id in catalog.terms_of(taxonomy) {
            let address = site.taxonomies[taxonomy].term_path(&catalog.term(id).slug);
            let line = of_term(&address, id, site, catalog);
            // A story may have the place of a term; it is its, then.
            lines
                .entry(address)
                .and_modify(|lines| {
                    if lines.iter().all(|line| Line::parse(line).is_ok_and(|line| line.term.is_some())) {
                        *lines = vec![line.clone()];
                    }
                })
                .or_insert_with(|| vec![line.clone()]);
        }
    }
    for former in &register.former {
        let line = match former.to {
            Target::Story(row) => of_story(&former.from, &catalog.story(row), site),
            Target::Term(id) => of_term(&former.from, id, site, catalog),
            Target::Terms(_) => of_gone_term(&former.from, lines.get(&former.from)),
        };
        lines.insert(former.from.clone(), vec![line]);
    }
    let recorded = Recorded { addresses: lines.len(), new: lines.len() - before };
    let mut text = HEAD.to_owned();
    let mut sorted: Vec<String> = lines.into_values().flatten().collect();
    sorted.sort_unstable();
    sorted.dedup();
    sorted.iter().for_each(|line| {
        text.push_str(line);
        text.push('\n');
    });
    let file = site.register();
    if std::fs::read(&file).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(recorded);
    }
    replace(&file, text.as_bytes())?;
    Ok(recorded)
}

/// What can't be read can't be written back.
fn refuse_bad(wrong: &[Diagnostic]) -> Result<(), Error> {
    let Some(first) = wrong.first() else { return Ok(()) };
    let line = first.place.as_ref().map_or(String::new(), |place| format!(":{}", place.line));
    let message =
        format!("{}{line}: {}; nothing was recorded: mend the register first", first.file, first.message);
    Err(Error::Usage(message))
}

/// A value may stand in a field if it has no tab and no line break.
fn field(line: &mut String, name: &str, value: &str) {
    let fits = line.len() + value.len() < LONGEST - 32;
    if fits && !value.is_empty() && !value.contains(char::is_control) && value.trim() == value {
        // Writing to a string can't fail.
        let _ = write!(line, "\t{name}:{value}");
    }
}

fn own_id<'a>(story: &Story<'a>) -> Option<&'a str> {
    story.own_id().filter(|id| id.len() <= LONGEST_ID)
}

fn of_story(address: &str, story: &Story<'_>, site: &Site) -> String {
    let mut line = address.to_owned();
    name_story(&mut line, story);
    own_id(story).iter().for_each(|_| field(&mut line, "lang", story.lang()));
    let details = story.details();
    if let Some(body) = details.text.filter(|body| *body != Fingerprint::UNSETTLED) {
        field(&mut line, "body", &format!("{:016x}", body.0));
        details.updated.iter().for_each(|updated| field(&mut line, "updated", &updated.iso(site.zone)));
    }
    line
}

fn name_story(line: &mut String, story: &Story<'_>) {
    own_id(story).iter().for_each(|id| field(line, "id", id));
    field(line, "file", place_of(&story.path()));
}

/// A term that nothing took the place of is no longer followed by its stories: one of them may be filed under anything one day.
fn of_gone_term(address: &str, lines: Option<&Vec<String>>) -> String {
    let mut line = address.to_owned();
    let mut terms = lines.into_iter().flatten().filter_map(|line| Line::parse(line).ok()?.term);
    terms.next().iter().for_each(|term| field(&mut line, "term", term));
    line
}

/// A term is known by its slug, and by the oldest of its stories should that change.
fn of_term(address: &str, id: TermId, site: &Site, catalog: &Catalog) -> String {
    let term = catalog.term(id);
    let mut line = address.to_owned();
    field(&mut line, "term", &format!("{}/{}", site.taxonomies[term.taxonomy].key, term.slug));
    term.rows.first().iter().for_each(|&&row| name_story(&mut line, &catalog.story(row)));
    line
}
