//! Dates with the month in words, as `date(1)`, browsers, Jekyll, Hugo and newsrooms write them.

use chrono::{Datelike, FixedOffset, NaiveDate, NaiveTime};
use chrono_tz::Tz;

use super::date_parts::{HalfDay, half_day, in_half, invalid_date_message, parse_clock};
use super::date_zones::{is_abbreviation, parse_offset, zone_offset};

/// A date as it is written: the wall-clock time and the offset, as far as it has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WrittenDate {
    pub(super) date: NaiveDate,
    pub(super) time: Option<NaiveTime>,
    pub(super) offset: Option<FixedOffset>,
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

const WEEKDAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// The words of a date, as far as they are read.
#[derive(Default)]
struct Words<'a> {
    weekday: Option<usize>,
    month: Option<u32>,
    day: Option<u32>,
    year: Option<i32>,
    clock: Option<NaiveTime>,
    half: Option<HalfDay>,
    offset: Option<FixedOffset>,
    /// An abbreviation of a time zone.
    zone_name: Option<&'a str>,
}

/// Parses a date whose month is a word, in any order: `Sept. 7, 2012`, `Tuesday 5 November 2024 at
/// 2:30 PM`, `Fri Sep  3 11:21:31 CEST 2021`, `Fri Sep 03 2021 11:21:31 GMT+0200 (CEST)`.
///
/// # Errors
/// The reason, as text, why it isn't a date.
pub(super) fn parse_words(text: &str, zone: Tz) -> Result<WrittenDate, String> {
    let unsupported = || "its format is not supported".to_owned();
    let text = text.split(" (").next().unwrap_or_default();
    let mut words = Words::default();
    for word in text.split([' ', '\t', ',', '\u{a0}']).filter(|word| !word.is_empty()) {
        words.add(word)?.ok_or_else(unsupported)?;
    }
    let (Some(month), Some(day)) = (words.month, words.day) else { return Err(unsupported()) };
    let year = words.year.ok_or_else(unsupported)?;
    let date = NaiveDate::from_ymd_opt(year, month, day)
        .ok_or_else(|| invalid_date_message(year, month, day))?;
    words.check_weekday(date)?;
    let time = match (words.clock, words.half) {
        (Some(clock), half) => Some(in_half(clock, half)?),
        (None, None) => None,
        (None, Some(_)) => return Err(unsupported()),
    };
    let offset = match (words.offset, words.zone_name, time) {
        (None, Some(name), Some(time)) => Some(zone_offset(name, date.and_time(time), zone)?),
        (_, Some(_), _) | (Some(_), None, None) => return Err(unsupported()),
        (offset, None, _) => offset,
    };
    Ok(WrittenDate { date, time, offset })
}

impl<'a> Words<'a> {
    /// Adds a word. Returns `None` if it has no meaning in a date, or if the date has its part.
    ///
    /// # Errors
    /// The reason, as text, why a word that has a meaning is wrong.
    fn add(&mut self, word: &'a str) -> Result<Option<()>, String> {
        let first = word.as_bytes()[0];
        if first.is_ascii_digit() {
            return self.add_number(word);
        }
        if matches!(first, b'+' | b'-') {
            return Ok(set(&mut self.offset, parse_offset(word)?));
        }
        let lower = word.to_ascii_lowercase();
        let name = lower.trim_end_matches('.');
        if lower == "at" {
            return Ok(Some(()));
        }
        if let Some(half) = half_day(&lower) {
            return Ok(set(&mut self.half, Some(half)));
        }
        if let Some(month) = find_name(&MONTHS, name) {
            return Ok(set(&mut self.month, u32::try_from(month + 1).ok()));
        }
        if let Some(weekday) = find_name(&WEEKDAYS, name) {
            return Ok(set(&mut self.weekday, Some(weekday)));
        }
        // Browsers write `GMT+0200`.
        if let Some(offset) = word.strip_prefix("GMT").or_else(|| word.strip_prefix("UTC"))
            && offset.starts_with(['+', '-'])
        {
            return Ok(set(&mut self.offset, parse_offset(offset)?));
        }
        Ok(set(&mut self.zone_name, is_abbreviation(word).then_some(word)))
    }

