// Measures contrast and the other rules of axe, the width of pages, and layout shifts.

import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const rules = ["wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const widths = [320, 360, 414, 480, 600, 767, 768, 900, 1023, 1024, 1152, 1280, 1440, 1920, 2560];

const scheme = (page, mode) =>
  page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: mode }]);

/** Runs axe: in light mode on a phone, in dark mode on a desktop. */
export async function accessible(page, url, fail) {
  for (const [width, mode] of [
    [360, "light"],
    [1280, "dark"],
  ]) {
    await page.setViewport({ width, height: 900 });
    await scheme(page, mode);
    await page.goto(url);
    await page.evaluate(axe);
    const { violations } = await page.evaluate(
      (tags) => window.axe.run(document, { resultTypes: ["violations"], runOnly: tags }),
      rules,
    );
    for (const { id, nodes } of violations) {
      fail(`axe, ${mode}, ${width} px: ${id} (${nodes.length}): ${nodes[0].html.slice(0, 160)}`);
    }
  }
  await scheme(page, "light");
}

/** Checks that no page is wider than its window or violates the Content-Security-Policy. */
export async function fits(page, url, fail) {
  const refused = (message) =>
    message.text().includes("Content Security Policy") && fail(message.text());
  page.on("console", refused);
  await page.goto(url, { waitUntil: "load" });
  page.off("console", refused);
  for (const width of widths) {
    await page.setViewport({ width, height: 900 });
    const over = await page.evaluate(
      () => document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth,
    );
    if (over > 0) fail(`${over} px too wide at ${width} px`);
  }
}

/**
 * Returns the layout shifts of a page as it loads, each with what moved. Tables of articles are
 * ignored: their columns are known only with the last row.
 */
async function shifts(page, url) {
  await page.goto(url, { waitUntil: "load" });
  return page.evaluate(
    () =>
      new Promise((done) => {
        const all = [];
        const element = (node) => (node?.nodeType === 1 ? node : node?.parentElement);
        const name = (node) => element(node)?.outerHTML.slice(0, 80);
        const ofTable = ({ node }) => element(node)?.closest(".prose table");
        const box = ({ x, y, width, height }) => `${x},${y} ${width}x${height}`;
        const moved = ({ node, previousRect: from, currentRect: to }) =>
          `${name(node)} from ${box(from)} to ${box(to)}`;
        const noted = ({ sources, value }) => {
          if (!(sources.length && sources.every(ofTable)))
            all.push(`${value}: ${sources.map(moved).join("; ")}`);
        };
        new PerformanceObserver((list) => list.getEntries().forEach(noted)).observe({
          type: "layout-shift",
          buffered: true,
        });
        setTimeout(() => done(all), 150);
      }),
  );
}

/**
 * Checks that nothing moves once it is visible, on a fast or a slow connection. A shift must occur
 * twice: a busy machine may cause one.
 */
export async function still(page, url, fail) {
  for (const [width, height] of [
    [360, 740],
    [1280, 2400],
  ]) {
    await page.setViewport({ width, height });
    const visited = width > 1000 ? `${url}?slowly` : url;
    const found = await shifts(page, visited);
    const again = found.length ? await shifts(page, visited) : found;
    if (again.length) fail(`its layout shifts at ${width} px: ${again.join(" | ")}`);
  }
}

/** Writes screenshots. */
export async function portray(page, url, folder, name) {
  fs.mkdirSync(folder, { recursive: true });
  for (const [width, mode] of [
    [360, "light"],
    [1280, "light"],
    [1280, "dark"],
  ]) {
    await page.setViewport({ width, height: 900 });
    await scheme(page, mode);
    await page.goto(url);
    await page.evaluate(() =>
      Promise.all(
        [...document.images].map((image) => {
          image.loading = "eager";
          return image.decode().catch(() => {});
        }),
      ),
    );
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewport({ width, height: Math.min(height, 6000) });
    await page.screenshot({ path: path.join(folder, `${name}-${width}-${mode}.png`) });
  }
  await scheme(page, "light");
}
