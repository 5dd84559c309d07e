//! No recorded permalink is lost: after any edits of an archive, every permalink that it ever had
//! still resolves, to the same article.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::archive::{Rng, assert_same_as_clean_build};
use crate::harness::{SETTINGS, TestSite, article};
use crate::in_process::case_count;
use crate::permalinks::{read_registry, redirect_target, run_permalinks};

/// An edit of an archive between two records.
#[derive(Clone, Copy, Debug)]
enum Event {
    Rename(u8),
    Move(u8),
    Retag(u8),
    Resection(u8),
    Redate(u8),
    Title(u8),
    Body(u8),
    Slug(u8),
    Pattern(u8),
}

fn event_strategy() -> impl Strategy<Value = Event> {
    let any_byte = any::<u8>;
    prop_oneof![
        any_byte().prop_map(Event::Rename),
        any_byte().prop_map(Event::Move),
        any_byte().prop_map(Event::Retag),
        any_byte().prop_map(Event::Resection),
        any_byte().prop_map(Event::Redate),
        any_byte().prop_map(Event::Title),
        any_byte().prop_map(Event::Body),
        any_byte().prop_map(Event::Slug),
        any_byte().prop_map(Event::Pattern),
    ]
}

/// An article as the test specifies it.
#[derive(Clone, Debug)]
struct ArticleState {
    file: String,
    id: Option<String>,
    day: usize,
    section: usize,
    tags: usize,
    title: usize,
    body: usize,
    slug: Option<usize>,
}

impl ArticleState {
    fn source(&self) -> String {
        let id = self.id.iter().map(|id| format!("id: {id}\n"));
        let slug = self.slug.iter().map(|slug| format!("slug: slug-{slug}\n"));
        let tags = ["[Iran]", "[Trade, Iran]", "[Lahore]", "[Trade]"][self.tags % 4];
        let lines: String = id.chain(slug).collect();
        let section = ["world", "city", "sport"][self.section % 3];
        let body = format!(
            "The body {} of a story of its own, which no other story in the archive has.\n",
            self.body
        );
        let day = format!("2024-{:02}-{:02}", 1 + self.day % 3, 1 + self.day % 25);
        article(
            &format!("Title {}", self.title),
            &day,
            &format!("{lines}section: {section}\ntags: {tags}\n"),
            &body,
        )
    }
}

struct World {
    site: TestSite,
    articles: Vec<ArticleState>,
    count: usize,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut rng = Rng(seed);
        let mut world = Self { site: TestSite::empty(), articles: Vec::new(), count: 0 };
        for number in 0..6 {
            let (day, section, tags) = (rng.below(60), rng.below(3), rng.below(4));
            let id = (number % 2 == 0).then(|| format!("id-{number}"));
            let file = format!("s{number}.md");
            let article = ArticleState {
                file,
                id,
                day,
                section,
                tags,
                title: number,
                body: number,
                slug: None,
            };
            world.site.write(&format!("content/{}", article.file), article.source());
            world.articles.push(article);
        }
        world.count = 100;
        world
    }

    fn apply(&mut self, event: Event) {
        self.count += 1;
        let number = self.count;
        let (Event::Rename(selector)
        | Event::Move(selector)
        | Event::Retag(selector)
        | Event::Resection(selector)
        | Event::Redate(selector)
        | Event::Title(selector)
        | Event::Body(selector)
        | Event::Slug(selector)
        | Event::Pattern(selector)) = event;
        let index = usize::from(selector) % self.articles.len();
        let article = &mut self.articles[index];
        self.site.remove(&format!("content/{}", article.file));
        match event {
            Event::Rename(_) => article.file = format!("r{number}.md"),
            Event::Move(_) => {
                article.file = format!(
                    "folder{number}/{}",
                    article.file.rsplit('/').next().unwrap_or_default()
                );
            }
            Event::Retag(selector) => article.tags = usize::from(selector / 7),
            Event::Resection(selector) => article.section = usize::from(selector / 7),
            Event::Redate(selector) => article.day = usize::from(selector / 3),
            Event::Title(_) => article.title = number,
            Event::Body(_) => article.body = number,
            Event::Slug(_) => article.slug = Some(number),
            Event::Pattern(selector) => {
                let patterns = [
                    "/{year}/{slug}/",
                    "/{section}/{slug}/",
                    "/{year}/{month}/{day}/{slug}/",
                    "/{slug}.html",
                    "/{section}/{year}/{name}/",
                ];
                let pattern = patterns[usize::from(selector) % patterns.len()];
                self.site.write("site.yaml", format!("{SETTINGS}permalink: {pattern}\n"));
            }
        }
        let article = &self.articles[index];
        self.site.write(&format!("content/{}", article.file), article.source());
    }

    /// Returns the title on the page at a permalink, or on the page it redirects to; titles are
    /// unique.
    fn title_at(&self, permalink: &str) -> Option<String> {
        let output_file = |url_path: &str| {
            if url_path.ends_with('/') {
                format!("{}index.html", &url_path[1..])
            } else {
                url_path[1..].to_owned()
            }
        };
        let path = output_file(permalink);
        let target = self.site.has_output(&path).then(|| redirect_target(&self.site, &path))?;
        let path = target.map_or(path, |redirect| output_file(&redirect));
        let page = self.site.has_output(&path).then(|| self.site.read_output(&path))?;
        Some(page.split("<title>").nth(1)?.split('<').next()?.to_owned())
    }
}

