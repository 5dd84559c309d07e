// The search client as a site publishes it, and random numbers that are the same in every run.

import assert from "node:assert";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

/**
 * Imports the search module of a built site.
 * @param {string} output The output folder.
 * @param {string} folder The folder to copy the module to.
 * @param {[string, string][]} [changes] Texts of the module and their replacements.
 */
export async function importClient(output, folder, changes = []) {
  fs.cpSync(path.join(output, "assets/search"), folder, { recursive: true });
  const module = path.join(folder, "search.js");
  for (const [from, to] of changes) {
    const code = fs.readFileSync(module, "utf8");
    assert.ok(code.includes(from), `the client has ${from}`);
    fs.writeFileSync(module, code.replace(from, to));
  }
  // Node recognizes the module's type only with a package.json.
  fs.writeFileSync(path.join(folder, "package.json"), '{"type": "module"}');
  return import(pathToFileURL(module));
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
