//! Index: records go into the catalog, and into the state for the next build.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::HeldBack;
use super::copies::{Asset, Picture};
use super::inspect::{Found, Inspected};
use super::parse::{Parsed, Run, Since, may_be_saved};
use super::stamp;
use crate::catalog::record::{Probe, Record};
use crate::catalog::{Builder, Catalog, Spellings};
use crate::content::references::asset_address;
use crate::diagnostic::{Diagnostic, Error};
use crate::model::{Fingerprint, Image, Names};
use crate::pictures::is_raster;
use crate::site::Site;
use crate::state::Writer;

/// Gathers what all files came to.
pub(super) struct Index<'a> {
    builder: Builder<'a>,
    pub(super) writer: Writer<'a>,
    site: &'a Site,
    assets: BTreeSet<Asset>,
    /// Pictures of which smaller copies are wanted.
    pictures: BTreeSet<Picture>,
    /// Names that are taken out of stories.
    names: BTreeSet<String>,
    shortcodes: BTreeMap<String, (usize, String)>,
    /// Articles that can't be read now, by the hash of their file: their last good page is kept.
    pub(super) broken: HashSet<Fingerprint>,
    pub(super) held_back: HeldBack,
    news: News,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl<'a> Index<'a> {
    pub(super) fn new(site: &'a Site, files: usize, writer: Writer<'a>) -> Self {
        Self {
            builder: Builder::new(site, files),
            writer,
            site,
            assets: BTreeSet::new(),
            pictures: BTreeSet::new(),
            names: site.redactions.all.iter().cloned().collect(),
            shortcodes: BTreeMap::new(),
            broken: HashSet::new(),
            held_back: HeldBack::default(),
            news: News { any: false, bodies: Some(HashSet::new()) },
            diagnostics: Vec::new(),
        }
    }

    /// Adds a run of files.
    pub(super) fn add(&mut self, run: Run<'_>) -> Result<(), Error> {
        for (path, parsed) in run {
            match parsed {
                Parsed::Kept(saved) => {
                    self.record(path, &saved.record);
                    self.writer.keep(&saved)?;
                }
                Parsed::New(inspected, since) => {
                    self.news.add(path, &inspected, since);
                    let saved = may_be_saved(&inspected);
                    self.diagnostics.extend(inspected.diagnostics);
                    match inspected.found {
                        Found::Record(record) => {
                            self.record(path, &record);
                            if saved {
                                self.writer.put(path, inspected.stamp, &record)?;
                            }
                        }
                        Found::HeldBack(one) => self.held_back.add(one),
                        Found::Broken => drop(self.broken.insert(Fingerprint::of(path.as_bytes()))),
                    }
                }
            }
        }
        Ok(())
    }

    /// Adds a file that was read before, but for what is wrong with it.
    pub(super) fn known(&mut self, path: &str, inspected: &Inspected) {
        match &inspected.found {
            Found::Record(record) => self.record(path, record),
            Found::HeldBack(one) => self.held_back.add(*one),
            Found::Broken => drop(self.broken.insert(Fingerprint::of(path.as_bytes()))),
        }
    }

    fn note_shortcodes<'n>(&mut self, path: &str, names: impl Iterator<Item = &'n str>) {
        for name in names {
            let first = || (0, format!("content/{path}"));
            self.shortcodes.entry(name.to_owned()).or_insert_with(first).0 += 1;
        }
    }

    /// Notes the files that a story, or a term's page, refers to, and the names that are taken out of it.
    fn note_files(&mut self, probes: &[Probe<'_>], listed: &[&str], main: Option<Image>) {
        self.names.extend(listed.iter().map(|name| (*name).to_owned()));
        let there = |probe: &Probe<'_>| probe.asset || probe.in_static && probe.stamp != stamp::MISSING;
        if !probes.iter().any(there) {
            return;
        }
        let names = Names::of(listed.iter().copied()).and(&self.site.redactions.everywhere);
        for probe in probes.iter().filter(|probe| there(probe)) {
            // Files of `static/` are published as they are.
            let names = if probe.in_static { &Names::none() } else { &names };
            let Some(to) = asset_address(probe.path, names) else { continue };
            let path = probe.path.to_owned();
            if self.site.config.pictures.is_some() && is_raster(&path) {
                let (in_static, path, to) = (probe.in_static, path.clone(), to.clone());
                let main = main.as_ref().is_some_and(|main| main.src == self.site.href(&to));
                self.pictures.insert(Picture { in_static, path, to, main });
            }
            if probe.asset {
                self.assets.insert(Asset { path, to });
            }
        }
    }

    fn record(&mut self, path: &str, record: &[u8]) {
        match Record::decode(record) {
            Some(Record::Article(record)) => {
                self.note_shortcodes(path, record.shortcodes.iter().copied());
                let cut =
                    self.site.config.pictures.as_ref().is_some_and(|pictures| !pictures.ratios.is_empty());
                let main = if cut { record.image() } else { None };
                self.note_files(&record.probes, &record.names, main);
                self.builder.add(path, &record);
            }
            Some(Record::Term(page)) => {
                self.note_shortcodes(path, page.shortcodes.iter().map(String::as_str));
                let probes = page.probes.iter().map(|(in_static, path, stamp, asset)| Probe {
                    in_static: *in_static,
                    path,
                    stamp: *stamp,
                    asset: *asset,
                });
                let probes: Vec<Probe<'_>> = probes.collect();
                let names: Vec<&str> = page.names.iter().map(String::as_str).collect();
                self.note_files(&probes, &names, None);
                self.builder.add_page(page);
            }
            Some(Record::Tombstone(tombstone)) => self.builder.add_tombstone(tombstone),
            Some(Record::Nothing) | None => {}
        }
    }

    /// The catalog, and the files of `content/` that articles show, in order.
    pub(super) fn finish(self) -> Indexed<'a> {
        let mut diagnostics = self.diagnostics;
        for (name, (count, file)) in self.shortcodes {
            let message = format!(
                "the shortcode `{name}` means nothing here: it is left out of {count} article{}, this one first",
                if count == 1 { "" } else { "s" }
            );
            diagnostics.push(
                Diagnostic::warning("shortcode", file, message)
                    .help("what it encloses is kept; write the rest as Markdown"),
            );
        }
        let (catalog, spellings) = self.builder.finish_to_amend();
        // One that is a story's main picture may be in another's body.
        let mut pictures: Vec<Picture> = self.pictures.into_iter().collect();
        pictures.dedup_by(|next, kept| {
            let same = (next.in_static, &next.path, &next.to) == (kept.in_static, &kept.path, &kept.to);
            kept.main |= same && next.main;
            same
        });
        Indexed {
            news: self.news,
            catalog,
            spellings,
            writer: self.writer,
            assets: self.assets.into_iter().collect(),
            pictures,
            names: self.names,
            broken: self.broken,
            held_back: self.held_back,
            diagnostics,
        }
    }
}

