// Queries: what a reader asks, which stories answer, and in what order.

import { bytesOf, first, textOf } from "./index.js";
import { words } from "./words.js";

/** How a word's weight saturates, and how much a story's length counts (BM25, Robertson and Zaragoza 2009). */
const [K1, B] = [1.2, 0.75];
/** Lists of more bytes are asked for block by block. */
const WHOLE = 24 << 10;
/** How many bytes of one list are asked for at most; what is left out makes counts estimates. */
const MOST = 48 << 10;
/** How many bytes of frequent words' places are asked for at most, more or less. */
const MOST_PLACES = 192 << 10;
/** @type {Record<string, number | undefined>} How stories are put in order, if not by relevance. */
const SIGNS = { newest: 1, oldest: -1 };
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
 * @typedef {{blocks: Block[], postings: Map<number, [number, number]>}} Read
 * @typedef {{volume: Volume, story: number, score: number}} Hit
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

/** What a word adds to a story's score, before its rarity counts. Eight levels are an octave, as src/search/postings.rs has them. @param {import("./index.js").Index} index @param {number} weight @param {number} level */
const impact = (index, weight, level) => weight / (weight + K1 * (1 - B + (B * 16 * (2 ** (level / 8) - 1) * index.stories) / index.length));

/** Finds the stories that answer. */
export class Search {
  /** @param {import("./index.js").Index} index */
  constructor(index) {
    this.index = index;
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
    for (const { hits, scale } of parts) for (const { volume, story } of hits) add(years, volume.year(story), scale);
    const isWithin = (/** @type {number} */ year) => year >= how.from && year <= how.to;
    const within = hits.filter(({ volume, story }) => isWithin(volume.year(story)));
    const newer = (/** @type {Hit} */ a, /** @type {Hit} */ b) => b.volume.before + b.story - a.volume.before - a.story;
    const sign = SIGNS[how.order];
    within.sort((a, b) => (sign ? sign * newer(a, b) : b.score - a.score || newer(a, b)));
    const exact = parts.every((part) => part.scale === 1) && !all.some((one) => one.cut);
    const { budget = 1 } = how;
    // Where less than a page was found in what was read, there may be more in what wasn't.
    if (!exact && within.length < 10 && budget < 1e6) return this.run(query, { ...how, budget: 8 * budget });
    const scaled = [...years].reduce((sum, [year, count]) => sum + (isWithin(year) ? count : 0), 0);
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
      const { story } = await volume.postings(entry, await volume.blocksOf(entry));
      const held = story.filter((story) => among.has(story)).length;
      if (held) add(counted, entry.word, held);
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
    if (!wanted.length || wanted.some((group) => !group.length)) return { hits: [], scale: 1 };
    const size = (/** @type {Alternative[]} */ group) => group.flatMap(entriesOf).flat().reduce((sum, entry) => sum + entry.stories, 0);
    wanted.sort((a, b) => size(a) - size(b));
    const unwantedHere = unwanted.map((group) => group.filter(possible)).filter((group) => group.length);
    const lists = new Lists(volume, how);
    const all = [...wanted, ...unwantedHere].flat().flatMap(entriesOf).flat();
    await lists.open(all, wanted[0].flatMap(entriesOf).flat());
    /** @type {Map<number, number> | undefined} Stories that answer so far, with their scores. */
    let answers;
    for (const group of wanted) {
      const scores = new Map();
      for (const one of group) this.alternative(one, entriesOf(one), lists, stories, answers, scores);
      if (answers) for (const [story, score] of scores) scores.set(story, score + (answers.get(story) ?? 0));
      answers = scores;
    }
    let left = answers ?? new Map();
    const sign = SIGNS[how.order];
    const isRow = (/** @type {Alternative} */ one) => one.words.length > 1;
    for (const group of [...wanted.filter((group) => group.some(isRow)), ...unwantedHere]) {
      // What comes first is looked at first, since not all may be.
      const stories = [...left].sort((a, b) => (sign ? sign * (b[0] - a[0]) : b[1] - a[1])).map(([story]) => story);
      const holding = await lists.holding(group, entriesOf, stories);
      left = new Map([...left].filter(([story]) => holding.get(story) === wanted.includes(group)));
    }
    return { hits: [...left].map(([story, score]) => ({ volume, story, score })), scale: lists.scale };
  }

