//! The first pass over the sources: decides the outcome of each record and which file each article
//! gets, before anything is written, so that links to later articles can be resolved.

use std::collections::{HashMap, HashSet};

use super::dates::DateResolver;
use super::field_map::FieldMap;
use super::formats::{self, ItemError};
use super::item::Item;
use super::outcome::Outcome;
use super::publication::{PrivateItems, Publication, is_written_kind};
use super::records::ImportRecords;
use super::source::ImportSource;
use super::urls::{host, old_path, url_key};
use crate::config::Site;
use crate::diagnostics::Error;
use crate::model::slug::{collision_key, slugify};
use crate::model::{Fingerprint, Moment};
use crate::pipeline::Progress;

/// The maximum number of articles of a day with the same slug.
const MAX_SAME_NAME: usize = 10_000;

/// The decision about a record.
#[derive(Clone, Debug)]
pub(crate) enum Decision {
    /// Write an article to a path below `content/`.
    Write { key: Box<str>, file: Box<str>, date: Moment, publication: Publication },
    /// Write nothing.
    Leave(Outcome),
}

/// The decisions about all records, in the order of the sources.
#[derive(Debug, Default)]
pub(crate) struct ImportPlan {
    pub(crate) decisions: Vec<Decision>,
    /// The number of the record that has a URL.
    by_url: HashMap<Fingerprint, u32>,
    /// The URLs of files by the ids of their attachments.
    attachments: HashMap<Fingerprint, Box<str>>,
    /// The number of the record that has a path of the old site.
    by_path: HashMap<Fingerprint, u32>,
    /// The hosts of the old site.
    hosts: HashSet<String>,
}

/// The maximum number of hosts of an old site.
const MAX_HOSTS: usize = 16;

impl ImportPlan {
    /// Returns true if an old path is that of a record, and not of another one before it.
    pub(crate) fn has_path(&self, record: usize, path: &str) -> bool {
        self.by_path.get(&path_key(path)) == Some(&(record as u32))
    }

    /// Returns the path of the article that a URL of the old site showed.
    pub(crate) fn file_at(&self, url: &str) -> Option<&str> {
        let record = *self.by_url.get(&url_key(url)?)?;
        match &self.decisions[record as usize] {
            Decision::Write { file, publication: Publication::Public, .. } => Some(file),
            Decision::Write { .. } | Decision::Leave(_) => None,
        }
    }

    /// Returns true if published articles were on a host.
    pub(crate) fn has_host(&self, host: &str) -> bool {
        self.hosts.contains(host)
    }

    /// Returns the number of the published record at a URL of the old site: an absolute one, or one
    /// below its root. A final slash doesn't matter.
    pub(crate) fn record_at(&self, url: &str) -> Option<usize> {
        let by_path = || {
            let path = old_path(url).ok()?;
            let start = path.as_str().trim_end_matches('/');
            let keys = [path_key(start), path_key(&format!("{start}/"))];
            keys.iter().find_map(|key| self.by_path.get(key)).copied()
        };
        let by_url = |url: &str| self.by_url.get(&url_key(url)?).copied();
        let number = match host(url) {
            Some(host) => by_url(url).or_else(|| by_path().filter(|_| self.has_host(&host)))?,
            None => {
                let mut hosts = self.hosts.iter();
                by_path().or_else(|| hosts.find_map(|host| by_url(&format!("//{host}{url}"))))?
            }
        };
        let number = number as usize;
        let is_public = matches!(
            self.decisions.get(number),
            Some(Decision::Write { publication: Publication::Public, .. })
        );
        is_public.then_some(number)
    }

    /// Returns the URL of the file of an attachment.
    pub(crate) fn attachment_url(&self, id: &str) -> Option<&str> {
        self.attachments.get(&path_key(id)).map(|url| &**url)
    }
}

fn path_key(path: &str) -> Fingerprint {
    Fingerprint::hash_bytes(path.as_bytes())
}

