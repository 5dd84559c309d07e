//! The site in memory that `serve` shows: whatever is edited, and in whatever order, it holds what a clean build writes. Through the library, since
//! that needs hundreds of builds.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use dateline::build::{self, Desk, Effect, Made};
use dateline::site::{Options, Site};
use proptest::prelude::*;

use crate::harness::{SETTINGS, files, story};
use crate::library::{NOW, Silent, put, site, try_run};

/// An edit, with numbers that choose what exactly.
#[derive(Clone, Debug)]
enum Edit {
    Body(u8),
    Title(u8),
    Lines(u8, u8),
    Date(u8, u8),
    Draft(u8),
    Break(u8),
    New(u8),
    Remove(u8),
    Rename(u8, u8),
    Folder(u8),
    Picture(u8),
    Term(u8),
    Static(u8),
    Template(u8),
}

fn edits() -> impl Strategy<Value = Edit> {
    let one = any::<u8>;
    prop_oneof![
        3 => one().prop_map(Edit::Body),
        3 => one().prop_map(Edit::Title),
        3 => (one(), one()).prop_map(|(which, tags)| Edit::Lines(which, tags)),
        1 => (one(), one()).prop_map(|(which, day)| Edit::Date(which, day)),
        1 => one().prop_map(Edit::Draft),
        1 => one().prop_map(Edit::Break),
        2 => one().prop_map(Edit::New),
        1 => one().prop_map(Edit::Remove),
        1 => (one(), one()).prop_map(|(which, to)| Edit::Rename(which, to)),
        1 => one().prop_map(Edit::Folder),
        1 => one().prop_map(Edit::Picture),
        1 => one().prop_map(Edit::Term),
        1 => one().prop_map(Edit::Static),
        1 => one().prop_map(Edit::Template),
    ]
}

/// A story as the test keeps it.
#[derive(Clone, Debug)]
struct Kept {
    title: String,
    day: u8,
    lines: String,
    body: String,
}

impl Kept {
    fn text(&self) -> String {
        let date = format!("{}-1{}-0{}", 2022 + u32::from(self.day / 86), self.day % 3, self.day % 9 + 1);
        story(&self.title, &date, &self.lines, &self.body)
    }
}

/// A folder with a site, and what is in it.
struct World {
    folder: tempfile::TempDir,
    stories: BTreeMap<String, Kept>,
    count: u32,
}

