//! What one file of `content/` comes to: its record, and what is wrong with it.

use std::ops::Range;

use super::HeldBack;
use super::folder::Facts;
use super::stamp::Scan;
use crate::catalog::record::{
    Afterwards, ArticleRecord, Draft, Flags, HOME, Note, Record, TermPage, Tombstone,
};
use crate::content::article::{Correction, names_section, plain};
use crate::content::markdown::nested_too_deep;
use crate::content::picture::picture;
use crate::content::redact::{self, Redacted, redact};
use crate::content::references::{Target, asset_address, links_to_file, probed, resolve};
use crate::content::shortcodes::Expanded;
use crate::content::source::read_whole;
use crate::content::{Article, FrontMatter, Source, markdown, shortcodes};
use crate::diagnostic::{Diagnostic, Place};
use crate::model::names::MARK;
use crate::model::permalink::former_path;
use crate::model::slug::term_key;
use crate::model::{Fingerprint, Fingerprinter, Image, Names, Permalink, Status};
use crate::pictures::MOST_PIXELS;
use crate::register::body_clue;
use crate::site::{Expired, SECTIONS, Site, Taxonomy};

/// What became of a file.
pub(super) enum Found {
    /// It is as it should be, or has warnings.
    Record(Vec<u8>),
    /// An article that isn't to be published now.
    HeldBack(HeldBack),
    /// An article that can't be read.
    Broken,
}

/// A file, read.
pub(super) struct Inspected {
    pub(super) found: Found,
    pub(super) stamp: u64,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Reads a file.
pub(super) fn inspect(site: &Site, path: &str, scan: Scan) -> Inspected {
    let mut inspector = Inspector {
        site,
        path,
        scan,
        stamp: super::stamp::UNSETTLED,
        names: Names::none(),
        listed: Vec::new(),
        warnings: Vec::new(),
    };
    let read = inspector.read();
    let Inspector { stamp, warnings: mut diagnostics, .. } = inspector;
    let found = read.unwrap_or_else(|mistakes| {
        diagnostics.extend(mistakes);
        Found::Broken
    });
    Inspected { found, stamp, diagnostics }
}

/// Whether the record of an unchanged file may be taken as it is: whether all that it refers to is unchanged too, and it is still to be published.
pub(super) fn still_good(site: &Site, record: &[u8], scan: Scan) -> bool {
    match Record::decode(record) {
        Some(Record::Article(record)) => {
            let unchanged = |probe: &crate::catalog::record::Probe<'_>| {
                let folder = if probe.in_static { &site.statics } else { &site.content };
                probe.stamp != super::stamp::UNSETTLED && scan.file(&folder.join(probe.path)) == probe.stamp
            };
            published(site, &record) && record.probes.iter().all(unchanged)
        }
        Some(Record::Term(page)) => page.probes.iter().all(|(in_static, path, stamp, _)| {
            let folder = if *in_static { &site.statics } else { &site.content };
            *stamp != super::stamp::UNSETTLED && scan.file(&folder.join(path)) == *stamp
        }),
        Some(Record::Nothing | Record::Tombstone(_)) => true,
        None => false,
    }
}

fn published(site: &Site, record: &ArticleRecord<'_>) -> bool {
    let due = site.options.future || record.date.seconds.max(record.embargo) <= site.options.now;
    due && (keeps_expired(site) || record.expires > site.options.now)
}

fn keeps_expired(site: &Site) -> bool {
    site.options.expired || site.config.expired == Expired::Keep
}

struct Inspector<'a> {
    site: &'a Site,
    path: &'a str,
    scan: Scan,
    stamp: u64,
    /// The names that are taken out of it, and those of them that are listed for it.
    names: Names,
    listed: Vec<String>,
    warnings: Vec<Diagnostic>,
}

