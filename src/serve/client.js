// Loads the page again when the site changed, exchanges style sheets, and shows what is wrong. `dateline serve` alone adds it to pages.
{
  const own = document.currentScript.dataset.version;
  const kept = "dateline-scroll";

  // A page that is loaded again is where it was, also where the browser doesn't see to that.
  const there = JSON.parse(sessionStorage.getItem(kept) ?? "null");
  sessionStorage.removeItem(kept);
  if (there?.path === location.pathname) addEventListener("load", () => scrollTo({ left: there.x, top: there.y, behavior: "instant" }));

  const again = () => {
    sessionStorage.setItem(kept, JSON.stringify({ path: location.pathname, x: scrollX, y: scrollY }));
    location.reload();
  };

  const exchange = (address) => {
    for (const link of document.querySelectorAll("link[rel~=stylesheet]")) {
      if (new URL(link.href).pathname !== address) continue;
      const next = link.cloneNode();
      next.href = `${address}?${Date.now()}`;
      // The old one stays until the new one is there, so that nothing flashes.
      next.addEventListener("load", () => link.remove());
      link.after(next);
    }
  };

  const element = (name, about = {}, ...children) => {
    const made = Object.assign(document.createElement(name), about);
    made.append(...children);
    return made;
  };

  // Made as an object, since a page's policy may refuse a style element.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { all: initial; color-scheme: dark; font: 14px/1.5 system-ui, sans-serif }
    * { box-sizing: border-box }
    section { position: fixed; inset: auto 0 0 0; z-index: 2147483647; display: flex; flex-direction: column; max-height: 60vh;
      background: #18181b; color: #e4e4e7; border-top: 3px solid #e5484d; box-shadow: 0 -8px 32px #0006;
      overflow-wrap: anywhere }
    section.mild { border-color: #e8b339 }
    section.all { inset: 0; max-height: none }
    header, .list { padding-inline: max(1rem, calc(50vw - 28rem)) }
    header { display: flex; align-items: center; justify-content: space-between; gap: 1rem; padding-block: .75rem; border-bottom: 1px solid #3f3f46 }
    h2 { margin: 0; font-size: 16px; line-height: 1.3; font-weight: 650 }
    .list { overflow: auto; padding-block: .25rem 1rem }
    .list:focus-visible, pre:focus-visible, button:focus-visible { outline: 2px solid #7cc4ff; outline-offset: -2px }
    article { padding-block: .9rem } article + article { border-top: 1px solid #2e2e33 }
    h3 { margin: 0; font-size: 15px; line-height: 1.4; font-weight: 600 }
    b { font-weight: 600; margin-inline-end: .5em } .error b { color: #ff9592 } .warning b { color: #ffd27a }
    p { margin: .2rem 0 0; color: #b4b4bb } .place, pre, code { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 13px }
    pre { margin: .5rem 0; padding: .55rem .75rem; overflow-x: auto; border-radius: 6px; background: #09090b; color: #e4e4e7; line-height: 1.6 }
    pre i { color: #8e8e96; font-style: normal; user-select: none }
    mark { background: none; color: #ff9592; text-decoration: underline wavy; text-underline-offset: 4px } .warning mark { color: #ffd27a }
    .help { color: #9fe0b0 } code { padding: .05em .35em; border-radius: 4px; background: #09090b }
    button { flex: none; min-height: 32px; padding: .25rem .9rem; border: 1px solid #71717a; border-radius: 6px; background: #27272a;
      color: inherit; font: inherit; cursor: pointer }
    button:hover { background: #3f3f46 }
    button.few { position: fixed; inset: auto auto 1rem 1rem; z-index: 2147483647; background: #18181b; color: #ff9592; box-shadow: 0 2px 12px #0006 }
    button.few.mild { color: #ffd27a }
    @media print { :host { display: none } }`);

  // What stands between backticks is code.
  const words = (text) => text.split(/`([^`]+)`/).map((part, at) => (at % 2 ? element("code", {}, part) : part));

  const one = (wrong) => {
    const made = element("article", { className: wrong.severity });
    const place = [wrong.file, wrong.line, wrong.column].filter((part) => part != null).join(":");
    made.append(element("h3", {}, element("b", {}, wrong.severity === "error" ? "Error" : "Warning"), ...words(wrong.message)));
    made.append(element("p", { className: "place" }, `${place} · ${wrong.code}`));
    if (wrong.text) {
      const signs = [...wrong.text];
      const [from, until] = [wrong.from, wrong.from + wrong.width];
      const marked = element("mark", {}, signs.slice(from, until).join(""));
      const number = element("i", { ariaHidden: "true" }, `${wrong.line}  `);
      // Long lines are scrolled, also without a mouse.
      const about = { tabIndex: 0, role: "group", ariaLabel: `Line ${wrong.line}` };
      made.append(element("pre", about, number, signs.slice(0, from).join(""), marked, signs.slice(until).join("")));
    }
    if (wrong.help) made.append(element("p", { className: "help" }, ...words(wrong.help)));
    return made;
  };

  const host = element("div");
  const room = host.attachShadow({ mode: "open" });
  room.adoptedStyleSheets = [sheet];
  const failed = document.getElementById("dateline-wrong");

  const count = (number, what) => (number ? [`${number} ${what}${number === 1 ? "" : "s"}`] : []);
  // What was hidden stays so until something else is wrong, also when the page is loaded again.
  const unseen = "dateline-hidden";
  let last;

  const show = ({ errors, warnings, shown }, whole = false) => {
    const told = JSON.stringify([errors, warnings, shown]);
    if (told === last) return;
    last = told;
    const total = [...count(errors, "error"), ...count(warnings, "warning")].join(", ");
    if (!total) return host.remove();
    const mild = errors || whole ? "" : " mild";
    const title = whole ? "This page can’t be made" : total;
    const head = element("header", {}, element("h2", { id: "title" }, title));
    const list = element("div", { className: "list", tabIndex: 0, role: "group", ariaLabel: "What is wrong" }, ...shown.map(one));
    const all = element("section", { className: (whole ? "all" : "") + mild, role: "region", ariaLabel: `Dateline: ${total}` }, head, list);
    if (errors + warnings > shown.length) list.append(element("p", {}, "The terminal tells the others."));
    const fewer = element("button", { className: `few${mild}` }, total);
    const close = element("button", {}, "Hide");
    const put = (what, focus) => {
      room.replaceChildren(what);
      focus?.focus();
    };
    const hide = () => {
      sessionStorage.setItem(unseen, told);
      put(fewer, fewer);
    };
    close.addEventListener("click", hide);
    fewer.addEventListener("click", () => {
      sessionStorage.removeItem(unseen);
      put(all, close);
    });
    if (!whole) {
      head.append(close);
      all.addEventListener("keydown", (event) => event.key === "Escape" && hide());
    }
    put(whole || (errors && sessionStorage.getItem(unseen) !== told) ? all : fewer);
    document.documentElement.append(host);
    // Said aloud, too, where a screen is read.
    all.setAttribute("aria-live", "polite");
  };

  if (failed) show(JSON.parse(failed.textContent), true);

  let events;
  const listen = () => {
    events?.close();
    events = new EventSource("/.dateline/events");
    events.addEventListener("state", (event) => {
      const { version, wrong } = JSON.parse(event.data);
      if (version !== own) again();
      else if (!failed && wrong) show(wrong);
    });
    events.addEventListener("style", (event) => exchange(JSON.parse(event.data).address));
  };
  // Browsers have six connections for a host, so a page that nobody looks at lets go of its own: a seventh would wait for ever.
  const attend = () => (document.hidden ? events?.close() : listen());
  document.addEventListener("visibilitychange", attend);
  addEventListener("pagehide", () => events?.close());
  addEventListener("pageshow", (event) => event.persisted && again());
  attend();
}
