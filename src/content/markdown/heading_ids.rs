//! The ids of headings: each one once on a page.

use std::collections::HashMap;

use crate::content::sanitize::is_reserved_id;
use crate::model::work::add_steps;

/// The id of a heading without letters.
const DEFAULT_ID: &str = "section";

/// The ids that the headings of a page have so far.
#[derive(Debug, Default)]
pub(super) struct HeadingIds {
    /// Each id, with the number of the next one that is made from it.
    next_numbers: HashMap<String, usize>,
}

impl HeadingIds {
    /// Returns an id that no other heading has: the wanted one, or that with a number from 2 on.
    pub(super) fn add(&mut self, wanted: &str) -> String {
        let wanted = match wanted {
            "" => DEFAULT_ID.to_owned(),
            reserved if is_reserved_id(reserved) => format!("{DEFAULT_ID}-{reserved}"),
            other => other.to_owned(),
        };
        let mut id = wanted.clone();
        while self.contains(&id) {
            let number = self.next_numbers.entry(wanted.clone()).or_insert(2);
            id = format!("{wanted}-{number}");
            *number += 1;
        }
        self.next_numbers.insert(id.clone(), 2);
        id
    }

    fn contains(&self, id: &str) -> bool {
        add_steps(1);
        self.next_numbers.contains_key(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::work::assert_linear;

    fn ids(wanted: &[&str]) -> Vec<String> {
        let mut ids = HeadingIds::default();
        wanted.iter().map(|wanted| ids.add(wanted)).collect()
    }

    #[test]
    fn each_heading_has_an_id_of_its_own() {
        assert_eq!(ids(&["a", "a", "a", "", ""]), ["a", "a-2", "a-3", "section", "section-2"]);
        assert_eq!(ids(&["a-2", "a", "a", "a-2"]), ["a-2", "a", "a-3", "a-2-2"]);
        assert_eq!(ids(&["dateline-x", "datelines"]), ["section-dateline-x", "datelines"]);
    }

    #[test]
    fn work_is_proportional_to_the_number_of_headings() {
        let shapes: [fn(usize) -> String; 4] = [
            |_| "a".into(),
            |number| format!("a-{number}"),
            |number| if number % 2 == 0 { "a".into() } else { format!("a-{number}") },
            |number| if number < 1000 { format!("a-{}", number + 2) } else { "a".into() },
        ];
        for wanted in shapes {
            assert_linear("headings", |count| {
                let mut ids = HeadingIds::default();
                (0..count).for_each(|number| drop(ids.add(&wanted(number))));
            });
        }
    }
}
