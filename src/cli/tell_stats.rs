//! The archive in numbers: tables with bars for people, JSON and CSV for programs.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::out;
use super::report::Reporter;
use super::stats::Form;
use crate::diagnostic::Diagnostic;
use crate::model::csv::field;
use crate::stats::{Gap, Length, Row, Stats, Year};

/// How wide a table is where nobody says, and how narrow and wide it may be.
const WIDTH: usize = 80;
const NARROWEST: usize = 40;
const WIDEST: usize = 120;

impl Reporter {
    /// Tells what was counted.
    pub(super) fn counted(&self, stats: &Stats, form: Form, top: usize, diagnostics: &[Diagnostic]) {
        self.tell(diagnostics);
        let width = terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| width.0.into());
        let text = match form {
            Form::Human => human(stats, width.unwrap_or(WIDTH).clamp(NARROWEST, WIDEST), top),
            Form::Json => format!("{}\n", json(stats)),
            Form::Csv => csv(stats),
        };
        out::text(format_args!("{text}"));
    }
}

/// A table of one kind of thing: a name, its numbers, and the one that a bar shows.
struct Table {
    heading: String,
    columns: Vec<&'static str>,
    rows: Vec<(String, Vec<u64>)>,
    /// What is said below it.
    foot: Option<String>,
}

fn human(stats: &Stats, width: usize, top: usize) -> String {
    let mut text = format!("{}\n{}\n", stats.title, total(stats));
    if stats.stories == 0 {
        return text;
    }
    let mut tables = vec![years(&stats.years)];
    for register in &stats.registers {
        let foot = (register.without > 0).then(|| format!("{} without any", stories(register.without)));
        tables.push(rows(&capital(&register.key), &register.rows, top, foot));
    }
    tables.push(rows("Languages", &stats.languages, top, None));
    tables.push(lengths(&stats.lengths));
    if !stats.gaps.is_empty() {
        tables.push(gaps(&stats.gaps, top));
    }
    tables.iter().for_each(|table| text.push_str(&format!("\n{}", table.drawn(width))));
    text
}

fn total(stats: &Stats) -> String {
    let Some((first, last)) = stats.span else { return "no stories".into() };
    let mean = stats.words / stats.stories.max(1) as u64;
    let empty: u64 = stats.gaps.iter().map(|gap| u64::from(gap.days)).sum();
    let days = (last.number() - first.number() + 1) as u64;
    format!(
        "{} from {} to {}\n{} words: {} a story, {} in the median\n{} of {} days without a story",
        stories(stats.stories),
        first.iso(),
        last.iso(),
        grouped(stats.words),
        grouped(mean),
        grouped(stats.median_words.into()),
        grouped(empty),
        grouped(days),
    )
}

fn years(years: &[Year]) -> Table {
    let row = |year: &Year| {
        (format!("{:04}", year.year), vec![year.stories as u64, year.words, year.empty_days.into()])
    };
    Table {
        heading: "Years".into(),
        columns: vec!["stories", "words", "days without"],
        rows: years.iter().map(row).collect(),
        foot: None,
    }
}

fn rows(heading: &str, rows: &[Row], top: usize, foot: Option<String>) -> Table {
    let shown = rows.iter().take(top).map(|row| (row.name.clone(), vec![row.stories as u64, row.words]));
    let others = rows.len().saturating_sub(top);
    let more = (others > 0).then(|| format!("{} more", grouped(others as u64)));
    let foot = [more, foot].into_iter().flatten().collect::<Vec<_>>().join("; ");
    Table {
        heading: heading.to_owned(),
        columns: vec!["stories", "words"],
        rows: shown.collect(),
        foot: Some(foot).filter(|foot| !foot.is_empty()),
    }
}

fn lengths(lengths: &[Length]) -> Table {
    let name = |length: &Length| match length.below {
        Some(below) => format!("{} to {} words", grouped(length.from.into()), grouped(u64::from(below) - 1)),
        None => format!("{} words and more", grouped(length.from.into())),
    };
    Table {
        heading: "Lengths".into(),
        columns: vec!["stories"],
        rows: lengths.iter().map(|length| (name(length), vec![length.stories as u64])).collect(),
        foot: None,
    }
}

fn gaps(gaps: &[Gap], top: usize) -> Table {
    let name = |gap: &Gap| match gap.days {
        1 => gap.from.iso(),
        _ => format!("{} to {}", gap.from.iso(), gap.to.iso()),
    };
    let others = gaps.len().saturating_sub(top);
    Table {
        heading: "Longest gaps".into(),
        columns: vec!["days"],
        rows: gaps.iter().take(top).map(|gap| (name(gap), vec![gap.days.into()])).collect(),
        foot: (others > 0).then(|| format!("{} more", grouped(others as u64))),
    }
}

