//! The order of day and month in dates such as `05/11/2024`, decided by all dates of a column.

use crate::import::field_map::DateOrder;

/// The orders that the dates of a column allow.
#[derive(Debug, Default)]
pub(super) struct DateOrders {
    /// The number of dates whose first number can only be a day.
    day_first: usize,
    /// The number of dates whose second number can only be a day.
    month_first: usize,
}

impl DateOrders {
    /// Adds a date.
    pub(super) fn add(&mut self, text: &str) {
        let Some(([first, second, _], _)) = numbers(text) else { return };
        self.day_first += usize::from(first > 12);
        self.month_first += usize::from(second > 12);
    }

    /// Returns the only possible order; `None` if both are possible, or the dates contradict each
    /// other. The map must set the order then.
    pub(super) fn decide(&self) -> Option<DateOrder> {
        match (self.day_first, self.month_first) {
            (1.., 0) => Some(DateOrder::DayMonthYear),
            (0, 1..) => Some(DateOrder::MonthDayYear),
            _ => None,
        }
    }
}

/// Rewrites a date that ends with the year, such as `05/11/2024 9:30` or `5.11.2024`, as
/// `2024-11-05 9:30`. `None` if it has another format, or the order isn't known.
pub(super) fn to_iso(text: &str, order: Option<DateOrder>) -> Option<String> {
    let ([first, second, year], rest) = numbers(text)?;
    let (day, month) = match order? {
        DateOrder::DayMonthYear => (first, second),
        DateOrder::MonthDayYear => (second, first),
    };
    Some(format!("{year:04}-{month:02}-{day:02}{rest}"))
}

/// Returns the numbers of a date that ends with a year of four digits, and the text after it.
fn numbers(text: &str) -> Option<([u32; 3], &str)> {
    let text = text.trim();
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (date, rest) = text.split_at(end);
    let mut parts = date.split(['/', '.', '-']);
    let (first, second, year) = (parts.next()?, parts.next()?, parts.next()?);
    let is_short = |part: &str| (1..=2).contains(&part.len());
    if !is_short(first) || !is_short(second) || year.len() != 4 || parts.next().is_some() {
        return None;
    }
    Some(([first.parse().ok()?, second.parse().ok()?, year.parse().ok()?], rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_column_decides() {
        let decide = |dates: &[&str]| {
            let mut orders = DateOrders::default();
            dates.iter().for_each(|date| orders.add(date));
            orders.decide()
        };
        assert_eq!(decide(&["05/11/2024", "13/11/2024"]), Some(DateOrder::DayMonthYear));
        assert_eq!(decide(&["05/11/2024", "11/13/2024 10:00"]), Some(DateOrder::MonthDayYear));
        assert_eq!(decide(&["05/11/2024", "06.12.2024"]), None);
        assert_eq!(decide(&["13/11/2024", "11/13/2024"]), None);
        let order = Some(DateOrder::DayMonthYear);
        assert_eq!(to_iso("5.11.2024 9:30", order).as_deref(), Some("2024-11-05 9:30"));
        assert_eq!(to_iso("2024-11-05", order), None);
        assert_eq!(to_iso("5/11/24", order), None);
        assert_eq!(to_iso("5/11/2024", None), None);
    }
}
