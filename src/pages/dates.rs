//! Dates as templates see them.

use tera::Value;

use super::day_cache::in_other_calendars;
use super::values::map;
use super::view::SiteView;
use crate::model::{Day, Moment};
use crate::templates::{DateStyle, Messages};

/// Returns a day in digits and as the text of a language.
pub(super) fn day_iso_and_label(day: Day, view: &SiteView<'_>, messages: &Messages) -> [Value; 2] {
    let is_site_language = messages.is_same(&view.messages);
    let label = || Value::from(messages.formats().day(DateStyle::Long, day));
    match view.day_values(day) {
        Some(day_values) if is_site_language => [day_values.iso.clone(), day_values.label.clone()],
        Some(day_values) => [day_values.iso.clone(), label()],
        None => [day.iso().into(), label()],
    }
}

/// Returns a date as templates see it.
pub(super) fn date_value(moment: Moment, view: &SiteView<'_>, messages: &Messages) -> Value {
    let zone = view.site.zone;
    let day = moment.day(zone);
    let day_values = view.day_values(day);
    let url = day_values
        .map_or_else(|| view.site.href(&day.path()).into(), |day_values| day_values.url.clone());
    let in_site_language = day_values.filter(|_| messages.is_same(&view.messages));
    let label = in_site_language.map(|day_values| day_values.label.clone());
    let other_calendars = in_site_language.map_or_else(
        || in_other_calendars(day, view.site, messages),
        |day_values| day_values.other_calendars.clone(),
    );
    Value::from(map! {
        "iso" => moment.iso(zone),
        "label" => label.unwrap_or_else(|| messages.formats().day(DateStyle::Long, day).into()),
        "other_calendars" => other_calendars,
        "time" => moment.time(zone).map(|(hour, minute)| messages.formats().time(hour, minute)),
        "day_url" => url,
    })
}
