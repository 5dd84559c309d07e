// The search page: what a reader types becomes an address, and an address becomes results.

import { Index, Search, nearest, parse, words } from "./search.js";

const PAGE = 10;
/** How long typing must rest, in milliseconds. */
const REST = 200;

const byId = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
const said = JSON.parse(byId("search-words").textContent);
/** @type {HTMLFormElement} */
const form = byId("search");
/** @type {HTMLInputElement} */
const box = form.q;
/** @type {HTMLElement} */
const status = byId("search-status");
/** @type {HTMLOListElement} */
const list = byId("search-results");
/** @type {HTMLOListElement} */
const chart = byId("search-years");
/** @type {HTMLButtonElement} */
const more = byId("search-more");
/** @type {HTMLDetailsElement} */
const narrow = byId("search-narrow");

const locale = `${said.language}-u-ca-gregory-nu-latn`;
/** Says things in the digits of the site's pages. @param {{format: (what: any) => string}} format */
const shaped = (format) => (/** @type {any} */ what) => format.format(what).replace(/\d/gu, (digit) => [...said.digits][+digit]);
const numbers = shaped(new Intl.NumberFormat(locale));
const years = shaped(new Intl.NumberFormat(locale, { useGrouping: false }));
const days = shaped(new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" }));

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

/** What the address asks for. */
function asked() {
  const parameters = new URLSearchParams(location.search);
  const year = (/** @type {string} */ name, /** @type {number} */ otherwise) => Number(parameters.get(name)) || otherwise;
  const order = parameters.get("sort") ?? "";
  return {
    q: parameters.get("q") ?? "",
    order: ["newest", "oldest"].includes(order) ? order : "relevance",
    from: year("from", -Infinity),
    to: year("to", Infinity),
    facets: [...parameters].filter(([key, term]) => key.startsWith("f-") && term).slice(0, 16).map(([key, term]) => `${key.slice(2)}/${term}`),
  };
}

/** The address of what the form says, but for what is given. @param {Record<string, string>} [other] */
function address(other) {
  const all = Object.entries({ ...Object.fromEntries(new FormData(form)), ...other });
  const said = all.filter(([key, value]) => value && !(key === "sort" && value === "relevance"));
  const text = String(new URLSearchParams(/** @type {[string, string][]} */ (said)));
  return location.pathname + (text && `?${text}`);
}

/** Puts what the address asks for into the form. */
function fill() {
  const { order, facets } = asked();
  const parameters = new URLSearchParams(location.search);
  for (const field of /** @type {NodeListOf<any>} */ (form.querySelectorAll("[name]"))) {
    const value = parameters.get(field.name) ?? "";
    if (field.type === "radio") field.checked = field.value === order;
    else field.value = value;
    // A term that nothing was counted for yet is no option so far.
    if (field.selectedIndex < 0) field.dataset.facet ? field.add(new Option(value, value, true, true)) : (field.value = "");
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
    const again = (/** @type {number} */ budget) => search.run(query, { ...how, budget });
    await show(search, found, question, run, again);
    if (run === latest && narrow.open) await facets(search, found, run);
  } catch (error) {
    if (run !== latest) return;
    clear();
    tell(error);
  } finally {
    if (run === latest) status.removeAttribute("aria-busy");
  }
}

/** Says what went wrong. @param {any} error */
function tell(error) {
  status.textContent = said[error.kind] ?? said.damaged;
  console.warn(error);
}

function clear() {
  status.removeAttribute("aria-busy");
  list.replaceChildren();
  chart.replaceChildren();
  chart.hidden = more.hidden = true;
}

/** @param {Search} search @param {import("./search.js").Answer} found @param {ReturnType<asked>} question @param {number} run
 * @param {(budget: number) => Promise<import("./search.js").Answer>} again Asks once more, and reads so many times as much.
 */
async function show(search, found, question, run, again) {
  const marked = new Set(found.words);
  const shown = new Set();
  const left = () => found.hits.filter(({ number }) => !shown.has(number)).slice(0, PAGE);
  let budget = 1;
  const further = async () => {
    while (!left().length && found.rest) found = await again((budget *= 10));
    const hits = left();
    const cards = await Promise.all(hits.map(({ volume, story, level }) => volume.card(story, level())));
    // Who asks twice gets them once.
    if (run !== latest || hits.some(({ number }) => shown.has(number))) return;
    const items = cards.map((card) => result(card, marked));
    list[shown.size ? "append" : "replaceChildren"](...items);
    if (shown.size) items[0]?.querySelector("a")?.focus();
    for (const { number } of hits) shown.add(number);
    more.hidden = !left().length && !found.rest;
  };
  more.onclick = () => further().catch(tell);
  await further();
  if (run !== latest) return;
  const told = found.exact ? said.found : said.about;
  status.textContent = (found.hits.length ? told : said.none).replace("{count}", numbers(found.count));
  bars(found, question);
  const [word] = found.unknown;
  const near = word && (await nearest(search.index, word));
  if (!near || run !== latest) return;
  const better = question.q.split(/([\s"]+)/u).map((part) => (words(part).includes(word) ? near : part)).join("");
  const [before, after] = said.did_you_mean.split("{word}");
  status.append(" ", before, element("a", { href: address({ q: better }) }, near), after);
}

/** One result. @param {any[]} card @param {Set<string>} marked */
function result([title, permalink, day, section, byline, standfirst, lang, text], marked) {
  const href = said.path.replace(/\/$/u, "") + permalink;
  const about = element("p", { class: "about" }, element("time", { datetime: day }, days(new Date(`${day}T00:00:00Z`))));
  for (const what of [section, byline]) if (what) about.append(" · ", element("span", { dir: "auto" }, what));
  const language = { lang, dir: said.rtl.includes(lang) ? "rtl" : "ltr" };
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
  // A script without blanks.
  if (all.length < text.length / 30) return standfirst || text.slice(0, 160);
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

/** A count, marked if it is estimated. @param {number} count @param {boolean} exact */
const counted = (count, exact) => (exact ? "" : "≈ ") + numbers(Math.round(count));

/** How many hits each year has, as bars that lead to that year. @param {import("./search.js").Answer} found @param {ReturnType<asked>} question */
function bars(found, question) {
  const most = Math.max(1, ...found.years.values());
  chart.hidden = said.years.length < 2 || !found.years.size;
  chart.replaceChildren(
    ...said.years.map((/** @type {number} */ year) => {
      const count = found.years.get(year) ?? 0;
      const only = question.from === year && question.to === year;
      const href = address(only ? { from: "", to: "" } : { from: `${year}`, to: `${year}` });
      const title = `${years(year)}: ${counted(count, found.exact)}`;
      const bar = element(count ? "a" : "span", { title, ...(count && { href }), ...(only && { "aria-current": "true" }) });
      bar.style.setProperty("--level", String(count / most));
      return element("li", {}, bar, element("small", { "aria-hidden": "true" }, years(year)));
    }),
  );
}

/** What results can be narrowed to, with counts. @param {Search} search @param {import("./search.js").Answer} found @param {number} run */
async function facets(search, found, run) {
  for (const select of /** @type {NodeListOf<HTMLSelectElement>} */ (form.querySelectorAll("select[data-facet]"))) {
    const key = select.dataset.facet ?? "";
    const terms = await search.facets(key, found);
    if (run !== latest) return;
    const chosen = select.value;
    const options = terms.map(({ facet, name, count, exact }) => new Option(`${name} (${counted(count, exact)})`, facet.slice(key.length + 1)));
    if (chosen && !options.some((option) => option.value === chosen)) options.unshift(new Option(chosen, chosen));
    select.replaceChildren(new Option(said.any, ""), ...options);
    select.value = chosen;
    /** @type {HTMLElement} */ (select.closest("label")).hidden = options.length < 2 && !chosen;
  }
}

/** Goes to an address of this page, if need be, and answers. @param {string} to @param {boolean} [keep] Whether it takes the place of the one before. */
function go(to, keep) {
  if (to !== location.pathname + location.search) history[keep ? "replaceState" : "pushState"](null, "", to);
  answer();
}

/** @type {any} */
let typing;
let typed = false;
box.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => {
    go(address(), typed);
    typed = true;
  }, REST);
});
form.addEventListener("change", (event) => {
  if (event.target !== box) go(address());
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(typing);
  typed = false;
  go(address());
});
document.addEventListener("click", (event) => {
  const link = /** @type {Element} */ (event.target).closest?.("#search-years a, #search-status a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(link.getAttribute("href") ?? "");
  fill();
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
    box.focus();
    box.select();
  }
});
box.addEventListener("focus", () => void open().catch(() => {}), { once: true });

fill();
if (!box.value) box.focus();
answer();
