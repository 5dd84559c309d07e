// Queries: their syntax, and the articles that match them, in order.

import { sum } from "./bytes.js";
import { SegmentMatcher } from "./matcher.js";
import { QueryPostings, rangeOf } from "./postings.js";
import { attachAffixes, isLoneCharacter, tokenize } from "./tokenizer.js";

/** The maximum number of words that `word*` finds. If there are more, counts are estimates. */
const MAX_PREFIX_WORDS = 24;
/** The number of hits of which facets are counted. */
const SAMPLE_HITS = 2000;

/**
 * A word, a prefix, a phrase, or a facet.
 * @typedef {object} Alternative
 * @property {string[]} words
 * @property {string[]} [forms] Other forms and spellings of a single word; none if it is quoted.
 * @property {boolean} [prefix]
 * @property {boolean} [facet]
 */

/**
 * An alternative with what a segment contains of it.
 * @typedef {object} Found
 * @property {TermEntry[][]} entries The entries of each word: several for a prefix, and for a word
 * with other forms.
 * @property {boolean} truncated True if a prefix has more words than are searched.
 * @property {Promise<ArticleRange[] | undefined>} phraseRanges Where its words can be adjacent.
 */

/** @typedef {Alternative & Found} Lookup */

/**
 * Articles match if they contain an alternative of each required group, and no excluded one.
 * @typedef {object} Query
 * @property {Alternative[][]} required
 * @property {Alternative[]} excluded
 */

/**
 * @typedef {object} SearchOptions
 * @property {string} order `relevance`, `newest` or `oldest`.
 * @property {string[][]} filters For each filter the facets of which one must match.
 * @property {number} from The first year.
 * @property {number} to The last year.
 * @property {number} [budget] The factor by which more of the index is loaded than at first.
 */

/**
 * @typedef {object} Derived
 * @property {number} budget
 * @property {number} dateOrder 1 for the newest first, -1 for the oldest, 0 for relevance.
 * @property {Map<string, number>} articleCounts The number of articles with each word.
 */

/** @typedef {SearchOptions & Derived} Settings */

/**
 * @typedef {object} Hit
 * @property {Segment} segment
 * @property {number} article
 * @property {number} number The article's number in the index.
 * @property {() => number} fieldNorm
 * @property {number} score
 * @property {number} scale The number of matches that it stands for in an estimate.
 */

/**
 * @typedef {object} SearchResult
 * @property {Hit[]} hits
 * @property {number} count
 * @property {boolean} exact True if the count is exact.
 * @property {boolean} hasMore True if a larger budget can find more.
 * @property {Map<number, number>} years The number of matches for each year.
 * @property {string[]} unknownWords The query's words that occur in no article.
 * @property {string[]} otherForms The words that were found as other forms of the query's words.
 * @property {Map<string, number>} articleCounts The number of articles with each word that the
 * query found, whether they match or not.
 */

/** @typedef {{facet: string, name: string, count: number, exact: boolean}} FacetCount */
/** @typedef {import("./segment.js").Segment} Segment */
/** @typedef {import("./segment.js").TermEntry} TermEntry */
/** @typedef {import("./index.js").Index} Index */
/** @typedef {import("./postings.js").ArticleRange} ArticleRange */

/** Elided words, which the word after the apostrophe is found without. */
const ELIDED = /^(?:[cdjlmnst]|qu|all|dall|dell|nell|sull|un|jusqu|lorsqu|puisqu|quoiqu)$/;

/**
 * Returns what is searched for a word or for several without spaces between them: a word with its
 * other spellings, or a phrase and, for a compound with hyphens, a word.
 * @param {string} text
 * @param {boolean} isExact True for quoted text, of which no other spelling is searched.
 * @returns {Alternative[]}
 */
