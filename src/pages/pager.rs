//! The pages of a listing that is too long for one.

use std::collections::BTreeSet;
use std::ops::Range;

use tera::Value;

use super::{View, map};
use crate::catalog::RowId;
use crate::model::Inputs;

/// A listing never shows more stories than this on one page.
pub const PAGE_SIZE: usize = 100;

/// The rows of one page of a listing that goes oldest first.
pub(super) fn page_of(rows: &Range<RowId>, number: u32) -> Range<RowId> {
    let start = rows.start + (number - 1) * PAGE_SIZE as RowId;
    start.min(rows.end)..(start + PAGE_SIZE as RowId).min(rows.end)
}

/// How many pages a listing of so many stories takes.
pub fn pages_for(stories: usize) -> u32 {
    stories.div_ceil(PAGE_SIZE).max(1) as u32
}

/// How far from a listing's page those are that it links to, either way, besides the first.
///
/// Not to the last: every new one would change all the others. A page changes with the few that come right behind it.
const STEPS: [u32; 5] = [1, 2, 3, 10, 100];

/// The pages that one of a listing's pages links to, with itself.
fn pages_near(total: u32, number: u32) -> BTreeSet<u32> {
    let before = STEPS.iter().filter_map(|step| number.checked_sub(*step));
    let after = STEPS.iter().map(|step| number + step);
    before.chain(after).chain([1, number]).filter(|n| (1..=total).contains(n)).collect()
}

/// Adds what a listing's page shows of the others to its inputs: how many stories they hold is said on the first alone.
pub(super) fn pager_inputs(name: &str, stories: usize, number: u32, inputs: &mut Inputs) {
    if number == 1 {
        inputs.number(name, stories);
    }
    let total = pages_for(stories);
    if total > 1 {
        inputs.text("pages of the listing near by", &format!("{:?}", pages_near(total, number)));
    }
}

/// The addresses of some of a listing's pages; `none` if there is just one page.
pub(super) fn pager(total: u32, number: u32, first: &str, view: &View<'_>) -> Value {
    if total < 2 {
        return Value::none();
    }
    let url = |n: u32| view.site.href(&if n > 1 { format!("{first}{n}/") } else { first.to_owned() });
    let mut last = 0;
    let pages = pages_near(total, number).into_iter().map(|n| {
        let gap = n > std::mem::replace(&mut last, n) + 1;
        Value::from(map! { "number" => n, "url" => url(n), "current" => n == number, "gap" => gap })
    });
    let pages: Vec<Value> = pages.collect();
    Value::from(map! {
        "number" => number,
        "previous" => (number > 1).then(|| url(number - 1)),
        "next" => (number < total).then(|| url(number + 1)),
        "pages" => pages,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_page_of_a_listing_changes_few_others() {
        let near = |total, number| Vec::from_iter(pages_near(total, number));
        assert_eq!(near(1, 1), [1]);
        assert_eq!(near(500, 250), [1, 150, 240, 247, 248, 249, 250, 251, 252, 253, 260, 350]);
        for total in [1, 2, 12, 150, 1000] {
            let changed = (1..=total).filter(|&number| near(total, number) != near(total + 1, number));
            assert!(changed.count() <= STEPS.len(), "{total}");
        }
    }
}
