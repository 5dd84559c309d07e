//! Builds that are killed: at whatever moment, the output of the next build equals that of a clean
//! one.
//!
//! `DATELINE_KILLS` sets how many builds are killed at random, `DATELINE_SEED` repeats a run.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use image::ImageFormat;

use crate::archive::{
    Archive, Article, Rng, assert_same_as_clean_build, clean_build_files, generate_articles,
    wait_until_mtimes_are_reliable,
};
use crate::harness::{CommandOutput, SETTINGS, print_uncaptured, read_files};
use crate::image_files::encode;

fn from_environment(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

/// An edit between two builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Edit {
    Body,
    Title,
    Add,
    AddMany,
    Remove,
    RemoveMany,
    Redate,
    Retag,
    Setting,
    Template,
    Static,
    /// An image of an article, of which smaller copies are made.
    Image,
    /// The output folder and the cache are removed: the next build is the first.
    FromScratch,
}

const EDITS: [Edit; 13] = [
    Edit::Body,
    Edit::Title,
    Edit::Add,
    Edit::AddMany,
    Edit::Remove,
    Edit::RemoveMany,
    Edit::Redate,
    Edit::Retag,
    Edit::Setting,
    Edit::Template,
    Edit::Static,
    Edit::Image,
    Edit::FromScratch,
];

struct World {
    archive: Archive,
    rng: Rng,
    count: u32,
    jobs: &'static str,
}

impl World {
    fn new(count: usize, seed: u64, jobs: &'static str) -> Self {
        Self { archive: Archive::generate_and_build(count, seed), rng: Rng(seed), count: 0, jobs }
    }

    fn random_index(&mut self) -> usize {
        self.rng.below(self.archive.articles.len())
    }

    fn add(&mut self) {
        self.count += 1;
        let day = (
            2021 + self.rng.below(5) as i32,
            1 + self.rng.below(12) as u32,
            1 + self.rng.below(28) as u32,
        );
        let mut article =
            Article::on_day(day, self.rng.below(1_440) as u32, &format!("new/n{}.md", self.count));
        article.tags.push(format!("New {}", self.count % 7));
        self.archive.write(article);
    }

    fn add_image(&mut self, count: u32) {
        let name = format!("photo{}.png", count % 3);
        let image = encode(40 + count % 8, 30, ImageFormat::Png);
        self.archive.site.write(&format!("static/{name}"), image);
        let day = (2023, 5, 1 + count % 28);
        let mut article = Article::on_day(day, 0, &format!("new/i{count}.md"));
        article.body = format!("![A photo](/{name})");
        self.archive.write(article);
    }

