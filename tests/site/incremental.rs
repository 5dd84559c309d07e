//! The crown property: after any sequence of edits, what an incremental build leaves is what a clean build makes, byte for byte.
//!
//! One exception is meant: an article that can't be read now keeps its last good page, which a clean build doesn't have.
//! `PROPTEST_CASES` sets how many sequences are tried, `PROPTEST_RNG_SEED` repeats a run; a failing sequence is shrunk.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use dateline::build;
use dateline::site::Options;
use proptest::prelude::*;
use tempfile::TempDir;

use crate::harness::{SETTINGS, files};
use crate::library::{put, try_run};

/// One thing that somebody does to a site between two builds. Numbers choose among what is there.
#[derive(Clone, Copy, Debug)]
enum Edit {
    Add {
        day: u8,
        tags: u8,
    },
    Body(u8),
    Title(u8),
    Retag(u8, u8),
    Redate(u8, u8),
    Rename(u8),
    Move(u8),
    Delete(u8),
    Break(u8),
    Mend(u8),
    /// The file is replaced by another of the same length with an older time, as a copy that keeps times does.
    OlderCopy(u8),
    /// Two edits of the same length at once, one built in between.
    Twice(u8),
    Picture(u8, bool),
    LinkTo(u8, u8),
    TermPage(u8),
    Template(u8),
    Settings(u8),
    Static(u8),
    OutputDeleted(u8),
    OutputEdited(u8),
    StateLost,
    StateCut,
    /// What is published goes into the register of permalinks.
    Record,
    /// Somebody writes into the register, or takes it away.
    Register(u8),
}

fn edit() -> impl Strategy<Value = Edit> {
    let n = any::<u8>;
    prop_oneof![
        4 => (n(), n()).prop_map(|(day, tags)| Edit::Add { day, tags }),
        2 => n().prop_map(Edit::Body),
        2 => n().prop_map(Edit::Title),
        2 => (n(), n()).prop_map(|(a, b)| Edit::Retag(a, b)),
        2 => (n(), n()).prop_map(|(a, b)| Edit::Redate(a, b)),
        1 => n().prop_map(Edit::Rename),
        1 => n().prop_map(Edit::Move),
        2 => n().prop_map(Edit::Delete),
        2 => n().prop_map(Edit::Break),
        2 => n().prop_map(Edit::Mend),
        1 => n().prop_map(Edit::OlderCopy),
        1 => n().prop_map(Edit::Twice),
        1 => (n(), any::<bool>()).prop_map(|(a, b)| Edit::Picture(a, b)),
        1 => (n(), n()).prop_map(|(a, b)| Edit::LinkTo(a, b)),
        1 => n().prop_map(Edit::TermPage),
        1 => n().prop_map(Edit::Template),
        1 => n().prop_map(Edit::Settings),
        1 => n().prop_map(Edit::Static),
        1 => n().prop_map(Edit::OutputDeleted),
        1 => n().prop_map(Edit::OutputEdited),
        1 => Just(Edit::StateLost),
        1 => Just(Edit::StateCut),
        2 => Just(Edit::Record),
        1 => n().prop_map(Edit::Register),
    ]
}

/// A story as the test knows it.
#[derive(Clone, Debug)]
struct Story {
    file: String,
    day: u8,
    title: u32,
    body: u32,
    tags: u8,
    picture: bool,
    link: Option<String>,
    broken: bool,
}

impl Story {
    fn text(&self) -> String {
        let tags: Vec<&str> = ["Iran", "Trade", "U.S.", "us", "Lahore"]
            .into_iter()
            .enumerate()
            .filter(|(at, _)| self.tags >> at & 1 == 1)
            .map(|(_, tag)| tag)
            .collect();
        let section = ["world", "business", ""][usize::from(self.tags >> 5) % 3];
        let fence = if self.broken { "" } else { "---\n" };
        let picture = if self.picture { "\n![A picture](p.svg)\n" } else { "" };
        let link = self.link.as_ref().map(|to| format!("\nSee [that]({to}).\n")).unwrap_or_default();
        format!(
            "---\ntitle: Story {:08}\ndate: {}\ntags: {tags:?}\nsection: \"{section}\"\n{fence}Body {:08}.\n{picture}{link}",
            self.title,
            date(self.day),
            self.body
        )
    }
}

