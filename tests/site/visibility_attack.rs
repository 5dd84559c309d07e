//! Articles that must not be published, in every form in which front matter can say so.

use std::path::Path;

use dateline::{BuildOptions, BuildReport, SiteOptions};

use crate::harness::{SETTINGS, article, read_files};
use crate::in_process::{site_dir, try_build_site, write_file};
use crate::visibility::{ALL_OUTPUTS, assert_no_marker, edits};

/// A word of the bodies that must not be published.
const MARKER: &str = "Quonzibar";

/// Statuses with which this program and other systems hide an article.
const STATUSES: [&str; 62] = [
    "unpublished",
    "draft",
    "auto-draft",
    "pending",
    "pending review",
    "review",
    "in review",
    "under_review",
    "needs review",
    "in progress",
    "in-progress",
    "work in progress",
    "wip",
    "unfinished",
    "submitted",
    "assigned",
    "pitch",
    "planned",
    "unpublish",
    "not published",
    "depublished",
    "hidden",
    "private",
    "trash",
    "trashed",
    "removed",
    "deleted",
    "withdrawn",
    "suppressed",
    "embargoed",
    "takedown",
    "taken down",
    "offline",
    "disabled",
    "inactive",
    "expired",
    "spiked",
    "killed",
    "recalled",
    "withheld",
    "on hold",
    "on_hold",
    "held",
    "unlisted",
    "password",
    "protected",
    "password-protected",
    "members",
    "members only",
    "paid",
    "subscribers",
    "tiers",
    "restricted",
    "confidential",
    "internal",
    "sent",
    "rejected",
    "declined",
    "blocked",
    "inherit",
    "spam",
    "0",
];

/// Keys of a status.
const STATUS_KEYS: [&str; 14] = [
    "status",
    "post_status",
    "wp_status",
    "publish_status",
    "publication_status",
    "publication_state",
    "article_status",
    "content_status",
    "workflow_state",
    "moderation_state",
    "pub_status",
    "visibility",
    "state",
    "access",
];

/// Other keys, each with a value that hides the article.
const KEYS: [(&str, &str); 54] = [
    ("draft", "true"),
    ("published", "false"),
    ("embargo", "2999-01-01"),
    ("expires", "2020-01-01"),
    ("expirydate", "2020-01-01"),
    ("unpublishdate", "2020-01-01"),
    ("expiry", "2020-01-01"),
    ("expiration", "2020-01-01"),
    ("publish_down", "2020-01-01"),
    ("unpublish_on", "2020-01-01"),
    ("unpublish_at", "2020-01-01"),
    ("expires_at", "2020-01-01"),
    ("embargo_until", "2999-01-01"),
    ("embargoed_until", "2999-01-01"),
    ("publish_at", "2999-01-01"),
    ("publish_on", "2999-01-01"),
    ("publish_up", "2999-01-01"),
    ("embargo_date", "2999-01-01"),
    ("embargo_end", "2999-01-01"),
    ("go_live_at", "2999-01-01"),
    ("publishdate", "2999-01-01"),
    ("published_at", "2999-01-01"),
    ("publish", "false"),
    ("is_published", "false"),
    ("live", "false"),
    ("is_live", "false"),
    ("is_draft", "true"),
    ("unfinished", "true"),
    ("render", "false"),
    ("public", "false"),
    ("is_public", "false"),
    ("visible", "false"),
    ("is_visible", "false"),
    ("unpublished", "true"),
    ("not_published", "true"),
    ("private", "true"),
    ("is_private", "true"),
    ("hidden", "true"),
    ("hide", "true"),
    ("is_hidden", "true"),
    ("unlisted", "true"),
    ("members_only", "true"),
    ("email_only", "true"),
    ("on_hold", "true"),
    ("withheld", "true"),
    ("embargoed", "true"),
    ("expired", "true"),
    ("deleted", "true"),
    ("removed", "true"),
    ("withdrawn", "true"),
    ("takedown", "true"),
    ("trashed", "true"),
    ("password", "s3cret"),
    ("moderation_state", "archived"),
];

