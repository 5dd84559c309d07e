// Looks at the demonstration as its readers do: npm install && npm test.
// Ends with 1 if anything is wrong, and says what. Pictures of every kind of page are left in target/screenshots/.

import fs from "node:fs";
import path from "node:path";
import { close, launch } from "./lib/chromium.js";
import { accessible, fits, portray, still } from "./lib/accessibility.js";
import { budgets, nu, validate } from "./lib/markup.js";
import { build, repository, samples, serve } from "./lib/sites.js";
import { byKeyboard, onPaper, reactions, withoutScripts } from "./lib/reading_modes.js";

const failures = [];

async function look(site) {
  const told = (where) => (what) => failures.push(`${site.name}: ${where}: ${what}`);
  const server = await serve(site.output);
  site.url = server.url;
  nu(site, told("markup"));
  await validate(site, told("markup"));
  budgets(site, told("budget"));
  const window = await browser.createBrowserContext();
  const page = await window.newPage();
  page.setDefaultTimeout(patience);
  await byKeyboard(page, site, told("keyboard"));
  const chosen = samples(site);
  for (const sample of chosen) {
    const url = server.url + sample.address;
    const fail = told(`${sample.name} ${sample.address}`);
    await fits(page, url, fail);
    await still(page, url, fail);
    await accessible(page, url, fail);
    await withoutScripts(page, url, fail);
    if (sample.kind === "article") {
      await reactions(page, url, fail);
      await onPaper(page, url, fail);
    }
    await portray(page, url, path.join(repository, "target/screenshots"), `${site.name}-${sample.name}`);
  }
  await close(window);
  server.close();
  console.log(`${site.name}: ${site.pages.length} pages, ${chosen.length} of them in the browser`);
}

const { folder, sites } = build();
// Long, since other tests may have the machine at the same time.
const patience = 180_000;
const browser = await launch(patience);
try {
  await Promise.all(sites.map(look));
} finally {
  await browser.close();
  fs.rmSync(folder, { recursive: true, force: true });
}
for (const failure of failures) console.error(failure);
process.exitCode = failures.length > 0 ? 1 : 0;
