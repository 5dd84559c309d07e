//! The pages of a listing that is too long for one.

use std::collections::BTreeSet;
use std::ops::Range;

use tera::Value;

use super::values::map;
use super::view::SiteView;
use crate::archive::ArticleId;
use crate::model::Inputs;

/// The maximum number of articles on one page of a listing.
pub(super) const PAGE_SIZE: usize = 100;

/// Returns the articles on one page of a listing, oldest first.
pub(super) fn ids_on_page(ids: &Range<ArticleId>, page_number: u32) -> Range<ArticleId> {
    let start = ids.start + (page_number - 1) * PAGE_SIZE as ArticleId;
    start.min(ids.end)..(start + PAGE_SIZE as ArticleId).min(ids.end)
}

/// Returns the number of pages of a listing with so many articles.
pub(crate) fn page_count(article_count: usize) -> u32 {
    article_count.div_ceil(PAGE_SIZE).max(1) as u32
}

/// The distances to the pages of a listing that a page links to, in both directions, besides the
/// first one.
///
/// The last page isn't linked to: every new one would change all others. A page changes only with
/// the few that come right after it.
const LINKED_DISTANCES: [u32; 5] = [1, 2, 3, 10, 100];

/// Returns the pages that a page of a listing links to, itself included.
fn linked_pages(total: u32, page_number: u32) -> BTreeSet<u32> {
    let before = LINKED_DISTANCES.iter().filter_map(|distance| page_number.checked_sub(*distance));
    let after = LINKED_DISTANCES.iter().map(|distance| page_number + distance);
    before.chain(after).chain([1, page_number]).filter(|n| (1..=total).contains(n)).collect()
}

/// Adds what a page of a listing shows of the others to its inputs. The number of all articles is
/// shown on the first page only.
pub(super) fn add_pager_inputs(
    name: &str,
    article_count: usize,
    page_number: u32,
    inputs: &mut Inputs,
) {
    if page_number == 1 {
        inputs.number(name, article_count);
    }
    let total = page_count(article_count);
    if total > 1 {
        let linked = linked_pages(total, page_number).into_iter().map(|page| page.to_string());
        inputs.text("linked pages of the listing", &linked.collect::<Vec<String>>().join(", "));
    }
}

/// Returns the links between the pages of a listing; none if there is just one page.
pub(super) fn pager_value(
    total: u32,
    page_number: u32,
    base_path: &str,
    view: &SiteView<'_>,
) -> Value {
    if total < 2 {
        return Value::none();
    }
    let url = |n: u32| {
        view.site.href(&if n > 1 { format!("{base_path}{n}/") } else { base_path.to_owned() })
    };
    let mut last = 0;
    let pages = linked_pages(total, page_number).into_iter().map(|n| {
        let gap = n > std::mem::replace(&mut last, n) + 1;
        Value::from(map! {
            "number" => n,
            "url" => url(n),
            "current" => n == page_number,
            "gap" => gap,
        })
    });
    let pages: Vec<Value> = pages.collect();
    Value::from(map! {
        "number" => page_number,
        "previous" => (page_number > 1).then(|| url(page_number - 1)),
        "next" => (page_number < total).then(|| url(page_number + 1)),
        "pages" => pages,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_page_of_a_listing_changes_few_others() {
        let near = |total, page_number| Vec::from_iter(linked_pages(total, page_number));
        assert_eq!(near(1, 1), [1]);
        assert_eq!(near(500, 250), [1, 150, 240, 247, 248, 249, 250, 251, 252, 253, 260, 350]);
        for total in [1, 2, 12, 150, 1000] {
            let changed = (1..=total)
                .filter(|&page_number| near(total, page_number) != near(total + 1, page_number));
            assert!(changed.count() <= LINKED_DISTANCES.len(), "{total}");
        }
    }
}
