//! The setting `time_zone`, and the suggestion for a name that isn't in the IANA time zone
//! database.

use chrono_tz::{TZ_VARIANTS, Tz};

/// Abbreviations and colloquial names, each with the zone where most of its users live. The IANA
/// database has only a few of them, and those without daylight saving time.
const ABBREVIATIONS: [(&str, &str); 82] = [
    ("acdt", "Australia/Adelaide"),
    ("acst", "Australia/Darwin"),
    ("adt", "America/Halifax"),
    ("aedt", "Australia/Sydney"),
    ("aest", "Australia/Sydney"),
    ("aft", "Asia/Kabul"),
    ("akdt", "America/Anchorage"),
    ("akst", "America/Anchorage"),
    ("almt", "Asia/Almaty"),
    ("amt", "America/Manaus"),
    ("art", "America/Argentina/Buenos_Aires"),
    ("ast", "America/Halifax"),
    ("awst", "Australia/Perth"),
    ("azt", "Asia/Baku"),
    ("bdt", "Asia/Dhaka"),
    ("bot", "America/La_Paz"),
    ("brt", "America/Sao_Paulo"),
    ("bst", "Europe/London"),
    ("cat", "Africa/Harare"),
    ("cdt", "America/Chicago"),
    ("cest", "Europe/Berlin"),
    ("clst", "America/Santiago"),
    ("clt", "America/Santiago"),
    ("cot", "America/Bogota"),
    ("cst", "America/Chicago"),
    ("ct", "America/Chicago"),
    ("eat", "Africa/Nairobi"),
    ("ect", "America/Guayaquil"),
    ("edt", "America/New_York"),
    ("eest", "Europe/Athens"),
    ("et", "America/New_York"),
    ("fjt", "Pacific/Fiji"),
    ("get", "Asia/Tbilisi"),
    ("gst", "Asia/Dubai"),
    ("gt", "America/Guatemala"),
    ("hdt", "Pacific/Honolulu"),
    ("hkt", "Asia/Hong_Kong"),
    ("ict", "Asia/Bangkok"),
    ("idt", "Asia/Jerusalem"),
    ("irdt", "Asia/Tehran"),
    ("irst", "Asia/Tehran"),
    ("ist", "Asia/Kolkata"),
    ("jst", "Asia/Tokyo"),
    ("kgt", "Asia/Bishkek"),
    ("kst", "Asia/Seoul"),
    ("mdt", "America/Denver"),
    ("mesz", "Europe/Berlin"),
    ("mez", "Europe/Berlin"),
    ("mmt", "Asia/Yangon"),
    ("msk", "Europe/Moscow"),
    ("mt", "America/Denver"),
    ("myt", "Asia/Kuala_Lumpur"),
    ("ndt", "America/St_Johns"),
    ("npt", "Asia/Kathmandu"),
    ("nst", "America/St_Johns"),
    ("nt", "America/St_Johns"),
    ("nzdt", "Pacific/Auckland"),
    ("nzst", "Pacific/Auckland"),
    ("pdt", "America/Los_Angeles"),
    ("pet", "America/Lima"),
    ("pht", "Asia/Manila"),
    ("pkt", "Asia/Karachi"),
    ("pst", "America/Los_Angeles"),
    ("pt", "America/Los_Angeles"),
    ("pyt", "America/Asuncion"),
    ("sast", "Africa/Johannesburg"),
    ("sgt", "Asia/Singapore"),
    ("slst", "Asia/Colombo"),
    ("trt", "Europe/Istanbul"),
    ("uyt", "America/Montevideo"),
    ("uzt", "Asia/Tashkent"),
    ("vet", "America/Caracas"),
    ("wast", "Africa/Windhoek"),
    ("wat", "Africa/Lagos"),
    ("west", "Europe/Lisbon"),
    ("wib", "Asia/Jakarta"),
    ("wita", "Asia/Makassar"),
    ("wit", "Asia/Jayapura"),
    ("pacific", "America/Los_Angeles"),
    ("mountain", "America/Denver"),
    ("central", "America/Chicago"),
    ("eastern", "America/New_York"),
];

