//! Runs an import.

use std::path::PathBuf;

use super::body::convert;
use super::dates::DateResolver;
use super::field_map::FieldMap;
use super::fields::{ArticleFields, Visibility, article_file};
use super::formats::{self, ItemError};
use super::item::{Item, ItemImage, ItemKind};
use super::media::MediaFolders;
use super::outcome::{FileState, Outcome};
use super::plan::{Decision, ImportPlan, PlanContext, plan};
use super::publication::{PrivateItems, Publication};
use super::records::ImportRecords;
use super::report::{RecordResult, ReportPaths, ReportSummary, ReportWriter};
use super::run_redirects::{RedirectPlan, plan_redirects};
use super::source::{Format, ImportSource, SourceKind, list_sources};
use super::urls::{old_path, origin};
use super::write::{ArticleWriter, WriteMode};
use crate::config::Site;
use crate::diagnostics::Error;
use crate::model::{Moment, Permalink};
use crate::permalinks::{RegisteredArticle, record_old_urls};
use crate::pipeline::Progress;

/// The options of an import.
#[derive(Clone, Debug)]
pub(crate) struct ImportOptions {
    /// The files and folders to import.
    pub(crate) paths: Vec<PathBuf>,
    /// The format of all of them; by default, that of each file is recognized.
    pub(crate) format: Option<Format>,
    /// The file that maps the columns of a table to fields.
    pub(crate) map: Option<PathBuf>,
    /// The folders with copies of images and other files.
    pub(crate) media: Vec<PathBuf>,
    /// The date of records without one.
    pub(crate) date: Option<String>,
    /// The time zone of dates without an offset; by default, the site's.
    pub(crate) time_zone: Option<String>,
    pub(crate) private: PrivateItems,
    pub(crate) mode: WriteMode,
    /// The page of the report; by default, `import-report.html` in the site's folder.
    pub(crate) report: Option<PathBuf>,
}

/// The result of an import.
#[derive(Clone, Debug)]
pub(crate) struct ImportOutcome {
    pub(crate) summary: ReportSummary,
    /// The page of the report.
    pub(crate) report: PathBuf,
}

/// Imports files into a site.
///
/// # Errors
/// [`Error::Usage`] if an option isn't valid, the format of a file isn't known, or a folder in the
/// site is a symbolic link; [`Error::Io`] if a file can't be read or written.
pub(crate) fn import(
    site: &Site,
    options: &ImportOptions,
    progress: &impl Progress,
) -> Result<ImportOutcome, Error> {
    let (zone, date) = (options.time_zone.as_deref(), options.date.as_deref());
    let dates = DateResolver::new(site.zone, zone, date)?;
    let map = options.map.as_deref().map(FieldMap::read).transpose()?;
    let kind = if map.is_some() { SourceKind::Tables } else { SourceKind::SelfDescribing };
    let media = MediaFolders::open(site, &options.media, options.mode)?;
    let list = list_sources(&options.paths, options.format, kind)?;
    let records = ImportRecords::read(&site.root)?;
    let context = PlanContext { site, dates, private: options.private, records: &records };
    let plan = plan(&context, &list.sources, map.as_ref(), progress)?;
    let redirects = plan_redirects(site, &plan, &list.redirects)?;
    let html = options.report.clone().unwrap_or_else(|| site.root.join("import-report.html"));
    let paths = ReportPaths::new(&html);
    let mut importer = Importer {
        site,
        plan: &plan,
        redirects: &redirects,
        media,
        writer: ArticleWriter::new(site, records, options.mode)?,
        report: ReportWriter::create(&paths)?,
        registered: Vec::new(),
        number: 0,
    };
    importer.report.add_other_files(list.other_files);
    for source in &list.sources {
        let mut reader = formats::open(source, map.as_ref())?;
        let first = importer.number;
        while let Some(read) = reader.next_item() {
            importer.import_record(source, &read)?;
            progress.advance();
        }
        if importer.number == first {
            importer.report.add_empty_file(source.name.clone());
        }
    }
    let Importer { writer, mut report, registered, media, .. } = importer;
    report.set_media(media.finish()?);
    if options.mode == WriteMode::Write {
        record_old_urls(site, &registered)?;
    }
    redirects.finish(site, options.mode, &mut report)?;
    writer.finish()?;
    Ok(ImportOutcome { summary: report.finish()?, report: html })
}

/// The second pass over the sources.
struct Importer<'a> {
    site: &'a Site,
    plan: &'a ImportPlan,
    redirects: &'a RedirectPlan,
    media: MediaFolders,
    writer: ArticleWriter,
    report: ReportWriter<'a>,
    /// The old URLs of published articles.
    registered: Vec<RegisteredArticle>,
    /// The number of records that were read.
    number: usize,
}

/// The decision about an article.
#[derive(Clone, Copy)]
struct PlannedArticle<'a> {
    key: &'a str,
    file: &'a str,
    date: Moment,
    publication: &'a Publication,
}

