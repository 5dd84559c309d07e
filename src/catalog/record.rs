//! Records: what one file of `content/` came to, in bytes. Parsing writes them, the catalog is built from them, and the next build takes those of
//! unchanged files as they are.

use std::borrow::Cow;

pub use super::afterwards::{Afterwards, Note, Tombstone};
use super::afterwards::{TOMBSTONE, moment, moment_of, texts};
use crate::model::codec::{Decoder, Encode};
use crate::model::{Fingerprint, Image, Moment};

/// Changes with the layout below, and with what parsing makes of a file.
pub const RECORD_VERSION: u64 = 11;

const ARTICLE: u8 = 1;
const TERM: u8 = 2;
const NOTHING: u8 = 3;

/// What is so or not so of an article.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(u16);

impl Flags {
    /// The date is a day without a time.
    pub const DAY_ONLY: Self = Self(1);
    /// Front matter holds values of the site's own.
    pub const EXTRA: Self = Self(2);
    /// The reaction bar is wanted.
    pub const REACTIONS_ON: Self = Self(4);
    /// The reaction bar is not wanted.
    pub const REACTIONS_OFF: Self = Self(8);

    /// The body links to other stories.
    pub const LINKS: Self = Self(16);

    /// Front matter holds corrections.
    pub const CORRECTED: Self = Self(32);

    /// Front matter holds former addresses.
    pub const ALIASES: Self = Self(64);

    /// The story is not to be found by search.
    pub const SEARCH_OFF: Self = Self(128);

    /// The story was wrong as a whole: its page stays, with a notice.
    pub const RETRACTED: Self = Self(256);

    /// Front matter holds what was added later, or says what became of the story.
    pub const UPDATED: Self = Self(512);

    /// The file's path holds a name that is taken out of the story.
    pub const NAMED_FILE: Self = Self(1 << 15);

    /// What the story was before is not to be shown.
    pub const HISTORY_OFF: Self = Self(1024);

    /// Sets a flag if something is so.
    #[must_use]
    pub fn with(self, flag: Self, so: bool) -> Self {
        if so { Self(self.0 | flag.0) } else { self }
    }

    /// Whether a flag is set.
    pub fn has(self, flag: Self) -> bool {
        self.0 & flag.0 != 0
    }
}

/// A file that an article was found to refer to, or looked for in vain, with its stamp at the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe<'a> {
    /// Whether it is looked for in `static/`; else in `content/`.
    pub in_static: bool,
    /// The path below that folder.
    pub path: &'a str,
    /// The file's stamp; of a missing file, one that says so.
    pub stamp: u64,
    /// Whether it is published with the article.
    pub asset: bool,
}

/// Everything of an article that is kept, for writing it down.
#[derive(Debug, Default)]
pub struct Draft<'a> {
    /// The hash of the file and of the pictures it shows.
    pub content: Fingerprint,
    /// When it was published.
    pub date: Option<Moment>,
    /// The number of its day in the site's time zone.
    pub day: i32,
    /// When it expires, in seconds since 1970.
    pub expires: Option<i64>,
    /// What is so of it.
    pub flags: Flags,
    /// The language.
    pub lang: &'a str,
    /// Taxonomies by number, and names as written.
    pub terms: &'a [(usize, String)],
    /// Files that it refers to.
    pub probes: Vec<(bool, String, u64, bool)>,
    /// Shortcodes that nothing stands for.
    pub shortcodes: &'a [String],
    /// Names that are listed to be taken out of it.
    pub names: &'a [String],
    /// The texts, in the order of [`Text`].
    pub texts: [Option<&'a str>; TEXTS],
    /// The main picture.
    pub image: Option<&'a Image>,
    /// The hash of the file alone.
    pub source: Fingerprint,
    /// How many words the body has, where the site asks for that.
    pub words: u32,
    /// What the body is known by under another name of its file, where the site has a register of permalinks.
    pub text: Option<Fingerprint>,
    /// Where the body begins, in bytes.
    pub body: usize,
    /// When it was last changed.
    pub updated: Option<Moment>,
    /// Stories that the body links to, as written.
    pub links: &'a [String],
    /// Former addresses.
    pub aliases: &'a [String],
    /// Until when it is held back, in seconds since 1970.
    pub embargo: Option<i64>,
    /// What was said of it afterwards.
    pub afterwards: Afterwards<'a>,
}

