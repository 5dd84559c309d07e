// Queries a published index with the published client, and prints the cost of each query as JSON.
// Usage: node measure.js CONFIG.json; benches/search.py writes the configuration and runs this.

import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { mix, readArticle } from "./queries.js";
import { Waves } from "./waves.js";

/** The number of results whose stored fields are loaded, as page.js does for the first page. */
const PAGE_SIZE = 10;
/** The number of queries that are compared with a search that loads everything. */
const COMPARED = 100;
const OPTIONS = { order: "relevance", filters: [], from: -Infinity, to: Infinity };
const SECTIONS = ["term_dict", "postings", "positions", "bigrams", "stored_fields"];

/** @type {{folder: string, client: string, articles: string, queries: number, seed: number}} */
const config = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const module = pathToFileURL(path.join(config.client, "search.js")).href;
const { Index, parse, search, tokenize: positions } = await import(module);
const tokenize = (text) => positions(text).map(([word]) => word);

const plain = globalThis.fetch;
const folder = new URL(config.folder);
const manifest = await (await plain(new URL("manifest.json", folder))).text();
const { segments, shard_bytes } = JSON.parse(manifest);

/** The offsets of the sections of each segment. */
const layout = new Map(
  segments.map((segment) => {
    const sections = SECTIONS.slice(0, -1).map((name) => [name, segment[name]]);
    const starts = [["stored_fields", 0], ...sections].sort((a, b) => a[1] - b[1]);
    const end = (at) => starts[at + 1]?.[1] ?? segment.end;
    return [segment.name, starts.map(([name, from], at) => ({ name, from, to: end(at) }))];
  })
);

/**
 * Counts the bytes of each section that a request is for.
 * @param {string} url
 * @param {string | undefined} range
 * @returns {[string, number][]}
 */
function sections(url, range) {
  const [, name, number] = /([^/]+)\.(\d+)\.bin$/.exec(url) ?? [];
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? "") ?? [];
  if (!layout.has(name) || !last) throw new Error(`${url} was requested without a range`);
  const [from, to] = [first, Number(last) + 1].map(
    (at) => Number(number) * shard_bytes + Number(at)
  );
  const overlap = (section) => Math.max(0, Math.min(to, section.to) - Math.max(from, section.from));
  return layout.get(name).map((section) => [section.name, overlap(section)]);
}

/**
 * Computes the cost of a query: requests, round trips, bytes by section.
 * @param {{url: string, range?: string, depth: number}[]} requests
 */
function cost(requests) {
  const bytes = Object.fromEntries(SECTIONS.map((name) => [name, 0]));
  for (const { url, range } of requests)
    for (const [name, count] of sections(url, range)) bytes[name] += count;
  return {
    requests: requests.length,
    trips: Math.max(0, ...requests.map(({ depth }) => depth)),
    bytes
  };
}

/**
 * Loads the stored fields of results.
 * @param {any[]} hits
 */
const loadResults = (hits) =>
  Promise.all(
    hits.map(({ segment, article, fieldNorm }) => segment.storedFields(article, fieldNorm()))
  );

/**
 * Opens the index with only the manifest loaded. Its requests have a header with a name.
 * @param {string} name
 */
async function open(name) {
  const waves = new Waves((url, { headers, ...other } = {}) =>
    plain(url, { ...other, headers: { ...headers, "x-query": name } })
  );
  globalThis.fetch = async (url, options) =>
    String(url).includes("/manifest.json?") ? new Response(manifest) : waves.fetch(url, options);
  return { index: await Index.open(folder), waves };
}

/**
 * Runs a query with only the manifest loaded.
 * @param {{q: string}} query
 * @param {number} number
 */
async function run(query, number) {
  const { index, waves } = await open(`query-${number}`);
  const found = await search(index, parse(query.q), OPTIONS);
  await loadResults(found.hits.slice(0, PAGE_SIZE));
  return {
    ...query,
    hits: found.count,
    shown: Math.min(found.hits.length, PAGE_SIZE),
    more: found.hasMore,
    exact: found.exact,
    ...cost(waves.requests)
  };
}

/**
 * Compares the first ten results with those of a search that loads everything: their scores, and
 * the share of the same articles.
 * @param {string} q
 */
async function compare(q) {
  const { index } = await open("compared");
  const [some, all] = [1, 1e9].map((budget) => search(index, parse(q), { ...OPTIONS, budget }));
  const [found, best] = [await some, await all].map(({ hits }) => hits.slice(0, PAGE_SIZE));
  const scores = (hits) => hits.map(({ score }) => score.toFixed(6)).join(" ");
  const shared = found.filter(({ number }) => best.some((other) => other.number === number)).length;
  return { same: scores(found) === scores(best), shared: best.length ? shared / best.length : 1 };
}

/** Returns the day of the newest article. */
async function newest() {
  const { index } = await open("newest");
  const last = index.segments.at(-1);
  const [, , day] = await last.storedFields(last.metadata.articles - 1);
  return day;
}

const articles = fs
  .readFileSync(config.articles, "utf8")
  .trimEnd()
  .split("\n")
  .map((file) => readArticle(file, tokenize));
const queries = [];
for (const [number, query] of mix(articles, config.queries, config.seed).entries())
  queries.push(await run(query, number));
const compared = [];
for (const { q } of queries.slice(0, COMPARED)) compared.push(await compare(q));
console.log(JSON.stringify({ newest: await newest(), queries, compared }));
