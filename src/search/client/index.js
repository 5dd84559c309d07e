// The index: small pieces of files, asked for when they are needed. docs/search-format.md gives the layout.

/** A list of more postings has several blocks, and a table before them. */
const BLOCK = 128;
/** How many bytes tell where a bucket of pairs ends. */
const END = 5;
/** How far apart two pieces may be that are asked for at once: bytes between them are less than another answer's head. */
const NEAR = 512;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A failure that the page has words for: `range`, `damaged` or `offline`. @param {string} kind @param {string} [what] */
const failure = (kind, what = kind) => Object.assign(new Error(what), { kind });

/** A text with a character for each byte of its UTF-8, so that its order is that of bytes. @param {string} text */
export function bytesOf(text) {
  return String.fromCharCode(...encoder.encode(text));
}

/** The text of such bytes. @param {string} bytes */
export function textOf(bytes) {
  return decoder.decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
}

/** The first of so many places from which on something holds. @param {number} length @param {(place: number) => boolean} holds */
export function first(length, holds) {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Undoes DEFLATE. A stream that is written to is ten times as quick as one of a Blob. @param {Uint8Array} bytes */
async function inflate(bytes) {
  const { readable, writable } = new DecompressionStream("deflate-raw");
  const writer = writable.getWriter();
  // What is wrong is told to whoever reads.
  Promise.all([writer.write(/** @type {any} */ (bytes)), writer.close()]).catch(() => {});
  return new Uint8Array(await new Response(readable).arrayBuffer());
}

/**
 * A file, or a part of it (RFC 9110, section 14).
 * @param {string} url @param {number} [from] @param {number} [to]
 */
async function load(url, from, to) {
  const fail = (/** @type {string} */ kind) => (/** @type {any} */ error) => Promise.reject(failure(kind, `${url}: ${error}`));
  const range = to === undefined ? undefined : { range: `bytes=${from}-${to - 1}` };
  // Browsers with a cache ask for one part of a file after the other.
  const answer = await fetch(url, { headers: range, cache: range && "no-store" }).catch(fail("offline"));
  if (!answer.ok) await fail("damaged")(answer.status);
  const ignored = range && answer.status === 200;
  // A host that sends whole files will do as long as they are small.
  if (ignored && !(Number(answer.headers.get("content-length") ?? Infinity) <= 1 << 20)) {
    answer.body?.cancel();
    await fail("range")(answer.status);
  }
  let bytes = new Uint8Array(await answer.arrayBuffer().catch(fail("damaged")));
  if (ignored) bytes = bytes.subarray(from, to);
  if (range && bytes.length !== /** @type {any} */ (to) - /** @type {any} */ (from)) await fail("damaged")("too short");
  return bytes;
}

/** Reads numbers (LEB128) and bytes one after the other. */
class Reader {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  byte() {
    if (this.at >= this.bytes.length) throw failure("damaged");
    return this.bytes[this.at++];
  }

  number() {
    let number = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      number += (byte & 127) * scale;
      if (byte < 128) return number;
    }
  }

  /** @param {number} length */
  text(length) {
    const start = this.at;
    this.at += length;
    return String.fromCharCode(...this.bytes.subarray(start, this.at));
  }
}

/**
 * What the lexicon says of a word in a volume.
 * @typedef {{word: string, stories: number, list: number, length: number, table: number, places: number, placesLength: number, runs: number, only?: Postings}} Entry
 * A block of a list, or a run of places: the last story before it and its own last, how many stories, where it is; the highest impact in a block.
 * @typedef {{before: number, last: number, count: number, from: number, to: number, most: number}} Block
 * Of stories their weight, times 256, and their level. @typedef {Map<number, number>} Postings
 */

/** FNV-1a, 32 bits. @param {string} bytes */
const hashOf = (bytes) => [...bytes].reduce((hash, byte) => Math.imul(hash ^ byte.charCodeAt(0), 0x1000193), 0x811c9dc5);

/** The index of some stories. */
export class Volume {
  /** @param {any} about @param {Index} index @param {number} before */
  constructor(about, index, before) {
    this.about = about;
    this.index = index;
    /** The number of all stories in volumes before. */
    this.before = before;
    const { words, lists, places, blocks } = about.root;
    this.words = words.map(bytesOf);
    const sums = (/** @type {number[]} */ lengths, /** @type {number} */ start) => lengths.map((length) => (start += length) - length);
    this.lists = sums(lists, about.lists);
    this.places = sums(places, about.places);
    this.blocks = sums(blocks, about.lexicon).concat(about.pairs);
    /** @type {Map<number, Promise<Entry[]>>} */
    this.known = new Map();
  }

  /** The year of a story. @param {number} story */
  year(story) {
    const { years } = this.about;
    return years[first(years.length, (at) => years[at][1] > story) - 1][0];
  }

  /** The block that a word would be in. @param {string} word */
  at(word) {
    return Math.max(first(this.words.length, (block) => this.words[block] > word) - 1, 0);
  }