/// The site and the options that the plan depends on.
pub(crate) struct PlanContext<'a> {
    pub(crate) site: &'a Site,
    pub(crate) dates: DateResolver,
    pub(crate) private: PrivateItems,
    pub(crate) records: &'a ImportRecords,
}

/// Plans the import of the sources.
///
/// # Errors
/// [`Error::Io`] if a source can't be opened; [`Error::Usage`] if it is a table that doesn't fit
/// the map.
pub(crate) fn plan(
    context: &PlanContext<'_>,
    sources: &[ImportSource],
    map: Option<&FieldMap>,
    progress: &impl Progress,
) -> Result<ImportPlan, Error> {
    let mut planner = Planner::new(context);
    for source in sources {
        let mut reader = formats::open(source, map)?;
        while let Some(read) = reader.next_item() {
            progress.add_work(1);
            planner.add(source, read);
        }
    }
    Ok(planner.plan)
}

/// Returns the key of a record, under which the site knows it.
fn record_key(source: &ImportSource, item: &Item) -> String {
    let id = item.id.replace(char::is_whitespace, " ");
    format!("{}:{}", source.format.name(), id.trim())
}

struct Planner<'a> {
    context: &'a PlanContext<'a>,
    plan: ImportPlan,
    /// The hashes of the records with their keys.
    contents: HashSet<Fingerprint>,
    /// The number of different records with a key.
    key_counts: HashMap<Fingerprint, usize>,
    /// The number of the last article with a name.
    name_counts: HashMap<Fingerprint, usize>,
    /// The paths of articles, as file systems compare them.
    taken: HashSet<Fingerprint>,
}

impl<'a> Planner<'a> {
    fn new(context: &'a PlanContext<'a>) -> Self {
        let taken = context.records.iter().map(|record| taken_key(&record.file)).collect();
        Self {
            context,
            plan: ImportPlan::default(),
            contents: HashSet::new(),
            key_counts: HashMap::new(),
            name_counts: HashMap::new(),
            taken,
        }
    }

    fn add(&mut self, source: &ImportSource, read: Result<Item, ItemError>) {
        let decision = match &read {
            Ok(item) => self.decide(source, item),
            Err(error) => Decision::Leave(Outcome::Failed(error.message.clone())),
        };
        let number = u32::try_from(self.plan.decisions.len()).unwrap_or(u32::MAX);
        if let (Ok(item), Decision::Write { .. }) = (&read, &decision) {
            for key in item.urls.iter().chain(&item.other_urls).filter_map(|url| url_key(url)) {
                self.plan.by_url.entry(key).or_insert(number);
            }
            for url in &item.urls {
                if let Some(host) = host(url).filter(|_| self.plan.hosts.len() < MAX_HOSTS) {
                    self.plan.hosts.insert(host);
                }
                if let Ok(path) = old_path(url) {
                    self.plan.by_path.entry(path_key(path.as_str())).or_insert(number);
                }
            }
        }
        if let Ok(Item { id, attachment_url: Some(url), .. }) = &read {
            self.plan.attachments.insert(path_key(id), url.as_str().into());
        }
        self.plan.decisions.push(decision);
    }

    fn decide(&mut self, source: &ImportSource, item: &Item) -> Decision {
        if !is_written_kind(item.kind) {
            return Decision::Leave(Outcome::NotAnArticle(item.kind));
        }
        let Some(key) = self.unique_key(source, item) else {
            return Decision::Leave(Outcome::Duplicate(item.id.clone()));
        };
        // A private record without a date is private first.
        let date = self.context.dates.resolve(&item.date);
        let now = self.context.site.now;
        let any_date = Moment { seconds: 0, day_only: true };
        let publication = Publication::new(item, *date.as_ref().unwrap_or(&any_date), now);
        if publication != Publication::Public && self.context.private == PrivateItems::Skip {
            let reason = match publication {
                Publication::Private(reason) => reason,
                _ => format!("it is scheduled for {}", written_date(&date, self.context.site)),
            };
            return Decision::Leave(Outcome::Withheld(reason));
        }
        let date = match date {
            Ok(date) => date,
            Err(reason) => return Decision::Leave(Outcome::Failed(reason)),
        };
        match self.choose_file(&key, item, date) {
            Some(file) => Decision::Write { key: key.into(), file: file.into(), date, publication },
            None => Decision::Leave(Outcome::Failed(format!(
                "there are {MAX_SAME_NAME} articles of its name on this day"
            ))),
        }
    }

