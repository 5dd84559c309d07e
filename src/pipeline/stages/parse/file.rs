//! Parses one file of `content/` into its record, and reports its mistakes.

use super::term_folder::term_of_index_file;
use super::url_locator::UrlLocator;
use super::withholding::{broken_or_withheld, count_unpublished, keeps_expired, urls_of};
use crate::archive::record::{
    ArticleRecord, ArticleTexts, DatedNote, EditorialNotes, FileReference, Flags,
    HOME_PAGE_TAXONOMY, NewArticleRecord, PAGE_DAY, Record, TermPage, Tombstone,
};
use crate::config::Site;
use crate::content::article::Correction;
use crate::content::attachments::is_publishable;
use crate::content::dropped::{find_dropped_content, summarize};
use crate::content::front_matter::{ALIAS_KEYS, FrontMatterReading};
use crate::content::image::resolve_image;
use crate::content::markdown::{html_nesting_diagnostic, nesting_diagnostic};
use crate::content::plain_text::to_plain_text;
use crate::content::redaction::{self, RedactedFile, redact};
use crate::content::references::{
    CandidateFile, ReferenceTarget, asset_url, candidate_files, is_file_link, resolve_reference,
};
use crate::content::shortcodes::ExpandedBody;
use crate::content::source::read_with_limit;
use crate::content::written_permalink::check_reserved;
use crate::content::{FrontMatter, ParsedArticle, SourceFile, markdown, shortcodes};
use crate::diagnostics::{Diagnostic, Location, Severity};
use crate::images::MAX_PIXELS;
use crate::model::permalink::alias_path;
use crate::model::redaction::PLACEHOLDER;
use crate::model::{Fingerprint, Fingerprinter, Image, Permalink, RedactionMatcher, Status};
use crate::permalinks::body_evidence;
use crate::pipeline::cache::file_stamps::{DIRTY, ScanTime};
use crate::pipeline::dir_handle::FileMetadata;
use crate::pipeline::parsed_file::{ParseOutcome, ParsedFile, WithheldArticle};
use crate::regular_file;

/// Reads and parses a file, given by its path below `content/`.
pub(crate) fn parse_file(site: &Site, path: &str, scan_time: ScanTime) -> ParsedFile {
    let mut parser = FileParser {
        site,
        path,
        scan_time,
        stamp: DIRTY,
        matcher: RedactionMatcher::empty(),
        listed_names: Vec::new(),
        warnings: Vec::new(),
        withheld: WithheldArticle { path: path.to_owned(), ..WithheldArticle::default() },
    };
    let result = parser.parse();
    let FileParser { stamp, warnings: mut diagnostics, withheld, .. } = parser;
    let outcome = result.unwrap_or_else(|mistakes| {
        diagnostics.extend(mistakes);
        broken_or_withheld(site, withheld)
    });
    ParsedFile { outcome, stamp, diagnostics }
}

/// Returns true if the record of an unchanged file may be reused: all files that it refers to are
/// unchanged too, and it is still to be published.
pub(crate) fn is_reusable(site: &Site, record: &[u8], scan_time: ScanTime) -> bool {
    let is_unchanged = |reference: &FileReference<'_>| {
        let folder = if reference.in_static { &site.static_dir } else { &site.content_dir };
        reference.stamp != DIRTY
            && scan_time.file_stamp(&folder.join(&*reference.path)) == reference.stamp
    };
    match Record::decode(record) {
        Some(Record::Article(record)) => {
            is_published(site, &record) && record.file_references.iter().all(is_unchanged)
        }
        Some(Record::Term(page)) => page.file_references.iter().all(is_unchanged),
        Some(Record::NotAPage | Record::Tombstone(_)) => true,
        None => false,
    }
}

fn is_published(site: &Site, record: &ArticleRecord<'_>) -> bool {
    let is_due = site.options.include_future || record.date.seconds.max(record.embargo) <= site.now;
    is_due && (keeps_expired(site) || record.expires > site.now)
}

struct FileParser<'a> {
    site: &'a Site,
    path: &'a str,
    scan_time: ScanTime,
    stamp: u64,
    /// The matcher of its redacted names, and those names that are listed for it alone.
    matcher: RedactionMatcher,
    listed_names: Vec<String>,
    warnings: Vec<Diagnostic>,
    /// The article if it has to be withheld. Without a reason, it hasn't.
    withheld: WithheldArticle,
}

