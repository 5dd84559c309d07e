//! Pages: every page as a reader gets it. What its links lead to, whether anything leads to it,
//! whether its HTML is whole.

use std::collections::{BTreeMap, HashMap, HashSet};

use rayon::prelude::*;

use super::article_file::ArticleFile;
use super::external::ExternalLink;
use super::html::{Tag, find_malformed, tags};
use super::links::{LinkResolver, LinkTarget};
use super::{finding, is_enabled};
use crate::archive::ArticleId;
use crate::diagnostics::Diagnostic;
use crate::model::Fingerprint;
use crate::model::permalink::percent_decode_path;
use crate::pipeline::{FileContent, OutputId, Progress, SitePreview};

/// What came of looking at all pages.
pub(super) struct PageFindings {
    pub(super) pages: usize,
    pub(super) links: usize,
    /// Links out of the site, each once.
    pub(super) external: Vec<ExternalLink>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// What is wrong with one thing in a page.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Fault {
    BrokenLink(String),
    BrokenImage(String),
    EmptyAlt(String),
    /// A picture that has no `alt` at all.
    MissingAlt(String),
    MissingSize(String),
    MalformedHtml(String),
}

/// What one page comes to.
struct PageScan {
    page: OutputId,
    article: Option<ArticleId>,
    linked_pages: Vec<u32>,
    links: usize,
    faults: Vec<Fault>,
    /// Places in other pages: the page, the hash of the place, and the address as it stands there.
    anchors: Vec<(OutputId, u64, String)>,
    external: Vec<String>,
    render_errors: Vec<Diagnostic>,
}

/// Looks at every page.
pub(super) fn check_pages(preview: &SitePreview<'_>, progress: &dyn Progress) -> PageFindings {
    let resolver = LinkResolver::new(preview);
    let mut totals = PageTotals::new(preview);
    preview.visit_pages(
        progress,
        |output, path, html| scan_page(preview, &resolver, output, path, html),
        |scan| totals.add_page(scan),
    );
    totals.finish(preview)
}

fn scan_page(
    preview: &SitePreview<'_>,
    resolver: &LinkResolver<'_>,
    page: OutputId,
    path: &str,
    html: Result<&str, Vec<Diagnostic>>,
) -> PageScan {
    let article = preview.article(page);
    let mut scan = PageScan {
        page,
        article,
        linked_pages: Vec::new(),
        links: 0,
        faults: Vec::new(),
        anchors: Vec::new(),
        external: Vec::new(),
        render_errors: Vec::new(),
    };
    let html = match html {
        Ok(html) => html,
        Err(mistakes) => {
            scan.render_errors = mistakes;
            return scan;
        }
    };
    let (mut ids, mut own_fragments) = (HashSet::new(), Vec::new());
    for tag in tags(html).filter(|tag| !tag.is_end_tag) {
        for (name, value) in tag.attributes() {
            match name.len() {
                2 if name.eq_ignore_ascii_case("id") => drop(ids.insert(value)),
                4 if name.eq_ignore_ascii_case("name") && tag.is("a") => drop(ids.insert(value)),
                4 if name.eq_ignore_ascii_case("href") && (tag.is("a") || tag.is("area")) => {
                    scan.add_link(preview, resolver, path, value, &mut own_fragments);
                }
                6 if name.eq_ignore_ascii_case("action") && tag.is("form") => {
                    scan.add_link(preview, resolver, path, value, &mut own_fragments);
                }
                3 if name.eq_ignore_ascii_case("src") && tag.is("img") => {
                    scan.add_image(resolver, path, value)
                }
                _ => {}
            }
        }
        if tag.is("img") {
            scan.check_image(&tag);
        }
    }
    let missing = own_fragments.into_iter().filter(|fragment| !anchor_exists(&ids, fragment));
    scan.faults.extend(missing.map(|fragment| Fault::BrokenLink(format!("#{fragment}"))));
    if is_enabled(preview.site(), "malformed-html") {
        scan.faults.extend(find_malformed(html).map(|(_, problem)| Fault::MalformedHtml(problem)));
    }
    scan.linked_pages.sort_unstable();
    scan.linked_pages.dedup();
    scan
}

