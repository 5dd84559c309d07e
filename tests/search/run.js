// Queries the index of a synthetic archive with the published client, and compares the results with
// those of an exhaustive search of the texts. Usage: node run.js; the exit status is 1 if a check
// fails.

import assert from "node:assert";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import zlib from "node:zlib";
import { importClient, seededRandom } from "./client.js";
import { compareLanguages } from "./languages.js";

const here = path.dirname(fileURLToPath(import.meta.url));
const repository = path.resolve(here, "../..");
const program = process.env.DATELINE_BIN ?? path.join(repository, "target/debug/dateline");
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "dateline-search-"));
const ARTICLES = 1800;
const QUERIES = 200;

const random = seededRandom(20261125);

/** Words, of which the first ones are the most frequent. */
const vocabulary = Array.from(
  { length: 3000 },
  (_, at) =>
    "bdfgklmnprstvz"[at % 14] +
    "aeiou"[at % 5] +
    "lnrst"[(at >> 2) % 5] +
    "aeiou"[(at >> 4) % 5] +
    at.toString(26).replace(/\d/g, (digit) => "ghijklmnop"[digit])
);
const word = () => vocabulary[Math.floor(vocabulary.length * random() ** 4)];
const text = (length) => Array.from({ length }, word).join(" ");

function write() {
  const articles = Array.from({ length: ARTICLES }, (_, at) => {
    const day = new Date(Date.UTC(2021, 0, 1) + Math.floor((at * 1200 * 86400e3) / ARTICLES))
      .toISOString()
      .slice(0, 10);
    return {
      day,
      title: text(5),
      description: text(8),
      tag: text(1),
      body: text(20 + Math.floor(300 * random() ** 2)),
      id: `s${String(at).padStart(4, "0")}`
    };
  });
  for (const { day, title, description, tag, body, id } of articles) {
    const file = path.join(folder, "site/content", day.slice(0, 4), `${id}.md`);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const frontMatter = [
      `title: ${title}`,
      `date: ${day}`,
      `slug: ${id}`,
      `description: ${description}`,
      `tags: [${tag}]`
    ];
    fs.writeFileSync(file, `---\n${frontMatter.join("\n")}\n---\n\n${body}\n`);
  }
  const off = "---\ntitle: zzhidden\ndate: 2022-01-01\nsearch: false\n---\n\nzzhidden\n";
  fs.writeFileSync(path.join(folder, "site/content/off.md"), off);
  fs.writeFileSync(
    path.join(folder, "site/content/part.md"),
    "---\ntitle: zzpart\ndate: 2024-01-01\n---\n\n" +
      '<div data-search="off">zzsecret</div>\n\nHeld <b>together</b> zzhash0123456789abcdef\n'
  );
  return articles;
}

function build(settings) {
  fs.writeFileSync(
    path.join(folder, "site/site.yaml"),
    `title: Search\nbase_url: https://example.org\n${settings}`
  );
  execFileSync(
    program,
    ["build", "--root", path.join(folder, "site"), "--quiet", "--now", "2025-01-01T00:00:00Z"],
    { stdio: "inherit" }
  );
}

const articles = write();
build("search: true\n");

const output = path.join(folder, "site/public");
const client = await importClient(output, path.join(folder, "client"));
const { Index, parse, search } = client;
const tokenize = (text) => client.tokenize(text).map(([word]) => word);
// This archive's postings are so small that the client would load them whole.
const LARGE = [["SMALL_POSTINGS = 20 << 10", "SMALL_POSTINGS = 32"]];
const inPieces = await importClient(output, path.join(folder, "pieces"), [
  ...LARGE,
  ["MAX_EXACT = 64 << 10", "MAX_EXACT = 1 << 30"]
]);
const inPart = await importClient(output, path.join(folder, "part"), [
  ...LARGE,
  ["MAX_EXACT = 64 << 10", "MAX_EXACT = 1"]
]);

/** The number of requests and of bytes since the last reset. */
const log = { requests: 0, bytes: 0 };

