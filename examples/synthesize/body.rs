//! A story's body.

use super::front_matter::{Story, put};
use super::names::{content_word, push_capital, slug, title_case, topic};

impl<'w> Story<'w> {
    /// Blocks of Markdown until the length is reached, then the footnotes.
    pub(super) fn body(&mut self) {
        let length = self.shape.mean_words * self.rng.log_normal(self.shape.spread);
        self.left = length.clamp(15.0, 30_000.0) as i64;
        self.unheaded = 0;
        self.used.clear();
        while self.left > 0 {
            if self.shape.varied {
                self.cross_heading();
                self.block();
            } else {
                self.paragraph();
            }
            self.text.push('\n');
        }
        for note in 1..=self.notes {
            put(self.text, format_args!("[^{note}]: "));
            self.sentence(12);
            self.text.push('\n');
        }
    }

    fn block(&mut self) {
        match self.rng.below(1000) {
            0..25 => self.block_quote(),
            25..55 => self.items(),
            55..67 => self.table(),
            67..85 => self.footnoted(),
            85..230 => self.quotation(),
            _ => self.paragraph(),
        }
    }

    fn cross_heading(&mut self) {
        if self.unheaded > 150 && self.left > 60 && self.rng.chance(300) {
            self.unheaded = 0;
            self.text.push_str("## ");
            let length = self.rng.between(2, 5);
            let heading = topic(&mut self.rng, &self.world.words, length);
            push_capital(self.text, &heading);
            self.text.push_str("\n\n");
        }
    }

    /// One to four sentences on a line.
    fn paragraph(&mut self) {
        for at in 0..self.rng.between(1, 4) {
            if at > 0 {
                self.text.push(' ');
            }
            let words = self.rng.between(8, 28);
            self.sentence(words);
        }
        self.text.push('\n');
    }

    /// What somebody said, and what follows from it.
    fn quotation(&mut self) {
        let (open, close) = if self.rng.chance(300) { ('“', '”') } else { ('"', '"') };
        self.text.push(open);
        let words = self.rng.between(6, 22);
        self.sentence(words);
        self.text.pop();
        let speaker = self.world.people.draw(&mut self.rng);
        put(self.text, format_args!(",{close} said {speaker}. "));
        let words = self.rng.between(6, 18);
        self.sentence(words);
        self.text.push('\n');
    }

    fn block_quote(&mut self) {
        self.text.push_str("> ");
        self.paragraph();
    }

    fn items(&mut self) {
        let ordered = self.rng.chance(250);
        for at in 1..=self.rng.between(3, 6) {
            if ordered {
                put(self.text, format_args!("{at}. "));
            } else {
                self.text.push_str("- ");
            }
            let words = self.rng.between(3, 12);
            self.sentence(words);
            self.text.push('\n');
        }
    }

    fn table(&mut self) {
        let (words, rng) = (&self.world.words, &mut self.rng);
        let heads = [(); 3].map(|()| title_case(content_word(rng, words)));
        put(self.text, format_args!("| {} |\n| --- | ---: | --- |\n", heads.join(" | ")));
        let rows = rng.between(3, 7);
        for _ in 0..rows {
            let (first, last) = (content_word(rng, words), content_word(rng, words));
            put(self.text, format_args!("| {first} | {} | {last} |\n", rng.below(10_000)));
        }
        self.count(3 * (rows + 1));
    }

    fn footnoted(&mut self) {
        self.paragraph();
        self.text.pop();
        self.notes += 1;
        put(self.text, format_args!("[^{}]\n", self.notes));
    }

    /// A sentence as reporters write it: names, numbers, commas, now and then a link.
    fn sentence(&mut self, words: usize) {
        for at in 0..words {
            if at > 0 {
                self.text.push(' ');
            }
            match self.rng.below(1000) {
                0..14 => self.text.push_str(self.world.people.draw(&mut self.rng)),
                14..26 => self.text.push_str(self.world.places.draw(&mut self.rng)),
                26..38 if at > 0 => self.figure(),
                38..42 if at > 0 && self.shape.varied => self.link(),
                42..46 if at > 0 && self.shape.varied => self.emphasis(),
                46..90 if at > 3 && at + 3 < words => {
                    let word = self.word();
                    self.text.push_str(word);
                    self.text.push(',');
                }
                _ => {
                    let word = self.word();
                    if at == 0 { push_capital(self.text, word) } else { self.text.push_str(word) }
                }
            }
        }
        self.text.push('.');
        self.count(words);
    }

    /// The next word of the body: one of its own again, one that goes with the word before, or any.
    pub(super) fn word(&mut self) -> &'w str {
        let world = self.world;
        let word = match self.used.last() {
            Some(_) if self.rng.chance(260) => self.used[self.rng.below(self.used.len())],
            Some(&last) if self.rng.chance(450) => world.companion(&mut self.rng, last),
            _ => world.words.rank(&mut self.rng),
        };
        self.used.push(word);
        &world.words.names[word]
    }

    /// A sentence without Markdown, for a description. It counts for nothing.
    pub(super) fn plain_sentence(&mut self, words: usize) {
        push_capital(self.text, self.world.words.draw(&mut self.rng));
        for _ in 1..words {
            self.text.push(' ');
            self.text.push_str(self.world.words.draw(&mut self.rng));
        }
        self.text.push('.');
    }

    fn figure(&mut self) {
        let figure = self.rng.below(10_000) + 2;
        let unit = self.rng.one_of(&["", "", "", " percent", " million", "%"]);
        put(self.text, format_args!("{figure}{unit}"));
    }

    fn link(&mut self) {
        let label = topic(&mut self.rng, &self.world.words, 2);
        let address = slug(&label);
        put(self.text, format_args!("[{label}](https://example.com/{address})"));
    }

    fn emphasis(&mut self) {
        let mark = self.rng.one_of(&["*", "*", "**"]);
        let word = self.world.words.draw(&mut self.rng);
        put(self.text, format_args!("{mark}{word}{mark}"));
    }

    fn count(&mut self, words: usize) {
        self.left -= words as i64;
        self.unheaded += words as i64;
    }
}
