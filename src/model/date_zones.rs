//! Offsets and the abbreviations of time zones.

use chrono::{FixedOffset, NaiveDateTime, Offset, TimeZone};
use chrono_tz::{OffsetName, Tz};

/// Abbreviations with their offset in minutes: those of RFC 2822, section 4.3, and those that stand
/// for one offset only. `IST` and `BST` have several meanings, so they are read only if the site's
/// time zone has them.
const ABBREVIATIONS: [(&str, i32); 33] = [
    ("UTC", 0),
    ("GMT", 0),
    ("Z", 0),
    ("EST", -300),
    ("EDT", -240),
    ("CST", -360),
    ("CDT", -300),
    ("MST", -420),
    ("MDT", -360),
    ("PST", -480),
    ("PDT", -420),
    ("AKST", -540),
    ("AKDT", -480),
    ("HST", -600),
    ("NST", -210),
    ("NDT", -150),
    ("WET", 0),
    ("WEST", 60),
    ("CET", 60),
    ("CEST", 120),
    ("EET", 120),
    ("EEST", 180),
    ("SAST", 120),
    ("MSK", 180),
    ("PKT", 300),
    ("WIB", 420),
    ("JST", 540),
    ("KST", 540),
    ("AWST", 480),
    ("AEST", 600),
    ("AEDT", 660),
    ("NZST", 720),
    ("NZDT", 780),
];

/// Returns the offset that an abbreviation means at a wall-clock time: in the site's time zone if
/// that has it, or else in general.
///
/// # Errors
/// The reason, as text, why the abbreviation isn't read.
pub(super) fn zone_offset(
    name: &str,
    wall: NaiveDateTime,
    zone: Tz,
) -> Result<FixedOffset, String> {
    let local = zone.from_local_datetime(&wall);
    let candidates = [local.earliest(), local.latest()].into_iter().flatten();
    let mut named = candidates.filter(|time| time.offset().abbreviation() == Some(name));
    if let Some(time) = named.next() {
        return Ok(time.offset().fix());
    }
    let known = ABBREVIATIONS.iter().find(|(known, _)| *known == name);
    known.and_then(|(_, minutes)| FixedOffset::east_opt(minutes * 60)).ok_or_else(|| {
        format!("`{name}` is not a time zone with one offset; write an offset such as `+05:00`")
    })
}

/// Parses `Z`, `UTC`, `GMT`, `-0400`, `+05:30`, `+05`, and `-4` and `-4:30` (YAML 1.1, timestamp);
/// an empty text is `None`.
///
/// # Errors
/// The reason, as text, why it isn't an offset.
pub(super) fn parse_offset(text: &str) -> Result<Option<FixedOffset>, String> {
    let invalid_offset = || format!("`{text}` is not an offset such as `Z`, `+05:00` or `-0400`");
    let factor = match text.as_bytes().first() {
        None => return Ok(None),
        Some(b'+') => 1,
        Some(b'-') => -1,
        Some(_) if matches!(text, "Z" | "z" | "UTC" | "GMT") => {
            return Ok(FixedOffset::east_opt(0));
        }
        Some(_) => return Err(invalid_offset()),
    };
    let digits = &text[1..];
    let (hours, minutes) = match digits.split_once(':') {
        Some((hours, minutes)) if minutes.len() == 2 => (hours, minutes),
        Some(_) => return Err(invalid_offset()),
        None if digits.len() == 4 && digits.is_ascii() => digits.split_at(2),
        None => (digits, "0"),
    };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !is_number(hours) || !is_number(minutes) || hours.len() > 2 {
        return Err(invalid_offset());
    }
    let number = |text: &str| text.parse::<i32>().map_err(|_| invalid_offset());
    let seconds = number(hours)? * 3600 + number(minutes)? * 60;
    FixedOffset::east_opt(factor * seconds).ok_or_else(invalid_offset).map(Some)
}

/// Parses an offset as [`parse_offset`] does, or the abbreviation of a time zone at a wall-clock
/// time. An abbreviation behind an offset, as in Go's `+0000 UTC`, has no meaning of its own.
///
/// # Errors
/// The reason, as text, why it isn't an offset.
pub(super) fn parse_offset_at(
    text: &str,
    wall: NaiveDateTime,
    zone: Tz,
) -> Result<Option<FixedOffset>, String> {
    match text.split_once(' ') {
        Some((offset, name)) if is_abbreviation(name) => parse_offset(offset),
        None if is_abbreviation(text) => zone_offset(text, wall, zone).map(Some),
        _ => parse_offset(text),
    }
}

/// Returns true if a word may be the abbreviation of a time zone.
pub(super) fn is_abbreviation(word: &str) -> bool {
    (1..=5).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_may_be_short() {
        for (text, seconds) in [
            ("-4", -4 * 3600),
            ("+9", 9 * 3600),
            ("-3:30", -(3 * 3600 + 1800)),
            ("+0545", 5 * 3600 + 2700),
            ("+05:45", 5 * 3600 + 2700),
            ("GMT", 0),
        ] {
            assert_eq!(parse_offset(text), Ok(FixedOffset::east_opt(seconds)), "{text}");
        }
        for text in ["-", "+1:2", "+123", "+12345", "+99", "+é", "+:30", "x", "EST"] {
            assert!(parse_offset(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_abbreviation_means_what_it_means_in_the_sites_time_zone() {
        let wall = "2001-07-01T12:00:00".parse().expect("a time");
        let offset = |name: &str, zone: Tz| zone_offset(name, wall, zone).ok();
        let hours = |hours: f64| FixedOffset::east_opt((hours * 3600.0) as i32);
        assert_eq!(offset("IST", Tz::Asia__Kolkata), hours(5.5));
        assert_eq!(offset("IST", Tz::Europe__Dublin), hours(1.0));
        assert_eq!(offset("IST", Tz::UTC), None);
        assert_eq!(offset("CST", Tz::Asia__Shanghai), hours(8.0));
        assert_eq!(offset("CST", Tz::America__Chicago), hours(-6.0));
        assert_eq!(offset("CEST", Tz::UTC), hours(2.0));
    }
}