impl Inspector<'_> {
    fn read(&mut self) -> Result<Found, Vec<Diagnostic>> {
        let file = format!("content/{}", self.path);
        let Redacted { bytes, names, listed } = redact(self.site, self.path, self.bytes(&file)?)?;
        (self.names, self.listed) = (names, listed);
        let source =
            Source::read(&file, &bytes, &self.site.config.limits).map_err(|mistake| vec![*mistake])?;
        let source = source.without(self.names.clone());
        let front = FrontMatter::parse(&source, self.site)?;
        redact::check(&front, &source)?;
        let branch = self.path.rsplit('/').next().is_some_and(|name| name.starts_with("_index."));
        let home = self.path.starts_with("_index.");
        if branch && (home || front.date.is_none() || term_of(self.site, self.path).is_some()) {
            return self.term_page(front, &source).map(Found::Record);
        }
        // A former address that held a name leads nowhere any more.
        let aliases: Vec<String> =
            front.aliases.iter().filter(|alias| !alias.contains(MARK)).cloned().collect();
        let article = Article::resolve(front, &source, self.path, self.site)?;
        if let Some(held_back) = held_back(self.site, &article) {
            return Ok(Found::HeldBack(held_back));
        }
        match article.status {
            Status::Unpublished => Ok(Found::Record(self.tombstone(article, aliases, &source).encode())),
            _ => self.article(&article, &aliases, &source).map(Found::Record),
        }
    }

    fn bytes(&mut self, file: &str) -> Result<Vec<u8>, Vec<Diagnostic>> {
        let full = self.site.content.join(self.path);
        let unreadable = |error: std::io::Error| {
            vec![Diagnostic::error("unreadable", file, format!("can't read it: {error}"))]
        };
        let mut opened = std::fs::File::open(full).map_err(unreadable)?;
        // The stamp is taken before the bytes: what is written meanwhile shows in the next one.
        let metadata = opened.metadata().map_err(unreadable)?;
        self.stamp = self.scan.input(&Facts::of(&metadata));
        let (length, limit) = (metadata.len(), self.site.config.limits.article_bytes);
        if length > limit {
            let message = format!("the file is {length} bytes long; the limit is {limit}");
            let help = "split the story, or raise `limits: {article_bytes: …}` in site.yaml";
            return Err(vec![Diagnostic::error("article-too-long", file, message).help(help)]);
        }
        read_whole(&mut opened, length, limit).map_err(unreadable)
    }

    /// What stands in the place of an article that was taken down.
    fn tombstone(&mut self, article: Article, aliases: Vec<String>, source: &Source<'_>) -> Tombstone {
        self.aliases(&aliases, source);
        let former = aliases.iter().filter_map(|alias| Permalink::new(&former_path(alias)).ok());
        let mut addresses = vec![article.permalink.as_str().to_owned()];
        for alias in former {
            if !addresses.iter().any(|known| known == alias.as_str()) {
                addresses.push(alias.as_str().to_owned());
            }
        }
        Tombstone {
            path: self.path.to_owned(),
            addresses,
            lang: article.lang,
            date: article.status_date,
            reason: article.status_reason,
        }
    }

    /// Looks at what the article refers to, without rendering it, and writes its record.
    fn article(
        &mut self,
        article: &Article,
        aliases: &[String],
        source: &Source<'_>,
    ) -> Result<Vec<u8>, Vec<Diagnostic>> {
        let expanded = self.shallow(source)?;
        let bytes = Fingerprint::of(source.text.as_bytes());
        let mut files = Files { hash: Fingerprinter::new(), probes: Vec::new() };
        files.hash.add(bytes);
        let image = self.main_picture(article.image.as_ref(), source, &mut files);
        let links = self.references(&expanded.body, source, &mut files);
        let mut flags = Flags::default().with(Flags::EXTRA, !article.extra.is_empty());
        flags = flags.with(Flags::CORRECTED, !article.corrections.is_empty());
        flags = flags.with(Flags::REACTIONS_ON, article.reactions == Some(true));
        flags = flags.with(Flags::REACTIONS_OFF, article.reactions == Some(false));
        flags = flags.with(Flags::SEARCH_OFF, article.search_off);
        // What names are taken out of had them in its versions, too.
        let named = self.names.found(self.path);
        let private = !self.listed.is_empty() || named || article.status == Status::Anonymised;
        flags = flags.with(Flags::HISTORY_OFF, article.history_off || private);
        flags = flags.with(Flags::RETRACTED, article.status == Status::Retracted);
        flags =
            flags.with(Flags::UPDATED, !article.updates.is_empty() || article.status != Status::Published);
        flags = flags.with(Flags::LINKS, !links.is_empty());
        flags = flags.with(Flags::ALIASES, !aliases.is_empty());
        flags = flags.with(Flags::NAMED_FILE, named);
        self.aliases(aliases, source);
        // Counting takes about as long as all else that is done to a file here, so it is done only for those who want it.
        let counted = self.site.config.machines.data.as_ref().is_some_and(|data| data.catalogue);
        let words = if counted { markdown::words(&expanded.body) } else { 0 };
        let draft = Draft {
            content: files.hash.finish(),
            date: Some(article.date),
            day: article.day.number(),
            expires: article.expires.map(|moment| moment.seconds),
            flags,
            lang: &article.lang,
            terms: &article.terms,
            probes: files.probes,
            shortcodes: &expanded.unknown,
            names: &self.listed,
            texts: [
                Some(article.permalink.as_str()),
                Some(&article.title),
                article.standfirst.as_deref(),
                article.dateline.as_deref(),
                article.id.as_deref(),
                article.source.as_deref(),
                article.original_url.as_deref(),
                article.translation_of.as_deref(),
            ],
            image: image.as_ref(),
            source: bytes,
            words,
            text: self.site.registered.then(|| body_clue(source.body())),
            body: source.body_start,
            updated: article.updated,
            links: &links,
            aliases,
            embargo: article.embargo.map(|moment| moment.seconds),
            afterwards: afterwards(article),
        };
        Ok(draft.encode())
    }

    /// Tells of former addresses that can't be any.
    fn aliases(&mut self, aliases: &[String], source: &Source<'_>) {
        for alias in aliases {
            let Err(why) = Permalink::new(&former_path(alias)) else { continue };
            let message = format!("the former address `{alias}` can't be one: {why}");
            let place = source.key_place("aliases", 0).or_else(|| source.key_place("alias", 0));
            let diagnostic = Diagnostic::warning("bad-alias", source.file, message).at(place);
            self.warnings.push(diagnostic.help("write the path that it had, such as `/old/page.html`"));
        }
    }

    /// The body without shortcodes, if it doesn't nest too deep.
    fn shallow<'s>(&self, source: &Source<'s>) -> Result<Expanded<'s>, Vec<Diagnostic>> {
        let expanded = shortcodes::expand(source.body());
        let nesting = self.site.config.limits.nesting;
        match markdown::too_deep(&expanded.body, nesting) {
            Some(at) => Err(vec![nested_too_deep(source.file, nesting, source.body_place(at, 1))]),
            None => Ok(expanded),
        }
    }

    /// Looks at what a body refers to. Gives its links to other stories, which can be followed only once all are known.
    fn references(&mut self, body: &str, source: &Source<'_>, files: &mut Files) -> Vec<String> {
        let found = markdown::references(body);
        for (address, range) in &found.images {
            let place = place_of(source, body, address, range);
            self.picture(address, source, Some(place), files);
        }
        let (stories, others): (Vec<_>, Vec<_>) =
            found.links.into_iter().partition(|(address, _)| markdown::links_to_story(address));
        for (address, range) in others.iter().filter(|(address, _)| links_to_file(address)) {
            let place = place_of(source, body, address, range);
            self.linked_file(address, source, place, files);
        }
        stories.into_iter().map(|(address, _)| address).collect()
    }

    /// Looks for a file that a body links to, to publish it with the article.
    fn linked_file(&mut self, address: &str, source: &Source<'_>, place: Place, files: &mut Files) {
        let target = resolve(self.site, self.path, address, &self.names);
        self.probe(address, &target, files);
        match target {
            Target::Asset(at) => match asset_address(&at, &self.names) {
                Some(address) => drop(files.hash.text(&address)),
                None => self.warn_unpublishable(&at, source, Some(place)),
            },
            Target::Ambiguous => self.tell_ambiguous(address, source, Some(place)),
            Target::Missing if !address.starts_with('/') => {
                let message = format!("there is no file `{address}`");
                let help = "put it beside the article or into static/; a web address begins with `https://`";
                let diagnostic = Diagnostic::warning("missing-file", source.file, message);
                self.warnings.push(diagnostic.at(place).help(help));
            }
            _ => {}
        }
    }

    /// Which of several files is meant can't be known once names are taken out, and the wrong picture would be worse than none.
    fn tell_ambiguous(&mut self, address: &str, source: &Source<'_>, place: Option<Place>) {
        let message = format!("two files are named `{address}` once names are taken out");
        let help = "rename one of them, and where the story names it: `gate.jpg`, `gate-2.jpg`";
        self.warnings.push(Diagnostic::error("ambiguous-file", source.file, message).at(place).help(help));
    }

    fn warn_unpublishable(&mut self, file: &str, source: &Source<'_>, place: Option<Place>) {
        let message = format!("the file `content/{file}` can't be published: its name can't be an address");
        let help = "rename it to letters, digits, hyphens and full stops";
        self.warnings.push(Diagnostic::warning("asset-name", source.file, message).at(place).help(help));
    }

    /// Notes every file that was looked for to find what an address means.
    fn probe(&self, address: &str, target: &Target, files: &mut Files) {
        if let Target::Asset(path) = target
            && address.contains(MARK)
        {
            let stamp = self.scan.file(&self.site.content.join(path));
            files.probes.push((false, path.clone(), stamp, true));
            return;
        }
        for (in_static, path) in probed(self.path, address) {
            let folder = if in_static { &self.site.statics } else { &self.site.content };
            let stamp = self.scan.file(&folder.join(&path));
            let asset = matches!(target, Target::Asset(asset) if !in_static && *asset == path);
            files.probes.push((in_static, path, stamp, asset));
        }
    }

    /// The picture that front matter names, with its published address and its size.
    fn main_picture(
        &mut self,
        image: Option<&Image>,
        source: &Source<'_>,
        files: &mut Files,
    ) -> Option<Image> {
        let image = image?;
        let found = self.picture(&image.src, source, source.key_place("image", 0), files)?;
        Some(Image { src: found.src, size: found.size, srcset: found.srcset, ..image.clone() })
    }

    /// Looks for a picture; a missing one is told and left out.
    fn picture(
        &mut self,
        address: &str,
        source: &Source<'_>,
        place: Option<Place>,
        files: &mut Files,
    ) -> Option<Image> {
        let target = resolve(self.site, self.path, address, &self.names);
        self.probe(address, &target, files);
        let Some(found) = picture(self.site, address, &target, &self.names) else {
            if let Target::Asset(at) = &target {
                self.warn_unpublishable(at, source, place);
            } else if target == Target::Ambiguous {
                self.tell_ambiguous(address, source, place);
            } else {
                let message = format!("there is no picture `{address}`");
                let help = "put the file beside the article or into static/; the page is built without it";
                let diagnostic = Diagnostic::warning("missing-image", source.file, message);
                self.warnings.push(diagnostic.at(place).help(help));
            }
            return None;
        };
        let (width, height) = found.size.unwrap_or_default();
        if self.site.config.pictures.is_some() && u64::from(width) * u64::from(height) > MOST_PIXELS {
            let message =
                format!("no smaller copies can be made of this picture: it has {width} × {height} pixels");
            let help = format!(
                "the most is {} million; until it is smaller it is shown as it is",
                MOST_PIXELS >> 20
            );
            let diagnostic = Diagnostic::warning("bad-picture", source.file, message);
            self.warnings.push(diagnostic.at(place).help(help));
        }
        files.hash.text(&found.src).number(u64::from(width) << 32 | u64::from(height));
        files.hash.optional(found.srcset.as_deref());
        Some(found)
    }

    fn term_page(&mut self, front: FrontMatter, source: &Source<'_>) -> Result<Vec<u8>, Vec<Diagnostic>> {
        let home = self.path.starts_with("_index.").then(|| (HOME, String::new()));
        let Some((taxonomy, key)) = home.or_else(|| term_of(self.site, self.path)) else {
            let message =
                "this `_index.md` belongs to no section and to no term, and has no date: it is left out";
            let help = "give it a `date:` to publish it as an article, or map its folder under `taxonomies:` in site.yaml";
            let file = format!("content/{}", self.path);
            self.warnings.push(Diagnostic::warning("stray-index", file, message).help(help));
            return Ok(Record::nothing());
        };
        let expanded = self.shallow(source)?;
        let mut files = Files { hash: Fingerprinter::new(), probes: Vec::new() };
        files.hash.add(Fingerprint::of(source.text.as_bytes()));
        let image = self.main_picture(front.image.as_ref(), source, &mut files);
        let links = self.references(&expanded.body, source, &mut files);
        let text = |text: Option<String>| text.map(|text| plain(&text)).filter(|text| !text.is_empty());
        let page = TermPage {
            taxonomy,
            key,
            path: self.path.to_owned(),
            title: text(front.title),
            description: text(front.description),
            image,
            content: files.hash.finish(),
            probes: files.probes,
            links,
            shortcodes: expanded.unknown,
            names: std::mem::take(&mut self.listed),
        };
        Ok(page.encode())
    }
}