/// The texts of an article, in the order in which they are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// The address below the site's root.
    Permalink,
    /// The headline.
    Title,
    /// The standfirst.
    Standfirst,
    /// The place of the dateline.
    Place,
    /// The article's own id.
    Id,
    /// Where the story came from.
    Source,
    /// Where it first appeared.
    OriginalUrl,
    /// The id of the story that it is a translation of.
    TranslationOf,
}

/// How many texts there are.
pub const TEXTS: usize = 8;

impl Draft<'_> {
    /// The article's record.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(512);
        out.push(ARTICLE);
        out.fixed(self.content.0);
        let date = self.date.unwrap_or(Moment { seconds: 0, day_only: false });
        out.fixed(date.seconds as u64);
        out.fixed(self.expires.unwrap_or(i64::MAX) as u64);
        out.fixed(self.embargo.unwrap_or(i64::MIN) as u64);
        out.number(self.day as u64);
        out.number(self.flags.with(Flags::DAY_ONLY, date.day_only).0.into());
        out.text(Some(self.lang));
        out.number(self.terms.len() as u64);
        for (taxonomy, name) in self.terms {
            out.number(*taxonomy as u64);
            out.text(Some(name));
        }
        probes(&mut out, &self.probes);
        texts(&mut out, self.shortcodes);
        texts(&mut out, self.names);
        self.encode_kept(&mut out);
        out
    }

    /// What the catalog keeps.
    fn encode_kept(&self, out: &mut Vec<u8>) {
        for text in self.texts {
            out.text(text);
        }
        out.bytes(&encode_image(self.image));
        out.fixed(self.source.0);
        out.extend(self.words.to_le_bytes());
        out.push(u8::from(self.text.is_some()));
        self.text.iter().for_each(|text| out.fixed(text.0));
        out.number(self.body as u64);
        moment(out, self.updated);
        texts(out, self.links);
        texts(out, self.aliases);
        self.afterwards.encode(out);
    }
}

/// An image in bytes; none is written as no bytes.
fn encode_image(image: Option<&Image>) -> Vec<u8> {
    let mut out = Vec::new();
    if let Some(Image { src, alt, caption, credit, size, srcset }) = image {
        [Some(src), Some(alt), caption.as_ref(), credit.as_ref(), srcset.as_ref()]
            .iter()
            .for_each(|text| out.text(text.map(String::as_str)));
        let (width, height) = size.unwrap_or_default();
        out.number(width.into());
        out.number(height.into());
    }
    out
}

fn decode_image(bytes: &[u8]) -> Option<Image> {
    let mut from = Decoder(bytes);
    let (src, alt) = (from.text()?.to_owned(), from.text()?.to_owned());
    let mut optional = || Some(from.optional()?.map(str::to_owned));
    let (caption, credit, srcset) = (optional()?, optional()?, optional()?);
    let size = (u32::try_from(from.number()?).ok()?, u32::try_from(from.number()?).ok()?);
    Some(Image { src, alt, caption, credit, size: Some(size).filter(|size| *size != (0, 0)), srcset })
}

fn probes(out: &mut Vec<u8>, probes: &[(bool, String, u64, bool)]) {
    out.number(probes.len() as u64);
    for (in_static, path, stamp, asset) in probes {
        out.push(u8::from(*in_static) | u8::from(*asset) << 1);
        out.text(Some(path));
        out.fixed(*stamp);
    }
}

