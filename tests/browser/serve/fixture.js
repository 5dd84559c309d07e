// A small site, the program that serves it, and helpers for a page in a browser.

import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

// In milliseconds; long, since other tests may use the machine at the same time.
export const TIMEOUT = 120_000;

const article = (title, body, more = "") =>
  `---\ntitle: ${title}\ndate: 2024-11-05\n${more}---\n${body}\n`;

/** Returns a body that is longer than any window. */
export const long = (first) => {
  const others = Array.from({ length: 80 }, (_, number) => `Paragraph ${number} of the talks.`);
  return [first, ...others].join("\n\n");
};

export class ServedSite {
  constructor() {
    this.root = fs.mkdtempSync(path.join(os.tmpdir(), "dateline-serve-browser-"));
    this.put("site.yaml", "title: The Desk\nbase_url: https://desk.example/papers\n");
    this.put("content/talks.md", article("Talks", long("The first text.")));
    this.put("static/extra.css", "h1 { color: rgb(1, 2, 3) }\n");
    this.put("templates/parts/head.html", this.head());
  }

  /** Returns the template of the head, with an additional style sheet. */
  head() {
    const own = fs.readFileSync(
      new URL("../../../templates/parts/head.html", import.meta.url),
      "utf8"
    );
    return `${own}<link rel="stylesheet" href="/papers/extra.css">\n`;
  }

  file(name) {
    return path.join(this.root, name);
  }

  /** Saves a file as editors do: to another name, then renamed. */
  put(name, text) {
    const temporary = path.join(path.dirname(this.file(name)), ".saving");
    fs.mkdirSync(path.dirname(temporary), { recursive: true });
    fs.writeFileSync(temporary, text);
    fs.renameSync(temporary, this.file(name));
  }

  article(title, body, more) {
    this.put("content/talks.md", article(title, body, more));
  }

  /** Starts the program, on the same port if it was started before. */
  async start() {
    this.program = spawn(
      process.env.DATELINE_BIN,
      ["serve", "--root", this.root, "--port", String(this.port ?? 0)],
      { stdio: ["ignore", "pipe", "pipe"] }
    );
    let output = "";
    this.program.stderr.on("data", (text) => (output += text));
    const url = await new Promise((resolve, reject) => {
      this.program.stdout.on("data", (text) => {
        output += text;
        const found = /at (http:\S+)\n/u.exec(output);
        if (found) resolve(found[1]);
      });
      this.program.on("exit", () => reject(new Error(`it ended: ${output}`)));
    });
    this.url = url;
    this.port = Number(new URL(url).port);
  }

  async stop() {
    const { program } = this;
    if (!program || program.exitCode !== null || program.signalCode !== null) return;
    const ended = new Promise((end) => program.on("exit", end));
    program.kill("SIGINT");
    await ended;
  }

  async close() {
    await this.stop();
    fs.rmSync(this.root, { recursive: true, force: true });
  }
}

/** Waits until a function returns something in the page. */
export async function until(page, what, wanted, ...given) {
  const end = Date.now() + TIMEOUT;
  while (Date.now() < end) {
    // During navigation, the page can't be evaluated.
    const found = await page.evaluate(wanted, ...given).catch(() => undefined);
    if (found) return found;
    await new Promise((later) => setTimeout(later, 20));
  }
  throw new Error(`waited too long for ${what}`);
}

/** Returns what the overlay shows: nothing, a button, or the panel. */
export function overlay(page) {
  return page.evaluate(() => {
    const shadow = [...document.documentElement.children].find(
      (child) => child.shadowRoot
    )?.shadowRoot;
    if (!shadow) return { kind: "none", text: "" };
    const text = shadow.firstElementChild.textContent;
    return {
      kind: shadow.querySelector("section") ? "all" : "few",
      text,
      mark: shadow.querySelector("mark")?.textContent ?? ""
    };
  });
}

/** Waits until the overlay has a state. */
export function shows(page, kind, text = "") {
  return until(
    page,
    `the overlay: ${kind} ${text}`,
    (kind, text) => {
      const shadow = [...document.documentElement.children].find(
        (child) => child.shadowRoot
      )?.shadowRoot;
      if (!shadow) return kind === "none";
      const is = shadow.querySelector("section") ? "all" : "few";
      return is === kind && shadow.firstElementChild.textContent.includes(text);
    },
    kind,
    text
  );
}
