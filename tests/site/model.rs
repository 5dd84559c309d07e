//! What each page shows, reckoned from the stories alone and without the program: from what a reader sees on each kind of page. An edit
//! must write exactly the pages on which this differs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::archive::{Changes, Day, Story};

/// Pages by their path, with what they show.
pub(crate) type Shown = BTreeMap<String, String>;

/// The pages that every site has and that show no story.
pub(crate) const FIXED: [&str; 5] =
    ["404.html", "assets/dateline.css", "assets/reactions.js", "favicon.svg", "robots.txt"];

/// What must be written and removed for one archive to become another.
pub(crate) fn difference(old: &Shown, new: &Shown) -> Changes {
    Changes {
        written: new.iter().filter(|(path, shows)| old.get(*path) != Some(*shows)).map(path).collect(),
        removed: old.iter().filter(|(path, _)| !new.contains_key(*path)).map(path).collect(),
    }
}

fn path((path, _): (&String, &String)) -> String {
    path.clone()
}

/// The page of a folder.
fn page(folder: impl std::fmt::Display) -> String {
    format!("{folder}/index.html")
}

/// A term's folder: its taxonomy and its name, as an address.
pub(crate) fn folder(taxonomy: &str, term: &str) -> String {
    format!("{taxonomy}/{}", term.to_lowercase().replace(' ', "-"))
}

/// All that a listing says of a story.
fn teaser(story: &Story) -> String {
    let Story { day, minute, title, standfirst, section, author, .. } = story;
    format!("{} {day:?} {minute} {title} {standfirst} {section} {author}; ", story.page())
}

/// A headline with its date: what a neighbour and an item of a short list show.
fn headline(story: &Story) -> String {
    format!("{} {:?} {}; ", story.page(), story.day, story.title)
}

/// All pages of an archive. The stories are in order of publication.
pub(crate) fn shown(stories: &[Story]) -> Shown {
    assert!(stories.is_sorted());
    let mut pages = Shown::new();
    articles(stories, &mut pages);
    periods(stories, &mut pages);
    calendar(stories, &mut pages);
    terms(stories, &mut pages);
    whole(stories, &mut pages);
    pages
}

fn articles(stories: &[Story], pages: &mut Shown) {
    for (at, story) in stories.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| headline(&stories[at]));
        let after = stories.get(at + 1).map(headline);
        let so_far: String = so_far(stories, at).into_iter().map(|at| headline(&stories[at])).collect();
        let shows = format!("{} before {before:?} after {after:?} so far {so_far}", story.text());
        assert!(pages.insert(story.page(), shows).is_none(), "two stories at {}", story.page());
    }
}

/// The story so far: of the last eight earlier stories with each tag that at most an eighth of all earlier ones has, those five whose tags
/// are rarest in sum, the later before the earlier.
fn so_far(stories: &[Story], at: usize) -> BTreeSet<usize> {
    let mut sums: BTreeMap<usize, usize> = BTreeMap::new();
    for tag in &stories[at].tags {
        let earlier: Vec<usize> = (0..at).filter(|&other| stories[other].tags.contains(tag)).collect();
        if earlier.is_empty() || earlier.len() * 8 > at {
            continue;
        }
        // Sixteen times the binary logarithm of one in how many, between whole ones on a straight line.
        let ratio = at * 256 / earlier.len();
        let whole = (0..64).rfind(|power| ratio >> power > 0).expect("at least eight");
        let weight = 16 * whole + (ratio - (1 << whole)) * 16 / (1 << whole);
        for other in earlier.iter().rev().take(8) {
            *sums.entry(*other).or_default() += weight;
        }
    }
    let mut ranked: Vec<(usize, usize)> = sums.into_iter().map(|(other, sum)| (sum, other)).collect();
    ranked.sort();
    ranked.iter().rev().take(5).map(|(_, other)| *other).collect()
}

/// The tags that most of a term's last sixty stories have too, at least two of them.
fn related(term: &str, filed: &[&Story]) -> Vec<String> {
    let mut counts: BTreeMap<String, i32> = BTreeMap::new();
    let tags = filed.iter().rev().take(60).flat_map(|story| &story.tags);
    tags.filter(|tag| *tag != term).for_each(|tag| *counts.entry(folder("tags", tag)).or_default() -= 1);
    let mut ranked: Vec<(i32, String)> = counts.into_iter().map(|(tag, count)| (count, tag)).collect();
    ranked.sort();
    ranked.into_iter().filter(|(count, _)| *count < -1).take(12).map(|(_, tag)| tag).collect()
}

/// A key, the stories that have it, the keys before and after.
type Run<'a, K> = (K, &'a [Story], Option<K>, Option<K>);

/// The editions of one day of the calendar, newest year first.
type Years<'a> = Vec<(Day, &'a [Story])>;

