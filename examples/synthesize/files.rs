//! The files, and the threads that write them.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use super::Options;
use super::calendar::{Edition, calendar, date};
use super::chance::{Rng, Stream};
use super::front_matter::Story;
use super::names::World;

const SITE: &str = "\
# A synthetic archive, written by `cargo run --release --example synthesize`.
title: Synthetic Archive
base_url: https://example.org
language: en
time_zone: UTC
";

/// Writes the archive and returns a line that says what was written.
pub(super) fn synthesize(options: &Options) -> Result<String, String> {
    let content = options.out.join("content");
    if content.exists() {
        return Err(format!("{} exists already; remove it or choose another --out", content.display()));
    }
    fs::create_dir_all(&content).map_err(|error| failure(&content, &error))?;
    let site = options.out.join("site.yaml");
    fs::write(&site, SITE).map_err(|error| failure(&site, &error))?;
    let world = World::new(options.articles, options.seed);
    let editions = calendar(options.articles, options.seed);
    let bytes = write_all(options, &content, &world, &editions)?;
    Ok(format!(
        "{} articles on {} days, {bytes} bytes, {} tags to choose from, most on one day {}\n",
        options.articles,
        editions.len(),
        world.tags.names.len(),
        editions.iter().map(|edition| edition.stories).max().unwrap_or(0),
    ))
}

/// Shares the days out among the threads; the first failure stops all of them.
fn write_all(options: &Options, content: &Path, world: &World, editions: &[Edition]) -> Result<u64, String> {
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let work = || {
        let (mut bytes, mut text) = (0, String::with_capacity(64 * 1024));
        while !failed.load(Ordering::Relaxed) {
            let Some(edition) = editions.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
            bytes += write_edition(options, content, world, edition, &mut text)
                .inspect_err(|_| failed.store(true, Ordering::Relaxed))?;
        }
        Ok(bytes)
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..options.threads).map(|_| scope.spawn(work)).collect();
        let done = threads.into_iter().map(|thread| {
            thread.join().unwrap_or_else(|_| Err("a thread panicked; this is a bug".to_owned()))
        });
        done.sum()
    })
}

/// Writes one day's folder; a second story with the same slug gets `-2`, a third `-3`.
fn write_edition(
    options: &Options,
    content: &Path,
    world: &World,
    edition: &Edition,
    text: &mut String,
) -> Result<u64, String> {
    let (year, month, day) = date(edition.day);
    let folder = content.join(format!("{year:04}/{month:02}/{day:02}"));
    fs::create_dir_all(&folder).map_err(|error| failure(&folder, &error))?;
    let (mut bytes, mut taken) = (0, HashSet::new());
    for number in edition.first..edition.first + edition.stories {
        let rng = Rng::new(options.seed, Stream::Stories, number);
        let shape = &options.shape;
        let mut story =
            Story { world, shape, rng, text: &mut *text, used: Vec::new(), left: 0, unheaded: 0, notes: 0 };
        let slug = story.write(edition.day, number as f64 / options.articles as f64);
        let mut name = slug.clone();
        let mut copy = 2;
        while !taken.insert(name.clone()) {
            name = format!("{slug}-{copy}");
            copy += 1;
        }
        let path = folder.join(name + ".md");
        fs::write(&path, text.as_bytes()).map_err(|error| failure(&path, &error))?;
        bytes += text.len() as u64;
    }
    Ok(bytes)
}

fn failure(path: &Path, error: &io::Error) -> String {
    format!("cannot write {}: {error}", path.display())
}
