// The search page: what a reader types becomes an address, and an address becomes results.

import { Index, SearchError } from "./index.js";
import { Search, nearest, parse } from "./query.js";
import { words } from "./words.js";

const PAGE = 10;
/** How long typing must rest, in milliseconds. */
const REST = 200;

const said = JSON.parse(document.getElementById("search-words")?.textContent ?? "{}");
const form = /** @type {HTMLFormElement} */ (document.getElementById("search"));
const box = /** @type {HTMLInputElement} */ (form.elements.namedItem("q"));
const status = /** @type {HTMLElement} */ (document.getElementById("search-status"));
const list = /** @type {HTMLOListElement} */ (document.getElementById("search-results"));
const chart = /** @type {HTMLOListElement} */ (document.getElementById("search-years"));
const more = /** @type {HTMLButtonElement} */ (document.getElementById("search-more"));
const narrow = /** @type {HTMLDetailsElement} */ (document.getElementById("search-narrow"));

const locale = `${said.language}-u-ca-gregory-nu-${said.digits}`;
const numbers = new Intl.NumberFormat(locale);
const years = new Intl.NumberFormat(locale, { useGrouping: false });
const days = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" });

/** @type {Promise<Search> | undefined} */
let opened;
/** Which run is the latest: those before have nothing to say any more. */
let latest = 0;

/** Opens the index once; after a failure, again. */
function open() {
  opened ??= Index.open(new URL(said.folder, location.href)).then((index) => new Search(index));
  opened.catch(() => (opened = undefined));
  return opened;
}

/**
 * An element with its text or children.
 * @param {string} name @param {Record<string, string>} [attributes] @param {...(Node | string)} children
 */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** @param {string} text @param {Record<string, string | Node>} values */
function filled(text, values) {
  return text.split(/(\{\w+\})/u).map((part) => values[part.slice(1, -1)] ?? part);
}

/** What the address asks for. */
function asked() {
  const parameters = new URLSearchParams(location.search);
  const year = (/** @type {string} */ name, /** @type {number} */ otherwise) => Number.parseInt(parameters.get(name) ?? "", 10) || otherwise;
  const order = parameters.get("sort") ?? "";
  return {
    q: parameters.get("q") ?? "",
    order: ["newest", "oldest"].includes(order) ? order : "relevance",
    from: year("from", -Infinity),
    to: year("to", Infinity),
    facets: [...parameters].filter(([key, term]) => /^f-[\w-]+$/u.test(key) && term).slice(0, 16).map(([key, term]) => `${key.slice(2)}/${term}`),
  };
}

/** The address of what the form says. @param {[string, string][]} [other] */
function address(other = []) {
  const parameters = new URLSearchParams();
  const data = [...new FormData(form)].map(([key, value]) => /** @type {[string, string]} */ ([key, String(value)]));
  const changed = new Set(other.map(([key]) => key));
  for (const [key, value] of [...data.filter(([key]) => !changed.has(key)), ...other]) {
    if (value && !(key === "sort" && value === "relevance")) parameters.append(key, value);
  }
  const text = parameters.toString();
  return location.pathname + (text ? `?${text}` : "");
}

/** Puts what the address asks for into the form. */
function fill() {
  const { q, order, from, to, facets } = asked();
  box.value = q;
  for (const radio of form.querySelectorAll("input[name=sort]")) /** @type {HTMLInputElement} */ (radio).checked = /** @type {HTMLInputElement} */ (radio).value === order;
  const choose = (/** @type {string} */ name, /** @type {number} */ year) => {
    const select = /** @type {HTMLSelectElement} */ (form.elements.namedItem(name));
    select.value = Number.isFinite(year) ? String(year) : "";
  };
  choose("from", from);
  choose("to", to);
  for (const select of form.querySelectorAll("select[data-facet]")) {
    const one = /** @type {HTMLSelectElement} */ (select);
    const term = facets.find((facet) => facet.startsWith(`${one.dataset.facet}/`))?.slice((one.dataset.facet ?? "").length + 1) ?? "";
    if (term && ![...one.options].some((option) => option.value === term)) one.add(new Option(term, term));
    one.value = term;
  }
  if (facets.length) narrow.open = true;
}