/// The stories in runs that have a key in common, each with the keys before and after.
fn runs<K: PartialEq>(stories: &[Story], key: impl Fn(&Story) -> K) -> Vec<Run<'_, K>> {
    let chunks: Vec<&[Story]> = stories.chunk_by(|a, b| key(a) == key(b)).collect();
    let key_of = |at: usize| chunks.get(at).map(|chunk| key(&chunk[0]));
    let mut runs = Vec::with_capacity(chunks.len());
    for (at, chunk) in chunks.iter().enumerate() {
        runs.push((key(&chunk[0]), *chunk, at.checked_sub(1).and_then(key_of), key_of(at + 1)));
    }
    runs
}

/// Days, months and years.
fn periods(stories: &[Story], pages: &mut Shown) {
    for ((year, month, day), of_day, before, after) in runs(stories, |story| story.day) {
        let teasers: String = of_day.iter().map(teaser).collect();
        pages.insert(
            page(format_args!("{year}/{month:02}/{day:02}")),
            format!("{teasers} {before:?} {after:?}"),
        );
    }
    let days = |stories: &[Story]| -> Vec<(Day, usize)> {
        runs(stories, |story| story.day).into_iter().map(|(day, of_day, ..)| (day, of_day.len())).collect()
    };
    for ((year, month), of_month, before, after) in runs(stories, |story| (story.day.0, story.day.1)) {
        let leads: String =
            runs(of_month, |story| story.day).iter().map(|(_, of_day, ..)| teaser(&of_day[0])).collect();
        let shows = format!("{:?} {leads} {before:?} {after:?}", days(of_month));
        pages.insert(page(format_args!("{year}/{month:02}")), shows);
    }
    for (year, of_year, before, after) in runs(stories, |story| story.day.0) {
        let months = runs(of_year, |story| story.day.1);
        let first: String =
            months.iter().flat_map(|(_, of_month, ..)| of_month.iter().take(3)).map(headline).collect();
        pages.insert(page(year), format!("{:?} {first} {before:?} {after:?}", days(of_year)));
        let addresses: Vec<(Day, String)> = of_year.iter().map(|story| (story.day, story.page())).collect();
        let last: Vec<u32> = of_year.iter().map(|story| story.minute).collect();
        pages.insert(format!("sitemaps/{year}.xml"), format!("{addresses:?} {last:?}"));
    }
}

/// One day in every year, and their index.
fn calendar(stories: &[Story], pages: &mut Shown) {
    let mut days: BTreeMap<(u32, u32), Years<'_>> = BTreeMap::new();
    for (day, of_day, ..) in runs(stories, |story| story.day) {
        days.entry((day.1, day.2)).or_default().insert(0, (day, of_day));
    }
    let order: Vec<(u32, u32)> = days.keys().copied().collect();
    let counts: Vec<((u32, u32), usize)> =
        days.iter().map(|(day, years)| (*day, years.iter().map(|(_, of_day)| of_day.len()).sum())).collect();
    pages.insert(page("on-this-day"), format!("{counts:?}"));
    for (at, (day, years)) in days.iter().enumerate() {
        let around = [order[(at + order.len() - 1) % order.len()], order[(at + 1) % order.len()]];
        let around = around.map(|other| Some(other).filter(|other| other != day));
        let mut shows = format!("{around:?} ");
        for (day, of_day) in years {
            let first: String = of_day.iter().take(10.min(100 / years.len())).map(teaser).collect();
            write!(shows, "{day:?} {} {first}", of_day.len()).expect("a String takes everything");
        }
        pages.insert(page(format_args!("on-this-day/{:02}-{:02}", day.0, day.1)), shows);
    }
}

/// Terms, their years, their indexes.
fn terms(stories: &[Story], pages: &mut Shown) {
    let mut all: BTreeMap<&str, BTreeMap<&str, Vec<&Story>>> = BTreeMap::new();
    for story in stories {
        for (taxonomy, term) in story.terms() {
            all.entry(taxonomy).or_default().entry(term).or_default().push(story);
        }
    }
    for (taxonomy, terms) in &all {
        let counts: Vec<(&&str, usize)> = terms.iter().map(|(term, filed)| (term, filed.len())).collect();
        pages.insert(page(taxonomy), format!("{counts:?}"));
        for (term, filed) in terms {
            let folder = folder(taxonomy, term);
            let years: Vec<&[&Story]> = filed.chunk_by(|a, b| a.day.0 == b.day.0).collect();
            let counts: Vec<(i32, usize)> = years.iter().map(|of| (of[0].day.0, of.len())).collect();
            let latest: String = filed.iter().rev().take(20).map(|story| teaser(story)).collect();
            let related = related(term, filed);
            pages.insert(page(&folder), format!("{counts:?} {latest} {related:?}"));
            for (at, of_year) in years.iter().enumerate() {
                assert!(of_year.len() <= 100, "the model knows no second page");
                let around = [at.checked_sub(1), Some(at + 1)];
                let around = around.map(|at| at.and_then(|at| counts.get(at)).map(|(year, _)| *year));
                let listed: String = of_year.iter().map(|story| teaser(story)).collect();
                pages.insert(page(format_args!("{folder}/{}", counts[at].0)), format!("{around:?} {listed}"));
            }
        }
    }
}

