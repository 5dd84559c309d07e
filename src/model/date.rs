//! Days, points in time, and the date formats found in archives.

use chrono::{
    DateTime, Datelike, FixedOffset, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, Offset,
    TimeDelta, TimeZone, Timelike, Utc,
};
use chrono_tz::Tz;

pub(crate) use super::date_parts::days_in_month;
use super::date_parts::{in_half, invalid_date_message, parse_clock, split_half_day};
use super::date_words::{WrittenDate, parse_words};
use super::date_zones::{parse_offset, parse_offset_at};

/// A day of the proleptic Gregorian calendar, year 1 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(NaiveDate);

impl Day {
    /// Returns a day; `None` if it doesn't exist, like February 30.
    pub fn new(year: i32, month: u32, day: u32) -> Option<Self> {
        NaiveDate::from_ymd_opt(year, month, day)
            .filter(|d| (1..=9999).contains(&d.year()))
            .map(Self)
    }

    /// Returns the day with a number, as [`Day::number`] counts.
    pub fn from_number(number: i32) -> Option<Self> {
        NaiveDate::from_num_days_from_ce_opt(number).map(Self)
    }

    /// The number of the day; January 1 of the year 1 is day 1.
    pub fn number(self) -> i32 {
        self.0.num_days_from_ce()
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.0.year()
    }

    /// The month, 1 to 12.
    pub fn month(self) -> u32 {
        self.0.month()
    }

    /// The day of the month, 1 to 31.
    pub fn day(self) -> u32 {
        self.0.day()
    }

    /// The day of the week, 0 (Monday) to 6 (Sunday), as ISO 8601 orders them.
    pub fn weekday(self) -> usize {
        self.0.weekday().num_days_from_monday() as usize
    }

    /// `2024-11-05` (RFC 3339, full-date).
    pub fn iso(self) -> String {
        let mut iso = String::with_capacity(10);
        self.write_iso(&mut iso);
        iso
    }

    fn write_iso(self, out: &mut String) {
        push_padded::<4>(self.year() as u32, out);
        out.push('-');
        push_padded::<2>(self.month(), out);
        out.push('-');
        push_padded::<2>(self.day(), out);
    }

    /// `/2024/11/05/`, the URL of the day's page.
    pub fn path(self) -> String {
        let mut path = String::with_capacity(32);
        let _ = self.write_path(&mut path);
        path
    }

    /// Appends [`Self::path`] to a text.
    ///
    /// # Errors
    /// None: writing to a string can't fail.
    pub fn write_path(self, out: &mut String) -> std::fmt::Result {
        out.push('/');
        push_padded::<4>(self.year() as u32, out);
        out.push('/');
        push_padded::<2>(self.month(), out);
        out.push('/');
        push_padded::<2>(self.day(), out);
        out.push('/');
        Ok(())
    }
}

/// Appends a number with a fixed number of digits. Every page contains many dates, and `write!`
/// takes ten times as long.
fn push_padded<const WIDTH: usize>(number: u32, out: &mut String) {
    let mut divisor = 10_u32.pow(WIDTH as u32 - 1);
    for _ in 0..WIDTH {
        out.push(char::from(b'0' + (number / divisor % 10) as u8));
        divisor /= 10;
    }
}

/// A point in time as an article gives it: a day, with or without a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    /// Seconds since 1970-01-01T00:00:00Z. For a moment without a time: midnight in the site's time
    /// zone.
    pub seconds: i64,
    /// Set if the article gives a day without a time.
    pub day_only: bool,
}

impl Moment {
    /// 1970-01-01T00:00:00Z.
    pub(crate) const UNIX_EPOCH: Self = Self { seconds: 0, day_only: true };

