// Asks a published index a mix of queries through the published client, and prints what each took as JSON.
// node measure.js CONFIG.json; benches/search.py writes the configuration and runs this.

import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { mix, read } from "./queries.js";
import { Waves } from "./waves.js";

/** How many results have their cards read, as page.js does for the first page. */
const PAGE = 10;
/** How many queries are asked again of a search that reads everything. */
const COMPARED = 100;
const HOW = { order: "relevance", filters: [], from: -Infinity, to: Infinity };
const SECTIONS = ["lexicon", "lists", "places", "pairs", "cards"];

/** @type {{folder: string, client: string, stories: string, queries: number, seed: number}} */
const config = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const { Index, Search, parse, words } = await import(pathToFileURL(path.join(config.client, "search.js")).href);

const plain = globalThis.fetch;
const folder = new URL(config.folder);
const manifest = await (await plain(new URL("manifest.json", folder))).text();
const { volumes, pack } = JSON.parse(manifest);

/** Where each section of a volume begins and ends. */
const layout = new Map(
  volumes.map((about) => {
    const starts = [["cards", 0], ...SECTIONS.slice(0, -1).map((name) => [name, about[name]])].sort((a, b) => a[1] - b[1]);
    return [about.name, starts.map(([name, from], at) => ({ name, from, to: starts[at + 1]?.[1] ?? about.end }))];
  }),
);

/** How many bytes of which sections a request is for. @param {string} url @param {string | undefined} range @returns {[string, number][]} */
function sections(url, range) {
  const [, name, number] = /([^/]+)\.(\d+)\.bin$/.exec(url) ?? [];
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? "") ?? [];
  if (!layout.has(name) || !last) throw new Error(`${url} was asked for without a range`);
  const [from, to] = [first, Number(last) + 1].map((at) => Number(number) * pack + Number(at));
  const overlap = (section) => Math.max(0, Math.min(to, section.to) - Math.max(from, section.from));
  return layout.get(name).map((section) => [section.name, overlap(section)]);
}

/** What a query took: requests, trips, bytes by section. @param {{url: string, range?: string, depth: number}[]} asked */
function cost(asked) {
  const bytes = Object.fromEntries(SECTIONS.map((name) => [name, 0]));
  for (const { url, range } of asked) for (const [name, count] of sections(url, range)) bytes[name] += count;
  return { requests: asked.length, trips: Math.max(0, ...asked.map(({ depth }) => depth)), bytes };
}

/** Reads what the page shows of the first results. @param {any[]} hits */
const cards = (hits) => Promise.all(hits.map(({ volume, story, level }) => volume.card(story, level())));

/** Opens the index with nothing but the manifest loaded; its requests carry a query's name. @param {string} name */
async function open(name) {
  const waves = new Waves((url, { headers, ...other } = {}) => plain(url, { ...other, headers: { ...headers, "x-query": name } }));
  globalThis.fetch = async (url, options) => (String(url).endsWith("/manifest.json") ? new Response(manifest) : waves.fetch(url, options));
  return { index: await Index.open(folder), waves };
}

/** One query of a reader who has the manifest and nothing else. @param {{q: string}} query @param {number} number */
async function ask(query, number) {
  const { index, waves } = await open(`query-${number}`);
  const found = await new Search(index).run(parse(query.q), HOW);
  await cards(found.hits.slice(0, PAGE));
  return { ...query, hits: found.count, shown: Math.min(found.hits.length, PAGE), rest: found.rest, exact: found.exact, ...cost(waves.asked) };
}

/** Whether the first ten have the scores of those that a search finds which reads everything, and how many of them are the same stories. @param {string} q */
async function compare(q) {
  const { index } = await open("compared");
  const [some, all] = [1, 1e9].map((budget) => new Search(index).run(parse(q), { ...HOW, budget }));
  const [found, best] = [await some, await all].map(({ hits }) => hits.slice(0, PAGE));
  const scores = (hits) => hits.map(({ score }) => score.toFixed(6)).join(" ");
  const shared = found.filter(({ number }) => best.some((other) => other.number === number)).length;
  return { same: scores(found) === scores(best), shared: best.length ? shared / best.length : 1 };
}

/** The day of the newest story. */
async function newest() {
  const { index } = await open("newest");
  const last = index.volumes.at(-1);
  const [, , day] = await last.card(last.about.stories - 1);
  return day;
}

const stories = fs.readFileSync(config.stories, "utf8").trimEnd().split("\n").map((file) => read(file, words));
const asked = [];
for (const [number, query] of mix(stories, config.queries, config.seed).entries()) asked.push(await ask(query, number));
const compared = [];
for (const { q } of asked.slice(0, COMPARED)) compared.push(await compare(q));
console.log(JSON.stringify({ newest: await newest(), asked, compared }));
