//! Parse: front matter of every file, on all cores; or what is wrong with it.

use std::collections::{BTreeMap, HashMap, HashSet};

use rayon::prelude::*;

use super::{HeldBack, Progress};
use crate::catalog::{Entry, TermPage};
use crate::content::article::plain;
use crate::content::references::{Target, asset_permalink, resolve};
use crate::content::{Article, FrontMatter, Source, markdown, shortcodes};
use crate::diagnostic::{Diagnostic, Place};
use crate::model::slug::term_key;
use crate::model::{Fingerprint, Fingerprinter, Image};
use crate::site::{Expired, SECTIONS, Site};

/// What the files of a site came to.
#[derive(Default)]
pub(super) struct Parsed {
    pub(super) entries: Vec<Entry>,
    pub(super) pages: HashMap<(usize, String), TermPage>,
    /// Files of `content/` that articles show, in order.
    pub(super) assets: Vec<String>,
    /// Articles that can't be read now, by file: their last good page is kept.
    pub(super) broken: HashSet<String>,
    pub(super) held_back: HeldBack,
    pub(super) diagnostics: Vec<Diagnostic>,
}

enum File {
    Article { entry: Box<Entry>, assets: Vec<String>, shortcodes: Vec<String> },
    Term((usize, String), TermPage),
    HeldBack(HeldBack),
    Broken,
    Nothing,
}

/// Files are parsed in runs of this many, so that little is held between parsing and the catalog.
const RUN: usize = 4096;

/// Reads the front matter of all files.
pub(super) fn parse(site: &Site, files: Vec<String>, progress: &dyn Progress) -> Parsed {
    let mut parsed = Parsed::default();
    let mut shortcodes: BTreeMap<String, (usize, String)> = BTreeMap::new();
    let mut assets = HashSet::new();
    for run in files.chunks(RUN) {
        let results: Vec<(File, Vec<Diagnostic>)> =
            run.par_iter().map(|path| one(site, path, progress)).collect();
        for (path, (file, diagnostics)) in run.iter().zip(results) {
            parsed.diagnostics.extend(diagnostics);
            match file {
                File::Article { entry, assets: own, shortcodes: names } => {
                    for name in names {
                        shortcodes.entry(name).or_insert_with(|| (0, format!("content/{path}"))).0 += 1;
                    }
                    assets.extend(own);
                    parsed.entries.push(*entry);
                }
                File::Term(key, page) => drop(parsed.pages.insert(key, page)),
                File::HeldBack(one) => {
                    parsed.held_back.drafts += one.drafts;
                    parsed.held_back.future += one.future;
                    parsed.held_back.expired += one.expired;
                }
                File::Broken => drop(parsed.broken.insert(path.clone())),
                File::Nothing => {}
            }
        }
    }
    parsed.assets = assets.into_iter().collect();
    parsed.assets.sort_unstable();
    for (name, (count, file)) in shortcodes {
        let message = format!(
            "the shortcode `{name}` means nothing here: it is left out of {count} articles, this one first"
        );
        parsed.diagnostics.push(
            Diagnostic::warning("shortcode", file, message)
                .help("what it encloses is kept; write the rest as Markdown"),
        );
    }
    parsed
}

fn one(site: &Site, path: &str, progress: &dyn Progress) -> (File, Vec<Diagnostic>) {
    progress.done();
    let mut warnings = Vec::new();
    match read(site, path, &mut warnings) {
        Ok(file) => (file, warnings),
        Err(mistakes) => {
            warnings.extend(mistakes);
            (File::Broken, warnings)
        }
    }
}

fn read(site: &Site, path: &str, warnings: &mut Vec<Diagnostic>) -> Result<File, Vec<Diagnostic>> {
    let file = format!("content/{path}");
    let full = site.content.join(path);
    let unreadable = |error: std::io::Error| {
        vec![Diagnostic::error("unreadable", file.as_str(), format!("can't read it: {error}"))]
    };
    let length = std::fs::metadata(&full).map_err(unreadable)?.len();
    if length > site.config.limits.article_bytes {
        let message =
            format!("the file is {length} bytes long; the limit is {}", site.config.limits.article_bytes);
        let help = "split the story, or raise `limits: {article_bytes: …}` in site.yaml";
        return Err(vec![Diagnostic::error("article-too-long", file, message).help(help)]);
    }
    let bytes = std::fs::read(&full).map_err(unreadable)?;
    let source = Source::read(&file, &bytes, &site.config.limits).map_err(|diagnostic| vec![*diagnostic])?;
    let front = FrontMatter::parse(&source, site)?;
    let branch = path.rsplit('/').next().is_some_and(|name| name.starts_with("_index."));
    if branch && (front.date.is_none() || term_of(site, path).is_some()) {
        return Ok(term_page(site, path, front, &bytes, warnings));
    }
    let article = Article::resolve(front, &source, path, site)?;
    if let Some(held_back) = held_back(site, &article) {
        return Ok(File::HeldBack(held_back));
    }
    Ok(finish(site, path, article, &source, warnings))
}

