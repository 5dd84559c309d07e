// Helpers of the other modules: texts as bytes, compressed and encoded bytes, and sorted arrays.

export const encoder = new TextEncoder();
export const decoder = new TextDecoder();

/**
 * An error with a cause for which the page has a message: `range`, `damaged`, `gone`,
 * `outdated` or `offline`.
 * @param {string} cause
 * @param {string} [message]
 */
export const failure = (cause, message = cause) => new Error(message, { cause });

/**
 * Returns the index of the first item for which a condition holds, or the number of items. It must
 * hold for all items after the first one.
 * @template T
 * @param {T[]} items
 * @param {(item: T) => boolean} holds
 */
export function firstIndex(items, holds) {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(items[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Returns the sum of a value over all items.
 * @template T
 * @param {T[]} items
 * @param {(item: T) => number} value
 */
export const sum = (items, value) => items.reduce((total, item) => total + value(item), 0);

/**
 * Decompresses bytes (DEFLATE). Writing to a stream is ten times as fast as the stream of a Blob.
 * @param {Uint8Array} bytes
 */
export async function inflate(bytes) {
  const { readable, writable } = new DecompressionStream("deflate-raw");
  const writer = writable.getWriter();
  // Errors are also reported to the reader, below.
  Promise.all([writer.write(/** @type {any} */ (bytes)), writer.close()]).catch(() => {});
  return new Uint8Array(await new Response(readable).arrayBuffer());
}

/** Reads numbers (LEB128) and bytes in order. */
export class ByteReader {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.offset = 0;
  }

  byte() {
    if (this.offset >= this.bytes.length) throw failure("damaged");
    return this.bytes[this.offset++];
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
  slice(length) {
    return this.bytes.subarray(this.offset, (this.offset += length));
  }
}
