// Starts the browser that the machine has.

import fs from "node:fs";
import path from "node:path";
import puppeteer from "puppeteer-core";

const flags = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--hide-scrollbars",
];

/** The first of some programs that the machine has. */
function browserPath() {
  const names = ["chromium", "chromium-browser", "google-chrome"];
  const folders = (process.env.PATH ?? "").split(path.delimiter);
  const found = names.flatMap((name) => folders.map((folder) => path.join(folder, name))).find((file) => fs.existsSync(file));
  return process.env.CHROMIUM ?? found;
}

/** Closes a window. On a busy machine Chromium may not answer in time that it is closed; what was looked for was found by then. @param {any} window */
export async function close(window) {
  await window.close().catch((/** @type {Error} */ error) => console.warn(error.message));
}

/** A browser. @param {number} patience Milliseconds. */
export function launch(patience) {
  return puppeteer.launch({ executablePath: browserPath(), args: flags, protocolTimeout: patience, timeout: patience });
}
