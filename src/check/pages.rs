//! Rules about rendered pages: the targets of links, pages without links to them, images, and
//! malformed HTML.

use std::collections::{BTreeMap, HashMap, HashSet};

use rayon::prelude::*;

use super::article_file::ArticleFile;
use super::external::ExternalLink;
use super::html::TagBalance;
use super::links::{LinkResolver, LinkTarget};
use super::rules::{finding, is_enabled};
use crate::archive::ArticleId;
use crate::content::html::{self, Tag, Token, UrlRole};
use crate::diagnostics::Diagnostic;
use crate::model::Fingerprint;
use crate::model::permalink::percent_decode_path;
use crate::pipeline::{FileContent, OutputId, Progress, SitePreview};

/// The results of checking all pages.
pub(super) struct PageFindings {
    pub(super) pages: usize,
    pub(super) links: usize,
    /// The distinct links to other sites.
    pub(super) external: Vec<ExternalLink>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// A problem in a page, with the URL or the description of what causes it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Fault {
    BrokenLink(String),
    BrokenImage(String),
    EmptyAlt(String),
    /// An image without an `alt` attribute.
    MissingAlt(String),
    MissingSize(String),
    MalformedHtml(String),
}

/// A link to an anchor in another page.
struct AnchorLink {
    target: OutputId,
    fragment_hash: u64,
    /// The URL as written.
    href: String,
    /// The page with the link.
    page: OutputId,
    /// The article that the page is of.
    article: Option<ArticleId>,
}

/// The results of checking one page.
struct PageScan {
    page: OutputId,
    article: Option<ArticleId>,
    linked_pages: Vec<u32>,
    links: usize,
    faults: Vec<Fault>,
    anchors: Vec<AnchorLink>,
    external: Vec<String>,
    render_errors: Vec<Diagnostic>,
}

/// Checks every page.
pub(super) fn check_pages(preview: &SitePreview<'_>, progress: &dyn Progress) -> PageFindings {
    let resolver = LinkResolver::new(preview);
    let mut totals = PageTotals::new(preview);
    preview.visit_pages(
        progress,
        |output, path, html| scan_page(&resolver, output, path, html),
        |scan| totals.add_page(scan),
    );
    totals.finish(preview)
}

fn scan_page(
    resolver: &LinkResolver<'_>,
    page: OutputId,
    path: &str,
    html: Result<&str, Vec<Diagnostic>>,
) -> PageScan {
    let preview = resolver.preview;
    let mut scan = PageScan::new(page, preview.article(page));
    let html = match html {
        Ok(html) => html,
        Err(mistakes) => {
            scan.render_errors = mistakes;
            return scan;
        }
    };
    let mut anchors = PageAnchors::default();
    let mut own_fragments = Vec::new();
    let mut balance = is_enabled(preview.site(), "malformed-html").then(|| TagBalance::new(html));
    html::tokenize(html, |token| match token {
        Token::StartTag(tag) => {
            if let Some(balance) = &mut balance {
                balance.add_start_tag(tag);
            }
            anchors.add_tag(tag);
            for attribute in tag.attributes() {
                let url = &*attribute.value;
                match html::url_attribute(tag.name, attribute.name).map(|row| row.role) {
                    Some(UrlRole::Navigation) => {
                        scan.add_link(resolver, path, url, &mut own_fragments);
                    }
                    Some(UrlRole::Image) => scan.add_image(resolver, path, url),
                    Some(UrlRole::Resource) | None => {}
                }
            }
            if tag.name == "img" {
                scan.check_image(tag);
            }
        }
        Token::EndTag(tag) => {
            if let Some(balance) = &mut balance {
                balance.add_end_tag(tag);
            }
        }
        Token::Text(_) => {}
    });
    let missing = own_fragments.into_iter().filter(|fragment| !anchors.contains(fragment));
    scan.faults.extend(missing.map(|fragment| Fault::BrokenLink(format!("#{fragment}"))));
    let malformed = balance.and_then(TagBalance::finish);
    scan.faults.extend(malformed.map(|tag| Fault::MalformedHtml(tag.problem)));
    scan.linked_pages.sort_unstable();
    scan.linked_pages.dedup();
    scan
}

