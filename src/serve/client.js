// Loads the page again when the site changed, exchanges style sheets, and shows what is wrong. `dateline serve` alone adds it to pages.
{
  const own = document.currentScript.dataset.version;
  const kept = "dateline-scroll";

  // A page that is loaded again is where it was, also where the browser doesn't see to that.
  const there = JSON.parse(sessionStorage.getItem(kept) ?? "null");
  sessionStorage.removeItem(kept);
  if (there?.path === location.pathname) addEventListener("load", () => scrollTo(there.x, there.y));

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

  const element = (name, text, ...children) => {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    made.append(...children);
    return made;
  };

  const style = `
    :host { all: initial }
    aside { position: fixed; inset: auto 0 0 0; z-index: 2147483647; max-height: 60vh; overflow: auto; box-sizing: border-box;
      padding: 1rem max(1rem, calc(50vw - 30rem)); background: #1b1b1f; color: #eee; font: 14px/1.5 ui-monospace, monospace;
      border-top: 4px solid #e5484d; overflow-wrap: anywhere }
    aside.all { inset: 0; max-height: none }
    h2 { margin: 0 3rem 1rem 0; font: 600 16px/1.3 system-ui, sans-serif }
    h3 { margin: 1.25rem 0 .25rem; font: 600 14px/1.4 system-ui, sans-serif }
    h3.error { color: #ff8f8f } h3.warning { color: #ffd27a }
    p { margin: .25rem 0; color: #b9b9c3 } p.help { color: #9fe0b0; font-family: system-ui, sans-serif }
    pre { margin: .25rem 0; padding: .5rem; overflow-x: auto; background: #000; color: #ddd; font: inherit }
    mark { background: none; color: #ff8f8f; text-decoration: underline wavy }
    button { position: absolute; top: .75rem; right: 1rem; padding: .25rem .75rem; border: 1px solid #777; border-radius: 4px;
      background: none; color: inherit; font: inherit; cursor: pointer }
    button.few { position: fixed; inset: auto auto 1rem 1rem; z-index: 2147483647; background: #1b1b1f; color: #ffd27a }
    code { white-space: pre }`;

  const one = (wrong) => {
    const place = [wrong.file, wrong.line, wrong.column].filter((part) => part != null).join(":");
    const parts = [element("h3", `${wrong.severity}[${wrong.code}]: ${wrong.message}`), element("p", place)];
    parts[0].className = wrong.severity;
    if (wrong.text) {
      const signs = [...wrong.text];
      const [from, until] = [wrong.from, wrong.from + wrong.width];
      const marked = element("mark", signs.slice(from, until).join(""));
      parts.push(element("pre", "", signs.slice(0, from).join(""), marked, signs.slice(until).join("")));
    }
    if (wrong.help) parts.push(Object.assign(element("p", wrong.help), { className: "help" }));
    return parts;
  };

  const host = element("div");
  const room = host.attachShadow({ mode: "open" });
  const failed = document.getElementById("dateline-wrong");

  const count = (number, what) => (number ? [`${number} ${what}${number === 1 ? "" : "s"}`] : []);

  const show = ({ errors, warnings, shown }, whole = false) => {
    room.replaceChildren();
    const total = [...count(errors, "error"), ...count(warnings, "warning")].join(", ");
    if (!total) return host.remove();
    const list = element("aside", "", element("h2", total), ...shown.flatMap(one));
    list.setAttribute("role", "alert");
    if (errors + warnings > shown.length) list.append(element("p", "The terminal tells the others."));
    list.className = whole ? "all" : "";
    const fewer = element("button", total);
    fewer.className = "few";
    const close = element("button", "Hide");
    const put = (what) => room.replaceChildren(element("style", style), what);
    close.addEventListener("click", () => put(fewer));
    fewer.addEventListener("click", () => put(list));
    if (!whole) list.prepend(close);
    put(errors || whole ? list : fewer);
    document.documentElement.append(host);
  };

  if (failed) show(JSON.parse(failed.textContent), true);
  const events = new EventSource("/.dateline/events");
  events.addEventListener("state", (event) => {
    const { version, wrong } = JSON.parse(event.data);
    if (version !== own) again();
    else if (!failed) show(wrong);
  });
  events.addEventListener("style", (event) => exchange(JSON.parse(event.data).address));
  // A page that is left behind in the browser's history lets go of its connection.
  addEventListener("pagehide", () => events.close());
  addEventListener("pageshow", (event) => event.persisted && again());
}
