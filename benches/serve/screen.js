// A window on a site under `dateline serve`: reads lines of JSON, {open: page} or {await: words}, and says when words are on the screen.

import readline from "node:readline";
import { createRequire } from "node:module";

const { default: puppeteer } = await import(createRequire(new URL("../../tests/browser/package.json", import.meta.url)).resolve("puppeteer-core"));

const PATIENCE = 300_000;
const url = process.argv[2];
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

const browser = await puppeteer.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-gpu", "--no-first-run"], protocolTimeout: PATIENCE });
const page = await browser.newPage();
page.setDefaultTimeout(PATIENCE);
let wanted;

await page.exposeFunction("shown", (words, moment) => {
  if (words !== wanted) return;
  wanted = undefined;
  say({ moment });
});
await page.exposeFunction("wanted", () => wanted);

// In each page that is loaded: once the words are there, the frame after the one in which they are painted says so.
await page.evaluateOnNewDocument(() => {
  const look = async () => {
    const words = await window.wanted();
    const tell = () => window.shown(words, performance.timeOrigin + performance.now());
    if (words && document.body.textContent.includes(words)) requestAnimationFrame(() => requestAnimationFrame(tell));
  };
  addEventListener("DOMContentLoaded", look);
});

for await (const line of readline.createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  try {
    if (asked.open) await page.goto(url + asked.open, { waitUntil: "networkidle2" });
    if (asked.await) wanted = asked.await;
    say({ ready: true });
  } catch (error) {
    say({ failed: String(error) });
  }
}
await browser.close();
