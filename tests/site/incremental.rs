//! The most important property: after any sequence of edits, the output of an incremental build
//! equals that of a clean build, byte for byte.
//!
//! There is one exception: an article that has errors keeps its last good page, which a clean build
//! doesn't have. `PROPTEST_CASES` sets the number of sequences, `PROPTEST_RNG_SEED` repeats a run;
//! a failing sequence is shrunk.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use dateline::{BuildOptions, BuildReport, SiteOptions};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::harness::{SETTINGS, read_files};
use crate::in_process::{case_count, try_build_site, write_file};

/// An edit of a site between two builds. Numbers choose among existing articles.
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
    Fix(u8),
    /// The file is replaced by another of the same length with an older modification time, as by a
    /// copy that keeps times.
    ReplaceWithOlder(u8),
    /// Two edits of the same length, with a build between them.
    ChangeTwice(u8),
    Image(u8, bool),
    LinkTo(u8, u8),
    TermPage(u8),
    Template(u8),
    Settings(u8),
    Static(u8),
    OutputDeleted(u8),
    OutputEdited(u8),
    CacheDeleted,
    CacheTruncated,
    /// The published articles are recorded in the permalink registry.
    RecordPermalinks,
    /// The permalink registry is edited, or removed.
    ChangeRegistry(u8),
}

fn edit_strategy() -> impl Strategy<Value = Edit> {
    let any_byte = any::<u8>;
    prop_oneof![
        4 => (any_byte(), any_byte()).prop_map(|(day, tags)| Edit::Add { day, tags }),
        2 => any_byte().prop_map(Edit::Body),
        2 => any_byte().prop_map(Edit::Title),
        2 => (any_byte(), any_byte()).prop_map(|(a, b)| Edit::Retag(a, b)),
        2 => (any_byte(), any_byte()).prop_map(|(a, b)| Edit::Redate(a, b)),
        1 => any_byte().prop_map(Edit::Rename),
        1 => any_byte().prop_map(Edit::Move),
        2 => any_byte().prop_map(Edit::Delete),
        2 => any_byte().prop_map(Edit::Break),
        2 => any_byte().prop_map(Edit::Fix),
        1 => any_byte().prop_map(Edit::ReplaceWithOlder),
        1 => any_byte().prop_map(Edit::ChangeTwice),
        1 => (any_byte(), any::<bool>()).prop_map(|(a, b)| Edit::Image(a, b)),
        1 => (any_byte(), any_byte()).prop_map(|(a, b)| Edit::LinkTo(a, b)),
        1 => any_byte().prop_map(Edit::TermPage),
        1 => any_byte().prop_map(Edit::Template),
        1 => any_byte().prop_map(Edit::Settings),
        1 => any_byte().prop_map(Edit::Static),
        1 => any_byte().prop_map(Edit::OutputDeleted),
        1 => any_byte().prop_map(Edit::OutputEdited),
        1 => Just(Edit::CacheDeleted),
        1 => Just(Edit::CacheTruncated),
        2 => Just(Edit::RecordPermalinks),
        1 => any_byte().prop_map(Edit::ChangeRegistry),
    ]
}

/// Pages of terms and taxonomies that edits choose from.
const TERM_PAGES: [&str; 3] =
    ["content/tags/iran/_index.md", "content/world/_index.md", "content/tags/_index.md"];

/// Templates and interface text that edits choose from: path and text.
const TEMPLATES: [(&str, &str); 3] = [
    ("templates/404.html", "{% extends \"builtin/404.html\" %}"),
    (
        "templates/day.html",
        "{{ site.title }} {{ count }}{% for group in groups %}{% for article in group.articles %}\
         {{ article.title }}{% endfor %}{% endfor %}",
    ),
    ("templates/i18n/en.yaml", "archive: \"Archive!\"\n"),
];

/// Settings that edits choose from.
const SETTINGS_LINES: [&str; 6] = [
    "",
    "permalink: /{section}/{year}/{slug}/\n",
    "language: fr\n",
    "time_zone: Asia/Karachi\n",
    "copyright: Somebody\n",
    "sections: {world: The World}\ntaxonomies: {places: false}\n",
];
const SEARCH_LINES: [&str; 3] =
    ["search: true\n", "", "search: {files: chunked, boilerplate: [See]}\n"];