    /// Parses a date in any of the formats found in archives: a day (`2014-10-08`, `8 October
    /// 2014`, `Oct. 8, 2014`, `2014/10/08`); a day and a time, with or without seconds, fractions,
    /// `AM` or `PM`, and offset (`2014-10-08 11:50:21 -4`, `2014-01-02 9:05 PM`, RFC 3339); the
    /// output of `date(1)`; RFC 2822. A date without an offset is in the site's time zone.
    ///
    /// # Errors
    /// The reason, as text, why it isn't a date.
    pub fn parse(text: &str, zone: Tz) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            return Err("it is empty".into());
        }
        if let Some(result) = parse_numeric(text, zone) {
            return result;
        }
        if let Ok(date) = DateTime::parse_from_rfc2822(text) {
            return check_year(date.timestamp(), false, zone);
        }
        let WrittenDate { date, time, offset } = parse_words(text, zone)?;
        let wall = date.and_time(time.unwrap_or(NaiveTime::MIN));
        match offset.and_then(|offset| offset.from_local_datetime(&wall).single()) {
            Some(time) => check_year(time.timestamp(), false, zone),
            None => moment_in_zone(wall, time.is_none(), zone),
        }
    }

    /// Parses a date as [`Self::parse`] does, optionally followed by the name of its time zone:
    /// `2024-11-05 06:00 Europe/Berlin`.
    ///
    /// # Errors
    /// The reason, as text, why it isn't a date.
    pub fn parse_zoned(text: &str, zone: Tz) -> Result<Self, String> {
        let split = text.trim().rsplit_once(' ');
        let with_zone = split.and_then(|(date, name)| Some((date, name.parse::<Tz>().ok()?)));
        let (date, zone) = with_zone.unwrap_or((text, zone));
        Self::parse(date, zone)
    }

    /// Returns the day in a time zone.
    pub fn day(self, zone: Tz) -> Day {
        Day(self.in_zone(zone).date_naive())
    }

    /// Returns the day in UTC, for moments without a time zone.
    pub fn utc_day(self) -> Day {
        self.day(Tz::UTC)
    }

    /// Formats the moment as in RFC 3339, with the zone's offset, or as a day if it has no time.
    pub fn iso(self, zone: Tz) -> String {
        if self.day_only { self.day(zone).iso() } else { self.timestamp(zone) }
    }

    /// Formats the moment as in RFC 3339, always with a time, which feeds require (RFC 4287,
    /// section 3.3).
    pub fn timestamp(self, zone: Tz) -> String {
        let local = self.in_zone(zone);
        let mut out = String::with_capacity(25);
        Day(local.date_naive()).write_iso(&mut out);
        for (separator, number) in
            [('T', local.hour()), (':', local.minute()), (':', local.second())]
        {
            out.push(separator);
            push_padded::<2>(number, &mut out);
        }
        // Historical offsets with seconds are rounded, because RFC 3339 can't express them.
        match (f64::from(local.offset().fix().local_minus_utc()) / 60.0).round() as i32 {
            0 => out.push('Z'),
            minutes => {
                let sign = if minutes < 0 { '-' } else { '+' };
                out.push(sign);
                push_padded::<2>(minutes.unsigned_abs() / 60, &mut out);
                out.push(':');
                push_padded::<2>(minutes.unsigned_abs() % 60, &mut out);
            }
        }
        out
    }

    /// Rewrites a date in the format of RFC 3339, with the same wall-clock time and offset. Returns
    /// `None` if it already has this format, can't be parsed, or isn't certain: if it has no offset
    /// and there is no zone, if the clocks skip or repeat the time, or if it is a leap second.
    pub fn normalized(text: &str, zone: Option<Tz>) -> Option<String> {
        let text = text.trim();
        let fallback = zone.unwrap_or(Tz::UTC);
        let moment = Self::parse(text, fallback).ok()?;
        let normalized = match DateTime::parse_from_rfc2822(text) {
            _ if moment.day_only => moment.day(fallback).iso(),
            Ok(time) => format_rfc_3339(time.naive_local(), "", *time.offset()),
            Err(_) => {
                let (wall, fraction, offset) =
                    parse_wall_clock(text).or_else(|| written_wall_clock(text, fallback))?;
                let offset = offset
                    .or_else(|| Some(zone?.from_local_datetime(&wall).single()?.offset().fix()))?;
                format_rfc_3339(wall, fraction, offset)
            }
        };
        let changed = normalized != text && !is_rfc_3339(text);
        (changed && Self::parse(&normalized, fallback) == Ok(moment)).then_some(normalized)
    }

    /// Formats the moment as in RFC 2822, which RSS requires; a day as its first second.
    pub fn rfc_2822(self, zone: Tz) -> String {
        self.in_zone(zone).to_rfc2822()
    }

    /// Returns the hour and minute in a time zone; `None` for a day without a time.
    pub fn time(self, zone: Tz) -> Option<(u32, u32)> {
        let local = (!self.day_only).then(|| self.in_zone(zone))?;
        Some((local.hour(), local.minute()))
    }

    fn in_zone(self, zone: Tz) -> DateTime<Tz> {
        let utc =
            DateTime::<Utc>::from_timestamp(self.seconds, 0).unwrap_or(DateTime::<Utc>::UNIX_EPOCH);
        utc.with_timezone(&zone)
    }
}

