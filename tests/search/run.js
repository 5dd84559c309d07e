// Asks the index of a made-up archive through the client's own modules, and compares with answers worked out from the texts alone.
// node run.js; ends with 1 if anything is wrong, and says what.

import assert from "node:assert";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import zlib from "node:zlib";
import { chance, published } from "./client.js";

const here = path.dirname(fileURLToPath(import.meta.url));
const repository = path.resolve(here, "../..");
const program = process.env.DATELINE_BIN ?? path.join(repository, "target/debug/dateline");
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "dateline-search-"));
const STORIES = 1800;
const QUERIES = 200;

const random = chance(20261125);

/** A word: few are frequent, many are rare. */
const vocabulary = Array.from({ length: 3000 }, (_, at) => "bdfgklmnprstvz"[at % 14] + "aeiou"[at % 5] + "lnrst"[(at >> 2) % 5] + "aeiou"[(at >> 4) % 5] + at.toString(26).replace(/\d/g, (digit) => "ghijklmnop"[digit]));
const word = () => vocabulary[Math.floor(vocabulary.length * random() ** 4)];
const text = (length) => Array.from({ length }, word).join(" ");

function write() {
  const stories = Array.from({ length: STORIES }, (_, at) => {
    const day = new Date(Date.UTC(2021, 0, 1) + Math.floor((at * 1200 * 86400e3) / STORIES)).toISOString().slice(0, 10);
    return { day, title: text(5), description: text(8), tag: text(1), body: text(20 + Math.floor(300 * random() ** 2)), id: `s${String(at).padStart(4, "0")}` };
  });
  for (const { day, title, description, tag, body, id } of stories) {
    const file = path.join(folder, "site/content", day.slice(0, 4), `${id}.md`);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, `---\ntitle: ${title}\ndate: ${day}\nslug: ${id}\ndescription: ${description}\ntags: [${tag}]\n---\n\n${body}\n`);
  }
  const off = "---\ntitle: zzhidden\ndate: 2022-01-01\nsearch: false\n---\n\nzzhidden\n";
  fs.writeFileSync(path.join(folder, "site/content/off.md"), off);
  fs.writeFileSync(path.join(folder, "site/content/part.md"), '---\ntitle: zzpart\ndate: 2024-01-01\n---\n\n<div data-search="off">zzsecret</div>\n\nHeld <b>together</b> zzhash0123456789abcdef\n');
  return stories;
}

function build(settings) {
  fs.writeFileSync(path.join(folder, "site/site.yaml"), `title: Search\nbase_url: https://example.org\n${settings}`);
  execFileSync(program, ["build", "--root", path.join(folder, "site"), "--quiet", "--now", "2025-01-01T00:00:00Z"], { stdio: "inherit" });
}

const stories = write();
build("search: true\n");

const output = path.join(folder, "site/public");
const client = await published(output, path.join(folder, "client"));
const { Index, Search, parse, words } = client;
// As large as this archive's lists are, a reader's browser would take them whole.
const LARGE = [["WHOLE = 20 << 10", "WHOLE = 32"]];
const inPieces = await published(output, path.join(folder, "pieces"), [...LARGE, ["ALL = 64 << 10", "ALL = 1 << 30"]]);
const inPart = await published(output, path.join(folder, "part"), [...LARGE, ["ALL = 64 << 10", "ALL = 1"]]);

/** What was asked for since: how often, and how many bytes. */
const log = { requests: 0, bytes: 0 };

/** A plain server of the output folder. */
function serve(change = (bytes) => bytes, ranges = true) {
  const server = http.createServer((request, answer) => {
    const file = path.join(output, new URL(request.url, "http://x").pathname);
    if (!fs.existsSync(file)) return answer.writeHead(404).end();
    const bytes = change(fs.readFileSync(file), file);
    const [, from, to] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? "") ?? [];
    const piece = ranges && from ? bytes.subarray(Number(from), Number(to) + 1) : bytes;
    log.requests++;
    log.bytes += piece.length;
    return answer.writeHead(ranges && from ? 206 : 200, { "content-length": piece.length }).end(piece);
  });
  return new Promise((resolve) => server.listen(0, () => resolve({ folder: new URL(`http://localhost:${server.address().port}/search/`), close: () => server.close() })));
}

const level = (length) => Math.min(255, Math.round(Math.log2(1 + length / 16) * 8));

/** Every story's words with their weights and places, from its texts alone. */
function exhaustive(stories) {
  const WEIGHTS = [5, 2, 2, 1];
  const all = [...stories].map((story) => {
    const held = new Map();
    let [length, place] = [0, 0];
    [story.title, story.description, story.tag, story.body].forEach((field, at) => {
      for (const word of words(field)) {
        const one = held.get(word) ?? { weight: 0, places: new Set() };
        one.weight += WEIGHTS[at];
        one.places.add(place++);
        held.set(word, one);
        length += WEIGHTS[at];
      }
      place += 4;
    });
    return { story, held, length, rounded: 16 * (2 ** (level(length) / 8) - 1) };
  });
  return all;
}