/** Serves an output folder. */
function serve(change = (bytes) => bytes, ranges = true, root = output) {
  const server = http.createServer((request, answer) => {
    const file = path.join(root, new URL(request.url, "http://x").pathname);
    if (!fs.existsSync(file)) return answer.writeHead(404).end();
    const bytes = change(fs.readFileSync(file), file);
    const [, from, to] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? "") ?? [];
    const piece = ranges && from ? bytes.subarray(Number(from), Number(to) + 1) : bytes;
    log.requests++;
    log.bytes += piece.length;
    return answer
      .writeHead(ranges && from ? 206 : 200, { "content-length": piece.length })
      .end(piece);
  });
  return new Promise((resolve) =>
    server.listen(0, () =>
      resolve({
        folder: new URL(`http://localhost:${server.address().port}/search/`),
        close: () => server.close()
      })
    )
  );
}

const fieldNorm = (length) => Math.min(255, Math.round(Math.log2(1 + length / 16) * 8));

/** Collects the words of every article with their weights and positions, from its texts. */
function exhaustive(articles) {
  const WEIGHTS = [5, 2, 2, 1];
  const all = [...articles].map((article) => {
    const held = new Map();
    let [length, position] = [0, 0];
    [article.title, article.description, article.tag, article.body].forEach((field, at) => {
      for (const word of tokenize(field)) {
        const one = held.get(word) ?? { weight: 0, positions: new Set() };
        one.weight += WEIGHTS[at];
        one.positions.add(position++);
        held.set(word, one);
        length += WEIGHTS[at];
      }
      position += 4;
    });
    return { article, held, length, rounded: 16 * (2 ** (fieldNorm(length) / 8) - 1) };
  });
  return all;
}

/** Scores all articles with BM25F. */
function answer(all, total, average, wanted, unwanted, phrase) {
  const count = (word) => all.filter(({ held }) => held.has(word)).length;
  const idf = new Map(
    [...wanted, ...phrase].map((word) => [
      word,
      Math.log(1 + (total - count(word) + 0.5) / (count(word) + 0.5))
    ])
  );
  const holds = ({ held }) =>
    [...wanted, ...phrase].every((word) => held.has(word)) &&
    !unwanted.some((word) => held.has(word));
  const row = ({ held }) =>
    !phrase.length ||
    [...held.get(phrase[0]).positions].some((position) =>
      phrase.every((word, at) => held.get(word).positions.has(position + at))
    );
  const score = ({ held, rounded }) =>
    [...wanted, ...phrase].reduce((sum, word) => {
      const { weight } = held.get(word);
      return sum + (idf.get(word) * weight) / (weight + 1.2 * (0.25 + (0.75 * rounded) / average));
    }, 0);
  return all
    .filter((one) => holds(one) && row(one))
    .map((one) => ({ id: one.article.id, score: score(one) }));
}

const options = (other = {}) => ({
  order: "relevance",
  filters: [],
  from: -Infinity,
  to: Infinity,
  ...other
});

async function idsOf(index, hits) {
  const results = await Promise.all(
    hits.map(({ segment, article }) => segment.storedFields(article))
  );
  return results.map(([, permalink]) => permalink.split("/").at(-2));
}

/**
 * Compares a client with the exhaustive search. A client that loads everything, if in small pieces,
 * must be exact.
 */
