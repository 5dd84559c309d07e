//! Formats dates, numbers and lists by Unicode's CLDR and ICU4X, unless the language's translation
//! file overrides them.

use std::fmt;
use std::ops::Range;

use icu_calendar::cal::hijri::{
    TabularAlgorithm, TabularAlgorithmEpoch, TabularAlgorithmLeapYears, UmmAlQura,
};
use icu_calendar::cal::{Hijri, Persian};
use icu_calendar::week::WeekInformation;
use icu_calendar::{AsCalendar, Date, Gregorian};
use icu_casemap::TitlecaseMapper;
use icu_casemap::options::{TitlecaseOptions, TrailingCase};
use icu_datetime::fieldsets::{E, M, MD, T, YM, YMD, YMDE};
use icu_datetime::input::Time;
use icu_datetime::{FixedCalendarDateTimeFormatter as Formatter, NoCalendarFormatter, parts};
use icu_decimal::DecimalFormatter;
use icu_list::ListFormatter;
use icu_locale_core::extensions::unicode::key;
use icu_locale_core::{Locale as Tag, langid};
use serde_yaml::{Mapping, Value as Yaml};
use writeable::{Part, PartsWrite, Writeable};

use crate::config::CalendarSystem;
use crate::model::Day;

/// The parts of a date to format.
#[derive(Clone, Copy, Debug)]
pub(crate) enum DateStyle {
    /// `November 5, 2024`
    Long,
    /// `Tuesday, November 5, 2024`, as a heading
    Weekday,
    /// `November 5`
    DayMonth,
    /// `November 2024`, as a heading
    MonthYear,
}

/// The formats of one language. What CLDR doesn't name is formatted in digits.
pub(crate) struct Formats {
    tag: Tag,
    overrides: Overrides,
    months: Vec<String>,
    months_short: Vec<String>,
    weekdays: Vec<String>,
    weekdays_short: Vec<String>,
    long: Option<Formatter<Gregorian, YMD>>,
    weekday: Option<Formatter<Gregorian, YMDE>>,
    day_month: Option<Formatter<Gregorian, MD>>,
    month_year: Option<Formatter<Gregorian, YM>>,
    time: Option<NoCalendarFormatter<T>>,
    decimal: Option<DecimalFormatter>,
    list: Option<ListFormatter>,
    digits: Vec<String>,
    first_weekday: usize,
}

impl fmt::Debug for Formats {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Formats({})", self.tag)
    }
}

impl Formats {
    /// Returns the formats of a language (BCP 47); `overrides` is from its translation file. An
    /// invalid tag, or one that CLDR doesn't contain, has the formats of English.
    pub(crate) fn for_language(lang: &str, overrides: &Mapping) -> Self {
        let overrides = Overrides(overrides.clone());
        let mut tag: Tag =
            lang.parse().ok().filter(has_month_names).unwrap_or_else(|| langid!("en").into());
        if let Some(digits) = overrides.text("digits").and_then(|digits| digits.parse().ok()) {
            tag.extensions.unicode.keywords.set(key!("nu"), digits);
        }
        if let Some(cycle) = overrides.text("hour_cycle").and_then(|cycle| cycle.parse().ok()) {
            tag.extensions.unicode.keywords.set(key!("hc"), cycle);
        }
        let decimal = DecimalFormatter::try_new((&tag).into(), Default::default()).ok();
        let digits = (0..10).map(|digit| format_number(decimal.as_ref(), digit)).collect();
        let first_weekday = match overrides.0.get("first_day_of_week").and_then(Yaml::as_u64) {
            Some(day) => (day as usize + 6) % 7,
            None => WeekInformation::try_new((&tag).into())
                .map_or(0, |week| week.first_weekday as usize - 1),
        };
        Self {
            months: overrides.names(
                "months_standalone",
                12,
                month_names(&tag, M::long()).map(|name| capitalized(&name, &tag)),
            ),
            months_short: overrides.names("months_short", 12, month_names(&tag, M::medium())),
            weekdays: overrides.names("weekdays", 7, weekday_names(&tag, E::long())),
            weekdays_short: overrides.names("weekdays_short", 7, weekday_names(&tag, E::short())),
            long: Formatter::try_new((&tag).into(), YMD::long()).ok(),
            weekday: Formatter::try_new((&tag).into(), YMDE::long()).ok(),
            day_month: Formatter::try_new((&tag).into(), MD::long()).ok(),
            month_year: Formatter::try_new((&tag).into(), YM::long()).ok(),
            time: NoCalendarFormatter::try_new((&tag).into(), T::hm()).ok(),
            list: ListFormatter::try_new_and((&tag).into(), Default::default()).ok(),
            decimal,
            digits,
            first_weekday,
            overrides,
            tag,
        }
    }

