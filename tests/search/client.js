// The search client as a site publishes it, and random numbers that are the same in every run.

import assert from "node:assert";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const sources = path.resolve(here, "../../src/search/client");

/**
 * Imports the search module of a built site; with changes, the modules that it is made from.
 * @param {string} output The output folder.
 * @param {string} folder The folder to copy the module to.
 * @param {[string, string][]} [changes] Texts of the module matcher.js and their replacements.
 */
export async function importClient(output, folder, changes = []) {
  const from = changes.length ? sources : path.join(output, "assets/search");
  fs.cpSync(from, folder, { recursive: true });
  for (const [old, replacement] of changes) {
    const module = path.join(folder, "matcher.js");
    const code = fs.readFileSync(module, "utf8");
    assert.ok(code.includes(old), `the client has ${old}`);
    fs.writeFileSync(module, code.replace(old, replacement));
  }
  // Node recognizes the module's type only with a package.json.
  fs.writeFileSync(path.join(folder, "package.json"), '{"type": "module"}');
  return import(pathToFileURL(path.join(folder, "search.js")).href);
}

/**
 * Creates a generator of numbers between 0 and 1.
 * @param {number} seed
 */
export function seededRandom(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
