// The search client as a site publishes it, and chance that is the same in every run.

import assert from "node:assert";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

/**
 * All that the search module of a built site exports.
 * @param {string} output @param {string} folder Where it may be copied to. @param {[string, string][]} [changes] Constants, and what they are to be.
 */
export async function published(output, folder, changes = []) {
  fs.cpSync(path.join(output, "assets/search"), folder, { recursive: true });
  const module = path.join(folder, "search.js");
  for (const [from, to] of changes) {
    const code = fs.readFileSync(module, "utf8");
    assert.ok(code.includes(from), `the client has ${from}`);
    fs.writeFileSync(module, code.replace(from, to));
  }
  // Node takes the module for what it is only beside a package.json.
  fs.writeFileSync(path.join(folder, "package.json"), '{"type": "module"}');
  return import(pathToFileURL(module));
}

/** Numbers between 0 and 1. @param {number} seed */
export function chance(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
