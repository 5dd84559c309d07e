// Queries small archives in several languages: each folder entry of languages/ has texts, queries
// with the texts that they find, and pairs of words that don't find each other.

import assert from "node:assert";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const here = path.dirname(new URL(import.meta.url).pathname);

/**
 * Returns the sets of all languages: their texts, queries and pairs.
 * @returns {{lang: string, texts: string[], queries: [string, number[]][], apart: string[][]}[]}
 */
function readSets() {
  const folder = path.join(here, "languages");
  return fs
    .readdirSync(folder)
    .sort()
    .map((file) => ({
      lang: path.basename(file, ".json"),
      ...JSON.parse(fs.readFileSync(path.join(folder, file), "utf8"))
    }));
}

/**
 * Writes an article per text, and one per word of a pair.
 * @param {string} content
 * @param {ReturnType<typeof readSets>} sets
 */
function write(content, sets) {
  for (const { lang, texts, apart } of sets) {
    const bodies = [
      ...texts.map((text, at) => [`t${at}`, text]),
      ...apart.flatMap((words, at) => words.map((word, of) => [`p${at}-${of}`, `${word}.`]))
    ];
    for (const [id, body] of bodies) {
      const front = [`title: "№"`, "date: 2024-05-01", `slug: ${lang}-${id}`, `lang: ${lang}`];
      fs.mkdirSync(content, { recursive: true });
      fs.writeFileSync(
        path.join(content, `${lang}-${id}.md`),
        `---\n${front.join("\n")}\n---\n\n${body}\n`
      );
    }
  }
}

/**
 * Builds the archives as one site, and compares what the client finds.
 * @param {object} tools
 * @param {string} tools.program
 * @param {string} tools.folder
 * @param {any} tools.client
 * @param {(output: string) => Promise<{folder: URL, close: () => void}>} tools.serve
 */
export async function compareLanguages({ program, folder, client, serve }) {
  const sets = readSets();
  const site = path.join(folder, "languages");
  write(path.join(site, "content"), sets);
  fs.writeFileSync(
    path.join(site, "site.yaml"),
    "title: Languages\nbase_url: https://example.org\nsearch: true\n"
  );
  execFileSync(
    program,
    ["build", "--root", site, "--quiet", "--now", "2025-01-01T00:00:00Z"],
    { stdio: "inherit" }
  );
  const server = await serve(path.join(site, "public"));
  const index = await client.Index.open(server.folder);
  const failures = [];
  let count = 0;
  const find = async (lang, query) => {
    const { hits } = await client.search(index, client.parse(query), {
      order: "relevance",
      filters: [[`lang/${lang}`]],
      from: -Infinity,
      to: Infinity
    });
    const fields = await Promise.all(
      hits.map(({ segment, article }) => segment.storedFields(article))
    );
    return fields.map(([, permalink]) => permalink.split("/").at(-2).slice(lang.length + 1));
  };
  for (const { lang, queries, apart } of sets) {
    for (const [query, expected] of queries) {
      const found = (await find(lang, query)).filter((id) => id.startsWith("t"));
      const wanted = expected.map((at) => `t${at}`);
      count++;
      if (found.sort().join() !== wanted.sort().join()) {
        failures.push(`${lang}: ${query} found ${found}, not ${wanted}`);
      }
    }
    for (const [at, words] of apart.entries()) {
      for (const [of, word] of words.entries()) {
        const found = (await find(lang, word)).filter((id) => id.startsWith(`p${at}-`));
        count++;
        if (found.join() !== `p${at}-${of}`) {
          failures.push(`${lang}: ${word} of ${words} found ${found}`);
        }
      }
    }
  }
  server.close();
  assert.deepEqual(failures, [], "queries of languages");
  return count;
}