impl FileParser<'_> {
    fn parse(&mut self) -> Result<ParseOutcome, Vec<Diagnostic>> {
        let file = format!("content/{}", self.path);
        let RedactedFile { bytes, matcher, listed_names } =
            redact(self.site, self.path, self.read_bytes(&file)?)?;
        (self.matcher, self.listed_names) = (matcher, listed_names);
        let source = SourceFile::parse(&file, &bytes, &self.site.config.limits)
            .map_err(|mistake| vec![*mistake])?;
        let source = source.with_matcher(self.matcher.clone());
        let reading = FrontMatterReading::read(&source, self.site);
        let FrontMatterReading { front_matter, diagnostics, key_diagnostics, suspicion } = reading;
        self.withheld.reason = suspicion.unwrap_or_default();
        let mut errors = self.keep_warnings(diagnostics);
        redaction::check_all_redacted(&front_matter, &source)?;
        let is_index_file =
            self.path.rsplit('/').next().is_some_and(|name| name.starts_with("_index."));
        let is_home = self.path.starts_with("_index.");
        if is_index_file
            && (is_home
                || front_matter.date.is_none()
                || term_of_index_file(self.site, self.path).is_some())
        {
            if !errors.is_empty() {
                return Err(errors);
            }
            return self.parse_term_page(front_matter, &source).map(ParseOutcome::Record);
        }
        errors.extend(self.keep_warnings(key_diagnostics));
        let aliases = self.allowed_aliases(&front_matter.aliases, &source);
        let article = match ParsedArticle::resolve(front_matter, &source, self.path, self.site) {
            Ok(article) => article,
            Err(mistakes) => {
                errors.extend(mistakes);
                return Err(errors);
            }
        };
        self.describe_withheld(&article, &aliases, &source);
        self.warnings.extend(article.warnings.iter().cloned());
        if !errors.is_empty() {
            return Err(errors);
        }
        if let Some(status) = article.withheld_status {
            self.withheld.reason = format!("the status is `{status}`");
            return Ok(ParseOutcome::Withheld(Box::new(std::mem::take(&mut self.withheld))));
        }
        if let Some(unpublished) = count_unpublished(self.site, &article) {
            return Ok(ParseOutcome::Unpublished(unpublished));
        }
        match article.status {
            Status::Unpublished => {
                Ok(ParseOutcome::Record(self.tombstone(article, aliases, &source).encode()))
            }
            _ => self.parse_article(&article, &aliases, &source).map(ParseOutcome::Record),
        }
    }

    /// Returns the aliases that redirect: without those that contained a redacted name, and without
    /// those at reserved paths, which are reported.
    fn allowed_aliases(&mut self, aliases: &[String], source: &SourceFile<'_>) -> Vec<String> {
        let aliases = aliases.iter().filter(|alias| !alias.contains(PLACEHOLDER));
        let (allowed, reserved): (Vec<&String>, Vec<&String>) =
            aliases.partition(|alias| check_reserved(&alias_path(alias), self.site).is_ok());
        let check = |path: &str| check_reserved(path, self.site);
        let invalid =
            reserved.iter().filter_map(|alias| Some((*alias, check(&alias_path(alias)).err()?)));
        let invalid: Vec<(&String, String)> = invalid.collect();
        self.report_aliases(&invalid, source);
        allowed.into_iter().cloned().collect()
    }

    /// Keeps the warnings, and returns the errors.
    fn keep_warnings(&mut self, diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let is_error = |diagnostic: &Diagnostic| diagnostic.severity == Severity::Error;
        let (errors, warnings) = diagnostics.into_iter().partition(is_error);
        self.warnings.extend::<Vec<Diagnostic>>(warnings);
        errors
    }

    /// Notes the URLs, the language and the evidence of an article that may be withheld.
    fn describe_withheld(
        &mut self,
        article: &ParsedArticle,
        aliases: &[String],
        source: &SourceFile<'_>,
    ) {
        self.withheld.permalinks = urls_of(article, aliases);
        self.withheld.lang = Some(article.lang.clone());
        self.withheld.own_id = article.id.clone();
        let has_registry = self.site.has_permalink_registry;
        self.withheld.body_evidence = has_registry.then(|| body_evidence(source.body()));
    }

    fn read_bytes(&mut self, file: &str) -> Result<Vec<u8>, Vec<Diagnostic>> {
        let full_path = self.site.content_dir.join(self.path);
        let unreadable = |error: std::io::Error| {
            vec![Diagnostic::error("unreadable", file, format!("can't read it: {error}"))]
        };
        // The stamp is taken before the bytes: what is written meanwhile shows in the next one.
        let (mut opened, metadata) =
            regular_file::open_with_metadata(&full_path).map_err(unreadable)?;
        self.stamp = self.scan_time.input_stamp(&FileMetadata::from_metadata(&metadata));
        let (length, limit) = (metadata.len(), self.site.config.limits.article_bytes);
        if length > limit {
            let message = format!("the file is {length} bytes long; the limit is {limit}");
            let help = "split the article, or raise `limits: {article_bytes: …}` in site.yaml";
            return Err(vec![Diagnostic::error("article-too-long", file, message).help(help)]);
        }
        read_with_limit(&mut opened, length, limit).map_err(unreadable)
    }

    /// Returns the record of an article that was taken down.
    fn tombstone(
        &mut self,
        article: ParsedArticle,
        aliases: Vec<String>,
        source: &SourceFile<'_>,
    ) -> Tombstone {
        self.check_aliases(&aliases, source);
        Tombstone {
            path: self.path.to_owned(),
            permalinks: urls_of(&article, &aliases),
            lang: article.lang,
            date: article.status_date,
            reason: article.status_reason,
        }
    }

    /// Looks at what the article refers to, without rendering it, and writes its record.
    fn parse_article(
        &mut self,
        article: &ParsedArticle,
        aliases: &[String],
        source: &SourceFile<'_>,
    ) -> Result<Vec<u8>, Vec<Diagnostic>> {
        let expanded = self.expand_shortcodes(source)?;
        let source_hash = Fingerprint::hash_bytes(source.text.as_bytes());
        let mut referenced_files =
            ReferencedFiles { hash: Fingerprinter::new(), file_references: Vec::new() };
        referenced_files.hash.add(source_hash);
        let image = self.check_main_image(article.image.as_ref(), source, &mut referenced_files);
        let links = self.collect_references(&expanded.body, source, &mut referenced_files);
        self.check_aliases(aliases, source);
        // Counting takes about as long as the rest of parsing, so words are counted only if they
        // are published.
        let counts_words = self.site.config.outputs.data.as_ref().is_some_and(|data| data.articles);
        let words = if counts_words { markdown::body_word_count(&expanded.body) } else { 0 };
        let record = NewArticleRecord {
            content_hash: referenced_files.hash.finish(),
            date: Some(article.date),
            day: if article.is_page { PAGE_DAY } else { article.day.number() },
            expires: article.expires.map(|moment| moment.seconds),
            flags: self.article_flags(article, &links, aliases),
            lang: &article.lang,
            terms: &article.terms,
            file_references: referenced_files.file_references,
            dropped_content: &self.dropped_content(&expanded),
            redacted_names: &self.listed_names,
            texts: ArticleTexts {
                permalink: article.permalink.as_str(),
                title: &article.title,
                standfirst: article.standfirst.as_deref(),
                dateline_location: article.dateline.as_deref(),
                own_id: article.id.as_deref(),
                source: article.origin.as_deref(),
                original_url: article.original_url.as_deref(),
                translation_of: article.translation_of.as_deref(),
            },
            image: image.as_ref(),
            file_hash: source_hash,
            word_count: words,
            body_evidence: self.site.has_permalink_registry.then(|| body_evidence(source.body())),
            body_start: source.body_start,
            updated: article.updated,
            links: &links,
            aliases,
            embargo: article.embargo.map(|moment| moment.seconds),
            editorial_notes: editorial_notes(article),
        };
        Ok(record.encode())
    }

    fn article_flags(
        &self,
        article: &ParsedArticle,
        links: &[String],
        aliases: &[String],
    ) -> Flags {
        let is_path_redacted = self.matcher.is_match(self.path);
        // Earlier versions contain the redacted names.
        let is_private = !self.listed_names.is_empty()
            || is_path_redacted
            || article.status == Status::Anonymized;
        let is_updated = !article.updates.is_empty() || article.status != Status::Published;
        [
            (!article.extra.is_empty()).then_some(Flags::EXTRA),
            (!article.corrections.is_empty()).then_some(Flags::CORRECTED),
            (article.reactions == Some(true)).then_some(Flags::REACTIONS_ON),
            (article.reactions == Some(false)).then_some(Flags::REACTIONS_OFF),
            article.search_off.then_some(Flags::SEARCH_OFF),
            (article.history_off || is_private).then_some(Flags::HISTORY_OFF),
            (article.status == Status::Retracted).then_some(Flags::RETRACTED),
            is_updated.then_some(Flags::UPDATED),
            (!links.is_empty()).then_some(Flags::LINKS),
            (!aliases.is_empty()).then_some(Flags::ALIASES),
            is_path_redacted.then_some(Flags::REDACTED_PATH),
            article.is_page.then_some(Flags::PAGE),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Reports aliases that aren't valid paths.
    fn check_aliases(&mut self, aliases: &[String], source: &SourceFile<'_>) {
        let reason = |alias: &String| Permalink::new(&alias_path(alias)).err();
        let invalid = aliases.iter().filter_map(|alias| Some((alias, reason(alias)?)));
        self.report_aliases(&invalid.collect::<Vec<_>>(), source);
    }

    /// Reports aliases that can't be redirected, with the reason for each.
    fn report_aliases(&mut self, invalid: &[(&String, String)], source: &SourceFile<'_>) {
        if invalid.is_empty() {
            return;
        }
        // The key is searched once for all of them.
        let location = ALIAS_KEYS.iter().find_map(|key| source.key_location(key, 0));
        self.warnings.extend(invalid.iter().map(|(alias, reason)| {
            let message = format!("`{alias}` can't be redirected: {reason}");
            Diagnostic::warning("bad-alias", source.file, message)
                .location(location.clone())
                .help("write the old path, such as `/old/page.html`")
        }));
    }

    /// Returns the summary of what is dropped from a body.
    fn dropped_content(&self, expanded: &ExpandedBody<'_>) -> Vec<String> {
        let items = find_dropped_content(&expanded.body, self.site.config.html);
        summarize(&items, &expanded.unknown_names)
    }

    /// Returns the body without shortcodes, if it isn't nested too deep.
    fn expand_shortcodes<'s>(
        &self,
        source: &SourceFile<'s>,
    ) -> Result<ExpandedBody<'s>, Vec<Diagnostic>> {
        let expanded = shortcodes::expand(source.body());
        let nesting = self.site.config.limits.nesting;
        let locate = |offset| source.body_location(offset, 1);
        let too_deep = markdown::find_excessive_nesting(&expanded.body, nesting)
            .map(|offset| nesting_diagnostic(source.file, nesting, locate(offset)))
            .or_else(|| {
                let offset = markdown::find_excessive_html(&expanded.body)?;
                Some(html_nesting_diagnostic(source.file, locate(offset)))
            });
        too_deep.map_or(Ok(expanded), |diagnostic| Err(vec![diagnostic]))
    }

    /// Resolves what a body refers to. Returns its links to other articles, which can be resolved
    /// only when all are known.
    fn collect_references(
        &mut self,
        body: &str,
        source: &SourceFile<'_>,
        referenced_files: &mut ReferencedFiles,
    ) -> Vec<String> {
        let references = markdown::find_references(body);
        let mut locator = UrlLocator::default();
        for (url, range) in &references.images {
            let location = locator.locate(source, body, url, range);
            self.check_image(url, source, Some(location), referenced_files);
        }
        let (article_links, other_links): (Vec<_>, Vec<_>) =
            references.links.into_iter().partition(|(url, _)| markdown::is_article_link(url));
        let mut locator = UrlLocator::default();
        for (url, range) in other_links.iter().filter(|(url, _)| is_file_link(url)) {
            let location = locator.locate(source, body, url, range);
            self.check_linked_file(url, source, location, referenced_files);
        }
        article_links.into_iter().map(|(url, _)| url).collect()
    }

    /// Looks for a file that a body links to, to publish it with the article.
    fn check_linked_file(
        &mut self,
        url: &str,
        source: &SourceFile<'_>,
        location: Location,
        referenced_files: &mut ReferencedFiles,
    ) {
        let target = resolve_reference(self.site, self.path, url, &self.matcher);
        self.note_file_references(url, &target, referenced_files);
        match target {
            ReferenceTarget::Asset(asset_path) => match asset_url(&asset_path, &self.matcher) {
                Some(asset_url) => drop(referenced_files.hash.text(&asset_url)),
                None => self.report_unpublishable_file(&asset_path, source, Some(location)),
            },
            ReferenceTarget::Ambiguous => self.report_ambiguous_file(url, source, Some(location)),
            ReferenceTarget::Missing if !url.starts_with('/') => {
                let message = format!("there is no file `{url}`");
                let help = "put it next to the article or into static/; \
                            an external URL begins with `https://`";
                let diagnostic = Diagnostic::warning("missing-file", source.file, message);
                self.warnings.push(diagnostic.location(location).help(help));
            }
            _ => {}
        }
    }

    /// Reports a file name that several files have after redaction: no image is better than the
    /// wrong one.
    fn report_ambiguous_file(
        &mut self,
        url: &str,
        source: &SourceFile<'_>,
        location: Option<Location>,
    ) {
        let message = format!("two files have the name `{url}` after redaction");
        let help =
            "rename one of them, and change the article accordingly: `gate.jpg`, `gate-2.jpg`";
        self.warnings.push(
            Diagnostic::error("ambiguous-file", source.file, message).location(location).help(help),
        );
    }

    fn report_unpublishable_file(
        &mut self,
        file: &str,
        source: &SourceFile<'_>,
        location: Option<Location>,
    ) {
        let message = |reason: &str| format!("the file `content/{file}` isn't published: {reason}");
        let diagnostic = if is_publishable(file) {
            let message = message("its name can't be part of a URL");
            Diagnostic::warning("asset-name", source.file, message)
                .help("rename it; use letters, digits, hyphens and periods")
        } else {
            let message = message("files of its type aren't");
            Diagnostic::warning("asset-type", source.file, message).help(
                "images, documents, data, sound and films are published with the articles that \
                 refer to them; put another file into static/",
            )
        };
        self.warnings.push(diagnostic.location(location));
    }

    /// Records every file that was looked up to resolve a URL.
    fn note_file_references(
        &self,
        url: &str,
        target: &ReferenceTarget,
        referenced_files: &mut ReferencedFiles,
    ) {
        if let ReferenceTarget::Asset(path) = target
            && url.contains(PLACEHOLDER)
        {
            let stamp = self.scan_time.file_stamp(&self.site.content_dir.join(path));
            let path = path.clone().into();
            let reference = FileReference { in_static: false, path, stamp, is_asset: true };
            referenced_files.file_references.push(reference);
            return;
        }
        for CandidateFile { in_static, path } in candidate_files(self.path, url) {
            let folder = if in_static { &self.site.static_dir } else { &self.site.content_dir };
            let stamp = self.scan_time.file_stamp(&folder.join(&path));
            let is_asset =
                matches!(target, ReferenceTarget::Asset(asset) if !in_static && *asset == path);
            let path = path.into();
            let reference = FileReference { in_static, path, stamp, is_asset };
            referenced_files.file_references.push(reference);
        }
    }

    /// Resolves the image in the front matter to its published URL and its size.
    fn check_main_image(
        &mut self,
        image: Option<&Image>,
        source: &SourceFile<'_>,
        referenced_files: &mut ReferencedFiles,
    ) -> Option<Image> {
        let image = image?;
        let resolved = self.check_image(
            &image.src,
            source,
            source.key_location("image", 0),
            referenced_files,
        )?;
        Some(Image {
            src: resolved.src,
            size: resolved.size,
            srcset: resolved.srcset,
            ..image.clone()
        })
    }

    /// Resolves an image; a missing one is reported and left out.
    fn check_image(
        &mut self,
        url: &str,
        source: &SourceFile<'_>,
        location: Option<Location>,
        referenced_files: &mut ReferencedFiles,
    ) -> Option<Image> {
        let target = resolve_reference(self.site, self.path, url, &self.matcher);
        self.note_file_references(url, &target, referenced_files);
        let Some(image) = resolve_image(self.site, url, &target, &self.matcher) else {
            if let ReferenceTarget::Asset(asset_path) = &target {
                self.report_unpublishable_file(asset_path, source, location);
            } else if target == ReferenceTarget::Ambiguous {
                self.report_ambiguous_file(url, source, location);
            } else {
                let (message, help) = if target == ReferenceTarget::External {
                    let help = "an image is a file next to the article or in static/, an HTTP or \
                                HTTPS URL, or a `data:` URL with the type of an image";
                    (format!("`{url}` isn't the URL of an image"), help)
                } else {
                    let help = "put the file next to the article or into static/; the page omits \
                                the image";
                    (format!("there is no image `{url}`"), help)
                };
                let diagnostic = Diagnostic::warning("missing-image", source.file, message);
                self.warnings.push(diagnostic.location(location).help(help));
            }
            return None;
        };
        let (width, height) = image.size.unwrap_or_default();
        if self.site.config.images.is_some() && u64::from(width) * u64::from(height) > MAX_PIXELS {
            let message = format!(
                "no smaller copies can be made of this image: it has {width} × {height} pixels"
            );
            let help = format!(
                "the limit is {} million pixels; a larger image is shown at its full size",
                MAX_PIXELS >> 20
            );
            let diagnostic = Diagnostic::warning("bad-picture", source.file, message);
            self.warnings.push(diagnostic.location(location).help(help));
        }
        referenced_files.hash.text(&image.src).number(u64::from(width) << 32 | u64::from(height));
        referenced_files.hash.optional(image.srcset.as_deref());
        Some(image)
    }

    fn parse_term_page(
        &mut self,
        front_matter: FrontMatter,
        source: &SourceFile<'_>,
    ) -> Result<Vec<u8>, Vec<Diagnostic>> {
        let home = self.path.starts_with("_index.").then(|| (HOME_PAGE_TAXONOMY, String::new()));
        let Some((taxonomy, key)) = home.or_else(|| term_of_index_file(self.site, self.path))
        else {
            let message =
                "this `_index.md` belongs to no section or term and has no date, so it is left out";
            let help = "give it a `date:` to publish it as an article, \
                        or map its folder under `taxonomies:` in site.yaml";
            let file = format!("content/{}", self.path);
            self.warnings.push(Diagnostic::warning("stray-index", file, message).help(help));
            return Ok(Record::encode_not_a_page());
        };
        let expanded = self.expand_shortcodes(source)?;
        let mut referenced_files =
            ReferencedFiles { hash: Fingerprinter::new(), file_references: Vec::new() };
        referenced_files.hash.add(Fingerprint::hash_bytes(source.text.as_bytes()));
        let image =
            self.check_main_image(front_matter.image.as_ref(), source, &mut referenced_files);
        let links = self.collect_references(&expanded.body, source, &mut referenced_files);
        let plain_text = |text: Option<String>| {
            text.map(|text| to_plain_text(&text)).filter(|text| !text.is_empty())
        };
        let page = TermPage {
            taxonomy,
            key,
            path: self.path.to_owned(),
            title: plain_text(front_matter.title),
            description: plain_text(front_matter.description),
            image,
            content_hash: referenced_files.hash.finish(),
            file_references: referenced_files.file_references,
            links,
            dropped_content: self.dropped_content(&expanded),
            redacted_names: std::mem::take(&mut self.listed_names),
        };
        Ok(page.encode())
    }
}

/// The files that an article refers to: a hash of them all, and every file that was looked up.
struct ReferencedFiles {
    hash: Fingerprinter,
    file_references: Vec<FileReference<'static>>,
}

fn dated_note(correction: &Correction) -> DatedNote<'_> {
    DatedNote { date: correction.date, text: &correction.text }
}

/// Returns the notes that were added to an article after it was published.
fn editorial_notes(article: &ParsedArticle) -> EditorialNotes<'_> {
    EditorialNotes {
        corrections: article.corrections.iter().map(dated_note).collect(),
        updates: article.updates.iter().map(dated_note).collect(),
        status: article.status,
        reason: article.status_reason.as_deref(),
        date: article.status_date,
    }
}