    /// Returns the key of a record, with a number if another record has the same id; `None` if that
    /// record is the same.
    fn unique_key(&mut self, source: &ImportSource, item: &Item) -> Option<String> {
        let key = record_key(source, item);
        let without_position = Item { line: 0, ..item.clone() };
        let content = Fingerprint::hash_bytes(format!("{key}\n{without_position:?}").as_bytes());
        if !self.contents.insert(content) {
            return None;
        }
        let count = self.key_counts.entry(Fingerprint::hash_bytes(key.as_bytes())).or_default();
        *count += 1;
        Some(if *count == 1 { key } else { format!("{key}#{count}") })
    }

    /// Returns the path of an article: that of the last import, or a free one.
    fn choose_file(&mut self, key: &str, item: &Item, date: Moment) -> Option<String> {
        if let Some(record) = self.context.records.get(key) {
            return Some(record.file.to_string());
        }
        let folder = date.day(self.context.site.zone).path();
        let folder = folder.trim_start_matches('/');
        let slug = slug(item);
        let name = taken_key(&format!("{folder}{slug}"));
        // Numbers that were tried before aren't free.
        let first = self.name_counts.get(&name).map_or(1, |last| last + 1);
        (first..=MAX_SAME_NAME).find_map(|number| {
            self.name_counts.insert(name, number);
            let path = match number {
                1 => format!("{folder}{slug}.md"),
                number => format!("{folder}{slug}-{number}.md"),
            };
            let is_free =
                !self.taken.contains(&taken_key(&path)) && self.is_free_on_disk(&path, key);
            is_free.then(|| {
                self.taken.insert(taken_key(&path));
                path
            })
        })
    }

    /// Returns true if no file has a path, or if it is that of this record: an import that was
    /// killed may have written it.
    fn is_free_on_disk(&self, path: &str, key: &str) -> bool {
        let file = self.context.site.content_dir.join(path);
        if file.symlink_metadata().is_err() {
            return true;
        }
        let id_line = format!("\nid: {}\n", crate::scaffold::quoted(key));
        crate::regular_file::read_to_string(&file).is_ok_and(|text| text.contains(&id_line))
    }
}

fn taken_key(path: &str) -> Fingerprint {
    Fingerprint::hash_bytes(collision_key(path).as_bytes())
}

fn written_date(date: &Result<Moment, String>, site: &Site) -> String {
    date.as_ref().map_or_else(|_| "a later date".to_owned(), |date| date.iso(site.zone))
}

/// Returns the name of the file: the slug of the source, the last part of the old URL, or a slug of
/// the headline.
fn slug(item: &Item) -> String {
    let from_url = item.urls.iter().find_map(|url| last_part(url));
    let candidates = [item.slug.as_deref(), from_url.as_deref(), Some(&*item.title)];
    let mut slugs = candidates.into_iter().flatten().map(slugify);
    // A file that is named `index.md` would be the article of its folder.
    let slug = slugs.find(|slug| !slug.is_empty() && slug != "index");
    slug.unwrap_or_else(|| "untitled".to_owned())
}

/// Returns the last part of a URL's path, without an extension.
fn last_part(url: &str) -> Option<String> {
    let path = old_path(url).ok()?;
    let part = path.as_str().trim_end_matches('/').rsplit('/').next()?.to_owned();
    let part = if path.as_str().ends_with('/') {
        part
    } else {
        part.rsplit_once('.').map_or_else(|| part.clone(), |(stem, _)| stem.to_owned())
    };
    Some(part).filter(|part| !part.is_empty())
}
