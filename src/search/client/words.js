// Words: how text becomes what is searched for, step by step as src/search/words.rs does it for the index.
// docs/search-format.md specifies it; both sides run the vectors in tests/search/tokenizer_vectors.json.

const LONGEST = 40;
const LONGEST_MIXED = 16;

// Accents, vowel marks and signs that show nothing.
const IGNORED = /[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\u00ad\u061c\u0640\u200c-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g;

/** @type {Record<string, string>} The one form that stands for all of a letter. */
const FORMS = {
  ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", ħ: "h", ı: "i", ς: "σ",
  ي: "ی", ى: "ی", ك: "ک", ة: "ه", ہ: "ه", ە: "ه", ۃ: "ه", ھ: "ه", "٫": ".", "٬": ",",
};
for (let digit = 0; digit < 10; digit++) {
  FORMS[String.fromCharCode(0x660 + digit)] = FORMS[String.fromCharCode(0x6f0 + digit)] = String(digit);
}
const FORMED = new RegExp(`[${Object.keys(FORMS).join("")}]`, "g");

// One word, or a run of a script without blanks; the parts of a word are told apart by what stands between them.
const PART = "[\\p{Alphabetic}\\p{M}\\p{N}]";
const UNSPACED = "[\\u0e00-\\u0eff\\u1000-\\u109f\\u1780-\\u17ff\\u3040-\\u30ff\\u31f0-\\u31ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3134f}]";
const BETWEEN = "(?<=\\p{Alphabetic})['’ʼ](?=\\p{Alphabetic})|(?<=\\p{N})[.,](?=\\p{N})";
const RUN = `(?:(?=${UNSPACED})${PART})+`;
const WORD = `(?:(?!${UNSPACED})(?!['’ʼ])${PART}(?:${BETWEEN})?)+`;
const WORDS = new RegExp(`${RUN}|${WORD}`, "gu");
const IS_RUN = new RegExp(`^${UNSPACED}`, "u");
const INITIALS = new RegExp(`(?<!${PART})(?:\\p{Alphabetic}\\.){2,}`, "gu");

/** @param {string} text */
export function fold(text) {
  return text.normalize("NFKD").toLowerCase().replace(IGNORED, "").replace(FORMED, (form) => FORMS[form]).normalize("NFC");
}

/** @param {string} word */
function isKept(word) {
  const length = [...word].length;
  return length <= LONGEST && !(length >= LONGEST_MIXED && /\p{N}/u.test(word) && /\p{Alphabetic}/u.test(word));
}

// Most of a text in English is a plain word with a comma at most.
const PLAIN = /^[!-/:-@[-`{-~]*([a-z]{1,40})[!-/:-@[-`{-~]*$/i;

/**
 * The words of a text in order; an empty one stands for a word that is left out.
 * @param {string} text
 * @returns {string[]}
 */
export function words(text) {
  const plain = PLAIN.exec(text);
  if (plain) return [plain[1].toLowerCase()];
  const folded = fold(text).replace(INITIALS, (initials) => initials.replaceAll(".", ""));
  const found = [];
  for (const [piece] of folded.matchAll(WORDS)) {
    if (IS_RUN.test(piece)) {
      const run = [...piece];
      if (run.length === 1) found.push(piece);
      for (let at = 1; at < run.length; at++) found.push(run[at - 1] + run[at]);
    } else {
      const word = piece.replace(/['’ʼ,]/g, "");
      found.push(isKept(word) ? word : "");
    }
  }
  return found;
}
