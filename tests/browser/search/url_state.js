// The URL contains the query, the years, the order and the filters; and the history works.

import { holding } from "./archive.js";
import { shownSlugs, until } from "./reader.js";

const WORD = "lighthouse";
const countOf = (articles, test) => articles.filter(test).length;

/** Bars show the results of each year and filter by it; back and forward restore results. */
export async function years(reader, { articles }, check) {
  const all = holding(articles, WORD);
  const start = await reader.open({ q: WORD });
  const expected = [...new Set(all.map(({ year }) => year))].map(
    (year) => `${year}: ${countOf(all, (article) => article.year === year)}`
  );
  check.same(
    start.bars.map(({ label }) => label),
    expected,
    "the years' hits"
  );
  const click = (year) => reader.page.click(`#search-years a[title^="${year}:"]`);
  const shown = await reader.after(() => click(2019));
  const parameters = new URLSearchParams(shown.search);
  check.same(
    [parameters.get("from"), parameters.get("to"), parameters.get("q")],
    ["2019", "2019", WORD],
    "the URL of a year"
  );
  check.same(
    shown.count,
    countOf(all, ({ year }) => year === 2019),
    "the count of a year"
  );
  check.same(
    shown.bars.filter(({ current }) => current).map(({ label }) => label.slice(0, 4)),
    ["2019"],
    "the current year"
  );
  check.same(
    (await reader.all()).results.filter(({ day }) => !day.startsWith("2019")).map(({ day }) => day),
    [],
    "days outside the year"
  );
  check.same(
    await reader.after(() => reader.page.goBack()),
    start,
    "what is shown after going back"
  );
  check.same(
    await reader.after(() => reader.page.goForward()),
    shown,
    "what is shown after going forward"
  );
  check.same(await reader.after(() => click(2019)), start, "what is shown once the year is left");
}

/** The orders by date. */
export async function orders(reader, { articles }, check) {
  const oldest = holding(articles, WORD).map(({ slug }) => slug);
  await reader.open({ q: WORD });
  for (const [order, expected] of [
    ["newest", oldest.toReversed()],
    ["oldest", oldest]
  ]) {
    const first = await reader.after(() => reader.page.click(`[name=sort][value=${order}]`));
    check.same(new URLSearchParams(first.search).get("sort"), order, "the order in the URL");
    const shown = await reader.all();
    check.same(shownSlugs(shown), expected, `the articles, ${order} first`);
    const days = shown.results.map(({ day }) => day);
    check.same(
      days,
      order === "oldest" ? days.toSorted() : days.toSorted().reverse(),
      `the days, ${order} first`
    );
  }
}

const slugOf = (text) => text.toLowerCase().replaceAll(" ", "-");

/** Every term of a taxonomy has its count, and filters the results. */
async function narrowBy(reader, all, [field, value], check) {
  await reader.open({ q: WORD });
  await reader.page.click("#search-narrow summary");
  const select = `[name="f-${field}"]`;
  const offered = await until(
    reader.page,
    `terms of ${field}`,
    (name) => {
      const options = [...document.querySelectorAll(`${name} option`)].filter(
        (option) => option.value
      );
      return (
        options.length > 0 &&
        options.map((option) => [option.value, Number(/\((\d+)\)$/u.exec(option.text)?.[1])])
      );
    },
    select
  );
  const counts = new Map();
  for (const article of all)
    counts.set(slugOf(value(article)), (counts.get(slugOf(value(article))) ?? 0) + 1);
  check.same(offered.toSorted(), [...counts].toSorted(), `the counts of ${field}`);
  const [term, count] = offered.at(-1);
  const shown = await reader.after(() => reader.page.select(select, term));
  check.same(new URLSearchParams(shown.search).get(`f-${field}`), term, `the URL of ${field}`);
  check.same(shown.count, count, `the count of ${term}`);
  const found = await reader.all();
  const expected = all.filter((article) => slugOf(value(article)) === term);
  check.same(
    shownSlugs(found).sort(),
    expected.map(({ slug }) => slug),
    `the articles of ${term}`
  );
}