/// Whether a place in a page is there: `#top` always is (HTML, section 7.4.6.4).
fn anchor_exists(ids: &HashSet<&str>, fragment: &str) -> bool {
    fragment.is_empty()
        || fragment.eq_ignore_ascii_case("top")
        || fragment.starts_with(":~:")
        || ids.contains(fragment)
        || ids.contains(&*percent_decode_path(fragment))
}

impl PageScan {
    fn add_link<'h>(
        &mut self,
        preview: &SitePreview<'_>,
        resolver: &LinkResolver<'_>,
        path: &str,
        href: &'h str,
        own_fragments: &mut Vec<&'h str>,
    ) {
        let target = resolver.resolve(path, href);
        self.links += usize::from(!matches!(target, LinkTarget::External | LinkTarget::Other));
        match target {
            LinkTarget::SamePage(fragment) => own_fragments.push(fragment),
            LinkTarget::Page(output, fragment) => {
                if output != self.page {
                    self.linked_pages.push(preview.position(output) as u32);
                }
                match fragment {
                    Some(fragment) if output == self.page => own_fragments.push(fragment),
                    Some(fragment) if anchor_exists(&HashSet::new(), fragment) => {}
                    Some(fragment) => {
                        self.anchors.push((output, fragment_hash(fragment), href.to_owned()))
                    }
                    None => {}
                }
            }
            LinkTarget::Broken => self.faults.push(Fault::BrokenLink(href.to_owned())),
            LinkTarget::External => self.external.push(href.to_owned()),
            LinkTarget::File | LinkTarget::Other => {}
        }
    }

    fn add_image(&mut self, resolver: &LinkResolver<'_>, path: &str, src: &str) {
        self.links += 1;
        if resolver.resolve(path, src) == LinkTarget::Broken {
            self.faults.push(Fault::BrokenImage(src.to_owned()));
        }
    }

    /// What a picture lacks. One that is only to be seen says so.
    fn check_image(&mut self, tag: &Tag<'_>) {
        let source = || tag.attribute_value("src").unwrap_or_default().to_owned();
        let is_decorative = tag
            .attribute_value("role")
            .is_some_and(|role| role == "presentation" || role == "none")
            || tag.attribute_value("aria-hidden") == Some("true");
        match tag.attribute_value("alt") {
            _ if is_decorative => {}
            None => self.faults.push(Fault::MissingAlt(source())),
            Some(alt) if alt.trim().is_empty() && self.article.is_some() => {
                self.faults.push(Fault::EmptyAlt(source()));
            }
            Some(_) => {}
        }
        if self.article.is_some()
            && (tag.attribute_value("width").is_none() || tag.attribute_value("height").is_none())
        {
            self.faults.push(Fault::MissingSize(source()));
        }
    }
}

fn fragment_hash(fragment: &str) -> u64 {
    Fingerprint::hash_bytes(percent_decode_path(fragment).as_bytes()).0
}

