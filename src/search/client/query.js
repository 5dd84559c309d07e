// Queries: what a reader asks, which stories answer, and in what order.

import { bytesOf, first, textOf } from "./index.js";
import { words } from "./words.js";

/** How a word's weight saturates, and how much a story's length counts (BM25, Robertson and Zaragoza 2009). */
const [K1, B] = [1.2, 0.75];
/** Lists of more bytes are asked for block by block, so many bytes of all of them more or less; eight times as many where a page of hits isn't to be expected in less. */
const WHOLE = 24 << 10;
/** Places of a word in a row of no more bytes are asked for with its list. */
const WHOLE_PLACES = 16 << 10;
/** If such lists and places are no more bytes than this, all are read; else counts are estimates. */
const ALL = 64 << 10;
/** @type {Record<string, number | undefined>} How stories are put in order, if not by relevance. */
const SIGNS = { newest: 1, oldest: -1 };
/** How many hits are looked for at least. */
const PAGE = 10;
/** How many blocks of a large list are asked for together. */
const ROW = 8;
/** How many words `word*` stands for at most; with more of them counts are estimates. */
const MOST_WORDS = 24;
/** How many terms of a taxonomy are counted at most. */
const MOST_TERMS = 20;

/**
 * Words of which one is asked for: a single one, the beginning of one, or several in a row.
 * @typedef {{words: string[], prefix?: boolean, facet?: boolean, cut?: boolean}} Alternative
 * @typedef {{wanted: Alternative[][], unwanted: Alternative[][]}} Query
 * @typedef {import("./index.js").Volume} Volume
 * @typedef {import("./index.js").Entry} Entry
 * @typedef {import("./index.js").Block} Block
 * What was read of a word: the pieces of its list and of its places, its postings, and its places in stories.
 * @typedef {{blocks: Block[], runs: Block[], postings: Map<number, number>, places: Map<number, Set<number>>}} Read
 * @typedef {{volume: Volume, story: number, number: number, level: number, year: number, score: number}} Hit
 * @typedef {{hits: Hit[], count: number, exact: boolean, years: Map<number, number>, unknown: string[], words: string[]}} Answer
 */

