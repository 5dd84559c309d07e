//! `redactions.yaml`: names that are taken out of stories, kept beside the site's settings and perhaps out of version control. It is never published, and what is
//! said of its mistakes never shows what it holds.

use std::collections::HashMap;
use std::io::Read as _;
use std::path::Path;

use serde_yaml::{Mapping, Value};

use super::is_article;
use crate::diagnostic::{Diagnostic, Place};
use crate::model::names::{MOST, fault};
use crate::model::{Fingerprint, Names};

/// The file's name in the site's root.
pub const REDACTIONS_FILE: &str = "redactions.yaml";
/// The key of names that are taken out of every story.
const EVERYWHERE: &str = "everywhere";
/// The longest file, in bytes.
const LONGEST: u64 = 4 << 20;

/// The names of a site's `redactions.yaml`.
#[derive(Debug, Default)]
pub struct Redactions {
    /// By the file below `content/`, or by the id.
    stories: HashMap<String, Vec<String>>,
    /// Ids among the keys, with the line of each.
    ids: Vec<(String, Place)>,
    /// Those that are taken out of every story.
    pub everywhere: Names,
    /// All of them.
    pub all: Vec<String>,
    /// The hash of the file; unsettled, if there is none.
    pub fingerprint: Fingerprint,
}

impl Redactions {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The names for a file below `content/`.
    pub fn of_file(&self, path: &str) -> &[String] {
        self.stories.get(path).map_or(&[], Vec::as_slice)
    }

    /// The names for an id.
    pub fn of_id(&self, id: &str) -> &[String] {
        if is_article(id) { &[] } else { self.of_file(id) }
    }

    /// The ids among its keys, with the line of each.
    pub fn ids(&self) -> impl Iterator<Item = (&str, &Place)> {
        self.ids.iter().map(|(id, place)| (id.as_str(), place))
    }

    /// Reads the file of a site, if there is one.
    pub(super) fn load(root: &Path, content: &Path) -> (Self, Vec<Diagnostic>) {
        let file = root.join(REDACTIONS_FILE);
        if file.symlink_metadata().is_err() {
            return (Self::default(), Vec::new());
        }
        match text(&file, root) {
            Ok(text) => Self::read(&text, content),
            Err((message, help)) => (Self::default(), vec![unsound(message, help)]),
        }
    }

    fn read(text: &str, content: &Path) -> (Self, Vec<Diagnostic>) {
        let fingerprint = Fingerprint::of(text.as_bytes());
        let mut read = Self { fingerprint, ..Self::default() };
        let values = match serde_yaml::from_str(text) {
            Ok(Value::Mapping(values)) => values,
            Ok(Value::Null) => Mapping::new(),
            Ok(_) => return (read, vec![unsound("it must hold lines of `file: [names]`", SHAPE)]),
            Err(error) => {
                // What the reader says of it may quote it.
                let place = error.location().map(|at| Place::at(text, at.index(), 1).without_text());
                let wrong = unsound(
                    "it is no YAML that can be read",
                    "quote what holds a colon or a bracket, and close what is opened",
                );
                return (read, vec![wrong.at(place)]);
            }
        };
        let mut wrong = Vec::new();
        for (key, value) in &values {
            let key = scalar(key).unwrap_or_default();
            let place = Place::of_key(text, &key).map(Place::without_text);
            match names(value) {
                Ok(names) => read.add(&key, names, place, content, &mut wrong),
                Err(why) => wrong.push(unsound(why, SHAPE).at(place)),
            }
        }
        if read.all.len() > MOST {
            wrong.push(unsound(format!("it holds more than {MOST} names"), "a site takes no more"));
        }
        (read, wrong)
    }

    fn add(
        &mut self,
        key: &str,
        names: Vec<String>,
        place: Option<Place>,
        content: &Path,
        wrong: &mut Vec<Diagnostic>,
    ) {
        if let Some(why) = names.iter().find_map(|name| fault(name)) {
            let message = format!("a name can't be looked for: {why}");
            wrong.push(unsound(message, "write the name as it stands in the story").at(place.clone()));
        }
        self.all.extend(names.iter().cloned());
        if key == EVERYWHERE {
            self.everywhere = Names::of(names.iter().map(String::as_str));
            return;
        }
        let key = key.strip_prefix("content/").unwrap_or(key);
        if !is_article(key) {
            self.ids.extend(place.map(|place| (key.to_owned(), place)));
        } else if !content.join(key).is_file() {
            wrong.push(unknown("there is no such file below content/").at(place));
        }
        self.stories.insert(key.to_owned(), names);
    }
}

/// How the file is written.
const SHAPE: &str = "write `2024/11/talks.md: [First Last]`, the file below content/ or the story's id; or `everywhere:` with a list";

/// A mistake that keeps a site from being built: what should be taken out isn't known.
fn unsound(message: impl Into<String>, help: &str) -> Diagnostic {
    Diagnostic::error("bad-redaction", REDACTIONS_FILE, message).help(help)
}

/// Names for a story that isn't there.
pub fn unknown(why: &str) -> Diagnostic {
    let help =
        "mend the key of this line, or take it out; its names are still looked for in all that is written";
    Diagnostic::warning(
        "unknown-redaction",
        REDACTIONS_FILE,
        format!("names are to be taken out of a story that isn't there: {why}"),
    )
    .help(help)
}

/// The text of the file, or what is wrong and how to mend it.
fn text(file: &Path, root: &Path) -> Result<String, (String, &'static str)> {
    let unreadable = |error: std::io::Error| {
        (format!("can't read it: {error}"), "a site whose names aren't known isn't built")
    };
    let inside = file.canonicalize().map_err(unreadable)?.starts_with(root);
    if !inside {
        return Err((
            "the link leads out of the site and is not followed".into(),
            "put the file itself into the site's folder; `.gitignore` keeps it out of version control",
        ));
    }
    let mut bytes = Vec::new();
    std::fs::File::open(file)
        .and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes))
        .map_err(unreadable)?;
    if bytes.len() as u64 > LONGEST {
        return Err((format!("it is longer than {LONGEST} bytes"), "a site takes no more"));
    }
    let text = String::from_utf8(bytes).map_err(|_| ("the file is not UTF-8".into(), "save it as UTF-8"))?;
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

/// One name, or a list of them.
fn names(value: &Value) -> Result<Vec<String>, &'static str> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Sequence(items) => {
            items.iter().map(|item| scalar(item).ok_or("a list holds something that is no text")).collect()
        }
        one => scalar(one).map(|one| vec![one]).ok_or("a key has neither a name nor a list of names"),
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}
