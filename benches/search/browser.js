// Searches in Chromium as readers do, and prints how long each search of an open page took as JSON; what was sent is in the server's log.
// node browser.js CONFIG.json; benches/search.py writes the configuration and runs this.

import fs from "node:fs";
import { createRequire } from "node:module";

/** @type {{page: string, chromium: string, modules: string, first: string[], warm: string[]}} */
const config = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const { launch } = createRequire(config.modules)("puppeteer-core");

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--hide-scrollbars",
];
/** Milliseconds; long, since other programs may have the machine at the same time. */
const PATIENCE = 180_000;
const RESULT = "#search-results > li";

/**
 * Opens the search page with a query, in a window that has seen nothing before, until a result is there.
 * @param {any} browser @param {string} q @param {string} name What the requests are marked with.
 */
async function opened(browser, q, name) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  await page.setExtraHTTPHeaders({ "x-query": name });
  await page.goto(`${config.page}?q=${encodeURIComponent(q)}`, { waitUntil: "domcontentloaded" });
  await page.waitForSelector(RESULT);
  return { context, page };
}

/** In the page: sends the form with a query, and waits until the list of results is another. Milliseconds. */
async function submitted(q, patience) {
  const list = document.getElementById("search-results");
  const form = /** @type {HTMLFormElement} */ (document.getElementById("search"));
  const changed = new Promise((resolve, reject) => {
    new MutationObserver((_, observer) => {
      observer.disconnect();
      resolve(performance.now());
    }).observe(list, { childList: true });
    setTimeout(() => reject(new Error(`no results for ${q}`)), patience);
  });
  form.elements.namedItem("q").value = q;
  const begun = performance.now();
  form.requestSubmit();
  return (await changed) - begun;
}

const browser = await launch({ executablePath: config.chromium, args: FLAGS, pipe: true, protocolTimeout: PATIENCE, timeout: PATIENCE });
try {
  for (const [number, q] of config.first.entries()) {
    const { context } = await opened(browser, q, `first-${number}`);
    await context.close();
  }
  const { page } = await opened(browser, config.first[0], "warm");
  const times = [];
  for (const q of config.warm) {
    times.push({ q, time: await page.evaluate(submitted, q, PATIENCE) });
    await page.waitForNetworkIdle({ idleTime: 50 });
  }
  console.log(JSON.stringify({ version: await browser.version(), times }));
} finally {
  await browser.close();
}
