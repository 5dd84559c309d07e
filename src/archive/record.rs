//! Records: what one file of `content/` came to, in bytes. Parsing writes them, the catalog is
//! built from them, and the next build takes those of unchanged files as they are.

use std::borrow::Cow;

pub(crate) use super::editorial::{DatedNote, EditorialNotes, Tombstone};
use super::editorial::{TOMBSTONE_TAG, decode_moment, encode_moment, encode_texts};
use crate::model::codec::{Decoder, Encode};
use crate::model::{Fingerprint, Image, Moment};

/// Changes with the layout below, and with what parsing makes of a file.
pub(crate) const RECORD_VERSION: u64 = 11;

const ARTICLE_TAG: u8 = 1;
const TERM_TAG: u8 = 2;
const NOT_A_PAGE_TAG: u8 = 3;

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
    pub const REDACTED_PATH: Self = Self(1 << 15);

    /// What the story was before is not to be shown.
    pub const HISTORY_OFF: Self = Self(1024);

    /// Sets a flag if something is so.
    #[must_use]
    pub fn with(self, flag: Self, condition: bool) -> Self {
        if condition { Self(self.0 | flag.0) } else { self }
    }

    /// Whether a flag is set.
    pub fn contains(self, flag: Self) -> bool {
        self.0 & flag.0 != 0
    }
}

/// A file that an article was found to refer to, or looked for in vain, with its stamp at the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileReference<'a> {
    /// Whether it is looked for in `static/`; else in `content/`.
    pub in_static: bool,
    /// The path below that folder.
    pub path: &'a str,
    /// The file's stamp; of a missing file, one that says so.
    pub stamp: u64,
    /// Whether it is published with the article.
    pub is_asset: bool,
}

/// Everything of an article that is kept, for writing it down.
#[derive(Debug, Default)]
pub(crate) struct NewArticleRecord<'a> {
    /// The hash of the file and of the pictures it shows.
    pub content_hash: Fingerprint,
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
    pub file_references: Vec<(bool, String, u64, bool)>,
    /// Shortcodes that nothing stands for.
    pub shortcodes: &'a [String],
    /// Names that are listed to be taken out of it.
    pub redacted_names: &'a [String],
    /// The texts, in the order of [`Text`].
    pub text_fields: [Option<&'a str>; TEXT_FIELD_COUNT],
    /// The main picture.
    pub image: Option<&'a Image>,
    /// The hash of the file alone.
    pub file_hash: Fingerprint,
    /// How many words the body has, where the site asks for that.
    pub word_count: u32,
    /// What the body is known by under another name of its file, where the site has a register of
    /// permalinks.
    pub body_evidence: Option<Fingerprint>,
    /// Where the body begins, in bytes.
    pub body_start: usize,
    /// When it was last changed.
    pub updated: Option<Moment>,
    /// Stories that the body links to, as written.
    pub links: &'a [String],
    /// Former addresses.
    pub aliases: &'a [String],
    /// Until when it is held back, in seconds since 1970.
    pub embargo: Option<i64>,
    /// What was said of it afterwards.
    pub editorial_notes: EditorialNotes<'a>,
}

/// The texts of an article, in the order in which they are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextField {
    /// The address below the site's root.
    Permalink,
    /// The headline.
    Title,
    /// The standfirst.
    Standfirst,
    /// The place of the dateline.
    DatelineLocation,
    /// The article's own id.
    OwnId,
    /// Where the story came from.
    Source,
    /// Where it first appeared.
    OriginalUrl,
    /// The id of the story that it is a translation of.
    TranslationOf,
}

/// How many texts there are.
pub(crate) const TEXT_FIELD_COUNT: usize = 8;

impl NewArticleRecord<'_> {
    /// The article's record.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(512);
        out.push(ARTICLE_TAG);
        out.fixed_u64(self.content_hash.0);
        let date = self.date.unwrap_or(Moment { seconds: 0, day_only: false });
        out.fixed_u64(date.seconds as u64);
        out.fixed_u64(self.expires.unwrap_or(i64::MAX) as u64);
        out.fixed_u64(self.embargo.unwrap_or(i64::MIN) as u64);
        out.varint(self.day as u64);
        out.varint(self.flags.with(Flags::DAY_ONLY, date.day_only).0.into());
        out.text(Some(self.lang));
        out.varint(self.terms.len() as u64);
        for (taxonomy, name) in self.terms {
            out.varint(*taxonomy as u64);
            out.text(Some(name));
        }
        encode_file_references(&mut out, &self.file_references);
        encode_texts(&mut out, self.shortcodes);
        encode_texts(&mut out, self.redacted_names);
        self.encode_details(&mut out);
        out
    }

    /// What the catalog keeps.
    fn encode_details(&self, out: &mut Vec<u8>) {
        for text in self.text_fields {
            out.text(text);
        }
        out.bytes(&encode_image(self.image));
        out.fixed_u64(self.file_hash.0);
        out.extend(self.word_count.to_le_bytes());
        out.push(u8::from(self.body_evidence.is_some()));
        self.body_evidence.iter().for_each(|text| out.fixed_u64(text.0));
        out.varint(self.body_start as u64);
        encode_moment(out, self.updated);
        encode_texts(out, self.links);
        encode_texts(out, self.aliases);
        self.editorial_notes.encode(out);
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
        out.varint(width.into());
        out.varint(height.into());
    }
    out
}