/// Parses the formats that begin with the year. Returns `None` if the text has another format.
fn parse_numeric(text: &str, zone: Tz) -> Option<Result<Moment, String>> {
    let (date, rest) = text.split_at(text.find(['T', 't', ' ']).unwrap_or(text.len()));
    let separator = if date.contains('/') { '/' } else { '-' };
    let mut fields = date.splitn(3, separator);
    let year = fields.next().filter(|f| f.len() == 4)?.parse::<i32>().ok()?;
    let (month, day) = (fields.next()?, fields.next()?);
    if month.len() > 2 || day.len() > 2 {
        return None;
    }
    let (month, day) = (month.parse().ok()?, day.parse().ok()?);
    let Some(date) = NaiveDate::from_ymd_opt(year, month, day) else {
        return Some(Err(invalid_date_message(year, month, day)));
    };
    let rest = rest.strip_prefix(['T', 't']).unwrap_or(rest).trim();
    if rest.is_empty() {
        return Some(moment_in_zone(date.and_time(NaiveTime::MIN), true, zone));
    }
    Some(parse_time(rest).and_then(|(time, offset)| {
        let wall = date.and_time(time);
        match parse_offset_at(offset, wall, zone)? {
            Some(offset) => {
                let seconds = offset.from_local_datetime(&wall).single().map(|t| t.timestamp());
                check_year(seconds.unwrap_or_default(), false, zone)
            }
            None => moment_in_zone(wall, false, zone),
        }
    }))
}

/// Parses `9:05`, `11:50:21` or `11:50:21.5`, each optionally followed by `AM` or `PM`. Returns the
/// offset behind it as text.
fn parse_time(text: &str) -> Result<(NaiveTime, &str), String> {
    let end =
        text.find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.')).unwrap_or(text.len());
    let (clock, rest) = (&text[..end], text[end..].trim());
    if clock.is_empty() {
        return Err(format!("`{text}` is not a time such as `14:30`"));
    }
    let (half, offset) = split_half_day(rest);
    Ok((in_half(parse_clock(clock)?, half)?, offset))
}

/// Converts a wall-clock time in a zone. A time that the clocks skip is interpreted as an hour
/// later; of a time that occurs twice, the first is used.
fn moment_in_zone(wall: NaiveDateTime, day_only: bool, zone: Tz) -> Result<Moment, String> {
    let resolved = match zone.from_local_datetime(&wall) {
        LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => Some(time),
        LocalResult::None => zone.from_local_datetime(&(wall + TimeDelta::hours(1))).earliest(),
    };
    let seconds = resolved.map_or_else(|| wall.and_utc().timestamp(), |time| time.timestamp());
    check_year(seconds, day_only, zone)
}

fn check_year(seconds: i64, day_only: bool, zone: Tz) -> Result<Moment, String> {
    let moment = Moment { seconds, day_only };
    let year = moment.in_zone(zone).year();
    if (1..=9999).contains(&year) {
        Ok(moment)
    } else {
        Err(format!("the year {year} is outside 1 to 9999"))
    }
}

