// A synthetic archive with known results: certain words in every n-th article, among random words.

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
const ARTICLES = 900;
const [FIRST_YEAR, YEARS] = [2016, 9];
const DAYS = YEARS * 365;

/** Numbers between 0 and 1, the same in every run. */
let seed = 20241231;
function random() {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
}

/** Meaningless words, of which the first ones are the most frequent. None of them is searched. */
const vocabulary = Array.from({ length: 4000 }, (_, at) => {
  const start =
    "bdfgklmnprstvz"[at % 14] +
    "aeiou"[at % 5] +
    "lnrst"[(at >> 2) % 5] +
    "aeiou"[(at >> 4) % 5] +
    "kv"[at % 2];
  return start + at.toString(26).replace(/\d/gu, (digit) => "ghijklmnop"[digit]);
});
const words = (length) =>
  Array.from({ length }, () => vocabulary[Math.floor(vocabulary.length * random() ** 3)]).join(" ");

const sections = ["harbour", "railway", "city"];
const tags = ["cranes", "cables", "bridges", "tariffs", "ice"];
const authors = ["Ada Quill", "Bo Ferry", "Cem Lock", "Dua Weir"];

/** Words, and the condition for the numbers of the articles that contain them. */
const planted = [
  ["lighthouse", (at) => at % 7 === 0],
  ["breakwater", (at) => at % 21 === 0],
  ["signal box", (at) => at % 50 === 1],
  ["box of a signal", (at) => at % 50 === 2],
  ["dredger", (at) => at % 90 === 3],
  ["dredging", (at) => at % 90 === 4],
  ["tugboat", (at) => at % 150 === 5]
];

/** Markup that must stay text: in a headline, a standfirst and code in a body. */
export const hostile = {
  title: "<script>alert(1)</script> markupword <img src=x onerror=alert(1)> &amp;amp; <b>bold</b>",
  tag: "<img src=x onerror=alert(4)> tagged",
  author: "Eve <b onclick=alert(5)>Bold</b>",
  description: '<svg onload=alert(1)> markupword "quoted" </p><h1>standfirst</h1>',
  body:
    "Markupword stands in `<script>alert(2)</script>` and `<img src=x onerror=alert(2)>`, " +
    '\\<iframe src=javascript:alert(3)\\>, \\"quoted\\" &lt;b&gt;entities&lt;/b&gt;.'
};

const foreign = [
  {
    every: 15,
    on: 7,
    lang: "ur",
    title: "بندرگاہ کے روشنی گھر کی مرمت مکمل",
    body:
      "بندرگاہ پر روشنی گھر کی مرمت کا کام مکمل ہو گیا ہے " +
      "اور جہازوں کی آمد و رفت دوبارہ شروع ہو گئی ہے۔"
  },
  {
    every: 60,
    on: 11,
    lang: "zh",
    title: "港口灯塔修缮完成",
    body: "港口灯塔的修缮工程已经完成，船只恢复通航。渔民们表示欢迎。"
  },
  // Its first strong character has the other direction.
  {
    every: 400,
    on: 26,
    lang: "ur",
    title: "KPT کی نئی گودی کا افتتاح",
    body: "KPT کی نئی گودی کا افتتاح کراچی میں ہوا اور نودیہ کے لوگ بھی آئے۔"
  }
];

/** An article: the contents of its file, and the words that were put into it. */
function article(at) {
  const date = new Date(
    Date.UTC(FIRST_YEAR, 0, 1) + Math.floor((at * DAYS) / ARTICLES) * 86_400_000
  )
    .toISOString()
    .slice(0, 10);
  const own = planted.filter(([, has]) => has(at)).map(([text]) => text);
  const other = foreign.find(({ every, on }) => at % every === on);
  const markup = at % 300 === 150 ? hostile : undefined;
  const lines = [own.join(". "), markup?.body, other?.body, words(300), words(400)].filter(Boolean);
  return {
    date,
    own,
    slug: `s${String(at).padStart(4, "0")}`,
    year: Number(date.slice(0, 4)),
    title: markup?.title ?? other?.title ?? words(5),
    description: markup?.description ?? (other ? "" : words(8)),
    lang: other?.lang ?? "en",
    section: sections[at % sections.length],
    tag: markup?.tag ?? tags[at % tags.length],
    author: markup?.author ?? authors[(at >> 1) % authors.length],
    body: lines.join("\n\n")
  };
}

function write(folder, { date, slug, title, description, lang, section, tag, author, body }) {
  const front = { title, date, slug, description, lang, section, tags: [tag], authors: [author] };
  const yaml = Object.entries(front)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
    .join("\n"); // JSON is YAML
  const file = path.join(folder, date.slice(0, 4), `${slug}.md`);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `---\n${yaml}\n---\n\n${body}\n`);
}

/** Returns the articles that a query must find. */
export const holding = (articles, ...texts) =>
  articles.filter(({ own }) => texts.every((text) => own.includes(text)));

/** Writes the archive and builds it twice: with few large files, and with many small ones. */
export function build(folder) {
  const program = process.env.DATELINE_BIN ?? path.join(repository, "target/debug/dateline");
  const articles = Array.from({ length: ARTICLES }, (_, at) => article(at));
  for (const one of articles) write(path.join(folder, "content"), one);
  const sites = ["ranges", "chunked"].map((files) => {
    const settings =
      "title: The Tide Table\nbase_url: https://example.org/archive/\nlanguage: en\n" +
      `search: {files: ${files}}\n`;
    fs.writeFileSync(path.join(folder, "site.yaml"), settings);
    const output = path.join(folder, files);
    const call = [
      "build",
      "--root",
      folder,
      "--output",
      output,
      "--quiet",
      "--now",
      "2025-01-01T00:00:00Z"
    ];
    execFileSync(program, call, { stdio: "inherit" });
    return output;
  });
  const shards = fs
    .readdirSync(path.join(sites[0], "search"))
    .filter((file) => file.endsWith(".bin"));
  const largest = Math.max(
    ...shards.map((file) => fs.statSync(path.join(sites[0], "search", file)).size)
  );
  // Whole files up to this size are accepted instead of ranges.
  if (largest <= 1 << 20)
    throw new Error(
      `the largest shard file has ${largest} bytes: too few to test a host without range requests`
    );
  return { articles, ranges: sites[0], chunked: sites[1] };
}