/// Where a body names an address. A body with shortcodes is not the one that was parsed, so there it is looked for.
fn place_of(source: &Source<'_>, body: &str, address: &str, range: &Range<usize>) -> Place {
    let whole = source.body();
    let within = if body.len() == whole.len() { range.clone() } else { 0..whole.len() };
    let text = whole.get(within.clone()).unwrap_or_default();
    let named = text.find(&format!("]({address}")).map(|at| at + 2).or_else(|| text.find(address));
    match named {
        Some(at) => source.body_place(within.start + at, address.len()),
        None => source.body_place(within.start, 1),
    }
}

/// What the files that an article refers to come to: a hash of them all, and every file that was looked for.
struct Files {
    hash: Fingerprinter,
    probes: Vec<(bool, String, u64, bool)>,
}

fn held_back(site: &Site, article: &Article) -> Option<HeldBack> {
    let options = &site.options;
    let embargo = article.embargo.map_or(i64::MIN, |moment| moment.seconds);
    let expired = article.expires.is_some_and(|moment| moment.seconds <= options.now);
    match () {
        () if article.draft && !options.drafts => Some(HeldBack { drafts: 1, ..HeldBack::default() }),
        () if article.date.seconds.max(embargo) > options.now && !options.future => {
            Some(HeldBack { future: 1, ..HeldBack::default() })
        }
        () if expired && !keeps_expired(site) => Some(HeldBack { expired: 1, ..HeldBack::default() }),
        () => None,
    }
}