/// Days in three years, near one another, so that sequences meet on them.
fn date(day: u8) -> String {
    format!("{}-{:02}-{:02}", 2021 + i32::from(day % 3), 11 + day / 3 % 2, 1 + day / 6 % 4)
}

struct World {
    folder: TempDir,
    stories: Vec<Story>,
    count: u32,
    kept: BTreeMap<String, Vec<u8>>,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        put(
            folder.path(),
            "site.yaml",
            format!("{SETTINGS}search: true\nredirects: {{formats: [html, netlify]}}\n"),
        );
        fs::create_dir_all(folder.path().join("content")).expect("created");
        Self { folder, stories: Vec::new(), count: 0, kept: BTreeMap::new() }
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn next(&mut self) -> u32 {
        self.count += 1;
        self.count
    }

    fn write(&self, story: &Story) {
        put(self.root(), &format!("content/{}", story.file), story.text());
    }

    /// Changes one story and writes it.
    fn change(&mut self, which: u8, change: impl FnOnce(&mut Story, u32)) {
        let number = self.next();
        let Some(at) = usize::from(which).checked_rem(self.stories.len()) else { return };
        change(&mut self.stories[at], number);
        self.write(&self.stories[at].clone());
    }

    fn remove(&mut self, which: u8) -> Option<Story> {
        let at = usize::from(which).checked_rem(self.stories.len())?;
        let story = self.stories.remove(at);
        fs::remove_file(self.root().join("content").join(&story.file)).expect("removed");
        Some(story)
    }

    fn apply(&mut self, edit: Edit) {
        match edit {
            Edit::Add { day, tags } => {
                let number = self.next();
                let file = format!("{}/s{number}.md", ["a", "b/c", "world"][usize::from(day) % 3]);
                let (title, body) = (number, number);
                let story = Story { file, day, title, body, tags, picture: false, link: None, broken: false };
                self.write(&story);
                self.stories.push(story);
            }
            Edit::Body(which) => self.change(which, |story, n| story.body = n),
            Edit::Title(which) => self.change(which, |story, n| story.title = n),
            Edit::Retag(which, tags) => self.change(which, |story, _| story.tags = tags),
            Edit::Redate(which, day) => self.change(which, |story, _| story.day = day),
            Edit::Break(which) => self.change(which, |story, _| story.broken = true),
            Edit::Mend(which) => self.change(which, |story, _| story.broken = false),
            Edit::Picture(which, there) => self.picture(which, there),
            Edit::LinkTo(which, to) => {
                let to =
                    usize::from(to).checked_rem(self.stories.len()).map(|at| self.stories[at].file.clone());
                self.change(which, |story, _| story.link = to);
            }
            Edit::Rename(which) => self.transplant(which, |file, n| {
                file.rsplit_once('/').map_or(format!("r{n}.md"), |(folder, _)| format!("{folder}/r{n}.md"))
            }),
            Edit::Move(which) => self.transplant(which, |file, n| {
                format!("moved{}/{}", n % 2, file.rsplit('/').next().unwrap_or(file))
            }),
            Edit::Delete(which) => drop(self.remove(which)),
            Edit::OlderCopy(which) => {
                self.change(which, |story, n| story.body = n);
                let at = usize::from(which).checked_rem(self.stories.len());
                if let Some(story) = at.map(|at| &self.stories[at]) {
                    let file =
                        fs::File::options().append(true).open(self.root().join("content").join(&story.file));
                    let old = SystemTime::now() - Duration::from_secs(86_400);
                    file.and_then(|file| file.set_modified(old)).expect("a time of its own");
                }
            }
            Edit::Twice(which) => {
                self.change(which, |story, n| story.body = n);
                self.build();
                self.change(which, |story, n| story.body = n);
            }
            other => self.apply_around(other),
        }
    }

