// Queries the index of a real archive, and compares the first ten results with those of an
// exhaustive search, which reads every posting of every word: the client doesn't load large
// postings whole.
// Usage: node relevance.js OUTPUT QUERIES; the exit status is 1 if they differ too often.

import assert from "node:assert";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { importClient, seededRandom } from "./client.js";

const [output, count] = [process.argv[2], Number(process.argv[3])];
const [K1, B] = [1.2, 0.75];

// Files instead of a server.
globalThis.fetch = async (url, { headers } = {}) => {
  const file = path.join(output, new URL(url).pathname);
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers?.range ?? "") ?? [];
  if (!from) return new Response(fs.readFileSync(file));
  const bytes = Buffer.alloc(Number(to) + 1 - Number(from));
  const open = fs.openSync(file);
  const read = fs.readSync(open, bytes, 0, bytes.length, Number(from));
  fs.closeSync(open);
  return new Response(bytes.subarray(0, read), { status: 206 });
};

const client = fs.mkdtempSync(path.join(os.tmpdir(), "dateline-client-"));
const { Index, parse, search, tokenize: positions } = await importClient(output, client);
const tokenize = (text) => positions(text).map(([word]) => word);
const random = seededRandom(20261126);
const below = (limit) => Math.floor(random() * limit);

/** Returns one to four different words of an article's headline or text. */
async function randomWords(index, number) {
  const segment = index.segments[number % 3 ? 0 : below(index.segments.length)];
  const fields = await segment.storedFields(below(segment.metadata.articles));
  const own = [...new Set(tokenize(number % 2 ? fields[0] : fields.at(-1)))].filter((word) => word);
  return Array.from({ length: 1 + (number % 4) }, () => own[below(own.length)]).filter(
    (word) => word
  );
}

/** Returns the scores of all articles that contain all words, the highest first. */
async function exhaustive(index, wanted) {
  const average = index.totalLength / index.articles;
  const found = await Promise.all(
    wanted.map((word) =>
      Promise.all(index.segments.map(async (segment) => (await segment.find(word))[0]))
    )
  );
  const scores = [];
  for (const [at, segment] of index.segments.entries()) {
    let matching;
    for (const entries of found) {
      const held = entries.reduce((sum, entry) => sum + (entry?.articleCount ?? 0), 0);
      const idf = Math.log(1 + (index.articles - held + 0.5) / (held + 0.5));
      const next = new Map();
      const postings = entries[at]
        ? await segment.postings(
            entries[at],
            await segment.pieces(entries[at], entries[at].postings)
          )
        : new Map();
      postings.forEach((posting, article) => {
        const [weight, norm] = [posting >> 8, posting & 255];
        const length = 16 * (2 ** (norm / 8) - 1);
        const before = matching ? matching.get(article) : 0;
        if (before !== undefined)
          next.set(
            article,
            before + (idf * weight) / (weight + K1 * (1 - B + (B * length) / average))
          );
      });
      matching = next;
    }
    scores.push(...matching.values());
  }
  return scores.sort((a, b) => b - a);
}

try {
  const index = await Index.open(new URL("http://host/search/"));
  const shown = (scores) =>
    scores
      .slice(0, 10)
      .map((score) => score.toFixed(6))
      .join(" ");
  const different = [];
  let exact = 0;
  for (let number = 0; number < count; number++) {
    const wanted = [...new Set(await randomWords(index, number))];
    if (!wanted.length) continue;
    const found = await search(index, parse(wanted.map((word) => `"${word}"`).join(" ")), {
      order: "relevance",
      filters: [],
      from: -Infinity,
      to: Infinity
    });
    const expected = await exhaustive(index, wanted);
    if (found.exact) assert.equal(found.count, expected.length, `the count for ${wanted}`);
    exact += found.exact;
    if (shown(found.hits.map(({ score }) => score)) !== shown(expected))
      different.push(wanted.join(" "));
  }
  console.log(
    `${index.articles} articles, ${count} queries: ${different.length} with other results, ` +
      `${count - exact} with an estimated count`
  );
  assert.ok(different.length <= count * 0.05, `other results for: ${different.join("; ")}`);
} finally {
  fs.rmSync(client, { recursive: true, force: true });
}