/// The anchors of a page, by the hash of their names.
#[derive(Default)]
struct PageAnchors(HashSet<u64>);

impl PageAnchors {
    /// Reads all anchors of a page.
    fn read(html: &str) -> Self {
        let mut anchors = Self::default();
        html::tokenize(html, |token| {
            if let Token::StartTag(tag) = token {
                anchors.add_tag(tag);
            }
        });
        anchors
    }

    /// Adds an element's anchors: its `id`, and the `name` of an `<a>` (HTML, section 7.4.6.4).
    fn add_tag(&mut self, tag: &Tag<'_>) {
        let name = tag.attribute("name").filter(|_| tag.name == "a");
        for attribute in tag.attribute("id").into_iter().chain(name) {
            self.0.insert(Fingerprint::hash_bytes(attribute.value.as_bytes()).0);
        }
    }

    /// Returns true if the page has an anchor for a fragment.
    fn contains(&self, fragment: &str) -> bool {
        always_exists(fragment)
            || self.0.contains(&Fingerprint::hash_bytes(fragment.as_bytes()).0)
            || self.0.contains(&fragment_hash(fragment))
    }
}

/// Returns true if every page has a fragment: `#top`, and text fragments.
fn always_exists(fragment: &str) -> bool {
    fragment.is_empty() || fragment.eq_ignore_ascii_case("top") || fragment.starts_with(":~:")
}

impl PageScan {
    fn new(page: OutputId, article: Option<ArticleId>) -> Self {
        Self {
            page,
            article,
            linked_pages: Vec::new(),
            links: 0,
            faults: Vec::new(),
            anchors: Vec::new(),
            external: Vec::new(),
            render_errors: Vec::new(),
        }
    }

    fn add_link(
        &mut self,
        resolver: &LinkResolver<'_>,
        path: &str,
        href: &str,
        own_fragments: &mut Vec<String>,
    ) {
        let target = resolver.resolve(path, href);
        self.links += usize::from(!matches!(target, LinkTarget::External | LinkTarget::Other));
        match target {
            LinkTarget::SamePage(fragment) => own_fragments.push(fragment.to_owned()),
            LinkTarget::Page(output, fragment) => {
                if output != self.page {
                    self.linked_pages.push(resolver.preview.position(output) as u32);
                }
                match fragment {
                    Some(fragment) if output == self.page => {
                        own_fragments.push(fragment.to_owned());
                    }
                    Some(fragment) if always_exists(fragment) => {}
                    Some(fragment) => self.anchors.push(AnchorLink {
                        target: output,
                        fragment_hash: fragment_hash(fragment),
                        href: href.to_owned(),
                        page: self.page,
                        article: self.article,
                    }),
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

    /// Checks the attributes of an image. Decorative images don't need an alternative text.
    fn check_image(&mut self, tag: &Tag<'_>) {
        let source = || tag.attribute("src").map_or(String::new(), |src| src.value.into_owned());
        let has_value = |name: &str, values: &[&str]| {
            tag.attribute(name).is_some_and(|attribute| values.contains(&&*attribute.value))
        };
        let is_decorative =
            has_value("role", &["presentation", "none"]) || has_value("aria-hidden", &["true"]);
        match tag.attribute("alt") {
            _ if is_decorative => {}
            None => self.faults.push(Fault::MissingAlt(source())),
            Some(alt) if alt.value.trim().is_empty() && self.article.is_some() => {
                self.faults.push(Fault::EmptyAlt(source()));
            }
            Some(_) => {}
        }
        if self.article.is_some()
            && (tag.attribute("width").is_none() || tag.attribute("height").is_none())
        {
            self.faults.push(Fault::MissingSize(source()));
        }
    }
}

fn fragment_hash(fragment: &str) -> u64 {
    Fingerprint::hash_bytes(percent_decode_path(fragment).as_bytes()).0
}

/// The results of all pages so far.
struct PageTotals<'a> {
    preview: &'a SitePreview<'a>,
    pages: usize,
    links: usize,
    is_linked: Vec<bool>,
    reader_pages: Vec<OutputId>,
    external: HashMap<String, Option<ArticleId>>,
    anchors: Vec<AnchorLink>,
    article_faults: Vec<(ArticleId, OutputId, Fault)>,
    /// Faults that come from templates, with the number of pages that have them and the first one.
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
        self.anchors.extend(scan.anchors);
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
        // A fault that isn't in the article's file comes from a template.
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
                // A template may leave these out on purpose.
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

    /// Checks the links to anchors in other pages. Only the linked pages are rendered again.
    fn check_anchors(&mut self) {
        let mut anchors = std::mem::take(&mut self.anchors);
        anchors.sort_by_key(|anchor| (anchor.target.batch(), anchor.target.index()));
        let groups: Vec<&[AnchorLink]> = anchors.chunk_by(|a, b| a.target == b.target).collect();
        let missing: Vec<Vec<&AnchorLink>> = groups
            .par_iter()
            .map(|group| {
                let Ok(FileContent::Bytes(bytes)) = self.preview.render(group[0].target) else {
                    return Vec::new();
                };
                let html = String::from_utf8_lossy(&bytes);
                let anchors = PageAnchors::read(&html);
                group.iter().filter(|anchor| !anchors.0.contains(&anchor.fragment_hash)).collect()
            })
            .collect();
        for anchor in missing.into_iter().flatten() {
            let fault = Fault::BrokenLink(anchor.href.clone());
            match anchor.article {
                Some(id) => self.article_faults.push((id, anchor.page, fault)),
                None => self.add_template_fault(fault, anchor.page),
            }
        }
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
            let message = format!("no page links to `/{}`", path.trim_end_matches("index.html"));
            let help = "link to it from another page or from a template, or remove it";
            self.diagnostics.extend(
                finding(site, "unreachable-page", file, message)
                    .map(|diagnostic| diagnostic.help(help)),
            );
        }
    }
}

/// Returns the finding in the article's own file, `Some(None)` if its rule is off, or `None` if the
/// fault isn't in the file.
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
        // The HTML in the file is checked by itself: in the page it is already repaired.
        Fault::MalformedHtml(_) => return None,
    };
    let location = file.locate_url(site, url)?;
    let (message, help) = message_and_help(fault);
    Some(
        finding(site, rule, file.name.as_str(), message)
            .map(|diagnostic| diagnostic.location(location).help(help)),
    )
}

