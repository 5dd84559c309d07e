// Reading modes: keyboard only, without JavaScript, print.

/** Presses Tab until a link matches `wanted` (a regular expression); returns its URL. */
async function tabTo(page, wanted, fail) {
  for (let presses = 0; presses < 400; presses += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const element = document.activeElement;
      const box = element.getBoundingClientRect();
      return {
        url: element.getAttribute("href") ?? "",
        seen:
          getComputedStyle(element).outlineStyle !== "none" &&
          box.bottom > 0 &&
          box.top < innerHeight &&
          box.width > 0,
      };
    });
    if (at.url && !at.seen) fail(`the focus on ${at.url} can't be seen`);
    if (wanted.test(at.url)) return at.url;
  }
  throw new Error(`no Tab leads to ${wanted} on ${page.url()}`);
}

/** Navigates by keyboard to the oldest article: archive, year, month, day, article. */
export async function byKeyboard(page, site, fail) {
  await page.setViewport({ width: 1280, height: 900 });
  await page.goto(`${site.url}/`);
  const skip = await tabTo(page, /./, fail);
  if (skip !== "#content") fail(`the first Tab leads to ${skip}, not past the masthead`);
  const oldest = site.pages
    .filter((one) => one.kind === "year")
    .map((one) => one.url)
    .sort()[0];
  const steps = [
    /\/archive\/$/,
    new RegExp(`^${oldest}$`),
    /^\/\d{4}\/\d\d\/$/,
    /^\/\d{4}\/\d\d\/\d\d\/$/,
    /^\/\d{4}\/\d\d\/\d\d\/[^/]+\/$/,
  ];
  for (const step of steps) {
    const url = await tabTo(page, step, fail);
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
    if (new URL(page.url()).pathname !== encodeURI(url))
      fail(`Enter on ${url} leads to ${page.url()}`);
  }
  if (!(await page.$("article.story h1"))) fail("the way by keyboard ends at no story");
}

/** Checks that pages are complete without scripts and show nothing that needs one. */
export async function withoutScripts(page, url, fail) {
  await page.setJavaScriptEnabled(false);
  await page.goto(url);
  const found = await page.evaluate(() => ({
    headings: document.querySelectorAll("h1").length,
    words: document.querySelector("main").innerText.trim().length,
    idle: [...document.querySelectorAll("button")].some(
      (button) => !button.form?.action && button.checkVisibility(),
    ),
  }));
  await page.setJavaScriptEnabled(true);
  if (found.headings !== 1) fail(`${found.headings} first headings`);
  if (found.words < 20) fail("there is nothing to read without scripts");
  if (found.idle) fail("a button that does nothing is shown without scripts");
}

/** Checks that the reaction bar stores a choice and removes it again. */
export async function reactions(page, url, fail) {
  await page.goto(url);
  const pressed = () =>
    page.$$eval(".reactions [aria-pressed=true]", (all) => all.map((button) => button.value));
  const first = await page.$(".reactions button");
  if (!first) return;
  await first.click();
  await page.reload();
  if ((await pressed()).length !== 1) fail("a reaction isn't remembered");
  await (await page.$(".reactions button")).click();
  if ((await pressed()).length !== 0) fail("a reaction can't be taken back");
}

/** Checks print: the article, its source, no controls. */
export async function onPaper(page, url, fail) {
  await page.setViewport({ width: 794, height: 1123 });
  await page.goto(url);
  await page.emulateMediaType("print");
  const shown = await page.$$eval("nav, form, .skip, .colophon", (all) =>
    all.filter((one) => one.checkVisibility()).map((one) => one.className || one.tagName),
  );
  if (shown.length > 0) fail(`printed: ${shown}`);
  const origin = await page.$eval(
    "link[rel=canonical]",
    (link) => getComputedStyle(link, "::after").content,
  );
  if (!origin.includes("http")) fail("the clipping doesn't say where it was cut from");
  const wide = await page.evaluate(() => document.scrollingElement.scrollWidth > innerWidth);
  if (wide) fail("wider than the paper");
  const paper = Buffer.from(await page.pdf({ format: "A4" })).toString("latin1");
  const leaves = paper.match(/\/Type\s*\/Page\b(?!s)/g)?.length ?? 0;
  if (leaves < 1 || leaves > 6) fail(`${leaves} leaves of paper`);
  await page.emulateMediaType(null);
}
