// Queries: what a reader asks, which stories answer, and in what order.

import { bytesOf, textOf } from "./index.js";
import { Lists, total } from "./lists.js";
import { Match } from "./match.js";
import { words } from "./words.js";

/** @type {Record<string, number | undefined>} How stories are put in order, if not by relevance. */
const SIGNS = { newest: 1, oldest: -1 };
/** How many words `word*` stands for at most; with more of them counts are estimates. */
const MOST_WORDS = 24;
/** Lists of terms of more bytes are read where hits are; how many hits and how many bytes, at most. */
const [TERM, SAMPLE, SAMPLED] = [2 << 10, 2000, 64 << 10];

/**
 * Words of which one is asked for: a single one, the beginning of one, or several in a row.
 * @typedef {{words: string[], prefix?: boolean, facet?: boolean, cut?: boolean}} Alternative
 * @typedef {{wanted: Alternative[][], unwanted: Alternative[][]}} Query
 * @typedef {import("./index.js").Volume} Volume
 * @typedef {import("./index.js").Entry} Entry
 * @typedef {import("./lists.js").Stretch} Stretch
 * The order (`relevance`, `newest`, `oldest`), of each filter its facets of which one is asked for, the years, and how much more than usually may be read.
 * @typedef {{order: string, filters: string[][], from: number, to: number, budget?: number}} Asked
 * @typedef {Asked & {budget: number, sign?: number}} How
 * @typedef {{volume: Volume, story: number, number: number, level: () => number, score: number, scale: number}} Hit
 * @typedef {{hits: Hit[], count: number, exact: boolean, rest: boolean, years: Map<number, number>, unknown: string[], words: string[]}} Answer
 */

/** Reads a query: `word`, `word*`, `"a phrase"`, `-without`, `this OR that`. @param {string} text @returns {Query} */
export function parse(text) {
  /** @type {Alternative[][][]} */
  const [wanted, unwanted] = [[], []];
  let or = false;
  for (const [, minus, quoted, plain] of text.slice(0, 1000).matchAll(/(-?)(?:"([^"]*)"?|([^\s"]+))/gu)) {
    if (plain === "OR" && !minus) {
      or = wanted.length > 0;
      continue;
    }
    const found = words(quoted ?? plain).slice(0, 32);
    if (!found.some((word) => word)) continue;
    const alternative = { words: found, prefix: plain?.endsWith("*") };
    if (or && !minus) wanted[wanted.length - 1].push(alternative);
    else (minus ? unwanted : wanted).push([alternative]);
    or = false;
  }
  return { wanted: wanted.slice(0, 16), unwanted: unwanted.slice(0, 16) };
}

/** @param {Map<any, number>} counts @param {any} key @param {number} count */
const add = (counts, key, count) => counts.set(key, (counts.get(key) ?? 0) + count);

/** Finds the stories that answer. */
export class Search {
  /** @param {import("./index.js").Index} index */
  constructor(index) {
    this.index = index;
  }

  /**
   * @param {Query} query @param {Asked} asked @returns {Promise<Answer>}
   */
  async run(query, asked) {
    const how = { budget: 1, sign: SIGNS[asked.order], ...asked };
    /** @type {Alternative[][]} */
    const filters = how.filters.map((filter) => filter.map((facet) => ({ words: [facet], facet: true })));
    const groups = [...query.wanted, ...filters];
    const all = [...groups, ...query.unwanted].flat();
    const { volumes } = this.index;
    // First all lexicons at once, then all lists.
    const look = async (/** @type {Volume} */ volume, /** @type {Alternative} */ one) => ({ one, near: this.near(volume, one).catch(() => undefined), entries: await this.entries(volume, one) });
    const found = await Promise.all(volumes.map((volume) => Promise.all(all.map((one) => look(volume, one)))));
    /** @type {Map<string, number>} In how many stories each word is. */
    const stories = new Map();
    for (const of of found) for (const entry of new Set(of.flatMap(({ entries }) => entries.flat()))) add(stories, entry.word, entry.stories);
    const parts = await Promise.all(volumes.map((volume, at) => new Match(volume, new Map(found[at].map((known) => [known.one, known])), stories, how, groups, query.unwanted).run()));
    const hits = parts.flatMap((part) => part.hits);
    /** @type {Map<number, number>} */
    const years = new Map();
    for (const part of parts) for (const year of part.years) add(years, year, part.each);
    hits.sort((a, b) => (how.sign ? how.sign * (b.number - a.number) : b.score - a.score || b.number - a.number));
    const rest = parts.some((part) => part.scale > 1);
    // Where nothing was found in what was read, there may be something in what wasn't.
    if (rest && !hits.length) return this.run(query, { ...how, budget: 20 * how.budget });
    const unknown = query.wanted.flat().flatMap((one) => (one.prefix ? [] : one.words)).filter((word) => word && !stories.has(bytesOf(word)));
    return { hits, count: Math.round(total(hits, ({ scale }) => scale)), exact: !rest && !all.some((one) => one.cut), rest, years, unknown, words: [...stories.keys()].filter((word) => word[0] !== "\x01").map(textOf) };
  }

