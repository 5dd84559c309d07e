// The sites under test: the demonstration, and the same articles in a right-to-left language.

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");

/** The program under test: named by DATELINE_BIN, or the last one built. */
function program() {
  const built = path.join(repository, "target/debug/dateline");
  return process.env.DATELINE_BIN ?? built;
}

/** Builds both sites in a new folder. */
export function build() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "dateline-browser-"));
  const settings = fs.readFileSync(path.join(repository, "site.yaml"), "utf8");
  const persian = settings
    .replace(/^title:.*$/m, "title: روزنامهٔ آفتاب")
    .replace(/^description:.*$/m, "description: خبرهای بندر، راه‌آهن و شهر")
    .replace(/^language:.*$/m, "language: fa");
  const sites = [
    ["left", settings],
    ["right", persian],
  ].map(([name, text]) => {
    const root = path.join(folder, name);
    for (const part of ["content", "static", "templates"]) {
      fs.cpSync(path.join(repository, part), path.join(root, part), { recursive: true });
    }
    if (name === "right") declareEnglish(path.join(root, "content"));
    fs.writeFileSync(path.join(root, "site.yaml"), text);
    const output = path.join(root, "public");
    execFileSync(program(), ["build", "--root", root, "--output", output, "--quiet"], {
      stdio: "inherit",
    });
    return { name, output, pages: pages(output) };
  });
  return { folder, sites };
}

/** Articles in the site's former language now name it. */
function declareEnglish(content) {
  for (const file of fs
    .readdirSync(content, { recursive: true })
    .filter((name) => name.endsWith(".md") && !name.endsWith("_index.md"))) {
    const text = fs.readFileSync(path.join(content, file), "utf8");
    if (!/^lang(uage)?:/m.test(text))
      fs.writeFileSync(path.join(content, file), text.replace("---\n", "---\nlang: en\n"));
  }
}

/** Returns every HTML page below a folder, with its URL and text. */
function pages(output) {
  const found = fs
    .readdirSync(output, { recursive: true })
    .filter((file) => file.endsWith(".html"));
  return found.sort().map((file) => {
    const text = fs.readFileSync(path.join(output, file), "utf8");
    const url = `/${file.split(path.sep).join("/")}`.replace(/index\.html$/, "");
    return { url, text, kind: text.match(/<body class="on-(\w+)"/)?.[1] };
  });
}

/** Returns the first and the longest page of each kind, and articles with rare elements. */
export function samples(site) {
  const kinds = new Map();
  const pages = site.pages.filter((page) => page.kind); // the others are redirects
  const choose = (name, page) => page && !kinds.has(name) && kinds.set(name, page);
  const longest = (pages, length) =>
    pages.reduce((best, page) => (length(page) > length(best) ? page : best));
  for (const kind of new Set(pages.map((page) => page.kind))) {
    const all = pages.filter((page) => page.kind === kind);
    choose(kind, all[0]);
    if (all.length > 1)
      choose(
        `${kind}-long`,
        longest(all, (page) => page.text.length),
      );
  }
  const articles = pages.filter((page) => page.kind === "article");
  const having = (pattern) => articles.find((page) => pattern.test(page.text));
  choose(
    "article-headline",
    longest(articles, (page) => page.text.match(/<h1[^>]*>(.*?)<\/h1>/)?.[1].length ?? 0),
  );
  choose("article-picture", having(/<figure/));
  choose("article-table", having(/<table/));
  choose("article-notes", having(/footnote-definition/));
  choose("article-alert", having(/markdown-alert/));
  choose("article-quotation", having(/<blockquote>/));
  choose(
    "article-plain",
    articles.find((page) => !/<figure/.test(page.text)),
  );
  for (const language of new Set(
    articles.map((page) => page.text.match(/<html lang="(\w+)/)?.[1]),
  )) {
    choose(`article-${language}`, having(new RegExp(`<html lang="${language}`)));
  }
  const seen = new Set();
  return [...kinds]
    .map(([name, page]) => ({ name, ...page }))
    .filter((page) => !seen.has(page.url) && seen.add(page.url));
}

const types = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
  ".png": "image/png",
};

/** Sends a page slowly: the first lines of its body one by one, the rest in sixty parts. */
async function trickle(response, text) {
  const start = text.indexOf("<body");
  const lines = text.slice(start).split(/(?<=\n)/);
  const size = Math.ceil(lines.length / 60);
  response.write(text.slice(0, start));
  for (let at = 0, next; at < lines.length; at = next) {
    next = at + (at < 30 ? 1 : size);
    response.write(lines.slice(at, next).join(""));
    await new Promise((later) => setTimeout(later, 30)); // two frames
  }
  response.end();
}

/** Returns the Content-Security-Policy of a site's `_headers`. */
function policy(output) {
  return fs
    .readFileSync(path.join(output, "_headers"), "utf8")
    .match(/Content-Security-Policy: (.*)/)[1];
}

/** Serves a folder on loopback; a page requested with `?slowly` is sent slowly. */
export function serve(output) {
  const csp = policy(output);
  const server = http.createServer((request, response) => {
    const { pathname, search } = new URL(request.url, "http://localhost");
    let file = path.join(output, decodeURIComponent(pathname));
    if (file.endsWith(path.sep)) file += "index.html";
    fs.readFile(file, (missing, bytes) => {
      response.writeHead(missing ? 404 : 200, {
        "content-type": types[path.extname(file)] ?? "application/octet-stream",
        "content-security-policy": csp,
      });
      if (search === "?slowly" && !missing) trickle(response, bytes.toString());
      else response.end(bytes);
    });
  });
  return new Promise((ready) =>
    server.listen(0, "127.0.0.1", () =>
      ready({ url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() }),
    ),
  );
}
