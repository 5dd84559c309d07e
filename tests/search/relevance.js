// Asks the index of a real archive, and compares the first ten with those of an exhaustive search, which reads every posting of every word.
// node relevance.js OUTPUT QUERIES; ends with 1 if they differ too often. run.js compares with the texts themselves; this is about what a large list leaves out.

import assert from "node:assert";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { chance, published } from "./client.js";

const [output, count] = [process.argv[2], Number(process.argv[3])];
const [K1, B] = [1.2, 0.75];

// Files stand for a host.
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
const { Index, Search, bytesOf, parse, words } = await published(output, client);
const random = chance(20261126);
const below = (limit) => Math.floor(random() * limit);

/** One to four different words of a story's headline or text. */
async function question(index, number) {
  const volume = index.volumes[number % 3 ? 0 : below(index.volumes.length)];
  const card = await volume.card(below(volume.about.stories));
  const own = [...new Set(words(number % 2 ? card[0] : card.at(-1)))].filter((word) => word);
  return Array.from({ length: 1 + (number % 4) }, () => own[below(own.length)]).filter((word) => word);
}

/** The scores of all stories that hold all words, the highest first. */
async function exhaustive(index, wanted) {
  const average = index.length / index.stories;
  const found = await Promise.all(wanted.map((word) => Promise.all(index.volumes.map(async (volume) => (await volume.find(bytesOf(word)))[0]))));
  const scores = [];
  for (const [at, volume] of index.volumes.entries()) {
    let sofar;
    for (const of of found) {
      const held = of.reduce((sum, entry) => sum + (entry?.stories ?? 0), 0);
      const rarity = Math.log(1 + (index.stories - held + 0.5) / (held + 0.5));
      const next = new Map();
      const postings = of[at] ? await volume.postings(of[at], await volume.blocksOf(of[at])) : new Map();
      postings.forEach((posting, story) => {
        const [weight, level] = [posting >> 8, posting & 255];
        const length = 16 * (2 ** (level / 8) - 1);
        const before = sofar ? sofar.get(story) : 0;
        if (before !== undefined) next.set(story, before + (rarity * weight) / (weight + K1 * (1 - B + (B * length) / average)));
      });
      sofar = next;
    }
    scores.push(...sofar.values());
  }
  return scores.sort((a, b) => b - a);
}

try {
  const index = await Index.open(new URL("http://host/search/"));
  const search = new Search(index);
  const shown = (scores) => scores.slice(0, 10).map((score) => score.toFixed(6)).join(" ");
  const others = [];
  let exact = 0;
  for (let number = 0; number < count; number++) {
    const wanted = [...new Set(await question(index, number))];
    if (!wanted.length) continue;
    const found = await search.run(parse(wanted.join(" ")), { order: "relevance", filters: [], from: -Infinity, to: Infinity });
    const expected = await exhaustive(index, wanted);
    if (found.exact) assert.equal(found.count, expected.length, `the count for ${wanted}`);
    exact += found.exact;
    if (shown(found.hits.map(({ score }) => score)) !== shown(expected)) others.push(wanted.join(" "));
  }
  console.log(`${index.stories} stories, ${count} queries: ${others.length} with another ten, ${count - exact} with an estimated count`);
  assert.ok(others.length <= count * 0.05, `another ten for: ${others.join("; ")}`);
} finally {
  fs.rmSync(client, { recursive: true, force: true });
}
