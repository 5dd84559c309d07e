//! Redacted names in disguised spellings: however a name is written, no output contains it.

use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization as _;

use crate::harness::{SETTINGS, read_files};
use crate::in_process;
use crate::redaction::{decoded_texts, folded_letters, png, strip_tags};

/// Generates disguised spellings of a letter.
fn letter_spellings(letter: char) -> impl Strategy<Value = String> {
    let code = letter as u32;
    let percents: String = letter.to_string().bytes().map(|byte| format!("%{byte:02x}")).collect();
    let decomposed: String = letter.nfd().collect();
    proptest::sample::select(vec![
        letter.to_string(),
        letter.to_uppercase().collect(),
        format!("&#{code};"),
        format!("&#x{code:X};"),
        format!("&amp;#{code};"),
        percents,
        decomposed,
        format!("{letter}\u{301}\u{327}"),
        format!("{letter}\u{ad}"),
        format!("\u{200b}{letter}"),
    ])
}

/// Generates separators of two letters of a word: anything that isn't read as a letter.
fn letter_separators() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec!["", "", "", "", "**", "<b></b>", "\u{200d}"])
}

/// Generates separators of two words.
fn word_separators() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        " ",
        "-",
        "_",
        "\n",
        "\n> ",
        "&nbsp;",
        "%20",
        "</i> <i title=\"long enough to be more\">",
        " **",
        ".",
        "",
        " <!-- a comment of some length --> ",
    ])
}

/// Generates disguised spellings of a name.
fn hostile_spelling() -> impl Strategy<Value = String> {
    let spelled_word = |word: &str| {
        let letters: Vec<_> =
            word.chars().map(|letter| (letter_spellings(letter), letter_separators())).collect();
        letters.prop_map(|letters| {
            letters.into_iter().map(|(letter, seam)| letter + seam).collect::<String>()
        })
    };
    (spelled_word("Zörblax"), word_separators(), spelled_word("Quimby"))
        .prop_map(|(first, gap, second)| format!("{first}{gap}{second}"))
}

/// Builds a site with an article that contains a name in three spellings: no output contains the
/// name, and the program's audit agrees.
fn check_spellings(body: &str, alt: &str, title: &str) -> Result<(), TestCaseError> {
    let yaml = title.replace('\n', " ").replace(['"', '\\'], " ");
    let alt = alt.replace('\n', " ");
    let text = format!(
        "---\ntitle: \"On {yaml}\"\ndate: 2024-11-05\nredact: [Zörblax Quimby]\n\
         tags: [\"{yaml}\"]\n---\nThen {body} said.\n\n![{alt}](x.png)\n"
    );
    let folder = in_process::site_dir(&[("content/a.md", &text)]);
    let settings = format!("{SETTINGS}feeds: {{full_text: true}}\nsearch: true\n");
    in_process::write_file(folder.path(), "site.yaml", settings);
    in_process::write_file(folder.path(), "content/x.png", png(30));
    let report = in_process::build_site(folder.path());
    let mut codes = in_process::reported_codes(&report);
    codes.retain(|code| *code != "missing-image");
    prop_assert!(codes.is_empty(), "{codes:?}\n{text}");
    for (path, bytes) in read_files(&folder.path().join("public")) {
        prop_assert!(
            !contains_full_name(path.as_bytes()) && !contains_full_name(&bytes),
            "{path}\n{text}\n{}",
            String::from_utf8_lossy(&bytes)
        );
    }
    Ok(())
}

fn contains_full_name(bytes: &[u8]) -> bool {
    let contains = |text: &str| folded_letters(text).contains("zorblaxquimby");
    decoded_texts(bytes).iter().any(|text| contains(&strip_tags(text)) || contains(text))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_spelling_of_a_name_is_published(
        body in hostile_spelling(),
        alt in hostile_spelling(),
        title in hostile_spelling(),
    ) {
        check_spellings(&body, &alt, &title)?;
    }
}
