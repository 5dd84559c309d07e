// Writes at a desk with the page beside it, as editors do under `dateline serve`: npm install in the folder above, then node run.js.
// Ends with 1 if anything is wrong, and says what. With names of checks after it, only these are run. SHOTS names a folder for pictures of the overlay.

import assert from "node:assert";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { close, launch } from "../lib/chromium.js";
import { Desk, long, overlay, PATIENCE, shows, until } from "./fixture.js";

const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const rules = ["wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const broken = "---\ntitle: Iran: the talks\ndate: 2024-11-05\n---\nText.\n";

const hasText = (text) => document.body.innerText.includes(text);
const colour = () => getComputedStyle(document.querySelector("h1")).color;

/** Marks a page, so that it is known whether it was loaded again. */
const mark = (page) => page.evaluate(() => (window.stayed = true));
const stayed = (page) => page.evaluate(() => window.stayed === true);

/** What axe finds in the overlay, in words. */
async function complaints(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate((runOnly) => {
    const host = [...document.documentElement.children].find((child) => child.shadowRoot);
    return window.axe.run({ include: [host] }, { runOnly });
  }, rules);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
}

async function shoot(page, name) {
  if (!process.env.SHOTS) return;
  await page.screenshot({ path: path.join(process.env.SHOTS, `${name}.png`) });
}

const checks = {
  /** An edit is shown by loading the page again, where it was. */
  async edits(page, desk) {
    await page.evaluate(() => scrollTo({ top: 900, behavior: "instant" }));
    await mark(page);
    desk.story("Talks", long("The second text."));
    await until(page, "the second text", hasText, "The second text.");
    assert.equal(await stayed(page), false);
    await until(page, "the place", () => Math.abs(scrollY - 900) < 2);
  },

  /** A style sheet is exchanged in the page, and nothing of the old one stays. */
  async styles(page, desk) {
    assert.equal(await page.evaluate(colour), "rgb(1, 2, 3)");
    await mark(page);
    for (const shade of ["rgb(4, 5, 6)", "rgb(7, 8, 9)"]) {
      desk.put("static/extra.css", `h1 { color: ${shade} }\n`);
      await until(page, shade, (shade) => getComputedStyle(document.querySelector("h1")).color === shade, shade);
    }
    await until(page, "one sheet", () => document.querySelectorAll('link[href*="extra.css"]').length === 1);
    assert.ok(await stayed(page), "the page was loaded again");
    // Another page, and this one loaded anew, have it too.
    await page.reload();
    assert.equal(await page.evaluate(colour), "rgb(7, 8, 9)");
  },

  /** A mistake is shown with its place and its mend, can be hidden, and goes when it is mended. */
  async mistakes(page, desk) {
    desk.put("content/bad.md", broken);
    await shows(page, "all", "content/bad.md:2");
    const { text, mark: marked } = await overlay(page);
    assert.match(text, /1 error/u);
    assert.match(text, /in quotation marks: title: "Iran: the talks"/u);
    assert.ok(marked.length > 0, "the place is marked");
    assert.deepEqual(await complaints(page), []);
    for (const [name, width, height] of [["phone", 390, 844], ["desktop", 1280, 900]]) {
      await page.setViewport({ width, height });
      await shoot(page, `overlay-${name}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      assert.equal(wide, false, `the page is wider than the ${name}`);
    }
    // A warning alone is a button that covers nothing.
    desk.put("content/bad.md", "---\ntitle: Bad no more\ndate: 2024-11-05\nimage: gone.png\n---\nText.\n");
    await shows(page, "few", "1 warning");
    assert.deepEqual(await complaints(page), []);
    await shoot(page, "warning");
    fs.rmSync(desk.file("content/bad.md"));
    await shows(page, "none");
  },

  /** By keyboard alone: Tab to Hide, Enter, and back; what has the focus shows it. */
  async keyboard(page, desk) {
    desk.put("content/bad.md", broken);
    await shows(page, "all");
    const active = () => page.evaluate(() => {
      const inner = document.activeElement.shadowRoot?.activeElement;
      return inner ? { name: inner.localName, text: inner.textContent, outline: getComputedStyle(inner).outlineStyle } : {};
    });
    let at = {};
    for (let presses = 0; presses < 200 && at.text !== "Hide"; presses += 1) {
      await page.keyboard.press("Tab");
      at = await active();
    }
    assert.deepEqual([at.name, at.text, at.outline], ["button", "Hide", "solid"]);
    await page.keyboard.press("Enter");
    await shows(page, "few", "1 error");
    await shoot(page, "hidden");
    assert.equal((await active()).text, "1 error", "the focus goes to what is left of it");
    await page.keyboard.press("Enter");
    await shows(page, "all");
    assert.equal((await active()).text, "Hide");
    await page.keyboard.press("Tab");
    assert.equal((await active()).name, "div", "the list can be scrolled");
    // Escape hides it, too.
    await page.keyboard.press("Escape");
    await shows(page, "few");
    // What was hidden stays so while other stories are written; another mistake shows again.
    desk.story("Talks", long("The third text."));
    await until(page, "the third text", hasText, "The third text.");
    await shows(page, "few", "1 error");
    desk.put("content/worse.md", broken);
    await shows(page, "all", "2 errors");
    fs.rmSync(desk.file("content/bad.md"));
    fs.rmSync(desk.file("content/worse.md"));
    await shows(page, "none");
  },

  /** What a page holds can't harm the page that shows it. */
  async hostile(page, desk) {
    desk.put("content/bad.md", '---\ntitle: "<img src=x onerror=alert(1)></script><script>alert(2)</script>": x\n---\n');
    await shows(page, "all");
    desk.put("templates/article.html", "{{ '</script><script>alert(3)</script>' | nothing }}");
    await until(page, "the page in its place", () => document.title.includes("can't be made"));
    await shows(page, "all");
    fs.rmSync(desk.file("templates/article.html"));
    fs.rmSync(desk.file("content/bad.md"));
    await until(page, "the story", () => document.querySelector("h1")?.textContent === "Talks");
  },

  /** A page that can't be made says why, and comes back by itself. */
  async failed(page, desk) {
    desk.put("templates/article.html", "<p>\n{{ nothing.here }}\n</p>");
    await until(page, "the page in its place", () => document.title.includes("can't be made"));
    await shows(page, "all", "templates/article.html:2");
    assert.deepEqual(await complaints(page), []);
    for (const [name, width, height] of [["phone", 390, 844], ["desktop", 1280, 900]]) {
      await page.setViewport({ width, height });
      await shoot(page, `failed-${name}`);
    }
    desk.put("templates/article.html", '{% extends "builtin/article.html" %}');
    await until(page, "the story", () => document.querySelector("h1")?.textContent === "Talks");
    await shows(page, "none");
    fs.rmSync(desk.file("templates/article.html"));
    await shows(page, "none");
  },

  /** A server that ends and begins again is found again. */
  async restarts(page, desk) {
    await mark(page);
    await desk.stop();
    desk.story("Talks", long("Written meanwhile."));
    await desk.start();
    await until(page, "what was written meanwhile", hasText, "Written meanwhile.");
    assert.equal(await stayed(page), false);
  },

  /** Browsers have six connections for a host: more pages than that are shown, and each is told. */
  async many(page, desk) {
    const context = page.browserContext();
    const pages = [];
    for (let number = 0; number < 9; number += 1) {
      const more = await context.newPage();
      await more.bringToFront();
      await more.goto(`${desk.url}2024/11/05/talks/`, { waitUntil: "load", timeout: PATIENCE });
      pages.push(more);
    }
    desk.story("Talks", long("Shown in all of them."));
    for (const more of pages) {
      await more.bringToFront();
      await until(more, "the text in each", hasText, "Shown in all of them.");
    }
    await Promise.all(pages.map((more) => more.close()));
  },
};

const failures = [];
const chosen = Object.entries(checks).filter(([name]) => process.argv.length <= 2 || process.argv.includes(name));
const browser = await launch(PATIENCE);
try {
  for (const [name, check] of chosen) {
    const desk = new Desk();
    const context = await browser.createBrowserContext();
    try {
      await desk.start();
      const page = await context.newPage();
      page.setDefaultTimeout(PATIENCE);
      page.on("dialog", (dialog) => {
        failures.push(`${name}: dialog: ${dialog.message()}`);
        dialog.dismiss();
      });
      page.on("pageerror", (error) => failures.push(`${name}: exception: ${error?.message ?? error}`));
      await page.setViewport({ width: 1280, height: 900 });
      await page.goto(`${desk.url}2024/11/05/talks/`);
      await check(page, desk);
    } catch (error) {
      failures.push(`${name}: ${error.stack}`);
    } finally {
      await close(context);
      await desk.close();
    }
  }
} finally {
  await browser.close();
}
console.log(`${chosen.length} checks of serve in a browser`);
for (const failure of new Set(failures)) console.error(failure);
process.exitCode = failures.length > 0 ? 1 : 0;