    fn apply(&mut self, edit: Edit) {
        self.count += 1;
        let (index, count) = (self.random_index(), self.count);
        let site = &self.archive.site;
        match edit {
            Edit::Body => {
                self.archive.edit(index, |article| article.body = format!("Body {count}."));
            }
            Edit::Title => {
                self.archive.edit(index, |article| article.title = format!("Title {count}"));
            }
            Edit::Add => self.add(),
            Edit::AddMany => (0..30).for_each(|_| self.add()),
            Edit::Remove => self.archive.remove(index),
            Edit::RemoveMany => {
                for _ in 0..25.min(self.archive.articles.len() - 100) {
                    let index = self.random_index();
                    self.archive.remove(index);
                }
            }
            Edit::Redate => {
                let day = (2021 + count as i32 % 4, 1 + count % 12, 28);
                self.archive.edit(index, |article| article.day = day);
            }
            Edit::Retag => self
                .archive
                .edit(index, |article| article.tags = vec![format!("Tag {}", count % 30)]),
            Edit::Setting => {
                site.write(
                    "site.yaml",
                    format!(
                        "{SETTINGS}search: true\ncopyright: Number {count}\n\
                         images: {{widths: [16, 24]}}\n"
                    ),
                );
            }
            Edit::Template => {
                let text = format!(
                    "{{% extends \"builtin/day.html\" %}}{{% block head %}}<!-- {count} -->{{% \
                        endblock %}}"
                );
                site.write("templates/day.html", text);
            }
            Edit::Static => {
                site.write("static/large.bin", vec![count as u8; 400_000]);
                site.write(&format!("static/s{}.txt", count % 3), count.to_string());
            }
            Edit::Image => self.add_image(count),
            Edit::FromScratch => {
                for folder in ["public", ".dateline"] {
                    match fs::remove_dir_all(site.path(folder)) {
                        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                            panic!("{error}")
                        }
                        _ => {}
                    }
                }
            }
        }
    }

    /// Returns the path of the cache in the site's folder, without its extension.
    fn cache_path(&self) -> String {
        let names = read_files(&self.archive.site.path(".dateline"));
        let name = names.keys().find(|name| name.ends_with(".bin")).expect("there is a cache file");
        format!(".dateline/{}", name.trim_end_matches(".bin"))
    }

    /// Returns the duration of a complete build.
    fn timed_build(&self) -> Duration {
        let start = Instant::now();
        CommandOutput::run(
            self.archive.site.build_command().args(["--quiet", "--jobs", self.jobs]),
        )
        .assert_success();
        start.elapsed()
    }

    /// Starts a build and kills it after some time; returns the files it left, or nothing if it had
    /// ended by itself.
    fn kill(&self, delay: Duration) -> Option<KillPoint> {
        let site = &self.archive.site;
        let before = site.output_mtimes();
        let mut command = site.build_command();
        command.args(["--quiet", "--jobs", self.jobs]).stdout(Stdio::null()).stderr(Stdio::piped());
        let start = Instant::now();
        let mut child = command.spawn().expect("the program starts");
        // Sleeping isn't precise to a few milliseconds.
        std::thread::sleep(delay.saturating_sub(Duration::from_millis(2)));
        while start.elapsed() < delay {
            std::hint::spin_loop();
        }
        child.kill().expect("the process is killed");
        let status = child.wait().expect("the process ends");
        if status.code().is_some() {
            assert!(status.success(), "a build that wasn't killed: {status}");
            return None;
        }
        Some(KillPoint::classify(self, &before))
    }

    /// Asserts that the next build succeeds and equals a clean one.
    #[track_caller]
    fn check(&self, context: impl Display) {
        let site = &self.archive.site;
        site.build_with_args(&["--jobs", self.jobs]).assert_success();
        assert_same_as_clean_build(site, &context.to_string());
        assert!(
            !site.path("public/.dateline-tmp").exists(),
            "{context}: files that replace others are left"
        );
        let names: Vec<String> = read_files(&site.path(".dateline")).into_keys().collect();
        let is_cache_file = |name: &String| {
            name.starts_with("state-") && name.ends_with(".bin") && !name.contains('/')
        };
        assert_eq!(
            names.iter().filter(|name| is_cache_file(name)).count(),
            1,
            "{context}: {names:?}"
        );
        let is_search_file = |name: &String| {
            name.contains(".search/") && !name.contains(".incomplete/") && !name.contains(".dirty/")
        };
        let is_image = |name: &String| name.starts_with("images/") && name.ends_with(".copy");
        let is_expected = |name: &String| {
            is_cache_file(name) || is_search_file(name) || is_image(name) || name == "lock"
        };
        let strays: Vec<&String> = names.iter().filter(|name| !is_expected(name)).collect();
        assert!(strays.is_empty(), "{context}: {strays:?} stay in the folder of the state");
        assert_eq!(site.build().assert_success().report_number("written"), 0, "{context}");
    }
}

/// The stage that a killed build reached, concluded from the files it left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum KillPoint {
    /// No files: it hadn't read anything new.
    Nothing,
    /// A part of a new cache: it was reading.
    PartialCache,
    /// The journal, and no page yet.
    Journal,
    /// The journal, and some pages.
    Pages,
    /// All pages; the manifest wasn't saved.
    AllPages,
    /// The new cache was saved, and the journal wasn't removed.
    CacheSaved,
}

impl KillPoint {
    fn classify(world: &World, before: &BTreeMap<String, std::time::SystemTime>) -> Self {
        let site = &world.archive.site;
        let names: Vec<String> = read_files(&site.path(".dateline")).into_keys().collect();
        let has_suffix = |end: &str| names.iter().any(|name| name.ends_with(end));
        let mut current = site.output_mtimes();
        current.retain(|path, _| !path.starts_with(".dateline-tmp/"));
        let (has_journal, has_partial_cache) = (has_suffix(".journal"), has_suffix(".tmp"));
        if has_journal && !has_partial_cache {
            Self::CacheSaved
        } else if has_journal && current.len() == clean_build_files(site).len() {
            Self::AllPages
        } else if current != *before {
            Self::Pages
        } else if has_journal {
            Self::Journal
        } else if has_partial_cache {
            Self::PartialCache
        } else {
            Self::Nothing
        }
    }
}

fn print_counts(title: &str, counts: &BTreeMap<Option<KillPoint>, usize>) {
    let line: Vec<String> = counts
        .iter()
        .map(|(kill_point, count)| {
            format!(
                "{}: {count}",
                kill_point.map_or("ended".into(), |kill_point| format!("{kill_point:?}"))
            )
        })
        .collect();
    print_uncaptured(&format!("{title}: {}", line.join(", ")));
}