/** Reads a query: `word`, `word*`, `"a phrase"`, `-without`, `this OR that`. @param {string} text @returns {Query} */
export function parse(text) {
  /** @type {Query} */
  const { wanted, unwanted } = { wanted: [], unwanted: [] };
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
    /** For each level what a weight is to be compared with. Eight levels are an octave, as src/search/postings.rs has them. */
    this.norms = Array.from({ length: 256 }, (_, level) => K1 * (1 - B + (B * 16 * (2 ** (level / 8) - 1) * index.stories) / index.length));
  }

  /**
   * @param {Query} query
   * @param {{order: string, filters: string[][], from: number, to: number, budget?: number}} how The order (`relevance`, `newest`, `oldest`), of each
   *   filter its facets of which one is asked for, and the years.
   * @returns {Promise<Answer>}
   */
  async run(query, how) {
    /** @type {Alternative[][]} */
    const filters = how.filters.map((filter) => filter.map((facet) => ({ words: [facet], facet: true })));
    const groups = [...query.wanted, ...filters];
    const all = [...groups, ...query.unwanted].flat();
    // First all lexicons at once, then all lists.
    const found = await Promise.all(this.index.volumes.map((volume) => Promise.all(all.map((one) => this.entries(volume, one)))));
    /** @type {Map<string, number>} In how many stories each word is. */
    const stories = new Map();
    for (const of of found) for (const entry of new Set(of.flat(2))) add(stories, entry.word, entry.stories);
    const plan = found.map((of) => new Map(all.map((one, at) => [one, of[at]])));
    const parts = await Promise.all(
      this.index.volumes.map((volume, at) => this.within(volume, groups, query.unwanted, plan[at], stories, how)),
    );
    const hits = parts.flatMap((part) => part.hits);
    /** @type {Map<number, number>} */
    const years = new Map();
    for (const { hits, scale } of parts) for (const { year } of hits) add(years, year, scale);
    const isWithin = (/** @type {number} */ year) => year >= how.from && year <= how.to;
    const within = hits.filter(({ year }) => isWithin(year));
    const newer = (/** @type {Hit} */ a, /** @type {Hit} */ b) => b.number - a.number;
    const sign = SIGNS[how.order];
    within.sort((a, b) => (sign ? sign * newer(a, b) : b.score - a.score || newer(a, b)));
    const exact = parts.every((part) => part.scale === 1) && !all.some((one) => one.cut);
    const { budget = 1 } = how;
    // Where less than a page was found in what was read, there may be more in what wasn't: as much is read as two pages would seem to take.
    if (!exact && within.length < PAGE && budget < 1e6) return this.run(query, { ...how, budget: (20 / (within.length || 1)) * budget });
    const scaled = total([...years], ([year, count]) => (isWithin(year) ? count : 0));
    const unknown = query.wanted.flat().flatMap((one) => (one.prefix ? [] : one.words)).filter((word) => word && !stories.has(bytesOf(word)));
    return { hits: within, count: Math.round(scaled), exact, years, unknown, words: [...stories.keys()].filter((word) => word[0] !== "\x01").map(textOf) };
  }

  /**
   * The most frequent terms of a taxonomy among hits, with their counts.
   * @param {string} key @param {Answer} found @returns {Promise<{facet: string, name: string, count: number}[]>}
   */
  async facets(key, found) {
    const { volumes } = this.index;
    const known = await Promise.all(volumes.map((volume) => volume.beginning(bytesOf(`\x01${key}/`), 8)));
    const [sizes, counted] = [new Map(), new Map()];
    for (const { word, stories } of known.flat()) add(sizes, word, stories);
    const frequent = [...sizes.keys()].sort((a, b) => sizes.get(b) - sizes.get(a)).slice(0, MOST_TERMS);
    const count = async (/** @type {Volume} */ volume, /** @type {Set<number>} */ among, /** @type {Entry} */ entry) => {
      const postings = await volume.postings(entry, await volume.blocksOf(entry));
      for (const story of postings.keys()) if (among.has(story)) add(counted, entry.word, 1);
    };
    await Promise.all(
      volumes.flatMap((volume, at) => {
        const among = new Set(found.hits.filter((hit) => hit.volume === volume).map((hit) => hit.story));
        return among.size ? known[at].filter(({ word }) => frequent.includes(word)).map((entry) => count(volume, among, entry)) : [];
      }),
    );
    const terms = [...counted].map(([word, count]) => {
      const [facet, name] = textOf(word.slice(1)).split("\x02");
      return { facet, name: name || facet.slice(key.length + 1), count };
    });
    return terms.sort((a, b) => b.count - a.count);
  }

  /** What a lexicon says of each word of an alternative. @param {Volume} volume @param {Alternative} one @returns {Promise<Entry[][]>} */
  async entries(volume, one) {
    if (one.facet) return [(await volume.beginning(bytesOf(`\x01${one.words[0]}\x02`), 2)).slice(0, 1)];
    return Promise.all(
      one.words.map(async (word, at) => {
        if (!word) return [];
        if (one.prefix && at === one.words.length - 1) {
          const found = await volume.beginning(bytesOf(word), 4);
          one.cut ||= found.length > MOST_WORDS;
          return found.sort((a, b) => b.stories - a.stories).slice(0, MOST_WORDS);
        }
        const entry = await volume.find(bytesOf(word));
        return entry ? [entry] : [];
      }),
    );
  }

  /**
   * The stories of a volume that answer, and by what a count of them is to be multiplied.
   * @param {Volume} volume @param {Alternative[][]} groups @param {Alternative[][]} unwanted
   * @param {Map<Alternative, Entry[][]>} plan @param {Map<string, number>} stories @param {{order: string, budget?: number}} how
   * @returns {Promise<{hits: Hit[], scale: number}>}
   */
  async within(volume, groups, unwanted, plan, stories, how) {
    const entriesOf = (/** @type {Alternative} */ one) => plan.get(one) ?? [];
    const possible = (/** @type {Alternative} */ one) => one.words.every((word, at) => !word || entriesOf(one)[at]?.length);
    const wanted = groups.map((group) => group.filter(possible));
    if (wanted.some((group) => !group.length)) return { hits: [], scale: 1 };
    const without = unwanted.flat().filter(possible);
    const entries = (/** @type {Alternative[]} */ all) => all.flatMap(entriesOf).flat();
    wanted.sort((a, b) => held(entries(a)) - held(entries(b)));
    const all = [...wanted, without].flat();
    const share = Math.max(volume.about.stories / this.index.stories, 0.1);
    const lists = new Lists(volume, WHOLE * share);
    await lists.open(new Set(entries(all)), new Set(entries(all.filter(isRow))));

    // What small lists say tells what to read of others.
    const sign = SIGNS[how.order];
    const score = (/** @type {Alternative[]} */ group, /** @type {boolean} */ all, /** @type {Map<number, number> | undefined} */ among) => {
      const scores = new Map();
      for (const one of group) {
        const known = entriesOf(one).filter((of, at) => one.words[at] && (all || of.every(lists.isSmall)));
        for (const [story, score] of this.alternative(known, lists, one.facet ? undefined : stories, among)) {
          if (isRow(one) && !lists.stands(story, one, entriesOf(one))) continue;
          scores.set(story, Math.max(scores.get(story) ?? 0, score + (among?.get(story) ?? 0)));
        }
      }
      return scores;
    };
    /** By what counts are to be multiplied, since not all is read. */
    let scale = 1;
    /** @type {Map<number, number> | undefined} Stories that answer so far, with their scores. */
    let answers;
    for (const group of wanted) {
      if (group.every((one) => entriesOf(one).some((of, at) => one.words[at] && of.every(lists.isSmall)))) answers = score(group, false, answers);
    }
    /** Bytes of lists and places that weren't read with the tables before them. */
    const unread = total([...lists.words], ([entry, { runs }]) => (lists.isSmall(entry) ? 0 : entry.length) + (runs.length && entry.placesLength));
    if (unread) {
      const opening = wanted[0].flatMap((one) => rarest(entriesOf(one)));
      const spans = answers
        ? [...answers].map(([story, score]) => ({ before: story - 1, last: story, most: score }))
        : opening.flatMap((entry) => lists.spans(entry));
      spans.sort((a, b) => (sign ? sign * (b.last - a.last) : b.most - a.most));
      // Two pages of hits are to be among what is read, if words stood anywhere.
      let expected = answers?.size ?? volume.about.stories;
      for (const [one] of wanted) {
        for (const of of entriesOf(one)) if (!of.every(lists.isSmall)) expected *= held(of) / volume.about.stories;
        if (isRow(one)) expected *= rowsPerStory(entriesOf(one), this.index.length / this.index.stories);
      }
      const most = unread > ALL * share ? Math.min(Math.max(WHOLE, (20 * unread) / expected), 8 * WHOLE) : ALL;
      const seen = await lists.read(spans, share * most * (how.budget ?? 1));
      scale = answers ? spans.length / seen || 1 : held(opening) / total(opening, (entry) => lists.of(entry).postings.size);
      answers &&= new Map(spans.slice(0, seen).map(({ last }) => [last, 0]));
      for (const group of wanted) answers = score(group, true, answers);
    }
    const left = [...(answers ?? [])].filter(([story]) => !without.some((one) => lists.holds(story, entriesOf(one)) && lists.stands(story, one, entriesOf(one))));
    const hits = left.map(([story, score]) => {
      return { volume, story, number: volume.before + story, year: volume.year(story), score, get level() { return lists.level(story); } };
    });
    return { hits, scale: Math.min(scale, volume.about.stories / hits.length) };
  }

  /**
   * The scores of the stories that hold one of the words of each set, among those that answer so far. Without counts nothing is scored.
   * @param {Entry[][]} sets @param {Lists} lists @param {Map<string, number>} [counts] @param {Map<number, number>} [among] @returns {Map<number, number>}
   */
  alternative(sets, lists, counts, among) {
    /** @type {Map<number, number> | undefined} */
    let sofar;
    for (const set of sets) {
      const next = new Map();
      for (const entry of set) {
        const count = counts?.get(entry.word) ?? 1;
        const rarity = counts ? Math.log(1 + (this.index.stories - count + 0.5) / (count + 0.5)) : 0;
        for (const [story, posting] of lists.of(entry).postings) {
          const before = sofar ? sofar.get(story) : 0;
          if (before === undefined || (among && !among.has(story))) continue;
          const weight = posting >> 8;
          next.set(story, (next.get(story) ?? before) + (rarity * weight) / (weight + this.norms[posting & 255]));
        }
      }
      sofar = next;
    }
    return sofar ?? new Map();
  }
}

