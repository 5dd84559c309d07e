// Starts the installed browser.

import fs from "node:fs";
import path from "node:path";
import puppeteer from "puppeteer-core";

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--hide-scrollbars",
];

/** Returns the first installed program of a list. */
function browserPath() {
  const names = ["chromium", "chromium-browser", "google-chrome"];
  const folders = (process.env.PATH ?? "").split(path.delimiter);
  const found = names
    .flatMap((name) => folders.map((folder) => path.join(folder, name)))
    .find((file) => fs.existsSync(file));
  return process.env.CHROMIUM ?? found;
}

/**
 * Closes a window. On a busy machine Chromium may confirm too late; the checks are done by then.
 * @param {any} window
 */
export async function close(window) {
  await window.close().catch((/** @type {Error} */ error) => console.warn(error.message));
}

/** Starts a browser. @param {number} timeout Milliseconds. */
export function launch(timeout) {
  return puppeteer.launch({
    executablePath: browserPath(),
    args: flags,
    protocolTimeout: timeout,
    timeout: timeout,
  });
}
