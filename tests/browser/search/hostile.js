// Hostile queries and articles stay text. Every page also checks that no dialog opens and nothing
// is thrown.

import { hostile } from "./archive.js";
import { until } from "./reader.js";

const questions = [
  "a".repeat(10_000),
  "lighthouse ".repeat(1000),
  '"'.repeat(10_000),
  "\0",
  "light\0house",
  "\u202e lighthouse \u2066",
  "\u200f",
  ".*+?^${}()|[]\\",
  "(a+)+$",
  "\\",
  "lighthouse (",
  "[lighthouse",
  "*lighthouse",
  "lighthouse\\",
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "javascript:alert(1)",
  '"',
  '"lighthouse',
  '-"',
  "-",
  "--",
  "*",
  "**",
  "-*",
  "OR",
  "OR OR lighthouse",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty*",
  "{count}",
  "{word}",
  "&lt;b&gt;",
  "%00",
  "%",
  "\u0001tags/ice",
  "😀",
  "lighthouse -lighthouse"
];

const urls = [
  "?q=%",
  "?q=%E0%A4%A",
  "?q=%00%01%02",
  "?q=lighthouse&q=tugboat",
  "?q=lighthouse&sort=%3Cscript%3Ealert(1)%3C/script%3E",
  "?q=lighthouse&from=__proto__&to=1e999",
  "?q=lighthouse&from=99999999999999999999",
  "?q=lighthouse&f-__proto__=x&f-constructor=y",
  "?q=lighthouse&f-tags=%3Cimg%20src=x%20onerror=alert(1)%3E",
  "?q=lighthouse&f-tags=%00&f-tags=%02",
  `?q=lighthouse&${"f-tags=ice&".repeat(200)}`,
  "?__proto__[q]=1&q=lighthouse",
  "?q=lighthouse#<img src=x onerror=alert(1)>"
];

const isAsked = ({ search }) => (new URLSearchParams(search).get("q") ?? "").trim() !== "";

/** Checks that there is a message for each query, and that results contain only text and marks. */
function isSound(shown, what, check) {
  const about = `for ${JSON.stringify(what.slice(0, 60))}`;
  if (!isAsked(shown)) return;
  const elements = shown.results
    .flatMap(({ elements }) => elements)
    .filter((name) => name !== "mark");
  check.same(elements, [], `elements in results ${about}`);
  check.that(
    Object.values(check.messages).some((words) => shown.status.startsWith(words.split("{")[0])),
    `the message ${about}: ${shown.status}`
  );
  check.that(shown.status !== check.messages.damaged, `the index is reported as damaged ${about}`);
}

/** Queries that are typed. */
export async function typed(reader, _, check) {
  await reader.open();
  for (const question of questions) isSound(await reader.ask(question), question, check);
  check.same((await reader.ask("tugboat")).results.length, 6, "results afterwards");
}

/** Queries and other parameters in the URL. */
export async function linked(reader, _, check) {
  for (const question of questions) isSound(await reader.open({ q: question }), question, check);
  for (const url of urls) {
    await reader.page.goto(reader.url(url));
    isSound(await reader.settled(), url, check);
  }
}

/** Markup in an article's headline, standfirst, body, tag and byline. */
export async function articles(reader, _, check) {
  const shown = await reader.open({ q: "markupword" });
  check.same(shown.results.length, 3, "articles with markup");
  for (const { title, excerpt, elements, marks, about } of shown.results) {
    check.same(title, hostile.title.replace("&amp;amp;", "&amp;"), "a headline with markup");
    check.that(
      excerpt.includes("<script>alert(2)</script>") &&
        excerpt.includes("<img src=x onerror=alert(2)>"),
      `an excerpt without its markup: ${excerpt}`
    );
    check.same(elements, ["mark"], "the elements in a result");
    check.same(marks, ["markupword", "Markupword"], "the words that are marked");
    check.that(about.includes(hostile.author), `another byline: ${about}`);
  }
  await reader.page.click("#search-narrow summary");
  const option = await until(
    reader.page,
    "tags",
    () => [...document.querySelectorAll('[name="f-tags"] option')].find((one) => one.value)?.text
  );
  check.same(option, `${hostile.tag} (3)`, "a tag with markup");
  check.same(
    await reader.page.$$eval("#search select *:not(option)", (all) => all.length),
    0,
    "elements in terms"
  );
}