  /** The entries of a block of the lexicon. @param {number} block @returns {Promise<Entry[]>} */
  entries(block) {
    let entries = this.known.get(block);
    if (!entries) this.known.set(block, (entries = this.read(block)));
    entries.catch(() => this.known.delete(block));
    return entries;
  }

  /** @param {number} block */
  async read(block) {
    const reader = new Reader(await inflate(await this.index.bytes(this, this.blocks[block], this.blocks[block + 1])));
    const entries = [];
    let [word, list, places] = ["", this.lists[block], this.places[block]];
    while (reader.at < reader.bytes.length) {
      const shared = reader.byte();
      word = word.slice(0, shared) + reader.text(reader.number());
      /** @type {Entry} */
      const entry = { word, stories: reader.number(), list, length: 0, table: 0, places, placesLength: 0, runs: 0 };
      if (entry.stories === 1) entry.only = new Map([[reader.number(), reader.number() * 256 + reader.byte()]]);
      else {
        entry.length = reader.number();
        if (entry.stories > BLOCK) [entry.table, entry.runs] = [reader.number(), reader.number()];
      }
      entry.placesLength = reader.number();
      list += entry.length;
      places += entry.placesLength;
      entries.push(entry);
    }
    return entries;
  }

  /** What the lexicon says of a word, if it has it. @param {string} word */
  async find(word) {
    return (await this.entries(this.at(word))).filter((entry) => entry.word === word);
  }

  /** The words that begin with something, from at most so many blocks. @param {string} start @param {number} most */
  async beginning(start, most) {
    const from = this.at(start);
    const length = Math.min(this.at(start + "\xff") - from + 1, most);
    const blocks = await Promise.all(Array.from({ length }, (_, at) => this.entries(from + at)));
    return blocks.flat().filter((entry) => entry.word.startsWith(start));
  }

  /** The blocks of a word's list. @param {Entry} entry */
  blocksOf({ stories, list, length, table }) {
    return this.pieces(stories, list, table, list + length, true);
  }

  /** The runs of a word's places. @param {Entry} entry */
  runsOf({ stories, places, placesLength, runs }) {
    return this.pieces(stories, places, runs, places + placesLength, false);
  }

  /**
   * What the table before some pieces tells of them; without a table they are one.
   * @param {number} stories @param {number} start @param {number} table @param {number} end @param {boolean} graded @returns {Promise<Block[]>}
   */
  async pieces(stories, start, table, end, graded) {
    if (!table) return [{ before: -1, last: this.about.stories, count: stories, from: start, to: end, most: 255 }];
    const reader = new Reader(await this.index.bytes(this, start, start + table));
    const size = reader.number();
    const pieces = [];
    let [before, from] = [-1, start + table];
    for (let left = stories; left > 0; left -= size) {
      const last = before + reader.number();
      const to = from + reader.number();
      pieces.push({ before, last, count: Math.min(left, size), from, to, most: graded ? reader.byte() : 0 });
      [before, from] = [last, to];
    }
    return pieces;
  }

  /** Among which stories are all in which two words stand side by side. @param {string} one @param {string} other @returns {Promise<{bits: number, groups: number[]}>} */
  async pair(one, other) {
    const { pairs, table, bits } = this.about;
    let hash = Math.imul(hashOf(one), 0x9e3779b1) + hashOf(other);
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
    hash = (hash ^ (hash >>> 13)) >>> 0;
    const bucket = hash >>> (32 - bits);
    const ends = await this.index.bytes(this, table + bucket * END, table + (bucket + 2) * END);
    const [from, to] = [0, END].map((at) => ends.subarray(at, at + END).reduceRight((sum, byte) => sum * 256 + byte, 0));
    const reader = new Reader(await this.index.bytes(this, pairs + from, pairs + to));
    for (let at = bucket * 2 ** (32 - bits); reader.at < reader.bytes.length; ) {
      at += reader.number();
      const about = reader.number();
      let group = 0;
      const groups = Array.from({ length: about >> 5 }, () => (group += reader.number()));
      if (at === hash) return { bits: about & 31, groups };
    }
    return { bits: 0, groups: [] };
  }

  /** The postings of some blocks. @param {Entry} entry @param {Block[]} blocks @returns {Promise<Postings>} */
  async postings(entry, blocks) {
    if (entry.only) return entry.only;
    /** @type {Postings} */
    const postings = new Map();
    const pieces = await Promise.all(blocks.map(({ from, to }) => this.index.bytes(this, from, to)));
    pieces.forEach((piece, at) => decode(piece, blocks[at], postings));
    return postings;
  }

  /** The places of a word in the stories of a run, in their order. @param {Block} run */
  async placesOf({ from, to, count }) {
    const reader = new Reader(await this.index.bytes(this, from, to));
    return Array.from({ length: count }, () => {
      let place = 0;
      return Array.from({ length: reader.number() }, () => (place += reader.number()));
    });
  }