fn decode_image(bytes: &[u8]) -> Option<Image> {
    let mut decoder = Decoder(bytes);
    let (src, alt) = (decoder.text()?.to_owned(), decoder.text()?.to_owned());
    let mut optional_text = || Some(decoder.optional_text()?.map(str::to_owned));
    let (caption, credit, srcset) = (optional_text()?, optional_text()?, optional_text()?);
    let size = (u32::try_from(decoder.varint()?).ok()?, u32::try_from(decoder.varint()?).ok()?);
    Some(Image {
        src,
        alt,
        caption,
        credit,
        size: Some(size).filter(|size| *size != (0, 0)),
        srcset,
    })
}

fn encode_file_references(out: &mut Vec<u8>, file_references: &[(bool, String, u64, bool)]) {
    out.varint(file_references.len() as u64);
    for (in_static, path, stamp, asset) in file_references {
        out.push(u8::from(*in_static) | u8::from(*asset) << 1);
        out.text(Some(path));
        out.fixed_u64(*stamp);
    }
}

/// A record, read.
#[derive(Debug)]
pub(crate) enum Record<'a> {
    /// An article.
    Article(ArticleRecord<'a>),
    /// A term's own page.
    Term(TermPage),
    /// A story that was taken down.
    Tombstone(Tombstone),
    /// A file that is no page.
    NotAPage,
}

/// An article's record, read as far as the catalog's builder needs it.
#[derive(Debug)]
pub struct ArticleRecord<'a> {
    pub(super) content_hash: Fingerprint,
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
    pub file_references: Vec<FileReference<'a>>,
    /// Shortcodes that nothing stands for.
    pub shortcodes: Vec<&'a str>,
    /// Names that are listed to be taken out of it.
    pub redacted_names: Vec<&'a str>,
    pub(super) encoded_details: &'a [u8],
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
    pub content_hash: Fingerprint,
    /// Files that its body refers to: whether in `static/`, the path, the stamp, whether it is
    /// published with it.
    pub file_references: Vec<(bool, String, u64, bool)>,
    /// Stories that its body links to, as written.
    pub links: Vec<String>,
    /// Shortcodes that nothing stands for.
    pub shortcodes: Vec<String>,
    /// Names that are listed to be taken out of it.
    pub redacted_names: Vec<String>,
}

/// What stands in a page's place of the number of a taxonomy if it is the front page's own.
pub(crate) const HOME_PAGE_TAXONOMY: usize = u32::MAX as usize;

impl TermPage {
    /// The page's record.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![TERM_TAG];
        out.varint(self.taxonomy as u64);
        for text in
            [Some(&self.key), Some(&self.path), self.title.as_ref(), self.description.as_ref()]
        {
            out.text(text.map(String::as_str));
        }
        out.bytes(&encode_image(self.image.as_ref()));
        out.fixed_u64(self.content_hash.0);
        encode_file_references(&mut out, &self.file_references);
        encode_texts(&mut out, &self.links);
        encode_texts(&mut out, &self.shortcodes);
        encode_texts(&mut out, &self.redacted_names);
        out
    }

    fn decode(decoder: &mut Decoder<'_>) -> Option<Self> {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Some(Self {
            taxonomy: decoder.varint()? as usize,
            key: decoder.text()?.to_owned(),
            path: decoder.text()?.to_owned(),
            title: owned(decoder.optional_text()?),
            description: owned(decoder.optional_text()?),
            image: decode_image(decoder.bytes()?),
            content_hash: decoder.fingerprint()?,
            file_references: (0..decoder.varint()?)
                .map(|_| {
                    decode_file_reference(decoder).map(|reference| {
                        (
                            reference.in_static,
                            reference.path.to_owned(),
                            reference.stamp,
                            reference.is_asset,
                        )
                    })
                })
                .collect::<Option<_>>()?,
            links: decoder.texts()?.into_iter().map(str::to_owned).collect(),
            shortcodes: decoder.texts()?.into_iter().map(str::to_owned).collect(),
            redacted_names: decoder.texts()?.into_iter().map(str::to_owned).collect(),
        })
    }
}