const REDIRECT_LINES: [&str; 3] =
    ["", "redirects: {formats: [html, netlify]}\n", "redirects: {formats: [nginx]}\n"];

/// An article as the test specifies it.
#[derive(Clone, Debug)]
struct ArticleState {
    file: String,
    day: u8,
    title: u32,
    body: u32,
    tags: u8,
    image: bool,
    link: Option<String>,
    broken: bool,
}

impl ArticleState {
    fn source(&self) -> String {
        let tags: Vec<&str> = ["Iran", "Trade", "U.S.", "us", "Lahore"]
            .into_iter()
            .enumerate()
            .filter(|(index, _)| self.tags >> index & 1 == 1)
            .map(|(_, tag)| tag)
            .collect();
        let section = ["world", "business", ""][usize::from(self.tags >> 5) % 3];
        let fence = if self.broken { "" } else { "---\n" };
        let image = if self.image { "\n![A picture](p.svg)\n" } else { "" };
        let link =
            self.link.as_ref().map(|to| format!("\nSee [that]({to}).\n")).unwrap_or_default();
        format!(
            "---\ntitle: Story {:08}\ndate: {}\ntags: {tags:?}\nsection: \"{section}\"\n\
                {fence}Body {:08}.\n{image}{link}",
            self.title,
            date(self.day),
            self.body
        )
    }
}

/// Returns one of a few days in three years, so that articles of a sequence share days.
fn date(day: u8) -> String {
    format!("{}-{:02}-{:02}", 2021 + i32::from(day % 3), 11 + day / 3 % 2, 1 + day / 6 % 4)
}

struct World {
    folder: TempDir,
    articles: Vec<ArticleState>,
    count: u32,
    kept_pages: BTreeMap<String, Vec<u8>>,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder is created");
        write_file(
            folder.path(),
            "site.yaml",
            format!("{SETTINGS}search: true\nredirects: {{formats: [html, netlify]}}\n"),
        );
        fs::create_dir_all(folder.path().join("content")).expect("the folder is created");
        Self { folder, articles: Vec::new(), count: 0, kept_pages: BTreeMap::new() }
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn next(&mut self) -> u32 {
        self.count += 1;
        self.count
    }

    fn write(&self, article: &ArticleState) {
        write_file(self.root(), &format!("content/{}", article.file), article.source());
    }

    /// Edits one article and writes it.
    fn edit(&mut self, selector: u8, edit: impl FnOnce(&mut ArticleState, u32)) {
        let number = self.next();
        let Some(index) = usize::from(selector).checked_rem(self.articles.len()) else { return };
        edit(&mut self.articles[index], number);
        self.write(&self.articles[index].clone());
    }

    fn remove(&mut self, selector: u8) -> Option<ArticleState> {
        let index = usize::from(selector).checked_rem(self.articles.len())?;
        let article = self.articles.remove(index);
        fs::remove_file(self.root().join("content").join(&article.file))
            .expect("the file is removed");
        Some(article)
    }