async function compare(articles, { Index, countFacets, findSimilar, search }, loadsAll = true) {
  const server = await serve();
  const index = await Index.open(server.folder);
  const all = exhaustive(articles);
  assert.equal(index.articles, ARTICLES + 1, "all articles except the one with search: false");
  // The additional article isn't among the texts above, but counts for the average.
  const average = index.totalLength / index.articles;
  let [same, compared] = [0, 0];
  for (let at = 0; at < QUERIES; at++) {
    const { article } = all[Math.floor(random() * all.length)];
    const own = tokenize(`${article.title} ${article.body}`);
    const start = Math.floor(random() * (own.length - 4));
    const wanted = [...new Set(own.slice(start, start + 1 + (at % 4)))];
    const [quoted, without] = [at % 5 === 4 && wanted.length > 1, at % 7 === 6 ? [word()] : []];
    const row = quoted ? own.slice(start, start + 2) : [];
    const query =
      (quoted ? `"${row.join(" ")}"` : wanted.join(" ")) +
      without.map((word) => ` -${word}`).join("");
    let found = await search(index, parse(query), options());
    const expected = answer(all, index.articles, average, quoted ? [] : wanted, without, row).sort(
      (a, b) => b.score - a.score
    );
    if (found.isPartial) {
      assert.equal(expected.length, 0, `only some of the words of ${query}`);
      continue;
    }
    assert.ok(found.exact || !loadsAll, query);
    assert.ok(found.hits.length || !expected.length, `no results for ${query}`);
    const ofYears = [...found.years.values()].reduce((sum, count) => sum + count, 0);
    assert.ok(
      Math.abs(ofYears - found.count) <= 1,
      `${ofYears} in the years and ${found.count} in all for ${query}`
    );
    // A larger budget finds more, and in the end everything.
    for (let budget = 10; found.hasMore; budget *= 10) {
      assert.ok(budget < 1e9, `too many steps for ${query}`);
      const more = await search(index, parse(query), options({ budget }));
      const numbers = new Set(more.hits.map(({ number }) => number));
      assert.ok(
        found.hits.every(({ number }) => numbers.has(number)),
        `a result was lost for ${query}`
      );
      found = more;
    }
    assert.ok(found.exact, query);
    assert.equal(found.count, expected.length, `the count of ${query}`);
    const scores = (list) =>
      list
        .slice(0, 10)
        .map(({ score }) => score.toFixed(6))
        .join(" ");
    compared++;
    if (scores(found.hits) === scores(expected)) same++;
    if (at % (loadsAll ? 20 : 1) === 0) {
      const ids = await idsOf(index, found.hits.slice(0, 10));
      const known = new Map(expected.map(({ id, score }) => [id, score.toFixed(6)]));
      ids.forEach((id, at) =>
        assert.equal(known.get(id), found.hits[at].score.toFixed(6), `${id} for ${query}`)
      );
    }
  }
  if (!loadsAll) return server.close();
  assert.ok(same >= compared * 0.95, `the same first ten results for ${same} of ${compared}`);

  const { tag } = articles[0];
  const tagged = articles.filter((article) => article.tag === tag);
  const some = tokenize(tagged[0].body)[0];
  const filtered = await search(index, parse(some), options({ filters: [[`tags/${tag}`]] }));
  assert.equal(
    filtered.count,
    tagged.filter((article) =>
      tokenize(`${article.title} ${article.description} ${article.tag} ${article.body}`).includes(
        some
      )
    ).length,
    "a filter by tag"
  );
  const year = await search(index, parse(some), options({ from: 2022, to: 2022, order: "newest" }));
  const ids = await idsOf(index, year.hits);
  assert.deepEqual(ids, [...ids].sort().reverse(), "newest first");
  assert.ok(
    ids.length && year.hits.every(({ segment, article }) => segment.year(article) === 2022),
    "one year"
  );
  const facets = await countFacets(index, "tags", await search(index, parse(some), options()));
  const holding = all.filter(({ held }) => held.has(some));
  assert.ok(facets.length > 5, "facets");
  for (const { facet, name, count } of facets) {
    assert.equal(facet, `tags/${name}`);
    assert.equal(
      count,
      holding.filter(({ article }) => article.tag === name).length,
      `the count of ${facet}`
    );
  }

  const count = async (query) => (await search(index, parse(query), options())).count;
  assert.equal(await count("zzhidden"), 0, "search: false");
  assert.equal(await count("zzsecret"), 0, "data-search=off");
  assert.equal(await count("zzhash0123456789abcdef"), 0, "a key");
  assert.equal(await count('"held together"'), 1, "a phrase over markup");
  const or = new Set(
    [
      ...answer(all, 1, 1, [vocabulary[900]], [], []),
      ...answer(all, 1, 1, [vocabulary[901]], [], [])
    ].map(({ id }) => id)
  );
  assert.equal(await count(`${vocabulary[900]} OR ${vocabulary[901]}`), or.size, "OR");
  const start = vocabulary[900].slice(0, 3);
  const beginning = all.filter(({ held }) =>
    [...held.keys()].some((word) => word.startsWith(start))
  );
  const matchingWords = new Set(
    all.flatMap(({ held }) => [...held.keys()].filter((word) => word.startsWith(start)))
  );
  if (matchingWords.size <= 24)
    assert.equal(await count(`${start}*`), beginning.length, "a prefix");
  assert.equal(
    (await search(index, parse("b*"), options())).exact,
    false,
    "a prefix with more words than are searched"
  );
  const slip =
    vocabulary[5].slice(0, 2) + vocabulary[5][3] + vocabulary[5][2] + vocabulary[5].slice(4);
  assert.ok(await findSimilar(index, slip), `something near ${slip}`);
  for (const hostile of [
    "a".repeat(10_000),
    "\0",
    "\u202e",
    ".*+?^${}()|[]\\",
    "<script>",
    '"',
    "-",
    "*",
    '-"',
    "OR",
    "\ud800"
  ])
    await search(index, parse(hostile), options());
  log.requests = log.bytes = 0;
  await search(index, parse(vocabulary[1500]), options());
  assert.ok(log.bytes < 40_000, `${log.bytes} bytes for a word`);
  server.close();
}

