//! Builds that are killed: whatever the moment, the next build ends where a clean one does, and nothing stands in its way.
//!
//! `DATELINE_KILLS` sets how many builds are killed at random, `DATELINE_SEED` repeats a run.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::archive::{Archive, Rng, Story, assert_clean, clean, settle, stories};
use crate::harness::{Build, SETTINGS, files, told_past_capture};

fn from_environment(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

/// What somebody does between two builds.
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
    /// The output folder and the state are gone: the first build of all.
    Anew,
}

const EDITS: [Edit; 12] = [
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
    Edit::Anew,
];

struct World {
    archive: Archive,
    rng: Rng,
    count: u32,
    jobs: &'static str,
}

impl World {
    fn new(count: usize, seed: u64, jobs: &'static str) -> Self {
        Self { archive: Archive::built(count, seed), rng: Rng(seed), count: 0, jobs }
    }

    fn any(&mut self) -> usize {
        self.rng.below(self.archive.stories.len())
    }

    fn add(&mut self) {
        self.count += 1;
        let day =
            (2021 + self.rng.below(5) as i32, 1 + self.rng.below(12) as u32, 1 + self.rng.below(28) as u32);
        let mut story = Story::on(day, self.rng.below(1_440) as u32, &format!("new/n{}.md", self.count));
        story.tags.push(format!("New {}", self.count % 7));
        self.archive.put(story);
    }

    fn apply(&mut self, edit: Edit) {
        self.count += 1;
        let (at, count) = (self.any(), self.count);
        let site = &self.archive.site;
        match edit {
            Edit::Body => self.archive.change(at, |story| story.body = format!("Body {count}.")),
            Edit::Title => self.archive.change(at, |story| story.title = format!("Title {count}")),
            Edit::Add => self.add(),
            Edit::AddMany => (0..30).for_each(|_| self.add()),
            Edit::Remove => self.archive.remove(at),
            Edit::RemoveMany => {
                for _ in 0..25.min(self.archive.stories.len() - 100) {
                    let at = self.any();
                    self.archive.remove(at);
                }
            }
            Edit::Redate => {
                let day = (2021 + count as i32 % 4, 1 + count % 12, 28);
                self.archive.change(at, |story| story.day = day);
            }
            Edit::Retag => self.archive.change(at, |story| story.tags = vec![format!("Tag {}", count % 30)]),
            Edit::Setting => {
                site.put("site.yaml", format!("{SETTINGS}search: true\ncopyright: Number {count}\n"));
            }
            Edit::Template => {
                let text = format!(
                    "{{% extends \"builtin/day.html\" %}}{{% block head %}}<!-- {count} -->{{% endblock %}}"
                );
                site.put("templates/day.html", text);
            }
            Edit::Static => {
                site.put("static/large.bin", vec![count as u8; 400_000]);
                site.put(&format!("static/s{}.txt", count % 3), count.to_string());
            }
            Edit::Anew => {
                for folder in ["public", ".dateline"] {
                    match fs::remove_dir_all(site.path(folder)) {
                        Err(error) if error.kind() != std::io::ErrorKind::NotFound => panic!("{error}"),
                        _ => {}
                    }
                }
            }
        }
    }

    /// How long a whole build takes now.
    fn build(&self) -> Duration {
        let start = Instant::now();
        Build::of(self.archive.site.command().args(["--quiet", "--jobs", self.jobs])).fine();
        start.elapsed()
    }

    /// Starts a build and kills it after some time; tells what it left, or nothing if it had ended by itself.
    fn kill(&self, after: Duration) -> Option<Left> {
        let site = &self.archive.site;
        let before = site.stamps();
        let mut command = site.command();
        command.args(["--quiet", "--jobs", self.jobs]).stdout(Stdio::null()).stderr(Stdio::piped());
        let start = Instant::now();
        let mut child = command.spawn().expect("the program starts");
        // Sleeping is coarse where delays are a few milliseconds.
        std::thread::sleep(after.saturating_sub(Duration::from_millis(2)));
        while start.elapsed() < after {
            std::hint::spin_loop();
        }
        child.kill().expect("killed");
        let status = child.wait().expect("it ends");
        if status.code().is_some() {
            assert!(status.success(), "a build that wasn't killed: {status}");
            return None;
        }
        Some(Left::find(self, &before))
    }

