//! The archive in numbers: tables with bars for people, JSON and CSV for programs.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::report::Reporter;
use super::stdio;
use crate::cli::args::StatsFormat;
use crate::diagnostics::Diagnostic;
use crate::model::csv::escape_field;
use crate::stats::{Gap, GroupStats, LengthBucket, Stats, YearStats};

/// The width of a table in columns if standard output isn't a terminal, and its limits.
const DEFAULT_WIDTH: usize = 80;
const MIN_WIDTH: usize = 40;
const MAX_WIDTH: usize = 120;

impl Reporter {
    /// Prints the statistics in the given format.
    pub(crate) fn print_stats(
        &self,
        stats: &Stats,
        format: StatsFormat,
        top: usize,
        diagnostics: &[Diagnostic],
    ) {
        self.print_diagnostics(diagnostics);
        let width =
            terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| width.0.into());
        let text = match format {
            StatsFormat::Human => {
                render_text(stats, width.unwrap_or(DEFAULT_WIDTH).clamp(MIN_WIDTH, MAX_WIDTH), top)
            }
            StatsFormat::Json => format!("{}\n", stats_json(stats)),
            StatsFormat::Csv => stats_csv(stats),
        };
        stdio::print(format_args!("{text}"));
    }
}

/// A table with a name and numbers in each row, and a bar for the first of the numbers.
struct Table {
    heading: String,
    columns: Vec<&'static str>,
    rows: Vec<(String, Vec<u64>)>,
    /// The line below the table.
    foot: Option<String>,
}

fn render_text(stats: &Stats, width: usize, top: usize) -> String {
    let mut text = format!("{}\n{}\n", stats.title, totals_text(stats));
    if stats.articles == 0 {
        return text;
    }
    let mut tables = vec![years_table(&stats.years)];
    for taxonomy in &stats.taxonomies {
        let foot = (taxonomy.articles_without > 0)
            .then(|| format!("{} without one", articles_text(taxonomy.articles_without)));
        tables.push(rows_table(&capitalize(&taxonomy.key), &taxonomy.terms, top, foot));
    }
    tables.push(rows_table("Languages", &stats.languages, top, None));
    tables.push(lengths_table(&stats.lengths));
    if !stats.gaps.is_empty() {
        tables.push(gaps_table(&stats.gaps, top));
    }
    tables.iter().for_each(|table| text.push_str(&format!("\n{}", table.render(width))));
    text
}

fn totals_text(stats: &Stats) -> String {
    let Some((first, last)) = stats.span else { return "no articles".into() };
    let mean = stats.words / stats.articles.max(1) as u64;
    let empty_days: u64 = stats.gaps.iter().map(|gap| u64::from(gap.days)).sum();
    let days = (last.number() - first.number() + 1) as u64;
    format!(
        "{} from {} to {}\n\
         {} words: {} per article, median {}\n\
         {} of {} days without an article",
        articles_text(stats.articles),
        first.iso(),
        last.iso(),
        group_digits(stats.words),
        group_digits(mean),
        group_digits(stats.median_words.into()),
        group_digits(empty_days),
        group_digits(days),
    )
}

fn years_table(years: &[YearStats]) -> Table {
    let row = |year: &YearStats| {
        (
            format!("{:04}", year.year),
            vec![year.articles as u64, year.words, year.empty_days.into()],
        )
    };
    Table {
        heading: "Years".into(),
        columns: vec!["articles", "words", "days without"],
        rows: years.iter().map(row).collect(),
        foot: None,
    }
}

fn rows_table(heading: &str, rows: &[GroupStats], top: usize, foot: Option<String>) -> Table {
    let shown =
        rows.iter().take(top).map(|row| (row.name.clone(), vec![row.articles as u64, row.words]));
    let others = rows.len().saturating_sub(top);
    let more = (others > 0).then(|| format!("{} more", group_digits(others as u64)));
    let foot = [more, foot].into_iter().flatten().collect::<Vec<_>>().join("; ");
    Table {
        heading: heading.to_owned(),
        columns: vec!["articles", "words"],
        rows: shown.collect(),
        foot: Some(foot).filter(|foot| !foot.is_empty()),
    }
}

