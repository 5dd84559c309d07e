//! The files, and the threads that write them.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use super::Options;
use super::calendar::{Edition, civil_date, editions_by_day};
use super::front_matter::ArticleWriter;
use super::names::NamePools;
use super::rng::{Rng, Stream};

const SITE_YAML: &str = "\
# A synthetic archive, written by `cargo run --release --example synthesize`.
title: Synthetic Archive
base_url: https://example.org
language: en
time_zone: UTC
";

/// Writes the archive and returns a one-line summary.
pub(super) fn synthesize(options: &Options) -> Result<String, String> {
    let content = options.output_dir.join("content");
    if content.exists() {
        return Err(format!(
            "{} exists already; remove it or choose another --out",
            content.display()
        ));
    }
    fs::create_dir_all(&content).map_err(|error| write_error(&content, &error))?;
    let site = options.output_dir.join("site.yaml");
    fs::write(&site, SITE_YAML).map_err(|error| write_error(&site, &error))?;
    let pools = NamePools::new(options.articles, options.seed);
    let editions = editions_by_day(options.articles, options.seed);
    let bytes = write_all(options, &content, &pools, &editions)?;
    Ok(format!(
        "{} articles on {} days, {bytes} bytes, {} tags to choose from, most on one day {}\n",
        options.articles,
        editions.len(),
        pools.tags.names.len(),
        editions.iter().map(|edition| edition.articles).max().unwrap_or(0),
    ))
}

/// Distributes the days over the threads; the first failure stops all of them.
fn write_all(
    options: &Options,
    content: &Path,
    pools: &NamePools,
    editions: &[Edition],
) -> Result<u64, String> {
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let write_editions = || {
        let (mut bytes, mut text) = (0, String::with_capacity(64 * 1024));
        while !failed.load(Ordering::Relaxed) {
            let Some(edition) = editions.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
            bytes += write_edition(options, content, pools, edition, &mut text)
                .inspect_err(|_| failed.store(true, Ordering::Relaxed))?;
        }
        Ok(bytes)
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..options.threads).map(|_| scope.spawn(write_editions)).collect();
        let results = threads.into_iter().map(|thread| {
            thread.join().unwrap_or_else(|_| Err("a thread panicked; this is a bug".to_owned()))
        });
        results.sum()
    })
}

/// Writes one day's folder; a second article with the same slug gets `-2`, a third `-3`.
fn write_edition(
    options: &Options,
    content: &Path,
    pools: &NamePools,
    edition: &Edition,
    text: &mut String,
) -> Result<u64, String> {
    let (year, month, day) = civil_date(edition.day);
    let folder = content.join(format!("{year:04}/{month:02}/{day:02}"));
    fs::create_dir_all(&folder).map_err(|error| write_error(&folder, &error))?;
    let (mut bytes, mut used_names) = (0, HashSet::new());
    for number in edition.first_article..edition.first_article + edition.articles {
        let rng = Rng::new(options.seed, Stream::Articles, number);
        let shape = &options.shape;
        let mut article = ArticleWriter {
            pools,
            shape,
            rng,
            text: &mut *text,
            used_words: Vec::new(),
            words_left: 0,
            words_since_heading: 0,
            footnote_count: 0,
        };
        let slug = article.write(edition.day, number as f64 / options.articles as f64);
        let mut name = slug.clone();
        let mut suffix = 2;
        while !used_names.insert(name.clone()) {
            name = format!("{slug}-{suffix}");
            suffix += 1;
        }
        let path = folder.join(name + ".md");
        fs::write(&path, text.as_bytes()).map_err(|error| write_error(&path, &error))?;
        bytes += text.len() as u64;
    }
    Ok(bytes)
}

fn write_error(path: &Path, error: &io::Error) -> String {
    format!("cannot write {}: {error}", path.display())
}
