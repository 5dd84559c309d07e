// Reads sitemaps as the npm package `sitemap` does, extensions for pictures, translations and news among them: node sitemaps.mjs FILE…
// Says of each what it found and what is wrong, as JSON.

import fs from "node:fs";
import { createRequire } from "node:module";
import { finished } from "node:stream/promises";

const sitemap = createRequire(new URL("../browser/", import.meta.url))("sitemap");
const found = {};
for (const file of process.argv.slice(2)) {
  const isIndex = fs.readFileSync(file, "utf8").includes("<sitemapindex");
  const Reader = isIndex ? sitemap.XMLToSitemapIndexStream : sitemap.XMLToSitemapItemStream;
  const told = { items: [], errors: [] };
  const logger = (_, ...words) => told.errors.push(words.join(" "));
  const reader = new Reader({ level: sitemap.ErrorLevel.WARN, logger });
  reader.on("data", (item) => told.items.push(item));
  fs.createReadStream(file).pipe(reader);
  await finished(reader).catch((error) => told.errors.push(String(error)));
  told.errors.push(...(reader.errors ?? []).map(String));
  found[file] = told;
}
console.log(JSON.stringify(found));