    /// Formats a day with the parts of a style.
    pub(crate) fn day(&self, style: DateStyle, day: Day) -> String {
        let Some(date) = gregorian(day) else { return day.iso() };
        match style {
            DateStyle::Long => self.format_date(
                "date_long",
                self.long.as_ref().map(|formatter| formatter.format(&date)),
                day,
            ),
            DateStyle::DayMonth => self.format_date(
                "day_month",
                self.day_month.as_ref().map(|formatter| formatter.format(&date)),
                day,
            ),
            DateStyle::Weekday => {
                let text = self.format_date(
                    "date_weekday",
                    self.weekday.as_ref().map(|formatter| formatter.format(&date)),
                    day,
                );
                capitalized(&text, &self.tag)
            }
            DateStyle::MonthYear => {
                let text = self.format_date(
                    "month_year",
                    self.month_year.as_ref().map(|formatter| formatter.format(&date)),
                    day,
                );
                capitalized(&text, &self.tag)
            }
        }
    }

    /// Returns a date as CLDR formats it, or by the language's own pattern and with its own names.
    fn format_date(&self, pattern: &str, formatted: Option<impl Writeable>, day: Day) -> String {
        let Some(formatted) = formatted else { return day.iso() };
        let replacements = [
            (parts::DAY, self.overrides.text("first_of_month").filter(|_| day.day() == 1)),
            (parts::MONTH, self.overrides.nth("months", day.month() as usize - 1)),
            (parts::WEEKDAY, self.overrides.nth("weekdays", day.weekday())),
        ];
        let pattern = self.overrides.text(pattern);
        if pattern.is_none() && replacements.iter().all(|(_, replacement)| replacement.is_none()) {
            return formatted.write_to_string().into_owned();
        }
        let mut formatted_parts = FormattedParts::default();
        // Writing to memory does not fail.
        let _ = formatted.write_to_parts(&mut formatted_parts);
        match pattern {
            Some(pattern) => {
                let text = |part| {
                    replacements
                        .iter()
                        .find(|(candidate, _)| *candidate == part)
                        .and_then(|(_, replacement)| *replacement)
                        .unwrap_or_else(|| formatted_parts.part_text(part))
                };
                let text = pattern
                    .replace("{day}", text(parts::DAY))
                    .replace("{month}", text(parts::MONTH));
                text.replace("{weekday}", self.weekday(day.weekday()))
                    .replace("{year}", &self.digits(&day.year().to_string()))
            }
            None => formatted_parts.replace_parts(&replacements),
        }
    }

    /// Formats a time of day: `2:30 p.m.`, `14:30`.
    pub(crate) fn time(&self, hour: u32, minute: u32) -> String {
        let time = Time::try_new(hour as u8, minute as u8, 0, 0).ok();
        let Some((formatter, time)) = self.time.as_ref().zip(time) else {
            return format!("{hour:02}:{minute:02}");
        };
        let replacement =
            (parts::DAY_PERIOD, self.overrides.nth("day_periods", hour as usize / 12));
        let mut formatted_parts = FormattedParts::default();
        // Writing to memory does not fail.
        let _ = formatter.format(&time).write_to_parts(&mut formatted_parts);
        formatted_parts.replace_parts(&[replacement])
    }

