//! Dates with the names of months in other languages than English, which many systems write into
//! feeds and exports.

/// The names and abbreviations of each month in German, Spanish, French, Italian, Dutch and
/// Portuguese, as far as they differ from English, in lower case and without a period.
const MONTHS: [(&str, &[&str]); 12] = [
    (
        "January",
        &[
            "januar", "jän", "jänner", "ene", "enero", "janv", "janvier", "gen", "gennaio",
            "januari",
        ],
    ),
    (
        "February",
        &["februar", "feber", "febrero", "févr", "fév", "février", "febbraio", "februari", "fev"],
    ),
    ("March", &["mär", "märz", "mrz", "marzo", "mars", "maart", "mrt", "março"]),
    ("April", &["abr", "abril", "avr", "avril", "aprile"]),
    ("May", &["mai", "mayo", "mag", "maggio", "mei", "maio"]),
    ("June", &["juni", "junio", "juin", "giu", "giugno", "junho"]),
    ("July", &["juli", "julio", "juil", "juillet", "lug", "luglio", "julho"]),
    ("August", &["ago", "agosto", "août", "aout", "augustus"]),
    ("September", &["septiembre", "setiembre", "septembre", "set", "settembre", "setembro"]),
    ("October", &["okt", "oktober", "octubre", "octobre", "ott", "ottobre", "out", "outubro"]),
    ("November", &["noviembre", "novembre", "novembro"]),
    (
        "December",
        &["dez", "dezember", "dic", "diciembre", "déc", "décembre", "dicembre", "dezembro"],
    ),
];

/// Returns a date with the English name of its month and without the name of the weekday; `None` if
/// it has neither.
pub(super) fn with_english_month(date: &str) -> Option<String> {
    let mut is_translated = false;
    // A weekday may be abbreviated like a month: `mar, 5 nov` is a Tuesday.
    let weekday = date
        .split_once(',')
        .filter(|(word, _)| word.trim_end_matches('.').chars().all(char::is_alphabetic));
    let has_weekday = weekday.is_some();
    let date = weekday.map_or(date, |(_, rest)| rest);
    let words = date.split_whitespace().filter_map(|word| {
        let name = word.trim_end_matches(['.', ',']).to_lowercase();
        match MONTHS.iter().find(|(_, names)| names.contains(&name.as_str())) {
            Some((english, _)) => {
                is_translated = true;
                Some(*english)
            }
            None if ["de", "del"].contains(&name.as_str()) => None,
            None => Some(word),
        }
    });
    let english = words.collect::<Vec<_>>().join(" ");
    (is_translated || has_weekday).then_some(english)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_of_other_languages_are_read() {
        for (date, english) in [
            ("mer, 16 nov 2022 00:38:15 +0100", "16 nov 2022 00:38:15 +0100"),
            ("mar, 1 set 2022", "1 September 2022"),
            ("5 de noviembre de 2024", "5 November 2024"),
            ("Di., 3. März 2020", "3. March 2020"),
            ("12 août 2019 10:00", "12 August 2019 10:00"),
        ] {
            assert_eq!(with_english_month(date).as_deref(), Some(english));
        }
    }
}
