// Articles in other scripts, and the page without JavaScript.

import { BASE } from "./server.js";

/** Urdu, right to left, with the characters of different keyboards. */
export async function rightToLeft(reader, { articles }, check) {
  const own = articles.filter(({ lang, title }) => lang === "ur" && title.startsWith("بندرگاہ"));
  await reader.open();
  for (const question of ["بندرگاہ", "بندرگاه"]) {
    const shown = await reader.ask(question);
    check.same(shown.count, own.length, `the count for ${question}`);
    for (const result of shown.results) {
      check.same(
        [result.lang, result.direction],
        ["ur", "rtl"],
        "language and direction of a headline"
      );
      check.same(
        [result.excerptLang, result.excerptDirection],
        ["ur", "rtl"],
        "language and direction of an excerpt"
      );
      check.that(result.marks.includes("بندرگاہ"), `no marked word in ${result.title}`);
    }
  }
  const mixed = await reader.ask("گودی");
  check.same(
    mixed.count,
    articles.filter(({ title }) => title.startsWith("KPT")).length,
    "the count for گودی"
  );
  for (const { lang, direction, title } of mixed.results)
    check.same([lang, direction], ["ur", "rtl"], `language and direction of ${title}`);
  for (const { lang, direction } of (await reader.ask("tugboat")).results.filter(({ title }) =>
    /^\w/u.test(title)
  )) {
    check.same([lang, direction], ["en", "ltr"], "language and direction of an English headline");
  }
}

/** Chinese, which has no spaces between words. */
export async function unspaced(reader, { articles }, check) {
  const own = articles.filter(({ lang }) => lang === "zh");
  await reader.open();
  for (const question of ["灯塔", "灯塔修缮", "港口", "灯塔 渔民"]) {
    const shown = await reader.ask(question);
    check.same(shown.count, own.length, `the count for ${question}`);
    for (const { lang, marks } of shown.results) {
      check.same(lang, "zh", "the language of a Chinese headline");
      check.that(marks.length > 0, `nothing is marked for ${question}`);
    }
  }
  check.same(
    (await reader.ask("塔灯")).status.startsWith(check.messages.none),
    true,
    "what is said of characters the other way round"
  );
}

/** Without JavaScript: a message, and links to all articles. */
export async function withoutScripts(reader, _, check) {
  const { page, host } = reader;
  await page.setJavaScriptEnabled(false);
  await page.goto(reader.url("?q=lighthouse"));
  const text = await page.$eval("main", (main) => main.innerText);
  check.that(text.includes(check.messages.no_script), "no message about JavaScript");
  const links = await page.$$eval("main a", (all) =>
    all.filter((link) => link.checkVisibility()).map((link) => link.href)
  );
  for (const folder of ["archive/", "sections/", "tags/", "authors/"]) {
    const url = `${host.origin}${BASE}${folder}`;
    check.that(links.includes(url), `no link to ${folder}`);
    check.same((await fetch(url)).status, 200, `the status of ${url}`);
  }
  check.that(
    !(await page.$eval("#search-more", (button) => button.checkVisibility())),
    "a button for more results is shown"
  );
  check.that(
    !(await page.$eval("#search-years", (chart) => chart.checkVisibility())),
    "bars are shown"
  );
}
