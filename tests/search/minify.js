// Writes the search client as sites publish it: src/search/client/published/ has the modules in one
// file and the script of the search page, minified with terser.
// Usage: node minify.js, or node minify.js --check to compare; the exit status is 1 if they differ.

import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const client = path.join(here, "../../src/search/client");
const { minify } = createRequire(path.join(here, "../browser/"))("terser");

/** The modules of the published files, in order; the last one of search.js lists the exports. */
const FILES = {
  "search.js": [
    "tokenizer.js",
    "bytes.js",
    "segment.js",
    "postings.js",
    "query.js",
    "matcher.js",
    "index.js",
    "search.js"
  ],
  "page.js": ["page.js"]
};
const OPTIONS = { module: true, ecma: 2020, compress: { passes: 3 } };

const source = (name) => fs.readFileSync(path.join(client, name), "utf8");

/** Joins modules. All names are in one scope, so nothing needs to be imported. */
function bundle(modules) {
  if (modules.length === 1) return source(modules[0]);
  const code = modules.slice(0, -1).map(source).join("\n");
  const exports = [...source(modules.at(-1)).matchAll(/^export \{ (.*) \} from/gm)];
  return (
    code.replace(/^import [^;]*;$/gm, "").replace(/^export /gm, "") +
    `export { ${exports.map(([, names]) => names).join(", ")} };`
  );
}

/** Hashes texts (FNV-1a, 32 bits), so that a test without terser notices a changed module. */
function hash(texts) {
  let state = 0x811c9dc5;
  for (const byte of Buffer.from(texts.join(""))) state = Math.imul(state ^ byte, 0x1000193);
  return (state >>> 0).toString(16).padStart(8, "0");
}

for (const [name, modules] of Object.entries(FILES)) {
  const { code } = await minify(bundle(modules), OPTIONS);
  const published = `/* ${hash(modules.map(source))} */\n${code}\n`;
  const file = path.join(client, "published", name);
  if (!process.argv.includes("--check")) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, published);
  } else if (!fs.existsSync(file) || fs.readFileSync(file, "utf8") !== published) {
    console.error(`${name} isn't made from its modules; run node tests/search/minify.js`);
    process.exitCode = 1;
  }
}
