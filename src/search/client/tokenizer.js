// Divides text into words, in the steps that docs/search-format.md specifies. The program does the
// same in src/search/tokenizer.rs; tests/search/tokenizer_vectors.json has test vectors for both.

// Accents, vowel marks and invisible characters.
const IGNORED = new RegExp(
  "[\u00ad\u061c\u0640\u1ab0-\u1aff\u1dc0-\u1dff\u200c-\u200f\u202a-\u202e\u2060" +
    "\u2066-\u2069\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\ufeff]" +
    "|(?=\\p{Mn})[\u0300-\u06ed]",
  "gu"
);

/**
 * The variants of a letter, each with the form that replaces it.
 * @type {Record<string, string>}
 */
const FORMS = {
  ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", ħ: "h", ı: "i", ς: "σ",
  ي: "ی", ى: "ی", ك: "ک", ة: "ه", ہ: "ه", ە: "ه", ۃ: "ه", ھ: "ه", "٫": ".", "٬": ",",
};

// Characters of words; those of scripts without spaces; and the ones that may connect two others.
const CHARACTER = "[\\p{Alphabetic}\\p{M}\\p{N}]";
const UNSPACED =
  "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf" +
  "\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{3134f}]";
const CONNECTOR = "(?<=\\p{Alphabetic})['’ʼ](?=\\p{Alphabetic})|(?<=\\p{N})[.,](?=\\p{N})";
const UNSPACED_RUN = `((?:(?=${UNSPACED})${CHARACTER})+)`;
const WORD = `(?:(?!${UNSPACED})(?!['’ʼ])${CHARACTER}(?:${CONNECTOR})?)+`;
const RUN_OR_WORD = new RegExp(`${UNSPACED_RUN}|${WORD}`, "gu");
const INITIALS = new RegExp(`(?<!${CHARACTER})(?:\\p{Alphabetic}\\.){2,}`, "gu");

/**
 * Normalizes case, accents, vowel marks, the variant forms of letters, and initials.
 * @param {string} text
 */
function normalize(text) {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .replace(IGNORED, "")
    .replace(/./gsu, (letter) => FORMS[letter] ?? letter)
    // The code points of Arabic and Persian digits end with their values.
    .replace(/[٠-٩۰-۹]/g, (digit) => String(digit.charCodeAt(0) & 15))
    .normalize("NFC")
    .replace(INITIALS, (initials) => initials.replaceAll(".", ""));
}

/**
 * Returns false for words of more than 40 characters, and for those of 16 or more with both letters
 * and digits.
 * @param {string} word
 */
function isIndexed(word) {
  const { length } = [...word];
  const isMixed = /\p{N}/u.test(word) && /\p{Alphabetic}/u.test(word);
  return length <= 40 && !(length >= 16 && isMixed);
}

/**
 * Returns the words of a text in order, and an empty one in place of each that isn't indexed.
 * @param {string} text
 * @returns {string[]}
 */
export function tokenize(text) {
  // A fast path for most English words.
  if (/^[a-z]{1,40}$/i.test(text)) return [text.toLowerCase()];
  const words = [];
  for (const [match, unspaced] of normalize(text).matchAll(RUN_OR_WORD)) {
    if (unspaced) {
      const run = [...match];
      if (run.length === 1) words.push(match);
      for (let at = 1; at < run.length; at++) words.push(run[at - 1] + run[at]);
    } else {
      const word = match.replace(/['’ʼ,]/g, "");
      words.push(isIndexed(word) ? word : "");
    }
  }
  return words;
}
