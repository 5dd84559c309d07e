// The search client as a site publishes it, and chance that is the same in every run.

import assert from "node:assert";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

/**
 * All that the modules of a built site export.
 * @param {string} output @param {string} folder Where they may be copied to. @param {[string, string][]} [changes] Constants of queries, and what they are to be.
 */
export async function published(output, folder, changes = []) {
  fs.cpSync(path.join(output, "assets/search"), folder, { recursive: true });
  const queries = path.join(folder, "query.js");
  for (const [from, to] of changes) {
    const code = fs.readFileSync(queries, "utf8");
    assert.ok(code.includes(from), `the client has ${from}`);
    fs.writeFileSync(queries, code.replace(from, to));
  }
  // Node takes the modules for what they are only beside a package.json.
  fs.writeFileSync(path.join(folder, "package.json"), '{"type": "module"}');
  const modules = ["words.js", "index.js", "query.js"].map((name) => import(pathToFileURL(path.join(folder, name))));
  return Object.assign({}, ...(await Promise.all(modules)));
}

/** Numbers between 0 and 1. @param {number} seed */
export function chance(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