fn note(note: &Correction) -> Note<'_> {
    Note { date: note.date, text: &note.text }
}

/// What is said of an article after it was published.
fn afterwards(article: &Article) -> Afterwards<'_> {
    Afterwards {
        corrections: article.corrections.iter().map(note).collect(),
        updates: article.updates.iter().map(note).collect(),
        status: article.status,
        reason: article.status_reason.as_deref(),
        date: article.status_date,
    }
}

/// The section, the term or the taxonomy (with an empty key) that an `_index.md` belongs to, by its folders.
fn term_of(site: &Site, path: &str) -> Option<(usize, String)> {
    let fits = |taxonomy: &Taxonomy, folder: &str| {
        taxonomy.key == folder || taxonomy.path == folder || taxonomy.from.iter().any(|from| from == folder)
    };
    let named = |folder: &str| site.taxonomies.iter().position(|taxonomy| fits(taxonomy, folder));
    let folders: Vec<&str> = path.split('/').rev().skip(1).collect();
    match folders[..] {
        [folder] => match named(folder) {
            Some(taxonomy) => Some((taxonomy, String::new())),
            None if !names_section(folder) => None,
            None => site.taxonomy(SECTIONS).map(|number| (number, term_key(folder))),
        },
        [term, taxonomy] => named(taxonomy).map(|number| (number, term_key(term))),
        _ => None,
    }
}