  /**
   * The most frequent terms of a taxonomy, with their counts among hits, and whether these are exact.
   * @param {string} key @param {Answer} found @returns {Promise<{facet: string, name: string, count: number, exact: boolean}[]>}
   */
  async facets(key, found) {
    const { volumes, manifest } = this.index;
    const counted = new Map();
    let { exact } = found;
    const count = async (/** @type {Volume} */ volume) => {
      const hits = found.hits.filter((hit) => hit.volume === volume);
      if (!hits.length) return;
      const entries = (await Promise.all(manifest.facets[key].map((/** @type {string} */ name) => volume.find(bytesOf(`\x01${key}/${name}`))))).flat();
      const lists = new Lists(volume, TERM);
      await lists.open(new Set(entries), new Set());
      // Of many hits some from all over.
      const sample = hits.filter((_, at) => (at * SAMPLE) % hits.length < SAMPLE);
      const seen = await lists.read(sample.map(({ story }) => ({ before: story - 1, last: story })), SAMPLED);
      exact &&= seen === hits.length;
      for (const { story, scale } of sample.slice(0, seen)) for (const entry of entries) if (lists.of(entry).postings.has(story)) add(counted, entry.word, (scale * hits.length) / seen);
    };
    await Promise.all(volumes.map(count));
    const terms = [...counted].map(([word, count]) => {
      const [facet, name] = textOf(word.slice(1)).split("\x02");
      return { facet, name: name || facet.slice(key.length + 1), count, exact };
    });
    return terms.sort((a, b) => b.count - a.count);
  }

  /** What a lexicon says of each word of an alternative. @param {Volume} volume @param {Alternative} one @returns {Promise<Entry[][]>} */
  async entries(volume, one) {
    if (one.facet) return [(await volume.beginning(bytesOf(`\x01${one.words[0]}\x02`), 2)).slice(0, 1)];
    return Promise.all(
      one.words.map(async (word, at) => {
        if (!word) return [];
        if (!one.prefix || at < one.words.length - 1) return volume.find(bytesOf(word));
        const found = await volume.beginning(bytesOf(word), 4);
        one.cut ||= found.length > MOST_WORDS;
        return found.sort((a, b) => b.stories - a.stories).slice(0, MOST_WORDS);
      }),
    );
  }

  /** Where an alternative's words may stand in a row, if that is known. @param {Volume} volume @param {Alternative} one @returns {Promise<Stretch[] | undefined>} */
  async near(volume, { words, prefix }) {
    const pairs = words.slice(1).flatMap((word, at) => (word && words[at] ? [volume.pair(bytesOf(words[at]), bytesOf(word))] : []));
    if (prefix || !pairs.length) return;
    const [{ bits, groups }, ...others] = (await Promise.all(pairs)).sort((a, b) => a.bits - b.bits);
    const all = groups.filter((group) => others.every((other) => other.groups.includes(group >> (other.bits - bits))));
    return all.map((group) => ({ before: (group << bits) - 1, last: ((group + 1) << bits) - 1 }));
  }
}

/** The word of the lexicon that is nearest to one that isn't in it, and in most stories. @param {import("./index.js").Index} index @param {string} word */
export async function nearest(index, word) {
  const letters = [...word];
  const starts = [letters.slice(0, 2).join(""), letters[1] + letters[0]].map(bytesOf);
  const entries = await Promise.all(index.volumes.flatMap((/** @type {Volume} */ volume) => [volume.entries(volume.at(bytesOf(word))), ...starts.map((start) => volume.beginning(start, 3))]));
  const all = entries.flat().map(({ word, stories }) => ({ word: textOf(word), stories, away: distance(letters, [...textOf(word)]) }));
  const near = all.filter(({ word, stories, away }) => stories > 1 && word[0] !== "\x01" && away <= (letters.length < 5 ? 1 : 2));
  return near.sort((a, b) => a.away - b.away || b.stories - a.stories)[0]?.word;
}

/** How many letters must be changed, put in or left out to make one word of another. @param {string[]} a @param {string[]} b */
function distance(a, b) {
  let row = [...b.keys(), b.length];
  a.forEach((letter, i) => {
    const next = [i + 1];
    b.forEach((other, j) => next.push(Math.min(row[j + 1] + 1, next[j] + 1, row[j] + (letter === other ? 0 : 1))));
    row = next;
  });
  return row[b.length];
}
