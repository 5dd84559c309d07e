//! No registered address is lost: whatever happens to an archive, every address that it ever had answers, a story's with that story.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::archive::{Rng, assert_clean};
use crate::harness::{SETTINGS, Site, story};
use crate::permalinks::{led, permalinks, register};

/// One thing that happens to an archive between two records.
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

fn event() -> impl Strategy<Value = Event> {
    let n = any::<u8>;
    prop_oneof![
        n().prop_map(Event::Rename),
        n().prop_map(Event::Move),
        n().prop_map(Event::Retag),
        n().prop_map(Event::Resection),
        n().prop_map(Event::Redate),
        n().prop_map(Event::Title),
        n().prop_map(Event::Body),
        n().prop_map(Event::Slug),
        n().prop_map(Event::Pattern),
    ]
}

/// A story as the test knows it.
#[derive(Clone, Debug)]
struct Known {
    file: String,
    id: Option<String>,
    day: usize,
    section: usize,
    tags: usize,
    title: usize,
    body: usize,
    slug: Option<usize>,
}

impl Known {
    fn text(&self) -> String {
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
        story(
            &format!("Title {}", self.title),
            &day,
            &format!("{lines}section: {section}\ntags: {tags}\n"),
            &body,
        )
    }
}

struct World {
    site: Site,
    stories: Vec<Known>,
    count: usize,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut rng = Rng(seed);
        let mut world = Self { site: Site::empty(), stories: Vec::new(), count: 0 };
        for number in 0..6 {
            let (day, section, tags) = (rng.below(60), rng.below(3), rng.below(4));
            let id = (number % 2 == 0).then(|| format!("id-{number}"));
            let file = format!("s{number}.md");
            let known = Known { file, id, day, section, tags, title: number, body: number, slug: None };
            world.site.put(&format!("content/{}", known.file), known.text());
            world.stories.push(known);
        }
        world.count = 100;
        world
    }

    fn apply(&mut self, event: Event) {
        self.count += 1;
        let n = self.count;
        let (Event::Rename(which)
        | Event::Move(which)
        | Event::Retag(which)
        | Event::Resection(which)
        | Event::Redate(which)
        | Event::Title(which)
        | Event::Body(which)
        | Event::Slug(which)
        | Event::Pattern(which)) = event;
        let at = usize::from(which) % self.stories.len();
        let known = &mut self.stories[at];
        self.site.remove(&format!("content/{}", known.file));
        match event {
            Event::Rename(_) => known.file = format!("r{n}.md"),
            Event::Move(_) => {
                known.file = format!("folder{n}/{}", known.file.rsplit('/').next().unwrap_or_default());
            }
            Event::Retag(which) => known.tags = usize::from(which / 7),
            Event::Resection(which) => known.section = usize::from(which / 7),
            Event::Redate(which) => known.day = usize::from(which / 3),
            Event::Title(_) => known.title = n,
            Event::Body(_) => known.body = n,
            Event::Slug(_) => known.slug = Some(n),
            Event::Pattern(which) => {
                let patterns = [
                    "/{year}/{slug}/",
                    "/{section}/{slug}/",
                    "/{year}/{month}/{day}/{slug}/",
                    "/{slug}.html",
                    "/{section}/{year}/{name}/",
                ];
                let pattern = patterns[usize::from(which) % patterns.len()];
                self.site.put("site.yaml", format!("{SETTINGS}permalink: {pattern}\n"));
            }
        }
        let known = &self.stories[at];
        self.site.put(&format!("content/{}", known.file), known.text());
    }

    /// Whose page an address shows or leads to, by the title that only one story has.
    fn shown_at(&self, address: &str) -> Option<String> {
        let file = |address: &str| {
            if address.ends_with('/') {
                format!("{}index.html", &address[1..])
            } else {
                address[1..].to_owned()
            }
        };
        let path = file(address);
        let to = self.site.has(&path).then(|| led(&self.site, &path))?;
        let path = to.map_or(path, |to| file(&to));
        let page = self.site.has(&path).then(|| self.site.page(&path))?;
        Some(page.split("<title>").nth(1)?.split('<').next()?.to_owned())
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse::<u32>().ok()).map_or(12, |cases| cases.div_ceil(3)),
        failure_persistence: None,
        max_shrink_iters: 100,
        ..ProptestConfig::default()
    })]

    /// Whatever happens, every address that was ever recorded answers, a story's with that story; and a build that knows of no other makes the
    /// same.
    #[test]
    fn no_address_is_ever_lost(seed in any::<u64>(), rounds in prop::collection::vec(prop::collection::vec(event(), 1..4), 1..6)) {
        let mut world = World::new(seed);
        world.site.build_with(&["--record"]).fine();
        // Which story was last at an address; stories are known by their place in the list.
        let mut owners: BTreeMap<String, usize> = BTreeMap::new();
        for events in rounds {
            for (address, title) in titles(&world) {
                owners.insert(address, title);
            }
            let before = world.stories.clone();
            events.iter().for_each(|event| world.apply(*event));
            // Without an id, a story that is renamed and rewritten at once is another one as far as anybody can tell.
            let unknowable: Vec<usize> = (0..before.len()).filter(|&at| {
                let (old, new) = (&before[at], &world.stories[at]);
                old.id.is_none() && old.file != new.file && old.body != new.body
            }).collect();
            let build = world.site.build();
            let lost: Vec<&str> = build.told.iter().map(|told| told.code.as_str()).collect();
            if unknowable.is_empty() {
                prop_assert_eq!(&lost, &Vec::<&str>::new(), "{:?}: {}", events, build.stderr);
                assert_clean(&world.site, &format!("after {events:?}"));
                let text = register(&world.site);
                for line in text.lines().skip(1) {
                    let address = line.split('\t').next().unwrap_or_default();
                    let title = world.shown_at(address);
                    prop_assert!(title.is_some(), "{} answers nothing after {:?}", address, events);
                    if let Some(owner) = owners.get(address) {
                        let wanted = format!("Title {} ", world.stories[*owner].title);
                        prop_assert!(title.is_some_and(|title| title.starts_with(&wanted)), "{} isn't {} after {:?}", address, wanted, events);
                    }
                }
            } else {
                prop_assert!(lost.iter().all(|code| *code == "lost-permalink"), "{}", build.stderr);
                return Ok(());
            }
            world.site.build_with(&["--record"]).fine();
            prop_assert_eq!(permalinks(&world.site, "check", &[]).status, 0);
        }
    }
}

/// The address of every story now, with its place in the list.
fn titles(world: &World) -> Vec<(String, usize)> {
    let pages = world.site.paths().into_iter().filter(|path| path.ends_with(".html"));
    let addresses = pages.map(|path| format!("/{}", path.trim_end_matches("index.html")));
    let stories = addresses.filter(|address| {
        !["/tags/", "/sections/", "/on-this-day/"].iter().any(|of| address.starts_with(of))
    });
    stories
        .filter_map(|address| {
            let file = if address.ends_with('/') {
                format!("{}index.html", &address[1..])
            } else {
                address[1..].to_owned()
            };
            let title = led(&world.site, &file).map_or_else(|| world.shown_at(&address), |_| None)?;
            let at = world
                .stories
                .iter()
                .position(|known| title.starts_with(&format!("Title {} ", known.title)))?;
            Some((address, at))
        })
        .collect()
}
