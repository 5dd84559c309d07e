//! The results of `dateline list`.

use serde_json::{Value, json};

use super::format::diagnostic_to_json;
use super::report::{Reporter, pluralize};
use super::stdio::safe_println;
use crate::listing::{ListedArticle, Listing};
use crate::pipeline::ArticleList;

impl Reporter {
    /// Prints a list of articles.
    pub(crate) fn print_article_list(&self, list: ArticleList, listing: &Listing) {
        self.print_diagnostics(&listing.diagnostics);
        let articles = &listing.articles;
        if self.is_json() {
            let diagnostics = listing.diagnostics.iter().map(diagnostic_to_json);
            safe_println!(
                "{}",
                json!({
                    "list": list.name(),
                    "count": articles.len(),
                    "articles": articles.iter().map(article_to_json).collect::<Vec<_>>(),
                    "diagnostics": diagnostics.collect::<Vec<_>>(),
                })
            );
            return;
        }
        for ListedArticle { file, title, date, reason, .. } in articles {
            let date = date.as_deref().unwrap_or_default();
            let date = date.get(..10).unwrap_or(date);
            let title = title.as_deref().unwrap_or("(no headline)");
            safe_println!("{file}  {date}  {title}  ({reason})");
        }
        if !self.is_quiet() {
            safe_println!("{}", count_text(list, articles.len()));
        }
    }
}

/// `3 drafts`, `1 scheduled article`.
fn count_text(list: ArticleList, count: usize) -> String {
    match list {
        ArticleList::Drafts => pluralize(count, "draft"),
        list => pluralize(count, &format!("{} article", list.name())),
    }
}

fn article_to_json(article: &ListedArticle) -> Value {
    json!({
        "file": article.file,
        "title": article.title,
        "date": article.date,
        "url": article.url,
        "reason": article.reason,
    })
}