function parseWords(text, isExact) {
  const positions = tokenize(text).slice(0, 32);
  const words = positions.map(([word]) => word);
  if (!words.some((word) => word)) return [];
  const [[word, ...others]] = positions;
  if (words.length > 1) {
    const joined = words.join("");
    const isCompound = !isExact && positions[words.length - 1].includes(joined);
    return isCompound ? [{ words }, { words: [joined] }] : [{ words }];
  }
  if (isLoneCharacter(word)) return [{ words, prefix: true }];
  if (isExact || word.endsWith(others[0])) return [{ words }];
  if (!others.length) return [{ words, forms: [] }];
  // The parts of a word are before its spellings.
  const isDivided = word.startsWith(others[0]);
  if (!isDivided) return [{ words, forms: others }];
  return [{ words, forms: ELIDED.test(others[0]) ? others.slice(1) : [] }];
}

/**
 * Parses a query: `word`, `prefix*`, `"a phrase"`, `-excluded`, `one OR other`.
 * @param {string} text
 * @returns {Query}
 */
export function parse(text) {
  /** @type {Alternative[][]} */
  const required = [];
  /** @type {Alternative[]} */
  const excluded = [];
  let isOr = false;
  const parts = attachAffixes(text.slice(0, 1000)).matchAll(/(-?)(?:"([^"]*)"?|([^\s"]+))/gu);
  for (const [, minus, phrase, word] of parts) {
    if (word === "OR" && !minus) {
      isOr = required.length > 0;
      continue;
    }
    const alternatives = parseWords(phrase ?? word, !word || !!minus);
    if (!alternatives.length) continue;
    if (word?.endsWith("*")) alternatives[0].prefix = true;
    if (minus) excluded.push(...alternatives);
    else if (isOr) required[required.length - 1].push(...alternatives);
    else required.push(alternatives);
    isOr = false;
  }
  return { required: required.slice(0, 16), excluded: excluded.slice(0, 16) };
}

/**
 * Adds to a count.
 * @template T
 * @param {Map<T, number>} counts
 * @param {T} key
 * @param {number} count
 */
const add = (counts, key, count) => counts.set(key, (counts.get(key) ?? 0) + count);

/**
 * Finds the articles that match a query.
 * @param {Index} index
 * @param {Query} query
 * @param {SearchOptions} options
 * @returns {Promise<SearchResult>}
 */
export async function search(index, query, options) {
  /** @type {Settings} */
  const settings = {
    budget: 1,
    dateOrder: /** @type {any} */ ({ newest: 1, oldest: -1 })[options.order] ?? 0,
    articleCounts: new Map(),
    ...options
  };
  const { budget, dateOrder, articleCounts } = settings;
  const filters = options.filters.map((facets) =>
    facets.map((facet) => ({ words: [facet], facet: true }))
  );
  const groups = await Promise.all(
    [query.excluded, ...query.required, ...filters].map((group) =>
      Promise.all(group.map((alternative) => inflect(index, alternative)))
    )
  );
  const required = groups.slice(1, 1 + query.required.length);
  const { segments } = index;
  // First all term dictionaries, since scores depend on the frequencies in all segments.
  const lookups = await Promise.all(
    segments.map((segment) =>
      Promise.all(
        groups.map((group) => Promise.all(group.map((alternative) => lookUp(segment, alternative))))
      )
    )
  );
  const found = lookups.flat(2);
  for (const { word, articleCount } of new Set(found.flatMap(({ entries }) => entries.flat()))) {
    add(articleCounts, word, articleCount);
  }
  const matches = await Promise.all(
    segments.map((segment, at) => {
      const [excluded, ...required] = lookups[at];
      return new SegmentMatcher(segment, settings, required, excluded).run();
    })
  );
  const hits = matches.flatMap(({ hits }) => hits);
  const hasMore = matches.some(({ scale }) => scale > 1);
  // Parts of the index that weren't loaded may contain matches.
  if (hasMore && !hits.length) {
    return search(index, query, { ...options, budget: 20 * budget });
  }
  hits.sort(
    (a, b) => dateOrder * (b.number - a.number) || b.score - a.score || b.number - a.number
  );
  /** @type {Map<number, number>} */
  const years = new Map();
  for (const match of matches) for (const year of match.years) add(years, year, match.yearWeight);
  return {
    hits,
    count: Math.round(sum(hits, ({ scale }) => scale)),
    exact: !hasMore && !found.some(({ truncated }) => truncated),
    hasMore,
    years,
    unknownWords: required
      .flat()
      .filter(({ prefix, forms }) => !prefix && !forms?.some((form) => articleCounts.has(form)))
      .flatMap(({ words }) => words)
      .filter((word) => word && !articleCounts.has(word)),
    otherForms: required
      .flat()
      .flatMap(({ forms = [] }) => forms.filter((form) => articleCounts.has(form)))
      .sort((a, b) => (articleCounts.get(b) ?? 0) - (articleCounts.get(a) ?? 0)),
    articleCounts
  };
}

