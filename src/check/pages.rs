//! Pages: every page as a reader gets it. What its links lead to, whether anything leads to it, whether its HTML is whole.

use std::collections::{BTreeMap, HashMap, HashSet};

use rayon::prelude::*;

use super::external::Link;
use super::html::{Tag, malformed, tags};
use super::links::{Follow, Target};
use super::places::File;
use super::{finding, wants};
use crate::build::{Made, Planned, Preview, Progress};
use crate::catalog::RowId;
use crate::diagnostic::Diagnostic;
use crate::model::Fingerprint;
use crate::model::permalink::decoded;

/// What came of looking at all pages.
pub(super) struct Looked {
    pub(super) pages: usize,
    pub(super) links: usize,
    /// Links out of the site, each once.
    pub(super) external: Vec<Link>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// What is wrong with one thing in a page.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Fault {
    Link(String),
    Image(String),
    Alt(String),
    /// A picture that has no `alt` at all.
    NoAlt(String),
    Size(String),
    Html(String),
}

/// What one page comes to.
struct Seen {
    page: Planned,
    story: Option<RowId>,
    leads_to: Vec<u32>,
    links: usize,
    faults: Vec<Fault>,
    /// Places in other pages: the page, the hash of the place, and the address as it stands there.
    anchors: Vec<(Planned, u64, String)>,
    external: Vec<String>,
    failed: Vec<Diagnostic>,
}

/// Looks at every page.
pub(super) fn look(preview: &Preview<'_>, progress: &dyn Progress) -> Looked {
    let follow = Follow::new(preview);
    let mut all = All::new(preview);
    preview.pages(
        progress,
        |planned, path, html| see(preview, &follow, planned, path, html),
        |seen| all.take(seen),
    );
    all.finish(preview)
}

fn see(
    preview: &Preview<'_>,
    follow: &Follow<'_>,
    page: Planned,
    path: &str,
    html: Result<&str, Vec<Diagnostic>>,
) -> Seen {
    let story = preview.story(page);
    let mut seen = Seen {
        page,
        story,
        leads_to: Vec::new(),
        links: 0,
        faults: Vec::new(),
        anchors: Vec::new(),
        external: Vec::new(),
        failed: Vec::new(),
    };
    let html = match html {
        Ok(html) => html,
        Err(mistakes) => {
            seen.failed = mistakes;
            return seen;
        }
    };
    let (mut ids, mut here) = (HashSet::new(), Vec::new());
    for tag in tags(html).filter(|tag| !tag.closes) {
        for (name, value) in tag.attributes() {
            match name.len() {
                2 if name.eq_ignore_ascii_case("id") => drop(ids.insert(value)),
                4 if name.eq_ignore_ascii_case("name") && tag.is("a") => drop(ids.insert(value)),
                4 if name.eq_ignore_ascii_case("href") && (tag.is("a") || tag.is("area")) => {
                    seen.link(preview, follow, path, value, &mut here);
                }
                6 if name.eq_ignore_ascii_case("action") && tag.is("form") => {
                    seen.link(preview, follow, path, value, &mut here);
                }
                3 if name.eq_ignore_ascii_case("src") && tag.is("img") => seen.picture(follow, path, value),
                _ => {}
            }
        }
        if tag.is("img") {
            seen.image(&tag);
        }
    }
    let missing = here.into_iter().filter(|place| !names(&ids, place));
    seen.faults.extend(missing.map(|place| Fault::Link(format!("#{place}"))));
    if wants(preview.site(), "malformed-html") {
        seen.faults.extend(malformed(html).map(|(_, what)| Fault::Html(what)));
    }
    seen.leads_to.sort_unstable();
    seen.leads_to.dedup();
    seen
}

/// Whether a place in a page is there: `#top` always is (HTML, section 7.4.6.4).
fn names(ids: &HashSet<&str>, place: &str) -> bool {
    place.is_empty()
        || place.eq_ignore_ascii_case("top")
        || place.starts_with(":~:")
        || ids.contains(place)
        || ids.contains(&*decoded(place))
}