    /// The next build sets all right.
    #[track_caller]
    fn check(&self, why: impl Display) {
        let site = &self.archive.site;
        site.build_with(&["--jobs", self.jobs]).fine();
        assert_clean(site, &why.to_string());
        assert!(!site.path("public/.dateline-tmp").exists(), "{why}: files that replace others are left");
        let names: Vec<String> = files(&site.path(".dateline")).into_keys().collect();
        let state =
            |name: &String| name.starts_with("state-") && name.ends_with(".bin") && !name.contains('/');
        assert_eq!(names.iter().filter(|name| state(name)).count(), 1, "{why}: {names:?}");
        let whole = |name: &String| {
            name.contains(".search/") && !name.contains(".half/") && !name.contains(".unsettled/")
        };
        let known = |name: &String| state(name) || whole(name) || name == "lock";
        let strays: Vec<&String> = names.iter().filter(|name| !known(name)).collect();
        assert!(strays.is_empty(), "{why}: {strays:?} stay in the folder of the state");
        assert_eq!(site.build().fine().number("written"), 0, "{why}");
    }
}

/// What a killed build left, by which it is known how far it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Left {
    /// Nothing: it hadn't read anything that is new.
    Nothing,
    /// Part of a new state: it was reading.
    State,
    /// The journal, and no page yet.
    Journal,
    /// The journal, and some pages.
    Pages,
    /// All pages; the ledger wasn't saved.
    AllPages,
    /// The new state is in its place, and the journal wasn't removed.
    Saved,
}

impl Left {
    fn find(world: &World, before: &BTreeMap<String, std::time::SystemTime>) -> Self {
        let site = &world.archive.site;
        let names: Vec<String> = files(&site.path(".dateline")).into_keys().collect();
        let any = |end: &str| names.iter().any(|name| name.ends_with(end));
        let mut now = site.stamps();
        now.retain(|path, _| !path.starts_with(".dateline-tmp/"));
        match () {
            () if any(".journal") && !any(".tmp") => Self::Saved,
            () if any(".journal") && now.len() == clean(site).len() => Self::AllPages,
            () if now != *before => Self::Pages,
            () if any(".journal") => Self::Journal,
            () if any(".tmp") => Self::State,
            () => Self::Nothing,
        }
    }
}

fn print(what: &str, counts: &BTreeMap<Option<Left>, usize>) {
    let line: Vec<String> = counts
        .iter()
        .map(|(left, count)| format!("{}: {count}", left.map_or("ended".into(), |left| format!("{left:?}"))))
        .collect();
    told_past_capture(&format!("{what}: {}", line.join(", ")));
}

#[test]
fn killed_at_random() {
    let seed = from_environment("DATELINE_SEED", 1_871);
    let kills = from_environment("DATELINE_KILLS", 40);
    let mut world = World::new(250, seed, "2");
    let usual: BTreeMap<Edit, Duration> = EDITS
        .iter()
        .map(|&edit| {
            world.apply(edit);
            (edit, world.build())
        })
        .collect();
    let mut counts = BTreeMap::new();
    let mut number = 0;
    while number < kills {
        // Once in a while a build is killed more than once, with or without an edit between.
        let edit = EDITS[world.rng.below(EDITS.len())];
        let mut done = vec![edit];
        world.apply(edit);
        for round in 0..[1, 1, 1, 2, 3][world.rng.below(5)] {
            if round > 0 && world.rng.below(2) == 0 {
                let edit = EDITS[world.rng.below(EDITS.len())];
                done.push(edit);
                world.apply(edit);
            }
            let longest = done.iter().map(|edit| usual[edit]).max().unwrap_or_default();
            let after = longest.mul_f64(world.rng.below(1_100) as f64 / 1_000.0);
            *counts.entry(world.kill(after)).or_insert(0) += 1;
            number += 1;
        }
        if world.rng.below(4) == 0 {
            let edit = EDITS[world.rng.below(EDITS.len())];
            done.push(edit);
            world.apply(edit);
        }
        world.check(format_args!("DATELINE_SEED={seed}, kill {number}, {done:?}"));
    }
    print("killed at random", &counts);
    let really: usize = counts.iter().filter(|(left, _)| left.is_some()).map(|(_, count)| count).sum();
    assert!(really * 2 >= number as usize, "too many builds ended before they were killed: {counts:?}");
}

/// Kills all along a build with one thread. Stages too short to be met by chance are put by hand below.
#[test]
fn killed_along_the_build() {
    const STEPS: u32 = 24;
    let seed = from_environment("DATELINE_SEED", 1_945);
    let mut world = World::new(200, seed, "1");
    let mut counts = BTreeMap::new();
    // All from the beginning, and what comes of many edits.
    for edits in [&[Edit::Anew][..], &[Edit::AddMany, Edit::RemoveMany, Edit::Setting]] {
        edits.iter().for_each(|&edit| world.apply(edit));
        let usual = world.build();
        for step in 0..STEPS {
            edits.iter().for_each(|&edit| world.apply(edit));
            let shift = world.rng.below(1_000) as f64 / 1_000.0;
            let left = world.kill(usual.mul_f64((f64::from(step) + shift) / f64::from(STEPS)));
            *counts.entry(left).or_insert(0) += 1;
            world.check(format_args!("DATELINE_SEED={seed}, {edits:?}, step {step}, left {left:?}"));
        }
    }
    print("killed along the build", &counts);
    let midway = counts.get(&Some(Left::Pages)).copied().unwrap_or(0);
    assert!(midway > 0, "none was killed while it wrote its pages: {counts:?}");
}

