// The search client as a site publishes it, and chance that is the same in every run.

import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

/** All that the modules of a built site export. @param {string} output @param {string} folder Where they may be copied to. */
export async function published(output, folder) {
  fs.cpSync(path.join(output, "assets/search"), folder, { recursive: true });
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