/// Returns the help for a name that is no time zone: the zone that was meant, if that is clear.
pub(super) fn suggest_zone(name: &str) -> String {
    let wanted = name.trim().to_lowercase();
    let suggestion = zone_for_abbreviation(&wanted)
        .or_else(|| zone_for_city(&wanted))
        .or_else(|| zone_for_offset(&wanted))
        .or_else(|| similar_zone(&wanted));
    match suggestion {
        Some(zone) => format!("did you mean `{zone}`?"),
        None => "use a name of the IANA time zone database, such as `Asia/Karachi`".to_owned(),
    }
}

/// Finds `PST`, and `Pacific Standard Time` or `Pacific Time (US & Canada)`.
fn zone_for_abbreviation(wanted: &str) -> Option<String> {
    let first_word = wanted
        .split_once(' ')
        .map_or(wanted, |(word, rest)| if rest.contains("time") { word } else { wanted });
    let found = ABBREVIATIONS.iter().find(|(abbreviation, _)| *abbreviation == first_word);
    found.map(|(_, zone)| (*zone).to_owned())
}

/// Finds the last part of a name: `Los Angeles`, `karachi`, `US/Los_Angeles`.
fn zone_for_city(wanted: &str) -> Option<String> {
    let city = wanted.rsplit('/').next().unwrap_or(wanted).trim().replace([' ', '-'], "_");
    let has_city = |zone: &&Tz| {
        let (area, last) = zone.name().rsplit_once('/').unwrap_or_default();
        !area.is_empty() && area != "Etc" && last.to_lowercase().replace('-', "_") == city
    };
    TZ_VARIANTS.iter().find(has_city).map(|zone| zone.name().to_owned())
}

/// Finds the zone of a fixed offset of whole hours: `+05:00`, `UTC+5`. POSIX counts the hours of
/// `Etc/GMT` westward, so `+5` is `Etc/GMT-5`.
fn zone_for_offset(wanted: &str) -> Option<String> {
    let offset = wanted.trim_start_matches("utc").trim_start_matches("gmt").trim();
    let (direction, digits) = match offset.strip_prefix('+') {
        Some(digits) => ("-", digits),
        None => ("+", offset.strip_prefix(['-', '−'])?),
    };
    let hours = digits.strip_suffix(":00").or(digits.strip_suffix("00")).unwrap_or(digits);
    let hours: u8 = if hours.is_empty() { 0 } else { hours.parse().ok()? };
    let name = format!("Etc/GMT{direction}{hours}");
    name.parse::<Tz>().ok().map(|_| name)
}

/// Finds a misspelled name. A short word resembles too many of them.
fn similar_zone(wanted: &str) -> Option<String> {
    if wanted.chars().count() < 6 {
        return None;
    }
    let zone_names = TZ_VARIANTS.iter().map(|zone| zone.name());
    let scored =
        zone_names.map(|zone| (strsim::damerau_levenshtein(wanted, &zone.to_lowercase()), zone));
    let (distance, zone) = scored.min()?;
    (distance <= 4.min(wanted.len() / 3)).then(|| zone.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abbreviations_stand_for_zones_of_the_database() {
        for (abbreviation, zone) in ABBREVIATIONS {
            assert!(zone.parse::<Tz>().is_ok(), "{abbreviation}: {zone}");
            assert!(abbreviation.to_uppercase().parse::<Tz>().is_err(), "{abbreviation} is a zone");
        }
    }

    #[test]
    fn zones_are_suggested_by_meaning() {
        for (name, zone) in [
            ("PST", "America/Los_Angeles"),
            ("Pacific Time (US & Canada)", "America/Los_Angeles"),
            ("Eastern Standard Time", "America/New_York"),
            ("pkt", "Asia/Karachi"),
            ("Karachi", "Asia/Karachi"),
            ("los angeles", "America/Los_Angeles"),
            ("America/Los Angeles", "America/Los_Angeles"),
            ("Asia/Karachy", "Asia/Karachi"),
            ("UTC+5", "Etc/GMT-5"),
            ("+05:00", "Etc/GMT-5"),
            ("-0800", "Etc/GMT+8"),
        ] {
            assert_eq!(suggest_zone(name), format!("did you mean `{zone}`?"), "{name}");
        }
        for name in ["PXT", "moon", "", "+05:30", "Atlantis/Poseidonis"] {
            assert!(suggest_zone(name).contains("IANA"), "{name}: {}", suggest_zone(name));
        }
    }
}