impl Seen {
    fn link<'h>(
        &mut self,
        preview: &Preview<'_>,
        follow: &Follow<'_>,
        path: &str,
        address: &'h str,
        here: &mut Vec<&'h str>,
    ) {
        let target = follow.follow(path, address);
        self.links += usize::from(!matches!(target, Target::External | Target::Other));
        match target {
            Target::Here(place) => here.push(place),
            Target::Page(planned, place) => {
                if planned != self.page {
                    self.leads_to.push(preview.number(planned) as u32);
                }
                match place {
                    Some(place) if planned == self.page => here.push(place),
                    Some(place) if names(&HashSet::new(), place) => {}
                    Some(place) => self.anchors.push((planned, key_of(place), address.to_owned())),
                    None => {}
                }
            }
            Target::Nothing => self.faults.push(Fault::Link(address.to_owned())),
            Target::External => self.external.push(address.to_owned()),
            Target::File | Target::Other => {}
        }
    }

    fn picture(&mut self, follow: &Follow<'_>, path: &str, address: &str) {
        self.links += 1;
        if follow.follow(path, address) == Target::Nothing {
            self.faults.push(Fault::Image(address.to_owned()));
        }
    }

    /// What a picture lacks. One that is only to be seen says so.
    fn image(&mut self, tag: &Tag<'_>) {
        let source = || tag.value("src").unwrap_or_default().to_owned();
        let hidden = tag.value("role").is_some_and(|role| role == "presentation" || role == "none")
            || tag.value("aria-hidden") == Some("true");
        match tag.value("alt") {
            _ if hidden => {}
            None => self.faults.push(Fault::NoAlt(source())),
            Some(alt) if alt.trim().is_empty() && self.story.is_some() => {
                self.faults.push(Fault::Alt(source()));
            }
            Some(_) => {}
        }
        if self.story.is_some() && (tag.value("width").is_none() || tag.value("height").is_none()) {
            self.faults.push(Fault::Size(source()));
        }
    }
}

fn key_of(place: &str) -> u64 {
    Fingerprint::of(decoded(place).as_bytes()).0
}

/// What all pages come to.
struct All<'a> {
    preview: &'a Preview<'a>,
    pages: usize,
    links: usize,
    led_to: Vec<bool>,
    for_readers: Vec<Planned>,
    external: HashMap<String, Option<RowId>>,
    anchors: Vec<(Planned, u64, String, Planned, Option<RowId>)>,
    /// Faults of stories' pages, and those that come from templates, with how many pages have them and the first.
    of_stories: Vec<(RowId, Planned, Fault)>,
    of_templates: BTreeMap<Fault, (usize, Planned)>,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> All<'a> {
    fn new(preview: &'a Preview<'a>) -> Self {
        Self {
            preview,
            pages: 0,
            links: 0,
            led_to: vec![false; preview.files()],
            for_readers: Vec::new(),
            external: HashMap::new(),
            anchors: Vec::new(),
            of_stories: Vec::new(),
            of_templates: BTreeMap::new(),
            diagnostics: Vec::new(),
        }
    }

    fn take(&mut self, seen: Seen) {
        self.pages += 1;
        self.links += seen.links;
        for number in seen.leads_to {
            self.led_to[number as usize] = true;
        }
        if self.preview.is_for_readers(seen.page) {
            self.for_readers.push(seen.page);
        }
        for address in seen.external {
            self.external.entry(address).or_insert(seen.story);
        }
        let anchors = seen.anchors.into_iter();
        self.anchors.extend(anchors.map(|(to, place, address)| (to, place, address, seen.page, seen.story)));
        self.diagnostics.extend(seen.failed);
        for fault in seen.faults {
            match seen.story {
                Some(row) => self.of_stories.push((row, seen.page, fault)),
                None => self.of_template(fault, seen.page),
            }
        }
    }

    fn of_template(&mut self, fault: Fault, page: Planned) {
        self.of_templates.entry(fault).or_insert((0, page)).0 += 1;
    }

    fn finish(mut self, preview: &Preview<'_>) -> Looked {
        self.anchors();
        let site = preview.site();
        // What a story's file doesn't say itself comes from a template.
        let of_stories = std::mem::take(&mut self.of_stories);
        let told: Vec<Result<Option<Diagnostic>, (Fault, Planned)>> = of_stories
            .into_par_iter()
            .map(|(row, page, fault)| {
                let file = File::read(site, &preview.catalog().story(row).path());
                in_story(preview, &file, &fault).ok_or((fault, page))
            })
            .collect();
        for told in told {
            match told {
                Ok(diagnostic) => self.diagnostics.extend(diagnostic),
                // A picture without words for it may be meant so by a template.
                Err((Fault::Alt(_) | Fault::Size(_), _)) => {}
                Err((fault, page)) => self.of_template(fault, page),
            }
        }
        let of_templates = std::mem::take(&mut self.of_templates);
        self.diagnostics.extend(
            of_templates
                .into_iter()
                .filter_map(|(fault, (count, page))| in_template(preview, &fault, count, page)),
        );
        self.unreachable();
        let mut external: Vec<Link> = self
            .external
            .into_iter()
            .map(|(address, story)| Link {
                address,
                story: story.map(|row| preview.catalog().story(row).path().into_owned()),
                day: story.map(|row| preview.catalog().story(row).day()),
            })
            .collect();
        external.sort_unstable_by(|a, b| a.address.cmp(&b.address));
        Looked { pages: self.pages, links: self.links, external, diagnostics: self.diagnostics }
    }

    /// Looks for the places in other pages that links name: only these pages are made once more.
    fn anchors(&mut self) {
        let mut anchors = std::mem::take(&mut self.anchors);
        anchors.sort_by_key(|(to, ..)| (to.batch(), to.at()));
        let groups: Vec<&[_]> = anchors.chunk_by(|a, b| a.0 == b.0).collect();
        let missing: Vec<Vec<usize>> = groups
            .par_iter()
            .map(|group| {
                let Ok(Made::Bytes(bytes)) = self.preview.make(group[0].0) else { return Vec::new() };
                let html = String::from_utf8_lossy(&bytes);
                let ids: HashSet<u64> = tags(&html)
                    .filter_map(|tag| tag.value("id").or_else(|| tag.value("name")))
                    .map(|id| Fingerprint::of(html_escape::decode_html_entities(id).as_bytes()).0)
                    .collect();
                (0..group.len()).filter(|&at| !ids.contains(&group[at].1)).collect()
            })
            .collect();
        let mut of_templates = Vec::new();
        for (group, missing) in groups.iter().zip(missing) {
            for at in missing {
                let (_, _, address, page, story) = &group[at];
                match story {
                    Some(row) => self.of_stories.push((*row, *page, Fault::Link(address.clone()))),
                    None => of_templates.push((Fault::Link(address.clone()), *page)),
                }
            }
        }
        of_templates.into_iter().for_each(|(fault, page)| self.of_template(fault, page));
    }

    fn unreachable(&mut self) {
        let site = self.preview.site();
        if !wants(site, "unreachable-page") {
            return;
        }
        for &planned in &self.for_readers {
            let path = self.preview.path(planned);
            if self.led_to[self.preview.number(planned)] || path == "index.html" {
                continue;
            }
            let story =
                self.preview.story(planned).map(|row| self.preview.catalog().story(row).path().into_owned());
            let file = story.map_or_else(|| path.clone(), |path| format!("content/{path}"));
            let message = format!("no page leads to `/{}`", path.trim_end_matches("index.html"));
            let help = "link to it from another page or a template, or take it away";
            self.diagnostics
                .extend(finding(site, "unreachable-page", file, message).map(|found| found.help(help)));
        }
    }
}