/// Returns the finding for a fault of a template, once for all pages that have it.
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
        if count == 1 { String::new() } else { format!(" (in {count} pages, first in this one)") };
    let diagnostic =
        finding(preview.site(), rule, preview.path(first), format!("{message}{pages}"))?;
    Some(diagnostic.help(format!("it comes from a template or from a page in static/; {help}")))
}

fn link_rule(url: &str) -> &'static str {
    if url.contains('#') { "broken-anchor" } else { "broken-link" }
}

fn message_and_help(fault: &Fault) -> (String, &'static str) {
    match fault {
        Fault::BrokenLink(url) => match url.split_once('#') {
            Some((page, fragment)) => (
                if page.is_empty() {
                    format!("the page has no anchor `#{fragment}`")
                } else {
                    format!("`{page}` has no anchor `#{fragment}`")
                },
                "the anchor of a heading is made from its words: `## Two more crossings` has the \
                 anchor `#two-more-crossings`",
            ),
            None => (
                format!("the link `{url}` is broken: the site has no such page or file"),
                "link to an article by its file (`[text](2024/11/05/talks.md)`), so that its URL \
                 is always right; if the page existed before, add a redirect",
            ),
        },
        Fault::BrokenImage(url) => (
            format!("there is no image `{url}`"),
            "put the file next to the article or into static/",
        ),
        Fault::EmptyAlt(url) | Fault::MissingAlt(url) => (
            format!("the image `{url}` has no alternative text"),
            "describe what it shows: `![Two officers at the gate](gate.jpg)`, or `alt:` for the \
             main image",
        ),
        Fault::MissingSize(url) => (
            format!("the image `{url}` has no width and height, which causes a layout shift"),
            "set `width` and `height`, or put the image file next to the article: Dateline then \
             sets them",
        ),
        Fault::MalformedHtml(problem) => (
            format!("the page's HTML is malformed: {problem}"),
            "close elements in the reverse order in which they were opened",
        ),
    }
}