  /**
   * Adds the scores of the stories that hold all words of an alternative, among those that answer so far.
   * @param {Alternative} one @param {Entry[][]} entries @param {Lists} lists @param {Map<string, number>} stories
   * @param {Map<number, number> | undefined} among @param {Map<number, number>} out
   */
  alternative(one, entries, lists, stories, among, out) {
    /** @type {Map<number, number> | undefined} */
    let sofar;
    for (const of of entries.filter((_, at) => one.words[at])) {
      const next = new Map();
      for (const entry of of) {
        const count = stories.get(entry.word) ?? 1;
        const rarity = one.facet ? 0 : Math.log(1 + (this.index.stories - count + 0.5) / (count + 0.5));
        for (const [story, [weight, level]] of lists.of(entry).postings) {
          const before = sofar ? sofar.get(story) : 0;
          if (before === undefined || (among && !among.has(story))) continue;
          next.set(story, (next.get(story) ?? before) + rarity * impact(this.index, weight, level));
        }
      }
      sofar = next;
    }
    for (const [story, score] of sofar ?? []) out.set(story, Math.max(out.get(story) ?? 0, score));
  }
}

/** The lists of a query's words in one volume. */
class Lists {
  /** @param {Volume} volume @param {{order: string, budget?: number}} how */
  constructor(volume, { order, budget = 1 }) {
    this.volume = volume;
    this.order = order;
    /** By what counts are to be multiplied, since not all blocks are read. */
    this.scale = 1;
    /** How much of what may be asked for is for this volume. */
    this.share = budget * Math.max(volume.about.stories / volume.index.stories, 1 / 8);
    /** How many bytes of a large list are asked for at most. */
    this.most = 0;
    /** @type {Map<Entry, Read>} What was read of each word: blocks, and what stories they hold. */
    this.read = new Map();
  }

  /** @param {Entry} entry */
  of(entry) {
    return /** @type {Read} */ (this.read.get(entry));
  }

  /** Reads lists: all of small ones, of large ones what the stories of the rarest need. @param {Entry[]} entries @param {Entry[]} rarest */
  async open(entries, rarest) {
    const small = (/** @type {Entry} */ entry) => entry.length <= WHOLE;
    const table = async (/** @type {Entry} */ entry) => {
      if (small(entry)) this.volume.index.bytes(this.volume, entry.list, entry.list + entry.length).catch(() => {});
      this.read.set(entry, { blocks: await this.volume.blocksOf(entry), postings: new Map() });
    };
    await Promise.all(entries.map(table));
    const most = (/** @type {Entry[]} */ entries) => (MOST * this.share) / Math.max(entries.filter((entry) => !small(entry)).length, 1);
    this.most = most(rarest);
    await Promise.all(rarest.map((entry) => this.choose(entry)));
    const { index } = this.volume;
    const spans = rarest.flatMap((entry) => {
      const { blocks, postings } = this.of(entry);
      if (!rarest.every(small)) return blocks;
      return [...postings].map(([story, [weight, level]]) => ({ before: story - 1, last: story, most: impact(index, weight, level) }));
    });
    const others = entries.filter((entry) => !rarest.includes(entry));
    this.most = most(others);
    this.rank(spans);
    await Promise.all(others.map((entry) => this.choose(entry, spans)));
  }

  /** Puts in order what may hold what comes first. @template {{last: number, most: number}} T @param {T[]} some */
  rank(some) {
    const sign = SIGNS[this.order];
    return some.sort((a, b) => (sign ? sign * (b.last - a.last) : b.most - a.most));
  }

  /**
   * Reads the blocks of a list that matter, as far as bytes allow: those with one of these stories, or that overlap these blocks, in their order.
   * @param {Entry} entry @param {{before: number, last: number}[]} [spans]
   */
  async choose(entry, spans) {
    const read = this.of(entry);
    const all = read.blocks;
    if (entry.length > WHOLE && spans) {
      const chosen = new Set();
      let [bytes, seen] = [0, 0];
      for (const { before, last } of spans) {
        if (bytes > this.most) break;
        for (let at = first(all.length, (at) => all[at].last > before); at < all.length && all[at].before < last; at++) {
          if (!chosen.has(at)) bytes += all[at].to - all[at].from;
          chosen.add(at);
        }
        seen++;
      }
      this.scale = Math.max(this.scale, spans.length / seen);
      read.blocks = all.filter((_, at) => chosen.has(at));
    } else if (entry.length > WHOLE) {
      read.blocks = this.best(all);
      this.scale = Math.max(this.scale, entry.stories / read.blocks.reduce((sum, block) => sum + block.count, 0));
    }
    const { story, weight, level } = await this.volume.postings(entry, read.blocks);
    story.forEach((story, at) => read.postings.set(story, [weight[at], level[at]]));
  }

