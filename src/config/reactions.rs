//! The reaction bar under an article.

use serde::{Deserialize, Serialize};
use serde_yaml::Value;

use super::settings_reader::SettingsReader;

/// The reaction bar.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Reactions {
    /// The URL that the form posts to.
    pub endpoint: Option<String>,
    /// Adds the script that remembers the reader's choice.
    pub script: bool,
    /// The reactions to choose from.
    pub kinds: Vec<Reaction>,
}

/// One reaction.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Reaction {
    /// The value that the form posts.
    pub key: String,
    /// The character on the button.
    pub symbol: String,
    /// The text on the button; the built-in reactions have one in every interface language.
    pub label: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReactionsEntry {
    endpoint: Option<String>,
    #[serde(default = "yes")]
    script: bool,
    kinds: Option<Vec<Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KindEntry {
    key: String,
    symbol: String,
    label: Option<String>,
}

fn yes() -> bool {
    true
}

/// The built-in reactions and their characters. Every interface language has texts for them.
const BUILT_IN_REACTIONS: [(&str, &str); 5] =
    [("like", "👍"), ("love", "❤️"), ("sad", "😢"), ("angry", "😠"), ("surprised", "😮")];

/// The names of the built-in reactions.
pub(super) const BUILT_IN_NAMES: &[&str] = &["like", "love", "sad", "angry", "surprised"];

impl Reactions {
    fn built_in() -> Self {
        let kinds = BUILT_IN_REACTIONS.map(|(key, symbol)| Reaction {
            key: key.into(),
            symbol: symbol.into(),
            label: None,
        });
        Self { endpoint: None, script: true, kinds: kinds.into() }
    }
}

/// Reads the setting `reactions`; if it isn't set, the bar has the built-in reactions.
pub(super) fn read_reactions(reader: &mut SettingsReader<'_>) -> Option<Reactions> {
    match reader.values.get("reactions") {
        Some(Value::Bool(enabled)) => {
            let enabled = *enabled;
            reader.values.remove("reactions");
            return enabled.then(Reactions::built_in);
        }
        None => return Some(Reactions::built_in()),
        Some(_) => {}
    }
    let entry = reader.read::<ReactionsEntry>("reactions")?;
    let kinds = entry
        .kinds
        .map(|kinds| kinds.into_iter().filter_map(|kind| parse_reaction(kind, reader)).collect());
    Some(Reactions {
        endpoint: entry.endpoint,
        script: entry.script,
        kinds: kinds.unwrap_or(Reactions::built_in().kinds),
    })
}

fn parse_reaction(kind: Value, reader: &mut SettingsReader<'_>) -> Option<Reaction> {
    let built_in = |key: &str| BUILT_IN_REACTIONS.iter().find(|(usual, _)| *usual == key);
    let message = match kind {
        Value::String(key) => match built_in(&key) {
            Some((_, symbol)) => {
                return Some(Reaction { key, symbol: (*symbol).into(), label: None });
            }
            None => format!("reactions: `{key}` has no symbol"),
        },
        other => {
            let kind: KindEntry = reader.read_value(&["reactions", "kinds"], other)?;
            return Some(Reaction { key: kind.key, symbol: kind.symbol, label: kind.label });
        }
    };
    let help = "write it as `{key: …, symbol: …, label: …}`; only like, love, sad, angry and \
                surprised need no symbol";
    reader.report(&["reactions", "kinds"], &message, Some(help.into()));
    None
}
