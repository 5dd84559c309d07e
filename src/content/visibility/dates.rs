//! The keys of other systems for the time before which, or after which, an article isn't published.

use serde_yaml::Value;

use super::foreign_keys::is_foreign_key;
use super::keys::scalar_text;
use super::look_alikes::fold_look_alikes;
use super::near_keys::ByKey;
use crate::config::{ExpiredPolicy, Site};
use crate::model::Moment;

/// The meaning of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DateRule {
    /// The article isn't published before it.
    Embargo,
    /// The article isn't published from it on.
    Expiry,
}

/// Keys that have these letters and digits in lower case, of Drupal, Wagtail, Joomla and others.
const RULES_BY_LETTERS: &[(&str, DateRule)] = &[
    ("embargountil", DateRule::Embargo),
    ("embargoeduntil", DateRule::Embargo),
    ("embargotill", DateRule::Embargo),
    ("embargoedtill", DateRule::Embargo),
    ("embargodate", DateRule::Embargo),
    ("embargoend", DateRule::Embargo),
    ("embargoends", DateRule::Embargo),
    ("embargotime", DateRule::Embargo),
    ("publishat", DateRule::Embargo),
    ("publishon", DateRule::Embargo),
    ("publishup", DateRule::Embargo),
    ("publishafter", DateRule::Embargo),
    ("publishfrom", DateRule::Embargo),
    ("goliveat", DateRule::Embargo),
    ("expiry", DateRule::Expiry),
    ("expiration", DateRule::Expiry),
    ("expirationdate", DateRule::Expiry),
    ("expireat", DateRule::Expiry),
    ("expireon", DateRule::Expiry),
    ("expiresat", DateRule::Expiry),
    ("expireson", DateRule::Expiry),
    ("publishdown", DateRule::Expiry),
    ("publishuntil", DateRule::Expiry),
    ("unpublishon", DateRule::Expiry),
    ("unpublishat", DateRule::Expiry),
];

/// Keys that have a rule in this spelling only: similar ones often have another meaning. Hugo's
/// `publishDate` and Ghost's `published_at` are the article's date if it has no other one.
const RULES_BY_KEY: &[(&str, DateRule)] = &[
    ("embargo", DateRule::Embargo),
    ("publishdate", DateRule::Embargo),
    ("published_at", DateRule::Embargo),
    ("pubdate", DateRule::Embargo),
    ("expires", DateRule::Expiry),
    ("expirydate", DateRule::Expiry),
    ("unpublishdate", DateRule::Expiry),
];

/// The effect of a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DateEffect {
    /// The article isn't published at the time of the build.
    Hides(Moment, String),
    /// It is published.
    Shows,
    /// The value isn't a date.
    Unreadable(String),
}

/// Returns the meaning of the date of a key in lower case; `None` for any other key.
pub(crate) fn date_rule(key: &str) -> Option<DateRule> {
    let exact = RULES_BY_KEY.iter().find(|(known, _)| *known == key);
    let by_letters = || {
        let letters = letters_of(key);
        RULES_BY_LETTERS.iter().find(move |(known, _)| *known == letters)
    };
    exact.or_else(by_letters).map(|(_, rule)| *rule)
}

/// Returns the key of another system that an unknown key is probably a misspelling of: one edit
/// makes one of the other, and the date hides the article. A known key of another system is none.
pub(crate) fn misspelled_date_key(
    written: &str,
    value: &Value,
    site: &Site,
) -> Option<&'static str> {
    thread_local! {
        static NEAR: ByKey<(&'static str, DateRule)> = ByKey::new();
    }
    let near = NEAR.with(|near| near.get(written, || near_key(written).into_iter().collect()));
    let (known, rule) = near.first()?;
    let hides = matches!(date_effect(*rule, value, site), Some(DateEffect::Hides(..)));
    hides.then_some(known)
}

/// Returns the key that an unknown key may be a misspelling of, with its meaning.
fn near_key(written: &str) -> Option<(&'static str, DateRule)> {
    let letters = letters_of(written);
    let is_near = |known: &str| {
        letters.len().abs_diff(known.len()) <= 2
            && strsim::osa_distance(&letters, &letters_of(known)) <= 1
    };
    let mut keys = RULES_BY_LETTERS.iter().chain(RULES_BY_KEY);
    let (known, rule) = keys.find(|(known, _)| is_near(known))?;
    let is_same = letters_of(known) == letters && !written.is_ascii();
    (is_same || !is_foreign_key(written)).then_some((*known, *rule))
}

/// Returns the effect of a date by its meaning; `None` if there is no value.
pub(crate) fn date_effect(rule: DateRule, value: &Value, site: &Site) -> Option<DateEffect> {
    let is_empty = value.as_str().is_some_and(|text| text.trim().is_empty());
    if value.is_null() || is_empty {
        return None;
    }
    let Some(text) = scalar_text(value) else {
        return Some(DateEffect::Unreadable("a list or a map".to_owned()));
    };
    let Ok(moment) = Moment::parse_zoned(text.trim(), site.zone) else {
        return Some(DateEffect::Unreadable(format!("`{}`", text.trim())));
    };
    let options = &site.options;
    let hides = match rule {
        DateRule::Embargo => moment.seconds > site.now && !options.include_future,
        DateRule::Expiry => {
            let keeps_expired =
                options.include_expired || site.config.expired == ExpiredPolicy::Keep;
            moment.seconds <= site.now && !keeps_expired
        }
    };
    Some(if hides { DateEffect::Hides(moment, text) } else { DateEffect::Shows })
}

/// The letters and digits of a key, in lower case.
fn letters_of(key: &str) -> String {
    fold_look_alikes(key).chars().filter(|c| c.is_alphanumeric()).collect()
}
