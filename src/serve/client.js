// Reloads the page when the site has changed, replaces changed style sheets, and shows errors and
// warnings. Only `dateline serve` adds this script to pages.
{
  const { version } = document.currentScript.dataset;

  // A reloaded page keeps its scroll position, even where the browser doesn't restore it.
  const SCROLL_KEY = "dateline-scroll";
  const saved = JSON.parse(sessionStorage.getItem(SCROLL_KEY) ?? "null");
  sessionStorage.removeItem(SCROLL_KEY);
  if (saved?.path === location.pathname) {
    addEventListener("load", () => scrollTo({ left: saved.x, top: saved.y, behavior: "instant" }));
  }

  const reload = () => {
    const position = { path: location.pathname, x: scrollX, y: scrollY };
    sessionStorage.setItem(SCROLL_KEY, JSON.stringify(position));
    location.reload();
  };

  const replaceStyleSheet = (path) => {
    for (const link of document.querySelectorAll("link[rel~=stylesheet]")) {
      if (new URL(link.href).pathname !== path) continue;
      const next = link.cloneNode();
      next.href = `${path}?${Date.now()}`;
      // The old one stays until the new one is loaded, so that the page doesn't flash.
      next.addEventListener("load", () => link.remove());
      link.after(next);
    }
  };

  const element = (name, properties = {}, ...children) => {
    const created = Object.assign(document.createElement(name), properties);
    created.append(...children);
    return created;
  };

  // An object, since a page's policy may forbid style elements.
  const styleSheet = new CSSStyleSheet();
  styleSheet.replaceSync(`
    :host { all: initial; color-scheme: dark; font: 14px/1.5 system-ui, sans-serif }
    * { box-sizing: border-box }
    section {
      position: fixed; inset: auto 0 0 0; z-index: 2147483647;
      display: flex; flex-direction: column; max-height: 60vh;
      background: #18181b; color: #e4e4e7;
      border-top: 3px solid #e5484d; box-shadow: 0 -8px 32px #0006;
      overflow-wrap: anywhere
    }
    section.mild { border-color: #e8b339 }
    section.all { inset: 0; max-height: none }
    header, .list { padding-inline: max(1rem, calc(50vw - 28rem)) }
    header {
      display: flex; align-items: center; justify-content: space-between; gap: 1rem;
      padding-block: .75rem; border-bottom: 1px solid #3f3f46
    }
    h2 { margin: 0; font-size: 16px; line-height: 1.3; font-weight: 650 }
    .list { overflow: auto; padding-block: .25rem 1rem }
    .list:focus-visible, pre:focus-visible, button:focus-visible {
      outline: 2px solid #7cc4ff; outline-offset: -2px
    }
    article { padding-block: .9rem }
    article + article { border-top: 1px solid #2e2e33 }
    h3 { margin: 0; font-size: 15px; line-height: 1.4; font-weight: 600 }
    b { font-weight: 600; margin-inline-end: .5em }
    .error b { color: #ff9592 }
    .warning b { color: #ffd27a }
    p { margin: .2rem 0 0; color: #b4b4bb }
    .location, pre, code { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 13px }
    pre {
      margin: .5rem 0; padding: .55rem .75rem; overflow-x: auto; border-radius: 6px;
      background: #09090b; color: #e4e4e7; line-height: 1.6
    }
    pre i { color: #8e8e96; font-style: normal; user-select: none }
    mark {
      background: none; color: #ff9592;
      text-decoration: underline wavy; text-underline-offset: 4px
    }
    .warning mark { color: #ffd27a }
    .help { color: #9fe0b0 }
    code { padding: .05em .35em; border-radius: 4px; background: #09090b }
    button {
      flex: none; min-height: 32px; padding: .25rem .9rem;
      border: 1px solid #71717a; border-radius: 6px; background: #27272a;
      color: inherit; font: inherit; cursor: pointer
    }
    button:hover { background: #3f3f46 }
    button.few {
      position: fixed; inset: auto auto 1rem 1rem; z-index: 2147483647;
      background: #18181b; color: #ff9592; box-shadow: 0 2px 12px #0006
    }
    button.few.mild { color: #ffd27a }
    @media print { :host { display: none } }`);

  // Text between backticks is code.
  const withCode = (text) =>
    text.split(/`([^`]+)`/).map((part, at) => (at % 2 ? element("code", {}, part) : part));

  // The line of the file, with the wrong part marked. Long lines can be scrolled with the keyboard.
  const sourceLine = ({ text, line, from, width }) => {
    const characters = [...text];
    const slice = (start, end) => characters.slice(start, end).join("");
    return element(
      "pre",
      { tabIndex: 0, role: "group", ariaLabel: `Line ${line}` },
      element("i", { ariaHidden: "true" }, `${line}  `),
      slice(0, from),
      element("mark", {}, slice(from, from + width)),
      slice(from + width),
    );
  };

  const diagnosticItem = (diagnostic) => {
    const { severity, code, message, file, line, column, text, help } = diagnostic;
    const item = element("article", { className: severity });
    const label = element("b", {}, severity === "error" ? "Error" : "Warning");
    const location = [file, line, column].filter((part) => part != null).join(":");
    item.append(element("h3", {}, label, ...withCode(message)));
    item.append(element("p", { className: "location" }, `${location} · ${code}`));
    if (text) item.append(sourceLine(diagnostic));
    if (help) item.append(element("p", { className: "help" }, ...withCode(help)));
    return item;
  };

  const host = element("div");
  const overlay = host.attachShadow({ mode: "open" });
  overlay.adoptedStyleSheets = [styleSheet];
  const replaceContent = (content, focused) => {
    overlay.replaceChildren(content);
    focused?.focus();
  };

  const count = (number, noun) => (number ? [`${number} ${noun}${number === 1 ? "" : "s"}`] : []);
  // What was hidden stays hidden until there are other diagnostics, also after a reload.
  const HIDDEN_KEY = "dateline-hidden";
  let last;

  const show = ({ errors, warnings, shown }, isErrorPage = false) => {
    const state = JSON.stringify([errors, warnings, shown]);
    if (state === last) return;
    last = state;
    const total = [...count(errors, "error"), ...count(warnings, "warning")].join(", ");
    if (!total) {
      host.remove();
      return;
    }
    const mild = errors || isErrorPage ? "" : " mild";
    const title = isErrorPage ? "This page can’t be rendered" : total;
    const head = element("header", {}, element("h2", { id: "title" }, title));
    const list = element(
      "div",
      { className: "list", tabIndex: 0, role: "group", ariaLabel: "Errors and warnings" },
      ...shown.map(diagnosticItem),
    );
    if (errors + warnings > shown.length) {
      list.append(element("p", {}, "See the terminal for the rest."));
    }
    const className = (isErrorPage ? "all" : "") + mild;
    const panel = element(
      "section",
      { className, role: "region", ariaLabel: `Dateline: ${total}` },
      head,
      list,
    );
    const button = element("button", { className: `few${mild}` }, total);
    const close = element("button", {}, "Hide");
    const hide = () => {
      sessionStorage.setItem(HIDDEN_KEY, state);
      replaceContent(button, button);
    };
    close.addEventListener("click", hide);
    button.addEventListener("click", () => {
      sessionStorage.removeItem(HIDDEN_KEY);
      replaceContent(panel, close);
    });
    if (!isErrorPage) {
      head.append(close);
      panel.addEventListener("keydown", (event) => event.key === "Escape" && hide());
    }
    const isOpen = isErrorPage || (errors && sessionStorage.getItem(HIDDEN_KEY) !== state);
    replaceContent(isOpen ? panel : button);
    document.documentElement.append(host);
    // Announced by screen readers, too.
    panel.setAttribute("aria-live", "polite");
  };

  const errorPage = document.getElementById("dateline-diagnostics");
  if (errorPage) show(JSON.parse(errorPage.textContent), true);

  let events;
  const listen = () => {
    events?.close();
    events = new EventSource("/.dateline/events");
    events.addEventListener("state", (event) => {
      const state = JSON.parse(event.data);
      if (state.version !== version) reload();
      else if (!errorPage && state.diagnostics) show(state.diagnostics);
    });
    events.addEventListener("style", (event) => replaceStyleSheet(JSON.parse(event.data).url));
  };
  // Browsers open at most six connections to a host, so hidden pages close theirs: further pages
  // would wait forever.
  const connect = () => (document.hidden ? events?.close() : listen());
  document.addEventListener("visibilitychange", connect);
  addEventListener("pagehide", () => events?.close());
  addEventListener("pageshow", (event) => event.persisted && reload());
  connect();
}