#[test]
fn builds_killed_at_random() {
    let seed = from_environment("DATELINE_SEED", 1_871);
    let kills = from_environment("DATELINE_KILLS", 40);
    let mut world = World::new(250, seed, "2");
    let build_times: BTreeMap<Edit, Duration> = EDITS
        .iter()
        .map(|&edit| {
            world.apply(edit);
            (edit, world.timed_build())
        })
        .collect();
    let mut counts = BTreeMap::new();
    let mut number = 0;
    while number < kills {
        // Some builds are killed repeatedly, with or without an edit in between.
        let edit = EDITS[world.rng.below(EDITS.len())];
        let mut applied = vec![edit];
        world.apply(edit);
        for round in 0..[1, 1, 1, 2, 3][world.rng.below(5)] {
            if round > 0 && world.rng.below(2) == 0 {
                let edit = EDITS[world.rng.below(EDITS.len())];
                applied.push(edit);
                world.apply(edit);
            }
            let longest_build =
                applied.iter().map(|edit| build_times[edit]).max().unwrap_or_default();
            let delay = longest_build.mul_f64(world.rng.below(1_100) as f64 / 1_000.0);
            *counts.entry(world.kill(delay)).or_insert(0) += 1;
            number += 1;
        }
        if world.rng.below(4) == 0 {
            let edit = EDITS[world.rng.below(EDITS.len())];
            applied.push(edit);
            world.apply(edit);
        }
        world.check(format_args!("DATELINE_SEED={seed}, kill {number}, {applied:?}"));
    }
    print_counts("killed at random", &counts);
    let killed: usize =
        counts.iter().filter(|(kill_point, _)| kill_point.is_some()).map(|(_, count)| count).sum();
    assert!(
        killed * 2 >= number as usize,
        "too many builds ended before they were killed: {counts:?}"
    );
}

/// Kills builds with one thread at moments of the whole duration. Stages too short to be hit by
/// chance are imitated below.
#[test]
fn builds_killed_at_every_stage() {
    const STEPS: u32 = 24;
    let seed = from_environment("DATELINE_SEED", 1_945);
    let mut world = World::new(200, seed, "1");
    let mut counts = BTreeMap::new();
    // A first build, and a build after many edits.
    for edits in
        [&[Edit::FromScratch][..], &[Edit::AddMany, Edit::RemoveMany, Edit::Image, Edit::Setting]]
    {
        edits.iter().for_each(|&edit| world.apply(edit));
        let build_time = world.timed_build();
        for step in 0..STEPS {
            edits.iter().for_each(|&edit| world.apply(edit));
            let shift = world.rng.below(1_000) as f64 / 1_000.0;
            let kill_point =
                world.kill(build_time.mul_f64((f64::from(step) + shift) / f64::from(STEPS)));
            *counts.entry(kill_point).or_insert(0) += 1;
            world.check(format_args!(
                "DATELINE_SEED={seed}, {edits:?}, step {step}, left {kill_point:?}"
            ));
        }
    }
    print_counts("killed along the build", &counts);
    let killed_while_writing = counts.get(&Some(KillPoint::Pages)).copied().unwrap_or(0);
    assert!(killed_while_writing > 0, "none was killed while it wrote its pages: {counts:?}");
}

/// States that a kill rarely leaves, since they exist only between two system calls, are written by
/// hand.
#[test]
fn unfinished_caches_and_journals() {
    let mut world = World::new(120, 1_999, "1");
    let cache_path = world.cache_path();
    let path = |end: &str| format!("{cache_path}.{end}");
    // An unfinished cache or journal, and the edit is undone: nothing is new, and the files are
    // removed.
    wait_until_mtimes_are_reliable();
    world.timed_build();
    world.archive.site.write(&path("tmp"), "half a st");
    world.archive.site.write(&path("journal-tmp"), "half a jou");
    world.check("half a cache");
    // A partly written new page that the journal lists; then its article is removed.
    world.archive.site.write("public/2024/11/30/gone/index.html", "<!doctype ht");
    world.archive.site.write("public/2024/11/30/index.html", "");
    world.archive.site.write(
        &path("journal"),
        "2024/11/30/gone/index.html\n2024/11/30/index.html\n2024/11/30/ne",
    );
    world.check("a journal whose last line is cut");
    // A partly written page of an article that exists.
    world.add();
    let page = world
        .archive
        .articles
        .iter()
        .find(|article| article.file.starts_with("new/"))
        .expect("an article is added")
        .output_path();
    world.archive.site.write(&format!("public/{page}"), "<!doctype ht");
    world.archive.site.write(&path("journal"), format!("{page}\n"));
    world.check("half a page");
    // A temporary file that was to replace another file.
    world.archive.site.write("public/.dateline-tmp/0123456789abcdef", "half");
    world.check("half a replacement");
    // The new cache was saved, and the journal is not yet removed.
    world.archive.site.write(&path("journal"), "index.html\nfeed.xml\n");
    world.check("a journal that outlived its build");
    // An empty journal.
    world.archive.site.write(&path("journal"), "");
    world.check("an empty journal");
}