impl World {
    fn new() -> Self {
        let folder = site(&[("site.yaml", &format!("{SETTINGS}data: {{catalogue: true}}\nsearch: true\n"))]);
        let mut world = Self { folder, stories: BTreeMap::new(), count: 0 };
        (0..6).for_each(|which| drop(world.apply(&Edit::New(which))));
        world
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn put(&self, path: &str, text: impl AsRef<[u8]>) -> Vec<String> {
        put(self.root(), path, text);
        vec![path.to_owned()]
    }

    /// Removes what may not be there.
    fn remove(&self, path: &str) -> Vec<String> {
        let file = self.root().join(path);
        let _ = if file.is_dir() { fs::remove_dir_all(file) } else { fs::remove_file(file) };
        vec![path.to_owned()]
    }

    /// Changes one of the stories.
    fn change(&mut self, which: u8, change: impl FnOnce(&mut Kept)) -> Vec<String> {
        let Some(at) = usize::from(which).checked_rem(self.stories.len()) else { return Vec::new() };
        let Some((file, kept)) = self.stories.iter_mut().nth(at) else { return Vec::new() };
        change(kept);
        let (file, text) = (file.clone(), kept.text());
        self.put(&file, text)
    }

    fn file(&self, which: u8) -> Option<String> {
        let at = usize::from(which).checked_rem(self.stories.len())?;
        self.stories.keys().nth(at).cloned()
    }

    /// Edits, and gives what a watcher tells of it.
    fn apply(&mut self, edit: &Edit) -> Vec<String> {
        self.count += 1;
        let n = self.count;
        match *edit {
            Edit::Body(which) => self.change(which, |kept| kept.body = format!("Body {n}.\n")),
            Edit::Title(which) => self.change(which, |kept| kept.title = format!("Title {n}")),
            Edit::Lines(which, tags) => {
                let more = [
                    "tags: [Iran]\n",
                    "tags: [iran, Talks]\n",
                    "tags: [Rare]\nsection: world\n",
                    "tags: [IRAN, iran]\nsection: World\nauthors: [Ann, ann]\n",
                    "authors: [Ann]\nid: one\n",
                    "lang: fr\nid: one\n",
                    "",
                    "corrections: [{date: 2024-12-20, text: One.}]\n",
                    "corrections: [{date: 2024-12-20, text: One.}, {date: 2025-01-02, text: Two.}]\n",
                    "status: retracted\nstatus_reason: It was wrong.\n",
                    "status: unpublished\n",
                ];
                self.change(which, |kept| kept.lines = more[usize::from(tags) % more.len()].to_owned())
            }
            Edit::Date(which, day) => self.change(which, |kept| kept.day = day),
            Edit::Draft(which) => self.change(which, |kept| kept.lines = "draft: true\n".to_owned()),
            Edit::Break(which) => self.change(which, |kept| kept.lines = "tags: [\n".to_owned()),
            Edit::Picture(which) if which % 2 == 0 => {
                self.change(which, |kept| kept.lines = "image: {src: /p.svg, alt: P}\n".to_owned())
            }
            Edit::Picture(_) if self.root().join("static/p.svg").exists() => self.remove("static/p.svg"),
            Edit::Picture(_) => {
                let text = format!("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{n}\" height=\"5\"/>");
                self.put("static/p.svg", text)
            }
            Edit::New(which) => {
                let folder = ["", "world/", "deep/er/"][usize::from(which) % 3];
                let lines = ["tags: [Iran]\n", "author: A\nseries: S\n"][usize::from(which) % 2];
                let kept = Kept {
                    title: format!("New {n}"),
                    day: which,
                    lines: lines.to_owned(),
                    body: "Text.\n".to_owned(),
                };
                let (file, text) = (format!("content/{folder}s{n}.md"), kept.text());
                self.stories.insert(file.clone(), kept);
                self.put(&file, text)
            }
            Edit::Remove(which) => self.file(which).map_or_else(Vec::new, |file| {
                self.stories.remove(&file);
                self.remove(&file)
            }),
            Edit::Rename(which, to) => self.file(which).map_or_else(Vec::new, |file| {
                // Names meet now and then, as addresses do.
                let other = format!("content/{}r{}.md", ["", "world/"][usize::from(to) % 2], to % 5);
                let Some(kept) = self.stories.remove(&file) else { return Vec::new() };
                self.stories.insert(other.clone(), kept);
                fs::create_dir_all(self.root().join("content/world")).expect("created");
                fs::rename(self.root().join(&file), self.root().join(&other)).expect("renamed");
                vec![file, other]
            }),
            Edit::Folder(which) => {
                let (from, to) = if which % 2 == 0 { ("world", "city") } else { ("deep", "world/deep") };
                let (from, to) = (format!("content/{from}"), format!("content/{to}"));
                if !self.root().join(&from).is_dir() || self.root().join(&to).exists() {
                    return Vec::new();
                }
                fs::create_dir_all(self.root().join("content/world")).expect("created");
                fs::rename(self.root().join(&from), self.root().join(&to)).expect("renamed");
                let moved = std::mem::take(&mut self.stories).into_iter();
                let name = |file: String| {
                    file.strip_prefix(&format!("{from}/")).map(|rest| format!("{to}/{rest}")).unwrap_or(file)
                };
                self.stories = moved.map(|(file, kept)| (name(file), kept)).collect();
                vec![from, to]
            }
            Edit::Term(which) if which % 3 == 0 => self.remove("content/tags/iran/_index.md"),
            Edit::Term(_) => {
                self.put("content/tags/iran/_index.md", format!("---\ntitle: Name {n}\n---\nOn {n}.\n"))
            }
            Edit::Static(which) if which % 3 == 0 => self.remove("static"),
            Edit::Static(which) => {
                let files =
                    ["f0.txt", "CNAME", ".well-known/f.json", "2023/index.html", "world", "tags/iran/f"];
                let file = files[usize::from(which / 3) % files.len()];
                self.put(&format!("static/{file}"), n.to_string())
            }
            Edit::Template(which) => match which % 4 {
                0 => self.remove("templates"),
                1 => self.put("templates/i18n/en.yaml", format!("skip_to_content: \"Jump {n}\"\n")),
                2 => self
                    .put("templates/404.html", format!("{{% extends \"builtin/404.html\" %}}\n{{# {n} #}}")),
                _ => self.put("templates/parts/colophon.html", format!("<p>{n}</p>")),
            },
        }
    }

    fn load(&self) -> Site {
        let options = Options { root: self.root().to_owned(), now: NOW, ..Options::default() };
        Site::load(options).expect("a site").0
    }

    /// What a build writes that knows of no other.
    fn clean(&self) -> BTreeMap<String, Vec<u8>> {
        let folder = tempfile::tempdir().expect("a folder");
        let (output, state) = (folder.path().join("out"), folder.path().join("state"));
        let options = Options { output: Some(output.clone()), state: Some(state), ..Options::default() };
        try_run(self.root(), &options, &build::Options::default()).expect("built");
        files(&output)
    }
}

/// Tells the desk of a change, as `serve` does.
fn tell(desk: &mut Desk, site: &Site, changed: &[String]) {
    desk.change(site, changed);
    for path in changed {
        match path.split('/').next() {
            Some("templates") => desk.forget(site, Effect::Templates),
            Some("static") => desk.forget(site, Effect::Site),
            _ => {}
        }
    }
}

/// Where what is shown differs from a clean build.
fn differences(desk: &mut Desk, site: &Site, clean: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    desk.preview(site, Vec::new(), |preview| {
        let mut wrong = Vec::new();
        let mut planned = 0;
        for (path, bytes) in clean {
            let made = preview.find(path).map(|found| {
                planned += 1;
                preview.make(found)
            });
            let made = match made {
                Some(Ok(Made::Bytes(made))) => Some(made),
                Some(Ok(Made::File(file))) => fs::read(file).ok(),
                Some(Err(_)) => None,
                None => preview.search_file(path).expect("an index").and_then(|file| fs::read(file).ok()),
            };
            if made.as_ref() != Some(bytes) {
                wrong.push(path.clone());
            }
        }
        if planned != preview.files() {
            wrong.push(format!("{} files, {planned} of them wanted", preview.files()));
        }
        wrong
    })
}

#[test]
fn a_site_is_put_together_once_and_then_amended() {
    let mut world = World::new();
    let site = world.load();
    let mut desk = Desk::open(&site, &Silent).expect("opened");
    let mut after = |world: &mut World, edit: &Edit| {
        let changed = world.apply(edit);
        tell(&mut desk, &site, &changed);
        desk.preview(&site, Vec::new(), |preview| assert!(preview.find("index.html").is_some()));
        desk.whole()
    };
    let stories = [
        Edit::Lines(0, 0),
        Edit::Lines(1, 2),
        Edit::Lines(0, 3),
        Edit::New(3),
        Edit::Date(2, 7),
        Edit::Rename(1, 3),
        Edit::Remove(4),
        Edit::Break(0),
        Edit::Draft(1),
    ];
    for edit in &stories {
        assert_eq!(after(&mut world, edit), 1, "{edit:?}");
    }
    assert_eq!(after(&mut world, &Edit::Term(1)), 2, "a term's own page");
    assert_eq!(after(&mut world, &Edit::Static(1)), 3, "a static file");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_edited_the_desk_holds_what_a_clean_build_writes(
        rounds in prop::collection::vec(prop::collection::vec(edits(), 1..4), 1..7)
    ) {
        let mut world = World::new();
        let site = world.load();
        let mut desk = Desk::open(&site, &Silent).expect("opened");
        for (at, round) in rounds.iter().enumerate() {
            // Some changes come one by one, others together.
            let changed: Vec<String> = round.iter().flat_map(|edit| world.apply(edit)).collect();
            tell(&mut desk, &site, &changed);
            let wrong = differences(&mut desk, &site, &world.clean());
            prop_assert!(wrong.is_empty(), "after round {at}: {wrong:#?}");
        }
        // And what it kept is good for the next.
        let wrong = differences(&mut Desk::open(&site, &Silent).expect("opened"), &site, &world.clean());
        prop_assert!(wrong.is_empty(), "opened again: {wrong:#?}");
    }
}