/// Parses a date with a time that begins with the year, into the wall-clock time, the fraction of a
/// second with its point, and the offset. This is stricter than [`parse_time`], because a rewritten
/// date must be certain.
fn parse_wall_clock(text: &str) -> Option<(NaiveDateTime, &str, Option<FixedOffset>)> {
    let (date, rest) = text.split_at(text.find(['T', 't', ' '])?);
    let date: Vec<u32> = date.split(['-', '/']).map(str::parse).collect::<Result<_, _>>().ok()?;
    let &[year, month, day] = &date[..] else { return None };
    let rest = rest.strip_prefix(['T', 't']).unwrap_or(rest).trim();
    let end = rest.find(|c: char| !(c.is_ascii_digit() || c == ':')).unwrap_or(rest.len());
    let fields: Vec<u32> = rest[..end].split(':').map(str::parse).collect::<Result<_, _>>().ok()?;
    let time = match fields[..] {
        [hour, minute] => NaiveTime::from_hms_opt(hour, minute, 0)?,
        [hour, minute, second] => NaiveTime::from_hms_opt(hour, minute, second)?,
        _ => return None,
    };
    let tail = &rest[end..];
    let digits = tail
        .strip_prefix('.')
        .map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
    let (fraction, zone) = tail.split_at(if digits > 0 { digits + 1 } else { 0 });
    let (half, zone) = split_half_day(zone.trim());
    let offset = parse_offset(zone).ok()?;
    let time = in_half(time, half).ok()?;
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    (fraction.is_empty() || fields.len() == 3).then_some((date.and_time(time), fraction, offset))
}

/// Returns the wall-clock time and the offset of a date in words; `None` if it isn't one. An
/// abbreviation of a time zone may be ambiguous when the clocks go back, so it has to be certain.
fn written_wall_clock(text: &str, zone: Tz) -> Option<(NaiveDateTime, &str, Option<FixedOffset>)> {
    let WrittenDate { date, time, offset } = parse_words(text, zone).ok()?;
    Some((date.and_time(time?), "", offset))
}

/// Formats a wall-clock time with its offset, without the offset's seconds.
fn format_rfc_3339(wall: NaiveDateTime, fraction: &str, offset: FixedOffset) -> String {
    let seconds = offset.local_minus_utc();
    let sign = if seconds < 0 { '-' } else { '+' };
    let zone = match seconds.unsigned_abs() / 60 {
        0 => "Z".to_owned(),
        minutes => format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60),
    };
    format!("{}{fraction}{zone}", wall.format("%Y-%m-%dT%H:%M:%S"))
}

