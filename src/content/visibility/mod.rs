//! Visibility: which values of front matter keep an article from being published, and which are
//! probably misspellings of such values.
//!
//! A misspelled takedown must not publish an article. So a status or a key that is almost one that
//! hides an article *withholds* it: nothing of it is published, and the build reports an error. The
//! tables in this module list the words of other systems, which are never misspellings.

mod dates;
mod foreign_flags;
mod foreign_keys;
mod intent;
mod keys;
mod look_alikes;
mod near_keys;
mod nested;
mod redactions;
mod statuses;

pub(crate) use dates::{DateEffect, DateRule, date_effect, date_rule, misspelled_date_key};
pub(crate) use foreign_flags::{ForeignFlag, foreign_flag, misspelled_foreign_flag};
pub(crate) use intent::concealing_line;
pub(crate) use keys::{
    KeyContext, controls_visibility, misspelled_visibility_key, nearest_key, parse_boolean,
};
pub(crate) use nested::{MisplacedEffect, MisplacedKey, may_hide, misplaced_keys};
pub(crate) use redactions::is_unread_redaction;
pub(crate) use statuses::StatusMeaning;