    fn apply(&mut self, edit: Edit) {
        match edit {
            Edit::Add { day, tags } => {
                let number = self.next();
                let file = format!("{}/s{number}.md", ["a", "b/c", "world"][usize::from(day) % 3]);
                let (title, body) = (number, number);
                let article = ArticleState {
                    file,
                    day,
                    title,
                    body,
                    tags,
                    image: false,
                    link: None,
                    broken: false,
                };
                self.write(&article);
                self.articles.push(article);
            }
            Edit::Body(selector) => self.edit(selector, |article, number| article.body = number),
            Edit::Title(selector) => self.edit(selector, |article, number| article.title = number),
            Edit::Retag(selector, tags) => self.edit(selector, |article, _| article.tags = tags),
            Edit::Redate(selector, day) => self.edit(selector, |article, _| article.day = day),
            Edit::Break(selector) => self.edit(selector, |article, _| article.broken = true),
            Edit::Fix(selector) => self.edit(selector, |article, _| article.broken = false),
            Edit::Image(selector, present) => self.change_image(selector, present),
            Edit::LinkTo(selector, to) => {
                let to = usize::from(to)
                    .checked_rem(self.articles.len())
                    .map(|index| self.articles[index].file.clone());
                self.edit(selector, |article, _| article.link = to);
            }
            Edit::Rename(selector) => self.move_article(selector, |file, number| {
                file.rsplit_once('/')
                    .map_or(format!("r{number}.md"), |(folder, _)| format!("{folder}/r{number}.md"))
            }),
            Edit::Move(selector) => self.move_article(selector, |file, number| {
                format!("moved{}/{}", number % 2, file.rsplit('/').next().unwrap_or(file))
            }),
            Edit::Delete(selector) => drop(self.remove(selector)),
            Edit::ReplaceWithOlder(selector) => {
                self.edit(selector, |article, number| article.body = number);
                let index = usize::from(selector).checked_rem(self.articles.len());
                if let Some(article) = index.map(|index| &self.articles[index]) {
                    let file = fs::File::options()
                        .append(true)
                        .open(self.root().join("content").join(&article.file));
                    let old_time = SystemTime::now() - Duration::from_secs(86_400);
                    file.and_then(|file| file.set_modified(old_time))
                        .expect("the modification time is set");
                }
            }
            Edit::ChangeTwice(selector) => {
                self.edit(selector, |article, number| article.body = number);
                self.build();
                self.edit(selector, |article, number| article.body = number);
            }
            other => self.apply_around(other),
        }
    }

    fn write_or_remove(&self, file: &str, is_written: bool, text: String) {
        if is_written {
            write_file(self.root(), file, text);
        } else {
            let _ = fs::remove_file(self.root().join(file));
        }
    }

    /// Makes an edit of the output folder or the cache.
    fn apply_to_output(&mut self, edit: Edit) {
        let number = self.next();
        let root = self.root().to_owned();
        match edit {
            Edit::OutputDeleted(selector) => {
                if let Some(path) = self.output_file(selector) {
                    fs::remove_file(path).expect("the file is removed");
                }
            }
            Edit::OutputEdited(selector) => {
                if let Some(path) = self.output_file(selector) {
                    fs::write(path, format!("edited by hand {number}"))
                        .expect("the file is written");
                }
            }
            // Without a cache a build can't remove files of earlier ones. Therefore the cache is
            // deleted between two builds, not between an edit and its build, and not while an
            // article has only its last good page, or a lost permalink its last page.
            Edit::CacheDeleted | Edit::CacheTruncated
                if self.articles.iter().any(|article| article.broken)
                    || self.keeps_lost_pages() => {}
            Edit::CacheDeleted => {
                drop(fs::remove_dir_all(root.join(".dateline")));
                self.build();
            }
            Edit::CacheTruncated => {
                for (name, bytes) in read_files(&root.join(".dateline")) {
                    let half = &bytes[..bytes.len() / 2];
                    fs::write(root.join(".dateline").join(name), half)
                        .expect("the file is written");
                }
                self.build();
            }
            other => unreachable!("{other:?} isn't about the output"),
        }
    }

    /// Builds, and returns true if pages of lost permalinks stay.
    fn keeps_lost_pages(&self) -> bool {
        let report = self.build_accepting_new_permalinks();
        !messages(&report, "lost-permalink").is_empty()
    }