/// What all pages come to.
struct PageTotals<'a> {
    preview: &'a SitePreview<'a>,
    pages: usize,
    links: usize,
    is_linked: Vec<bool>,
    reader_pages: Vec<OutputId>,
    external: HashMap<String, Option<ArticleId>>,
    anchors: Vec<(OutputId, u64, String, OutputId, Option<ArticleId>)>,
    /// Faults of stories' pages, and those that come from templates, with how many pages have them
    /// and the first.
    article_faults: Vec<(ArticleId, OutputId, Fault)>,
    template_faults: BTreeMap<Fault, (usize, OutputId)>,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> PageTotals<'a> {
    fn new(preview: &'a SitePreview<'a>) -> Self {
        Self {
            preview,
            pages: 0,
            links: 0,
            is_linked: vec![false; preview.file_count()],
            reader_pages: Vec::new(),
            external: HashMap::new(),
            anchors: Vec::new(),
            article_faults: Vec::new(),
            template_faults: BTreeMap::new(),
            diagnostics: Vec::new(),
        }
    }

    fn add_page(&mut self, scan: PageScan) {
        self.pages += 1;
        self.links += scan.links;
        for number in scan.linked_pages {
            self.is_linked[number as usize] = true;
        }
        if self.preview.is_for_readers(scan.page) {
            self.reader_pages.push(scan.page);
        }
        for url in scan.external {
            self.external.entry(url).or_insert(scan.article);
        }
        let anchors = scan.anchors.into_iter();
        self.anchors.extend(
            anchors.map(|(to, fragment, href)| (to, fragment, href, scan.page, scan.article)),
        );
        self.diagnostics.extend(scan.render_errors);
        for fault in scan.faults {
            match scan.article {
                Some(id) => self.article_faults.push((id, scan.page, fault)),
                None => self.add_template_fault(fault, scan.page),
            }
        }
    }

    fn add_template_fault(&mut self, fault: Fault, page: OutputId) {
        self.template_faults.entry(fault).or_insert((0, page)).0 += 1;
    }

    fn finish(mut self, preview: &SitePreview<'_>) -> PageFindings {
        self.check_anchors();
        let site = preview.site();
        // What a story's file doesn't say itself comes from a template.
        let article_faults = std::mem::take(&mut self.article_faults);
        let results: Vec<Result<Option<Diagnostic>, (Fault, OutputId)>> = article_faults
            .into_par_iter()
            .map(|(id, page, fault)| {
                let file = ArticleFile::read(site, &preview.catalog().article(id).path());
                article_diagnostic(preview, &file, &fault).ok_or((fault, page))
            })
            .collect();
        for result in results {
            match result {
                Ok(diagnostic) => self.diagnostics.extend(diagnostic),
                // A picture without words for it may be meant so by a template.
                Err((Fault::EmptyAlt(_) | Fault::MissingSize(_), _)) => {}
                Err((fault, page)) => self.add_template_fault(fault, page),
            }
        }
        let template_faults = std::mem::take(&mut self.template_faults);
        self.diagnostics.extend(template_faults.into_iter().filter_map(
            |(fault, (count, page))| template_diagnostic(preview, &fault, count, page),
        ));
        self.check_reachability();
        let mut external: Vec<ExternalLink> = self
            .external
            .into_iter()
            .map(|(url, article)| ExternalLink {
                url,
                article_path: article.map(|id| preview.catalog().article(id).path().into_owned()),
                day: article.map(|id| preview.catalog().article(id).day()),
            })
            .collect();
        external.sort_unstable_by(|a, b| a.url.cmp(&b.url));
        PageFindings {
            pages: self.pages,
            links: self.links,
            external,
            diagnostics: self.diagnostics,
        }
    }

    /// Looks for the places in other pages that links name: only these pages are made once more.
    fn check_anchors(&mut self) {
        let mut anchors = std::mem::take(&mut self.anchors);
        anchors.sort_by_key(|(to, ..)| (to.batch(), to.index()));
        let groups: Vec<&[_]> = anchors.chunk_by(|a, b| a.0 == b.0).collect();
        let missing: Vec<Vec<usize>> = groups
            .par_iter()
            .map(|group| {
                let Ok(FileContent::Bytes(bytes)) = self.preview.render(group[0].0) else {
                    return Vec::new();
                };
                let html = String::from_utf8_lossy(&bytes);
                let ids: HashSet<u64> = tags(&html)
                    .filter_map(|tag| {
                        tag.attribute_value("id").or_else(|| tag.attribute_value("name"))
                    })
                    .map(|id| {
                        Fingerprint::hash_bytes(html_escape::decode_html_entities(id).as_bytes()).0
                    })
                    .collect();
                (0..group.len()).filter(|&index| !ids.contains(&group[index].1)).collect()
            })
            .collect();
        let mut template_faults = Vec::new();
        for (group, missing) in groups.iter().zip(missing) {
            for index in missing {
                let (_, _, href, page, article) = &group[index];
                match article {
                    Some(id) => {
                        self.article_faults.push((*id, *page, Fault::BrokenLink(href.clone())))
                    }
                    None => template_faults.push((Fault::BrokenLink(href.clone()), *page)),
                }
            }
        }
        template_faults.into_iter().for_each(|(fault, page)| self.add_template_fault(fault, page));
    }

    fn check_reachability(&mut self) {
        let site = self.preview.site();
        if !is_enabled(site, "unreachable-page") {
            return;
        }
        for &output in &self.reader_pages {
            let path = self.preview.path(output);
            if self.is_linked[self.preview.position(output)] || path == "index.html" {
                continue;
            }
            let article_path = self
                .preview
                .article(output)
                .map(|id| self.preview.catalog().article(id).path().into_owned());
            let file = article_path.map_or_else(|| path.clone(), |path| format!("content/{path}"));
            let message = format!("no page leads to `/{}`", path.trim_end_matches("index.html"));
            let help = "link to it from another page or a template, or take it away";
            self.diagnostics.extend(
                finding(site, "unreachable-page", file, message)
                    .map(|diagnostic| diagnostic.help(help)),
            );
        }
    }
}