/// Returns an article with lines of YAML.
fn yaml(lines: &str) -> String {
    article(MARKER, "2024-11-05", lines, &format!("{MARKER} text.\n"))
}

fn toml(lines: &str) -> String {
    format!("+++\ntitle = \"{MARKER}\"\ndate = 2024-11-05\n{lines}+++\n{MARKER} text.\n")
}

fn json(fields: &str) -> String {
    format!("{{\"title\": \"{MARKER}\", \"date\": \"2024-11-05\", {fields}}}\n{MARKER} text.\n")
}

/// Returns a text with full-width letters.
fn full_width(text: &str) -> String {
    let widen = |c: char| match c {
        'a'..='z' => char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c),
        c => c,
    };
    text.chars().map(widen).collect()
}

/// Returns a text with Cyrillic letters that look the same.
fn cyrillic(text: &str) -> String {
    let letters = [('a', 'а'), ('e', 'е'), ('o', 'о'), ('p', 'р'), ('c', 'с'), ('i', 'і')];
    let replace =
        |c: char| letters.iter().find(|(latin, _)| *latin == c).map_or(c, |(_, other)| *other);
    text.chars().map(replace).collect()
}

/// Returns a text with an invisible character inside.
fn with_zero_width(text: &str) -> String {
    let (first, rest) = text.split_at(1);
    format!("{first}\u{200b}{rest}")
}

/// Returns another value that would publish the article.
fn harmless(value: &str) -> &'static str {
    match value {
        "true" => "false",
        "false" => "true",
        "2999-01-01" => "2020-01-01",
        "2020-01-01" => "2999-01-01",
        "s3cret" => "''",
        _ => "published",
    }
}

/// Every form of front matter in which a key has a value.
fn forms(key: &str, value: &str) -> Vec<String> {
    let upper = value.to_uppercase();
    let other = harmless(value);
    let quoted_in_json =
        if matches!(value, "true" | "false") { value.to_owned() } else { format!("\"{value}\"") };
    [
        format!("{key}: {value}\n"),
        format!("{key}: '{value}'\n"),
        format!("\"{key}\": \"{value}\" # why\n"),
        format!("{key} : {value} \n"),
        format!("{key}: >-\n  {value}\n"),
        format!("{key}: |\n  {value}\n"),
        format!("{key}:\n  {value}\n"),
        format!("{}: {upper}\n", key.to_uppercase()),
        format!("? {key}\n: {value}\n"),
        format!("{key}: !!str {value}\n"),
        format!("!!str {key}: {value}\n"),
        format!("{key}: !mine {value}\n"),
        format!("{key}: &a {value}\nkicker: *a\n"),
        format!("kicker: &a {value}\n{key}: *a\n"),
        format!("kicker: &k {key}\n*k : {value}\n"),
        format!("<<: {{{key}: {value}}}\n"),
        format!("d: &d\n  {key}: {value}\n<<: *d\n"),
        format!("d: &d {{{key}: {value}}}\ne: &e {{kicker: x}}\n<<: [*e, *d]\n"),
        format!("{key}: {other}\n{key}: {value}\n"),
        format!("{key}: {value}\n{key}: {other}\n"),
        format!("{key}: {other}\n{}: {value}\n", key.to_uppercase()),
        format!("{}: {value}\n", full_width(key)),
        format!("{}: {value}\n", cyrillic(key)),
        format!("{}: {value}\n", with_zero_width(key)),
        format!("\u{a0}{key}: {value}\n"),
        format!("extra:\n  {key}: {value}\n"),
        format!("params: {{{key}: {value}}}\n"),
        format!("extra: {{{key}: {value}, {key}: {other}}}\n"),
        format!("extra: {{<<: {{{key}: {value}}}}}\n"),
        format!("{key}: {value}\nkicker: one: two\n"),
        format!("{key}: !!str {value}\nkicker: one: two\n"),
        format!("kicker: &a {value}\n{key}: *a\nlang: e n\n"),
    ]
    .iter()
    .map(|lines| yaml(lines))
    .chain([
        toml(&format!("{key} = \"{value}\"\n")),
        toml(&format!("'{key}' = '''{value}'''\n")),
        toml(&format!("{} = \"{upper}\"\n", key.to_uppercase())),
        toml(&format!("[extra]\n{key} = \"{value}\"\n")),
        toml(&format!("params.{key} = \"{value}\"\n")),
        json(&format!("\"{key}\": {quoted_in_json}")),
        json(&format!("\"{}\": \"{value}\"", key.to_uppercase())),
        json(&format!("\"{key}\": {quoted_in_json}, \"{key}\": \"{}\"", harmless(value))),
        json(&format!("\"extra\": {{\"{key}\": {quoted_in_json}}}")),
        json(&format!("\"\\u00{:x}{}\": {quoted_in_json}", key.as_bytes()[0], &key[1..])),
    ])
    .collect()
}

