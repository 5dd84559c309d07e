// The postings and positions of a query's words in one segment, as far as they were loaded.

import { firstIndex, sum } from "./bytes.js";

/**
 * @typedef {import("./segment.js").Segment} Segment
 * @typedef {import("./segment.js").TermEntry} TermEntry
 * @typedef {import("./segment.js").Piece} Piece
 * @typedef {import("./query.js").Lookup} Lookup
 */

/**
 * Consecutive articles.
 * @typedef {object} ArticleRange
 * @property {number} before The article before the first one.
 * @property {number} last
 */

/**
 * Consecutive articles with the maximum impact of a word in them.
 * @typedef {ArticleRange & {impact: number}} ScoredRange
 */

/**
 * The loaded parts of a word.
 * @typedef {object} LoadedTerm
 * @property {ScoredRange[]} ranges The blocks of its postings; if they are small, its articles.
 * @property {Piece[]} blocks The blocks to load: none if its postings are small.
 * @property {Piece[]} runs The runs of its positions.
 * @property {Map<number, number>} postings
 * @property {Map<number, number[]>} positions
 */

/**
 * Returns the range of one article.
 * @param {number} article
 * @param {number} [impact]
 */
export const rangeOf = (article, impact = 255) => ({ before: article - 1, last: article, impact });

/** The postings of a query's words in one segment. */
export class QueryPostings {
  /**
   * @param {Segment} segment
   * @param {number} maxSmallBytes The maximum size of postings that are loaded whole.
   */
  constructor(segment, maxSmallBytes) {
    this.segment = segment;
    this.isSmall = (/** @type {TermEntry} */ entry) => entry.postings.bytes <= maxSmallBytes;
    /** @type {Map<TermEntry, LoadedTerm>} */
    this.terms = new Map();
  }

  /** @param {TermEntry} entry */
  term(entry) {
    return /** @type {LoadedTerm} */ (this.terms.get(entry));
  }

  /**
   * Loads small postings, and the tables of larger ones and of positions.
   * @param {Set<TermEntry>} entries
   * @param {Set<TermEntry>} positional Those of which positions are needed.
   */
  async open(entries, positional) {
    const { segment } = this;
    const open = async (/** @type {TermEntry} */ entry) => {
      const { start, bytes } = entry.postings;
      const isSmall = this.isSmall(entry);
      const [blocks, runs] = await Promise.all([
        segment.pieces(entry, entry.postings),
        positional.has(entry) ? segment.pieces(entry, entry.positions) : [],
        // Requested together with the tables.
        isSmall && segment.bytes(start, start + bytes)
      ]);
      /** @type {LoadedTerm} */
      const term = { ranges: blocks, blocks, runs, postings: new Map(), positions: new Map() };
      this.terms.set(entry, term);
      if (!isSmall) return;
      term.postings = await segment.postings(entry, blocks);
      term.ranges = [...term.postings.keys()].map((article) => rangeOf(article));
      term.blocks = [];
    };
    await Promise.all([...entries].map(open));
  }

  /**
   * Loads larger postings and positions of ranges of articles, up to a number of bytes but at least
   * of one range. Returns the number of ranges.
   * @param {ArticleRange[]} ranges
   * @param {number} maxBytes
   */
  async load(ranges, maxBytes) {
    const sections = [...this.terms.values()].flatMap(({ blocks, runs }) => [blocks, runs]);
    /** @type {Set<Piece>} */
    const selected = new Set();
    let [bytes, count] = [0, 0];
    for (const { before, last } of ranges) {
      const overlapping = sections.flatMap((pieces) =>
        pieces.slice(
          firstIndex(pieces, (piece) => piece.last > before),
          firstIndex(pieces, (piece) => piece.before >= last)
        )
      );
      const added = overlapping.filter((piece) => !selected.has(piece));
      bytes += sum(added, ({ start, end }) => end - start);
      if (count && bytes > maxBytes) break;
      for (const piece of added) selected.add(piece);
      count++;
    }
    const isSelected = (/** @type {Piece} */ piece) => selected.has(piece);
    const load = async (/** @type {[TermEntry, LoadedTerm]} */ [entry, term]) => {
      const runs = term.runs.filter(isSelected);
      const [postings, ...loadedRuns] = await Promise.all([
        term.blocks.length
          ? this.segment.postings(entry, term.blocks.filter(isSelected))
          : term.postings,
        ...runs.map((run) => this.segment.positions(run))
      ]);
      term.postings = postings;
      const articles = [...postings.keys()];
      runs.forEach(({ before }, at) => {
        const start = firstIndex(articles, (article) => article > before);
        loadedRuns[at].forEach((positions, index) =>
          term.positions.set(articles[start + index], positions)
        );
      });
    };
    await Promise.all([...this.terms].map(load));
    return count;
  }

  /**
   * Returns true if the words of an alternative are adjacent in an article.
   * @param {number} article
   * @param {Lookup} lookup
   */
  isAdjacent(article, { words, entries }) {
    if (words.length < 2) return true;
    const found = entries.flatMap((forms, offset) => {
      const positions = forms.flatMap((form) => this.term(form).positions.get(article) ?? []);
      return words[offset] ? [{ offset, positions: new Set(positions) }] : [];
    });
    const [first] = found;
    return (
      found.length < 2 ||
      [...first.positions].some((position) =>
        found.every(({ offset, positions }) => positions.has(position - first.offset + offset))
      )
    );
  }

  /**
   * Returns the field norm of an article. The postings of facets have none.
   * @param {number} article
   */
  fieldNorm(article) {
    const terms = [...this.terms.values()];
    return Math.max(...terms.map(({ postings }) => (postings.get(article) ?? 0) & 255));
  }
}
