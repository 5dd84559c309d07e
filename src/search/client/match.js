// Matches: which stories of one volume answer a query.

import { Lists, total } from "./lists.js";

/** How a word's weight saturates, and how much a story's length counts (BM25, Robertson and Zaragoza 2009). */
const [K1, B] = [1.2, 0.75];
/** Lists of more bytes are asked for block by block, so many bytes of all of them more or less. */
const WHOLE = 20 << 10;
/** How many bytes are asked for where a page of hits isn't to be expected in less. */
const MOST = 120 << 10;
/** If such lists and places are no more bytes than this, all are read; else counts are estimates. */
const ALL = 64 << 10;

/**
 * @typedef {import("./index.js").Volume} Volume
 * @typedef {import("./index.js").Entry} Entry
 * @typedef {import("./lists.js").Stretch} Stretch
 * @typedef {import("./lists.js").Span} Span
 * @typedef {import("./query.js").Alternative} Alternative
 * @typedef {import("./query.js").Hit} Hit
 * @typedef {import("./query.js").How} How
 * What is known of an alternative before lists are read: what the lexicon says of its words, and where they stand in a row.
 * @typedef {{entries: Entry[][], near: Promise<Stretch[] | undefined>}} Known
 * The stories that answer, by what a count of them is to be multiplied, and the years of them, each so often: of those that were found or, if not all was read, of
 * wherever some may be, since what was read is from too few years.
 * @typedef {{hits: Hit[], scale: number, years: number[], each: number}} Found
 */

const held = (/** @type {Entry[]} */ entries) => total(entries, ({ stories }) => stories);
const isRow = (/** @type {Alternative} */ one) => one.words.length > 1;
/** @type {Found} */
const NONE = { hits: [], scale: 1, years: [], each: 0 };

/** A query in one volume. */
export class Match {
  /**
   * @param {Volume} volume @param {Map<Alternative, Known>} known
   * @param {Map<string, number>} stories In how many stories each word is, in all volumes. @param {How} how
   * @param {Alternative[][]} groups What is asked for, and of each which of several. @param {Alternative[][]} unwanted
   */
  constructor(volume, known, stories, how, groups, unwanted) {
    const { index } = volume;
    this.volume = volume;
    this.known = known;
    this.stories = stories;
    this.how = how;
    /** Whether there are stories of the years that are asked for. @param {Stretch} span */
    this.isAsked = ({ before, last }) => volume.year(last) >= how.from && volume.year(before + 1) <= how.to;
    /** How much of all there is this volume has; small ones may take a little more. */
    this.share = Math.max(volume.about.stories / index.stories, 0.1);
    /** For each level what a weight is to be compared with. Eight levels are an octave, as src/search/postings.rs has them. */
    this.norms = Array.from({ length: 256 }, (_, level) => K1 * (1 - B + (B * 16 * (2 ** (level / 8) - 1) * index.stories) / index.length));
    // Of what the volume has no word, no story is.
    const isPossible = (/** @type {Alternative} */ one) => one.words.every((word, at) => !word || this.entries(one)[at].length);
    const entries = (/** @type {Alternative[]} */ all) => all.flatMap((one) => this.entries(one)).flat();
    this.without = unwanted.flat().filter(isPossible);
    this.wanted = groups.map((group) => group.filter(isPossible)).sort((a, b) => held(entries(a)) - held(entries(b)));
    const all = [...this.wanted.flat(), ...this.without];
    this.words = new Set(entries(all));
    this.placed = new Set(entries(all.filter(isRow)));
    this.lists = new Lists(volume, (WHOLE * this.share) / Math.max(1, this.words.size / 4));
  }

  /** @param {Alternative} one */
  entries(one) {
    return /** @type {Known} */ (this.known.get(one)).entries;
  }