/// The forms of a status that aren't valid, but must not publish the article.
fn status_forms(key: &str, value: &str) -> Vec<String> {
    [
        format!("{key}: [{value}]\n"),
        format!("{key}:\n  - {value}\n"),
        format!("{key}: {{is: {value}}}\n"),
        format!("{key}: {}\n", full_width(value)),
        format!("{key}: {}\n", cyrillic(value)),
        format!("{key}: {}\n", with_zero_width(value)),
        format!("{key}: \"{}\"\n", with_zero_width(value).to_uppercase()),
        format!("<<: {{{key}: {}}}\n", full_width(value)),
    ]
    .iter()
    .map(|lines| yaml(lines))
    .chain([toml(&format!("{key} = [\"{value}\"]\n")), json(&format!("\"{key}\": [\"{value}\"]"))])
    .collect()
}

fn build(root: &Path) -> BuildReport {
    let options = SiteOptions::new(root);
    try_build_site(root, &options, &BuildOptions::default()).expect("there is no I/O error")
}

/// Builds a site with articles that were published before, and of which none may be now.
#[track_caller]
fn assert_none_is_published(sources: &[String]) {
    let folder = site_dir(&[("content/good.md", &article("Good", "2024-11-05", "", "Good.\n"))]);
    let root = folder.path();
    write_file(root, "site.yaml", format!("{SETTINGS}{ALL_OUTPUTS}"));
    // A mistake without a takedown keeps the last good page.
    for number in 0..sources.len() {
        write_file(root, &format!("content/p{number}.md"), yaml(""));
    }
    assert_eq!(build(root).articles, sources.len() + 1);
    for (number, source) in sources.iter().enumerate() {
        write_file(root, &format!("content/p{number}.md"), source);
    }
    let report = build(root);
    let pages = read_files(&root.join("public"));
    let leaked: Vec<&String> = (0..sources.len())
        .filter(|number| {
            let page = pages.get(&format!("2024/11/05/p{number}/index.html"));
            page.is_some_and(|page| String::from_utf8_lossy(page).contains(MARKER))
        })
        .map(|number| &sources[number])
        .collect();
    let count = leaked.len();
    assert!(leaked.is_empty(), "{count} are published: {:#?}", &leaked[..count.min(40)]);
    assert_eq!(report.articles, 1);
    assert_no_marker(&root.join("public"), MARKER);
}

#[test]
fn no_form_of_a_status_is_published() {
    let mut sources = Vec::new();
    for (number, status) in STATUSES.iter().enumerate() {
        let key = STATUS_KEYS[number % STATUS_KEYS.len()];
        for key in ["status", key] {
            sources.extend(forms(key, status));
            sources.extend(status_forms(key, status));
        }
    }
    // A number has no letters that look like others.
    sources.retain(|source| !source.contains("0\u{200b}"));
    assert_none_is_published(&sources);
}