impl Importer<'_> {
    fn import_record(
        &mut self,
        source: &ImportSource,
        read: &Result<Item, ItemError>,
    ) -> Result<(), Error> {
        let plan = self.plan;
        let decision = plan.decisions.get(self.number);
        let mut result = new_result(source, read);
        match (read, decision) {
            (Ok(item), Some(Decision::Write { key, file, date, publication })) => {
                let planned = PlannedArticle { key, file, date: *date, publication };
                self.import_article(item, planned, &mut result)?;
            }
            (_, Some(Decision::Leave(outcome))) => result.outcome = outcome.clone(),
            (Err(_), Some(Decision::Write { .. })) | (_, None) => {
                let reason = "the source changed during the import: run it again";
                result.outcome = Outcome::Failed(reason.to_owned());
            }
        }
        self.number += 1;
        self.report.add(&result)
    }

    fn import_article(
        &mut self,
        item: &Item,
        planned: PlannedArticle<'_>,
        result: &mut RecordResult,
    ) -> Result<(), Error> {
        let old_urls = self.old_urls(item, result);
        let base = item.urls.first().and_then(|url| origin(url)).unwrap_or_default();
        let (plan, media) = (self.plan, &mut self.media);
        let body = convert(item, &mut |url| new_url(plan, media, base, url));
        if item.title.is_empty() {
            let warning = "it has no headline: the beginning of the text is used";
            result.warnings.push(warning.to_owned());
            result.title.clone_from(&body.title);
        }
        let image = item.image.as_ref().and_then(|image| self.image(image, base, result));
        let permalink = old_urls.first().filter(|_| item.kind == ItemKind::Page);
        let fields = ArticleFields {
            item,
            date: planned.date,
            key: planned.key,
            visibility: visibility(planned.publication),
            permalink,
            old_urls: &old_urls,
            body: &body,
            image: image.as_ref(),
        };
        let file = match article_file(self.site, &fields, planned.file) {
            Ok(file) => file,
            Err(reason) => {
                result.outcome = Outcome::Failed(reason);
                return Ok(());
            }
        };
        result.set_body(body);
        result.warnings.extend(file.warnings);
        let state = self.writer.write(planned.key, planned.file, &file.text)?;
        result.outcome = outcome(item, planned.publication);
        let is_kept = matches!(state, FileState::Conflict(_));
        if *planned.publication == Publication::Public && !is_kept {
            self.registered.push(RegisteredArticle {
                urls: old_urls.into_iter().map(|url| url.as_str().to_owned()).collect(),
                id: planned.key.to_owned(),
                file: planned.file.to_owned(),
            });
        }
        result.file = Some(format!("content/{}", planned.file));
        result.state = Some(state);
        result.new_url = Some(file.permalink);
        Ok(())
    }

    /// Returns the main image with its URL in the site; `None` if its file isn't in the sources.
    fn image(
        &mut self,
        image: &ItemImage,
        base: &str,
        result: &mut RecordResult,
    ) -> Option<ItemImage> {
        let url = new_url(self.plan, &mut self.media, base, &image.url);
        if url.is_none() && image.url.starts_with("attachment:") {
            let id = image.url.trim_start_matches("attachment:");
            let help = "export the media, too";
            let warning = format!("its main image, attachment {id}, isn't in the sources: {help}");
            result.warnings.push(warning);
            return None;
        }
        let url = url.unwrap_or_else(|| image.url.clone());
        Some(ItemImage { url, ..image.clone() })
    }

    /// Returns the paths of a record's old URLs, and reports those that can't be redirected.
    fn old_urls(&self, item: &Item, result: &mut RecordResult) -> Vec<Permalink> {
        let mut paths: Vec<Permalink> = Vec::new();
        for url in &item.urls {
            match old_path(url) {
                Ok(path) if paths.contains(&path) => {}
                Ok(path) if self.plan.has_path(self.number, path.as_str()) => paths.push(path),
                Ok(_) => {
                    let warning = format!("its URL {url} is also that of another record before it");
                    result.warnings.push(warning);
                }
                Err(reason) => {
                    result.warnings.push(format!("its URL {url} can't be redirected: {reason}"));
                }
            }
        }
        for path in self.redirects.aliases_of(self.number) {
            if !paths.contains(path) {
                paths.push(path.clone());
            }
        }
        paths
    }
}

/// Returns the URL that replaces one in the text of a record: links to imported articles become
/// links to their files. `base` is the scheme and host of the record.
fn new_url(plan: &ImportPlan, media: &mut MediaFolders, base: &str, url: &str) -> Option<String> {
    if let Some(id) = url.strip_prefix("attachment:") {
        let url = plan.attachment_url(id)?;
        return media.new_url(plan, url).or_else(|| Some(url.to_owned()));
    }
    let is_root_relative = url.starts_with('/') && !url.starts_with("//");
    let absolute = if is_root_relative { format!("{base}{url}") } else { url.to_owned() };
    let Some(file) = plan.file_at(&absolute) else { return media.new_url(plan, url) };
    let fragment = url.find('#').map_or("", |at| &url[at..]);
    Some(format!("/{file}{fragment}"))
}

fn new_result(source: &ImportSource, read: &Result<Item, ItemError>) -> RecordResult {
    let mut result = RecordResult::new(&source.name);
    match read {
        Err(error) => result.line = error.line,
        Ok(item) => {
            result.line = item.line;
            result.id.clone_from(&item.id);
            result.kind = Some(item.kind);
            result.title.clone_from(&item.title);
            result.old_urls.clone_from(&item.urls);
            result.warnings.clone_from(&item.warnings);
        }
    }
    result
}

fn visibility(publication: &Publication) -> Visibility {
    match publication {
        Publication::Public => Visibility::Published,
        Publication::Scheduled => Visibility::Embargo,
        Publication::Private(_) => Visibility::Draft,
    }
}

fn outcome(item: &Item, publication: &Publication) -> Outcome {
    match (publication, item.kind) {
        (Publication::Public, ItemKind::Page) => Outcome::Page,
        (Publication::Public, _) => Outcome::Article,
        (Publication::Scheduled | Publication::Private(_), _) => Outcome::Private,
    }
}