  /** @returns {Promise<Found>} */
  async run() {
    const { volume, lists, wanted } = this;
    if (wanted.some((group) => !group.length)) return NONE;
    await lists.open(this.words, this.placed);
    // What small lists say tells what to read of others.
    /** @type {Map<number, number> | undefined} Stories that answer so far, with their scores. */
    let answers;
    for (const group of wanted) {
      if (group.every((one) => this.entries(one).some((of, at) => one.words[at] && of.every(lists.isSmall)))) answers = this.scores(group, false, answers);
    }
    let scale = 1;
    /** @type {number[]} */
    let years = [];
    /** Bytes of lists and places that weren't read with the tables before them. */
    const unread = total([...lists.words], ([entry, { runs }]) => (lists.isSmall(entry) ? 0 : entry.length) + (runs.length && entry.placesLength));
    if (unread) {
      const { spans, budget } = await this.plan(answers, unread);
      if (!spans.length) return NONE;
      const seen = await lists.read(spans, this.share * budget * this.how.budget);
      scale = spans.length / seen;
      years = spans.map(({ last }) => volume.year(last));
      answers &&= new Map(spans.slice(0, seen).map(({ last }) => [last, 0]));
      for (const group of wanted) answers = this.scores(group, true, answers);
    }
    const found = [...(answers ?? [])].filter(([story]) => !this.without.some((one) => lists.holds(story, this.entries(one)) && lists.stands(story, one, this.entries(one))));
    const hits = found.filter(([story]) => this.isAsked({ before: story - 1, last: story }));
    scale = Math.min(scale, volume.about.stories / hits.length);
    const hit = (/** @type {[number, number]} */ [story, score]) => ({ volume, story, number: volume.before + story, score, scale, level: () => lists.level(story) });
    if (scale === 1) years = (unread ? hits : found).map(([story]) => volume.year(story));
    return { hits: hits.map(hit), scale, years, each: scale > 1 ? (hits.length * scale) / years.length : 1 };
  }

  /**
   * What is to be read of large lists and of places: where, the best first, and how many bytes.
   * @param {Map<number, number> | undefined} answers @param {number} unread
   */
  async plan(answers, unread) {
    const { lists, volume, how, wanted } = this;
    // Where a phrase is; of several that which is in the fewest places.
    const rows = await Promise.all(wanted.map(([one, ...others]) => (others.length ? undefined : this.known.get(one)?.near)));
    const [near] = rows.flatMap((spans) => (spans ? [spans] : [])).sort((a, b) => a.length - b.length);
    const opening = wanted[0].flatMap((one) => this.entries(one).filter((set) => set.length).sort((a, b) => held(a) - held(b))[0]);
    const blocks = opening.flatMap((entry) => lists.spans(entry));
    const all = answers
      ? [...answers].map(([story, score]) => ({ before: story - 1, last: story, most: score })).filter(({ last }) => !near || near.some((span) => span.before < last && last <= span.last))
      : near?.map((span) => ({ ...span, most: blocks.find(({ last }) => last > span.before)?.most ?? 0 })) ?? blocks;
    const spans = all.filter(this.isAsked).sort((a, b) => (how.sign ? how.sign * (b.last - a.last) : b.most - a.most));
    // Two pages of hits are to be among what is read, if words stood anywhere.
    let expected = answers?.size ?? volume.about.stories;
    for (const [one] of wanted) for (const of of this.entries(one)) if (!of.every(lists.isSmall)) expected *= held(of) / volume.about.stories;
    const likely = near ? 2 * WHOLE : Math.min(Math.max(this.words.size > 1 ? WHOLE : WHOLE / 4, (20 * unread) / expected), MOST);
    return { spans, budget: unread > ALL * this.share ? likely : ALL };
  }

  /**
   * The scores of the stories that hold what one of a group's alternatives asks for, among those that answer so far and added to their scores. A facet scores
   * nothing.
   * @param {Alternative[]} group @param {boolean} all Whether large lists were read, too. @param {Map<number, number>} [among] @returns {Map<number, number>}
   */
  scores(group, all, among) {
    const { volume, lists } = this;
    const { stories } = volume.index;
    const scores = new Map();
    for (const one of group) {
      const entries = this.entries(one);
      let sofar = among;
      for (const set of entries.filter((of, at) => one.words[at] && (all || of.every(lists.isSmall)))) {
        const next = new Map();
        for (const entry of set) {
          const count = this.stories.get(entry.word) ?? 0;
          const rarity = one.facet ? 0 : Math.log(1 + (stories - count + 0.5) / (count + 0.5));
          for (const [story, posting] of lists.of(entry).postings) {
            const before = sofar ? sofar.get(story) : 0;
            const weight = posting >> 8;
            if (before !== undefined) next.set(story, (next.get(story) ?? before) + (rarity * weight) / (weight + this.norms[posting & 255]));
          }
        }
        sofar = next;
      }
      for (const [story, score] of sofar ?? []) {
        if (!all || !isRow(one) || lists.stands(story, one, entries)) scores.set(story, Math.max(scores.get(story) ?? 0, score));
      }
    }
    return scores;
  }
}