    /// Formats a day in another calendar.
    pub(crate) fn in_calendar(&self, day: Day, calendar: CalendarSystem) -> Option<String> {
        let date = Date::try_new_iso(day.year(), day.month() as u8, day.day() as u8).ok()?;
        // ICU4X has a separate type for each calendar.
        macro_rules! format_in_calendar {
            ($calendar:ty, $converted:expr, $name:literal) => {{
                let date = date.to_calendar($converted);
                self.format_with_override(&date, $name).or_else(|| {
                    let form =
                        Formatter::<$calendar, YMD>::try_new((&self.tag).into(), YMD::long())
                            .ok()?;
                    Some(form.format(&date).to_string())
                })
            }};
        }
        match calendar {
            CalendarSystem::Persian => format_in_calendar!(Persian, Persian, "persian"),
            CalendarSystem::IslamicUmalqura => {
                format_in_calendar!(Hijri<UmmAlQura>, Hijri::new_umm_al_qura(), "islamic")
            }
            CalendarSystem::IslamicCivil => {
                let civil = Hijri::new_tabular(
                    TabularAlgorithmLeapYears::TypeII,
                    TabularAlgorithmEpoch::Friday,
                );
                format_in_calendar!(Hijri<TabularAlgorithm>, civil, "islamic")
            }
        }
    }

    fn format_with_override<A: AsCalendar>(
        &self,
        date: &Date<A>,
        calendar: &str,
    ) -> Option<String> {
        let month = self
            .overrides
            .nth(&format!("months_{calendar}"), usize::from(date.month().ordinal) - 1)?;
        let pattern = self.overrides.text(&format!("date_{calendar}"))?;
        let text = pattern.replace("{day}", &date.day_of_month().0.to_string());
        let text = text
            .replace("{month}", month)
            .replace("{year}", &date.year().extended_year().to_string());
        Some(self.digits(&text))
    }

    /// Returns the stand-alone name of a month (1 to 12), for headings.
    pub(crate) fn month(&self, month: u32) -> &str {
        name(&self.months, month as usize - 1)
    }

    /// Returns the short stand-alone name of a month (1 to 12).
    pub(crate) fn month_short(&self, month: u32) -> &str {
        name(&self.months_short, month as usize - 1)
    }

    /// Returns the name of a day of the week, 0 for Monday.
    pub(crate) fn weekday(&self, weekday: usize) -> &str {
        name(&self.weekdays, weekday)
    }

    /// Returns the short name of a day of the week, 0 for Monday.
    pub(crate) fn weekday_short(&self, weekday: usize) -> &str {
        name(&self.weekdays_short, weekday)
    }

    /// Returns the first day of the week, 0 for Monday.
    pub(crate) fn first_weekday(&self) -> usize {
        self.first_weekday
    }

    /// Formats a number with the language's digits and grouping.
    pub(crate) fn number(&self, number: i64) -> String {
        format_number(self.decimal.as_ref(), number)
    }

    /// Replaces the ASCII digits of a text with the language's digits.
    pub(crate) fn digits(&self, text: &str) -> String {
        if self.digits.first().is_none_or(|zero| zero == "0") {
            return text.to_owned();
        }
        let mut out = String::with_capacity(2 * text.len());
        for c in text.chars() {
            match c.to_digit(10) {
                Some(digit) => out.push_str(&self.digits[digit as usize]),
                None => out.push(c),
            }
        }
        out
    }

    /// Joins names as the language does: `A, B and C`.
    pub(crate) fn list(&self, names: &[&str]) -> String {
        let (comma, and) = (self.overrides.text("list_comma"), self.overrides.text("list_and"));
        match (&self.list, names) {
            (Some(list), _) if comma.or(and).is_none() => list.format(names.iter()).to_string(),
            (_, [first @ .., last]) if !first.is_empty() => {
                format!(
                    "{}{}{last}",
                    first.join(comma.unwrap_or(", ")),
                    and.or(comma).unwrap_or(", ")
                )
            }
            _ => names.concat(),
        }
    }
}

