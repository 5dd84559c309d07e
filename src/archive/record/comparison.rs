//! Comparisons of the old and the new record of a file. They decide how much a change affects.

use super::article::ArticleRecord;
use super::decoded::Record;
use super::details::{ArticleDetails, DetailParts};
use super::texts::TextField;
use crate::model::codec::Decoder;

/// Returns whether two records are of one article of which only the body's text differs. No other
/// page shows anything of it.
pub(crate) fn equal_except_body(old: &[u8], new: &[u8]) -> bool {
    let (Some(old), Some(new)) = (ArticleParts::split(old), ArticleParts::split(new)) else {
        return false;
    };
    let has_evidence = |parts: &ArticleParts<'_>| parts.details.body_fields.body_evidence.is_some();
    old.metadata == new.metadata
        && old.details.texts_and_image == new.details.texts_and_image
        && old.details.rest == new.details.rest
        && has_evidence(&old) == has_evidence(&new)
}

/// An article's record without the hash of its content, in parts that can be compared.
struct ArticleParts<'a> {
    /// Everything between the hash of the content and the details.
    metadata: &'a [u8],
    details: DetailParts<'a>,
}

impl<'a> ArticleParts<'a> {
    /// Splits the record of an article; returns `None` for any other record.
    fn split(record: &'a [u8]) -> Option<Self> {
        let Some(Record::Article(article)) = Record::decode(record) else { return None };
        let mut metadata = Decoder(record);
        metadata.byte()?;
        metadata.fingerprint()?;
        let metadata = Decoder(article.encoded_details).read_since(metadata);
        Some(Self { metadata, details: article.details().parts()? })
    }
}

