// Queries and their results.

import { holding } from "./archive.js";
import { shownSlugs, until } from "./reader.js";

const slugs = (articles) => articles.map(({ slug }) => slug);

/** Each kind of query finds the expected articles, and no others. */
export async function finds(reader, { articles }, check) {
  const some = (test) => articles.filter(test);
  const has = (article, text) => article.own.includes(text);
  const questions = [
    ["lighthouse", holding(articles, "lighthouse")],
    ["LightHouse", holding(articles, "lighthouse")],
    ["lighthouse breakwater", holding(articles, "lighthouse", "breakwater")],
    [
      "lighthouse -breakwater",
      some((article) => has(article, "lighthouse") && !has(article, "breakwater"))
    ],
    [
      "signal box",
      some((article) => has(article, "signal box") || has(article, "box of a signal"))
    ],
    ['"signal box"', holding(articles, "signal box")],
    [
      'lighthouse -"signal box" box',
      some((article) => has(article, "lighthouse") && has(article, "box of a signal"))
    ],
    ["dredg*", some((article) => has(article, "dredger") || has(article, "dredging"))],
    [
      "dredger OR dredging OR tugboat",
      some((article) => ["dredger", "dredging", "tugboat"].some((text) => has(article, text)))
    ],
    ["nosuchwordanywhere", []]
  ];
  await reader.open();
  for (const [question, expected] of questions) {
    await reader.ask(question);
    const shown = await reader.all();
    check.same(shownSlugs(shown).sort(), slugs(expected), `the articles for ${question}`);
    check.same(shown.search, `?${new URLSearchParams({ q: question })}`, `the URL of ${question}`);
    if (expected.length) check.same(shown.count, expected.length, `the count for ${question}`);
    else check.same(shown.status, check.messages.none, `the message for ${question}`);
  }
}

/** A result links to its article, and shows its data and the words found. */
export async function shows(reader, { articles }, check) {
  const shown = await reader.open({ q: "tugboat" });
  const bySlug = new Map(articles.map((article) => [article.slug, article]));
  check.same(shown.count, shown.results.length, "the count and the results");
  check.same(
    await reader.page.$eval("#search-status", (status) => status.getAttribute("role")),
    "status",
    "the role of the count"
  );
  for (const [at, result] of shown.results.entries()) {
    const article = bySlug.get(shownSlugs(shown)[at]);
    const answer = await fetch(result.href);
    check.same(answer.status, 200, `the status of ${result.href}`);
    check.that(
      (await answer.text()).includes(`>${article.title}</h1>`),
      `${result.href} has another headline than its result`
    );
    check.same(result.title, article.title, "a result's headline");
    check.same(result.day, article.date, "a result's day");
    check.same(
      result.date,
      new Intl.DateTimeFormat("en", { dateStyle: "long", timeZone: "UTC" }).format(
        new Date(article.date)
      ),
      "a result's date"
    );
    check.same(
      result.about.map((text) => text.toLowerCase()),
      [article.section, article.author.toLowerCase()],
      "a result's section and byline"
    );
    check.same(
      result.marks.map((text) => text.toLowerCase()),
      ["tugboat"],
      "a result's marked words"
    );
  }
}

/** A misspelled word leads to a suggestion, which keeps the rest of the query. */
export async function corrects(reader, { articles }, check) {
  const slips = [
    ["lighthuose", "lighthouse", holding(articles, "lighthouse")],
    [
      "lighthuose -breakwater",
      "lighthouse -breakwater",
      articles.filter(({ own }) => own.includes("lighthouse") && !own.includes("breakwater"))
    ],
    ['"signl box"', '"signal box"', holding(articles, "signal box")],
    [
      "tugbaot OR dredger",
      "tugboat OR dredger",
      articles.filter(({ own }) => own.includes("tugboat") || own.includes("dredger"))
    ]
  ];
  await reader.open();
  for (const [slip, meant, expected] of slips) {
    const shown = await reader.ask(slip);
    const link = await reader.page.$("#search-status a");
    check.that(
      link && shown.status.includes("Did you mean"),
      `nothing else is offered for ${slip}`
    );
    if (!link) continue;
    const better = await reader.after(() => link.click());
    check.same(better.query, meant, `what is meant by ${slip}`);
    check.same(better.count, expected.length, `the count for what is meant by ${slip}`);
  }
}

/** Results of an earlier query that come late aren't shown. */
export async function keepsUp(reader, { articles }, check) {
  const { page, host } = reader;
  // The browser's cache would serialize requests for one file.
  await page.setCacheEnabled(false);
  await reader.open();
  let release;
  const hold = () => {
    const held = new Promise((resolve) => (release = resolve));
    host.behavior.before = () => held;
  };
  await reader.ask("breakwater");
  hold();
  await reader.begin("tugboat");
  host.behavior.before = undefined;
  const shown = await reader.ask("dredger");
  check.same(
    shownSlugs(shown).sort(),
    slugs(holding(articles, "dredger")),
    "the articles of the second question"
  );
  release();
  await page.waitForNetworkIdle();
  check.same(await reader.shown(), shown, "what is shown once the first question is answered, too");
  hold();
  await reader.begin("lighthouse");
  await reader.begin("");
  release();
  await page.waitForNetworkIdle();
  // Otherwise, a screen reader would wait forever.
  check.that(
    !(await page.$("#search-status[aria-busy]")),
    "the page seems busy after its box was emptied"
  );
  check.same((await reader.shown()).results, [], "results once the box is empty");
}

/** Answers requests in rounds, each when nothing more is requested. Returns a counter of rounds. */
function inRounds(host) {
  const QUIET = 500;
  let [waiting, rounds, timer] = [[], 0, undefined];
  const answer = () => {
    rounds += 1;
    waiting.splice(0).forEach((go) => go());
  };
  host.behavior.before = () =>
    new Promise((go) => {
      waiting.push(go);
      clearTimeout(timer);
      timer = setTimeout(answer, QUIET);
    });
  return () => rounds;
}

/** A word needs few round trips and a small part of the index; nothing is requested twice. */
export async function asksLittle(reader, _, check) {
  const { page, host, seen } = reader;
  // The browser's cache would serialize requests for one file, and hide repeated ones.
  await page.setCacheEnabled(false);
  await reader.open();
  await until(page, "the manifest", () =>
    performance
      .getEntriesByType("resource")
      .some(({ name, responseEnd }) => name.includes("manifest.json") && responseEnd)
  );
  const rounds = inRounds(host);
  host.bytes = 0;
  await reader.ask("tugboat");
  // Term dictionaries, postings, stored fields.
  check.that(rounds() >= 2 && rounds() <= 4, `${rounds()} requests after each other for a word`);
  check.that(host.bytes > 0 && host.bytes < 100_000, `${host.bytes} bytes for a word`);
  host.behavior.before = undefined;
  await reader.ask("dredger");
  const ofIndex = () => seen.requests.filter((url) => /\.(?:bin|json)(?:$|\?)/u.test(url));
  const before = ofIndex();
  await reader.ask("tugboat");
  check.same(ofIndex(), before, "requests of what is known already");
}
