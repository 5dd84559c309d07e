// The search page: its form determines the URL, and the URL determines the results.

import { Index, countFacets, findSimilar, parse, search, tokenize } from "./search.js";

/** The number of results that are shown at once. */
const PAGE_SIZE = 10;

/** @typedef {import("./search.js").SearchResult} SearchResult */
/** @typedef {ReturnType<readUrl>} Request */

const byId = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
/** Settings of the site, and messages. */
const data = JSON.parse(byId("search-words").textContent);
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
const filter = byId("search-narrow");

const locale = `${data.language}-u-ca-gregory-nu-latn`;
/**
 * Formats values with the digits of the site's other pages.
 * @param {{format: (value: any) => string}} formatter
 */
const withDigits = (formatter) => (/** @type {any} */ value) =>
  formatter.format(value).replace(/\d/gu, (digit) => [...data.digits][+digit]);
const formatNumber = withDigits(new Intl.NumberFormat(locale));
const formatYear = withDigits({ format: String });
const formatDay = withDigits(
  new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" })
);

/** @type {Promise<Index> | undefined} */
let opened;
/** The number of the latest query. Results of earlier ones aren't shown. */
let latest = 0;

/** Opens the index once, and again after a failure. */
function open() {
  opened ??= Index.open(new URL(data.folder, location.href));
  opened.catch(() => (opened = undefined));
  return opened;
}

/**
 * Creates an element with attributes and children.
 * @param {string} name
 * @param {Record<string, string>} [attributes]
 * @param {...(Node | string)} children
 */
function element(name, attributes = {}, ...children) {
  const created = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) created.setAttribute(key, value);
  created.append(...children);
  return created;
}

/** Reads the query and the options from the URL. */
function readUrl() {
  const parameters = new URLSearchParams(location.search);
  const order = parameters.get("sort") ?? "";
  return {
    parameters,
    q: parameters.get("q") ?? "",
    order: ["newest", "oldest"].includes(order) ? order : "relevance",
    from: Number(parameters.get("from")) || -Infinity,
    to: Number(parameters.get("to")) || Infinity,
    filters: [...parameters]
      .filter(([key, term]) => key.startsWith("f-") && term)
      .slice(0, 16)
      .map(([key, term]) => [`${key.slice(2)}/${term}`])
  };
}

/**
 * Returns the URL for the form's contents.
 * @param {Record<string, string>} [changes] Other contents of some fields.
 */
function formUrl(changes) {
  /** @type {Record<string, any>} */
  const fields = { ...Object.fromEntries(new FormData(form)), ...changes };
  if (fields.sort === "relevance") fields.sort = "";
  const query = new URLSearchParams(Object.entries(fields).filter(([, value]) => value));
  return `${location.pathname}?${query}`.replace(/\?$/u, "");
}

/** Fills the form from the URL. */
function fillForm() {
  const { parameters, order, filters } = readUrl();
  for (const field of /** @type {NodeListOf<any>} */ (form.querySelectorAll("[name]"))) {
    const value = parameters.get(field.name) ?? "";
    if (field.type === "radio") field.checked = field.value === order;
    else field.value = value;
    if (field.selectedIndex < 0) {
      // Terms become options only when they are counted.
      if (field.dataset.facet) field.add(new Option(value, value, true, true));
      else field.value = "";
    }
  }
  if (filters.length) filter.open = true;
}

/**
 * Runs the query of the URL, and shows its results. If the site was published in the meantime, runs
 * it again.
 * @param {boolean} [isRepeated]
 */
async function run(isRepeated = false) {
  const number = ++latest;
  const request = readUrl();
  const query = parse(request.q, typed);
  if (!query.required.length) {
    clear();
    status.textContent = request.q.trim() ? data.none : "";
    return;
  }
  status.setAttribute("aria-busy", "true");
  try {
    const index = await open();
    const result = await search(index, query, request);
    if (number !== latest) return;
    await show(index, query, request, result, number);
    if (number === latest && filter.open) await showFacets(index, result, number);
  } catch (error) {
    if (number !== latest) return;
    const index = isRepeated ? undefined : await opened?.catch(() => undefined);
    if (await index?.reload().catch(() => false)) return run(true);
    if (number !== latest) return;
    clear();
    report(error);
  } finally {
    if (number === latest) status.removeAttribute("aria-busy");
  }
}

/**
 * Shows the message for an error.
 * @param {any} error
 */
function report(error) {
  status.textContent = data[error.cause] ?? data.damaged;
  console.warn(error);
}

/** Removes all results. */
function clear() {
  status.removeAttribute("aria-busy");
  list.replaceChildren();
  chart.replaceChildren();
  chart.hidden = more.hidden = true;
}

/**
 * Shows the first results, their number, the bar chart and a suggestion.
 * @param {Index} index
 * @param {ReturnType<parse>} query
 * @param {Request} request
 * @param {SearchResult} result
 * @param {number} number The number of the query.
 */
