// Searches in Chromium, and prints the times of searches on an open page as JSON; the bytes are in
// the server's log. Usage: node browser.js CONFIG.json; benches/search.py writes the configuration
// and runs this.

import fs from "node:fs";
import { createRequire } from "node:module";

/** @type {{page: string, chromium: string, modules: string, first: string[], warm: string[]}} */
const config = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const { launch } = createRequire(config.modules)("puppeteer-core");

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--hide-scrollbars"
];
/** In milliseconds; long, since other programs may use the machine at the same time. */
const TIMEOUT = 180_000;
const RESULT = "#search-results > li";

/**
 * Opens the search page with a query, in a new browser context, and waits for a result.
 * @param {any} browser
 * @param {string} q
 * @param {string} name The value of a header of the requests.
 */
async function openPage(browser, q, name) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  page.setDefaultTimeout(TIMEOUT);
  await page.setExtraHTTPHeaders({ "x-query": name });
  await page.goto(`${config.page}?q=${encodeURIComponent(q)}`, { waitUntil: "domcontentloaded" });
  await page.waitForSelector(RESULT);
  return { context, page };
}

/** Runs in the page: submits a query, and measures until the results change, in milliseconds. */
async function submitQuery(q, timeout) {
  const list = document.getElementById("search-results");
  const form = /** @type {HTMLFormElement} */ (document.getElementById("search"));
  const changed = new Promise((resolve, reject) => {
    new MutationObserver((_, observer) => {
      observer.disconnect();
      resolve(performance.now());
    }).observe(list, { childList: true });
    setTimeout(() => reject(new Error(`no results for ${q}`)), timeout);
  });
  form.elements.namedItem("q").value = q;
  const begun = performance.now();
  form.requestSubmit();
  return (await changed) - begun;
}

const browser = await launch({
  executablePath: config.chromium,
  args: FLAGS,
  pipe: true,
  protocolTimeout: TIMEOUT,
  timeout: TIMEOUT
});
try {
  for (const [number, q] of config.first.entries()) {
    const { context } = await openPage(browser, q, `first-${number}`);
    await context.close();
  }
  const { page } = await openPage(browser, config.first[0], "warm");
  const times = [];
  for (const q of config.warm) {
    times.push({ q, time: await page.evaluate(submitQuery, q, TIMEOUT) });
    await page.waitForNetworkIdle({ idleTime: 50 });
  }
  console.log(JSON.stringify({ version: await browser.version(), times }));
} finally {
  await browser.close();
}
