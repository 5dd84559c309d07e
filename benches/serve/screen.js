// Shows a page of `dateline serve` in Chromium: reads lines of JSON, {open: page} or
// {await: words}, and prints when the words are on the screen.

import readline from "node:readline";
import { createRequire } from "node:module";

const { default: puppeteer } = await import(
  createRequire(new URL("../../tests/browser/package.json", import.meta.url)).resolve(
    "puppeteer-core"
  )
);

const TIMEOUT = 300_000;
const url = process.argv[2];
const print = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run"],
  protocolTimeout: TIMEOUT
});
const page = await browser.newPage();
page.setDefaultTimeout(TIMEOUT);
let wanted;

await page.exposeFunction("shown", (words, moment) => {
  if (words !== wanted) return;
  wanted = undefined;
  print({ moment });
});
await page.exposeFunction("wanted", () => wanted);

// In each page: once the words are in the document, wait for the frame after the one that paints
// them.
await page.evaluateOnNewDocument(() => {
  const check = async () => {
    const words = await window.wanted();
    const report = () => window.shown(words, performance.timeOrigin + performance.now());
    if (words && document.body.textContent.includes(words))
      requestAnimationFrame(() => requestAnimationFrame(report));
  };
  addEventListener("DOMContentLoaded", check);
});

for await (const line of readline.createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  try {
    if (command.open) await page.goto(url + command.open, { waitUntil: "networkidle2" });
    if (command.await) wanted = command.await;
    print({ ready: true });
  } catch (error) {
    print({ failed: String(error) });
  }
}
await browser.close();
