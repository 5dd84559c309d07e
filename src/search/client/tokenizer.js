// Divides text into words, in the steps that docs/search-format.md specifies. The program does the
// same in src/search/tokenizer.rs; tests/search/tokenizer_vectors.json has test vectors for both.

// Accents, vowel marks and invisible characters, without the non-joiner.
const IGNORED = new RegExp(
  "[\u00ad\u061c\u0640\u093c\u1ab0-\u1aff\u1dc0-\u1dff\u200d-\u200f\u202a-\u202e\u2060" +
    "\u2066-\u2069\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\ufeff]" +
    "|(?=\\p{Mn})[\u0300-\u0307\u0309\u030b-\u06ed]",
  "gu"
);

/**
 * The variants of a letter, each with the form that replaces it.
 * @type {Record<string, string>}
 */
const FORMS = {
  ß: "ss", æ: "ae", œ: "oe", ø: "o\uf8ff", ł: "l", đ: "d", ð: "d", þ: "th", ħ: "h", ı: "i", ς: "σ",
  ي: "ی", ى: "ی", ك: "ک", ة: "ه", ہ: "ه", ە: "ه", ۃ: "ه", ھ: "ه", "٫": ".", "٬": ",",
  "\u0901": "\u0902",
};

// Marks in words: between the letters of an abbreviation that is written like another word, in
// capitals only (f8fc) or not (f8fd); after letters that are also written with an a (f8fe) or an e
// (f8ff).
const MARKS = /[\uf8fc-\uf8ff]/g;
/** Abbreviations that are ordinary words in lowercase. */
const ABBREVIATION = /^(?:it|un|us|who)$/i;

// Characters of words; those of scripts without spaces; and the ones that may connect two others.
const CHARACTER = "[\\p{Alphabetic}\\p{M}\\p{N}\uf8fc-\uf8ff]";
const APOSTROPHE = "['‘’ʼ]";
const UNSPACED =
  "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf" +
  "\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\u{20000}-\u{3134f}]";
const LETTER = `(?!${UNSPACED}|ʼ)\\p{Alphabetic}`;
const CONNECTOR =
  `(?<=[\\p{Alphabetic}\uf8fc-\uf8ff])${APOSTROPHE}(?=${LETTER})|\u200c(?=${LETTER})|` +
  `(?<=\\p{N})(?:${APOSTROPHE}s(?!${CHARACTER})|[.,](?=\\p{N}))`;
const UNSPACED_RUN = `((?:(?=${UNSPACED})${CHARACTER})+)`;
const WORD = `(?:(?!${UNSPACED}|ʼ)${CHARACTER}(?:${CONNECTOR})?)+`;
const RUN_OR_COMPOUND = new RegExp(`${UNSPACED_RUN}|${WORD}(?:[-‐](?=${LETTER})${WORD})*`, "gu");
const INITIALS = new RegExp(
  `(?<!${CHARACTER})(?:\\p{Alphabetic}\\.)+(?:\\p{Alphabetic}(?!\\.|${CHARACTER}))?`,
  "gu"
);
const CAPITALS = /(?<![\p{Alphabetic}\p{M}\p{N}])[A-Z]{2,3}(?![\p{Alphabetic}\p{M}\p{N}])/gu;
// Arabic letters; a Persian suffix after a space, and a prefix before one.
const ARABIC = "\u0620-\u06d3";
const SUFFIX = "(?:ها(?:[یي](?:[یي]|م|ت|ش|مان|تان|شان)?)?|تر(?:[یي]ن)?)";
const AFFIX_SPACE = new RegExp(
  `(?<=[${ARABIC}]) (?=${SUFFIX}(?![${ARABIC}\u200c]))|` +
    `(?<=(?<![${ARABIC}\u200c])ن?م[یي]) (?=[${ARABIC}])`,
  "g"
);
// Non-joiners that don't separate the parts of a word.
const NON_JOINER = new RegExp(`(?<![${ARABIC}])\u200c|\u200c(?!${LETTER})`, "gu");

/**
 * Writes a non-joiner instead of the space between a Persian word and an affix.
 * @param {string} text
 */
export const attachAffixes = (text) => text.replace(AFFIX_SPACE, "\u200c");

/**
 * Returns true if the words around one are in capitals.
 * @param {string} text
 * @param {number} offset
 */
function isInCapitals(text, offset) {
  const [, before = ""] = /(\S*)\s+\S*$/.exec(text.slice(0, offset)) ?? [];
  const [, after = ""] = /^\S*\s+(\S*)/.exec(text.slice(offset)) ?? [];
  const around = before + after;
  return !/[a-z]/.test(around) && around.replace(/[^A-Z]/g, "").length >= 5;
}