/** Answers what the address asks. */
async function answer() {
  const run = ++latest;
  const question = asked();
  const query = parse(question.q);
  if (!query.wanted.length) {
    clear();
    status.textContent = question.q.trim() ? said.none : "";
    return;
  }
  status.setAttribute("aria-busy", "true");
  try {
    const search = await open();
    const how = { ...question, filters: question.facets.map((facet) => [facet]) };
    const found = await search.run(query, how);
    if (run !== latest) return;
    await show(search, found, question, run);
    if (run === latest && narrow.open) await facets(search, found, run);
  } catch (error) {
    if (run !== latest) return;
    clear();
    status.textContent = error instanceof SearchError && error.kind in said ? said[error.kind] : said.damaged;
    console.warn(error);
  } finally {
    if (run === latest) status.removeAttribute("aria-busy");
  }
}

function clear() {
  list.replaceChildren();
  chart.replaceChildren();
  chart.hidden = more.hidden = true;
}

/** @param {Search} search @param {import("./query.js").Answer} found @param {ReturnType<asked>} question @param {number} run */
async function show(search, found, question, run) {
  const marked = new Set(found.words);
  const first = await cards(found.hits.slice(0, PAGE));
  if (run !== latest) return;
  const count = numbers.format(found.count);
  status.replaceChildren(...(found.hits.length ? filled(found.exact ? said.found : said.about, { count }) : [said.none]));
  list.replaceChildren(...first.map((card) => result(card, marked)));
  bars(found.years, question);
  let shown = PAGE;
  more.hidden = found.hits.length <= shown;
  more.onclick = async () => {
    const next = await cards(found.hits.slice(shown, shown + PAGE));
    const items = next.map((card) => result(card, marked));
    list.append(...items);
    shown += PAGE;
    more.hidden = found.hits.length <= shown;
    items[0]?.querySelector("a")?.focus();
  };
  for (const word of found.unknown.slice(0, 1)) {
    const near = await nearest(search.index, word);
    if (!near || run !== latest) continue;
    const better = question.q.toLowerCase().split(/(\s+)/u).map((part) => (words(part).includes(word) ? near : part)).join("");
    const link = element("a", { href: address([["q", better]]) }, near);
    status.append(" ", ...filled(said.did_you_mean, { word: link }));
  }
}

/** What is shown of hits, in their order. @param {import("./query.js").Hit[]} hits */
async function cards(hits) {
  const volumes = [...new Set(hits.map((hit) => hit.volume))];
  const found = await Promise.all(
    volumes.map(async (volume) => {
      const own = hits.filter((hit) => hit.volume === volume);
      const read = await volume.cards(own.map((hit) => hit.story));
      return own.map((hit, at) => /** @type {[import("./query.js").Hit, any[]]} */ ([hit, read[at]]));
    }),
  );
  const of = new Map(found.flat());
  return hits.map((hit) => of.get(hit) ?? []);
}

/** One result. @param {any[]} card @param {Set<string>} marked */
function result([title, permalink, day, section, byline, standfirst, lang, text], marked) {
  const href = said.path.replace(/\/$/u, "") + permalink;
  const about = element("p", { class: "about" }, element("time", { datetime: day }, days.format(new Date(`${day}T00:00:00Z`))));
  for (const what of [section, byline]) if (what) about.append(" · ", element("span", { dir: "auto" }, what));
  const language = { lang, dir: "auto" };
  return element(
    "li", {},
    element("h2", language, element("a", { href }, ...mark(title, marked))),
    about,
    element("p", language, ...mark(excerpt(text, standfirst, marked), marked)),
  );
}

/** Whether a piece of text is a word that was asked for. @param {string} piece @param {Set<string>} marked */
const isMarked = (piece, marked) => words(piece).some((word) => word && marked.has(word));