/// Where a build can be killed between two calls of the system, what is left can be put there by hand, too: the moments that are too
/// short to be met by chance.
#[test]
fn moments_put_by_hand() {
    let mut world = World::new(120, 1_999, "1");
    let state = || {
        let names = files(&world.archive.site.path(".dateline"));
        let name = names.keys().find(|name| name.ends_with(".bin")).expect("a state").clone();
        format!(".dateline/{}", name.trim_end_matches(".bin"))
    };
    let state = state();
    let path = |end: &str| format!("{state}.{end}");

    // A new state or journal begun, and the edit taken back: nothing is new, and the files go all the same.
    settle();
    world.build();
    world.archive.site.put(&path("tmp"), "half a st");
    world.archive.site.put(&path("journal-tmp"), "half a jou");
    world.check("half a state");
    // A page half-written where there was none, as its journal says; then its story goes.
    world.archive.site.put("public/2024/11/30/gone/index.html", "<!doctype ht");
    world.archive.site.put("public/2024/11/30/index.html", "");
    world
        .archive
        .site
        .put(&path("journal"), "2024/11/30/gone/index.html\n2024/11/30/index.html\n2024/11/30/ne");
    world.check("a journal whose last line is cut");
    // All pages written, and the state not yet: what the earlier build knew, and the journal of all that came since.
    let known = fs::read(world.archive.site.path(&path("bin"))).expect("a state");
    let old: Vec<String> = files(&world.archive.site.path("public")).into_keys().collect();
    (0..20).for_each(|_| world.add());
    world.build();
    let created: String = files(&world.archive.site.path("public"))
        .into_keys()
        .filter(|page| old.binary_search(page).is_err())
        .map(|page| page + "\n")
        .collect();
    assert!(created.lines().count() >= 20, "{created}");
    world.archive.site.put(&path("bin"), &known);
    world.archive.site.put(&path("journal"), &created);
    world.check("all pages, and the state not saved");
    // The same, and the stories are taken back before the next build: their pages are orphans only the journal knows.
    world.archive.site.put(&path("bin"), known);
    world.archive.site.put(&path("journal"), created);
    while let Some(at) = world.archive.stories.iter().position(|story| story.file.starts_with("new/")) {
        world.archive.remove(at);
    }
    world.check("all pages, and their stories taken back");
    // A page half-written that is to be.
    world.add();
    let page =
        world.archive.stories.iter().find(|story| story.file.starts_with("new/")).expect("added").page();
    world.archive.site.put(&format!("public/{page}"), "<!doctype ht");
    world.archive.site.put(&path("journal"), format!("{page}\n"));
    world.check("half a page");
    // A file that was to replace another.
    world.archive.site.put("public/.dateline-tmp/0123456789abcdef", "half");
    world.check("half a replacement");
    // The new state in its place, and the journal not yet removed.
    world.archive.site.put(&path("journal"), "index.html\nfeed.xml\n");
    world.check("a journal that outlived its build");
    // An empty journal.
    world.archive.site.put(&path("journal"), "");
    world.check("an empty journal");
}

/// What the first killed build created is known after the second, which created other files and was killed as well.
#[test]
fn two_kills_and_two_stories_taken_back() {
    let mut world = World::new(120, 2_001, "1");
    world.apply(Edit::AddMany);
    let usual = world.build();
    world.archive.stories.retain(|story| {
        let new = story.file.starts_with("new/");
        new.then(|| world.archive.site.remove(&format!("content/{}", story.file)));
        !new
    });
    for round in 0..12 {
        let many: Vec<String> = (0..40).map(|number| format!("brief/r{round}-{number}.md")).collect();
        for pair in 0..2 {
            for (number, file) in many.iter().enumerate().filter(|(number, _)| number % 2 == pair) {
                world.archive.put(Story::on((2022, 9, 1 + number as u32 % 28), 9, file));
            }
            let share = 0.2 + 0.8 * world.rng.below(1_000) as f64 / 1_000.0;
            world.kill(usual.mul_f64(share));
        }
        // All of them are taken back, killed or not.
        for file in &many {
            let at = world.archive.stories.iter().position(|story| story.file == *file).expect("it is there");
            world.archive.remove(at);
        }
        world.check(format_args!("round {round}"));
    }
    assert_eq!(world.archive.stories, stories(120, 2_001), "all as it was");
}