/** Checks the compressed size of the modules, which every reader's browser loads. */
function checkSize() {
  const modules = ["search.js", "page.js"].map((name) =>
    fs.readFileSync(path.join(folder, "client", name))
  );
  const bytes = modules.reduce(
    (sum, module) => sum + zlib.gzipSync(module, { level: 9 }).length,
    0
  );
  assert.ok(bytes <= 14_000, `${bytes} bytes of client`);
}

/** Checks the errors for damaged, unreachable and unsuitable hosts. */
async function checkErrors() {
  const cause = async (server) => {
    const run = async () =>
      search(await Index.open(server.folder), parse(vocabulary[3]), options());
    const error = await run().then(
      () => undefined,
      (error) => error
    );
    server.close();
    return error?.cause;
  };
  const isShard = (file) => file.endsWith(".bin");
  assert.equal(
    await cause(
      await serve((bytes, file) => (isShard(file) ? bytes.subarray(0, bytes.length / 3) : bytes))
    ),
    "damaged"
  );
  const large = (bytes, file) =>
    isShard(file) ? Buffer.concat([bytes, Buffer.alloc(2 << 20)]) : bytes;
  assert.equal(await cause(await serve(large, false)), "range");
  assert.equal(
    await cause({ folder: new URL("http://localhost:9/search/"), close() {} }),
    "offline"
  );
}

/** Checks queries that no article answers whole, fields, and words that are typed. */
async function checkQueries() {
  const server = await serve();
  const index = await Index.open(server.folder);
  const run = (query, isTyping) => search(index, parse(query, isTyping), options());
  const own = (at) => [...new Set(tokenize(articles[at].body))].slice(0, 4);
  const [first, second, third] = own(7);
  const partial = await run(`${first} ${second} ${third} nosuchword`);
  assert.ok(partial.isPartial && !partial.exact, "most words");
  assert.deepEqual(partial.hits[0].missing, ["nosuchword"]);
  assert.ok(
    (await idsOf(index, partial.hits)).includes(articles[7].id),
    "the article with three of four words"
  );
  assert.equal((await run(`${first} nosuchword`)).count, 0, "one of two words isn't most");
  assert.equal((await run(`nosuchone nosuchtwo ${first}`)).count, 0, "one of three isn't, either");
  assert.equal((await run(`the ${first}`)).count, (await run(first)).count, "a stop word");
  assert.equal((await run(`"the" ${first}`)).count, 0, "a quoted stop word");
  const known = vocabulary[900];
  assert.equal((await run(known.slice(0, -1))).count > 0, true, "an incomplete last word");
  assert.equal((await run(`${known.slice(0, -1)} `)).count, 0, "a complete one");
  const { tag, day } = articles[3];
  const [word] = own(3);
  const ids = async (query) => idsOf(index, (await run(query)).hits);
  const holding = (test) =>
    articles
      .filter(test)
      .filter((article) => tokenize(Object.values(article).join(" ")).includes(word))
      .map(({ id }) => id)
      .sort();
  assert.deepEqual(
    (await ids(`${word} tag:${tag}`)).sort(),
    holding((article) => article.tag === tag),
    "a tag"
  );
  assert.deepEqual(
    (await ids(`${word} -tag:"${tag}"`)).sort(),
    holding((article) => article.tag !== tag),
    "without a tag"
  );
  const year = Number(day.slice(0, 4));
  for (const [query, test] of [
    [`in:${year}`, (of) => of === year],
    [`before:${year + 1}`, (of) => of <= year],
    [`after:${year}`, (of) => of > year]
  ]) {
    assert.deepEqual(
      (await ids(`${word} ${query}`)).sort(),
      holding(({ day }) => test(Number(day.slice(0, 4)))),
      query
    );
  }
  server.close();
}

