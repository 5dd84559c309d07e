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
 * @property {boolean} [isLast] True for the last word, which may be incomplete.
 * @property {string} [field] The taxonomy of `author:` and the like.
 * @property {string[]} [facet] The beginnings of the facets in the term dictionary.
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
 * @property {number} from The first year.
 * @property {number} to The last year.
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
 * @property {string[]} [missing] The words that the article doesn't contain.
 */

/**
 * @typedef {object} SearchResult
 * @property {Hit[]} hits
 * @property {number} count
 * @property {boolean} exact True if the count is exact.
 * @property {boolean} isPartial True if the hits contain only most of the words.
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
 * The fields that are taxonomies, whose keys are their plurals.
 * @type {Record<string, string>}
 */
const FIELDS = Object.fromEntries(
  ["author", "tag", "section", "place"].map((field) => [field, `${field}s`])
);

/**
 * Parses a query: `word`, `prefix*`, `"a phrase"`, `-excluded`, `one OR other`, `author:name`,
 * `tag:name`, `section:name`, `place:name`, `before:2007`, `after:2007`, `in:2007`.
 * @param {string} text
 * @param {boolean} [isTyping] True if the last word is searched as a prefix.
 * @returns {Query}
 */
export function parse(text, isTyping = false) {
  /** @type {Alternative[][]} */
  const required = [];
  /** @type {Alternative[]} */
  const excluded = [];
  let [from, to] = [-Infinity, Infinity];
  let isOr = false;
  const parts = attachAffixes(text.slice(0, 1000)).matchAll(
    /(-?)(?:(author|tag|section|place|before|after|in):(?=[^\s:]))?(?:"([^"]*)"?|([^\s"]+))/gu
  );
  for (const [part, minus, key, phrase, word] of parts) {
    if (word === "OR" && !minus && !key) {
      isOr = required.length > 0;
      continue;
    }
    if (key && !FIELDS[key] && !minus && /^\d{4}$/.test(word)) {
      if (key !== "before") from = Math.max(from, +word + (key === "in" ? 0 : 1));
      if (key !== "after") to = Math.min(to, +word - (key === "in" ? 0 : 1));
      continue;
    }
    const field = FIELDS[key];
    const value = key && !field ? part.slice(minus.length) : (phrase ?? word);
    const alternatives = parseWords(value, !word || !!minus || !!field);
    if (!alternatives.length) continue;
    const [alternative] = alternatives;
    if (field) alternative.field = field;
    else if (word?.endsWith("*")) alternative.prefix = true;
    if (minus) excluded.push(...alternatives);
    else if (isOr) required[required.length - 1].push(...alternatives);
    else required.push(alternatives);
    isOr = false;
    // Only a word that isn't quoted has forms.
    if (alternative.forms && text.endsWith(part) && [...alternative.words[0]].length > 2) {
      alternative.isLast = true;
      alternative.prefix = isTyping;
    }
  }
  return { required: required.slice(0, 16), excluded: excluded.slice(0, 16), from, to };
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
 * Finds the articles that match a query. If the site has been published since the manifest was
 * loaded, its new index is searched.
 * @param {Index} index
 * @param {Query} query
 * @param {SearchOptions} options
 * @returns {Promise<SearchResult>}
 */
export async function search(index, query, options) {
  for (let attempts = 5; ; attempts--) {
    try {
      return await searchOnce(index, query, options);
    } catch (/** @type {any} */ error) {
      if (!attempts || error.cause === "range" || !(await index.reload())) throw error;
    }
  }
}

/**
 * @param {Index} index
 * @param {Query} query
 * @param {SearchOptions} options
 * @returns {Promise<SearchResult>}
 */