/**
 * Normalizes case, accents, vowel marks, the variant forms of letters, and initials.
 * @param {string} text
 */
function normalize(text) {
  return attachAffixes(text.replace(MARKS, " "))
    .replace(CAPITALS, (word, offset, all) =>
      ABBREVIATION.test(word)
        ? [...word].join(isInCapitals(all, offset) ? "\uf8fc" : "\uf8fd")
        : word
    )
    .normalize("NFKD")
    .toLowerCase()
    .replace(IGNORED, "")
    .replace(/(?<=[aou])\u0308/g, "\uf8ff")
    .replace(/(?<=a)\u030a/g, "\uf8fe")
    .replace(/[\u0308\u030a]/g, "")
    .replace(/./gsu, (letter) => FORMS[letter] ?? letter)
    // The code points of Arabic and Persian digits end with their values.
    .replace(/[٠-٩۰-۹]/g, (digit) => String(digit.charCodeAt(0) & 15))
    .replace(NON_JOINER, "")
    // Nasals before a consonant that is homorganic.
    .replace(/(?:ङ्(?=[क-घ])|ञ्(?=[च-झ])|ण्(?=[ट-ढ])|न्(?=[त-ध])|म्(?=[प-भ]))/g, "ं")
    .normalize("NFC")
    .replace(INITIALS, (initials) => {
      const letters = initials.replaceAll(".", "");
      if ([...letters].length < 2) return initials;
      return ABBREVIATION.test(letters) ? [...letters].join("\uf8fd") : letters;
    });
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
 * Returns a normalized word, its parts, and both with letters such as ä written as two.
 * @param {string[]} pieces The word, divided at apostrophes and non-joiners.
 */
function spellings(pieces) {
  const word = pieces.join("");
  const plain = word.replace(/[,\uf8fe\uf8ff]/g, "");
  if (!isIndexed(plain)) return [""];
  const letters = plain.replace(MARKS, "");
  if (letters !== plain) {
    return [[...letters].join("."), ...(plain.includes("\uf8fc") ? [letters] : [])];
  }
  const isDivided =
    pieces.length > 1 &&
    new RegExp(`^[\0-\u024f${ARABIC}]`).test(word) &&
    !/^(?:d|ll|m|re|t|ve)$/.test(pieces[pieces.length - 1]);
  const all = isDivided ? [word, ...pieces] : [word];
  return [
    plain,
    ...all.slice(1).map((part) => part.replace(MARKS, "")),
    ...all
      .filter((part) => part.search(MARKS) >= 0)
      .map((part) => part.replaceAll("\uf8fe", "a").replaceAll("\uf8ff", "e"))
  ];
}

const LONE_CHARACTER = new RegExp(`^${UNSPACED}$`, "u");
/**
 * Returns true for a single character of a script without spaces, which is only found as the
 * beginning of a pair.
 * @param {string} word
 */
export const isLoneCharacter = (word) => LONE_CHARACTER.test(word);

/**
 * Returns the words of a text in order: for each position the word, and other spellings and parts
 * of it; an empty word in place of each that isn't indexed.
 * @param {string} text
 * @returns {string[][]}
 */
export function tokenize(text) {
  // A fast path for most English words.
  if (/^[a-z]{1,40}$/i.test(text) && !ABBREVIATION.test(text)) return [[text.toLowerCase()]];
  const words = [];
  for (const [match, unspaced] of normalize(text).matchAll(RUN_OR_COMPOUND)) {
    if (unspaced) {
      const run = [...match];
      for (let at = 1; at < run.length; at++) words.push([run[at - 1] + run[at]]);
      if (run.length > 1) words[words.length - 1].push(run[run.length - 1]);
      else words.push(run);
      continue;
    }
    const compound = match.split(/[-‐]/).map((word) => {
      const pieces = word.split(/['‘’ʼ\u200c]/);
      // A possessive.
      if (pieces.length > 1 && pieces[pieces.length - 1] === "s") pieces.pop();
      words.push(spellings(pieces));
      return pieces.length > 1 ? "" : pieces[0].replace(/[\uf8fe\uf8ff]/g, "");
    });
    const joined = compound.join("");
    const isCompound =
      compound.length > 1 &&
      compound.length < 4 &&
      compound.every((word) => /^\p{Alphabetic}+$/u.test(word));
    if (isCompound && [...joined].length > 3 && isIndexed(joined)) {
      words[words.length - 1].push(joined);
    }
  }
  return words;
}