/// Returns the present permalink of every article, with its index in the list.
fn article_permalinks(world: &World) -> Vec<(String, usize)> {
    let pages = world.site.output_paths().into_iter().filter(|path| path.ends_with(".html"));
    let urls = pages.map(|path| format!("/{}", path.trim_end_matches("index.html")));
    let article_urls = urls.filter(|url| {
        !["/tags/", "/sections/", "/on-this-day/"].iter().any(|prefix| url.starts_with(prefix))
    });
    article_urls
        .filter_map(|url| {
            let file = if url.ends_with('/') {
                format!("{}index.html", &url[1..])
            } else {
                url[1..].to_owned()
            };
            let title = redirect_target(&world.site, &file)
                .map_or_else(|| world.title_at(&url), |_| None)?;
            let index = world
                .articles
                .iter()
                .position(|article| title.starts_with(&format!("Title {} ", article.title)))?;
            Some((url, index))
        })
        .collect()
}

/// Applies rounds of edits: after each, every recorded permalink resolves to its article, and a
/// clean build has the same output.
fn check_rounds(seed: u64, rounds: &[Vec<Event>]) -> Result<(), TestCaseError> {
    let mut world = World::new(seed);
    world.site.build_with_args(&["--record"]).assert_success();
    // The last article at each permalink, by its index in the list.
    let mut owners: BTreeMap<String, usize> = BTreeMap::new();
    for events in rounds {
        owners.extend(article_permalinks(&world));
        let before = world.articles.clone();
        events.iter().for_each(|event| world.apply(*event));
        let build = world.site.build();
        // Without an id, an article that is renamed and rewritten at the same time can't be
        // recognized.
        let is_recognizable = before
            .iter()
            .zip(&world.articles)
            .all(|(old, new)| old.id.is_some() || old.file == new.file || old.body == new.body);
        if !is_recognizable {
            prop_assert!(
                build.codes().iter().all(|code| *code == "lost-permalink"),
                "{}",
                build.stderr
            );
            return Ok(());
        }
        prop_assert_eq!(build.codes(), Vec::<&str>::new(), "{:?}: {}", events, build.stderr);
        assert_same_as_clean_build(&world.site, &format!("after {events:?}"));
        check_registry(&world, &owners)
            .map_err(|error| TestCaseError::fail(format!("after {events:?}: {error}")))?;
        world.site.build_with_args(&["--record"]).assert_success();
        prop_assert_eq!(run_permalinks(&world.site, "check", &[]).status, 0);
    }
    Ok(())
}

/// Asserts that each permalink of the registry resolves, and to its last owner.
fn check_registry(world: &World, owners: &BTreeMap<String, usize>) -> Result<(), TestCaseError> {
    for line in read_registry(&world.site).lines().skip(1) {
        let permalink = line.split('\t').next().unwrap_or_default();
        let title = world.title_at(permalink);
        prop_assert!(title.is_some(), "{permalink} doesn't resolve");
        let Some(owner) = owners.get(permalink) else { continue };
        let expected_title = format!("Title {} ", world.articles[*owner].title);
        prop_assert!(
            title.is_some_and(|title| title.starts_with(&expected_title)),
            "{permalink} isn't {expected_title}"
        );
    }
    Ok(())
}

fn rounds_strategy() -> impl Strategy<Value = Vec<Vec<Event>>> {
    prop::collection::vec(prop::collection::vec(event_strategy(), 1..4), 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: case_count(36).div_ceil(3),
        failure_persistence: None,
        max_shrink_iters: 100,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_permalink_is_ever_lost(seed in any::<u64>(), rounds in rounds_strategy()) {
        check_rounds(seed, &rounds)?;
    }
}