    /// Makes an edit of something other than an article.
    fn apply_around(&mut self, edit: Edit) {
        let number = self.next();
        let root = self.root().to_owned();
        match edit {
            Edit::TermPage(selector) => {
                let file = TERM_PAGES[usize::from(selector) % TERM_PAGES.len()];
                let text = format!("---\ntitle: Name {number}\n---\nIntroduction {number}.\n");
                self.write_or_remove(file, selector % 2 == 0, text);
            }
            Edit::Template(selector) => {
                let (file, text) = TEMPLATES[usize::from(selector) % TEMPLATES.len()];
                if selector % 5 == 4 {
                    let _ = fs::remove_dir_all(root.join("templates"));
                } else {
                    write_file(&root, file, text);
                }
            }
            Edit::Settings(selector) => {
                let number = number as usize;
                let settings = SETTINGS_LINES[usize::from(selector) % SETTINGS_LINES.len()];
                let search = SEARCH_LINES[number % SEARCH_LINES.len()];
                let redirects = REDIRECT_LINES[number / 3 % REDIRECT_LINES.len()];
                write_file(&root, "site.yaml", format!("{SETTINGS}{search}{redirects}{settings}"));
            }
            Edit::Static(selector) => match selector % 4 {
                0 => drop(fs::remove_dir_all(root.join("static"))),
                1 => write_file(&root, "static/assets/dateline.css", format!("/* {number} */")),
                _ => {
                    write_file(
                        &root,
                        &format!("static/f{}.txt", selector % 3),
                        format!("{number}"),
                    );
                }
            },
            Edit::RecordPermalinks => {
                let mut record = SiteOptions::default();
                record.record_permalinks = true;
                try_build_site(&root, &record, &BuildOptions::default())
                    .expect("the site is built");
            }
            Edit::ChangeRegistry(selector) => {
                let index = usize::from(selector).checked_rem(self.articles.len());
                let file =
                    index.map_or("", |index| self.articles[index].file.trim_end_matches(".md"));
                let old = fs::read_to_string(root.join("permalinks.txt")).unwrap_or_default();
                let text = format!("{old}/old/{number}/\tfile:{file}\n/lost/{number}/\n");
                self.write_or_remove("permalinks.txt", selector % 4 != 0, text);
            }
            other => self.apply_to_output(other),
        }
    }

    fn change_image(&mut self, selector: u8, present: bool) {
        self.edit(selector, |article, _| article.image = true);
        let Some(index) = usize::from(selector).checked_rem(self.articles.len()) else { return };
        let file =
            self.root().join("content").join(&self.articles[index].file).with_file_name("p.svg");
        if present {
            let svg = format!(
                "<svg xmlns='http://www.w3.org/2000/svg' width='{}' height='9'/>",
                self.count
            );
            fs::write(file, svg).expect("the file is written");
        } else {
            let _ = fs::remove_file(file);
        }
    }

    fn move_article(&mut self, selector: u8, name: impl FnOnce(&str, u32) -> String) {
        let number = self.next();
        if let Some(mut article) = self.remove(selector) {
            article.file = name(&article.file, number);
            // Two articles with the same file name would be one file.
            self.articles.retain(|other| other.file != article.file);
            self.write(&article);
            self.articles.push(article);
        }
    }

    fn output_file(&self, selector: u8) -> Option<std::path::PathBuf> {
        let public = self.root().join("public");
        let paths: Vec<String> = read_files(&public).into_keys().collect();
        let index = usize::from(selector).wrapping_mul(7).checked_rem(paths.len())?;
        Some(public.join(&paths[index]))
    }

    fn build(&self) -> BuildReport {
        try_build_site(self.root(), &SiteOptions::default(), &BuildOptions::default())
            .expect("the site is built")
    }

    /// Builds; if the build stops because of many changed permalinks, as after a change of the
    /// settings, builds again and accepts them.
    fn build_accepting_new_permalinks(&self) -> BuildReport {
        let report = self.build();
        if messages(&report, "changed-permalinks").is_empty() {
            return report;
        }
        let mut accepting = BuildOptions::default();
        accepting.accept_removals = true;
        try_build_site(self.root(), &SiteOptions::default(), &accepting).expect("the site is built")
    }

