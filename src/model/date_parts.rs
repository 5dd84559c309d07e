//! Parts of dates: the lengths of months, and times of a clock with 24 or 12 hours.

use chrono::{NaiveDate, NaiveTime, Timelike};

/// Returns the number of days in a month.
pub(crate) fn days_in_month(year: i32, month: u32) -> u32 {
    let exists = |day: &u32| NaiveDate::from_ymd_opt(year, month, *day).is_some();
    (28..=31).rev().find(exists).unwrap_or(28)
}

/// Returns the reason why a date doesn't exist.
pub(super) fn invalid_date_message(year: i32, month: u32, day: u32) -> String {
    match month {
        1..=12 => format!(
            "there is no day {day} in month {month} of {year}, which has {} days",
            days_in_month(year, month)
        ),
        _ => format!("there is no month {month}"),
    }
}

/// Parses `9:05`, `11:50:21` or `11:50:21.5`.
///
/// # Errors
/// The reason, as text, why it isn't a time.
pub(super) fn parse_clock(clock: &str) -> Result<NaiveTime, String> {
    let mut fields = clock.splitn(3, ':');
    let mut number = |unit: &str| -> Result<u32, String> {
        let field = fields.next().unwrap_or("0").split('.').next().unwrap_or("0");
        field.parse().map_err(|_| format!("`{clock}` has an invalid {unit}"))
    };
    let (hour, minute, second) = (number("hour")?, number("minute")?, number("second")?);
    // A leap second (23:59:60) counts as the last second of its minute.
    let time = NaiveTime::from_hms_opt(hour, minute, if second == 60 { 59 } else { second });
    time.filter(|_| clock.contains(':')).ok_or_else(|| format!("there is no time `{clock}`"))
}

/// Two halves of a day of twelve hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HalfDay {
    Morning,
    Afternoon,
}

/// Splits `AM` or `PM` off the beginning of a text.
pub(super) fn split_half_day(text: &str) -> (Option<HalfDay>, &str) {
    let (word, rest) = text.split_at(text.find(' ').unwrap_or(text.len()));
    match half_day(&word.to_ascii_lowercase()) {
        Some(half) => (Some(half), rest.trim()),
        None => (None, text),
    }
}

/// Returns the half of the day that `am`, `pm`, `a.m.` or `p.m.`, in lower case, names.
pub(super) fn half_day(word: &str) -> Option<HalfDay> {
    match word {
        "am" | "a.m." | "a.m" => Some(HalfDay::Morning),
        "pm" | "p.m." | "p.m" => Some(HalfDay::Afternoon),
        _ => None,
    }
}

/// Returns a time of a clock with twelve hours, if a half of the day is given.
///
/// # Errors
/// The reason, as text, why there is no such time.
pub(super) fn in_half(clock: NaiveTime, half: Option<HalfDay>) -> Result<NaiveTime, String> {
    let Some(half) = half else { return Ok(clock) };
    let hour = clock.hour();
    // Some programs write `14:30 PM`.
    if half == HalfDay::Afternoon && hour > 12 {
        return Ok(clock);
    }
    let hour = match (hour, half) {
        (12, HalfDay::Morning) => Some(0),
        (12, HalfDay::Afternoon) => Some(12),
        (1..=11, HalfDay::Morning) => Some(hour),
        (1..=11, HalfDay::Afternoon) => Some(hour + 12),
        _ => None,
    };
    let time = hour.and_then(|hour| clock.with_hour(hour));
    time.ok_or_else(|| format!("there is no hour {} before noon", clock.hour()))
}