/// Returns whether a text has exactly the format of a date-time in RFC 3339.
fn is_rfc_3339(text: &str) -> bool {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    let Some(tail) =
        shape.to_ascii_uppercase().strip_prefix("0000-00-00T00:00:00").map(str::to_owned)
    else {
        return false;
    };
    let zone = tail.strip_prefix('.').map(|rest| rest.trim_start_matches('0')).unwrap_or(&tail);
    matches!(zone, "Z" | "+00:00" | "-00:00")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn iso(text: &str) -> Result<String, String> {
        Moment::parse(text, chrono_tz::Asia::Karachi).map(|m| m.iso(chrono_tz::Asia::Karachi))
    }

    #[test]
    fn reads_the_forms_of_real_archives() {
        let cases = [
            ("2014-10-08 11:50:21 -0400", "2014-10-08T20:50:21+05:00"),
            ("2014-01-02 9:05:00 -0400", "2014-01-02T18:05:00+05:00"),
            ("2014-01-02 9:05", "2014-01-02T09:05:00+05:00"),
            ("2014-01-02", "2014-01-02"),
            ("2014/1/2", "2014-01-02"),
            ("2005-09-08T00:50:00Z", "2005-09-08T05:50:00+05:00"),
            ("2005-09-08T00:50:00.123+05:30", "2005-09-08T00:20:00+05:00"),
            ("Tue, 1 Jul 2003 10:52:37 +0200", "2003-07-01T13:52:37+05:00"),
            ("Tue, 01 Jul 2003 10:52:37 GMT", "2003-07-01T15:52:37+05:00"),
            ("5 November 2024", "2024-11-05"),
            ("Nov 5, 2024", "2024-11-05"),
            ("Mar. 4, 2009", "2009-03-04"),
            ("2009-03-04 08:00:00 -4", "2009-03-04T17:00:00+05:00"),
            ("2009-03-04 3:15 PM", "2009-03-04T15:15:00+05:00"),
            ("2009-03-04 3:15pm -0400", "2009-03-05T00:15:00+05:00"),
            ("2009-03-04 08:00:00 +0000 UTC", "2009-03-04T13:00:00+05:00"),
            ("2009-03-04 08:00 EST", "2009-03-04T18:00:00+05:00"),
            ("Wed Mar  4 08:00:00 EST 2009", "2009-03-04T18:00:00+05:00"),
            ("Wed Mar  4 08:00:00 PKT 2009", "2009-03-04T08:00:00+05:00"),
        ];
        for (text, expected) in cases {
            assert_eq!(iso(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn respells_only_what_is_sure() {
        let zone = chrono_tz::America::New_York;
        let normalized = |text: &str| Moment::normalized(text, Some(zone));
        for (text, expected) in [
            ("2014-10-08 11:50:21 -0400", "2014-10-08T11:50:21-04:00"),
            ("2014-1-2 9:05 +05", "2014-01-02T09:05:00+05:00"),
            ("2014/01/02 9:05", "2014-01-02T09:05:00-05:00"),
            ("2014-01-02 09:05:01.250 UTC", "2014-01-02T09:05:01.250Z"),
            ("Tue, 1 Jul 2003 10:52:37 +0200", "2003-07-01T10:52:37+02:00"),
            ("5 November 2024", "2024-11-05"),
            ("2014/1/2", "2014-01-02"),
            ("Mar. 4, 2009", "2009-03-04"),
            ("2009-03-04 3:15 p.m.", "2009-03-04T15:15:00-05:00"),
            ("Wed Mar  4 08:00:00 CET 2009", "2009-03-04T08:00:00+01:00"),
        ] {
            assert_eq!(normalized(text).as_deref(), Some(expected), "{text}");
            assert_eq!(normalized(expected), None, "{expected}");
            assert_eq!(Moment::parse(text, zone), Moment::parse(expected, zone), "{text}");
        }
        // Right already, no date, skipped and doubled hours, a leap second, a fraction of an hour.
        for text in [
            "2024-11-05",
            "2005-09-08t00:50:00.5z",
            "2024-11-05T14:30:00+00:00",
            "yesterday",
            "2024-03-10 02:30",
            "2024-11-03 01:30",
            "2016-12-31 23:59:60 UTC",
            "2024-11-05 9.5:30",
        ] {
            assert_eq!(normalized(text), None, "{text}");
        }
        assert_eq!(Moment::normalized("2014-01-02 9:05", None), None);
        assert_eq!(
            Moment::normalized("2014-01-02 9:05Z", None).as_deref(),
            Some("2014-01-02T09:05:00Z")
        );
    }

    #[test]
    fn refuses_what_is_no_date() {
        assert_eq!(
            iso("2023-02-30").unwrap_err(),
            "there is no day 30 in month 2 of 2023, which has 28 days"
        );
        assert_eq!(iso("2023-13-01").unwrap_err(), "there is no month 13");
        for bad in [
            "",
            "yesterday",
            "2023-01-01 25:00",
            "2023-01-01 10:00 +99:99",
            "2023-01-01 noon",
            "5 November 24",
            "0000-01-01",
            "12-01-2023",
        ] {
            assert!(iso(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_zone_decides_the_day() {
        let moment = Moment::parse("2024-11-04T22:30:00Z", chrono_tz::UTC).unwrap();
        assert_eq!(moment.day(chrono_tz::UTC).iso(), "2024-11-04");
        assert_eq!(moment.day(chrono_tz::Asia::Karachi).iso(), "2024-11-05");
    }

    #[test]
    fn hours_that_the_clocks_skip_still_count() {
        let zone = chrono_tz::America::New_York;
        assert_eq!(
            Moment::parse("2024-03-10 02:30", zone).unwrap().iso(zone),
            "2024-03-10T03:30:00-04:00"
        );
    }
}