/// A record, read.
#[derive(Debug)]
pub enum Record<'a> {
    /// An article.
    Article(ArticleRecord<'a>),
    /// A term's own page.
    Term(TermPage),
    /// A story that was taken down.
    Tombstone(Tombstone),
    /// A file that is no page.
    Nothing,
}

/// An article's record, read as far as the catalog's builder needs it.
#[derive(Debug)]
pub struct ArticleRecord<'a> {
    pub(super) content: Fingerprint,
    /// When it was published.
    pub date: Moment,
    /// When it expires, in seconds since 1970.
    pub expires: i64,
    /// Until when it is held back, likewise.
    pub embargo: i64,
    pub(super) day: i32,
    pub(super) flags: Flags,
    pub(super) lang: &'a str,
    /// Taxonomies by number, and names as written.
    pub terms: Vec<(usize, &'a str)>,
    /// Files that it refers to.
    pub probes: Vec<Probe<'a>>,
    /// Shortcodes that nothing stands for.
    pub shortcodes: Vec<&'a str>,
    /// Names that are listed to be taken out of it.
    pub names: Vec<&'a str>,
    pub(super) kept: &'a [u8],
}

/// What a term's or section's own `_index.md` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermPage {
    /// The number of the taxonomy.
    pub taxonomy: usize,
    /// The key of the term; empty for the taxonomy's own page.
    pub key: String,
    /// The file, relative to `content/`.
    pub path: String,
    /// The name to show.
    pub title: Option<String>,
    /// One sentence about it.
    pub description: Option<String>,
    /// Its picture, such as an author's portrait, with its published address.
    pub image: Option<Image>,
    /// The hash of the file and of the pictures it shows.
    pub content: Fingerprint,
    /// Files that its body refers to: whether in `static/`, the path, the stamp, whether it is published with it.
    pub probes: Vec<(bool, String, u64, bool)>,
    /// Stories that its body links to, as written.
    pub links: Vec<String>,
    /// Shortcodes that nothing stands for.
    pub shortcodes: Vec<String>,
    /// Names that are listed to be taken out of it.
    pub names: Vec<String>,
}

/// What stands in a page's place of the number of a taxonomy if it is the front page's own.
pub const HOME: usize = u32::MAX as usize;

impl TermPage {
    /// The page's record.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![TERM];
        out.number(self.taxonomy as u64);
        for text in [Some(&self.key), Some(&self.path), self.title.as_ref(), self.description.as_ref()] {
            out.text(text.map(String::as_str));
        }
        out.bytes(&encode_image(self.image.as_ref()));
        out.fixed(self.content.0);
        probes(&mut out, &self.probes);
        texts(&mut out, &self.links);
        texts(&mut out, &self.shortcodes);
        texts(&mut out, &self.names);
        out
    }

    fn decode(from: &mut Decoder<'_>) -> Option<Self> {
        let text = |text: Option<&str>| text.map(str::to_owned);
        Some(Self {
            taxonomy: from.number()? as usize,
            key: from.text()?.to_owned(),
            path: from.text()?.to_owned(),
            title: text(from.optional()?),
            description: text(from.optional()?),
            image: decode_image(from.bytes()?),
            content: from.fingerprint()?,
            probes: (0..from.number()?)
                .map(|_| probe(from).map(|p| (p.in_static, p.path.to_owned(), p.stamp, p.asset)))
                .collect::<Option<_>>()?,
            links: from.texts()?.into_iter().map(str::to_owned).collect(),
            shortcodes: from.texts()?.into_iter().map(str::to_owned).collect(),
            names: from.texts()?.into_iter().map(str::to_owned).collect(),
        })
    }
}

impl<'a> Record<'a> {
    /// The record of a file that is no page.
    pub fn nothing() -> Vec<u8> {
        vec![NOTHING]
    }