/** Checks that a reader who opened the index before it was published again gets right answers. */
async function checkPublishing() {
  let isNew = false;
  const rename = (text) => text.replaceAll(/"name":"(\w[\w-]*)"/g, '"name":"$1-new"');
  let manifestVersion;
  const server = http.createServer((request, answer) => {
    const { pathname, search } = new URL(request.url, "http://x");
    const file = path.join(output, pathname.replace("-new.", "."));
    const isStale = pathname.endsWith(".bin") && pathname.includes("-new.") !== isNew;
    if (isStale || !fs.existsSync(file)) return answer.writeHead(404).end();
    let bytes = fs.readFileSync(file);
    if (pathname.endsWith("manifest.json")) {
      assert.match(search, /^\?\d+$/, "the manifest is requested past caches");
      let text = isNew ? rename(`${bytes}`) : `${bytes}`;
      if (manifestVersion) text = text.replace(/"format":\d+/, `"format":${manifestVersion}`);
      bytes = Buffer.from(text);
    }
    const [, from, to] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? "") ?? [];
    if (!from) return answer.writeHead(200).end(bytes);
    return answer.writeHead(206).end(bytes.subarray(Number(from), Number(to) + 1));
  });
  await new Promise((resolve) => server.listen(0, resolve));
  const folder = new URL(`http://localhost:${server.address().port}/search/`);
  const expected = async (index, word) => (await search(index, parse(word), options())).count;
  const index = await Index.open(folder);
  const before = await expected(index, vocabulary[40]);
  isNew = true;
  assert.equal(await expected(index, vocabulary[40]), before, "known pieces");
  const later = await expected(index, vocabulary[1700]);
  assert.equal(later, await expected(await Index.open(folder), vocabulary[1700]), "a new index");
  manifestVersion = 1000;
  isNew = false;
  const error = await search(index, parse(vocabulary[2500]), options()).catch((error) => error);
  assert.equal(error.cause, "outdated", "a format of the future");
  server.close();
}

try {
  checkSize();
  for (const [text, expected] of JSON.parse(
    fs.readFileSync(path.join(here, "tokenizer_vectors.json"), "utf8")
  )) {
    assert.deepEqual(client.tokenize(text), expected, JSON.stringify(text));
  }
  await compare(articles, client);
  await compare(articles, inPieces);
  await compare(articles, inPart, false);
  await checkErrors();
  await checkQueries();
  await checkPublishing();
  const serveSite = (root) => serve(undefined, true, root);
  const count = await compareLanguages({ program, folder, client, serve: serveSite });
  build("search: {files: chunked}\n");
  const files = fs.readdirSync(path.join(output, "search")).filter((file) => file.endsWith(".bin"));
  assert.ok(
    files.length > 3 &&
      files.every((file) => fs.statSync(path.join(output, "search", file)).size <= 128 << 10),
    `${files}`
  );
  await compare(articles, client);
  console.log(`${ARTICLES} articles, ${4 * QUERIES + count} queries`);
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