impl<'a> Record<'a> {
    /// The record of a file that is no page.
    pub(crate) fn encode_not_a_page() -> Vec<u8> {
        vec![NOT_A_PAGE_TAG]
    }

    /// Reads a record; `None` if it can't have been written.
    pub(crate) fn decode(bytes: &'a [u8]) -> Option<Self> {
        let mut decoder = Decoder(bytes);
        match decoder.byte()? {
            ARTICLE_TAG => ArticleRecord::decode(&mut decoder).map(Self::Article),
            TERM_TAG => TermPage::decode(&mut decoder).map(Self::Term),
            TOMBSTONE_TAG => Tombstone::decode(&mut decoder).map(Self::Tombstone),
            NOT_A_PAGE_TAG => Some(Self::NotAPage),
            _ => None,
        }
    }
}

/// Whether two records are of one article whose body alone differs: nothing that any other page may
/// know of it.
pub(crate) fn equal_except_body(old: &[u8], new: &[u8]) -> bool {
    let Some(Record::Article(record)) = Record::decode(old) else { return false };
    let mut encoded = EncodedArticle(Decoder(record.encoded_details));
    encoded.skip(TEXT_FIELD_COUNT);
    encoded.0.bytes();
    // The hashes of the content and of the file, with its words and what its text is known by
    // behind it, are all that may differ.
    let start = old.len() - encoded.0.0.len();
    let evidence_flag = old.get(start + 12);
    let content_range = 1..9;
    let source_range = start..start + 13 + if evidence_flag == Some(&1) { 8 } else { 0 };
    old.len() == new.len()
        && old[0] == new[0]
        && evidence_flag == new.get(start + 12)
        && old[content_range.end..source_range.start] == new[content_range.end..source_range.start]
        && old[source_range.end..] == new[source_range.end..]
}

/// Whether two records are of one article that stays where it is: in the same order, lists and
/// files, under the same address, with the same links. What lists show of it may differ.
pub(crate) fn keeps_position(old: &[u8], new: &[u8]) -> bool {
    let (Some(Record::Article(old)), Some(Record::Article(new))) =
        (Record::decode(old), Record::decode(new))
    else {
        return false;
    };
    let position = |record: &ArticleRecord<'_>| {
        (record.date, record.expires, record.embargo, record.day, record.flags)
    };
    // The path comes before what is kept.
    let read_text = |record: &ArticleRecord<'_>, field: TextField| {
        let mut encoded = EncodedArticle(Decoder(record.encoded_details));
        encoded.skip(field as usize);
        encoded.0.text().unwrap_or_default().to_owned()
    };
    let same_text = |field: TextField| read_text(&old, field) == read_text(&new, field);
    let listed_details = |record: &ArticleRecord<'_>| {
        let mut encoded = EncodedArticle(Decoder(record.encoded_details));
        encoded.skip(TEXT_FIELD_COUNT);
        let ArticleDetails { links, aliases, editorial_notes, .. } = decode_details(encoded.0);
        // Lists of corrections are pages, too.
        let main_image_src = record.image().map(|image| image.src);
        (
            [links, aliases].map(|texts| texts.join("\0")),
            format!("{editorial_notes:?}"),
            main_image_src,
        )
    };
    position(&old) == position(&new)
        && (old.lang, &old.terms, &old.file_references, &old.shortcodes, &old.redacted_names)
            == (new.lang, &new.terms, &new.file_references, &new.shortcodes, &new.redacted_names)
        && [TextField::Permalink, TextField::OwnId, TextField::TranslationOf]
            .into_iter()
            .all(same_text)
        && listed_details(&old) == listed_details(&new)
}

impl<'a> ArticleRecord<'a> {
    /// The main picture, with its published address.
    pub fn image(&self) -> Option<Image> {
        // The path that the catalog puts before the texts isn't here.
        let mut encoded = EncodedArticle(Decoder(self.encoded_details));
        encoded.skip(TEXT_FIELD_COUNT);
        encoded.0.bytes().and_then(decode_image)
    }