fn held_back(site: &Site, article: &Article) -> Option<HeldBack> {
    let options = &site.options;
    let expired = article.expires.is_some_and(|moment| moment.seconds <= options.now);
    let keep = options.expired || site.config.expired == Expired::Keep;
    match () {
        () if article.draft && !options.drafts => Some(HeldBack { drafts: 1, ..HeldBack::default() }),
        () if article.date.seconds > options.now && !options.future => {
            Some(HeldBack { future: 1, ..HeldBack::default() })
        }
        () if expired && !keep => Some(HeldBack { expired: 1, ..HeldBack::default() }),
        () => None,
    }
}

/// Looks at what the body refers to, without rendering it.
fn finish(
    site: &Site,
    path: &str,
    article: Article,
    source: &Source<'_>,
    warnings: &mut Vec<Diagnostic>,
) -> File {
    let mut hash = Fingerprinter::new();
    hash.add(Fingerprint::of(source.text.as_bytes()));
    let expanded = shortcodes::expand(source.body());
    let mut assets = Vec::new();
    let mut note = |address: &str, place: Option<Place>| -> Option<Image> {
        let target = resolve(site, path, address);
        let (src, on_disk) = match target {
            Target::Elsewhere => (address.to_owned(), None),
            Target::OnSite(at) => (site.href(&at), Some(site.statics.join(at.trim_start_matches('/')))),
            Target::Asset(at) => {
                let permalink = asset_permalink(&at)?;
                let on_disk = site.content.join(&at);
                assets.push(at);
                (site.href(permalink.as_str()), Some(on_disk))
            }
            Target::Missing => {
                let diagnostic = Diagnostic::warning(
                    "missing-image",
                    source.file,
                    format!("there is no picture `{address}`"),
                );
                let help = "put the file beside the article or into static/; the page is built without it";
                warnings.push(diagnostic.at(place).help(help));
                return None;
            }
        };
        let size = on_disk.as_deref().and_then(crate::pages::image_size);
        hash.text(&src).number(size.map_or(0, |(width, height)| u64::from(width) << 32 | u64::from(height)));
        Some(Image { src, size, ..Image::default() })
    };
    let image = article.image.as_ref().and_then(|image| {
        let found = note(&image.src, source.key_place("image", 0))?;
        Some(Image { src: found.src, size: found.size, ..image.clone() })
    });
    if expanded.body.contains("![") || expanded.body.contains("<img") {
        for (address, range) in markdown::images(&expanded.body) {
            let found = source.body().find(&address).map(|at| source.body_place(at, address.len()));
            note(&address, found.or_else(|| Some(source.body_place(range.start, 1))));
        }
    }
    let story_links = expanded.body.contains(shortcodes::STORY_SCHEME) || expanded.body.contains(".md");
    let entry = Entry { path: path.to_owned(), article, image, content: hash.finish(), story_links };
    File::Article { entry: Box::new(entry), assets, shortcodes: expanded.unknown }
}

/// The term or section that an `_index.md` belongs to, by its folders.
fn term_of(site: &Site, path: &str) -> Option<(usize, String)> {
    let folders: Vec<&str> = path.split('/').rev().skip(1).collect();
    match folders[..] {
        [section] => site.taxonomy(SECTIONS).map(|number| (number, term_key(section))),
        [term, taxonomy] => {
            let fits = |t: &crate::site::Taxonomy| {
                t.key == taxonomy || t.path == taxonomy || t.from.iter().any(|from| from == taxonomy)
            };
            site.taxonomies.iter().position(fits).map(|number| (number, term_key(term)))
        }
        _ => None,
    }
}

fn term_page(
    site: &Site,
    path: &str,
    front: FrontMatter,
    bytes: &[u8],
    warnings: &mut Vec<Diagnostic>,
) -> File {
    if path.starts_with("_index.") {
        return File::Nothing; // the front page reads its own
    }
    let Some(key) = term_of(site, path) else {
        let message =
            "this `_index.md` belongs to no section and to no term, and has no date: it is left out";
        let help = "give it a `date:` to publish it as an article, or map its folder under `taxonomies:` in site.yaml";
        warnings.push(Diagnostic::warning("stray-index", format!("content/{path}"), message).help(help));
        return File::Nothing;
    };
    let text = |text: Option<String>| text.map(|text| plain(&text)).filter(|text| !text.is_empty());
    let content = Fingerprint::of(bytes);
    File::Term(
        key,
        TermPage {
            path: path.to_owned(),
            title: text(front.title),
            description: text(front.description),
            content,
        },
    )
}