    /// Reads a record; `None` if it can't have been written.
    pub fn decode(bytes: &'a [u8]) -> Option<Self> {
        let mut from = Decoder(bytes);
        match from.byte()? {
            ARTICLE => ArticleRecord::decode(&mut from).map(Self::Article),
            TERM => TermPage::decode(&mut from).map(Self::Term),
            TOMBSTONE => Tombstone::decode(&mut from).map(Self::Tombstone),
            NOTHING => Some(Self::Nothing),
            _ => None,
        }
    }
}

/// Whether two records are of one article whose body alone differs: nothing that any other page may know of it.
pub fn same_but_for_body(old: &[u8], new: &[u8]) -> bool {
    let Some(Record::Article(record)) = Record::decode(old) else { return false };
    let mut kept = Kept(Decoder(record.kept));
    kept.skip(TEXTS);
    kept.0.bytes();
    // The hashes of the content and of the file, with its words and what its text is known by behind it, are all that may differ.
    let start = old.len() - kept.0.0.len();
    let known = old.get(start + 12);
    let content = 1..9;
    let source = start..start + 13 + if known == Some(&1) { 8 } else { 0 };
    old.len() == new.len()
        && old[0] == new[0]
        && known == new.get(start + 12)
        && old[content.end..source.start] == new[content.end..source.start]
        && old[source.end..] == new[source.end..]
}

/// Whether two records are of one article that stays where it is: in the same order, lists and files, under the same address, with the same links. What lists show
/// of it may differ.
pub fn same_place(old: &[u8], new: &[u8]) -> bool {
    let (Some(Record::Article(old)), Some(Record::Article(new))) = (Record::decode(old), Record::decode(new))
    else {
        return false;
    };
    let place =
        |record: &ArticleRecord<'_>| (record.date, record.expires, record.embargo, record.day, record.flags);
    // The path comes before what is kept.
    let text = |record: &ArticleRecord<'_>, text: Text| {
        let mut kept = Kept(Decoder(record.kept));
        kept.skip(text as usize);
        kept.0.text().unwrap_or_default().to_owned()
    };
    let same = |which: Text| text(&old, which) == text(&new, which);
    let details = |record: &ArticleRecord<'_>| {
        let mut kept = Kept(Decoder(record.kept));
        kept.skip(TEXTS);
        let Details { links, aliases, afterwards, .. } = details(kept.0);
        // Lists of corrections are pages, too.
        let main = record.image().map(|image| image.src);
        ([links, aliases].map(|texts| texts.join("\0")), format!("{afterwards:?}"), main)
    };
    place(&old) == place(&new)
        && (old.lang, &old.terms, &old.probes, &old.shortcodes, &old.names)
            == (new.lang, &new.terms, &new.probes, &new.shortcodes, &new.names)
        && [Text::Permalink, Text::Id, Text::TranslationOf].into_iter().all(same)
        && details(&old) == details(&new)
}

impl<'a> ArticleRecord<'a> {
    /// The main picture, with its published address.
    pub fn image(&self) -> Option<Image> {
        // The path that the catalog puts before the texts isn't here.
        let mut kept = Kept(Decoder(self.kept));
        kept.skip(TEXTS);
        kept.0.bytes().and_then(decode_image)
    }

    fn decode(from: &mut Decoder<'a>) -> Option<Self> {
        let content = from.fingerprint()?;
        let seconds = from.fixed()? as i64;
        let expires = from.fixed()? as i64;
        let embargo = from.fixed()? as i64;
        let day = from.number()? as i32;
        let flags = Flags(from.number()? as u16);
        let lang = from.text()?;
        let count = from.number()?;
        let terms =
            (0..count).map(|_| Some((from.number()? as usize, from.text()?))).collect::<Option<_>>()?;
        let count = from.number()?;
        let probes = (0..count).map(|_| probe(from)).collect::<Option<_>>()?;
        let shortcodes = from.texts()?;
        let names = from.texts()?;
        let date = Moment { seconds, day_only: flags.has(Flags::DAY_ONLY) };
        Some(Self {
            content,
            date,
            expires,
            embargo,
            day,
            flags,
            lang,
            terms,
            probes,
            shortcodes,
            names,
            kept: from.0,
        })
    }
}