/** BM25F over all stories, one by one. */
function answer(all, total, average, wanted, unwanted, phrase) {
  const count = (word) => all.filter(({ held }) => held.has(word)).length;
  const rarity = new Map([...wanted, ...phrase].map((word) => [word, Math.log(1 + (total - count(word) + 0.5) / (count(word) + 0.5))]));
  const holds = ({ held }) => [...wanted, ...phrase].every((word) => held.has(word)) && !unwanted.some((word) => held.has(word));
  const row = ({ held }) => !phrase.length || [...held.get(phrase[0]).places].some((place) => phrase.every((word, at) => held.get(word).places.has(place + at)));
  const score = ({ held, rounded }) => [...wanted, ...phrase].reduce((sum, word) => {
    const { weight } = held.get(word);
    return sum + (rarity.get(word) * weight) / (weight + 1.2 * (0.25 + (0.75 * rounded) / average));
  }, 0);
  return all.filter((one) => holds(one) && row(one)).map((one) => ({ id: one.story.id, score: score(one) }));
}

const how = (other = {}) => ({ order: "relevance", filters: [], from: -Infinity, to: Infinity, ...other });

async function idsOf(index, hits) {
  const cards = await Promise.all(hits.map(({ volume, story }) => volume.card(story)));
  return cards.map(([, permalink]) => permalink.split("/").at(-2));
}

/** Asks a client, whatever its constants are, and compares with the texts. What reads all there is to read, if in small pieces, is exact. */
async function compare(stories, { Index, Search, nearest }, readsAll = true) {
  const server = await serve();
  const index = await Index.open(server.folder);
  const search = new Search(index);
  const all = exhaustive(stories);
  assert.equal(index.stories, STORIES + 1, "all stories but the one that is left out");
  // The extra story is no part of the texts above, but of every average.
  const average = index.length / index.stories;
  let same = 0;
  for (let at = 0; at < QUERIES; at++) {
    const { story } = all[Math.floor(random() * all.length)];
    const own = words(`${story.title} ${story.body}`);
    const start = Math.floor(random() * (own.length - 4));
    const wanted = [...new Set(own.slice(start, start + 1 + (at % 4)))];
    const [quoted, without] = [at % 5 === 4 && wanted.length > 1, at % 7 === 6 ? [word()] : []];
    const row = quoted ? own.slice(start, start + 2) : [];
    const query = (quoted ? `"${row.join(" ")}"` : wanted.join(" ")) + without.map((word) => ` -${word}`).join("");
    let found = await search.run(parse(query), how());
    const expected = answer(all, index.stories, average, quoted ? [] : wanted, without, row).sort((a, b) => b.score - a.score);
    assert.ok(found.exact || !readsAll, query);
    assert.ok(found.hits.length || !expected.length, `something for ${query}`);
    const ofYears = [...found.years.values()].reduce((sum, count) => sum + count, 0);
    assert.ok(Math.abs(ofYears - found.count) <= 1, `${ofYears} in the years and ${found.count} in all for ${query}`);
    // Who asks for more gets more, and all in the end.
    for (let budget = 10; found.rest; budget *= 10) {
      assert.ok(budget < 1e9, `an end for ${query}`);
      const more = await search.run(parse(query), how({ budget }));
      const numbers = new Set(more.hits.map(({ number }) => number));
      assert.ok(found.hits.every(({ number }) => numbers.has(number)), `nothing is lost for ${query}`);
      found = more;
    }
    assert.ok(found.exact, query);
    assert.equal(found.count, expected.length, `the count of ${query}`);
    const scores = (list) => list.slice(0, 10).map(({ score }) => score.toFixed(6)).join(" ");
    if (scores(found.hits) === scores(expected)) same++;
    if (at % (readsAll ? 20 : 1) === 0) {
      const ids = await idsOf(index, found.hits.slice(0, 10));
      const known = new Map(expected.map(({ id, score }) => [id, score.toFixed(6)]));
      ids.forEach((id, at) => assert.equal(known.get(id), found.hits[at].score.toFixed(6), `${id} for ${query}`));
    }
  }
  if (!readsAll) return server.close();
  assert.ok(same >= QUERIES * 0.95, `the same ten for ${same} of ${QUERIES} queries`);

  const { tag } = stories[0];
  const tagged = stories.filter((story) => story.tag === tag);
  const some = words(tagged[0].body)[0];
  const filtered = await search.run(parse(some), how({ filters: [[`tags/${tag}`]] }));
  assert.equal(filtered.count, tagged.filter((story) => words(`${story.title} ${story.description} ${story.tag} ${story.body}`).includes(some)).length, "a filter by tag");
  const year = await search.run(parse(some), how({ from: 2022, to: 2022, order: "newest" }));
  const ids = await idsOf(index, year.hits);
  assert.deepEqual(ids, [...ids].sort().reverse(), "newest first");
  assert.ok(ids.length && year.hits.every(({ volume, story }) => volume.year(story) === 2022), "one year");
  const facets = await search.facets("tags", await search.run(parse(some), how()));
  const holding = all.filter(({ held }) => held.has(some));
  assert.ok(facets.length > 5, "facets");
  for (const { facet, name, count } of facets) {
    assert.equal(facet, `tags/${name}`);
    assert.equal(count, holding.filter(({ story }) => story.tag === name).length, `the count of ${facet}`);
  }

  const count = async (query) => (await search.run(parse(query), how())).count;
  assert.equal(await count("zzhidden"), 0, "search: false");
  assert.equal(await count("zzsecret"), 0, "data-search=off");
  assert.equal(await count("zzhash0123456789abcdef"), 0, "a key");
  assert.equal(await count('"held together"'), 1, "a phrase over markup");
  const or = new Set([...answer(all, 1, 1, [vocabulary[900]], [], []), ...answer(all, 1, 1, [vocabulary[901]], [], [])].map(({ id }) => id));
  assert.equal(await count(`${vocabulary[900]} OR ${vocabulary[901]}`), or.size, "OR");
  const start = vocabulary[900].slice(0, 3);
  const beginning = all.filter(({ held }) => [...held.keys()].some((word) => word.startsWith(start)));
  const lexicon = new Set(all.flatMap(({ held }) => [...held.keys()].filter((word) => word.startsWith(start))));
  if (lexicon.size <= 24) assert.equal(await count(`${start}*`), beginning.length, "the beginning of a word");
  assert.equal((await search.run(parse("b*"), how())).exact, false, "a beginning of more words than are looked for");
  const slip = vocabulary[5].slice(0, 2) + vocabulary[5][3] + vocabulary[5][2] + vocabulary[5].slice(4);
  assert.ok(await nearest(index, slip), `something near ${slip}`);
  for (const hostile of ["a".repeat(10_000), "\0", "\u202e", ".*+?^${}()|[]\\", "<script>", '"', "-", "*", '-"', "OR", "\ud800"]) await search.run(parse(hostile), how());
  log.requests = log.bytes = 0;
  await search.run(parse(vocabulary[1500]), how());
  assert.ok(log.bytes < 40_000, `${log.bytes} bytes for a word`);
  server.close();
}

