// A mix of queries: words, phrases and operators with the words of an archive's articles, the same
// for the same seed.

import fs from "node:fs";

/** The kinds of queries, and their percentages. */
export const SHARES = [
  ["1 word", 35],
  ["2 words", 30],
  ["3 words", 12],
  ["4 words", 5],
  ["phrase", 8],
  ["exclusion", 3],
  ["prefix", 4],
  ["OR", 3]
];
/** The share of words from headlines; the others come from bodies. */
const HEADLINE = 0.7;
/** The minimum length of a word outside phrases. */
const SHORTEST = 3;
/** The number of attempts to find a new query before the mix is impossible. */
const TRIES = 200;

/**
 * Creates a generator of numbers from 0 to 1 (mulberry32).
 * @param {number} seed
 */
export function seededRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Reads the words of an article's headline and of its body.
 * @param {string} file
 * @param {(text: string) => string[]} tokenize The client's tokenizer.
 */
export function readArticle(file, tokenize) {
  const [, front = "", body = ""] =
    /^---\r?\n(.*?)\r?\n---\r?\n(.*)$/s.exec(fs.readFileSync(file, "utf8")) ?? [];
  const title = (/^title:[ \t]*(.*)$/m.exec(front)?.[1] ?? "").replace(/^(["'])(.*)\1$/, "$2");
  const plain = body.replace(/\]\([^)]*\)/g, "] ").replace(/<[^>]*>/g, " ");
  return { headline: tokenize(title), body: tokenize(plain) };
}

/**
 * Returns the kind of each query. The remainder of rounding has one word.
 * @param {number} count
 */
function kinds(count) {
  const all = SHARES.flatMap(([kind, share]) =>
    Array(Math.floor((share * count) / 100)).fill(kind)
  );
  return [...Array(count - all.length).fill("1 word"), ...all];
}

/**
 * Creates a mix of different queries.
 * @param {{headline: string[], body: string[]}[]} articles
 * @param {number} count
 * @param {number} seed
 * @returns {{kind: string, q: string}[]}
 */
export function mix(articles, count, seed) {
  const random = seededRandom(seed);
  const below = (limit) => Math.floor(random() * limit);
  const text = () => {
    const { headline, body } = articles[below(articles.length)];
    return random() < HEADLINE ? headline : body;
  };
  /** Picks different words of one text, in its order, each with the same probability. */
  const some = (number) => {
    const left = [...new Set(text())].filter((word) => [...word].length >= SHORTEST);
    if (left.length < number) return [];
    while (left.length > number) left.splice(below(left.length), 1);
    return left;
  };
  const phrase = (number) => {
    const all = text();
    const start = below(Math.max(1, all.length - number + 1));
    const found = all.slice(start, start + number);
    return found.length === number && found.every((word) => word) ? found : [];
  };
  const beginning = (word) =>
    [...word].slice(0, Math.max(SHORTEST, Math.ceil([...word].length * 0.6))).join("");
  const joined = (words, by = " ") => (words.length ? words.join(by) : "");
  const pair = (by) => {
    const [one, other] = [some(1)[0], some(1)[0]];
    return one && other && one !== other ? one + by + other : "";
  };
  const makers = {
    "1 word": () => joined(some(1)),
    "2 words": () => joined(some(2)),
    "3 words": () => joined(some(3)),
    "4 words": () => joined(some(4)),
    phrase: () => joined(phrase(2 + below(2))).replace(/.+/, '"$&"'),
    exclusion: () => pair(" -"),
    prefix: () =>
      some(1)
        .filter((word) => [...word].length > SHORTEST + 1)
        .map((word) => `${beginning(word)}*`)[0] ?? "",
    OR: () => pair(" OR ")
  };
  const seen = new Set();
  const one = (kind) => {
    for (let tries = 0; tries < TRIES; tries++) {
      const q = makers[kind]();
      if (!q || seen.has(q)) continue;
      seen.add(q);
      return { kind, q };
    }
    throw new Error(
      `${articles.length} articles have too few words for ${count} different queries (${kind})`
    );
  };
  const all = kinds(count).map(one);
  for (let at = all.length - 1; at > 0; at--) {
    const other = below(at + 1);
    [all[at], all[other]] = [all[other], all[at]];
  }
  return all;
}