/// What is new since the last build.
pub(super) struct News {
    /// Whether there is anything but other bodies of articles that were known.
    pub(super) any: bool,
    /// If it is only articles' bodies: the hashes of their files' paths. Only to be relied on where the same files are planned as before, since
    /// of a file that can't be published now it isn't known whether it was.
    pub(super) bodies: Option<HashSet<Fingerprint>>,
}

impl News {
    fn add(&mut self, path: &str, inspected: &Inspected, since: Since) {
        self.any |= since != Since::OtherBody;
        match (&inspected.found, since) {
            (Found::Record(_), Since::OtherBody) => {
                self.bodies.iter_mut().for_each(|bodies| {
                    bodies.insert(Fingerprint::of(path.as_bytes()));
                });
            }
            (Found::Broken | Found::HeldBack(_), Since::Unknown) => {}
            _ => self.bodies = None,
        }
    }

    /// A saved record's file is gone.
    pub(super) fn gone(&mut self) {
        *self = Self { any: true, bodies: None };
    }
}

/// Everything that is known before pages are planned.
pub(super) struct Indexed<'a> {
    pub(super) news: News,
    pub(super) catalog: Catalog,
    /// How stories write their terms.
    pub(super) spellings: Spellings,
    pub(super) writer: Writer<'a>,
    pub(super) assets: Vec<Asset>,
    /// Pictures of which smaller copies are wanted.
    pub(super) pictures: Vec<Picture>,
    /// Names that are taken out of stories, in order.
    pub(super) names: BTreeSet<String>,
    pub(super) broken: HashSet<Fingerprint>,
    pub(super) held_back: HeldBack,
    pub(super) diagnostics: Vec<Diagnostic>,
}