/// The formats in a translation file, which override those of CLDR.
struct Overrides(Mapping);

impl Overrides {
    fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(Yaml::as_str)
    }

    fn nth(&self, key: &str, index: usize) -> Option<&str> {
        self.0.get(key)?.as_sequence()?.get(index)?.as_str()
    }

    /// Returns a list of names; those that the file doesn't have come from CLDR.
    fn names(&self, key: &str, count: usize, cldr: impl Iterator<Item = String>) -> Vec<String> {
        let cldr = cldr.chain(std::iter::repeat(String::new())).take(count).enumerate();
        cldr.map(|(index, name)| self.nth(key, index).map_or(name, str::to_owned)).collect()
    }
}

/// Returns the names of the months; empty if CLDR has none.
fn month_names(tag: &Tag, fields: M) -> impl Iterator<Item = String> {
    let formatter = Formatter::<Gregorian, M>::try_new(tag.into(), fields).ok();
    let dates = (1..=12).filter_map(|month| gregorian(Day::new(2024, month, 1)?));
    dates.filter_map(move |date| Some(formatter.as_ref()?.format(&date).to_string()))
}

/// Returns the names of the days of the week from Monday; empty if CLDR has none.
fn weekday_names(tag: &Tag, fields: E) -> impl Iterator<Item = String> {
    let formatter = Formatter::<Gregorian, E>::try_new(tag.into(), fields).ok();
    // The 1st of January 2024 was a Monday.
    let dates = (1..=7).filter_map(|day| gregorian(Day::new(2024, 1, day)?));
    dates.filter_map(move |date| Some(formatter.as_ref()?.format(&date).to_string()))
}

/// Returns true if CLDR has names of months in a language. Without names, May is `M05`.
fn has_month_names(tag: &Tag) -> bool {
    month_names(tag, M::long()).nth(4).is_some_and(|may| may != "M05")
}

fn gregorian(day: Day) -> Option<Date<Gregorian>> {
    Date::try_new_gregorian(day.year(), day.month() as u8, day.day() as u8).ok()
}

fn format_number(decimal: Option<&DecimalFormatter>, number: i64) -> String {
    decimal.map_or_else(|| number.to_string(), |decimal| decimal.format(&number.into()).to_string())
}

fn name(names: &[String], index: usize) -> &str {
    names.get(index).map_or("", String::as_str)
}

/// Capitalizes the first letter of a text, as in headings: `Mai 2024`.
fn capitalized(text: &str, tag: &Tag) -> String {
    let mut options = TitlecaseOptions::default();
    options.trailing_case = Some(TrailingCase::Unchanged);
    TitlecaseMapper::new().titlecase_segment_to_string(text, &tag.id, options).into_owned()
}

/// A text with the spans of its parts.
#[derive(Default)]
struct FormattedParts {
    text: String,
    spans: Vec<(Part, Range<usize>)>,
}

impl FormattedParts {
    fn part_text(&self, part: Part) -> &str {
        self.spans
            .iter()
            .find(|(candidate, _)| *candidate == part)
            .map_or("", |(_, span)| &self.text[span.clone()])
    }

    /// Returns the text with some of its parts replaced by other words.
    fn replace_parts(&self, replacements: &[(Part, Option<&str>)]) -> String {
        let replacement_for = |part: &Part| {
            replacements
                .iter()
                .find(|(candidate, _)| candidate == part)
                .and_then(|(_, replacement)| *replacement)
        };
        let (mut out, mut copied) = (String::with_capacity(self.text.len()), 0);
        for (part, span) in &self.spans {
            if let Some(replacement) = replacement_for(part) {
                out.push_str(&self.text[copied..span.start]);
                out.push_str(replacement);
                copied = span.end;
            }
        }
        out + &self.text[copied..]
    }
}

impl fmt::Write for FormattedParts {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.text.push_str(text);
        Ok(())
    }
}

impl PartsWrite for FormattedParts {
    type SubPartsWrite = Self;