/// A fault with its place in the story's own file, if that is where it comes from; `Some(None)`
/// where its rule is off.
fn article_diagnostic(
    preview: &SitePreview<'_>,
    file: &ArticleFile,
    fault: &Fault,
) -> Option<Option<Diagnostic>> {
    let site = preview.site();
    let (rule, url) = match fault {
        Fault::BrokenLink(url) => (link_rule(url), url),
        Fault::BrokenImage(url) => ("broken-image", url),
        Fault::EmptyAlt(url) | Fault::MissingAlt(url) => ("missing-alt", url),
        Fault::MissingSize(url) => ("image-size", url),
        // The file's own HTML is looked at for itself; what of it is wrong was mended on its way
        // into the page.
        Fault::MalformedHtml(_) => return None,
    };
    let location = file.locate_url(site, url)?;
    let (message, help) = message_and_help(fault);
    Some(
        finding(site, rule, file.name.as_str(), message)
            .map(|diagnostic| diagnostic.location(location).help(help)),
    )
}

/// A fault that a template makes, once for all pages that have it.
fn template_diagnostic(
    preview: &SitePreview<'_>,
    fault: &Fault,
    count: usize,
    first: OutputId,
) -> Option<Diagnostic> {
    let rule = match fault {
        Fault::BrokenLink(url) => link_rule(url),
        Fault::BrokenImage(_) => "broken-image",
        Fault::EmptyAlt(_) | Fault::MissingAlt(_) => "missing-alt",
        Fault::MissingSize(_) => "image-size",
        Fault::MalformedHtml(_) => "malformed-html",
    };
    let (message, help) = message_and_help(fault);
    let pages =
        if count == 1 { String::new() } else { format!(", in {count} pages, this one first") };
    let diagnostic =
        finding(preview.site(), rule, preview.path(first), format!("{message}{pages}"))?;
    Some(diagnostic.help(format!("it comes from a template, or from a page in static/; {help}")))
}

fn link_rule(url: &str) -> &'static str {
    if url.contains('#') { "broken-anchor" } else { "broken-link" }
}

fn message_and_help(fault: &Fault) -> (String, &'static str) {
    match fault {
        Fault::BrokenLink(url) => match url.split_once('#') {
            Some((_, fragment)) => (
                format!("there is no place `#{fragment}` where `{url}` leads"),
                "headings have places by their own words: `## Two more crossings` is `#two-more-crossings`",
            ),
            None => (
                format!("`{url}` leads nowhere"),
                "link to a story by its file (`[text](2024/11/05/talks.md)`), so that the build sees to its address; if the page was there once, add a redirect",
            ),
        },
        Fault::BrokenImage(url) => (
            format!("there is no picture `{url}`"),
            "put the file beside the story or into static/",
        ),
        Fault::EmptyAlt(url) | Fault::MissingAlt(url) => (
            format!("the picture `{url}` has no description for those who can't see it"),
            "say what is to be seen: `![Two officers at the gate](gate.jpg)`, or `alt:` of the main picture",
        ),
        Fault::MissingSize(url) => (
            format!("the picture `{url}` has no size, so the page moves when it comes"),
            "give `width` and `height`, or put the picture itself beside the story: its size is then known",
        ),
        Fault::MalformedHtml(problem) => (
            format!("the page's HTML is not whole: {problem}"),
            "close what is opened, in the order in which it was opened",
        ),
    }
}
