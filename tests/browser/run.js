// Checks the demonstration in a browser: npm install && npm test.
// Prints what is wrong and exits with 1. Writes screenshots of each kind of page to
// target/screenshots/.

import fs from "node:fs";
import path from "node:path";
import { close, launch } from "./lib/chromium.js";
import { accessible, fits, portray, still } from "./lib/accessibility.js";
import { budgets, nu, validate } from "./lib/markup.js";
import { build, repository, samples, serve } from "./lib/sites.js";
import { byKeyboard, onPaper, reactions, withoutScripts } from "./lib/reading_modes.js";

const failures = [];

async function look(site) {
  const report = (where) => (what) => failures.push(`${site.name}: ${where}: ${what}`);
  const server = await serve(site.output);
  site.url = server.url;
  nu(site, report("markup"));
  await validate(site, report("markup"));
  budgets(site, report("budget"));
  const window = await browser.createBrowserContext();
  const page = await window.newPage();
  page.setDefaultTimeout(timeout);
  await byKeyboard(page, site, report("keyboard"));
  const chosen = samples(site);
  for (const sample of chosen) {
    const url = server.url + sample.url;
    const fail = report(`${sample.name} ${sample.url}`);
    await fits(page, url, fail);
    await still(page, url, fail);
    await accessible(page, url, fail);
    await withoutScripts(page, url, fail);
    if (sample.kind === "article") {
      await reactions(page, url, fail);
      await onPaper(page, url, fail);
    }
    await portray(
      page,
      url,
      path.join(repository, "target/screenshots"),
      `${site.name}-${sample.name}`,
    );
  }
  await close(window);
  server.close();
  console.log(`${site.name}: ${site.pages.length} pages, ${chosen.length} of them in the browser`);
}

const { folder, sites } = build();
// Long, since other tests may run at the same time.
const timeout = 180_000;
const browser = await launch(timeout);
try {
  await Promise.all(sites.map(look));
} finally {
  await browser.close();
  fs.rmSync(folder, { recursive: true, force: true });
}
for (const failure of failures) console.error(failure);
process.exitCode = failures.length > 0 ? 1 : 0;