    fn decode(decoder: &mut Decoder<'a>) -> Option<Self> {
        let content_hash = decoder.fingerprint()?;
        let seconds = decoder.fixed_u64()? as i64;
        let expires = decoder.fixed_u64()? as i64;
        let embargo = decoder.fixed_u64()? as i64;
        let day = decoder.varint()? as i32;
        let flags = Flags(decoder.varint()? as u16);
        let lang = decoder.text()?;
        let count = decoder.varint()?;
        let terms = (0..count)
            .map(|_| Some((decoder.varint()? as usize, decoder.text()?)))
            .collect::<Option<_>>()?;
        let count = decoder.varint()?;
        let file_references =
            (0..count).map(|_| decode_file_reference(decoder)).collect::<Option<_>>()?;
        let shortcodes = decoder.texts()?;
        let redacted_names = decoder.texts()?;
        let date = Moment { seconds, day_only: flags.contains(Flags::DAY_ONLY) };
        Some(Self {
            content_hash,
            date,
            expires,
            embargo,
            day,
            flags,
            lang,
            terms,
            file_references,
            shortcodes,
            redacted_names,
            encoded_details: decoder.0,
        })
    }
}

fn decode_file_reference<'a>(decoder: &mut Decoder<'a>) -> Option<FileReference<'a>> {
    let flags = decoder.byte()?;
    Some(FileReference {
        in_static: flags & 1 != 0,
        is_asset: flags & 2 != 0,
        path: decoder.text()?,
        stamp: decoder.fixed_u64()?,
    })
}

/// What the catalog keeps of an article besides its row, read on demand. It was written by
/// [`Draft::encode`], so nothing can be missing.
#[derive(Clone, Copy, Debug)]
pub(super) struct EncodedArticle<'a>(pub(super) Decoder<'a>);

impl<'a> EncodedArticle<'a> {
    /// The text before the others is the file's path, which the record doesn't hold; none, if it is
    /// that of the permalink.
    pub(super) fn path(self) -> Cow<'a, str> {
        let mut first = self.0;
        match first.text() {
            None | Some("") => path_for_permalink(self.text(TextField::Permalink)).into(),
            Some(path) => path.into(),
        }
    }

    pub(super) fn text(mut self, field: TextField) -> &'a str {
        self.skip(1 + field as usize);
        self.0.text().unwrap_or_default()
    }

    fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.0.bytes();
        }
    }

    fn after_texts(mut self) -> Decoder<'a> {
        self.skip(1 + TEXT_FIELD_COUNT);
        self.0
    }

    pub(super) fn image(self) -> Option<Image> {
        self.after_texts().bytes().and_then(decode_image)
    }

    pub(super) fn details(self) -> ArticleDetails<'a> {
        decode_details(self.after_texts())
    }
}

/// What follows the texts.
fn decode_details(mut decoder: Decoder<'_>) -> ArticleDetails<'_> {
    let mut read = || {
        decoder.bytes()?;
        let file_hash = decoder.fingerprint()?;
        let word_count = u32::from_le_bytes([
            decoder.byte()?,
            decoder.byte()?,
            decoder.byte()?,
            decoder.byte()?,
        ]);
        let body_evidence = if decoder.byte()? == 1 { Some(decoder.fingerprint()?) } else { None };
        let body_start = decoder.varint()? as usize;
        let updated = decode_moment(&mut decoder)?;
        let (links, aliases) = (decoder.texts()?, decoder.texts()?);
        let editorial_notes = EditorialNotes::decode(&mut decoder)?;
        Some(ArticleDetails {
            file_hash,
            word_count,
            body_evidence,
            body_start,
            updated,
            links,
            aliases,
            editorial_notes,
        })
    };
    read().unwrap_or_default()
}

/// The path of the file that most likely has a permalink.
pub(super) fn path_for_permalink(permalink: &str) -> String {
    format!("{}.md", permalink.trim_matches('/'))
}

/// The first of the texts that are kept: the path, if it isn't that of the permalink. An archive of
/// dated files has all its addresses twice otherwise.
pub(super) fn path_to_store<'a>(path: &'a str, encoded_details: &[u8]) -> Option<&'a str> {
    let permalink = Decoder(encoded_details).text().unwrap_or_default();
    // As `path_of_permalink`, without making it: this is asked of every story in every build.
    Some(path).filter(|path| path.strip_suffix(".md") != Some(permalink.trim_matches('/')))
}

/// What only an article's own page asks for.
#[derive(Debug, Default)]
pub struct ArticleDetails<'a> {
    /// The hash of the file.
    pub file_hash: Fingerprint,
    /// How many words the body has; none, if the site doesn't ask for that.
    pub word_count: u32,
    /// What the body is known by under another name of its file, where the site has a register of
    /// permalinks; unsettled if it is too short.
    pub body_evidence: Option<Fingerprint>,
    /// Where the body begins in the file, in bytes.
    pub body_start: usize,
    /// When it was last changed.
    pub updated: Option<Moment>,
    /// Stories that the body links to, as written.
    pub links: Vec<&'a str>,
    /// Former addresses.
    pub aliases: Vec<&'a str>,
    /// What was said of it afterwards.
    pub editorial_notes: EditorialNotes<'a>,
}