    /// Edits of what lies around the stories.
    fn apply_around(&mut self, edit: Edit) {
        let n = self.next();
        let root = self.root().to_owned();
        match edit {
            Edit::TermPage(which) => {
                let file =
                    ["content/tags/iran/_index.md", "content/world/_index.md", "content/tags/_index.md"];
                let file = file[usize::from(which) % 3];
                match which % 2 {
                    0 => put(&root, file, format!("---\ntitle: Name {n}\n---\nIntroduction {n}.\n")),
                    _ => drop(fs::remove_file(root.join(file))),
                }
            }
            Edit::Template(which) => {
                let file = ["templates/404.html", "templates/day.html", "templates/i18n/en.yaml"];
                let text = [
                    "{% extends \"builtin/404.html\" %}",
                    "{{ site.title }} {{ count }}{% for group in groups %}{% for story in group.stories %}{{ story.title }}{% endfor %}{% endfor %}",
                    "archive: \"Archive!\"\n",
                ];
                let which = usize::from(which);
                match which % 5 {
                    4 => drop(fs::remove_dir_all(root.join("templates"))),
                    _ => put(&root, file[which % 3], text[which % 3]),
                }
            }
            Edit::Settings(which) => {
                let more = [
                    "",
                    "permalink: /{section}/{year}/{slug}/\n",
                    "language: fr\n",
                    "time_zone: Asia/Karachi\n",
                    "copyright: Somebody\n",
                    "sections: {world: The World}\ntaxonomies: {places: false}\n",
                ];
                let search = ["search: true\n", "", "search: {files: chunked, boilerplate: [See]}\n"];
                let redirects =
                    ["", "redirects: {formats: [html, netlify]}\n", "redirects: {formats: [nginx]}\n"];
                let redirects = redirects[n as usize / 3 % 3];
                let (more, search) =
                    (more[usize::from(which) % more.len()], search[n as usize % search.len()]);
                put(&root, "site.yaml", format!("{SETTINGS}{search}{redirects}{more}"));
            }
            Edit::Static(which) => match which % 4 {
                0 => drop(fs::remove_dir_all(root.join("static"))),
                1 => put(&root, "static/assets/dateline.css", format!("/* {n} */")),
                _ => put(&root, &format!("static/f{}.txt", which % 3), format!("{n}")),
            },
            Edit::Record => {
                let record = Options { record: true, ..Options::default() };
                try_run(&root, &record, &build::Options::default()).expect("it builds");
            }
            Edit::Register(which) => match which % 4 {
                0 => drop(fs::remove_file(root.join("permalinks.txt"))),
                _ => {
                    let file = usize::from(which).checked_rem(self.stories.len());
                    let file = file.map_or("", |at| self.stories[at].file.trim_end_matches(".md"));
                    let old = fs::read_to_string(root.join("permalinks.txt")).unwrap_or_default();
                    put(&root, "permalinks.txt", format!("{old}/old/{n}/\tfile:{file}\n/lost/{n}/\n"));
                }
            },
            Edit::OutputDeleted(which) => {
                if let Some(path) = self.output(which) {
                    fs::remove_file(path).expect("removed");
                }
            }
            Edit::OutputEdited(which) => {
                if let Some(path) = self.output(which) {
                    fs::write(path, format!("edited by hand {n}")).expect("written");
                }
            }
            // What nobody remembers writing can't be removed later: the state is lost between two builds, not between an edit and its build,
            // and while no article lives on in its last good page alone.
            Edit::StateLost | Edit::StateCut if self.stories.iter().any(|story| story.broken) => {}
            Edit::StateLost => {
                self.build();
                drop(fs::remove_dir_all(root.join(".dateline")));
                self.build();
            }
            Edit::StateCut => {
                self.build();
                for (name, bytes) in files(&root.join(".dateline")) {
                    let half = &bytes[..bytes.len() / 2];
                    fs::write(root.join(".dateline").join(name), half).expect("written");
                }
                self.build();
            }
            other => unreachable!("{other:?} is about a story"),
        }
    }