/** What every reader's browser loads before it can ask: all modules, compressed. */
function isSmall() {
  const modules = ["search.js", "page.js"].map((name) => fs.readFileSync(path.join(folder, "client", name)));
  const bytes = modules.reduce((sum, module) => sum + zlib.gzipSync(module, { level: 9 }).length, 0);
  assert.ok(bytes <= 12 << 10, `${bytes} bytes of client`);
}

/** What a reader is told where an index can't be had. */
async function troubles() {
  const kind = async (server) => {
    const run = async () => new Search(await Index.open(server.folder)).run(parse(vocabulary[3]), how());
    const error = await run().then(() => undefined, (error) => error);
    server.close();
    return error?.kind;
  };
  const isPack = (file) => file.endsWith(".bin");
  assert.equal(await kind(await serve((bytes, file) => (isPack(file) ? bytes.subarray(0, bytes.length / 3) : bytes))), "damaged");
  const large = (bytes, file) => (isPack(file) ? Buffer.concat([bytes, Buffer.alloc(2 << 20)]) : bytes);
  assert.equal(await kind(await serve(large, false)), "range");
  assert.equal(await kind({ folder: new URL("http://localhost:9/search/"), close() {} }), "offline");
}

try {
  isSmall();
  for (const [text, expected] of JSON.parse(fs.readFileSync(path.join(here, "tokenizer_vectors.json"), "utf8"))) {
    assert.deepEqual(words(text), expected, JSON.stringify(text));
  }
  await compare(stories, client);
  await compare(stories, inPieces);
  await compare(stories, inPart, false);
  await troubles();
  build("search: {files: chunked}\n");
  const files = fs.readdirSync(path.join(output, "search")).filter((file) => file.endsWith(".bin"));
  assert.ok(files.length > 3 && files.every((file) => fs.statSync(path.join(output, "search", file)).size <= 128 << 10), `${files}`);
  await compare(stories, client);
  console.log(`${STORIES} stories, ${4 * QUERIES} queries`);
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