async function searchOnce(index, query, options) {
  /** @type {Settings} */
  const settings = {
    budget: 1,
    dateOrder: /** @type {any} */ ({ newest: 1, oldest: -1 })[options.order] ?? 0,
    articleCounts: new Map(),
    ...options,
    from: Math.max(options.from, query.from),
    to: Math.min(options.to, query.to)
  };
  const { budget, dateOrder, articleCounts } = settings;
  const { segments, manifest } = index;
  // Words such as "the" exclude no article, unless a query has no other ones.
  const isStopWord = (/** @type {Alternative[]} */ [{ words, forms, prefix }]) =>
    forms && !prefix && manifest.stop_words.includes(words[0]);
  let required = query.required.filter((group) => group.length > 1 || !isStopWord(group));
  if (!required.length) required = query.required;
  const filters = options.filters.map((facets) =>
    facets.map((facet) => ({ words: [facet], facet: [`\x01${facet}\x02`] }))
  );
  const groups = await Promise.all(
    [query.excluded, ...required, ...filters].map((group) =>
      Promise.all(group.map((alternative) => resolve(index, alternative)))
    )
  );
  required = groups.slice(1, 1 + required.length);
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
  const matchers = segments.map((segment, at) => {
    const [excluded, ...groups] = lookups[at];
    return new SegmentMatcher(segment, settings, groups, excluded);
  });
  let matches = await Promise.all(matchers.map((matcher) => matcher.run()));
  let hits = matches.flatMap(({ hits }) => hits);
  const hasMore = matches.some(({ scale }) => scale > 1);
  // Parts of the index that weren't loaded may contain matches.
  if (hasMore && !hits.length) {
    return searchOnce(index, query, { ...options, budget: 20 * budget });
  }
  // If no article has all of three or more words, those with most of them.
  let isPartial = false;
  if (!hits.length && required.length > 2) {
    const most = matchers.map((matcher, at) =>
      matcher.runMost(lookups[at].slice(1, 1 + required.length), filters.length)
    );
    matches = await Promise.all(most);
    hits = matches.flatMap(({ hits }) => hits);
    isPartial = hits.length > 0;
  }
  hits.sort(
    (a, b) => dateOrder * (b.number - a.number) || b.score - a.score || b.number - a.number
  );
  /** @type {Map<number, number>} */
  const years = new Map();
  for (const match of matches) for (const year of match.years) add(years, year, match.yearWeight);
  const isKnown = (/** @type {string} */ word) => articleCounts.has(word);
  return {
    hits,
    count: Math.round(sum(hits, ({ scale }) => scale)),
    exact: !hasMore && !isPartial && !found.some(({ truncated }) => truncated),
    hasMore: hasMore && !isPartial,
    isPartial,
    years,
    unknownWords: required
      .flat()
      .filter(({ facet, prefix, isLast }) => !facet && (!prefix || isLast))
      .filter(({ words, prefix, forms }) => {
        const isPrefix = (/** @type {string} */ word) => word.startsWith(words[0]);
        return !forms?.some(isKnown) && !(prefix && [...articleCounts.keys()].some(isPrefix));
      })
      .flatMap(({ words }) => words)
      .filter((word) => word && !isKnown(word)),
    otherForms: required
      .flat()
      .flatMap(({ forms = [] }) => forms.filter(isKnown))
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
 * most common rules derive from it, or it from them; if there are none, the last word of a query is
 * a prefix. Finds the facets of a field.
 * @param {Index} index
 * @param {Alternative} alternative
 * @returns {Promise<Alternative>}
 */
async function resolve({ segments, manifest }, alternative) {
  const { words, forms, prefix, isLast, field } = alternative;
  const terms = field && manifest.facets[field];
  if (terms) {
    const named = terms.filter((/** @type {string} */ term) => {
      const name = tokenize(term.split("\x02")[1]).flat();
      return words.every((word) => name.includes(word));
    });
    const start = `\x01${field}/`;
    return {
      words: [`${field}/${words.join("-")}`],
      facet: [start + words.join("-"), ...named.map((/** @type {string} */ term) => start + term)]
    };
  }
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
    if (!found.length && isLast) return { words, isLast, prefix: true };
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
    if (facet) {
      const found = await Promise.all(facet.map((start) => segment.findPrefix(start, 2)));
      return [...new Set(found.flat())];
    }
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
 * Returns a similar word that occurs in many more articles than a word: a frequent one with one
 * difference rather than with two.
 * @param {Index} index
 * @param {string} word
 * @param {number} [count] The number of articles that contain the word.
 * @returns {Promise<string | undefined>}
 */
export async function findSimilar({ segments }, word, count = 0) {
  const letters = [...word];
  const prefixes = [letters.slice(0, 2).join(""), letters[1] + letters[0]];
  const found = await Promise.all(
    segments.flatMap((segment) => [
      segment.entries(segment.blockOf(word)),
      ...prefixes.map((prefix) => segment.findPrefix(prefix, 3))
    ])
  );
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const entry of new Set(found.flat())) add(counts, entry.word, entry.articleCount);
  const [similar] = [...counts]
    .map(([other, articles]) => ({
      other,
      articles,
      distance: editDistance(letters, [...other])
    }))
    .filter(
      ({ articles, distance }) =>
        articles > Math.max(1, 10 * count) && distance && distance <= (letters.length < 5 ? 1 : 2)
    )
    .sort((a, b) => b.articles / 20 ** b.distance - a.articles / 20 ** a.distance);
  return similar?.other;
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
