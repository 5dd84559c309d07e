// Hosts and lines that fail: a reader is told what is wrong, and the page goes on.

import { holding } from "./archive.js";
import { until } from "./reader.js";

/** Nothing but some words. */
function tells(shown, words, what, check) {
  check.same(shown.status, words, what);
  check.same([shown.results.length, shown.bars.length, shown.more], [0, 0, false], `${what}: results, bars and more`);
}

/** A host that sends whole files: that is said, for one question and for the next. */
export async function withoutRanges(reader, _, check) {
  reader.host.ways.ranges = false;
  await reader.open();
  for (const question of ["lighthouse", "tugboat"]) tells(await reader.ask(question), check.words.range, `without parts: ${question}`, check);
}

/** An index in small files needs no parts. */
export async function chunked(reader, { stories }, check) {
  reader.host.ways.ranges = false;
  await reader.open();
  for (const [question, expected] of [["lighthouse", holding(stories, "lighthouse")], ['"signal box"', holding(stories, "signal box")]]) {
    check.same((await reader.ask(question)).count, expected.length, `the count for ${question}`);
    const { results } = await reader.all();
    check.same(results.map(({ day }) => day).sort(), expected.map(({ date }) => date), `the days for ${question}`);
  }
}

/** Without a network a reader is told so; with it, the next question is answered, and the same one if it is asked again. */
export async function offline(reader, { stories }, check) {
  const { page } = reader;
  await reader.open();
  await reader.ask("tugboat");
  await page.setOfflineMode(true);
  tells(await reader.ask("lighthouse"), check.words.offline, "offline", check);
  await page.setOfflineMode(false);
  check.same((await reader.ask("dredger")).count, holding(stories, "dredger").length, "the next question, online again");
  check.same((await reader.ask("lighthouse")).count, holding(stories, "lighthouse").length, "the question that failed, online again");
  await page.setOfflineMode(true);
  await reader.ask("breakwater");
  await page.setOfflineMode(false);
  await page.keyboard.press("Enter");
  // Enter begins an answer at once, so that it can be waited for.
  check.same((await reader.settled()).count, holding(stories, "breakwater").length, "the same question, asked again online");
}

/** More results without a network: a reader is told so, and gets them later. */
export async function offlineMore(reader, _, check) {
  const { page } = reader;
  const { status } = await reader.open({ q: "lighthouse" });
  await page.setOfflineMode(true);
  await page.click("#search-more");
  await until(page, "a word about more results that can't be had", (before) => document.getElementById("search-status").textContent !== before, status);
  const shown = await reader.shown();
  check.same([shown.status, shown.results.length], [check.words.offline, 10], "offline, what is said and how many results are shown");
  await page.setOfflineMode(false);
  await page.click("#search-more");
  await until(page, "more results, online again", () => document.querySelectorAll("#search-results > li").length === 20);
}

const isPack = (name) => name.endsWith(".bin");
const onPacks = (change) => (bytes, name) => (isPack(name) ? change(bytes, name) : bytes);
const instead = (text) => (bytes, name) => (name === "manifest.json" ? Buffer.from(text(bytes)) : bytes);

/** A copy of a volume with every byte of a section changed; cards are the first. */
function flipped(manifest, section, next) {
  return onPacks((bytes, name) => {
    const volume = manifest.volumes.find((one) => name.startsWith(`${one.name}.`));
    const copy = Buffer.from(bytes);
    for (let at = volume[section] ?? 0; at < volume[next]; at += 1) copy[at] ^= 0xa5;
    return copy;
  });
}

/** Says that each card is gigabytes long. */
const farAway = instead((bytes) => {
  const manifest = JSON.parse(bytes);
  for (const volume of manifest.volumes) volume.cards = volume.cards.map(() => 2 ** 40);
  return JSON.stringify(manifest);
});

/** Changes some bytes here and there, the same in every run. */
const sprinkled = (seed) => onPacks((bytes) => {
  let state = seed;
  const copy = Buffer.from(bytes);
  for (let at = 0; at < copy.length; at += 1 + (state >>> 25)) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    copy[at] ^= state >>> 24;
  }
  return copy;
});

/** What can't be read is said to be damaged; once it is mended, a reload is enough. */
export async function damaged(reader, { stories }, check) {
  const manifest = await (await fetch(reader.address("manifest.json"))).json();
  const ways = {
    "half a pack": onPacks((bytes) => bytes.subarray(0, bytes.length / 2)),
    "no packs": onPacks(() => undefined),
    "other cards": flipped(manifest, undefined, "lists"),
    "far cards": farAway,
    "another lexicon": flipped(manifest, "lexicon", "end"),
    "no manifest": (bytes, name) => (name === "manifest.json" ? undefined : bytes),
    "half a manifest": instead((bytes) => bytes.subarray(0, bytes.length / 2)),
    "an empty manifest": instead(() => "{}"),
    "a manifest of another format": instead((bytes) => bytes.toString().replace('"format":3', '"format":2')),
  };
  for (const [what, change] of Object.entries(ways)) {
    reader.host.ways.change = change;
    const before = reader.seen.requests.length;
    tells(await reader.open({ q: "lighthouse" }), check.words.damaged, what, check);
    const asked = reader.seen.requests.length - before;
    check.that(asked < 100, `${what}: ${asked} requests`);
  }
  reader.host.ways.change = undefined;
  await reader.page.reload();
  check.same((await reader.settled()).count, holding(stories, "lighthouse").length, "the count once nothing is damaged");
}

/** Bytes that may still mean something: there is an answer or a word about it, whatever it is, and the page goes on. */
export async function doubtful(reader, { stories }, check) {
  const manifest = await (await fetch(reader.address("manifest.json"))).json();
  const ways = [flipped(manifest, "lists", "places"), flipped(manifest, "places", "lexicon"), ...[1, 2, 3, 4].map(sprinkled)];
  for (const [at, change] of ways.entries()) {
    reader.host.ways.change = change;
    for (const q of ['"signal box"', "lighthouse -breakwater", "dredg*", "lighthuose"]) {
      const { status } = await reader.open({ q, "f-lang": "en" });
      check.that(status.trim() !== "", `damage ${at}: nothing is said for ${q}`);
    }
  }
  reader.host.ways.change = undefined;
  check.same((await reader.open({ q: "lighthouse" })).count, holding(stories, "lighthouse").length, "the count once nothing is damaged");
}