  /** The blocks that most likely hold what comes first, as far as bytes allow, some in a row at a time. @param {Block[]} blocks */
  best(blocks) {
    const rows = Array.from({ length: Math.ceil(blocks.length / ROW) }, (_, at) => blocks.slice(at * ROW, (at + 1) * ROW));
    const ranked = this.rank(rows.map((row) => ({ row, last: row[0].last, most: Math.max(...row.map(({ most }) => most)) })));
    let bytes = 0;
    const chosen = ranked.filter(({ row }) => (bytes += row[row.length - 1].to - row[0].from) <= this.most);
    return chosen.flatMap(({ row }) => row).sort((a, b) => a.from - b.from);
  }

  /**
   * Whether stories hold one alternative, as far as they were looked at. Its words must stand in a row: first by the words that few places tell of, then, for as many stories as
   * bytes allow, by all.
   * @param {Alternative[]} group @param {(one: Alternative) => Entry[][]} entriesOf @param {number[]} stories
   */
  async holding(group, entriesOf, stories) {
    const kept = new Map(stories.map((story) => [story, false]));
    for (const one of group) {
      const entries = entriesOf(one);
      let holds = stories.filter((story) => entries.every((of, at) => !one.words[at] || of.some((entry) => this.of(entry).postings.has(story))));
      /** @type {Map<number, Set<number>>[]} */
      const places = [];
      const read = async (/** @type {number[]} */ words) => {
        await Promise.all(words.map(async (at) => (places[at] = await this.places(entries[at], holds))));
        const known = [...places.keys()].filter((at) => places[at]);
        const row = (/** @type {number} */ story, /** @type {number} */ start) => known.every((at) => places[at].get(story)?.has(start + at));
        holds = holds.filter((story) => [...(places[known[0]].get(story) ?? [])].some((place) => row(story, place - known[0])));
      };
      const size = (/** @type {number} */ at) => entries[at].reduce((sum, entry) => sum + entry.placesLength, 0);
      const all = one.words.length > 1 ? [...entries.keys()].filter((at) => one.words[at]) : [];
      const rare = all.filter((at) => size(at) <= WHOLE);
      if (rare.length > 1) await read(rare);
      const others = rare.length > 1 ? all.filter((at) => !rare.includes(at)) : all;
      // How many bytes a story costs, if it is alone in its blocks.
      const cost = others.flatMap((at) => entries[at]).reduce((sum, entry) => sum + (entry.placesLength * 128) / Math.max(entry.stories, 128), 0);
      const most = Math.max((MOST_PLACES * this.share) / cost, 4);
      if (others.reduce((sum, at) => sum + size(at), 0) > MOST_PLACES * this.share && holds.length > most) {
        this.scale *= holds.length / most;
        for (const story of holds.splice(most)) if (!kept.get(story)) kept.delete(story);
      }
      if (others.length) await read(others);
      for (const story of holds) kept.set(story, true);
    }
    return kept;
  }

  /** The places of words in stories. @param {Entry[]} entries @param {number[]} stories @returns {Promise<Map<number, Set<number>>>} */
  async places(entries, stories) {
    const among = new Set(stories);
    /** @type {Map<number, Set<number>>} */
    const found = new Map();
    const readBlock = async (/** @type {number[]} */ held, /** @type {import("./index.js").Block} */ block) => {
      if (!held.some((story) => among.has(story))) return;
      const places = await this.volume.placesOf(block);
      held.forEach((story, at) => among.has(story) && found.set(story, new Set([...(found.get(story) ?? []), ...places[at]])));
    };
    await Promise.all(
      entries.flatMap((entry) => {
        const { blocks, postings } = this.of(entry);
        const held = [...postings.keys()];
        let at = 0;
        return blocks.map((/** @type {any} */ block) => readBlock(held.slice(at, (at += block.count)), block));
      }),
    );
    return found;
  }
}

/** The word of the lexicon that is nearest to one that isn't in it, and in most stories. @param {import("./index.js").Index} index @param {string} word */
export async function nearest(index, word) {
  const letters = [...word];
  const starts = [letters.slice(0, 2).join(""), letters[1] + letters[0]].map(bytesOf);
  const entries = await Promise.all(index.volumes.flatMap((/** @type {Volume} */ volume) => [volume.entries(volume.at(bytesOf(word))), ...starts.map((start) => volume.beginning(start, 3))]));
  let best;
  for (const entry of entries.flat().filter((entry) => entry.stories > 1 && Math.abs(entry.word.length - bytesOf(word).length) <= 4)) {
    const found = textOf(entry.word);
    const away = distance(letters, [...found]);
    if (away > (letters.length < 5 ? 1 : 2) || found[0] === "\x01") continue;
    const score = [-away, entry.stories];
    if (!best || score[0] > best.score[0] || (score[0] === best.score[0] && score[1] > best.score[1])) best = { found, score };
  }
  return best?.found;
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
