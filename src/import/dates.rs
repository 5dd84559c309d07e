//! The dates of records.

use chrono_tz::Tz;

use super::item::ItemDate;
use super::month_names::with_english_month;
use crate::diagnostics::Error;
use crate::model::Moment;

/// Resolves the dates of a source.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DateResolver {
    /// The time zone of dates without an offset.
    pub(crate) zone: Tz,
    /// The date of records without one.
    pub(crate) default_date: Option<Moment>,
}

impl DateResolver {
    /// Returns the resolver for the options of an import.
    ///
    /// # Errors
    /// [`Error::Usage`] if the time zone isn't in the IANA database, or the date isn't one.
    pub(crate) fn new(
        site_zone: Tz,
        zone: Option<&str>,
        default_date: Option<&str>,
    ) -> Result<Self, Error> {
        let zone = match zone {
            None => site_zone,
            Some(name) => name.parse().map_err(|_| {
                let help = "write a name of the IANA database, such as Europe/London";
                Error::Usage(format!("--time-zone: `{name}` isn't a time zone: {help}"))
            })?,
        };
        let default_date = default_date.map(|text| {
            Moment::parse(text, zone).map_err(|reason| {
                Error::Usage(format!("--date: `{text}` is not a valid date: {reason}"))
            })
        });
        Ok(Self { zone, default_date: default_date.transpose()? })
    }

    /// Resolves the date of a record.
    ///
    /// # Errors
    /// The reason, as text, why the record has no usable date.
    pub(crate) fn resolve(&self, date: &ItemDate) -> Result<Moment, String> {
        let written = match date {
            ItemDate::Text(text) if !is_zero(text) => text,
            ItemDate::Text(_) | ItemDate::Missing => {
                let help = "it has no date: set one for all records without a date with --date";
                return self.default_date.ok_or_else(|| help.to_owned());
            }
        };
        let parsed = Moment::parse(written, self.zone).or_else(|reason| {
            let english = with_english_month(written).ok_or_else(|| reason.clone())?;
            Moment::parse(&english, self.zone).map_err(|_| reason)
        });
        parsed.map_err(|reason| format!("its date `{written}` is not valid: {reason}"))
    }
}

/// Returns true for dates such as `0000-00-00 00:00:00`, which databases write for a missing one.
pub(crate) fn is_zero(text: &str) -> bool {
    let mut digits = text.chars().filter(char::is_ascii_digit).peekable();
    digits.peek().is_some() && digits.all(|digit| digit == '0')
}

/// Returns true if a text is a date, with or without a time.
pub(crate) fn is_date(text: &str) -> bool {
    Moment::parse(text, Tz::UTC).is_ok()
}

/// Returns the date with which a name begins (`2014-10-08_123`, `20141008-talks`), as `2014-10-08`.
pub(crate) fn leading_date(name: &str) -> Option<String> {
    let bytes = name.as_bytes();
    let is_digits = |range: std::ops::Range<usize>| {
        bytes.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_digit))
    };
    let ends_at = |at: usize| bytes.get(at).is_none_or(|byte| !byte.is_ascii_digit());
    let separator = |at: usize| matches!(bytes.get(at), Some(b'-' | b'_' | b'.'));
    let parts = if is_digits(0..4) && separator(4) && is_digits(5..7) && separator(7) {
        (is_digits(8..10) && ends_at(10)).then(|| (&name[..4], &name[5..7], &name[8..10]))
    } else {
        (is_digits(0..8) && ends_at(8)).then(|| (&name[..4], &name[4..6], &name[6..8]))
    };
    let (year, month, day) = parts?;
    let date = format!("{year}-{month}-{day}");
    is_date(&date).then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_from_names() {
        assert_eq!(leading_date("2014-10-08_000110").as_deref(), Some("2014-10-08"));
        assert_eq!(leading_date("20141008-talks").as_deref(), Some("2014-10-08"));
        assert_eq!(leading_date("2014_10_08").as_deref(), Some("2014-10-08"));
        for other in ["2014-13-08", "000110", "201410081", "talks-2014-10-08", "2014-10-081"] {
            assert_eq!(leading_date(other), None, "{other}");
        }
    }

    #[test]
    fn missing_dates_are_never_guessed() {
        let resolver = DateResolver::new(Tz::UTC, Some("Asia/Karachi"), None).unwrap();
        let resolve = |date: &str| resolver.resolve(&ItemDate::Text(date.to_owned()));
        assert_eq!(resolve("2024-11-05 05:00").map(|date| date.seconds), Ok(1_730_764_800));
        assert_eq!(
            resolve("mar, 05 nov 2024 01:00:00 +0100").map(|date| date.seconds),
            Ok(1_730_764_800)
        );
        assert!(resolve("05/11/2024").is_err() && resolve("0000-00-00 00:00:00").is_err());
        assert!(resolver.resolve(&ItemDate::Missing).unwrap_err().contains("--date"));
        let resolver = DateResolver::new(Tz::UTC, None, Some("2024-11-05")).unwrap();
        assert!(resolver.resolve(&ItemDate::Missing).is_ok());
        assert!(resolver.resolve(&ItemDate::Text("0000-00-00 00:00:00".to_owned())).is_ok());
        assert!(resolver.resolve(&ItemDate::Text("soon".to_owned())).is_err());
        assert!(DateResolver::new(Tz::UTC, Some("Mars/Olympus"), None).is_err());
    }
}
