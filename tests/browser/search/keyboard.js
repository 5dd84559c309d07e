// Use with the keyboard only, from any page, and accessibility.

import fs from "node:fs";
import { createRequire } from "node:module";
import { holding } from "./archive.js";
import { until } from "./reader.js";
import { BASE } from "./server.js";

const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const rules = ["wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Presses Tab until an element matching a selector has the focus, which must always be visible. */
async function tabTo(reader, selector, check) {
  for (let presses = 0; presses < 100; presses += 1) {
    await reader.page.keyboard.press("Tab");
    const at = await reader.page.evaluate((wanted) => {
      const element = document.activeElement;
      return {
        name: element.outerHTML.slice(0, 80),
        outline: getComputedStyle(element).outlineStyle,
        reached: element.matches(wanted)
      };
    }, selector);
    check.that(at.outline !== "none", `the focus can't be seen on ${at.name}`);
    if (at.reached) return;
  }
  throw new Error(`no Tab leads to ${selector}`);
}

/** Tab moves to the box, the order, the years and the results; Enter, space and arrow keys work. */
export async function operates(reader, { articles }, check) {
  const { page } = reader;
  await reader.open({ q: "lighthouse" });
  await tabTo(reader, "#search [name=q]", check);
  await reader.ask("breakwater");
  await tabTo(reader, "#search [name=sort]", check);
  const newest = await reader.after(() => page.keyboard.press("ArrowRight"));
  check.same(newest.sort, "newest", "the order after an arrow");
  await tabTo(reader, "#search-narrow summary", check);
  await page.keyboard.press("Enter");
  await until(
    page,
    "what to narrow down to",
    () => document.querySelectorAll('[name="f-tags"] option').length > 1
  );
  await reader.settled();
  await tabTo(reader, "#search-years a", check);
  const year = await reader.after(() => page.keyboard.press("Enter"));
  const first = holding(articles, "breakwater")[0].year;
  check.same(
    new URLSearchParams(year.search).get("from"),
    String(first),
    "the year after Enter on the first bar"
  );
  await tabTo(reader, "#search-results h2 a", check);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  check.same(page.url(), year.results[0].href, "where Enter on a result leads");
}

/** Enter and the button run the query immediately, on the same page. */
export async function submits(reader, { articles }, check) {
  const { page } = reader;
  // Disables the query that is run after a pause in typing.
  await page.evaluateOnNewDocument(() => {
    const { setTimeout } = window;
    window.setTimeout = (act, rest, ...given) =>
      rest >= 100 ? 0 : setTimeout(act, rest, ...given);
  });
  await reader.open();
  await page.evaluate(() => (window.stayed = true));
  await page.keyboard.type("tugboat");
  const first = await reader.after(() => page.keyboard.press("Enter"));
  check.same(
    [first.search, first.count],
    ["?q=tugboat", holding(articles, "tugboat").length],
    "the URL and the count after Enter"
  );
  await page.$eval("#search [name=q]", (box) => box.select());
  await page.keyboard.type("dredger");
  const second = await reader.after(() => page.click("#search button"));
  check.same(
    [second.search, second.count],
    ["?q=dredger", holding(articles, "dredger").length],
    "the URL and the count after the button"
  );
  check.that(await page.evaluate(() => window.stayed), "another page is loaded");
  check.same(await reader.after(() => page.goBack()), first, "what is shown after going back");
}

/** A slash moves the focus to the box, unless typed there. Without a query, the box has it. */
export async function slash(reader, _, check) {
  const { page } = reader;
  const isBox = () => page.evaluate(() => document.activeElement.matches("#search [name=q]"));
  await reader.open();
  check.that(await isBox(), "the box hasn't the focus at first");
  await reader.open({ q: "lighthouse" });
  check.that(!(await isBox()), "the box has the focus where there are results");
  await page.keyboard.press("/");
  check.that(await isBox(), "a slash doesn't lead to the box");
  await page.keyboard.type("tug/boat");
  check.same((await reader.settled()).query, "tug/boat", "what is in the box after typing over it");
}

/** The search box of every page opens the search page. */
export async function masthead(reader, { articles }, check) {
  const { page, host } = reader;
  const { href } = (await reader.open({ q: "tugboat" })).results[0];
  await page.goto(href);
  check.that(!(await page.$("#search")), "a story has the search page's form");
  await page.type(".masthead [name=q]", "lighthouse");
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  check.same(
    page.url(),
    `${host.origin}${BASE}search/?q=lighthouse`,
    "where the box in the masthead leads"
  );
  check.same(
    (await reader.settled()).count,
    holding(articles, "lighthouse").length,
    "the count there"
  );
}

/** With results and everything open, axe finds no violations, and the page fits a small phone. */
export async function accessible(reader, _, check) {
  const { page } = reader;
  const shown = await reader.open({ q: "lighthouse OR بندرگاہ", "f-lang": "ur" });
  check.same(shown.results.length, 10, "results to look at");
  for (const [width, value] of [
    [1280, "light"],
    [320, "dark"]
  ]) {
    await page.setViewport({ width, height: 900 });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value }]);
    await page.evaluate(axe);
    const { violations } = await page.evaluate(
      (tags) => window.axe.run(document, { resultTypes: ["violations"], runOnly: tags }),
      rules
    );
    for (const { id, nodes } of violations)
      check.that(false, `axe, ${value}: ${id}: ${nodes[0].html.slice(0, 160)}`);
    const over = await page.evaluate(
      () => document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth
    );
    check.that(over <= 0, `${over} px too wide at ${width} px`);
  }
}
