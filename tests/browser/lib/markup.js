// Checks without a browser: valid markup, and page weight.

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import zlib from "node:zlib";
import { HtmlValidate } from "html-validate";

const require = createRequire(import.meta.url);
const config = require("../html-validate.json");

/** Runs the Nu checker on every page of a folder. */
export function nu(site, fail) {
  const jar = path.join(
    path.dirname(require.resolve("vnu-jar/package.json")),
    "build/dist/vnu.jar",
  );
  const call = [
    "-Xmx1g",
    "-jar",
    jar,
    "--exit-zero-always",
    "--skip-non-html",
    "--format",
    "json",
    "--stdout",
    site.output,
  ];
  const { messages } = JSON.parse(execFileSync("java", call, { maxBuffer: 1 << 28 }));
  for (const { type, subType, url, lastLine, message } of messages) {
    // Mere information, such as: a slash in <br/> has no effect.
    if (type === "info" && subType !== "warning") continue;
    fail(`Nu: ${url?.slice(url.indexOf("/public/") + 7)}:${lastLine}: ${message}`);
  }
}

/** Runs html-validate on every page. Recommended rules that are changed, and why:
 *  - `doctype-style`: the doctype is in small letters;
 *  - `long-title`: how long a headline is, its editor decides;
 *  - `prefer-native-element`: Markdown's tables come in a region that scrolls;
 *  - `valid-id`: a heading's id is in the language of the heading. */
export async function validate(site, fail) {
  const linter = new HtmlValidate(config);
  for (const page of site.pages) {
    const report = await linter.validateString(page.text, page.url);
    for (const { messages } of report.results) {
      for (const { line, message, ruleId } of messages)
        fail(`html-validate: ${page.url}:${line}: ${message} (${ruleId})`);
    }
  }
}

const packed = (bytes) => zlib.gzipSync(bytes, { level: 9 }).length;

/** At most 14 kB of page and style sheet before an article's first word; 3 kB of script. */
export function budgets(site, fail) {
  const styleSheet = packed(fs.readFileSync(path.join(site.output, "assets/dateline.css")));
  for (const page of site.pages.filter((one) => one.kind === "article")) {
    const start = page.text.indexOf('<div class="prose e-content">');
    if (start < 0) fail(`${page.url}: no body`);
    const before = packed(page.text.slice(0, start));
    if (before + styleSheet > 14 * 1024)
      fail(`${page.url}: ${before + styleSheet} bytes before the first word`);
  }
  for (const file of fs
    .readdirSync(path.join(site.output, "assets"))
    .filter((name) => name.endsWith(".js"))) {
    const { size } = fs.statSync(path.join(site.output, "assets", file));
    if (size > 3 * 1024) fail(`${file}: ${size} bytes of script`);
  }
}
