// Segments of the index: term dictionary, postings, positions, bigrams and stored fields, decoded
// as docs/search-format.md specifies.

import { ByteReader, decoder, encoder, failure, firstIndex, inflate, sum } from "./bytes.js";

/**
 * For each article the weight of a word, times 256, plus the article's field norm.
 * @typedef {Map<number, number>} Postings
 */

/**
 * The bytes of a word's postings or positions, including the table at their beginning.
 * @typedef {object} Section
 * @property {number} start
 * @property {number} bytes
 * @property {number} tableBytes
 */

/**
 * The entry of a word in the term dictionary.
 * @typedef {object} TermEntry
 * @property {string} word
 * @property {number} articleCount The number of articles that contain it.
 * @property {Postings | false} single Its posting if there is only one.
 * @property {Section} postings
 * @property {Section} positions
 * @property {string[]} forms Its inflected forms; itself if it isn't derived from another word.
 */

/**
 * A block of postings, or a run of positions.
 * @typedef {object} Piece
 * @property {number} before The last article before it.
 * @property {number} last Its last article.
 * @property {number} count The number of its articles.
 * @property {number} start The offsets of its bytes.
 * @property {number} end
 * @property {number} impact The maximum impact of its postings.
 */

/**
 * Hashes a word (FNV-1a, 32 bits).
 * @param {string} word
 */
const hashWord = (word) =>
  encoder.encode(word).reduce((hash, byte) => Math.imul(hash ^ byte, 0x1000193), 0x811c9dc5);

/**
 * Returns a string that compares with others like the bytes of a text.
 * @param {string} text
 */
const sortKey = (text) => String.fromCharCode(...encoder.encode(text));

/** A segment of the index. */
export class Segment {
  /**
   * @param {any} metadata Its object in the manifest.
   * @param {import("./index.js").Index} index
   * @param {number} offset The number of articles in older segments.
   */
  constructor(metadata, index, offset) {
    this.metadata = metadata;
    this.index = index;
    this.offset = offset;
    /** @type {string[]} */
    this.separators = metadata.root.separators.map(sortKey);
    /** @type {Map<number, Promise<TermEntry[]>>} */
    this.blocks = new Map();
  }

  /**
   * Returns bytes of the segment.
   * @param {number} start
   * @param {number} end
   */
  bytes(start, end) {
    return this.index.bytes(this.metadata, start, end);
  }

  /**
   * Returns a reader of bytes of the segment.
   * @param {number} start
   * @param {number} end
   */
  async reader(start, end) {
    return new ByteReader(await this.bytes(start, end));
  }

  /**
   * Returns the year of an article.
   * @param {number} article
   * @returns {number}
   */
  year(article) {
    const { years } = this.metadata;
    return years[firstIndex(years, ([, first]) => first > article) - 1][0];
  }

  /**
   * Returns the block of the term dictionary that contains a word if any does.
   * @param {string} word
   */
  blockOf(word) {
    const key = sortKey(word);
    return Math.max(firstIndex(this.separators, (separator) => separator > key) - 1, 0);
  }

  /**
   * Returns the entries of a block of the term dictionary.
   * @param {number} block
   * @returns {Promise<TermEntry[]>}
   */
  entries(block) {
    let entries = this.blocks.get(block);
    if (!entries) this.blocks.set(block, (entries = this.loadEntries(block)));
    entries.catch(() => this.blocks.delete(block));
    return entries;
  }

  /** @param {number} block */
  async loadEntries(block) {
    const { metadata } = this;
    const { root } = metadata;
    const offset = (/** @type {string} */ section) =>
      metadata[section] + sum(root[section].slice(0, block), (size) => size);
    const start = offset("term_dict");
    const compressed = await this.bytes(start, start + root.term_dict[block]);
    const reader = new ByteReader(await inflate(compressed));
    /** @type {TermEntry[]} */
    const entries = [];
    let bytes = new Uint8Array();
    let postingsStart = offset("postings");
    let positionsStart = offset("positions");
    while (reader.offset < reader.bytes.length) {
      const shared = reader.byte();
      bytes = Uint8Array.of(...bytes.slice(0, shared), ...reader.slice(reader.number()));
      const articleCount = reader.number();
      const single =
        articleCount === 1 && new Map([[reader.number(), reader.number() * 256 + reader.byte()]]);
      const postings = { start: postingsStart, bytes: single ? 0 : reader.number(), tableBytes: 0 };
      const positions = { start: positionsStart, bytes: 0, tableBytes: 0 };
      // More than 128 postings have several blocks, and a table before them.
      if (articleCount > 128) {
        postings.tableBytes = reader.number();
        positions.tableBytes = reader.number();
      }
      positions.bytes = reader.number();
      postingsStart += postings.bytes;
      positionsStart += positions.bytes;
      const forms = Array.from({ length: reader.number() }, () => {
        const common = bytes.slice(0, bytes.length - reader.number());
        return decoder.decode(Uint8Array.of(...common, ...reader.slice(reader.number())));
      });
      const word = decoder.decode(bytes);
      entries.push({ word, articleCount, single, postings, positions, forms });
    }
    return entries;
  }

  /**
   * Returns the entry of a word; none if the segment doesn't contain it.
   * @param {string} word
   */
  async find(word) {
    const entries = await this.entries(this.blockOf(word));
    return entries.filter((entry) => entry.word === word);
  }