/// Another state that a kill rarely leaves: all pages are written, but not the cache. There are the
/// previous cache, and the journal of all new pages.
#[test]
fn written_pages_without_their_cache() {
    let mut world = World::new(120, 1_999, "1");
    let cache_path = world.cache_path();
    let path = |end: &str| format!("{cache_path}.{end}");
    wait_until_mtimes_are_reliable();
    world.timed_build();
    let old_cache = fs::read(world.archive.site.path(&path("bin"))).expect("the cache is readable");
    let old_pages: Vec<String> =
        read_files(&world.archive.site.path("public")).into_keys().collect();
    (0..20).for_each(|_| world.add());
    world.timed_build();
    let created: String = read_files(&world.archive.site.path("public"))
        .into_keys()
        .filter(|page| old_pages.binary_search(page).is_err())
        .map(|page| page + "\n")
        .collect();
    assert!(created.lines().count() >= 20, "{created}");
    world.archive.site.write(&path("bin"), &old_cache);
    world.archive.site.write(&path("journal"), &created);
    world.check("all pages, and the cache not saved");
    // The same, and the articles are removed before the next build: only the journal lists their
    // pages.
    world.archive.site.write(&path("bin"), old_cache);
    world.archive.site.write(&path("journal"), created);
    while let Some(index) =
        world.archive.articles.iter().position(|article| article.file.starts_with("new/"))
    {
        world.archive.remove(index);
    }
    world.check("all pages, and their articles removed");
}

/// The files of the first killed build are known after the second, which created other files and
/// was killed, too.
#[test]
fn two_kills_and_their_articles_removed() {
    let mut world = World::new(120, 2_001, "1");
    world.apply(Edit::AddMany);
    let build_time = world.timed_build();
    world.archive.articles.retain(|article| {
        let new = article.file.starts_with("new/");
        new.then(|| world.archive.site.remove(&format!("content/{}", article.file)));
        !new
    });
    for round in 0..12 {
        let files: Vec<String> =
            (0..40).map(|number| format!("brief/r{round}-{number}.md")).collect();
        for parity in 0..2 {
            for (number, file) in
                files.iter().enumerate().filter(|(number, _)| number % 2 == parity)
            {
                world.archive.write(Article::on_day((2022, 9, 1 + number as u32 % 28), 9, file));
            }
            let fraction = 0.2 + 0.8 * world.rng.below(1_000) as f64 / 1_000.0;
            world.kill(build_time.mul_f64(fraction));
        }
        // All of these articles are removed.
        for file in &files {
            let index = world
                .archive
                .articles
                .iter()
                .position(|article| article.file == *file)
                .expect("it exists");
            world.archive.remove(index);
        }
        world.check(format_args!("round {round}"));
    }
    assert_eq!(world.archive.articles, generate_articles(120, 2_001), "all as it was");
}

/// A clock that is set back gives changed files earlier times than those of the last build.
#[test]
fn files_with_earlier_times_are_read_again() {
    let archive = Archive::generate_and_build(40, 1_987);
    let site = &archive.site;
    wait_until_mtimes_are_reliable();
    site.build().assert_success();
    for (number, days) in [1_u64, 400].into_iter().enumerate() {
        let path = &archive.articles[number].file;
        let file = site.path(&format!("content/{path}"));
        let text = fs::read_to_string(&file).expect("the file is readable");
        let changed = text.replacen("title: ", "title: Z", 1);
        assert_ne!(text, changed);
        fs::write(&file, changed).expect("the file is written");
        let time = std::time::SystemTime::now() - Duration::from_secs(days * 86_400);
        let opened = fs::File::options().append(true).open(&file);
        opened.and_then(|file| file.set_modified(time)).expect("the modification time is set");
        let written = site.build().assert_success().report_number("written");
        assert!(written > 0, "{days} days");
        assert_same_as_clean_build(site, &format!("{days} days"));
    }
}
