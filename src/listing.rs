//! `dateline list`: the articles that aren't published, by reason, and those that were retracted or
//! from which names were removed.

use crate::config::Site;
use crate::content::{FrontMatter, ParsedArticle, SourceFile, read};
use crate::diagnostics::{Diagnostic, Error};
use crate::model::{Moment, Status};
use crate::pipeline::{self, ArticleList, Progress};

/// An article of a list.
#[derive(Debug, Default)]
pub(crate) struct ListedArticle {
    /// Its file, relative to the site's folder.
    pub(crate) file: String,
    /// Its headline; `None` if its front matter has a mistake.
    pub(crate) title: Option<String>,
    /// Its date in RFC 3339 format, or a day.
    pub(crate) date: Option<String>,
    /// The path of its URL, which may not be published.
    pub(crate) url: Option<String>,
    /// The reason why it is in the list, such as "embargoed until 2025-01-01".
    pub(crate) reason: String,
}

/// A list of articles.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// The articles in the order of their files.
    pub(crate) articles: Vec<ListedArticle>,
    /// The errors and warnings of all files.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Lists the articles of a site that belong to a list.
///
/// # Errors
/// [`Error::Io`] if the build cache can't be read; [`Error::Usage`] if `redactions.yaml` has
/// mistakes.
pub(crate) fn list(
    site: &Site,
    list: ArticleList,
    progress: &dyn Progress,
) -> Result<Listing, Error> {
    let (lists, diagnostics) = pipeline::load_article_lists(site, progress)?;
    let articles = lists.paths(list).into_iter().map(|path| describe(site, list, path)).collect();
    Ok(Listing { articles, diagnostics })
}

/// Describes an article, whose file is read again.
fn describe(site: &Site, list: ArticleList, path: &str) -> ListedArticle {
    let file = format!("content/{path}");
    let bytes = read::read_article(site, path).unwrap_or_default();
    let article = SourceFile::parse(&file, &bytes, &site.config.limits).ok().and_then(|source| {
        let front_matter = FrontMatter::parse(&source, site).ok()?;
        ParsedArticle::resolve(front_matter, &source, path, site).ok()
    });
    let Some(article) = article else {
        let reason = "its front matter has a mistake".to_owned();
        return ListedArticle { file, reason, ..ListedArticle::default() };
    };
    ListedArticle {
        file,
        reason: reason(site, list, &article),
        title: Some(article.title),
        date: Some(date_text(site, article.date)),
        url: Some(article.permalink.as_str().to_owned()),
    }
}

/// Returns the reason why an article is in a list.
fn reason(site: &Site, list: ArticleList, article: &ParsedArticle) -> String {
    let status = format!("status: {}", article.status.as_str());
    let with_reason = |text: String| match &article.status_reason {
        Some(reason) => format!("{text}, {reason}"),
        None => text,
    };
    match list {
        ArticleList::Drafts => "draft: true".to_owned(),
        ArticleList::Scheduled => {
            let embargo = article.embargo.filter(|embargo| embargo.seconds > article.date.seconds);
            match embargo {
                Some(embargo) => format!("embargoed until {}", date_text(site, embargo)),
                None => format!("dated {}", date_text(site, article.date)),
            }
        }
        ArticleList::Expired => {
            let expires = article.expires.map(|expires| date_text(site, expires));
            format!("expired {}", expires.unwrap_or_default())
        }
        ArticleList::Withheld if article.status == Status::Published => "withheld".to_owned(),
        ArticleList::Withheld | ArticleList::Retracted => with_reason(status),
        ArticleList::Redacted if article.status == Status::Anonymized => with_reason(status),
        ArticleList::Redacted => "names are redacted".to_owned(),
    }
}

/// A day, or a time in the site's time zone.
fn date_text(site: &Site, moment: Moment) -> String {
    if moment.day_only { moment.day(site.zone).iso() } else { moment.iso(site.zone) }
}