fn probe<'a>(from: &mut Decoder<'a>) -> Option<Probe<'a>> {
    let kind = from.byte()?;
    Some(Probe { in_static: kind & 1 != 0, asset: kind & 2 != 0, path: from.text()?, stamp: from.fixed()? })
}

/// What the catalog keeps of an article besides its row, read on demand. It was written by [`Draft::encode`], so nothing can be missing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kept<'a>(pub(super) Decoder<'a>);

impl<'a> Kept<'a> {
    /// The text before the others is the file's path, which the record doesn't hold; none, if it is that of the permalink.
    pub(super) fn path(self) -> Cow<'a, str> {
        let mut first = self.0;
        match first.text() {
            None | Some("") => path_of_permalink(self.text(Text::Permalink)).into(),
            Some(path) => path.into(),
        }
    }

    pub(super) fn text(mut self, text: Text) -> &'a str {
        self.skip(1 + text as usize);
        self.0.text().unwrap_or_default()
    }

    fn skip(&mut self, texts: usize) {
        for _ in 0..texts {
            self.0.bytes();
        }
    }

    fn after_texts(mut self) -> Decoder<'a> {
        self.skip(1 + TEXTS);
        self.0
    }

    pub(super) fn image(self) -> Option<Image> {
        self.after_texts().bytes().and_then(decode_image)
    }

    pub(super) fn details(self) -> Details<'a> {
        details(self.after_texts())
    }
}

/// What follows the texts.
fn details(mut from: Decoder<'_>) -> Details<'_> {
    let mut read = || {
        from.bytes()?;
        let source = from.fingerprint()?;
        let words = u32::from_le_bytes([from.byte()?, from.byte()?, from.byte()?, from.byte()?]);
        let text = if from.byte()? == 1 { Some(from.fingerprint()?) } else { None };
        let body = from.number()? as usize;
        let updated = moment_of(&mut from)?;
        let (links, aliases) = (from.texts()?, from.texts()?);
        let afterwards = Afterwards::decode(&mut from)?;
        Some(Details { source, words, text, body, updated, links, aliases, afterwards })
    };
    read().unwrap_or_default()
}

/// The path of the file that most likely has a permalink.
pub(super) fn path_of_permalink(permalink: &str) -> String {
    format!("{}.md", permalink.trim_matches('/'))
}

/// The first of the texts that are kept: the path, if it isn't that of the permalink. An archive of dated files has all its addresses twice
/// otherwise.
pub(super) fn path_to_keep<'a>(path: &'a str, kept: &[u8]) -> Option<&'a str> {
    let permalink = Decoder(kept).text().unwrap_or_default();
    // As `path_of_permalink`, without making it: this is asked of every story in every build.
    Some(path).filter(|path| path.strip_suffix(".md") != Some(permalink.trim_matches('/')))
}

/// What only an article's own page asks for.
#[derive(Debug, Default)]
pub struct Details<'a> {
    /// The hash of the file.
    pub source: Fingerprint,
    /// How many words the body has; none, if the site doesn't ask for that.
    pub words: u32,
    /// What the body is known by under another name of its file, where the site has a register of permalinks; unsettled if it is too short.
    pub text: Option<Fingerprint>,
    /// Where the body begins in the file, in bytes.
    pub body: usize,
    /// When it was last changed.
    pub updated: Option<Moment>,
    /// Stories that the body links to, as written.
    pub links: Vec<&'a str>,
    /// Former addresses.
    pub aliases: Vec<&'a str>,
    /// What was said of it afterwards.
    pub afterwards: Afterwards<'a>,
}