/// What is made from the whole archive: front page, archive, feed, the index of sitemaps and the one of no year.
fn whole(stories: &[Story], pages: &mut Shown) {
    let latest: Vec<&Story> = stories.iter().rev().take(13).collect();
    let older = &stories[..stories.len().saturating_sub(13)];
    let mut home: String = latest.iter().map(|story| teaser(story)).collect();
    let sections: BTreeSet<&str> = stories.iter().map(|story| story.section.as_str()).collect();
    for section in sections {
        let of = |story: &&Story| story.section == section;
        let band: String = older.iter().rev().filter(of).take(5).map(teaser).collect();
        // A section without a story below the first ones has no band, so its number isn't shown.
        if !band.is_empty() {
            write!(home, "{section} {} {band}", stories.iter().filter(of).count()).expect("it takes it");
        }
    }
    let count = |of: &[Story]| of.len();
    let years: Vec<(i32, usize)> =
        runs(stories, |story| story.day.0).iter().map(|(year, of, ..)| (*year, count(of))).collect();
    pages.insert("index.html".into(), format!("{home} {years:?}"));

    let months: Vec<((i32, u32), usize)> = runs(stories, |story| (story.day.0, story.day.1))
        .iter()
        .map(|(month, of, ..)| (*month, count(of)))
        .collect();
    let terms: BTreeSet<(&str, &str)> = stories.iter().flat_map(Story::terms).collect();
    let number = |taxonomy: &str| terms.iter().filter(|(of, _)| *of == taxonomy).count();
    let numbers = ["sections", "tags", "authors"].map(number);
    pages.insert(page("archive"), format!("{months:?} {numbers:?}"));

    feeds(stories, pages);
    let newest: Vec<(Day, u32)> = runs(stories, |story| story.day.0)
        .iter()
        .filter_map(|(_, of, ..)| of.last().map(|story| (story.day, story.minute)))
        .collect();
    pages.insert("sitemap.xml".into(), format!("{newest:?}"));
    pages.insert("sitemaps/site.xml".into(), format!("{terms:?}"));
}

/// What feeds say of a story.
fn entry(story: &Story) -> String {
    format!("{} {:?}", teaser(story), story.tags)
}

/// The newest stories: of the site, in each section; the sealed months, and the last two days.
fn feeds(stories: &[Story], pages: &mut Shown) {
    let mut put = |folder: &str, names: &[&str], shows: String| {
        for name in names {
            pages.insert(format!("{folder}{name}"), shows.clone());
        }
    };
    let months = runs(stories, |story| (story.day.0, story.day.1));
    for ((year, month), of_month, before, after) in &months {
        assert!(of_month.len() <= 100, "the model knows no second part");
        let entries: String = of_month.iter().map(entry).collect();
        let folder = format!("feeds/{year}/{month:02}");
        put(&folder, &[".xml"], format!("{before:?} {after:?} {entries}"));
        put(&folder, &[".json"], format!("{before:?} {entries}"));
    }
    const FORMS: [&str; 3] = ["feed.xml", "rss.xml", "feed.json"];
    let sealed = months.iter().rev().nth(1).map(|(month, ..)| month);
    let open = months.last().map_or(0, |(_, of_month, ..)| of_month.len());
    let newest = |count: usize| stories.iter().rev().take(count).map(entry).collect::<String>();
    put("", &FORMS[..1], format!("{sealed:?} {}", newest(open.max(30))));
    put("", &FORMS[1..2], newest(open.max(30)));
    put("", &FORMS[2..], format!("{sealed:?} {}", newest(open.max(30))));
    let sections: BTreeSet<&str> = stories.iter().map(|story| story.section.as_str()).collect();
    for section in sections {
        let of = stories.iter().rev().filter(|story| story.section == section);
        put(&format!("{}/", folder("sections", section)), &FORMS, of.take(30).map(entry).collect());
    }
    let last = stories.last().map(minutes).unwrap_or_default();
    let news = stories.iter().filter(|story| last - minutes(story) <= 48 * 60);
    put("sitemaps/", &["news.xml"], news.map(headline).collect());
}

/// The minutes of a story since a day long ago.
fn minutes(story: &Story) -> i64 {
    let (year, month, day) = story.day;
    let date = chrono::NaiveDate::from_ymd_opt(year, month, day).expect("a day");
    i64::from(chrono::Datelike::num_days_from_ce(&date)) * 24 * 60 + i64::from(story.minute)
}