/** A sum over some things. @template T @param {T[]} all @param {(one: T) => number} of */
const total = (all, of) => all.reduce((sum, one) => sum + of(one), 0);
const held = (/** @type {Entry[]} */ entries) => total(entries, ({ stories }) => stories);
const rarest = (/** @type {Entry[][]} */ sets) => sets.filter((set) => set.length).reduce((a, b) => (held(b) < held(a) ? b : a));
/** How often words would stand in a row in a story of so many words if they stood anywhere. A place takes a byte, more or less. @param {Entry[][]} sets @param {number} length */
const rowsPerStory = (sets, length) => sets.filter((set) => set.length).reduce((product, set) => (product * total(set, ({ placesLength }) => placesLength)) / held(set) / length, length);
const isRow = (/** @type {Alternative} */ one) => one.words.length > 1;

/** The lists of a query's words in one volume. */
class Lists {
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
      const { volume } = this;
      const whole = (/** @type {boolean} */ is, /** @type {number} */ from, /** @type {number} */ length) => is && volume.index.bytes(volume, from, from + length);
      const isPlaced = this.isSmall(entry) && placed.has(entry) && entry.placesLength <= WHOLE_PLACES;
      const [blocks, runs] = await Promise.all([
        volume.blocksOf(entry),
        placed.has(entry) ? volume.runsOf(entry) : [],
        whole(this.isSmall(entry), entry.list, entry.length),
        whole(isPlaced, entry.places, entry.placesLength),
      ]);
      this.words.set(entry, { blocks, runs: isPlaced ? [] : runs, postings: new Map(), places: new Map() });
      if (this.isSmall(entry)) await this.postings(entry, blocks);
      if (isPlaced) await this.places(entry, runs);
    };
    await Promise.all([...entries].map(open));
  }

  /** @param {Entry} entry @param {Block[]} blocks */
  async postings(entry, blocks) {
    this.of(entry).postings = await this.volume.postings(entry, blocks);
  }

  /** Where stories are that hold a word: some blocks of a large list in a row, with the highest impact in them. @param {Entry} entry */
  spans(entry) {
    const { blocks, runs, postings } = this.of(entry);
    if (this.isSmall(entry)) return [...postings.keys()].map((story) => ({ before: story - 1, last: story, most: 255 }));
    const size = runs.length ? 1 : ROW;
    return Array.from({ length: Math.ceil(blocks.length / size) }, (_, at) => {
      const row = blocks.slice(at * size, (at + 1) * size);
      return { before: row[0].before, last: row[row.length - 1].last, most: Math.max(...row.map(({ most }) => most)) };
    });
  }

  /** Reads of large lists and of places what is about some spans of stories, as far as bytes allow. Tells about how many. @param {{before: number, last: number}[]} spans @param {number} most */
  async read(spans, most) {
    const sources = [...this.words].map(([entry, { blocks, runs }]) => ({ entry, parts: [this.isSmall(entry) ? [] : blocks, runs].map((pieces) => ({ pieces, chosen: new Set() })) }));
    const parts = sources.flatMap(({ parts }) => parts);
    let [bytes, seen] = [0, 0];
    for (const { before, last } of spans) {
      if (bytes > most) break;
      for (const { pieces, chosen } of parts) {
        for (let at = first(pieces.length, (at) => pieces[at].last > before); at < pieces.length && pieces[at].before < last; at++) {
          if (!chosen.has(at)) bytes += pieces[at].to - pieces[at].from;
          chosen.add(at);
        }
      }
      seen++;
    }
    const reads = sources.map(({ entry, parts }) => {
      const [blocks, runs] = parts.map(({ pieces, chosen }) => pieces.filter((_, at) => chosen.has(at)));
      return this.places(entry, runs, this.isSmall(entry) || this.postings(entry, blocks));
    });
    await Promise.all(reads);
    return seen;
  }

  /** @param {Entry} entry @param {Block[]} runs @param {any} [listed] What is asked for along with them, and tells which stories they are of. */
  async places(entry, runs, listed) {
    const [, ...read] = await Promise.all([listed, ...runs.map((run) => this.volume.placesOf(run))]);
    const { postings, places } = this.of(entry);
    const stories = [...postings.keys()];
    runs.forEach(({ before }, at) => {
      const start = first(stories.length, (at) => stories[at] > before);
      read[at].forEach((found, at) => places.set(stories[start + at], new Set(found)));
    });
  }

  /** Whether a story holds all words of an alternative. @param {number} story @param {Entry[][]} sets */
  holds(story, sets) {
    return sets.every((of) => !of.length || of.some((entry) => this.of(entry).postings.has(story)));
  }

  /** Whether words of an alternative stand in a row in a story, as far as their places there are known. @param {number} story @param {Alternative} one @param {Entry[][]} sets */
  stands(story, { words }, sets) {
    const known = sets.flatMap((of, at) => {
      const places = of.flatMap((entry) => this.of(entry).places.get(story) ?? []);
      return words[at] && places.length ? [{ at, places }] : [];
    });
    if (known.length < 2) return true;
    const [{ at: start, places }] = known;
    return places.some((set) => [...set].some((place) => known.every(({ at, places }) => places.some((set) => set.has(place - start + at)))));
  }

  /** The level of a story; facets have none. @param {number} story */
  level(story) {
    let level = 0;
    for (const { postings } of this.words.values()) level ||= (postings.get(story) ?? 0) & 255;
    return level;
  }
}

/** The word of the lexicon that is nearest to one that isn't in it, and in most stories. @param {import("./index.js").Index} index @param {string} word */
export async function nearest(index, word) {
  const letters = [...word];
  const starts = [letters.slice(0, 2).join(""), letters[1] + letters[0]].map(bytesOf);
  const entries = await Promise.all(index.volumes.flatMap((/** @type {Volume} */ volume) => [volume.entries(volume.at(bytesOf(word))), ...starts.map((start) => volume.beginning(start, 3))]));
  const like = entries.flat().filter((entry) => entry.stories > 1 && entry.word[0] !== "\x01" && Math.abs(entry.word.length - bytesOf(word).length) <= 4);
  const away = like.map(({ word, stories }) => ({ word: textOf(word), stories, away: distance(letters, [...textOf(word)]) }));
  const near = away.filter(({ away }) => away <= (letters.length < 5 ? 1 : 2));
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