  /**
   * Returns the entries of words with a prefix, from a limited number of blocks.
   * @param {string} prefix
   * @param {number} maxBlocks
   */
  async findPrefix(prefix, maxBlocks) {
    const start = this.blockOf(prefix);
    const length = Math.min(this.blockOf(prefix + "\u{10ffff}") - start + 1, maxBlocks);
    const blocks = Array.from({ length }, (_, at) => this.entries(start + at));
    const entries = (await Promise.all(blocks)).flat();
    return entries.filter(({ word }) => word.startsWith(prefix));
  }

  /**
   * Reads the table of a word's blocks or runs. Without a table, there is only one.
   * @param {TermEntry} entry
   * @param {Section} section Its postings or its positions.
   * @returns {Promise<Piece[]>}
   */
  async pieces({ articleCount, postings }, section) {
    let { start, bytes, tableBytes } = section;
    let before = -1;
    if (!tableBytes) {
      const last = this.metadata.articles;
      return [{ before, last, count: articleCount, start, end: start + bytes, impact: 255 }];
    }
    const reader = await this.reader(start, (start += tableBytes));
    const size = reader.number();
    const pieces = [];
    for (let remaining = articleCount; remaining > 0; remaining -= size) {
      const last = before + reader.number();
      const end = start + reader.number();
      const impact = section === postings ? reader.byte() : 0;
      pieces.push({ before, last, count: Math.min(remaining, size), start, end, impact });
      [before, start] = [last, end];
    }
    return pieces;
  }

  /**
   * Decodes blocks of a word's postings.
   * @param {TermEntry} entry
   * @param {Piece[]} blocks
   * @returns {Promise<Postings>}
   */
  async postings(entry, blocks) {
    if (entry.single) return entry.single;
    /** @type {Postings} */
    const postings = new Map();
    const loaded = await Promise.all(blocks.map(({ start, end }) => this.bytes(start, end)));
    loaded.forEach((bytes, at) => decodeBlock(bytes, blocks[at], postings));
    return postings;
  }

  /**
   * Decodes a run: for each article, in the order of its postings, the positions of the word.
   * @param {Piece} run
   */
  async positions({ start, end, count }) {
    const reader = await this.reader(start, end);
    return Array.from({ length: count }, () => {
      let position = 0;
      return Array.from({ length: reader.number() }, () => (position += reader.number()));
    });
  }

  /**
   * Returns the groups of 2^`shift` articles that can contain two adjacent words.
   * @param {string} first
   * @param {string} second
   * @returns {Promise<{shift: number, groups: number[]}>}
   */
  async bigramGroups(first, second) {
    const { bigrams, bucket_table, bucket_bits } = this.metadata;
    let hash = Math.imul(hashWord(first), 0x9e3779b1) + hashWord(second);
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
    hash = (hash ^ (hash >>> 13)) >>> 0;
    const bucket = hash >>> (32 - bucket_bits);
    // The ends of the previous bucket and of this one have five bytes each.
    const ends = await this.reader(bucket_table + bucket * 5, bucket_table + bucket * 5 + 10);
    const end = () => bigrams + ends.slice(5).reduceRight((value, byte) => value * 256 + byte, 0);
    const reader = await this.reader(end(), end());
    let found = bucket * 2 ** (32 - bucket_bits);
    while (reader.offset < reader.bytes.length) {
      found += reader.number();
      const header = reader.number();
      let group = 0;
      const groups = Array.from({ length: header >> 5 }, () => (group += reader.number()));
      if (found === hash) return { shift: header & 31, groups };
    }
    return { shift: 0, groups: [] };
  }

  /**
   * Returns the stored fields of an article. A field norm limits the number of bytes to load.
   * @param {number} article
   * @param {number} [fieldNorm]
   * @returns {Promise<any[]>}
   */
  async storedFields(article, fieldNorm) {
    const { stored_fields } = this.metadata;
    const distance = Math.max(...stored_fields);
    const size = stored_fields[/** @type {any} */ (fieldNorm)] ?? distance;
    const start = distance * article;
    const reader = await this.reader(start, start + size);
    return JSON.parse(decoder.decode(await inflate(reader.slice(reader.number()))));
  }
}

/**
 * Decodes a block of postings: Rice codes of gaps, Elias gamma codes of weights, field norms.
 * @param {Uint8Array} bytes
 * @param {Piece} block
 * @param {Postings} postings
 */
function decodeBlock(bytes, block, postings) {
  let [offset, buffer, bitCount] = [0, 0, 0];
  const bits = (/** @type {number} */ count) => {
    for (; bitCount < count; bitCount += 8) buffer |= bytes[offset++] << bitCount;
    const number = buffer & ((1 << count) - 1);
    buffer >>>= count;
    bitCount -= count;
    return number;
  };
  const unary = () => {
    let number = 0;
    while (bits(1)) number++;
    return number;
  };
  const [parameter, minNorm, normBits] = [bits(5), bits(8), bits(4)];
  let article = block.before;
  for (let remaining = block.count; remaining > 0; remaining--) {
    article += 1 + unary() * 2 ** parameter + bits(parameter);
    const exponent = unary();
    postings.set(article, (2 ** exponent + bits(exponent)) * 256 + minNorm + bits(normBits));
  }
  // Bytes after the end were read as zeros.
  if (offset > bytes.length) throw failure("damaged");
}
