// The index: its manifest, and pieces of its files, requested when they are needed.

import { decoder, failure } from "./bytes.js";
import { Segment } from "./segment.js";

/** The version of the format, see docs/search-format.md. */
const FORMAT = 7;
/** The maximum number of bytes between two pieces that are requested together. */
const MAX_GAP = 4 << 10;

/**
 * Loads a file, or a range of its bytes (RFC 9110, section 14).
 * @param {string} url
 * @param {number} [start]
 * @param {number} [end]
 */
async function load(url, start = 0, end = 0) {
  const fail = (/** @type {string} */ cause) => (/** @type {any} */ error) => {
    throw failure(cause, `${url}: ${error}`);
  };
  const headers = end ? { range: `bytes=${start}-${end - 1}` } : undefined;
  // With their cache, browsers request the ranges of a file one after the other.
  const options = headers && { headers, cache: "no-store" };
  const response = await fetch(url, /** @type {any} */ (options)).catch(fail("offline"));
  // A page instead of a missing file: some hosts send one without an error.
  const isPage = response.headers.get("content-type")?.startsWith("text/html");
  if (!response.ok || isPage) fail("gone")(response.status);
  const isWhole = headers && response.status === 200;
  const size = /** @type {any} */ (response.headers.get("content-length") ?? Infinity);
  // Hosts without range requests send whole files, which are used up to a size of 1 MiB.
  if (isWhole && !(size <= 1 << 20)) {
    response.body?.cancel();
    fail("range")("no range requests; set search: {files: chunked}");
  }
  let bytes = new Uint8Array(await response.arrayBuffer().catch(fail("damaged")));
  if (isWhole) bytes = bytes.subarray(start, end);
  if (headers && bytes.length !== end - start) fail("damaged")("too short");
  return bytes;
}

/**
 * Loads the manifest, not from a cache: the parameter is another one each time.
 * @param {URL} folder
 */
async function loadManifest(folder) {
  const bytes = await load(new URL(`manifest.json?${Date.now()}`, folder).href);
  const manifest = JSON.parse(decoder.decode(bytes));
  if (manifest.format > FORMAT) throw failure("outdated");
  if (manifest.format !== FORMAT) throw failure("damaged");
  return manifest;
}

/** All segments. */
export class Index {
  /**
   * @param {URL} folder
   * @param {any} manifest
   */
  constructor(folder, manifest) {
    this.folder = folder;
    this.manifest = manifest;
    /** The number of articles. */
    this.articles = 0;
    /** The sum of their weighted lengths. */
    this.totalLength = 0;
    /** @type {Segment[]} */
    this.segments = [];
    /**
     * The pieces that were requested.
     * @type {{url: string, start: number, end: number, bytes: Promise<Uint8Array>}[]}
     */
    this.pieces = [];
    /**
     * The pieces to request next.
     * @type {{url: string, start: number, end: number, resolve: (bytes: any) => void}[]}
     */
    this.waiting = [];
    this.use(manifest);
  }

  /**
   * Uses the segments of a manifest, and no other ones.
   * @param {any} manifest
   */
  use(manifest) {
    this.manifest = manifest;
    this.articles = this.totalLength = 0;
    this.pieces = [];
    this.segments = manifest.segments.map((/** @type {any} */ metadata) => {
      const segment = new Segment(metadata, this, this.articles);
      this.articles += metadata.articles;
      this.totalLength += metadata.total_length;
      return segment;
    });
  }

  /**
   * Opens the index in a folder.
   * @param {URL} folder
   */
  static async open(folder) {
    return new Index(folder, await loadManifest(folder));
  }

  /**
   * Loads the manifest again. Returns true if the site has been published since.
   */
  async reload() {
    const manifest = await loadManifest(this.folder);
    const names = (/** @type {any} */ { segments }) =>
      segments.map((/** @type {any} */ { name }) => name).join();
    const isNew = names(manifest) !== names(this.manifest);
    if (isNew) this.use(manifest);
    return isNew;
  }

  /**
   * Returns bytes of a segment.
   * @param {{name: string, end: number}} segment
   * @param {number} start
   * @param {number} end
   * @returns {Promise<Uint8Array>}
   */
  async bytes(segment, start, end) {
    if (!(start <= end && end <= segment.end)) throw failure("damaged");
    const size = this.manifest.shard_bytes;
    const pieces = [];
    while (start < end) {
      const shard = Math.floor(start / size);
      const url = new URL(`${segment.name}.${shard}.bin`, this.folder).href;
      const next = Math.min(end, (shard + 1) * size);
      pieces.push(this.piece(url, start - shard * size, next - shard * size));
      start = next;
    }
    if (pieces.length === 1) return pieces[0];
    const blob = new Blob(/** @type {any} */ (await Promise.all(pieces)));
    return new Uint8Array(await blob.arrayBuffer());
  }

  /**
   * Returns bytes of a file, from a piece that was requested already or a new one.
   * @param {string} url
   * @param {number} start
   * @param {number} end
   * @returns {Promise<Uint8Array>}
   */
  piece(url, start, end) {
    for (const piece of this.pieces) {
      if (piece.url === url && piece.start <= start && piece.end >= end) {
        return piece.bytes.then((bytes) => bytes.subarray(start - piece.start, end - piece.start));
      }
    }
    if (!this.waiting.length) setTimeout(() => this.request());
    return new Promise((resolve) => this.waiting.push({ url, start, end, resolve }));
  }

  /** Requests all waiting pieces; those near to each other together. */
  request() {
    const { waiting } = this;
    waiting.sort((a, b) => a.url.localeCompare(b.url) || a.start - b.start);
    this.waiting = [];
    while (waiting.length) {
      const [{ url, start }] = waiting;
      const group = [];
      let end = start;
      while (waiting[0]?.url === url && waiting[0].start <= end + MAX_GAP) {
        end = Math.max(end, waiting[0].end);
        group.push(waiting.shift());
      }
      const piece = this.manifest.ranges
        ? { url, start, end, bytes: load(url, start, end) }
        : { url, start: 0, end: Infinity, bytes: load(url) };
      this.pieces.push(piece);
      piece.bytes.catch(() => (this.pieces = this.pieces.filter((other) => other !== piece)));
      for (const { start, end, resolve } of /** @type {any[]} */ (group)) {
        resolve(this.piece(url, start, end));
      }
    }
  }
}
