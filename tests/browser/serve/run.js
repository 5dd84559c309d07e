// Tests `dateline serve` in Chromium while files are edited. Usage: npm install in the folder
// above, then node run.js [CHECK…]; the exit status is 1 if a check fails. SHOTS names a folder for
// screenshots of the overlay.

import assert from "node:assert";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { close, launch } from "../lib/chromium.js";
import { ServedSite, long, overlay, TIMEOUT, shows, until } from "./fixture.js";

const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const rules = ["wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const broken = "---\ntitle: Iran: the talks\ndate: 2024-11-05\n---\nText.\n";

const hasText = (text) => document.body.innerText.includes(text);
const color = () => getComputedStyle(document.querySelector("h1")).color;

/** Marks a page, to detect a reload. */
const mark = (page) => page.evaluate(() => (window.stayed = true));
const stayed = (page) => page.evaluate(() => window.stayed === true);

/** Returns the violations that axe finds in the overlay. */
async function violationsOf(page) {
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
  /** An edit reloads the page, which keeps its scroll position. */
  async edits(page, site) {
    await page.evaluate(() => scrollTo({ top: 900, behavior: "instant" }));
    await mark(page);
    site.article("Talks", long("The second text."));
    await until(page, "the second text", hasText, "The second text.");
    assert.equal(await stayed(page), false);
    await until(page, "the scroll position", () => Math.abs(scrollY - 900) < 2);
  },

  /** A changed style sheet is replaced without a reload. */
  async styles(page, site) {
    assert.equal(await page.evaluate(color), "rgb(1, 2, 3)");
    await mark(page);
    for (const shade of ["rgb(4, 5, 6)", "rgb(7, 8, 9)"]) {
      site.put("static/extra.css", `h1 { color: ${shade} }\n`);
      await until(
        page,
        shade,
        (shade) => getComputedStyle(document.querySelector("h1")).color === shade,
        shade
      );
    }
    await until(
      page,
      "one style sheet",
      () => document.querySelectorAll('link[href*="extra.css"]').length === 1
    );
    assert.ok(await stayed(page), "the page was loaded again");
    // The reloaded page has it, too.
    await page.reload();
    assert.equal(await page.evaluate(color), "rgb(7, 8, 9)");
  },

  /** An error is shown with its location and its fix, and disappears when it is fixed. */
  async mistakes(page, site) {
    site.put("content/bad.md", broken);
    await shows(page, "all", "content/bad.md:2");
    const { text, mark: marked } = await overlay(page);
    assert.match(text, /1 error/u);
    assert.match(text, /in quotation marks: title: "Iran: the talks"/u);
    assert.ok(marked.length > 0, "the position is marked");
    assert.deepEqual(await violationsOf(page), []);
    for (const [name, width, height] of [
      ["phone", 390, 844],
      ["desktop", 1280, 900]
    ]) {
      await page.setViewport({ width, height });
      await shoot(page, `overlay-${name}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      assert.equal(wide, false, `the page is wider than the ${name}`);
    }
    // Warnings alone are behind a button.
    site.put(
      "content/bad.md",
      "---\ntitle: Bad no more\ndate: 2024-11-05\nimage: gone.png\n---\nText.\n"
    );
    await shows(page, "few", "1 warning");
    assert.deepEqual(await violationsOf(page), []);
    await shoot(page, "warning");
    fs.rmSync(site.file("content/bad.md"));
    await shows(page, "none");
  },

  /** Keyboard only: Tab to Hide, Enter, and back; the focus is always visible. */
  async keyboard(page, site) {
    site.put("content/bad.md", broken);
    await shows(page, "all");
    const active = () =>
      page.evaluate(() => {
        const inner = document.activeElement.shadowRoot?.activeElement;
        return inner
          ? {
              name: inner.localName,
              text: inner.textContent,
              outline: getComputedStyle(inner).outlineStyle
            }
          : {};
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
    // Hidden errors stay hidden while other articles are edited; a new error is shown.
    site.article("Talks", long("The third text."));
    await until(page, "the third text", hasText, "The third text.");
    await shows(page, "few", "1 error");
    site.put("content/worse.md", broken);
    await shows(page, "all", "2 errors");
    fs.rmSync(site.file("content/bad.md"));
    fs.rmSync(site.file("content/worse.md"));
    await shows(page, "none");
  },

  /** Markup in messages stays text. */
  async hostile(page, site) {
    site.put(
      "content/bad.md",
      '---\ntitle: "<img src=x onerror=alert(1)></script><script>alert(2)</script>": x\n---\n'
    );
    await shows(page, "all");
    site.put("templates/article.html", "{{ '</script><script>alert(3)</script>' | nothing }}");
    await until(page, "the page with the error", () =>
      document.title.includes("can't be rendered")
    );
    await shows(page, "all");
    fs.rmSync(site.file("templates/article.html"));
    fs.rmSync(site.file("content/bad.md"));
    await until(page, "the article", () => document.querySelector("h1")?.textContent === "Talks");
  },

  /** A page that can't be rendered shows the error, and returns when it is fixed. */
  async failed(page, site) {
    site.put("templates/article.html", "<p>\n{{ nothing.here }}\n</p>");
    await until(page, "the page with the error", () =>
      document.title.includes("can't be rendered")
    );
    await shows(page, "all", "templates/article.html:2");
    assert.deepEqual(await violationsOf(page), []);
    for (const [name, width, height] of [
      ["phone", 390, 844],
      ["desktop", 1280, 900]
    ]) {
      await page.setViewport({ width, height });
      await shoot(page, `failed-${name}`);
    }
    site.put("templates/article.html", '{% extends "builtin/article.html" %}');
    await until(page, "the article", () => document.querySelector("h1")?.textContent === "Talks");
    await shows(page, "none");
    fs.rmSync(site.file("templates/article.html"));
    await shows(page, "none");
  },

  /** Pages reconnect to a restarted server. */
  async restarts(page, site) {
    await mark(page);
    await site.stop();
    site.article("Talks", long("Written meanwhile."));
    await site.start();
    await until(page, "what was written meanwhile", hasText, "Written meanwhile.");
    assert.equal(await stayed(page), false);
  },

  /** Browsers open six connections to a host: more pages than that are updated, too. */
  async many(page, site) {
    const context = page.browserContext();
    const pages = [];
    for (let number = 0; number < 9; number += 1) {
      const more = await context.newPage();
      await more.bringToFront();
      await more.goto(`${site.url}2024/11/05/talks/`, { waitUntil: "load", timeout: TIMEOUT });
      pages.push(more);
    }
    site.article("Talks", long("Shown in all of them."));
    for (const more of pages) {
      await more.bringToFront();
      await until(more, "the text in each", hasText, "Shown in all of them.");
    }
    await Promise.all(pages.map((more) => more.close()));
  }
};

const failures = [];
const chosen = Object.entries(checks).filter(
  ([name]) => process.argv.length <= 2 || process.argv.includes(name)
);
const browser = await launch(TIMEOUT);
try {
  for (const [name, check] of chosen) {
    const site = new ServedSite();
    const context = await browser.createBrowserContext();
    try {
      await site.start();
      const page = await context.newPage();
      page.setDefaultTimeout(TIMEOUT);
      page.on("dialog", (dialog) => {
        failures.push(`${name}: dialog: ${dialog.message()}`);
        dialog.dismiss();
      });
      page.on("pageerror", (error) =>
        failures.push(`${name}: exception: ${error?.message ?? error}`)
      );
      await page.setViewport({ width: 1280, height: 900 });
      await page.goto(`${site.url}2024/11/05/talks/`);
      await check(page, site);
    } catch (error) {
      failures.push(`${name}: ${error.stack}`);
    } finally {
      await close(context);
      await site.close();
    }
  }
} finally {
  await browser.close();
}
console.log(`${chosen.length} checks of serve in a browser`);
for (const failure of new Set(failures)) console.error(failure);
process.exitCode = failures.length > 0 ? 1 : 0;