    fn picture(&mut self, which: u8, there: bool) {
        self.change(which, |story, _| story.picture = true);
        let Some(at) = usize::from(which).checked_rem(self.stories.len()) else { return };
        let file = self.root().join("content").join(&self.stories[at].file).with_file_name("p.svg");
        match there {
            true => {
                let svg =
                    format!("<svg xmlns='http://www.w3.org/2000/svg' width='{}' height='9'/>", self.count);
                fs::write(file, svg).expect("written");
            }
            false => drop(fs::remove_file(file)),
        }
    }

    fn transplant(&mut self, which: u8, name: impl FnOnce(&str, u32) -> String) {
        let number = self.next();
        if let Some(mut story) = self.remove(which) {
            story.file = name(&story.file, number);
            // Two files of one name would be one story for the file system and two for the test.
            self.stories.retain(|other| other.file != story.file);
            self.write(&story);
            self.stories.push(story);
        }
    }

    fn output(&self, which: u8) -> Option<std::path::PathBuf> {
        let public = self.root().join("public");
        let all: Vec<String> = files(&public).into_keys().collect();
        let at = usize::from(which).wrapping_mul(7).checked_rem(all.len())?;
        Some(public.join(&all[at]))
    }

    fn build(&self) -> build::BuildReport {
        try_run(self.root(), &Options::default(), &build::Options::default()).expect("it builds")
    }

    /// Builds, builds clean elsewhere, and compares.
    fn check(&mut self) -> Result<(), TestCaseError> {
        let before = files(&self.root().join("public"));
        self.build();
        let elsewhere = tempfile::tempdir().expect("a folder");
        let clean = Options {
            output: Some(elsewhere.path().join("out")),
            state: Some(elsewhere.path().join("state")),
            ..Options::default()
        };
        try_run(self.root(), &clean, &build::Options::default()).expect("it builds");
        let (incremental, clean) = (files(&self.root().join("public")), files(&elsewhere.path().join("out")));
        let broken = self.stories.iter().filter(|story| story.broken).count();
        let mut kept = BTreeMap::new();
        for (path, bytes) in &incremental {
            match clean.get(path) {
                Some(expected) => prop_assert!(bytes == expected, "{path} differs"),
                None => {
                    prop_assert!(before.get(path) == Some(bytes), "{path} is in no clean build, and new");
                    kept.insert(path.clone(), bytes.clone());
                }
            }
        }
        let missing: Vec<&String> = clean.keys().filter(|path| !incremental.contains_key(*path)).collect();
        prop_assert!(missing.is_empty(), "missing: {missing:?}");
        prop_assert!(kept.len() <= broken, "{broken} broken stories, kept: {:?}", kept.keys());
        let again = self.build();
        prop_assert_eq!((again.changes.written, again.changes.removed), (0, 0), "nothing changed since");
        self.kept = kept;
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(24),
        failure_persistence: None,
        max_shrink_iters: 400,
        ..ProptestConfig::default()
    })]

    #[test]
    fn incremental_equals_clean(first in prop::collection::vec(edit(), 1..6), edits in prop::collection::vec(edit(), 1..16)) {
        let mut world = World::new();
        (0..4).for_each(|day| world.apply(Edit::Add { day: day * 5, tags: day * 37 }));
        first.into_iter().for_each(|edit| world.apply(edit));
        world.check()?;
        for edit in edits {
            world.apply(edit);
            world.check().map_err(|error| TestCaseError::fail(format!("after {edit:?}: {error}")))?;
        }
    }
}
