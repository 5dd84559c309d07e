// Finds and scores the articles of one segment that match a query.

import { sum } from "./bytes.js";
import { QueryPostings, rangeOf } from "./postings.js";

/** The parameters of BM25 (Robertson and Zaragoza, 2009), as in src/search/postings.rs. */
const [K1, B] = [1.2, 0.75];
/** The maximum size of postings that are loaded whole, in bytes, for all words together. */
const SMALL_POSTINGS = 20 << 10;
/** The maximum number of bytes to load where two pages of results can't be expected from less. */
const MAX_EXPECTED = 120 << 10;
/** Larger postings and positions up to this size are loaded whole; else counts are estimates. */
const MAX_EXACT = 64 << 10;

/** The weight of an occurrence of a word's other forms, where an exact one has 1. */
const OTHER_FORM = 0.5;

/**
 * @typedef {import("./segment.js").Segment} Segment
 * @typedef {import("./segment.js").TermEntry} TermEntry
 * @typedef {import("./postings.js").ArticleRange} ArticleRange
 * @typedef {import("./postings.js").ScoredRange} ScoredRange
 * @typedef {import("./query.js").Lookup} Lookup
 * @typedef {import("./query.js").Settings} Settings
 * @typedef {import("./query.js").Hit} Hit
 */

/**
 * The scores of articles, by their numbers.
 * @typedef {Map<number, number>} Scores
 */

/**
 * The matching articles of a segment. The years are those of the matches or, if only some ranges of
 * articles were loaded, of all ranges: those that were loaded are from too few years.
 * @typedef {object} Matches
 * @property {Hit[]} hits
 * @property {number} scale The factor for an estimate of their number.
 * @property {number[]} years
 * @property {number} yearWeight The number of matches for each of the years.
 */

/** @type {Matches} */
const NO_MATCHES = { hits: [], scale: 1, years: [], yearWeight: 0 };

const countArticles = (/** @type {TermEntry[]} */ entries) =>
  sum(entries, ({ articleCount }) => articleCount);
const allEntries = (/** @type {Lookup[]} */ lookups) =>
  lookups.flatMap(({ entries }) => entries.flat());
// A word that the segment doesn't contain makes an alternative impossible.
const isPossible = (/** @type {Lookup} */ { words, entries }) =>
  words.every((word, at) => !word || entries[at].length);

/** Matches a query in one segment. */
export class SegmentMatcher {
  /**
   * @param {Segment} segment
   * @param {Settings} settings
   * @param {Lookup[][]} required
   * @param {Lookup[]} excluded
   */
  constructor(segment, settings, required, excluded) {
    const { index } = segment;
    this.segment = segment;
    this.settings = settings;
    /**
     * Returns true if some articles of a range are of the selected years.
     * @param {ArticleRange} range
     */
    this.isInYears = ({ before, last }) =>
      segment.year(last) >= settings.from && segment.year(before + 1) <= settings.to;
    this.excluded = excluded.filter(isPossible);
    /** The groups of alternatives, the rarest first. */
    this.required = required
      .map((group) => group.filter(isPossible))
      .sort((a, b) => countArticles(allEntries(a)) - countArticles(allEntries(b)));
    const lookups = [...this.required.flat(), ...this.excluded];
    this.entries = new Set(allEntries(lookups));
    this.positional = new Set(allEntries(lookups.filter(({ words }) => words.length > 1)));
    /** The segment's share of what may be loaded; for small segments, slightly more. */
    this.share = Math.max(segment.metadata.articles / index.articles, 0.1);
    this.postings = new QueryPostings(
      segment,
      (SMALL_POSTINGS * this.share) / Math.max(1, this.entries.size / 4)
    );
    /** The term k of BM25 for each field norm. */
    this.norms = Array.from({ length: 256 }, (_, norm) => {
      const length = 16 * (2 ** (norm / 8) - 1);
      return K1 * (1 - B + (B * length * index.articles) / index.totalLength);
    });
  }

