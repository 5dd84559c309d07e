//! The body of an article.

use super::front_matter::{ArticleWriter, push_format};
use super::names::{draw_content_word, draw_topic, push_capital, slug, title_case};

impl<'w> ArticleWriter<'w> {
    /// Writes blocks of Markdown until the length is reached, then the footnotes.
    pub(super) fn body(&mut self) {
        let length = self.shape.mean_words * self.rng.log_normal(self.shape.spread);
        self.words_left = length.clamp(15.0, 30_000.0) as i64;
        self.words_since_heading = 0;
        self.used_words.clear();
        while self.words_left > 0 {
            if self.shape.has_varied_blocks {
                self.subheading();
                self.block();
            } else {
                self.paragraph();
            }
            self.text.push('\n');
        }
        for footnote in 1..=self.footnote_count {
            push_format(self.text, format_args!("[^{footnote}]: "));
            self.sentence(12);
            self.text.push('\n');
        }
    }

    fn block(&mut self) {
        match self.rng.below(1000) {
            0..25 => self.block_quote(),
            25..55 => self.list_items(),
            55..67 => self.table(),
            67..85 => self.footnoted_paragraph(),
            85..230 => self.quoted_speech(),
            _ => self.paragraph(),
        }
    }

    fn subheading(&mut self) {
        if self.words_since_heading > 150 && self.words_left > 60 && self.rng.chance(300) {
            self.words_since_heading = 0;
            self.text.push_str("## ");
            let length = self.rng.between(2, 5);
            let heading = draw_topic(&mut self.rng, &self.pools.words, length);
            push_capital(self.text, &heading);
            self.text.push_str("\n\n");
        }
    }

    /// Writes one to four sentences on a line.
    fn paragraph(&mut self) {
        for index in 0..self.rng.between(1, 4) {
            if index > 0 {
                self.text.push(' ');
            }
            let words = self.rng.between(8, 28);
            self.sentence(words);
        }
        self.text.push('\n');
    }

    /// Writes a quotation, and a sentence about it.
    fn quoted_speech(&mut self) {
        let (open, close) = if self.rng.chance(300) { ('“', '”') } else { ('"', '"') };
        self.text.push(open);
        let words = self.rng.between(6, 22);
        self.sentence(words);
        self.text.pop();
        let speaker = self.pools.people.draw(&mut self.rng);
        push_format(self.text, format_args!(",{close} said {speaker}. "));
        let words = self.rng.between(6, 18);
        self.sentence(words);
        self.text.push('\n');
    }

    fn block_quote(&mut self) {
        self.text.push_str("> ");
        self.paragraph();
    }

    fn list_items(&mut self) {
        let ordered = self.rng.chance(250);
        for number in 1..=self.rng.between(3, 6) {
            if ordered {
                push_format(self.text, format_args!("{number}. "));
            } else {
                self.text.push_str("- ");
            }
            let words = self.rng.between(3, 12);
            self.sentence(words);
            self.text.push('\n');
        }
    }

    fn table(&mut self) {
        let (words, rng) = (&self.pools.words, &mut self.rng);
        let headers = [(); 3].map(|()| title_case(draw_content_word(rng, words)));
        push_format(self.text, format_args!("| {} |\n| --- | ---: | --- |\n", headers.join(" | ")));
        let rows = rng.between(3, 7);
        for _ in 0..rows {
            let (first, last) = (draw_content_word(rng, words), draw_content_word(rng, words));
            push_format(self.text, format_args!("| {first} | {} | {last} |\n", rng.below(10_000)));
        }
        self.count_words(3 * (rows + 1));
    }

    fn footnoted_paragraph(&mut self) {
        self.paragraph();
        self.text.pop();
        self.footnote_count += 1;
        push_format(self.text, format_args!("[^{}]\n", self.footnote_count));
    }

    /// Writes a sentence as reporters do: with names, numbers, commas, and sometimes a link.
    fn sentence(&mut self, words: usize) {
        for index in 0..words {
            if index > 0 {
                self.text.push(' ');
            }
            match self.rng.below(1000) {
                0..14 => self.text.push_str(self.pools.people.draw(&mut self.rng)),
                14..26 => self.text.push_str(self.pools.locations.draw(&mut self.rng)),
                26..38 if index > 0 => self.number(),
                38..42 if index > 0 && self.shape.has_varied_blocks => self.link(),
                42..46 if index > 0 && self.shape.has_varied_blocks => self.emphasis(),
                46..90 if index > 3 && index + 3 < words => {
                    let word = self.word();
                    self.text.push_str(word);
                    self.text.push(',');
                }
                _ => {
                    let word = self.word();
                    if index == 0 {
                        push_capital(self.text, word);
                    } else {
                        self.text.push_str(word);
                    }
                }
            }
        }
        self.text.push('.');
        self.count_words(words);
    }

    /// Returns the next word of the body: one that it already contains, a companion of the previous
    /// word, or any other.
    pub(super) fn word(&mut self) -> &'w str {
        let world = self.pools;
        let word = match self.used_words.last() {
            Some(_) if self.rng.chance(260) => {
                self.used_words[self.rng.below(self.used_words.len())]
            }
            Some(&last) if self.rng.chance(450) => world.draw_companion(&mut self.rng, last),
            _ => world.words.rank(&mut self.rng),
        };
        self.used_words.push(word);
        &world.words.names[word]
    }

    /// Writes a sentence without Markdown, for a description. Its words don't count toward the
    /// length.
    pub(super) fn plain_sentence(&mut self, words: usize) {
        push_capital(self.text, self.pools.words.draw(&mut self.rng));
        for _ in 1..words {
            self.text.push(' ');
            self.text.push_str(self.pools.words.draw(&mut self.rng));
        }
        self.text.push('.');
    }

    fn number(&mut self) {
        let number = self.rng.below(10_000) + 2;
        let unit = self.rng.choose(&["", "", "", " percent", " million", "%"]);
        push_format(self.text, format_args!("{number}{unit}"));
    }

    fn link(&mut self) {
        let label = draw_topic(&mut self.rng, &self.pools.words, 2);
        let slug_text = slug(&label);
        push_format(self.text, format_args!("[{label}](https://example.com/{slug_text})"));
    }

    fn emphasis(&mut self) {
        let delimiter = self.rng.choose(&["*", "*", "**"]);
        let word = self.pools.words.draw(&mut self.rng);
        push_format(self.text, format_args!("{delimiter}{word}{delimiter}"));
    }

    fn count_words(&mut self, words: usize) {
        self.words_left -= words as i64;
        self.words_since_heading += words as i64;
    }
}
