// A reader: a page in its own browser context, what it shows, and everything that went wrong on it.

import { close } from "../lib/chromium.js";
import { BASE } from "./server.js";

// In milliseconds; long, since other tests may use the machine at the same time.
export const TIMEOUT = 180_000;

/** Waits until a function returns something in the page; its policy forbids `waitForFunction`. */
export async function until(page, what, wanted, ...given) {
  const end = Date.now() + TIMEOUT;
  while (Date.now() < end) {
    // During navigation, the page can't be evaluated.
    const found = await page.evaluate(wanted, ...given).catch(() => undefined);
    if (found) return found;
    await new Promise((later) => setTimeout(later, 30));
  }
  throw new Error(`waited too long for ${what}`);
}

/** Returns the slugs of the results, in order. */
export const shownSlugs = ({ results }) => results.map(({ href }) => href.split("/").at(-2));

/** Records other hosts, dialogs, exceptions, violations of the policy and console messages. */
async function watch(page, host, seen) {
  page.on("request", (request) => {
    seen.requests.push(request.url());
    if (new URL(request.url()).origin !== host.origin)
      seen.troubles.push(`requests from another host: ${request.url()}`);
  });
  page.on("pageerror", (error) => seen.troubles.push(`exception: ${error?.message ?? error}`));
  page.on("console", (message) => {
    const line = `console, ${message.type()}: ${message.text()}`;
    if (/Content.Security.Policy/iu.test(line)) seen.troubles.push(line);
    else if (["error", "warn"].includes(message.type())) seen.warnings.push(line);
  });
  page.on("dialog", (dialog) => {
    seen.troubles.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  await page.exposeFunction("refused", (what) =>
    seen.troubles.push(`refused by the policy: ${what}`)
  );
  await page.evaluateOnNewDocument(() => {
    document.addEventListener("securitypolicyviolation", (event) =>
      window.refused(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`)
    );
  });
}

/** Creates an empty page in a new browser context. */
export async function newReader(browser, host) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  page.setDefaultTimeout(TIMEOUT);
  await page.setViewport({ width: 1280, height: 900 });
  const seen = { requests: [], troubles: [], warnings: [] };
  await watch(page, host, seen);
  return new Reader(page, host, context, seen);
}

class Reader {
  constructor(page, host, context, seen) {
    Object.assign(this, { page, host, context, seen });
  }

  url(query = "") {
    return `${this.host.origin}${BASE}search/${query}`;
  }

  /** Opens the search page, with or without a query in its URL, and returns what it shows. */
  async open(parameters = {}) {
    const query = new URLSearchParams(parameters);
    await this.page.goto(this.url(query.size ? `?${query}` : ""));
    return this.settled();
  }

  /** Replaces the query by typing, and waits until it is in the URL. */
  async begin(text) {
    await this.page.focus("#search [name=q]");
    await this.page.$eval("#search [name=q]", (box) => box.select());
    if (!text) await this.page.keyboard.press("Backspace");
    else if (text.length > 100) await this.page.keyboard.sendCharacter(text);
    else await this.page.keyboard.type(text);
    await until(this.page, "the URL of what was typed", () => {
      const { value } = document.querySelector("#search [name=q]");
      return (new URLSearchParams(location.search).get("q") ?? "") === value;
    });
  }

  /** Types a question; gives what is shown for it. */
  async ask(text) {
    await this.begin(text);
    return this.settled();
  }

  /** Waits until what is shown is the answer to what is in the box; gives it. */
  async settled() {
    await until(this.page, "an answer", () => {
      const status = document.getElementById("search-status");
      const box = document.querySelector("#search [name=q]");
      const query = new URLSearchParams(location.search).get("q") ?? "";
      // The page sets the URL and aria-busy together. A URL may be longer than the box's limit.
      return (
        query.slice(0, 1000) === box.value.slice(0, 1000) &&
        !status.hasAttribute("aria-busy") &&
        (status.textContent || !query.trim())
      );
    });
    return this.shown();
  }

  /** Does something that changes the results, such as a click, and returns what is shown then. */
  async after(act) {
    const before = this.page.url();
    await act();
    await until(this.page, "another URL", (url) => location.href !== url, before);
    return this.settled();
  }

  /** Returns everything that is shown. */
  shown() {
    return this.page.evaluate(() => {
      const one = (item) => {
        const link = item.querySelector("h2 a");
        const [heading, excerpt] = [item.querySelector("h2"), item.querySelector("p:last-child")];
        return {
          title: link.textContent,
          href: link.href,
          day: item.querySelector("time").dateTime,
          date: item.querySelector("time").textContent,
          about: [...item.querySelectorAll(".about span")].map((span) => span.textContent),
          excerpt: excerpt.textContent,
          marks: [...item.querySelectorAll("mark")].map((mark) => mark.textContent),
          elements: [
            ...new Set(
              [...item.querySelectorAll("h2 a *, p:last-child *")].map((inner) => inner.localName)
            )
          ],
          lang: heading.lang,
          excerptLang: excerpt.lang,
          direction: getComputedStyle(heading).direction,
          excerptDirection: getComputedStyle(excerpt).direction
        };
      };
      const bars = [...document.querySelectorAll("#search-years:not([hidden]) a")];
      const status = document.getElementById("search-status");
      return {
        query: document.querySelector("#search [name=q]").value,
        sort: document.querySelector("#search [name=sort]:checked")?.value,
        options: Object.fromEntries(
          [...document.querySelectorAll("#search select")].map((select) => [
            select.name,
            [...select.options].map((option) => option.text)
          ])
        ),
        chosen: Object.fromEntries(
          [...document.querySelectorAll("#search select")].map((select) => [
            select.name,
            select.value
          ])
        ),
        search: location.search,
        status: status.textContent,
        count: Number(
          /^(?:Results: |About )([\d,]+)/u.exec(status.textContent)?.[1].replaceAll(",", "") ??
            Number.NaN
        ),
        results: [...document.querySelectorAll("#search-results > li")].map(one),
        bars: bars.map((bar) => ({ label: bar.title, current: bar.getAttribute("aria-current") })),
        more: !document.getElementById("search-more").hidden
      };
    });
  }

  /** Clicks "More results" until there are no more, and returns everything that is shown. */
  async all() {
    for (let shown = await this.shown(); ; shown = await this.shown()) {
      if (!shown.more) return shown;
      const before = shown.results.length;
      await this.page.click("#search-more");
      await until(
        this.page,
        "more results",
        (length) => document.querySelectorAll("#search-results > li").length > length,
        before
      );
    }
  }

  async close() {
    await close(this.context);
  }
}