/** All filters work, alone and together, and are kept after a reload. */
export async function narrows(reader, { articles }, check) {
  const all = holding(articles, WORD);
  const fields = [
    ["sections", ({ section }) => section],
    ["tags", ({ tag }) => tag],
    ["authors", ({ author }) => author],
    ["lang", ({ lang }) => lang]
  ];
  for (const field of fields) await narrowBy(reader, all, field, check);
  await reader.page.select('[name="f-lang"]', "en");
  for (const [name, value] of [
    ["f-sections", "railway"],
    ["f-tags", "cranes"],
    ["from", "2017"],
    ["to", "2022"]
  ]) {
    await reader.after(() => reader.page.select(`[name="${name}"]`, value));
  }
  await reader.after(() => reader.page.click("[name=sort][value=oldest]"));
  const shown = await reader.all();
  const isWithin = ({ lang, section, tag, year }) =>
    lang === "en" && section === "railway" && tag === "cranes" && year >= 2017 && year <= 2022;
  check.same(
    shownSlugs(shown),
    all.filter(isWithin).map(({ slug }) => slug),
    "the articles of all terms together"
  );
  check.same(shown.count, countOf(all, isWithin), "the count of all terms together");
  const before = await reader.settled();
  await reader.page.reload();
  check.same(await reader.settled(), before, "what is shown after a reload");
}

/** More results are appended, and the first of them gets the focus. */
export async function more(reader, { articles }, check) {
  const first = await reader.open({ q: WORD });
  check.same(
    [first.results.length, first.more],
    [10, true],
    "results at first, and whether there are more"
  );
  await reader.page.focus("#search-more");
  await reader.page.keyboard.press("Enter");
  await until(
    reader.page,
    "more results",
    () => document.querySelectorAll("#search-results > li").length > 10
  );
  const second = await reader.shown();
  check.same(second.results.length, 20, "results after one press");
  check.same(second.results.slice(0, 10), first.results, "the first ten, after more came");
  const focused = await reader.page.evaluate(() =>
    [...document.querySelectorAll("#search-results a")].indexOf(document.activeElement)
  );
  check.same(focused, 10, "the result that has the focus");
  // Clicked again before the results are loaded.
  await reader.page.$eval("#search-more", (button) => [1, 2].forEach(() => button.click()));
  await until(
    reader.page,
    "still more results",
    () => document.querySelectorAll("#search-results > li").length > 20
  );
  const all = shownSlugs(await reader.all());
  check.same(
    all.toSorted(),
    holding(articles, WORD).map(({ slug }) => slug),
    "all results"
  );
}

/** Going back from another query or from an article shows the previous results. */
export async function history(reader, _, check) {
  await reader.open();
  const submit = async (text) => {
    await reader.ask(text);
    await reader.page.keyboard.press("Enter");
    return reader.settled();
  };
  const first = await submit(WORD);
  const second = await submit("tugboat");
  check.that(second.search !== first.search, "two questions have the same URL");
  check.same(
    await reader.after(() => reader.page.goBack()),
    first,
    "what is shown after going back to a question"
  );
  const newest = await reader.after(() => reader.page.click("[name=sort][value=newest]"));
  await reader.after(() => reader.page.goBack());
  const again = await reader.after(() => reader.page.goForward());
  check.same(again, newest, "what is shown after going forward to an order");
  await Promise.all([reader.page.waitForNavigation(), reader.page.click("#search-results h2 a")]);
  check.same(reader.page.url(), newest.results[0].href, "where a headline leads");
  await reader.page.goBack();
  check.same(await reader.settled(), newest, "what is shown after going back from an article");
  const fresh = await reader.page.browserContext().newPage();
  await fresh.goto(reader.page.url());
  const copy = new reader.constructor(fresh, reader.host, reader.context, reader.seen);
  check.same(await copy.settled(), newest, "what the URL alone shows");
}