fn lengths_table(lengths: &[LengthBucket]) -> Table {
    let name = |length: &LengthBucket| match length.below {
        Some(below) => format!(
            "{} to {} words",
            group_digits(length.from.into()),
            group_digits(u64::from(below) - 1)
        ),
        None => format!("{} words or more", group_digits(length.from.into())),
    };
    Table {
        heading: "Lengths".into(),
        columns: vec!["articles"],
        rows: lengths.iter().map(|length| (name(length), vec![length.articles as u64])).collect(),
        foot: None,
    }
}

fn gaps_table(gaps: &[Gap], top: usize) -> Table {
    let name = |gap: &Gap| match gap.days {
        1 => gap.from.iso(),
        _ => format!("{} to {}", gap.from.iso(), gap.to.iso()),
    };
    let others = gaps.len().saturating_sub(top);
    Table {
        heading: "Longest gaps".into(),
        columns: vec!["days"],
        rows: gaps.iter().take(top).map(|gap| (name(gap), vec![gap.days.into()])).collect(),
        foot: (others > 0).then(|| format!("{} more", group_digits(others as u64))),
    }
}

impl Table {
    /// Formats the table: names aligned left, numbers aligned right, and bars in the remaining
    /// width.
    fn render(&self, width: usize) -> String {
        let widths: Vec<usize> = (0..self.columns.len()).map(|at| self.column_width(at)).collect();
        let columns_width: usize = widths.iter().map(|width| width + 2).sum();
        let longest = self.rows.iter().map(|(name, _)| name.width()).max().unwrap_or_default();
        let longest = longest.max(self.heading.width());
        // Long names are cut so that the bar has at least eight columns.
        let name_width = longest.min(width.saturating_sub(columns_width + 10).max(8));
        let bar_width = width.saturating_sub(name_width + columns_width + 2);
        let max = self.rows.iter().map(|(_, numbers)| numbers[0]).max().unwrap_or_default();
        let header =
            self.columns.iter().zip(&widths).map(|(name, width)| format!("  {name:>width$}"));
        let mut text = pad_to_width(&self.heading, name_width);
        text.extend(header);
        text.push('\n');
        for (name, row) in &self.rows {
            let mut line = pad_to_width(name, name_width);
            for (number, width) in row.iter().zip(&widths) {
                line.push_str(&format!("  {:>width$}", group_digits(*number)));
            }
            line.push_str(&format!("  {}", draw_bar(row[0], max, bar_width)));
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text.extend(self.foot.iter().map(|foot| format!("{foot}\n")));
        text
    }

    /// The width of a column of numbers.
    fn column_width(&self, at: usize) -> usize {
        let numbers = self.rows.iter().map(|(_, numbers)| group_digits(numbers[at]).len());
        numbers.max().unwrap_or_default().max(self.columns[at].len())
    }
}

/// Draws a bar in eighths of a column; numbers above zero are always visible.
fn draw_bar(number: u64, max: u64, width: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    if max == 0 || number == 0 {
        return String::new();
    }
    let eighths = u128::from(number) * 8 * width as u128 / u128::from(max);
    let eighths = (eighths as usize).max(1);
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

/// Pads a name with spaces, or cuts it, to a display width in columns.
fn pad_to_width(name: &str, width: usize) -> String {
    let full_width = name.width();
    if full_width <= width {
        return format!("{name}{}", " ".repeat(width - full_width));
    }
    let (mut cut, mut taken) = (String::new(), 0);
    for c in name.chars() {
        let char_width = c.width().unwrap_or_default();
        if taken + char_width + 1 > width {
            break;
        }
        cut.push(c);
        taken += char_width;
    }
    format!("{cut}…{}", " ".repeat(width.saturating_sub(taken + 1)))
}

/// Formats a number with thousands separators: `1,234,567`.
fn group_digits(number: u64) -> String {
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

fn articles_text(count: usize) -> String {
    format!("{} {}", group_digits(count as u64), if count == 1 { "article" } else { "articles" })
}

fn capitalize(key: &str) -> String {
    let mut chars = key.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn stats_json(stats: &Stats) -> serde_json::Value {
    let row = |row: &GroupStats| {
        serde_json::json!({
            "key": row.key, "name": row.name, "articles": row.articles, "words": row.words,
        })
    };
    let rows = |rows: &[GroupStats]| rows.iter().map(row).collect::<Vec<_>>();
    let taxonomies = stats.taxonomies.iter().map(|taxonomy| {
        let value = serde_json::json!({
            "without": taxonomy.articles_without, "terms": rows(&taxonomy.terms),
        });
        (taxonomy.key.clone(), value)
    });
    serde_json::json!({
        "title": stats.title,
        "articles": stats.articles,
        "words": stats.words,
        "median_words": stats.median_words,
        "first_day": stats.span.map(|(first, _)| first.iso()),
        "last_day": stats.span.map(|(_, last)| last.iso()),
        "years": stats.years.iter().map(|year| serde_json::json!({
            "year": year.year, "articles": year.articles, "words": year.words,
            "days_without_articles": year.empty_days,
        })).collect::<Vec<_>>(),
        "taxonomies": taxonomies.collect::<serde_json::Map<_, _>>(),
        "languages": rows(&stats.languages),
        "lengths": stats.lengths.iter().map(|length| serde_json::json!({
            "from": length.from, "below": length.below, "articles": length.articles,
        })).collect::<Vec<_>>(),
        "gaps": stats.gaps.iter().map(|gap| serde_json::json!({
            "from": gap.from.iso(), "to": gap.to.iso(), "days": gap.days,
        })).collect::<Vec<_>>(),
    })
}

/// Formats all statistics as one CSV table. The first column of a row is the type of what it
/// counts; columns that don't apply to it are empty.
fn stats_csv(stats: &Stats) -> String {
    let mut text = String::from("counted,key,name,articles,words,days\r\n");
    let mut line = |fields: [&str; 6]| {
        text.push_str(&fields.map(escape_field).join(","));
        text.push_str("\r\n");
    };
    for year in &stats.years {
        let number = format!("{:04}", year.year);
        let (articles, words, days) =
            (year.articles.to_string(), year.words.to_string(), year.empty_days.to_string());
        line(["year", &number, "", &articles, &words, &days]);
    }
    let languages = ("language", &stats.languages);
    let taxonomies =
        stats.taxonomies.iter().map(|taxonomy| (taxonomy.key.as_str(), &taxonomy.terms));
    for (kind, rows) in taxonomies.chain([languages]) {
        for row in rows {
            line([
                kind,
                &row.key,
                &row.name,
                &row.articles.to_string(),
                &row.words.to_string(),
                "",
            ]);
        }
    }
    for length in &stats.lengths {
        let below = length.below.map(|below| below.to_string()).unwrap_or_default();
        line(["length", &length.from.to_string(), &below, &length.articles.to_string(), "", ""]);
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
    fn bars_fill_their_columns() {
        assert_eq!(draw_bar(8, 8, 3), "███");
        assert_eq!(draw_bar(4, 8, 3), "█▌");
        assert_eq!((draw_bar(1, 1_000_000, 3), draw_bar(0, 8, 3)), ("▏".into(), String::new()));
        assert_eq!(draw_bar(u64::MAX, u64::MAX, 2), "██");
    }

    #[test]
    fn names_are_padded_in_every_script() {
        assert_eq!(pad_to_width("abc", 5), "abc  ");
        assert_eq!(pad_to_width("abcdef", 4), "abc…");
        assert_eq!(pad_to_width("新聞社", 5), "新聞…");
        assert_eq!(pad_to_width("新聞社", 4), "新… ");
        assert_eq!(group_digits(1_234_567), "1,234,567");
        assert_eq!(group_digits(123), "123");
    }
}