    /// Builds, makes a clean build in another folder, and compares.
    fn check(&mut self) -> Result<(), TestCaseError> {
        let before = read_files(&self.root().join("public"));
        let report = self.build_accepting_new_permalinks();
        let lost_permalinks = messages(&report, "lost-permalink");
        let elsewhere = tempfile::tempdir().expect("a temporary folder is created");
        let mut clean = SiteOptions::default();
        clean.output_dir = Some(elsewhere.path().join("out"));
        clean.cache_dir = Some(elsewhere.path().join("state"));
        try_build_site(self.root(), &clean, &BuildOptions::default()).expect("the site is built");
        let (incremental, clean) =
            (read_files(&self.root().join("public")), read_files(&elsewhere.path().join("out")));
        let broken = self.articles.iter().filter(|article| article.broken).count();
        let mut kept_pages = BTreeMap::new();
        for (path, bytes) in &incremental {
            match clean.get(path) {
                Some(expected) => prop_assert!(bytes == expected, "{path} differs"),
                None => {
                    prop_assert!(
                        before.get(path) == Some(bytes),
                        "{path} is in no clean build, and new"
                    );
                    kept_pages.insert(path.clone(), bytes.clone());
                }
            }
        }
        let missing: Vec<&String> =
            clean.keys().filter(|path| !incremental.contains_key(*path)).collect();
        prop_assert!(missing.is_empty(), "missing: {missing:?}");
        // Registered pages stay while an article that may belong to them has an error.
        let registry = std::fs::read_to_string(self.root().join("permalinks.txt"));
        let registry = registry.unwrap_or_default();
        let is_registered = |path: &&String| {
            let url = format!("/{}", path.trim_end_matches("index.html"));
            registry.lines().any(|line| line.split('\t').next() == Some(url.as_str()))
        };
        let own_pages = kept_pages.keys().filter(|path| broken == 0 || !is_registered(path));
        let unexplained = unexplained_pages(own_pages, &lost_permalinks);
        let is_explained = if lost_permalinks.is_empty() && broken == 0 {
            kept_pages.is_empty()
        } else {
            unexplained.len() <= broken
        };
        prop_assert!(
            is_explained,
            "{broken} broken articles, {lost_permalinks:?}, kept: {:?}",
            kept_pages.keys()
        );
        let second_report = self.build();
        prop_assert_eq!(
            (second_report.output_changes.written, second_report.output_changes.removed),
            (0, 0),
            "nothing changed since"
        );
        self.kept_pages = kept_pages;
        Ok(())
    }
}

/// Returns the messages of a report's diagnostics with a code.
fn messages(report: &BuildReport, code: &str) -> Vec<String> {
    let with_code = report.diagnostics.iter().filter(|diagnostic| diagnostic.code == code);
    with_code.map(|diagnostic| diagnostic.message.clone()).collect()
}

/// Returns the article pages among the remaining files that no lost permalink explains: those of
/// broken articles. Images and aliases stay with the page that they belong to.
fn unexplained_pages<'a>(
    remaining: impl Iterator<Item = &'a String>,
    lost_permalinks: &[String],
) -> Vec<&'a String> {
    let is_unexplained = |path: &&String| {
        let url = format!("`/{}`", path.trim_end_matches("index.html"));
        let is_page = path.ends_with("/index.html") && !path.starts_with("old");
        is_page && !lost_permalinks.iter().any(|message| message.contains(&url))
    };
    remaining.filter(is_unexplained).collect()
}

/// Returns the edits of one test: those before the first build, and those with a build after each.
fn edits_strategy() -> impl Strategy<Value = (Vec<Edit>, Vec<Edit>)> {
    let edits = |max_count: usize| prop::collection::vec(edit_strategy(), 1..max_count);
    (edits(6), edits(16))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: case_count(24),
        failure_persistence: None,
        max_shrink_iters: 400,
        ..ProptestConfig::default()
    })]

    #[test]
    fn incremental_equals_clean((first, edits) in edits_strategy()) {
        let mut world = World::new();
        (0..4).for_each(|day| world.apply(Edit::Add { day: day * 5, tags: day * 37 }));
        first.into_iter().for_each(|edit| world.apply(edit));
        world.check()?;
        for edit in edits {
            world.apply(edit);
            let fail = |error| TestCaseError::fail(format!("after {edit:?}: {error}"));
            world.check().map_err(fail)?;
        }
    }
}
