// Tests the search page in Chromium, on working and failing hosts. Usage: npm install in the folder
// above, then node run.js [CHECK…]; the exit status is 1 if a check fails.

import assert from "node:assert";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { launch } from "../lib/chromium.js";
import * as urlState from "./url_state.js";
import { build } from "./archive.js";
import * as hostile from "./hostile.js";
import * as hosts from "./failing_hosts.js";
import * as keyboard from "./keyboard.js";
import * as languages from "./languages.js";
import * as queries from "./queries.js";
import { newReader, TIMEOUT } from "./reader.js";
import { serve } from "./server.js";

/** Reads the page's messages, by their keys without `search_`. */
function readMessages() {
  const file = path.join(
    path.dirname(fileURLToPath(import.meta.url)),
    "../../../templates/i18n/en.yaml"
  );
  const lines = fs.readFileSync(file, "utf8").matchAll(/^search_(\w+): (".*")$/gmu);
  return Object.fromEntries([...lines].map(([, name, text]) => [name, JSON.parse(text)]));
}

const messages = readMessages();
const failures = [];

/** Returns checks that don't stop at a failure. */
function checks(where) {
  const report = (what) => failures.push(`${where}: ${what}`);
  return {
    messages,
    that: (holds, what) => holds || report(what),
    same: (actual, expected, what) => {
      try {
        assert.deepEqual(actual, expected);
      } catch (error) {
        report(`${what}: ${error.message}`);
      }
    }
  };
}

// Checks in which warnings in the console are expected.
const failing = new Set(["withoutRanges", "offline", "offlineMore", "damaged", "doubtful"]);

/** Runs one check with its own host and reader. */
async function run(browser, name, check, archive) {
  const host = await serve(name === "chunked" ? archive.chunked : archive.ranges);
  const reader = await newReader(browser, host);
  const own = checks(name);
  try {
    await check(reader, archive, own);
  } catch (error) {
    failures.push(`${name}: ${error.stack}`);
  }
  const { troubles, warnings } = reader.seen;
  for (const trouble of failing.has(name) ? troubles : [...troubles, ...warnings])
    own.that(false, trouble);
  await reader.close();
  host.close();
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "dateline-search-browser-"));
try {
  const archive = build(folder);
  const plan = [queries, urlState, keyboard, hosts, hostile, languages].flatMap((module) =>
    Object.entries(module)
  );
  const chosen =
    process.argv.length > 2 ? plan.filter(([name]) => process.argv.includes(name)) : plan;
  const browser = await launch(TIMEOUT);
  try {
    for (const [name, check] of chosen) await run(browser, name, check, archive);
  } finally {
    await browser.close();
  }
  console.log(`${archive.articles.length} articles, ${chosen.length} checks`);
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
for (const failure of new Set(failures)) console.error(failure);
process.exitCode = failures.length > 0 ? 1 : 0;