    /// Adds a time, a year, or a day of the month.
    fn add_number(&mut self, word: &str) -> Result<Option<()>, String> {
        if word.contains(':') {
            let end = word.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(word.len());
            let (clock, rest) = word.split_at(end);
            if !rest.is_empty() {
                let half = half_day(&rest.to_ascii_lowercase());
                if set(&mut self.half, half).is_none() {
                    return Ok(None);
                }
            }
            return Ok(set(&mut self.clock, Some(parse_clock(clock)?)));
        }
        let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '.');
        let suffix = word[digits.len()..].to_ascii_lowercase();
        let is_ordinal = matches!(suffix.as_str(), "" | "." | "st" | "nd" | "rd" | "th");
        if !is_ordinal || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(None);
        }
        match digits.len() {
            1 | 2 if self.day.is_none() => Ok(set(&mut self.day, digits.parse().ok())),
            4 if suffix.is_empty() => Ok(set(&mut self.year, digits.parse().ok())),
            1..=3 if self.year.is_none() => Err("its year needs four digits".into()),
            _ => Ok(None),
        }
    }

    /// Checks that the weekday is that of the date.
    fn check_weekday(&self, date: NaiveDate) -> Result<(), String> {
        let actual = date.weekday().num_days_from_monday() as usize;
        match self.weekday.filter(|weekday| *weekday != actual) {
            None => Ok(()),
            Some(written) => Err(format!(
                "{} is a {}, not a {}",
                date.format("%B %-d, %Y"),
                capitalized(WEEKDAYS[actual]),
                capitalized(WEEKDAYS[written])
            )),
        }
    }
}

/// Sets a part of a date, unless it is set.
fn set<T>(part: &mut Option<T>, value: Option<T>) -> Option<()> {
    if part.is_some() {
        return None;
    }
    *part = value;
    part.is_some().then_some(())
}

/// Finds a name by itself or by an abbreviation of three letters or more: `sept`, `tues`.
fn find_name(names: &[&str], word: &str) -> Option<usize> {
    let is_long_enough = word.len() >= 3;
    names.iter().position(|name| is_long_enough && name.starts_with(word))
}

fn capitalized(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<String, String> {
        parse_words(text, Tz::Europe__Berlin).map(|written| {
            let time = written.time.map_or(String::new(), |time| format!(" {time}"));
            let offset = written.offset.map_or(String::new(), |offset| format!(" {offset}"));
            format!("{}{time}{offset}", written.date)
        })
    }

    #[test]
    fn months_and_weekdays_may_be_abbreviated() {
        for (text, expected) in [
            ("Sept. 9, 1999", "1999-09-09"),
            ("9 Sept 1999", "1999-09-09"),
            ("Feb. 3rd, 2001", "2001-02-03"),
            ("Thurs., Sep 9, 1999", "1999-09-09"),
            ("thursday 9 september 1999", "1999-09-09"),
            ("Thu Sep  9 08:07:06 CEST 1999", "1999-09-09 08:07:06 +02:00"),
            ("Thu Sep  9 08:07:06 1999", "1999-09-09 08:07:06"),
            ("Thu Sep  9 08:07:06 PM EDT 1999", "1999-09-09 20:07:06 -04:00"),
            ("Thu Sep 09 1999 08:07:06 GMT+0530 (India)", "1999-09-09 08:07:06 +05:30"),
            ("September 9, 1999 at 12:05 a.m.", "1999-09-09 00:05:00"),
            ("Sept. 9, 1999, 3:15pm", "1999-09-09 15:15:00"),
        ] {
            assert_eq!(parse(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_wrong_part_is_named() {
        for (text, reason) in [
            ("Friday, Sept. 9, 1999", "September 9, 1999 is a Thursday, not a Friday"),
            ("Feb. 30, 2001", "there is no day 30 in month 2 of 2001, which has 28 days"),
            ("9 Sept. 99", "its year needs four digits"),
            ("Sept. 9, 1999 13:05 AM", "there is no hour 13 before noon"),
            ("Sept. 1999", "its format is not supported"),
            ("Sept. 9 1999 PM", "its format is not supported"),
            ("Sept. 9, Oct. 9, 1999", "its format is not supported"),
            ("tomorrow", "its format is not supported"),
            ("Se 9, 1999", "its format is not supported"),
        ] {
            assert_eq!(parse(text).unwrap_err(), reason, "{text}");
        }
    }
}