async function show(index, query, request, result, number) {
  const marked = result.articleCounts;
  const shown = new Set();
  const next = () => result.hits.filter((hit) => !shown.has(hit.number)).slice(0, PAGE_SIZE);
  let budget = 1;
  const showNext = async () => {
    while (!next().length && result.hasMore) {
      budget *= 10;
      result = await search(index, query, { ...request, budget });
    }
    const hits = next();
    const articles = await Promise.all(
      hits.map(({ segment, article, fieldNorm }) => segment.storedFields(article, fieldNorm()))
    );
    // A second click may have shown them meanwhile.
    if (number !== latest || hits.some((hit) => shown.has(hit.number))) return;
    const items = articles.map((fields, at) => resultItem(fields, marked, hits[at].missing));
    list[shown.size ? "append" : "replaceChildren"](...items);
    if (shown.size) items[0]?.querySelector("a")?.focus();
    for (const hit of hits) shown.add(hit.number);
    more.hidden = !next().length && !result.hasMore;
  };
  more.onclick = () => showNext().catch(report);
  await showNext();
  if (number !== latest) return;
  const message = result.exact ? data.found : result.isPartial ? data.most : data.about;
  const text = result.hits.length ? message : data.none;
  status.textContent = text.replace("{count}", formatNumber(result.count));
  if (result.otherForms.length) {
    const words = result.otherForms.slice(0, 8).join(", ");
    const q = request.q.replace(/[^\s"]+(?=(?:[^"]*"[^"]*")*[^"]*$)/gu, quote);
    const exact = element("a", { href: formUrl({ q }) }, data.exact);
    status.append(" ", data.also.replace("{words}", words), " ", exact);
  }
  showYears(result, request);
  await suggest(index, query, request, result, number);
}

/**
 * Suggests a similar word, if it occurs in many more articles and leads to more results.
 * @param {Index} index
 * @param {ReturnType<parse>} query
 * @param {Request} request
 * @param {SearchResult} result
 * @param {number} number The number of the query.
 */