/// Returns whether two records are of one article that stays where it is: in the same position in
/// the same lists, with the same files, URL and links. The text that lists show may differ.
pub(crate) fn keeps_position(old: &[u8], new: &[u8]) -> bool {
    let (Some(Record::Article(old)), Some(Record::Article(new))) =
        (Record::decode(old), Record::decode(new))
    else {
        return false;
    };
    let position = |record: &ArticleRecord<'_>| {
        (record.date, record.expires, record.embargo, record.day, record.flags)
    };
    let same_text = |field: TextField| old.details().text(field) == new.details().text(field);
    let listed_details = |record: &ArticleRecord<'_>| {
        let ArticleDetails { links, aliases, editorial_notes, .. } = record.details().decode();
        // The lists of corrections show the notes.
        (
            [links, aliases].map(|texts| texts.join("\0")),
            format!("{editorial_notes:?}"),
            record.image().map(|image| image.src),
        )
    };
    position(&old) == position(&new)
        && (old.lang, &old.terms, &old.file_references, &old.dropped_content, &old.redacted_names)
            == (
                new.lang,
                &new.terms,
                &new.file_references,
                &new.dropped_content,
                &new.redacted_names,
            )
        && [TextField::Permalink, TextField::OwnId, TextField::TranslationOf]
            .into_iter()
            .all(same_text)
        && listed_details(&old) == listed_details(&new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::record::{
        ArticleTexts, DatedNote, EditorialNotes, FileReference, Flags, NewArticleRecord,
    };
    use crate::model::{Fingerprint, Image, Moment, Status};

    /// An article in which every field has a value.
    struct Sample {
        terms: Vec<(usize, String)>,
        texts: Vec<String>,
        image: Image,
    }

    impl Sample {
        fn new() -> Self {
            let image = Image { src: "/a.jpg".into(), alt: "A".into(), ..Image::default() };
            Self { terms: vec![(1, "Iran".into())], texts: vec!["b.md".into()], image }
        }

        fn record(&self) -> NewArticleRecord<'_> {
            let moment = |seconds| Moment { seconds, day_only: false };
            let reference =
                FileReference { in_static: false, path: "a.jpg".into(), stamp: 7, is_asset: true };
            NewArticleRecord {
                content_hash: Fingerprint(1),
                date: Some(moment(1_730_000_000)),
                day: 739_190,
                expires: Some(1_800_000_000),
                embargo: Some(1_730_000_000),
                flags: Flags::LINKS,
                lang: "en",
                terms: &self.terms,
                file_references: vec![reference],
                dropped_content: &self.texts,
                redacted_names: &self.texts,
                texts: ArticleTexts {
                    permalink: "/a/",
                    title: "Title",
                    standfirst: Some("Standfirst"),
                    dateline_location: Some("Lahore"),
                    own_id: Some("a"),
                    source: Some("Agency"),
                    original_url: Some("https://example.com/"),
                    translation_of: Some("b"),
                },
                image: Some(&self.image),
                file_hash: Fingerprint(2),
                word_count: 300,
                body_evidence: Some(Fingerprint(3)),
                body_start: 200,
                updated: Some(moment(1_730_000_001)),
                links: &self.texts,
                aliases: &self.texts,
                editorial_notes: EditorialNotes {
                    corrections: vec![DatedNote { date: None, text: "Four lanes." }],
                    status: Status::Corrected,
                    ..EditorialNotes::default()
                },
            }
        }
    }

    type RecordEdit = fn(&mut NewArticleRecord<'_>);

    /// Changes of fields that depend on the body's text alone.
    const BODY_CHANGES: [(&str, RecordEdit); 5] = [
        ("nothing", |_| {}),
        ("content_hash", |record| record.content_hash = Fingerprint(u64::MAX)),
        ("file_hash", |record| record.file_hash = Fingerprint(u64::MAX)),
        ("word_count", |record| record.word_count = u32::MAX),
        ("body_evidence", |record| record.body_evidence = Some(Fingerprint::DIRTY)),
    ];

    /// Changes of what lists show, but not of the lists themselves.
    const TEASER_CHANGES: [(&str, RecordEdit); 8] = [
        ("no body_evidence", |record| record.body_evidence = None),
        ("body_start", |record| record.body_start = 1),
        ("updated", |record| record.updated = None),
        ("title", |record| record.texts.title = "Other"),
        ("standfirst", |record| record.texts.standfirst = None),
        ("dateline_location", |record| record.texts.dateline_location = None),
        ("source", |record| record.texts.source = None),
        ("original_url", |record| record.texts.original_url = None),
    ];

    /// Changes that may add the article to a list, remove it, or move it.
    const POSITION_CHANGES: [(&str, RecordEdit); 17] = [
        ("date", |record| record.date = None),
        ("day", |record| record.day += 1),
        ("expires", |record| record.expires = None),
        ("embargo", |record| record.embargo = None),
        ("flags", |record| record.flags = Flags::default()),
        ("lang", |record| record.lang = "fr"),
        ("terms", |record| record.terms = &[]),
        ("file_references", |record| record.file_references[0].stamp += 1),
        ("dropped_content", |record| record.dropped_content = &[]),
        ("redacted_names", |record| record.redacted_names = &[]),
        ("permalink", |record| record.texts.permalink = "/b/"),
        ("own_id", |record| record.texts.own_id = None),
        ("translation_of", |record| record.texts.translation_of = None),
        ("image", |record| record.image = None),
        ("links", |record| record.links = &[]),
        ("aliases", |record| record.aliases = &[]),
        ("editorial_notes", |record| record.editorial_notes = EditorialNotes::default()),
    ];

    #[test]
    fn every_change_has_its_effect() {
        let sample = Sample::new();
        let old = sample.record().encode();
        let changes = [
            (&BODY_CHANGES[..], true, true),
            (&TEASER_CHANGES, false, true),
            (&POSITION_CHANGES, false, false),
        ];
        for (changes, is_body, stays) in changes {
            for (name, change) in changes {
                let mut record = sample.record();
                change(&mut record);
                let new = record.encode();
                assert_eq!(equal_except_body(&old, &new), is_body, "{name}");
                assert_eq!(equal_except_body(&new, &old), is_body, "{name}, reversed");
                assert_eq!(keeps_position(&old, &new), stays, "{name}");
            }
        }
    }

    #[test]
    fn records_of_other_types_are_never_equal() {
        let article = Sample::new().record().encode();
        let other = Record::encode_not_a_page();
        for (old, new) in [(&article, &other), (&other, &article), (&other, &other)] {
            assert!(!equal_except_body(old, new) && !keeps_position(old, new));
        }
        assert!(!equal_except_body(&article, &article[..article.len() / 2]));
    }

    #[test]
    fn an_article_is_decoded_as_it_was_encoded() {
        let sample = Sample::new();
        let (expected, bytes) = (sample.record(), sample.record().encode());
        let Some(Record::Article(record)) = Record::decode(&bytes) else { panic!("no article") };
        assert_eq!((Some(record.date), record.day), (expected.date, expected.day));
        assert_eq!(
            (Some(record.expires), Some(record.embargo)),
            (expected.expires, expected.embargo)
        );
        assert_eq!((record.flags, record.lang), (expected.flags, expected.lang));
        assert_eq!(record.terms, [(1, "Iran")]);
        assert_eq!(record.file_references, expected.file_references);
        assert_eq!(
            (record.dropped_content.as_slice(), record.redacted_names.as_slice()),
            (&["b.md"][..], &["b.md"][..])
        );
        assert_eq!(record.image().as_ref(), expected.image);
        let details = record.details().decode();
        assert_eq!((details.file_hash, details.word_count), (expected.file_hash, 300));
        assert_eq!((details.body_evidence, details.body_start), (expected.body_evidence, 200));
        assert_eq!(details.updated, expected.updated);
        assert_eq!((details.links, details.aliases), (vec!["b.md"], vec!["b.md"]));
        assert_eq!(details.editorial_notes, expected.editorial_notes);
    }
}