/**
 * Counts the most frequent terms of a taxonomy among hits.
 * @param {Index} index
 * @param {string} key
 * @param {SearchResult} result
 * @returns {Promise<FacetCount[]>}
 */
export async function countFacets({ segments, manifest }, key, result) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  let { exact } = result;
  const countIn = async (/** @type {Segment} */ segment) => {
    const hits = result.hits.filter((hit) => hit.segment === segment);
    if (!hits.length) return;
    const found = await Promise.all(
      manifest.facets[key].map((/** @type {string} */ facet) => segment.find(`\x01${key}/${facet}`))
    );
    const entries = found.flat();
    // Postings of at most 2 KiB are loaded whole.
    const postings = new QueryPostings(segment, 2 << 10);
    await postings.open(new Set(entries), new Set());
    // An even sample of many hits.
    const sample = hits.filter((_, at) => (at * SAMPLE_HITS) % hits.length < SAMPLE_HITS);
    const ranges = sample.map(({ article }) => rangeOf(article));
    // At most 64 KiB are loaded.
    const size = await postings.load(ranges, 64 << 10);
    exact &&= size === hits.length;
    for (const { article, scale } of sample.slice(0, size)) {
      for (const entry of entries) {
        const isHit = postings.term(entry).postings.has(article);
        if (isHit) add(counts, entry.word, (scale * hits.length) / size);
      }
    }
  };
  await Promise.all(segments.map(countIn));
  return [...counts]
    .map(([word, count]) => {
      const [facet, name] = word.slice(1).split("\x02");
      return { facet, name: name || facet.slice(key.length + 1), count, exact };
    })
    .sort((a, b) => b.count - a.count);
}

/**
 * Adds the inflected forms of a word in all segments. If no segment contains it, the forms that the
 * most common rules derive from it, or it from them.
 * @param {Index} index
 * @param {Alternative} alternative
 * @returns {Promise<Alternative>}
 */
async function inflect({ segments, manifest }, alternative) {
  const { words, forms, prefix } = alternative;
  if (!forms || prefix) return alternative;
  const find = async (/** @type {string[]} */ wanted) => {
    const found = segments.flatMap((segment) => wanted.map((word) => segment.find(word)));
    return (await Promise.all(found)).flat();
  };
  const [word] = words;
  let found = await find([word, ...forms]);
  if (!found.length) {
    const rules = Object.values(manifest.inflection).flat();
    const derived = await find([...new Set(rules.flatMap((rule) => derive(word, rule)))]);
    found = derived.filter((entry) => !entry.forms.includes(entry.word));
  }
  const all = found.flatMap((entry) => [entry.word, ...entry.forms]);
  return { words, forms: [...new Set([...forms, ...all])].filter((form) => form !== word) };
}

/**
 * Returns the base of a form and the form of a base by a rule, an ending or a prefix, and its
 * replacement.
 * @param {string} word
 * @param {string[]} rule
 */
