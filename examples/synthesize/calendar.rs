//! The calendar: the number of articles of each day.

use super::rng::{Rng, Stream};

/// The archive's last day, 2025-12-31, in days since 1970.
const LAST_DAY: i64 = 20_453;
const DAYS_A_YEAR: f64 = 365.25;

/// One day's edition: the day, the number of its first article, and their count.
pub(super) struct Edition {
    pub(super) day: i64,
    pub(super) first_article: u64,
    pub(super) articles: u64,
}

/// Returns the number of years: 25 from 100,000 articles on, fewer below, and more if a year would
/// have over 100,000 articles.
fn span_years(articles: u64) -> f64 {
    let fourth_root = (articles as f64 / 100_000.0).sqrt().sqrt();
    (25.0 * fourth_root.min(1.0)).max(articles as f64 / 100_000.0)
}

/// Distributes the articles over the days; days without articles are left out.
pub(super) fn editions_by_day(articles: u64, seed: u64) -> Vec<Edition> {
    let mut rng = Rng::new(seed, Stream::Calendar, 0);
    let days = (span_years(articles) * DAYS_A_YEAR) as usize;
    let first_day = LAST_DAY + 1 - days as i64;
    // A small newspaper doesn't appear every day.
    let spread = if articles < 3 * days as u64 { 1.5 } else { 0.4 };
    let weights: Vec<f64> = (0..days)
        .map(|index| {
            day_weight(&mut rng, first_day + index as i64, index as f64 / days as f64, spread)
        })
        .collect();
    let mut counts = vec![0; days];
    let ordinary_articles = articles - assign_busy_days(articles, &mut rng, &mut counts);
    let total: f64 = weights.iter().sum();
    let (mut sum, mut assigned) = (0.0, 0);
    for (count, weight) in counts.iter_mut().zip(&weights) {
        sum += weight;
        let target = ((sum / total * ordinary_articles as f64) as u64).min(ordinary_articles);
        *count += target - assigned;
        assigned = target;
    }
    counts[days - 1] += ordinary_articles - assigned;
    nonempty_editions(first_day, &counts)
}

fn nonempty_editions(first_day: i64, counts: &[u64]) -> Vec<Edition> {
    let mut first_article = 0;
    let mut editions = Vec::with_capacity(counts.len());
    for (day, &articles) in (first_day..).zip(counts).filter(|(_, articles)| **articles > 0) {
        editions.push(Edition { day, first_article, articles });
        first_article += articles;
    }
    editions
}

/// Returns the relative number of articles of an ordinary day: it grows over the years, is low on
/// weekends and holidays, and on some days zero.
fn day_weight(rng: &mut Rng, day: i64, progress: f64, spread: f64) -> f64 {
    let chance = rng.log_normal(spread);
    if rng.chance(20) {
        return 0.0;
    }
    let weekday_factor = match (day + 4).rem_euclid(7) {
        0 => 0.25,
        6 => 0.4,
        _ => 1.0,
    };
    let (_, month, day_of_month) = civil_date(day);
    let holiday = matches!((month, day_of_month), (1, 1) | (12, 25));
    weekday_factor * (0.6 + 0.8 * progress) * chance * if holiday { 0.1 } else { 1.0 }
}

/// Gives a few days of a large archive at least a thousand articles; returns their total.
fn assign_busy_days(articles: u64, rng: &mut Rng, counts: &mut [u64]) -> u64 {
    let mut assigned = 0;
    for busy_day in 0..(articles / 30_000).min(12) {
        let day_articles = if busy_day == 0 { 1_531 } else { rng.between(1_000, 1_600) as u64 };
        counts[rng.below(counts.len())] += day_articles;
        assigned += day_articles;
    }
    assigned
}

/// Year, month and day of a day since 1970 (Howard Hinnant's `civil_from_days`).
pub(super) fn civil_date(day: i64) -> (i64, i64, i64) {
    let shifted_day = day + 719_468;
    let era = shifted_day.div_euclid(146_097);
    let day_of_era = shifted_day.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (day_of_year * 5 + 2) / 153;
    let day_of_month = day_of_year - (month * 153 + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day_of_month)
}
