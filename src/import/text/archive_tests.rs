//! A test of the bodies of real archives: from HTML to Markdown and back, they show the same words
//! in the same order, the same links and the same images.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::difference::Rule;
use super::verify::{Shown, html_words, render, shown};
use super::{Converted, HtmlDialect, Part, html_to_markdown};
use crate::content::browser_url::normalize;
use crate::content::html::{self, Token};
use crate::content::sanitize::sanitize;
use crate::model::permalink::percent_decode_path;

/// The number of texts of which at most one may differ.
const TEXTS_PER_DIFFERENCE: usize = 1000;

#[test]
#[expect(clippy::print_stdout, reason = "a skipped test is reported")]
fn bodies_of_real_archives_show_the_same() {
    let Some(folder) = std::env::var_os("DATELINE_CORPORA") else {
        let reason = "DATELINE_CORPORA doesn't name the folder of the archives";
        println!("skipped: bodies_of_real_archives_show_the_same: {reason}");
        return;
    };
    let mut files = Vec::new();
    list_files(Path::new(&folder), &mut files);
    let texts = files.iter().flat_map(|file| {
        let texts = read_texts(file).into_iter();
        texts.map(move |text| (file, text))
    });
    let (mut count, mut different) = (0, Vec::new());
    for (file, text) in texts {
        count += 1;
        if let Some(difference) = find_difference(&text) {
            different.push(format!("{}: {difference}", file.display()));
        }
    }
    assert!(
        TEXTS_PER_DIFFERENCE * different.len() <= count,
        "{} of {count} texts differ\n{}",
        different.len(),
        different.join("\n")
    );
}

fn list_files(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).expect("the folder is readable");
    for path in entries.map(|entry| entry.expect("the folder is readable").path()) {
        if path.is_dir() {
            list_files(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// Returns the texts in a file that are HTML: the file itself, a rendered article, the strings of
/// JSON, the text of XML.
fn read_texts(path: &Path) -> Vec<String> {
    let text = String::from_utf8_lossy(&fs::read(path).expect("the file is readable")).into_owned();
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let mut texts = Vec::new();
    match extension {
        "html" | "htm" => texts.push(text),
        "md" => {
            let parts = text.strip_prefix("---\n").and_then(|text| text.split_once("\n---\n"));
            texts.extend(render(parts.map_or(&text, |(_, body)| body)));
        }
        "json" => push_strings(&parse_json(&text), &mut texts),
        "jsonl" => text.lines().for_each(|line| push_strings(&parse_json(line), &mut texts)),
        "xml" | "atom" | "rss" | "rdf" => push_xml_texts(&text, &mut texts),
        _ => {}
    }
    let is_json = |text: &str| text.starts_with("{\"") || text.starts_with('[');
    texts.retain(|text| ["</", "<p", "<br"].iter().any(|tag| text.contains(tag)) && !is_json(text));
    texts
}

fn parse_json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or(Value::Null)
}

fn push_strings(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| push_strings(value, texts)),
        Value::Object(fields) => fields.values().for_each(|value| push_strings(value, texts)),
        _ => {}
    }
}

/// Adds the CDATA sections, and the text outside them.
fn push_xml_texts(xml: &str, texts: &mut Vec<String>) {
    let mut parts = xml.split("<![CDATA[");
    let mut outside = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (section, rest) = part.split_once("]]>").unwrap_or((part, ""));
        texts.push(section.to_owned());
        outside.push_str(rest);
    }
    html::tokenize(&outside, |token| {
        if let Token::Text(text) = token {
            texts.push(text.to_owned());
        }
    });
}

/// Returns what differs between a text and its conversion.
fn find_difference(html: &str) -> Option<String> {
    let convert = |dialect| html_to_markdown(html, dialect, &mut |_| None);
    let converted = convert(HtmlDialect::Html);
    for converted in [&converted, &convert(HtmlDialect::WordPress)] {
        let mut differences = converted.differences.iter();
        if let Some(found) = differences.find(|found| found.rule == Rule::Unexplained) {
            return Some(format!("unexplained: -{} +{}", found.removed, found.added));
        }
    }
    let Some(rendered) = render(&converted.markdown) else {
        return Some("nested too deep".to_owned());
    };
    let has_same_words = converted.differences.iter().all(|found| found.part != Part::Text);
    // A parser moves text out of tables.
    let is_moved = || html_words(&sanitize(html)) == html_words(&rendered);
    if has_same_words && html_words(html) != html_words(&rendered) && !is_moved() {
        return Some("other words".to_owned());
    }
    let parts = [Part::Link, Part::Image].into_iter();
    parts.filter_map(|part| find_other_urls(html, &rendered, &converted, part)).next()
}

/// Returns the URLs that differ although no difference explains it.
fn find_other_urls(
    html: &str,
    rendered: &str,
    converted: &Converted,
    part: Part,
) -> Option<String> {
    let after = urls(rendered, part);
    let is_same = |html: &str| {
        let mut before = urls(html, part);
        for found in converted.differences.iter().filter(|found| found.part == part) {
            let removed = comparable(&found.removed);
            let is_addition = found.rule == Rule::Embed;
            let at = before.iter().position(|url| !is_addition && *url == removed);
            at.map(|at| before.remove(at));
            if !found.added.is_empty() {
                before.push(comparable(&found.added));
            }
        }
        before.sort();
        before == after
    };
    // A parser closes and repeats links that aren't closed.
    if is_same(html) || after == urls(&sanitize(html), part) {
        return None;
    }
    Some(format!("other URLs ({part:?})"))
}

/// Returns the sorted URLs of the links to other pages, or of the images.
fn urls(html: &str, part: Part) -> Vec<String> {
    let tokens = shown(html).into_iter().filter_map(|token| match token {
        Shown::Link(url) if part == Part::Link && !url.starts_with('#') => Some(url),
        Shown::Image(url, _) if part == Part::Image => Some(url),
        _ => None,
    });
    let mut urls: Vec<String> = tokens.map(|url| comparable(&url)).collect();
    urls.sort();
    urls
}

/// Returns a URL in the form that is compared: decoded, without spaces and with slashes.
fn comparable(url: &str) -> String {
    let url = percent_decode_path(&normalize(url)).replace('\\', "/");
    url.split_whitespace().collect()
}