function derive(word, [affix, base]) {
  const prefix = affix.endsWith("-") && affix.slice(0, -1);
  const derived = [
    prefix !== false && prefix + word,
    prefix && word.startsWith(prefix) && word.slice(prefix.length),
    !prefix && word.endsWith(affix) && word.slice(0, -affix.length) + base,
    !prefix && word.endsWith(base) && word.slice(0, word.length - base.length) + affix
  ];
  return derived.flatMap((other) => (other && other.length > 2 ? [other] : []));
}

/**
 * Looks up an alternative in a segment.
 * @param {Segment} segment
 * @param {Alternative} alternative
 * @returns {Promise<Lookup>}
 */
async function lookUp(segment, alternative) {
  const { words, forms = [], prefix, facet } = alternative;
  let truncated = false;
  const find = async (/** @type {string} */ word, /** @type {number} */ at) => {
    if (!word) return [];
    if (facet) return segment.findPrefix(`\x01${word}\x02`, 2);
    if (!prefix || at < words.length - 1) {
      const entries = await Promise.all([word, ...forms].map((form) => segment.find(form)));
      return entries.flat();
    }
    const found = await segment.findPrefix(word, 4);
    truncated = found.length > MAX_PREFIX_WORDS;
    return found.sort((a, b) => b.articleCount - a.articleCount).slice(0, MAX_PREFIX_WORDS);
  };
  return {
    ...alternative,
    phraseRanges: phraseRanges(segment, alternative).catch(() => undefined),
    entries: await Promise.all(words.map(find)),
    truncated
  };
}

/**
 * Finds the groups of articles that can contain a phrase; undefined if it is not known.
 * @param {Segment} segment
 * @param {Alternative} alternative
 * @returns {Promise<ArticleRange[] | undefined>}
 */
async function phraseRanges(segment, { words, prefix }) {
  const bigrams = words
    .slice(1)
    .flatMap((word, at) => (word && words[at] ? [segment.bigramGroups(words[at], word)] : []));
  if (prefix || !bigrams.length) return;
  const found = await Promise.all(bigrams);
  const [{ shift, groups }, ...others] = found.sort((a, b) => a.shift - b.shift);
  return groups
    .filter((group) =>
      others.every((other) => other.groups.includes(group >> (other.shift - shift)))
    )
    .map((group) => ({ before: (group << shift) - 1, last: ((group + 1) << shift) - 1 }));
}

/**
 * Returns the most similar and most frequent word of the index for a word that isn't in it.
 * @param {Index} index
 * @param {string} word
 * @returns {Promise<string | undefined>}
 */
export async function findSimilar({ segments }, word) {
  const letters = [...word];
  const prefixes = [letters.slice(0, 2).join(""), letters[1] + letters[0]];
  const found = await Promise.all(
    segments.flatMap((segment) => [
      segment.entries(segment.blockOf(word)),
      ...prefixes.map((prefix) => segment.findPrefix(prefix, 3))
    ])
  );
  const [similar] = found
    .flat()
    .map((entry) => ({ ...entry, distance: editDistance(letters, [...entry.word]) }))
    .filter(
      ({ articleCount, distance }) => articleCount > 1 && distance <= (letters.length < 5 ? 1 : 2)
    )
    .sort((a, b) => a.distance - b.distance || b.articleCount - a.articleCount);
  return similar?.word;
}

/**
 * Returns the Levenshtein distance of two words.
 * @param {string[]} a
 * @param {string[]} b
 */
function editDistance(a, b) {
  let row = [...b.keys(), b.length];
  a.forEach((letter, i) => {
    const next = [i + 1];
    b.forEach((other, j) => {
      const replaced = row[j] + (letter === other ? 0 : 1);
      next.push(Math.min(row[j + 1] + 1, next[j] + 1, replaced));
    });
    row = next;
  });
  return row[b.length];
}
