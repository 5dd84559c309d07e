//! A synthetic archive: articles as plain values, the same for the same seed, that are written to a
//! site and edited there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::Path;
use std::time::SystemTime;

use walkdir::WalkDir;

use crate::harness::{CommandOutput, TestSite, read_files};

/// `SplitMix64`: the same numbers for the same seed, everywhere.
#[derive(Clone, Debug)]
pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Returns a number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    pub(crate) fn choose<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }
}

/// A day: year, month, day of the month.
pub(crate) type Day = (i32, u32, u32);

/// An article as a test specifies it. The order of the fields is the order of publication: day,
/// minute, file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Article {
    pub(crate) day: Day,
    pub(crate) minute: u32,
    /// Its file below `content/`.
    pub(crate) file: String,
    pub(crate) title: String,
    pub(crate) standfirst: String,
    pub(crate) section: String,
    pub(crate) tags: Vec<String>,
    pub(crate) author: String,
    pub(crate) body: String,
}

impl Article {
    /// Returns an article of a day, with a section, a tag and an author that other articles have,
    /// too.
    pub(crate) fn on_day(day: Day, minute: u32, file: &str) -> Self {
        let name = file.rsplit('/').next().unwrap_or(file).trim_end_matches(".md");
        Self {
            day,
            minute,
            file: file.to_owned(),
            title: format!("Title of {name}"),
            standfirst: format!("What {name} is about."),
            section: "world".into(),
            tags: vec!["Tag 0".into()],
            author: "Writer 0".into(),
            body: format!("The body of {name}."),
        }
    }

    pub(crate) fn source(&self) -> String {
        let (year, month, day) = self.day;
        let (hour, minute) = (self.minute / 60, self.minute % 60);
        let Self { title, standfirst, section, tags, author, body, .. } = self;
        format!(
            "---\ntitle: {title}\ndescription: {standfirst}\n\
                date: {year}-{month:02}-{day:02} {hour:02}:{minute:02}\n\
             section: {section}\ntags: [{}]\nauthor: {author}\n---\n{body}\n",
            tags.join(", "),
        )
    }

    /// Returns the path of its page below the output folder.
    pub(crate) fn output_path(&self) -> String {
        let (year, month, day) = self.day;
        let name = self.file.rsplit('/').next().unwrap_or_default().trim_end_matches(".md");
        format!("{year}/{month:02}/{day:02}/{name}/index.html")
    }

    /// Returns its terms: taxonomy and name.
    pub(crate) fn terms(&self) -> Vec<(&'static str, &str)> {
        let tags = self.tags.iter().map(|tag| ("tags", tag.as_str()));
        [("sections", self.section.as_str()), ("authors", self.author.as_str())]
            .into_iter()
            .chain(tags)
            .collect()
    }
}

/// Returns articles of the years 2021 to 2024, until the end of October; some days have several
/// articles, some terms few.
pub(crate) fn generate_articles(count: usize, seed: u64) -> Vec<Article> {
    let mut rng = Rng(seed);
    let mut articles: Vec<Article> = Vec::with_capacity(count);
    for number in 0..count {
        let day = match articles.last() {
            Some(article) if rng.below(3) == 0 => article.day,
            _ => {
                let year = 2021 + rng.below(4) as i32;
                let months = if year == 2024 { 10 } else { 12 };
                (year, 1 + rng.below(months) as u32, 1 + rng.below(28) as u32)
            }
        };
        let mut tags: BTreeSet<String> =
            (0..rng.below(4)).map(|_| format!("Tag {}", rng.below(9))).collect();
        if rng.below(12) == 0 {
            tags.insert(format!("Rare {}", rng.below(40)));
        }
        let file = format!("{}/s{number:04}.md", day.0);
        articles.push(Article {
            title: format!("Story {number:04} {}", rng.choose(&["of the day", "again", "& more"])),
            section: rng.choose(&["world", "city", "sport", "world"]).into(),
            author: format!("Writer {}", rng.below(6)),
            tags: tags.into_iter().collect(),
            body: format!("Text {number}.\n\nA second paragraph, {}.", rng.below(1_000)),
            ..Article::on_day(day, rng.below(1_440) as u32, &file)
        });
    }
    articles.sort();
    articles
}

/// A site with its articles.
pub(crate) struct Archive {
    pub(crate) site: TestSite,
    pub(crate) articles: Vec<Article>,
}

impl Archive {
    /// Writes a site with these articles, without a build.
    pub(crate) fn new(articles: Vec<Article>) -> Self {
        let site = TestSite::empty();
        for article in &articles {
            site.write(&format!("content/{}", article.file), article.source());
        }
        Self { site, articles }
    }

    /// Writes a site with some articles, and builds it.
    pub(crate) fn generate_and_build(count: usize, seed: u64) -> Self {
        let archive = Self::new(generate_articles(count, seed));
        archive.site.build().assert_success();
        archive
    }

    /// Writes an article; it replaces the one in the same file.
    pub(crate) fn write(&mut self, article: Article) {
        self.site.write(&format!("content/{}", article.file), article.source());
        self.articles.retain(|other| other.file != article.file);
        self.articles.push(article);
        self.articles.sort();
    }

