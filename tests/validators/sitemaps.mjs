// Reads sitemaps with the npm package `sitemap`, including images, translations and news:
// node sitemaps.mjs FILE…. Prints the entries and errors of each as JSON.

import fs from "node:fs";
import { createRequire } from "node:module";
import { finished } from "node:stream/promises";

const sitemap = createRequire(new URL("../browser/", import.meta.url))("sitemap");
const found = {};
for (const file of process.argv.slice(2)) {
  const isIndex = fs.readFileSync(file, "utf8").includes("<sitemapindex");
  const Reader = isIndex ? sitemap.XMLToSitemapIndexStream : sitemap.XMLToSitemapItemStream;
  const result = { items: [], errors: [] };
  const logger = (_, ...words) => result.errors.push(words.join(" "));
  const reader = new Reader({ level: sitemap.ErrorLevel.WARN, logger });
  reader.on("data", (item) => result.items.push(item));
  fs.createReadStream(file).pipe(reader);
  await finished(reader).catch((error) => result.errors.push(String(error)));
  result.errors.push(...(reader.errors ?? []).map(String));
  found[file] = result;
}
console.log(JSON.stringify(found));
