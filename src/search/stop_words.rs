//! Words that don't exclude articles from the results of a query that also has other words.

/// The stop words of each language, as the tokenizer returns them.
const STOP_WORDS: &[(&str, &str)] = &[
    ("ar", "فی من علی الی عن مع ان هذا هذه ما لا و او"),
    (
        "de",
        "der die das den dem des ein eine einer eines einem einen und oder in im an am \
         auf von vom zu zum zur mit fur bei ist sind",
    ),
    ("en", "a an and are as at be by for from in is it of on or s that the to was were with"),
    ("es", "el la los las un una y o de del en a al con por para que se es son"),
    ("fa", "و در به از که این را با است"),
    (
        "fr",
        "le la les un une des du de et ou en a au aux dans par pour sur avec que qui est \
         sont l d qu",
    ),
    ("hi", "का के की में से को और है हैं पर ने"),
    ("it", "il lo la i gli le un uno una e o di del della dei in a al alla con per da che"),
    ("nl", "de het een en of in op van voor met te is zijn aan dat"),
    ("pt", "o a os as um uma e ou de do da dos das em no na nos nas com por para que"),
    ("ru", "и в во на с со к у о об от по за из для не что это как"),
];

/// Returns the stop words of languages, in order and each once.
pub(super) fn stop_words<'a>(tags: impl Iterator<Item = &'a str>) -> Vec<&'static str> {
    let primary = |tag: &'a str| tag.split('-').next().unwrap_or(tag);
    let languages: Vec<&str> = tags.map(primary).collect();
    let selected = STOP_WORDS.iter().filter(|(language, _)| languages.contains(language));
    let mut words: Vec<&str> = selected.flat_map(|(_, words)| words.split(' ')).collect();
    words.sort_unstable();
    words.dedup();
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::tokenizer::{Token, tokenize};

    #[test]
    fn stop_words_are_spelled_as_in_the_index() {
        for word in stop_words(STOP_WORDS.iter().map(|(language, _)| *language)) {
            let mut tokens = Vec::new();
            tokenize(word, |token| {
                if let Token::Next(word) = token {
                    tokens.push(word.to_owned());
                }
            });
            assert_eq!(tokens, [word]);
        }
        assert!(stop_words(["fr-CA"].into_iter()).contains(&"des"));
    }
}