    /// Edits the article at an index in the order of publication.
    pub(crate) fn edit(&mut self, index: usize, edit: impl FnOnce(&mut Article)) {
        let mut article = self.articles[index].clone();
        edit(&mut article);
        self.write(article);
    }

    /// Removes an article and its file.
    pub(crate) fn remove(&mut self, index: usize) {
        let article = self.articles.remove(index);
        self.site.remove(&format!("content/{}", article.file));
    }

    /// Builds and returns the paths that `--changes` lists.
    #[track_caller]
    pub(crate) fn build_changes(&self) -> OutputChanges {
        let (build, changes) = build_with_changes(&self.site, &[]);
        build.assert_success();
        changes
    }
}

/// The paths below the output folder that a build wrote and removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OutputChanges {
    pub(crate) written: BTreeSet<String>,
    pub(crate) removed: BTreeSet<String>,
}

/// Builds with `--changes` and further arguments, and reads the list. The numbers of the report
/// must be those of the list.
#[track_caller]
pub(crate) fn build_with_changes(site: &TestSite, args: &[&str]) -> (CommandOutput, OutputChanges) {
    let folder = tempfile::tempdir().expect("a temporary folder is created");
    let file = folder.path().join("changes");
    let all_args = [&["--changes", file.to_str().expect("it is UTF-8")], args].concat();
    let build = site.build_with_args(&all_args);
    let mut changes = OutputChanges::default();
    let text =
        fs::read_to_string(&file).unwrap_or_else(|error| panic!("{error}: {}", build.stderr));
    for line in text.lines() {
        let is_new = match line.split_once(' ') {
            Some(("+", path)) => changes.written.insert(path.to_owned()),
            Some(("-", path)) => changes.removed.insert(path.to_owned()),
            _ => panic!("not a line of changes: {line}"),
        };
        assert!(is_new, "reported twice: {line}");
    }
    assert_eq!(build.report_number("written"), changes.written.len() as u64);
    assert_eq!(build.report_number("removed"), changes.removed.len() as u64);
    (build, changes)
}

/// Returns the output of a build without a cache, which is written to temporary folders.
#[track_caller]
pub(crate) fn clean_build_files(site: &TestSite) -> BTreeMap<String, Vec<u8>> {
    let folder = tempfile::tempdir().expect("a temporary folder is created");
    let (output, state) = (folder.path().join("out"), folder.path().join("state"));
    let path_arg = |path: &Path| path.to_str().expect("it is UTF-8").to_owned();
    site.build_with_args(&["--output", &path_arg(&output), "--state", &path_arg(&state)])
        .assert_success();
    read_files(&output)
}

/// Asserts that the output folder has the files of a clean build, byte for byte.
#[track_caller]
pub(crate) fn assert_same_as_clean_build(site: &TestSite, context: &str) {
    let (clean_files, outputs) = (clean_build_files(site), site.outputs());
    let path_set =
        |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<BTreeSet<String>>();
    let (expected, found) = (path_set(&clean_files), path_set(&outputs));
    let missing: Vec<&String> = expected.difference(&found).collect();
    let leftover: Vec<&String> = found.difference(&expected).collect();
    assert!(
        missing.is_empty() && leftover.is_empty(),
        "{context}: lost {missing:?}, left over {leftover:?}"
    );
    let differs: Vec<&String> =
        clean_files.keys().filter(|path| clean_files[*path] != outputs[*path]).collect();
    assert!(differs.is_empty(), "{context}: these differ from a clean build: {differs:?}");
}

/// Returns everything below a folder, also folders, with its modification time; files with their
/// bytes.
pub(crate) fn read_tree(folder: &Path) -> BTreeMap<String, (SystemTime, Option<Vec<u8>>)> {
    let entries = WalkDir::new(folder).into_iter().filter_map(Result::ok);
    let tree_entries = entries.map(|entry| {
        let metadata = entry.metadata().expect("the file is readable");
        let bytes =
            metadata.is_file().then(|| fs::read(entry.path()).expect("the file is readable"));
        let name = entry.path().strip_prefix(folder).expect("the path is below the folder");
        let time = metadata.modified().expect("the modification time is known");
        (name.to_str().expect("it is UTF-8").replace('\\', "/"), (time, bytes))
    });
    tree_entries.collect()
}

/// Flips a byte of a file and restores its modification time.
pub(crate) fn flip_byte(site: &TestSite, path: &str) {
    let file = site.path("public").join(path);
    let time = fs::metadata(&file)
        .and_then(|metadata| metadata.modified())
        .expect("the modification time is known");
    let mut bytes = fs::read(&file).expect("the file is readable");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x20;
    fs::write(&file, bytes).expect("the file is written");
    let file = File::options().append(true).open(file);
    file.and_then(|file| file.set_modified(time)).expect("the modification time is set");
}

/// Waits until the written files are so old that a later change has another modification time: from
/// then on a build doesn't read them again.
pub(crate) fn wait_until_mtimes_are_reliable() {
    std::thread::sleep(std::time::Duration::from_millis(2_200));
}