async function suggest(index, query, request, result, number) {
  const rare = query.required.flat().filter(({ words, forms }) => forms && words[0].length > 3);
  const rareWords = result.count < 5 ? rare.map(({ words }) => words[0]) : [];
  for (const word of new Set([...result.unknownWords, ...rareWords])) {
    const similar = await findSimilar(index, word, result.articleCounts.get(word));
    if (!similar) continue;
    const q = request.q
      .split(/([\s"]+)/u)
      .map((part) => (tokenize(part).flat().includes(word) ? similar : part))
      .join("");
    const better = await search(index, parse(q), request);
    if (number !== latest) return;
    if (better.isPartial || (better.count <= result.count && !result.isPartial)) continue;
    const [before, after] = data.did_you_mean.split("{word}");
    status.append(" ", before, element("a", { href: formUrl({ q }) }, similar), after);
    return;
  }
}

/**
 * Quotes a word of a query, so that only articles with this form are found.
 * @param {string} part
 */
const quote = (part) => (/^(?:-|OR$)|[*]$/u.test(part) ? part : `"${part}"`);

/**
 * Creates the list item of a result from its stored fields.
 * @param {any[]} fields
 * @param {Map<string, number>} marked The words of the query.
 * @param {string[]} [missing] The words that the article doesn't contain.
 */
function resultItem(fields, marked, missing = []) {
  const [title, permalink, day, section, byline, standfirst, lang, text] = fields;
  const href = data.path.replace(/\/$/u, "") + permalink;
  const date = formatDay(new Date(`${day}T00:00:00Z`));
  const about = element("p", { class: "about" }, element("time", { datetime: day }, date));
  for (const name of [section, byline]) {
    if (name) about.append(" · ", element("span", { dir: "auto" }, name));
  }
  if (missing.length) {
    const words = missing.join(", ");
    about.append(" · ", element("span", { dir: "auto" }, data.missing.replace("{words}", words)));
  }
  const language = { lang, dir: data.rtl.includes(lang) ? "rtl" : "ltr" };
  return element(
    "li",
    {},
    element("h2", language, element("a", { href }, ...mark(title, marked))),
    about,
    element("p", language, ...mark(excerpt(text, standfirst, marked), marked))
  );
}

/**
 * Returns true if a word was found by the query.
 * @param {string} text
 * @param {Map<string, number>} marked The words of the query.
 */
const isMarked = (text, marked) =>
  tokenize(text)
    .flat()
    .some((word) => marked.has(word));

/**
 * Returns the 40 words of a text, from 8 words before a match, with the most different words of the
 * query.
 * @param {string} text
 * @param {string} standfirst Returned if the text has none of them, or no spaces.
 * @param {Map<string, number>} marked The words of the query.
 */
function excerpt(text, standfirst, marked) {
  const words = text.split(/\s+/u);
  if (words.length < text.length / 30) return standfirst || text.slice(0, 160);
  const matches = words.flatMap((word, at) => (isMarked(word, marked) ? [at] : []));
  if (!matches.length && standfirst) return standfirst;
  let [best, most] = [matches[0] ?? 0, 0];
  for (const first of matches) {
    const near = matches.filter((at) => at >= first && at < first + 32);
    const found = near.flatMap((at) => tokenize(words[at]).flat());
    const { size } = new Set(found.filter((word) => marked.has(word)));
    if (size > most) [best, most] = [first, size];
  }
  const start = Math.max(0, best - 8);
  const end = start + 40;
  return (start ? "… " : "") + words.slice(start, end).join(" ") + (end < words.length ? " …" : "");
}

/**
 * Marks the words of the query in a text.
 * @param {string} text
 * @param {Map<string, number>} marked The words of the query.
 */
const mark = (text, marked) =>
  text.split(/(\s+)/u).map((part) => (isMarked(part, marked) ? element("mark", {}, part) : part));

/**
 * Formats a number of results.
 * @param {number} count
 * @param {boolean} exact
 */
const formatCount = (count, exact) => (exact ? "" : "≈ ") + formatNumber(Math.round(count));

/**
 * Shows the number of results for each year, as bars with links.
 * @param {SearchResult} result
 * @param {Request} request
 */
function showYears({ years, exact }, { from, to }) {
  const most = Math.max(1, ...years.values());
  chart.hidden = data.years.length < 2 || !years.size;
  chart.replaceChildren(
    ...data.years.map((/** @type {number} */ year) => {
      const count = years.get(year) ?? 0;
      const isSelected = from === year && to === year;
      const selected = isSelected ? "" : `${year}`;
      const bar = element(count ? "a" : "span", {
        title: `${formatYear(year)}: ${formatCount(count, exact)}`,
        ...(count && { href: formUrl({ from: selected, to: selected }) }),
        ...(isSelected && { "aria-current": "true" })
      });
      bar.style.setProperty("--share", String(count / most));
      return element("li", {}, bar, element("small", { "aria-hidden": "true" }, formatYear(year)));
    })
  );
}

/**
 * Shows the terms that results can be filtered by, with their counts.
 * @param {Index} index
 * @param {SearchResult} result
 * @param {number} number The number of the query.
 */
async function showFacets(index, result, number) {
  /** @type {NodeListOf<HTMLSelectElement>} */
  const selects = form.querySelectorAll("select[data-facet]");
  for (const select of selects) {
    const key = select.dataset.facet ?? "";
    const terms = await countFacets(index, key, result);
    if (number !== latest) return;
    const { value } = select;
    const options = terms.map(
      ({ facet, name, count, exact }) =>
        new Option(`${name} (${formatCount(count, exact)})`, facet.slice(key.length + 1))
    );
    if (value && !options.some((option) => option.value === value)) {
      options.unshift(new Option(value, value));
    }
    select.replaceChildren(new Option(data.any, ""), ...options);
    select.value = value;
    const label = /** @type {HTMLElement} */ (select.closest("label"));
    label.hidden = options.length < 2 && !value;
  }
}

/**
 * Goes to a URL of this page, and runs its query.
 * @param {string} url
 * @param {boolean} [replace] True to replace the current entry of the history.
 */
function go(url, replace) {
  if (url !== location.pathname + location.search) {
    history[replace ? "replaceState" : "pushState"](null, "", url);
  }
  run();
}

/** @type {any} */
let timer;
/** True if the current entry of the history was made by typing. */
let typed = false;
box.oninput = () => {
  clearTimeout(timer);
  // Run the query once nothing was typed for 200 ms.
  timer = setTimeout(() => {
    const isTyped = typed;
    typed = true;
    go(formUrl(), isTyped);
  }, 200);
};
form.onchange = ({ target }) => {
  if (target !== box) go(formUrl());
};
form.onsubmit = (event) => {
  event.preventDefault();
  clearTimeout(timer);
  typed = false;
  go(formUrl());
};
document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  const link = target.closest?.("#search-years a, #search-status a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(link.getAttribute("href") ?? "");
  fillForm();
});
filter.ontoggle = () => filter.open && run();
// A page from the browser's cache has its results, unless it was left before they were loaded.
addEventListener("pageshow", ({ persisted }) => persisted && status.ariaBusy && run());
addEventListener("popstate", () => {
  typed = false;
  fillForm();
  run();
});
document.addEventListener("keydown", (event) => {
  const target = /** @type {Element} */ (event.target);
  const isTyping = target.matches?.("input, select, textarea");
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    box.focus();
    box.select();
  }
});
box.addEventListener("focus", () => open().catch(() => {}), { once: true });

fillForm();
if (!box.value) box.focus();
run();
