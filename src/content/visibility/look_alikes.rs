//! Letters that look like others: full-width ones, those of Cyrillic and Greek, and invisible
//! characters. A takedown that is written with them must not publish an article.

use crate::model::fold::decomposed;

/// Letters with the Latin letters that they look like, in the manner of Unicode's confusables
/// (UTS 39).
const LOOK_ALIKES: &[(char, char)] = &[
    // Cyrillic, in lower case.
    ('а', 'a'),
    ('в', 'b'),
    ('е', 'e'),
    ('з', '3'),
    ('к', 'k'),
    ('м', 'm'),
    ('н', 'h'),
    ('о', 'o'),
    ('п', 'n'),
    ('р', 'p'),
    ('с', 'c'),
    ('т', 't'),
    ('у', 'y'),
    ('х', 'x'),
    ('ь', 'b'),
    ('ѕ', 's'),
    ('і', 'i'),
    ('ј', 'j'),
    ('ѵ', 'v'),
    ('һ', 'h'),
    ('ӏ', 'l'),
    ('ԁ', 'd'),
    ('ԛ', 'q'),
    ('ԝ', 'w'),
    ('г', 'r'),
    ('и', 'u'),
    // Greek. Capital letters look like others than the small ones.
    ('Η', 'h'),
    ('Ν', 'n'),
    ('Υ', 'y'),
    ('α', 'a'),
    ('β', 'b'),
    ('γ', 'y'),
    ('ε', 'e'),
    ('ζ', 'z'),
    ('η', 'n'),
    ('ι', 'i'),
    ('κ', 'k'),
    ('μ', 'm'),
    ('ν', 'v'),
    ('ο', 'o'),
    ('ρ', 'p'),
    ('σ', 'o'),
    ('τ', 't'),
    ('υ', 'u'),
    ('χ', 'x'),
    ('ω', 'w'),
    // Armenian, and phonetic and small capital letters.
    ('օ', 'o'),
    ('ո', 'n'),
    ('ս', 'u'),
    ('հ', 'h'),
    ('ı', 'i'),
    ('ł', 'l'),
    ('ø', 'o'),
    ('đ', 'd'),
    ('ħ', 'h'),
    ('ŧ', 't'),
    ('ɑ', 'a'),
    ('ɡ', 'g'),
    ('ɩ', 'i'),
    ('ᴀ', 'a'),
    ('ʙ', 'b'),
    ('ᴄ', 'c'),
    ('ᴅ', 'd'),
    ('ᴇ', 'e'),
    ('ꜰ', 'f'),
    ('ɢ', 'g'),
    ('ʜ', 'h'),
    ('ɪ', 'i'),
    ('ᴊ', 'j'),
    ('ᴋ', 'k'),
    ('ʟ', 'l'),
    ('ᴍ', 'm'),
    ('ɴ', 'n'),
    ('ᴏ', 'o'),
    ('ᴘ', 'p'),
    ('ʀ', 'r'),
    ('ꜱ', 's'),
    ('ᴛ', 't'),
    ('ᴜ', 'u'),
    ('ᴠ', 'v'),
    ('ᴡ', 'w'),
    ('ʏ', 'y'),
    ('ᴢ', 'z'),
    ('‐', '-'),
    ('‑', '-'),
    ('–', '-'),
    ('—', '-'),
    ('−', '-'),
];

/// Returns a text in lower case, without accents and invisible characters, and with Latin letters
/// instead of those that look like them.
pub(super) fn fold_look_alikes(text: &str) -> String {
    if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_control()) {
        return text.to_ascii_lowercase();
    }
    let is_visible = |c: &char| {
        let is_control = c.is_control() && !c.is_whitespace();
        let is_zero_width = matches!(c, '\u{200b}' | '\u{180e}' | '\u{2061}'..='\u{2065}'
            | '\u{206a}'..='\u{206f}' | '\u{3164}' | '\u{115f}' | '\u{1160}' | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}');
        !is_control && !is_zero_width
    };
    let latin = |c: char| LOOK_ALIKES.iter().find(|(from, _)| *from == c).map(|(_, to)| *to);
    let letters = decomposed(text).filter(is_visible);
    letters
        .flat_map(|c| match latin(c) {
            Some(letter) => vec![letter],
            None => c.to_lowercase().map(|c| latin(c).unwrap_or(c)).collect(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_look_the_same_are_the_same() {
        for (text, expected) in [
            ("Unpublished", "unpublished"),
            ("ｕｎｐｕｂｌｉｓｈｅｄ", "unpublished"),
            ("un\u{200b}publ\u{ad}ished\u{feff}", "unpublished"),
            ("unpublіshеd", "unpublished"),
            ("ΡRΙVΑΤΕ", "private"),
            ("ΗIDDEΝ", "hidden"),
            ("dráft", "draft"),
            ("𝐝𝐫𝐚𝐟𝐭", "draft"),
            ("ⓓⓡⓐⓕⓣ", "draft"),
            ("on‑hold", "on-hold"),
            ("ＴＲＡＳＨ\u{3000}", "trash "),
        ] {
            assert_eq!(fold_look_alikes(text), expected, "{text}");
        }
    }
}