impl Table {
    /// The table as text: names from the left, numbers from the right, and a bar in what is left of the width.
    fn drawn(&self, width: usize) -> String {
        let numbers: Vec<usize> = (0..self.columns.len()).map(|at| self.column(at)).collect();
        let taken: usize = numbers.iter().map(|width| width + 2).sum();
        let longest = self.rows.iter().map(|(name, _)| name.width()).max().unwrap_or_default();
        let longest = longest.max(self.heading.width());
        // Where a name takes too much, the bar is left at least a few places.
        let names = longest.min(width.saturating_sub(taken + 10).max(8));
        let bar = width.saturating_sub(names + taken + 2);
        let most = self.rows.iter().map(|(_, numbers)| numbers[0]).max().unwrap_or_default();
        let head = self.columns.iter().zip(&numbers).map(|(name, width)| format!("  {name:>width$}"));
        let mut text = padded(&self.heading, names);
        text.extend(head);
        text.push('\n');
        for (name, row) in &self.rows {
            let mut line = padded(name, names);
            for (number, width) in row.iter().zip(&numbers) {
                line.push_str(&format!("  {:>width$}", grouped(*number)));
            }
            line.push_str(&format!("  {}", bar_of(row[0], most, bar)));
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text.extend(self.foot.iter().map(|foot| format!("{foot}\n")));
        text
    }

    /// How wide a column of numbers is.
    fn column(&self, at: usize) -> usize {
        let numbers = self.rows.iter().map(|(_, numbers)| grouped(numbers[at]).len());
        numbers.max().unwrap_or_default().max(self.columns[at].len())
    }
}

/// A bar in eighths of a place; whatever isn't nothing shows.
fn bar_of(number: u64, most: u64, width: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    if most == 0 || number == 0 {
        return String::new();
    }
    let eighths = u128::from(number) * 8 * width as u128 / u128::from(most);
    let eighths = (eighths as usize).max(1);
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

/// A name in so many places: filled with blanks, or cut.
fn padded(name: &str, width: usize) -> String {
    let whole = name.width();
    if whole <= width {
        return format!("{name}{}", " ".repeat(width - whole));
    }
    let (mut cut, mut taken) = (String::new(), 0);
    for c in name.chars() {
        let wide = c.width().unwrap_or_default();
        if taken + wide + 1 > width {
            break;
        }
        cut.push(c);
        taken += wide;
    }
    format!("{cut}…{}", " ".repeat(width.saturating_sub(taken + 1)))
}

/// `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn stories(count: usize) -> String {
    format!("{} {}", grouped(count as u64), if count == 1 { "story" } else { "stories" })
}

fn capital(key: &str) -> String {
    let mut chars = key.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn json(stats: &Stats) -> serde_json::Value {
    let row = |row: &Row| serde_json::json!({ "key": row.key, "name": row.name, "stories": row.stories, "words": row.words });
    let rows = |rows: &[Row]| rows.iter().map(row).collect::<Vec<_>>();
    let registers = stats.registers.iter().map(|register| {
        let value = serde_json::json!({ "without": register.without, "terms": rows(&register.rows) });
        (register.key.clone(), value)
    });
    serde_json::json!({
        "title": stats.title,
        "stories": stats.stories,
        "words": stats.words,
        "median_words": stats.median_words,
        "first_day": stats.span.map(|(first, _)| first.iso()),
        "last_day": stats.span.map(|(_, last)| last.iso()),
        "years": stats.years.iter().map(|year| serde_json::json!({
            "year": year.year, "stories": year.stories, "words": year.words, "days_without": year.empty_days,
        })).collect::<Vec<_>>(),
        "registers": registers.collect::<serde_json::Map<_, _>>(),
        "languages": rows(&stats.languages),
        "lengths": stats.lengths.iter().map(|length| serde_json::json!({
            "from": length.from, "below": length.below, "stories": length.stories,
        })).collect::<Vec<_>>(),
        "gaps": stats.gaps.iter().map(|gap| serde_json::json!({
            "from": gap.from.iso(), "to": gap.to.iso(), "days": gap.days,
        })).collect::<Vec<_>>(),
    })
}

/// One table of everything: what is counted, what it is of, and its numbers, of which some are empty.
fn csv(stats: &Stats) -> String {
    let mut text = String::from("counted,key,name,stories,words,days\r\n");
    let mut line = |fields: [&str; 6]| {
        text.push_str(&fields.map(field).join(","));
        text.push_str("\r\n");
    };
    for year in &stats.years {
        let number = format!("{:04}", year.year);
        let (stories, words, days) =
            (year.stories.to_string(), year.words.to_string(), year.empty_days.to_string());
        line(["year", &number, "", &stories, &words, &days]);
    }
    let languages = ("language", &stats.languages);
    let registers = stats.registers.iter().map(|register| (register.key.as_str(), &register.rows));
    for (kind, rows) in registers.chain([languages]) {
        for row in rows {
            line([kind, &row.key, &row.name, &row.stories.to_string(), &row.words.to_string(), ""]);
        }
    }
    for length in &stats.lengths {
        let below = length.below.map(|below| below.to_string()).unwrap_or_default();
        line(["length", &length.from.to_string(), &below, &length.stories.to_string(), "", ""]);
    }
    for gap in &stats.gaps {
        line(["gap", &gap.from.iso(), &gap.to.iso(), "", "", &gap.days.to_string()]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_fill_their_places() {
        assert_eq!(bar_of(8, 8, 3), "███");
        assert_eq!(bar_of(4, 8, 3), "█▌");
        assert_eq!((bar_of(1, 1_000_000, 3), bar_of(0, 8, 3)), ("▏".into(), String::new()));
        assert_eq!(bar_of(u64::MAX, u64::MAX, 2), "██");
    }

    #[test]
    fn names_take_their_places_in_every_script() {
        assert_eq!(padded("abc", 5), "abc  ");
        assert_eq!(padded("abcdef", 4), "abc…");
        assert_eq!(padded("新聞社", 5), "新聞…");
        assert_eq!(padded("新聞社", 4), "新… ");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(grouped(123), "123");
    }
}
