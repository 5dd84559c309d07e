//! The front matter of an article.

use std::fmt::{self, Write as _};

use super::Shape;
use super::calendar::civil_date;
use super::names::{NamePools, SECTIONS, draw_content_word, push_capital, slug, title_case};
use super::rng::Rng;

/// An article while it is written: first the front matter, then the body.
pub(super) struct ArticleWriter<'w> {
    pub(super) pools: &'w NamePools,
    pub(super) shape: &'w Shape,
    pub(super) rng: Rng,
    pub(super) text: &'w mut String,
    /// The ranks of the body's words so far.
    pub(super) used_words: Vec<usize>,
    /// The number of words until the body is long enough.
    pub(super) words_left: i64,
    /// The number of words since the last cross-heading.
    pub(super) words_since_heading: i64,
    /// The number of footnotes that the body refers to.
    pub(super) footnote_count: usize,
}

impl ArticleWriter<'_> {
    /// Writes the article and returns the slug of its title.
    pub(super) fn write(&mut self, day: i64, progress: f64) -> String {
        self.text.clear();
        let title = self.title();
        self.text.push_str("---\n");
        self.field("title", &title);
        self.dates(day);
        if self.rng.chance(800) {
            self.text.push_str("description: \"");
            let words = self.rng.between(12, 28);
            self.plain_sentence(words);
            self.text.push_str("\"\n");
        }
        let section = self.rng.below(SECTIONS.len()).min(self.rng.below(SECTIONS.len()));
        self.field("section", SECTIONS[section]);
        self.tags(progress);
        self.authors();
        self.places_and_people();
        self.rare_fields();
        self.text.push_str("---\n\n");
        self.body();
        slug(&title)
    }

    fn title(&mut self) -> String {
        let (words, rng) = (&self.pools.words, &mut self.rng);
        let mut title = title_case(draw_content_word(rng, words));
        for _ in 0..rng.between(3, 8) {
            let common = rng.chance(250);
            let word = if common { words.draw(rng) } else { draw_content_word(rng, words) };
            match rng.below(100) {
                0 => title.push_str(", "),
                1 => title.push_str(": "),
                _ => title.push(' '),
            }
            match rng.below(100) {
                0 => title.extend(["‘", word, "’"]),
                1 => title.extend(["\"", word, "\""]),
                2 => title.extend([word, "'s"]),
                3..8 => push_capital(&mut title, word),
                _ => title.push_str(word),
            }
        }
        title
    }

    /// Writes the date, and sometimes a later update. The folder's day is the day in UTC, which can
    /// differ from the day in the time zone of the date.
    fn dates(&mut self, day: i64) {
        let second_of_day = self.rng.between(0, 43_199) + self.rng.between(0, 43_200);
        let published = day * 86_400 + second_of_day as i64;
        let (offset, seconds) = match self.rng.below(20) {
            0 => ("-05:00", -18_000),
            1 => ("+05:30", 19_800),
            2 | 3 => ("+01:00", 3_600),
            4 | 5 => ("Z", 0),
            _ => ("+00:00", 0),
        };
        self.timestamp("date", published + seconds, offset);
        if self.rng.chance(70) {
            let later = self.rng.between(300, 259_200) as i64;
            self.timestamp("updated", published + later + seconds, offset);
        }
    }

    fn timestamp(&mut self, name: &str, local: i64, offset: &str) {
        let (year, month, day) = civil_date(local.div_euclid(86_400));
        let second_of_day = local.rem_euclid(86_400);
        let (hour, minute, second) =
            (second_of_day / 3_600, second_of_day / 60 % 60, second_of_day % 60);
        push_format(
            self.text,
            format_args!(
                "{name}: {year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{offset}\n"
            ),
        );
    }

    /// Writes the tag that every article has and up to seven others; sometimes one is capitalized
    /// differently.
    fn tags(&mut self, progress: f64) {
        let extra_tags = [0, 0, 1, 2, 2, 3, 3, 3, 4, 4, 5, 6, 7][self.rng.below(13)];
        let mut picked = vec![0];
        for _ in 0..extra_tags {
            let tag = self.pools.draw_tag(&mut self.rng, progress);
            if !picked.contains(&tag) {
                picked.push(tag);
            }
        }
        self.text.push_str("tags: [");
        for (index, &tag) in picked.iter().enumerate() {
            self.text.push_str(if index == 0 { "\"" } else { ", \"" });
            let name = &self.pools.tags.names[tag];
            if self.rng.chance(15) {
                push_capital(self.text, name);
            } else {
                self.text.push_str(name);
            }
            self.text.push('"');
        }
        self.text.push_str("]\n");
    }

    /// Writes one or two authors; the most frequent author has an eighth of the archive.
    fn authors(&mut self) {
        let authors = &self.pools.authors;
        let first =
            if self.rng.chance(110) { &authors.names[0] } else { authors.draw(&mut self.rng) };
        let second = self.rng.chance(180).then(|| authors.draw(&mut self.rng));
        let second = second.filter(|name| *name != first);
        self.list("authors", [Some(first), second]);
    }

    fn places_and_people(&mut self) {
        let pools = self.pools;
        let dateline_location = self.rng.chance(700).then(|| pools.locations.draw(&mut self.rng));
        let second_location = self.rng.chance(150).then(|| pools.locations.draw(&mut self.rng));
        self.list(
            "places",
            [dateline_location, second_location.filter(|name| Some(*name) != dateline_location)],
        );
        let person = self.rng.chance(300).then(|| pools.people.draw(&mut self.rng));
        let second_person = self.rng.chance(100).then(|| pools.people.draw(&mut self.rng));
        self.list("people", [person, second_person.filter(|name| Some(*name) != person)]);
        if self.rng.chance(500) {
            let dateline = dateline_location.unwrap_or(&pools.locations.names[0]).to_uppercase();
            self.field("dateline", &dateline);
        }
    }

    fn rare_fields(&mut self) {
        if self.rng.chance(40) {
            let series = self.pools.series.draw(&mut self.rng);
            self.field("series", series);
        }
        if self.rng.chance(30) {
            let language = self.rng.choose(&["en-GB", "en-GB", "fr", "es"]);
            self.field("lang", language);
        }
    }

    /// Writes `name: "value"`, quoted so that YAML reads it as a string.
    fn field(&mut self, name: &str, value: &str) {
        let value = value.replace('\\', "\\\\").replace('"', "\\\"");
        push_format(self.text, format_args!("{name}: \"{value}\"\n"));
    }

    fn list<'n>(&mut self, name: &str, items: [Option<&'n str>; 2]) {
        let items: Vec<&'n str> = items.into_iter().flatten().collect();
        if !items.is_empty() {
            push_format(self.text, format_args!("{name}: {items:?}\n"));
        }
    }
}

/// Adds formatted text to a string, which can't fail.
pub(super) fn push_format(text: &mut String, arguments: fmt::Arguments<'_>) {
    let written = text.write_fmt(arguments);
    debug_assert!(written.is_ok(), "a String takes everything");
}
