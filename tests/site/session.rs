//! The site in memory that `serve` shows: after any sequence of edits its pages are those of a
//! clean build. The tests use the library, since they need hundreds of builds.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use dateline::internals::{Effect, FileContent, Session};
use dateline::{BuildOptions, Site, SiteOptions};
use proptest::prelude::*;

use crate::harness::{SETTINGS, article, read_files};
use crate::in_process::{load_site, site_dir, try_build_site, write_file};

/// An edit; numbers choose its details.
#[derive(Clone, Debug)]
enum Edit {
    Body(u8),
    Title(u8),
    FrontMatter(u8, u8),
    Date(u8, u8),
    Draft(u8),
    Break(u8),
    New(u8),
    Remove(u8),
    Rename(u8, u8),
    ContentFolder(u8),
    Image(u8),
    Term(u8),
    Static(u8),
    Template(u8),
}

fn edit_strategy() -> impl Strategy<Value = Edit> {
    let any_byte = any::<u8>;
    prop_oneof![
        3 => any_byte().prop_map(Edit::Body),
        3 => any_byte().prop_map(Edit::Title),
        3 => (any_byte(), any_byte())
            .prop_map(|(selector, tags)| Edit::FrontMatter(selector, tags)),
        1 => (any_byte(), any_byte()).prop_map(|(selector, day)| Edit::Date(selector, day)),
        1 => any_byte().prop_map(Edit::Draft),
        1 => any_byte().prop_map(Edit::Break),
        2 => any_byte().prop_map(Edit::New),
        1 => any_byte().prop_map(Edit::Remove),
        1 => (any_byte(), any_byte()).prop_map(|(selector, to)| Edit::Rename(selector, to)),
        1 => any_byte().prop_map(Edit::ContentFolder),
        1 => any_byte().prop_map(Edit::Image),
        1 => any_byte().prop_map(Edit::Term),
        1 => any_byte().prop_map(Edit::Static),
        1 => any_byte().prop_map(Edit::Template),
    ]
}

