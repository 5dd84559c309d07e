// Hosts and connections that fail: the page shows a message, and continues to work.

import { holding } from "./archive.js";
import { until } from "./reader.js";

/** Checks that only a message is shown. */
function showsMessage(shown, words, what, check) {
  check.same(shown.status, words, what);
  check.same(
    [shown.results.length, shown.bars.length, shown.more],
    [0, 0, false],
    `${what}: results, bars and more`
  );
}

/** A host without range requests: a message is shown for each query. */
export async function withoutRanges(reader, _, check) {
  reader.host.behavior.ranges = false;
  await reader.open();
  for (const question of ["lighthouse", "tugboat"])
    showsMessage(
      await reader.ask(question),
      check.messages.range,
      `without parts: ${question}`,
      check
    );
}

/** An index in small files needs no range requests. */
export async function chunked(reader, { articles }, check) {
  reader.host.behavior.ranges = false;
  await reader.open();
  for (const [question, expected] of [
    ["lighthouse", holding(articles, "lighthouse")],
    ['"signal box"', holding(articles, "signal box")]
  ]) {
    check.same((await reader.ask(question)).count, expected.length, `the count for ${question}`);
    const { results } = await reader.all();
    check.same(
      results.map(({ day }) => day).sort(),
      expected.map(({ date }) => date),
      `the days for ${question}`
    );
  }
}

/** Without a network, a message is shown; with it, the next query works, and the same one again. */
export async function offline(reader, { articles }, check) {
  const { page } = reader;
  await reader.open();
  await reader.ask("tugboat");
  await page.setOfflineMode(true);
  showsMessage(await reader.ask("lighthouse"), check.messages.offline, "offline", check);
  await page.setOfflineMode(false);
  check.same(
    (await reader.ask("dredger")).count,
    holding(articles, "dredger").length,
    "the next question, online again"
  );
  check.same(
    (await reader.ask("lighthouse")).count,
    holding(articles, "lighthouse").length,
    "the question that failed, online again"
  );
  await page.setOfflineMode(true);
  await reader.ask("breakwater");
  await page.setOfflineMode(false);
  await page.keyboard.press("Enter");
  // Enter begins an answer at once, so that it can be waited for.
  check.same(
    (await reader.settled()).count,
    holding(articles, "breakwater").length,
    "the same question, asked again online"
  );
}

/** More results without a network: a message is shown, and the results later. */
export async function offlineMore(reader, _, check) {
  const { page } = reader;
  const { status } = await reader.open({ q: "lighthouse" });
  await page.setOfflineMode(true);
  await page.click("#search-more");
  await until(
    page,
    "a word about more results that can't be had",
    (before) => document.getElementById("search-status").textContent !== before,
    status
  );
  const shown = await reader.shown();
  check.same(
    [shown.status, shown.results.length],
    [check.messages.offline, 10],
    "offline, what is said and how many results are shown"
  );
  await page.setOfflineMode(false);
  await page.click("#search-more");
  await until(
    page,
    "more results, online again",
    () => document.querySelectorAll("#search-results > li").length === 20
  );
}

const isShard = (name) => name.endsWith(".bin");
const onShards = (change) => (bytes, name) => (isShard(name) ? change(bytes, name) : bytes);
const instead = (text) => (bytes, name) =>
  name === "manifest.json" ? Buffer.from(text(bytes)) : bytes;

/** Changes every byte of a section of a segment; stored fields are the first section. */
function flipped(manifest, section, next) {
  return onShards((bytes, name) => {
    const segment = manifest.segments.find((one) => name.startsWith(`${one.name}.`));
    const copy = Buffer.from(bytes);
    for (let at = segment[section] ?? 0; at < segment[next]; at += 1) copy[at] ^= 0xa5;
    return copy;
  });
}

/** Claims that all stored fields have terabytes. */
const hugeFields = instead((bytes) => {
  const manifest = JSON.parse(bytes);
  for (const segment of manifest.segments) {
    segment.stored_fields = segment.stored_fields.map(() => 2 ** 40);
  }
  return JSON.stringify(manifest);
});

/** Changes some bytes, the same in every run. */
const sprinkled = (seed) =>
  onShards((bytes) => {
    let state = seed;
    const copy = Buffer.from(bytes);
    for (let at = 0; at < copy.length; at += 1 + (state >>> 25)) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      copy[at] ^= state >>> 24;
    }
    return copy;
  });

/** Files that can't be read are reported as damaged; once they are repaired, a reload is enough. */
export async function damaged(reader, { articles }, check) {
  const manifest = await (await fetch(reader.url("manifest.json"))).json();
  const ways = {
    "half a shard file": onShards((bytes) => bytes.subarray(0, bytes.length / 2)),
    "no shard files": onShards(() => undefined),
    "other stored fields": flipped(manifest, undefined, "postings"),
    "huge stored fields": hugeFields,
    "another term dictionary": flipped(manifest, "term_dict", "end"),
    "no manifest": (bytes, name) => (name === "manifest.json" ? undefined : bytes),
    "half a manifest": instead((bytes) => bytes.subarray(0, bytes.length / 2)),
    "an empty manifest": instead(() => "{}"),
    "a manifest of another format": instead((bytes) =>
      bytes.toString().replace(/"format":\d+/u, '"format":3')
    )
  };
  for (const [what, change] of Object.entries(ways)) {
    reader.host.behavior.change = change;
    const before = reader.seen.requests.length;
    showsMessage(await reader.open({ q: "lighthouse" }), check.messages.damaged, what, check);
    const requestCount = reader.seen.requests.length - before;
    check.that(requestCount < 100, `${what}: ${requestCount} requests`);
  }
  reader.host.behavior.change = undefined;
  await reader.page.reload();
  check.same(
    (await reader.settled()).count,
    holding(articles, "lighthouse").length,
    "the count once nothing is damaged"
  );
}

/** Bytes that may still be valid: the page shows results or a message, and continues to work. */
export async function doubtful(reader, { articles }, check) {
  const manifest = await (await fetch(reader.url("manifest.json"))).json();
  const ways = [
    flipped(manifest, "postings", "positions"),
    flipped(manifest, "positions", "term_dict"),
    ...[1, 2, 3, 4].map(sprinkled)
  ];
  for (const [at, change] of ways.entries()) {
    reader.host.behavior.change = change;
    for (const q of ['"signal box"', "lighthouse -breakwater", "dredg*", "lighthuose"]) {
      const { status } = await reader.open({ q, "f-lang": "en" });
      check.that(status.trim() !== "", `damage ${at}: nothing is said for ${q}`);
    }
  }
  reader.host.behavior.change = undefined;
  check.same(
    (await reader.open({ q: "lighthouse" })).count,
    holding(articles, "lighthouse").length,
    "the count once nothing is damaged"
  );
}