#[test]
fn no_form_of_a_key_is_published() {
    let sources: Vec<String> = KEYS.iter().flat_map(|(key, value)| forms(key, value)).collect();
    assert!(sources.len() > 2_000);
    assert_none_is_published(&sources);
}

/// Every form again, for a sample of misspelled statuses and keys.
#[test]
fn no_form_of_a_misspelled_takedown_is_published() {
    let is_long = |key: &str| key.chars().filter(|c| c.is_alphabetic()).count() >= 5;
    let statuses =
        STATUSES.iter().filter(|status| status.len() >= 5).flat_map(|status| edits(status));
    let mut sources: Vec<String> = statuses
        .enumerate()
        .step_by(397)
        .flat_map(|(number, status)| {
            let key = STATUS_KEYS[number % (STATUS_KEYS.len() - 2)];
            [forms(key, &status), status_forms(key, &status)].concat()
        })
        .collect();
    let keys = KEYS.iter().flat_map(|(key, value)| {
        // A key with fewer letters is too common.
        let edited = if is_long(key) { edits(key) } else { Default::default() };
        edited.into_iter().map(move |misspelled| (misspelled, *value))
    });
    let keys = keys.filter(|(key, _)| is_long(key)).step_by(409);
    sources.extend(keys.flat_map(|(key, value)| forms(&key, value)));
    assert_none_is_published(&sources);
}

/// Redactions without a name, under a key that isn't read, or in a map.
const REDACTIONS: &[&str] = &[
    "redact: \"\"",
    "redact:",
    "redact: ~",
    "redact: []",
    "redact: [\"\"]",
    "redact: [~]",
    "redact: [Jane Roe, \"\"]",
    "redact:\n  - Jane Roe\n  -",
    "redact: ' '",
    "redact: !!null",
    "redact: {}",
    "Redact:",
    "<<: {redact: }",
    "<<: {redact: ''}",
    "redact_names: [Jane Roe]",
    "redact_names:",
    "redactions: [Jane Roe]",
    "redactions:",
    "redactNames: Jane Roe",
    "redacted: [Jane Roe]",
    "redactoins: [Jane Roe]",
    "ｒｅｄａｃｔ: [Jane Roe]",
    "rеdact: [Jane Roe]",
    "names_to_redact: [Jane Roe]",
    "anonymise: [Jane Roe]",
    "extra: {redact: [Jane Roe]}",
    "extra: {redact: }",
    "extra:\n  redact_names: [Jane Roe]",
    "params: {redact: Jane Roe}",
    "params: {privacy: {redact: [Jane Roe]}}",
    "meta: [{redactions: [Jane Roe]}]",
    "Extra: {Redact: [Jane Roe]}",
    "redact: true",
    "redact: [[Jane Roe]]",
    "redact: [{a: b}]",
];

#[test]
fn no_redaction_that_is_not_applied_is_published() {
    let mut sources: Vec<String> =
        REDACTIONS.iter().map(|line| yaml(&format!("{line}\n"))).collect();
    sources.extend(
        [
            "redact = \"\"",
            "redact = []",
            "redact = [\"\"]",
            "redactions = [\"Jane Roe\"]",
            "[extra]\nredact = [\"Jane Roe\"]",
            "[redact]\nnames = [\"Jane Roe\"]",
        ]
        .map(|line| toml(&format!("{line}\n"))),
    );
    sources.extend(
        [
            "\"redact\": null",
            "\"redact\": \"\"",
            "\"redact\": [null]",
            "\"extra\": {\"redact\": [\"Jane Roe\"]}",
            "\"r\\u0065dact\": []",
        ]
        .map(json),
    );
    assert_none_is_published(&sources);
}