/// Lines of front matter that edits choose from.
const FRONT_MATTER: &[&str] = &[
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

/// Static files that edits choose from; some are at the paths of pages.
const STATIC_FILES: &[&str] =
    &["f0.txt", "CNAME", ".well-known/f.json", "2023/index.html", "world", "tags/iran/f"];

/// An article as the test specifies it.
#[derive(Clone, Debug)]
struct ArticleState {
    title: String,
    day: u8,
    front_matter: String,
    body: String,
}

impl ArticleState {
    fn source(&self) -> String {
        let date =
            format!("{}-1{}-0{}", 2022 + u32::from(self.day / 86), self.day % 3, self.day % 9 + 1);
        article(&self.title, &date, &self.front_matter, &self.body)
    }
}

/// A folder with a site, and its contents.
struct World {
    folder: tempfile::TempDir,
    articles: BTreeMap<String, ArticleState>,
    count: u32,
}

impl World {
    fn new() -> Self {
        let folder = site_dir(&[(
            "site.yaml",
            &format!("{SETTINGS}data: {{articles: true}}\nsearch: true\n"),
        )]);
        let mut world = Self { folder, articles: BTreeMap::new(), count: 0 };
        (0..6).for_each(|selector| drop(world.apply(&Edit::New(selector))));
        world
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) -> Vec<String> {
        write_file(self.root(), path, text);
        vec![path.to_owned()]
    }

    /// Removes a file or folder that may not exist.
    fn remove(&self, path: &str) -> Vec<String> {
        let file = self.root().join(path);
        let _ = if file.is_dir() { fs::remove_dir_all(file) } else { fs::remove_file(file) };
        vec![path.to_owned()]
    }

    /// Edits one of the articles.
    fn edit(&mut self, selector: u8, edit: impl FnOnce(&mut ArticleState)) -> Vec<String> {
        let Some(index) = usize::from(selector).checked_rem(self.articles.len()) else {
            return Vec::new();
        };
        let Some((file, article)) = self.articles.iter_mut().nth(index) else { return Vec::new() };
        edit(article);
        let (file, text) = (file.clone(), article.source());
        self.write(&file, text)
    }

    fn article_file(&self, selector: u8) -> Option<String> {
        let index = usize::from(selector).checked_rem(self.articles.len())?;
        self.articles.keys().nth(index).cloned()
    }

    /// Adds an article.
    fn add(&mut self, selector: u8) -> Vec<String> {
        let number = self.count;
        let folder = ["", "world/", "deep/er/"][usize::from(selector) % 3];
        let lines = ["tags: [Iran]\n", "author: A\nseries: S\n"][usize::from(selector) % 2];
        let article = ArticleState {
            title: format!("New {number}"),
            day: selector,
            front_matter: lines.to_owned(),
            body: "Text.\n".to_owned(),
        };
        let (file, text) = (format!("content/{folder}s{number}.md"), article.source());
        self.articles.insert(file.clone(), article);
        self.write(&file, text)
    }

    /// Renames the file of an article. Some file names are equal, and so are some permalinks.
    fn rename(&mut self, selector: u8, to: u8) -> Vec<String> {
        let Some(file) = self.article_file(selector) else { return Vec::new() };
        let Some(article) = self.articles.remove(&file) else { return Vec::new() };
        let renamed = format!("content/{}r{}.md", ["", "world/"][usize::from(to) % 2], to % 5);
        self.articles.insert(renamed.clone(), article);
        fs::create_dir_all(self.root().join("content/world")).expect("the folder is created");
        fs::rename(self.root().join(&file), self.root().join(&renamed))
            .expect("the file is renamed");
        vec![file, renamed]
    }

    /// Renames a folder with articles.
    fn rename_folder(&mut self, selector: u8) -> Vec<String> {
        let (from, to) =
            if selector.is_multiple_of(2) { ("world", "city") } else { ("deep", "world/deep") };
        let (from, to) = (format!("content/{from}"), format!("content/{to}"));
        if !self.root().join(&from).is_dir() || self.root().join(&to).exists() {
            return Vec::new();
        }
        fs::create_dir_all(self.root().join("content/world")).expect("the folder is created");
        fs::rename(self.root().join(&from), self.root().join(&to)).expect("the file is renamed");
        let moved_path = |file: String| {
            file.strip_prefix(&format!("{from}/"))
                .map(|rest| format!("{to}/{rest}"))
                .unwrap_or(file)
        };
        let articles = std::mem::take(&mut self.articles).into_iter();
        self.articles = articles.map(|(file, article)| (moved_path(file), article)).collect();
        vec![from, to]
    }

    /// Makes an edit, and returns the paths that a file watcher reports.
    fn apply(&mut self, edit: &Edit) -> Vec<String> {
        self.count += 1;
        let number = self.count;
        match *edit {
            Edit::Body(selector) => {
                self.edit(selector, |article| article.body = format!("Body {number}.\n"))
            }
            Edit::Title(selector) => {
                self.edit(selector, |article| article.title = format!("Title {number}"))
            }
            Edit::FrontMatter(selector, choice) => {
                let lines = FRONT_MATTER[usize::from(choice) % FRONT_MATTER.len()];
                self.edit(selector, |article| article.front_matter = lines.to_owned())
            }
            Edit::Date(selector, day) => self.edit(selector, |article| article.day = day),
            Edit::Draft(selector) => {
                self.edit(selector, |article| article.front_matter = "draft: true\n".to_owned())
            }
            Edit::Break(selector) => {
                self.edit(selector, |article| article.front_matter = "tags: [\n".to_owned())
            }
            Edit::Image(selector) if selector % 2 == 0 => self.edit(selector, |article| {
                article.front_matter = "image: {src: /p.svg, alt: P}\n".to_owned();
            }),
            Edit::Image(_) if self.root().join("static/p.svg").exists() => {
                self.remove("static/p.svg")
            }
            Edit::Image(_) => self.write(
                "static/p.svg",
                format!("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{number}\"/>"),
            ),
            Edit::New(selector) => self.add(selector),
            Edit::Remove(selector) => self.article_file(selector).map_or_else(Vec::new, |file| {
                self.articles.remove(&file);
                self.remove(&file)
            }),
            Edit::Rename(selector, to) => self.rename(selector, to),
            Edit::ContentFolder(selector) => self.rename_folder(selector),
            Edit::Term(selector) if selector % 3 == 0 => self.remove("content/tags/iran/_index.md"),
            Edit::Term(_) => self.write(
                "content/tags/iran/_index.md",
                format!("---\ntitle: Name {number}\n---\nOn {number}.\n"),
            ),
            Edit::Static(selector) if selector % 3 == 0 => self.remove("static"),
            Edit::Static(selector) => {
                let file = STATIC_FILES[usize::from(selector / 3) % STATIC_FILES.len()];
                self.write(&format!("static/{file}"), number.to_string())
            }
            Edit::Template(selector) => self.edit_template(selector),
        }
    }

    /// Edits a template or the interface text, or removes all of them.
    fn edit_template(&self, selector: u8) -> Vec<String> {
        let number = self.count;
        match selector % 4 {
            0 => self.remove("templates"),
            1 => self
                .write("templates/i18n/en.yaml", format!("skip_to_content: \"Jump {number}\"\n")),
            2 => self.write(
                "templates/404.html",
                format!("{{% extends \"builtin/404.html\" %}}\n{{# {number} #}}"),
            ),
            _ => self.write("templates/parts/colophon.html", format!("<p>{number}</p>")),
        }
    }

    fn load(&self) -> Site {
        load_site(self.root())
    }

    /// Returns the output of a clean build.
    fn clean_build_files(&self) -> BTreeMap<String, Vec<u8>> {
        let folder = tempfile::tempdir().expect("a temporary folder is created");
        let (output, state) = (folder.path().join("out"), folder.path().join("state"));
        let mut options = SiteOptions::default();
        options.output_dir = Some(output.clone());
        options.cache_dir = Some(state);
        try_build_site(self.root(), &options, &BuildOptions::default()).expect("the site is built");
        read_files(&output)
    }
}

/// Applies changes to the session, as `serve` does.
fn apply_changes(session: &mut Session, site: &Site, changed: &[String]) {
    session.apply_changes(site, changed);
    for path in changed {
        match path.split('/').next() {
            Some("templates") => session.invalidate(site, Effect::Templates),
            Some("static") => session.invalidate(site, Effect::Site),
            _ => {}
        }
    }
}

/// Returns the paths whose pages differ from a clean build.
fn differences_from_clean_build(
    session: &mut Session,
    site: &Site,
    clean_files: &BTreeMap<String, Vec<u8>>,
) -> Vec<String> {
    session.with_preview(site, Vec::new(), |preview| {
        let mut differing = Vec::new();
        let mut planned = 0;
        for (path, expected) in clean_files {
            let rendered = preview.find_output(path).map(|id| {
                planned += 1;
                preview.render(id)
            });
            let rendered = match rendered {
                Some(Ok(FileContent::Bytes(bytes))) => Some(bytes),
                Some(Ok(FileContent::File(file))) => fs::read(file).ok(),
                Some(Err(_)) => None,
                None => preview
                    .search_file(path)
                    .expect("there is an index")
                    .and_then(|file| fs::read(file).ok()),
            };
            if rendered.as_ref() != Some(expected) {
                differing.push(path.clone());
            }
        }
        if planned != preview.file_count() {
            differing.push(format!("{} files, {planned} of them wanted", preview.file_count()));
        }
        differing
    })
}

#[test]
fn a_site_is_assembled_once_and_then_updated() {
    let mut world = World::new();
    let site = world.load();
    let mut session = Session::open(&site, &()).expect("the session opens");
    let mut assemblies_after = |world: &mut World, edit: &Edit| {
        let changed = world.apply(edit);
        apply_changes(&mut session, &site, &changed);
        session.with_preview(&site, Vec::new(), |preview| {
            assert!(preview.find_output("index.html").is_some());
        });
        session.full_rebuilds()
    };
    let article_edits = [
        Edit::FrontMatter(0, 0),
        Edit::FrontMatter(1, 2),
        Edit::FrontMatter(0, 3),
        Edit::New(3),
        Edit::Date(2, 7),
        Edit::Rename(1, 3),
        Edit::Remove(4),
        Edit::Break(0),
        Edit::Draft(1),
    ];
    for edit in &article_edits {
        assert_eq!(assemblies_after(&mut world, edit), 1, "{edit:?}");
    }
    assert_eq!(assemblies_after(&mut world, &Edit::Term(1)), 2, "a term's own page");
    assert_eq!(assemblies_after(&mut world, &Edit::Static(1)), 3, "a static file");
}

/// Applies rounds of edits: after each, the session shows what a clean build writes.
fn check_rounds(rounds: &[Vec<Edit>]) -> Result<(), TestCaseError> {
    let mut world = World::new();
    let site = world.load();
    let mut session = Session::open(&site, &()).expect("the session opens");
    for (index, round) in rounds.iter().enumerate() {
        // Some changes are applied one by one, others together.
        let changed: Vec<String> = round.iter().flat_map(|edit| world.apply(edit)).collect();
        apply_changes(&mut session, &site, &changed);
        let clean_files = world.clean_build_files();
        let differing = differences_from_clean_build(&mut session, &site, &clean_files);
        prop_assert!(differing.is_empty(), "after round {index}: {differing:#?}");
    }
    // The next session can use the cache.
    let mut session = Session::open(&site, &()).expect("the session opens");
    let clean_files = world.clean_build_files();
    let differing = differences_from_clean_build(&mut session, &site, &clean_files);
    prop_assert!(differing.is_empty(), "opened again: {differing:#?}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        max_shrink_iters: 60,
        ..ProptestConfig::default()
    })]

    #[test]
    fn session_matches_clean_build_after_any_edits(
        rounds in prop::collection::vec(prop::collection::vec(edit_strategy(), 1..4), 1..7)
    ) {
        check_rounds(&rounds)?;
    }
}