  /** @returns {Promise<Matches>} */
  async run() {
    const { segment, postings, required } = this;
    if (required.some((group) => !group.length)) return NO_MATCHES;
    await postings.open(this.entries, this.positional);
    // Small postings determine what is loaded of larger ones.
    /** @type {Scores | undefined} */
    let scores;
    for (const group of required) {
      if (group.every((lookup) => this.loadedWords(lookup, false).length)) {
        scores = this.score(group, false, scores);
      }
    }
    let scale = 1;
    /** @type {number[]} */
    let years = [];
    const unread = sum(
      [...postings.terms],
      ([entry, { blocks, runs }]) =>
        (blocks.length && entry.postings.bytes) + (runs.length && entry.positions.bytes)
    );
    if (unread) {
      const { ranges, maxBytes } = await this.planLoading(scores, unread);
      if (!ranges.length) return NO_MATCHES;
      const count = await postings.load(ranges, this.share * maxBytes * this.settings.budget);
      scale = ranges.length / count;
      years = ranges.map(({ last }) => segment.year(last));
      scores &&= new Map(ranges.slice(0, count).map(({ last }) => [last, 0]));
      for (const group of required) scores = this.score(group, true, scores);
    }
    const excluded = this.score(this.excluded, true, scores);
    const matches = [...(scores ?? [])].filter(([article]) => !excluded.has(article));
    const found = matches.filter(([article]) => this.isInYears(rangeOf(article)));
    scale = Math.min(scale, segment.metadata.articles / found.length);
    if (scale === 1) years = (unread ? found : matches).map(([article]) => segment.year(article));
    const hits = found.map(([article, score]) => ({
      segment,
      article,
      number: segment.offset + article,
      score,
      scale,
      fieldNorm: () => postings.fieldNorm(article)
    }));
    return { hits, scale, years, yearWeight: scale > 1 ? (hits.length * scale) / years.length : 1 };
  }

  /**
   * Finds the articles that match most groups: all filters, and at least 60 % of the others.
   * Postings of more than 64 KiB aren't loaded.
   * @param {Lookup[][]} groups
   * @param {number} filterCount The number of filters, which are the last of all required groups.
   * @returns {Promise<Matches>}
   */
  async runMost(groups, filterCount) {
    const { segment, required } = this;
    const filters = required.filter((group) => group.some(({ facet }) => facet));
    if (filters.length < filterCount) return NO_MATCHES;
    const postings = new QueryPostings(segment, MAX_EXACT);
    this.postings = postings;
    await postings.open(this.entries, new Set());
    /** @type {Scores | undefined} */
    let allowed;
    for (const group of filters) {
      if (group.some((lookup) => lookup.facet)) allowed = this.score(group, false, allowed);
    }
    // Larger postings are of words that most articles contain.
    const counted = groups.filter((group) => allEntries(group).every(postings.isSmall));
    const scored = counted.map((group) => this.score(group.filter(isPossible), false));
    const excluded = this.score(this.excluded, false);
    const hits = [...new Set(scored.flatMap((scores) => [...scores.keys()]))]
      .filter((article) => (!allowed || allowed.has(article)) && !excluded.has(article))
      .filter((article) => this.isInYears(rangeOf(article)))
      .map((article) => ({
        segment,
        article,
        number: segment.offset + article,
        score: sum(scored, (scores) => scores.get(article) ?? 0),
        scale: 1,
        fieldNorm: () => postings.fieldNorm(article),
        missing: counted.flatMap(([{ words }], at) =>
          scored[at].has(article) ? [] : [words.join(" ")]
        )
      }))
      .filter(({ missing }) => counted.length - missing.length >= 0.6 * counted.length);
    const years = hits.map(({ article }) => segment.year(article));
    return { hits, scale: 1, years, yearWeight: 1 };
  }

