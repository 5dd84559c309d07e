// Lists: what is read of the words of one query in one volume.

import { first } from "./index.js";

/**
 * @typedef {import("./index.js").Volume} Volume
 * @typedef {import("./index.js").Entry} Entry
 * @typedef {import("./index.js").Block} Block
 * @typedef {import("./query.js").Alternative} Alternative
 * Some stories in a row: the one before them, and their last. @typedef {{before: number, last: number}} Stretch
 * With the highest impact among them. @typedef {Stretch & {most: number}} Span
 * What was read of a word: the pieces of its list and of its places, its postings, and its places in stories.
 * @typedef {{blocks: Block[], runs: Block[], postings: Map<number, number>, places: Map<number, number[]>}} Read
 */

/** A sum over some things. @template T @param {T[]} all @param {(one: T) => number} of */
export const total = (all, of) => all.reduce((sum, one) => sum + of(one), 0);

/** The lists of a query's words in one volume. */
export class Lists {
  /** @param {Volume} volume @param {number} whole How long a list may be that is read at once, in bytes. */
  constructor(volume, whole) {
    this.volume = volume;
    this.isSmall = (/** @type {Entry} */ entry) => entry.length <= whole;
    /** @type {Map<Entry, Read>} */
    this.words = new Map();
  }

  /** @param {Entry} entry */
  of(entry) {
    return /** @type {Read} */ (this.words.get(entry));
  }

  /** Reads small lists, and what tells of the pieces of others and of places. @param {Set<Entry>} entries @param {Set<Entry>} placed Of which places are needed. */
  async open(entries, placed) {
    const open = async (/** @type {Entry} */ entry) => {
      const [volume, isSmall] = [this.volume, this.isSmall(entry)];
      const [blocks, runs] = await Promise.all([
        volume.blocksOf(entry),
        placed.has(entry) ? volume.runsOf(entry) : [],
        isSmall && volume.index.bytes(volume, entry.list, entry.list + entry.length),
      ]);
      this.words.set(entry, { blocks, runs, postings: new Map(), places: new Map() });
      if (isSmall) await this.postings(entry, blocks);
    };
    await Promise.all([...entries].map(open));
  }

  /** @param {Entry} entry @param {Block[]} blocks */
  async postings(entry, blocks) {
    this.of(entry).postings = await this.volume.postings(entry, blocks);
  }

  /** Where stories are that hold a word: the blocks of a large list, each of the stories of another. @param {Entry} entry @returns {Span[]} */
  spans(entry) {
    const { blocks, postings } = this.of(entry);
    return this.isSmall(entry) ? [...postings.keys()].map((story) => ({ before: story - 1, last: story, most: 255 })) : blocks;
  }

  /** Reads of large lists and of places what is about some spans of stories, as far as bytes allow. Tells about how many of them. @param {Stretch[]} spans @param {number} most */
  async read(spans, most) {
    const words = [...this.words];
    const large = words.flatMap(([entry, { blocks, runs }]) => [this.isSmall(entry) ? [] : blocks, runs]);
    /** @type {Set<Block>} */
    const chosen = new Set();
    let [bytes, seen] = [0, 0];
    for (const { before, last } of spans) {
      const touched = large.flatMap((pieces) => pieces.slice(first(pieces.length, (at) => pieces[at].last > before), first(pieces.length, (at) => pieces[at].before >= last)));
      const added = touched.filter((piece) => !chosen.has(piece));
      bytes += total(added, ({ from, to }) => to - from);
      if (seen && bytes > most) break;
      for (const piece of added) chosen.add(piece);
      seen++;
    }
    const some = (/** @type {Block[]} */ pieces) => pieces.filter((piece) => chosen.has(piece));
    await Promise.all(words.map(([entry, { blocks, runs }]) => this.places(entry, some(runs), this.isSmall(entry) || this.postings(entry, some(blocks)))));
    return seen;
  }

  /** @param {Entry} entry @param {Block[]} runs @param {any} [listed] What is asked for along with them, and tells which stories they are of. */
  async places(entry, runs, listed) {
    const [, ...read] = await Promise.all([listed, ...runs.map((run) => this.volume.placesOf(run))]);
    const { postings, places } = this.of(entry);
    const stories = [...postings.keys()];
    runs.forEach(({ before }, at) => {
      const start = first(stories.length, (at) => stories[at] > before);
      read[at].forEach((found, at) => places.set(stories[start + at], found));
    });
  }

  /** Whether a story holds all words of an alternative. @param {number} story @param {Entry[][]} sets */
  holds(story, sets) {
    return sets.every((of) => !of.length || of.some((entry) => this.of(entry).postings.has(story)));
  }

  /** Whether words of an alternative stand in a row in a story, as its places tell that were read. @param {number} story @param {Alternative} one @param {Entry[][]} sets */
  stands(story, { words }, sets) {
    const known = sets.flatMap((of, at) => (words[at] ? [{ at, places: new Set(of.flatMap((entry) => this.of(entry).places.get(story) ?? [])) }] : []));
    const [{ at: start, places }] = known;
    return known.length < 2 || [...places].some((place) => known.every(({ at, places }) => places.has(place - start + at)));
  }

  /** The level of a story; facets have none. @param {number} story */
  level(story) {
    return Math.max(...[...this.words.values()].map(({ postings }) => (postings.get(story) ?? 0) & 255));
  }
}