  /** What a result shows of a story, whose level tells how much of it to read. @param {number} story @param {number} [level] @returns {Promise<any[]>} */
  async card(story, level) {
    const { cards } = this.about;
    const apart = Math.max(...cards);
    const reader = new Reader(await this.index.bytes(this, apart * story, apart * story + (cards[level ?? -1] ?? apart)));
    const length = reader.number();
    return JSON.parse(decoder.decode(await inflate(reader.bytes.subarray(reader.at, reader.at + length))));
  }
}

/** Reads a block of postings: Rice gaps, Elias gamma weights, levels of length. @param {Uint8Array} bytes @param {Block} block @param {Postings} out */
function decode(bytes, block, out) {
  let [at, held, count] = [0, 0, 0];
  const bits = (/** @type {number} */ wanted) => {
    for (; count < wanted; count += 8) held |= bytes[at++] << count;
    const number = held & ((1 << wanted) - 1);
    held >>>= wanted;
    count -= wanted;
    return number;
  };
  const unary = () => {
    let number = 0;
    while (bits(1)) number++;
    return number;
  };
  const [parameter, low, width] = [bits(5), bits(8), bits(4)];
  let story = block.before;
  for (let left = block.count; left > 0; left--) {
    story += 1 + unary() * 2 ** parameter + bits(parameter);
    const octave = unary();
    out.set(story, (2 ** octave + bits(octave)) * 256 + low + bits(width));
  }
  // Beyond the end there are zeros.
  if (at > bytes.length) throw failure("damaged");
}

/** All volumes. */
export class Index {
  /** @param {URL} folder @param {any} manifest */
  constructor(folder, manifest) {
    this.folder = folder;
    this.manifest = manifest;
    this.stories = 0;
    this.length = 0;
    /** @type {Volume[]} */
    this.volumes = manifest.volumes.map((/** @type {any} */ about) => {
      const volume = new Volume(about, this, this.stories);
      this.stories += about.stories;
      this.length += about.length;
      return volume;
    });
    /** @type {Map<string, {from: number, to: number, done: Promise<Uint8Array>}[]>} Pieces that were asked for, by file. */
    this.pieces = new Map();
    /** @type {{url: string, from: number, to: number, give: (bytes: Promise<Uint8Array>) => void}[]} Pieces that wait. */
    this.waiting = [];
  }

  /** Opens the index in a folder. @param {URL} folder */
  static async open(folder) {
    const manifest = JSON.parse(decoder.decode(await load(new URL("manifest.json", folder).href)));
    if (manifest.format !== 3) throw failure("damaged");
    return new Index(folder, manifest);
  }

  /** Bytes of a volume. @param {Volume} volume @param {number} from @param {number} to @returns {Promise<Uint8Array>} */
  async bytes(volume, from, to) {
    if (!(from <= to && to <= volume.about.end)) throw failure("damaged");
    const size = this.manifest.pack;
    const parts = [];
    while (from < to) {
      const pack = Math.floor(from / size);
      const end = Math.min(to, (pack + 1) * size);
      parts.push(this.piece(new URL(`${volume.about.name}.${pack}.bin`, this.folder).href, from - pack * size, end - pack * size));
      from = end;
    }
    const pieces = await Promise.all(parts);
    return pieces.length === 1 ? pieces[0] : new Uint8Array(await new Blob(/** @type {any} */ (pieces)).arrayBuffer());
  }

  /** A piece of a file. @param {string} url @param {number} from @param {number} to @returns {Promise<Uint8Array>} */
  piece(url, from, to) {
    const known = this.pieces.get(url)?.find((piece) => piece.from <= from && piece.to >= to);
    if (known) return known.done.then((bytes) => bytes.subarray(from - known.from, to - known.from));
    if (!this.waiting.length) queueMicrotask(() => setTimeout(() => this.ask()));
    return new Promise((give) => this.waiting.push({ url, from, to, give }));
  }

  /** Asks for all pieces that wait; near ones together. */
  ask() {
    const waiting = this.waiting.sort((a, b) => (a.url < b.url ? -1 : a.url > b.url ? 1 : a.from - b.from));
    this.waiting = [];
    while (waiting.length) {
      const [{ url, from }] = waiting;
      const run = [];
      let to = from;
      while (waiting[0]?.url === url && waiting[0].from <= to + NEAR) {
        to = Math.max(to, waiting[0].to);
        run.push(waiting.shift());
      }
      const piece = this.manifest.ranges ? { from, to, done: load(url, from, to) } : { from: 0, to: Infinity, done: load(url) };
      this.pieces.set(url, [...(this.pieces.get(url) ?? []), piece]);
      piece.done.catch(() => this.pieces.delete(url));
      for (const { from, to, give } of /** @type {any[]} */ (run)) give(this.piece(url, from, to));
    }
  }
}