  /**
   * Determines of which articles to load larger postings and positions, the best first, and how
   * many bytes.
   * @param {Scores | undefined} scores
   * @param {number} unread The size of larger postings and of positions.
   */
  async planLoading(scores, unread) {
    const { required, postings } = this;
    const { articles } = this.segment.metadata;
    const { dateOrder } = this.settings;
    // Of several phrases, the ranges of the rarest.
    const phrases = await Promise.all(
      required.map(([lookup, ...others]) => !others.length && lookup.phraseRanges)
    );
    const [near] = /** @type {ArticleRange[][]} */ (phrases.filter((ranges) => ranges)).sort(
      (a, b) => a.length - b.length
    );
    /** @type {ScoredRange[]} */
    let ranges;
    if (scores) {
      ranges = [...scores]
        .map(([article, score]) => rangeOf(article, score))
        .filter(
          ({ last }) => !near || near.some((range) => range.before < last && last <= range.last)
        );
    } else {
      const rarest = required[0].flatMap(
        ({ entries }) =>
          entries
            .filter((forms) => forms.length)
            .sort((a, b) => countArticles(a) - countArticles(b))[0]
      );
      const blocks = rarest.flatMap((entry) => postings.term(entry).ranges);
      const impact = (/** @type {ArticleRange} */ { before }) =>
        blocks.find(({ last }) => last > before)?.impact ?? 0;
      ranges = near?.map((range) => ({ ...range, impact: impact(range) })) ?? blocks;
    }
    ranges = ranges
      .filter(this.isInYears)
      .sort((a, b) => dateOrder * (b.last - a.last) || b.impact - a.impact);
    if (unread <= MAX_EXACT * this.share) return { ranges, maxBytes: MAX_EXACT };
    if (near) return { ranges, maxBytes: 2 * SMALL_POSTINGS };
    // Two pages of results, if words occurred independently of each other.
    let expected = scores?.size ?? articles;
    for (const forms of required.flatMap(([{ entries }]) => entries)) {
      if (!forms.every(postings.isSmall)) expected *= countArticles(forms) / articles;
    }
    const minBytes = this.entries.size > 1 ? SMALL_POSTINGS : SMALL_POSTINGS / 4;
    const maxBytes = Math.min(Math.max(minBytes, (20 * unread) / expected), MAX_EXPECTED);
    return { ranges, maxBytes };
  }

  /**
   * Returns the entries of those words of an alternative whose postings are loaded.
   * @param {Lookup} lookup
   * @param {boolean} all True if larger postings were loaded, too.
   */
  loadedWords({ words, entries }, all) {
    return entries.filter((forms, at) => words[at] && (all || forms.every(this.postings.isSmall)));
  }

  /**
   * Scores the articles that match one alternative of a group. Facets score nothing.
   * @param {Lookup[]} group
   * @param {boolean} all True if larger postings were loaded, too.
   * @param {Scores} [previous] The scores of the only articles that can match.
   * @returns {Scores}
   */
  score(group, all, previous) {
    const { postings } = this;
    const { articles } = this.segment.index;
    const scores = new Map();
    for (const lookup of group) {
      let matching = previous;
      for (const forms of this.loadedWords(lookup, all)) {
        const counts = forms.map(({ word }) => this.settings.articleCounts.get(word) ?? 0);
        const count = Math.max(...counts);
        const idf = lookup.facet ? 0 : Math.log(1 + (articles - count + 0.5) / (count + 0.5));
        // The forms of a word count as one word.
        const weights = new Map();
        for (const form of forms) {
          const factor = lookup.forms && !lookup.words.includes(form.word) ? OTHER_FORM : 1;
          for (const [article, posting] of postings.term(form).postings) {
            if (matching && !matching.has(article)) continue;
            const weight = factor * (posting >> 8);
            const { weight: others = 0, norm = 0 } = weights.get(article) ?? {};
            weights.set(article, { weight: others + weight, norm: norm || posting & 255 });
          }
        }
        const next = new Map();
        for (const [article, { weight, norm }] of weights) {
          const added = (idf * weight) / (weight + this.norms[norm]);
          next.set(article, (matching?.get(article) ?? 0) + added);
        }
        matching = next;
      }
      for (const [article, score] of matching ?? []) {
        if (!all || postings.isAdjacent(article, lookup)) {
          scores.set(article, Math.max(scores.get(article) ?? 0, score));
        }
      }
    }
    return scores;
  }
}