/// A fault with its place in the story's own file, if that is where it comes from; `Some(None)` where its rule is off.
fn in_story(preview: &Preview<'_>, file: &File, fault: &Fault) -> Option<Option<Diagnostic>> {
    let site = preview.site();
    let (rule, address) = match fault {
        Fault::Link(address) => (rule_of(address), address),
        Fault::Image(address) => ("broken-image", address),
        Fault::Alt(address) | Fault::NoAlt(address) => ("missing-alt", address),
        Fault::Size(address) => ("image-size", address),
        // The file's own HTML is looked at for itself; what of it is wrong was mended on its way into the page.
        Fault::Html(_) => return None,
    };
    let place = file.address(site, address)?;
    let (message, help) = said(fault);
    Some(finding(site, rule, file.name.as_str(), message).map(|found| found.at(place).help(help)))
}

/// A fault that a template makes, once for all pages that have it.
fn in_template(preview: &Preview<'_>, fault: &Fault, count: usize, first: Planned) -> Option<Diagnostic> {
    let rule = match fault {
        Fault::Link(address) => rule_of(address),
        Fault::Image(_) => "broken-image",
        Fault::Alt(_) | Fault::NoAlt(_) => "missing-alt",
        Fault::Size(_) => "image-size",
        Fault::Html(_) => "malformed-html",
    };
    let (message, help) = said(fault);
    let pages = if count == 1 { String::new() } else { format!(", in {count} pages, this one first") };
    let found = finding(preview.site(), rule, preview.path(first), format!("{message}{pages}"))?;
    Some(found.help(format!("it comes from a template, or from a page in static/; {help}")))
}

fn rule_of(address: &str) -> &'static str {
    if address.contains('#') { "broken-anchor" } else { "broken-link" }
}

fn said(fault: &Fault) -> (String, &'static str) {
    match fault {
        Fault::Link(address) => match address.split_once('#') {
            Some((_, place)) => (
                format!("there is no place `#{place}` where `{address}` leads"),
                "headings have places by their own words: `## Two more crossings` is `#two-more-crossings`",
            ),
            None => (
                format!("`{address}` leads nowhere"),
                "link to a story by its file (`[text](2024/11/05/talks.md)`), so that the build sees to its address; if the page was there once, add a redirect",
            ),
        },
        Fault::Image(address) => {
            (format!("there is no picture `{address}`"), "put the file beside the story or into static/")
        }
        Fault::Alt(address) | Fault::NoAlt(address) => (
            format!("the picture `{address}` has no description for those who can't see it"),
            "say what is to be seen: `![Two officers at the gate](gate.jpg)`, or `alt:` of the main picture",
        ),
        Fault::Size(address) => (
            format!("the picture `{address}` has no size, so the page moves when it comes"),
            "give `width` and `height`, or put the picture itself beside the story: its size is then known",
        ),
        Fault::Html(what) => (
            format!("the page's HTML is not whole: {what}"),
            "close what is opened, in the order in which it was opened",
        ),
    }
}