/** Some forty words of a text around those that were asked for. @param {string} text @param {string} standfirst @param {Set<string>} marked */
function excerpt(text, standfirst, marked) {
  const [SIZE, BEFORE] = [40, 8];
  const all = text.split(/\s+/u);
  const unspaced = all.length < text.length / 30;
  if (unspaced) return standfirst || text.slice(0, 160);
  const hits = all.flatMap((piece, at) => (isMarked(piece, marked) ? [at] : []));
  if (!hits.length && standfirst) return standfirst;
  let [best, most] = [hits[0] ?? 0, 0];
  hits.forEach((at, i) => {
    const distinct = new Set();
    for (let j = i; j < hits.length && hits[j] < at + SIZE - BEFORE; j++) distinct.add(words(all[hits[j]]).join(" "));
    if (distinct.size > most) [best, most] = [at, distinct.size];
  });
  const start = Math.max(0, best - BEFORE);
  const end = Math.min(all.length, start + SIZE);
  return (start ? "… " : "") + all.slice(start, end).join(" ") + (end < all.length ? " …" : "");
}

/** A text with the words that were asked for marked. @param {string} text @param {Set<string>} marked */
function mark(text, marked) {
  return text.split(/(\s+)/u).map((piece) => (isMarked(piece, marked) ? element("mark", {}, piece) : piece));
}

/** How many hits each year has, as bars that lead to that year. @param {Map<number, number>} found @param {ReturnType<asked>} question */
function bars(found, question) {
  const all = said.years.filter((/** @type {number} */ year) => found.has(year));
  const most = Math.max(1, ...found.values());
  chart.hidden = said.years.length < 2 || !all.length;
  chart.replaceChildren(
    ...said.years.map((/** @type {number} */ year) => {
      const count = found.get(year) ?? 0;
      const only = question.from === year && question.to === year;
      const href = address(only ? [["from", ""], ["to", ""]] : [["from", String(year)], ["to", String(year)]]);
      const label = `${years.format(year)}: ${numbers.format(Math.round(count))}`;
      const bar = element(count ? "a" : "span", { title: label, ...(count ? { href, "aria-label": label } : {}), ...(only ? { "aria-current": "true" } : {}) });
      bar.style.setProperty("--level", String(count / most));
      return element("li", {}, bar, element("small", { "aria-hidden": "true" }, years.format(year)));
    }),
  );
}

/** What results can be narrowed to, with counts. @param {Search} search @param {import("./query.js").Answer} found @param {number} run */
async function facets(search, found, run) {
  for (const select of /** @type {NodeListOf<HTMLSelectElement>} */ (form.querySelectorAll("select[data-facet]"))) {
    const key = select.dataset.facet ?? "";
    const counted = await search.facets(key, found);
    if (run !== latest) return;
    const chosen = select.value;
    const options = counted.map(({ facet, name, count }) => new Option(`${name} (${numbers.format(count)})`, facet.slice(key.length + 1)));
    if (chosen && !options.some((option) => option.value === chosen)) options.unshift(new Option(chosen, chosen));
    select.replaceChildren(new Option(said.any, ""), ...options);
    select.value = chosen;
    /** @type {HTMLElement} */ (select.closest("label")).hidden = options.length < 2 && !chosen;
  }
}

/** Goes to an address of this page. @param {string} to @param {boolean} keep Whether it takes the place of the one before. */
function go(to, keep) {
  if (to === location.pathname + location.search) return;
  history[keep ? "replaceState" : "pushState"](null, "", to);
  answer();
}

let typing = 0;
let typed = false;
box.addEventListener("input", () => {
  clearTimeout(typing);
  typing = window.setTimeout(() => {
    go(address(), typed);
    typed = true;
  }, REST);
});
form.addEventListener("change", (event) => {
  if (event.target !== box) go(address(), false);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(typing);
  typed = false;
  go(address(), false);
});
document.addEventListener("click", (event) => {
  const link = /** @type {Element} */ (event.target).closest?.("#search-years a, #search-status a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  history.pushState(null, "", link.getAttribute("href") ?? "");
  fill();
  answer();
});
narrow.addEventListener("toggle", () => narrow.open && answer());
window.addEventListener("popstate", () => {
  fill();
  answer();
});
document.addEventListener("keydown", (event) => {
  const writing = /** @type {Element} */ (event.target).matches?.("input, select, textarea");
  if (event.key === "/" && !writing && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    box.select();
  }
});
box.addEventListener("focus", () => void open().catch(() => {}), { once: true });

fill();
if (!box.value) box.focus();
answer();