    fn with_part(
        &mut self,
        part: Part,
        mut write: impl FnMut(&mut Self) -> fmt::Result,
    ) -> fmt::Result {
        let start = self.text.len();
        write(self)?;
        self.spans.push((part, start..self.text.len()));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::templates::Languages;

    fn with_formats<T>(lang: &str, get: impl Fn(&Formats) -> T) -> T {
        get(Languages::load(&BTreeMap::new(), &mut Vec::new()).get(lang).formats())
    }

    fn date(lang: &str, style: DateStyle, (year, month, day): (i32, u32, u32)) -> Option<String> {
        Day::new(year, month, day).map(|day| with_formats(lang, |formats| formats.day(style, day)))
    }

    #[test]
    fn numbers_are_grouped_as_their_readers_group_them() {
        let numbers = |lang| {
            with_formats(lang, |formats| {
                [1_234, 12_345, 1_234_567].map(|number| formats.number(number)).join(" ")
            })
        };
        assert_eq!(numbers("en"), "1,234 12,345 1,234,567");
        assert_eq!(numbers("es"), "1234 12.345 1.234.567");
        assert_eq!(numbers("hi"), "1,234 12,345 12,34,567");
        assert_eq!(numbers("fa"), "۱٬۲۳۴ ۱۲٬۳۴۵ ۱٬۲۳۴٬۵۶۷");
        assert_eq!(
            numbers("sv"),
            "1\u{a0}234 12\u{a0}345 1\u{a0}234\u{a0}567",
            "no words, but numbers"
        );
        assert_eq!(
            with_formats("de", |formats| [0, -7, 999].map(|number| formats.number(number))),
            ["0", "-7", "999"]
        );
        assert_eq!(with_formats("ar-EG", |formats| formats.digits("2024")), "٢٠٢٤");
    }

    #[test]
    fn dates_are_written_as_a_paper_of_the_language_writes_them() {
        let expected = [
            ("en", "Wednesday, May 1, 2024"),
            ("en-GB", "Wednesday, 1 May 2024"),
            ("fr", "Mercredi 1er mai 2024"),
            ("es", "Miércoles, 1 de mayo de 2024"),
            ("de", "Mittwoch, 1. Mai 2024"),
            ("ar", "الأربعاء، 1 مايو 2024"),
            ("fa", "چهارشنبه ۱ مه ۲۰۲۴"),
            ("ur", "بدھ، 1 مئی، 2024"),
            ("hi", "बुधवार, 1 मई, 2024"),
            ("zh", "2024年5月1日星期三"),
            // Languages that the interface has no words in.
            ("pt-BR", "Quarta-feira, 1 de maio de 2024"),
            ("pl", "Środa, 1 maja 2024"),
            ("tr", "1 Mayıs 2024 Çarşamba"),
            // No language that CLDR knows, and no tag at all.
            ("xx", "Wednesday, May 1, 2024"),
            ("no such tag", "Wednesday, May 1, 2024"),
        ];
        for (lang, text) in expected {
            assert_eq!(
                date(lang, DateStyle::Weekday, (2024, 5, 1)).as_deref(),
                Some(text),
                "{lang}"
            );
        }
        assert_eq!(date("fr", DateStyle::Long, (2024, 5, 2)).as_deref(), Some("2 mai 2024"));
        assert_eq!(date("fr", DateStyle::DayMonth, (2024, 5, 1)).as_deref(), Some("1er mai"));
        assert_eq!(date("fr", DateStyle::MonthYear, (2024, 5, 1)).as_deref(), Some("Mai 2024"));
        assert_eq!(date("pl", DateStyle::MonthYear, (2024, 5, 1)).as_deref(), Some("Maj 2024"));
    }

    #[test]
    fn times_use_the_hour_cycle_of_the_language() {
        let times = |lang| {
            with_formats(lang, |formats| {
                [(0, 5), (14, 30)].map(|(hour, minute)| formats.time(hour, minute))
            })
        };
        assert_eq!(times("en"), ["12:05\u{202f}a.m.", "2:30\u{202f}p.m."]);
        assert_eq!(times("en-u-hc-h23"), ["00:05", "14:30"]);
        assert_eq!(times("en-GB"), ["00:05", "14:30"]);
        assert_eq!(times("ko"), ["오전 12:05", "오후 2:30"]);
        assert_eq!(times("fi"), ["0.05", "14.30"]);
        assert_eq!(times("fa"), ["۰:۰۵", "۱۴:۳۰"]);
    }

    #[test]
    fn months_and_days_of_the_week_have_names() {
        assert_eq!(with_formats("fr", |formats| formats.month(2).to_owned()), "Février");
        assert_eq!(with_formats("de", |formats| formats.month_short(10).to_owned()), "Okt");
        assert_eq!(with_formats("es", |formats| formats.weekday_short(6).to_owned()), "dom");
        assert_eq!(with_formats("ar", |formats| formats.weekday_short(0).to_owned()), "ن");
        assert_eq!(
            ["en", "en-GB", "fa", "de"].map(|lang| with_formats(lang, Formats::first_weekday)),
            [6, 0, 5, 0]
        );
        assert_eq!(
            with_formats("ka", |formats| formats.month(5).to_owned()),
            "მაისი",
            "no capitals in a heading"
        );
    }

    #[test]
    fn names_are_joined_as_the_language_joins_them() {
        let list = |lang, names: &[&str]| with_formats(lang, |formats| formats.list(names));
        assert_eq!(
            [list("en", &[]), list("en", &["A"]), list("en", &["A", "B"])],
            ["", "A", "A and B"]
        );
        assert_eq!(list("en", &["A", "B", "C"]), "A, B and C");
        assert_eq!(list("es", &["Ana", "Irene"]), "Ana e Irene");
        assert_eq!(list("pt", &["A", "B", "C"]), "A, B e C");
        assert_eq!(list("zh", &["甲", "乙", "丙"]), "甲、乙和丙");
    }

    #[test]
    fn a_day_is_said_in_other_calendars() {
        let day = Day::new(2024, 11, 5);
        let in_calendar = |lang, calendar| {
            day.and_then(|day| with_formats(lang, |formats| formats.in_calendar(day, calendar)))
        };
        assert_eq!(in_calendar("fa", CalendarSystem::Persian).as_deref(), Some("۱۵ آبان ۱۴۰۳"));
        assert_eq!(in_calendar("en", CalendarSystem::Persian).as_deref(), Some("15 Aban 1403 SH"));
        assert_eq!(
            in_calendar("it", CalendarSystem::IslamicUmalqura).as_deref(),
            Some("03 Jumada I 1446 AH")
        );
    }

    #[test]
    fn a_paper_writes_dates_its_own_way() {
        let formats_with = |yaml: &str| {
            serde_yaml::from_str::<Mapping>(yaml)
                .map(|overrides| Formats::for_language("en", &overrides))
        };
        let long_date = |yaml| {
            formats_with(yaml)
                .ok()
                .zip(Day::new(2024, 5, 1))
                .map(|(formats, day)| formats.day(DateStyle::Long, day))
        };
        assert_eq!(long_date("date_long: '{day} {month} {year}'").as_deref(), Some("1 May 2024"));
        assert_eq!(
            long_date("months: [Jan., Feb., March, April, Mai]").as_deref(),
            Some("Mai 1, 2024")
        );
        assert_eq!(
            long_date("{digits: arab, first_of_month: 1st}").as_deref(),
            Some("May 1st, ٢٠٢٤")
        );
        assert_eq!(long_date("digits: no such digits").as_deref(), Some("May 1, 2024"));
        let time = |yaml| formats_with(yaml).ok().map(|formats| formats.time(14, 30));
        assert_eq!(time("hour_cycle: h23").as_deref(), Some("14:30"));
        assert_eq!(time("day_periods: [am, pm]").as_deref(), Some("2:30\u{202f}pm"));
    }
}
