// The page: which view stands at an address, links without reloading, keys, theme, and the word of what goes on.
import {connectLive, listen} from "./api.js";
import {article} from "./article.js";
import {el} from "./dom.js";
import {entity} from "./entity.js";
import {list} from "./list.js";
import {live} from "./live.js";
import {people} from "./people.js";
import {search} from "./search.js";

const ROUTES = [
  [/^\/$/, list, "list"],
  [/^\/article\/(\d+)$/, article, "article"],
  [/^\/entity\/([^/]+)$/, entity, "entity"],
  [/^\/people$/, people, "people"],
  [/^\/search$/, search, "search"],
  [/^\/live$/, live, "live"],
];

const main = document.getElementById("main");
const words = document.getElementById("words");
let leave = null;      // what the view at hand wants to be done when it goes
let current = null;    // the view at hand: {keys}
let turn = 0;
let shown = null;      // the address of the view at hand, without what stands behind its '#'

const address = () => location.pathname + location.search;

/** A view is a function of (main, {subject, query, signal, go}): it fills main, and may return {title, leave, keys}. */
async function show(scroll = 0) {
  const mine = ++turn, query = new URLSearchParams(location.search);
  const [pattern, view, name] = ROUTES.find(([form]) => form.test(location.pathname)) ?? ROUTES[0];
  shown = address();
  leave?.();
  const stop = new AbortController();
  leave = () => stop.abort();
  current = null;
  for (const link of document.querySelectorAll("nav a"))
    link.toggleAttribute("aria-current", link.dataset.view === name);
  if (document.activeElement !== words) // not while somebody types there
    words.value = name === "search" ? query.get("q") ?? "" : "";
  main.setAttribute("aria-busy", "true");
  const stage = el("div", {class: `view ${name}`});
  try {
    const subject = decodeURIComponent(pattern.exec(location.pathname)?.[1] ?? "");
    current = await view(stage, {subject, query, signal: stop.signal, go}) ?? {};
  } catch (error) {
    if (error.name === "AbortError")
      return;
    current = {title: "Not there"};
    stage.replaceChildren(el("div", {class: "notice", role: "alert"}, el("h1", null, "That did not work"),
      el("p", null, error.message), el("p", null, el("a", {href: "/"}, "All articles"))));
  }
  if (mine !== turn)
    return;
  main.replaceChildren(stage);
  main.removeAttribute("aria-busy");
  document.title = current.title ? `${current.title} · Quotewire` : "Quotewire";
  current.shown?.();
  window.scrollTo(0, scroll);
  if (location.hash)
    document.getElementById(decodeURIComponent(location.hash.slice(1)))?.focus();
}

/** To another address; its view takes the place of this one. */
function go(address, {replace = false} = {}) {
  history.replaceState({scroll: window.scrollY}, "");
  history[replace ? "replaceState" : "pushState"]({scroll: 0}, "", address);
  return show();
}

document.addEventListener("click", event => {
  const link = event.target.closest("a[href]");
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || link.target || link.origin !== location.origin || link.pathname.startsWith("/api/"))
    return;
  if (link.hash && link.pathname === location.pathname && link.search === location.search)
    return; // inside the page: the browser's own
  event.preventDefault();
  go(link.href).then(() => main.contains(document.activeElement) || main.focus({preventScroll: true}));
});
window.addEventListener("popstate", event => address() !== shown && show(event.state?.scroll ?? 0));
history.scrollRestoration = "manual";

document.querySelector("form.find").addEventListener("submit", event => {
  event.preventDefault();
  if (words.value.trim())
    go(`/search?${new URLSearchParams({q: words.value.trim()})}`);
});

// ---- theme ---------------------------------------------------------------------------------------------------------

const system = matchMedia("(prefers-color-scheme: dark)");

function turnTheme() {
  const root = document.documentElement;
  const dark = (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
  root.dataset.theme = dark ? "light" : "dark";
  try {
    localStorage.setItem("theme", root.dataset.theme);
  } catch { /* it lasts as long as the page, then */ }
}
document.getElementById("theme").addEventListener("click", turnTheme);

// ---- keys ----------------------------------------------------------------------------------------------------------

const help = document.getElementById("help");
document.getElementById("keys").addEventListener("click", () => help.showModal());

/** The next or previous of the things in this view that can be gone through; where none has the focus, the first in sight. */
function step(by) {
  const items = [...main.querySelectorAll("[data-item]")];
  const at = items.findIndex(item => item === document.activeElement || item.contains(document.activeElement));
  const below = items.findIndex(item => item.getBoundingClientRect().top > 60);
  const next = at >= 0 ? at + by : below < 0 ? items.length - 1 : below;
  const item = items[Math.max(0, Math.min(items.length - 1, next))];
  item?.focus({preventScroll: true});
  item?.scrollIntoView({block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth"});
}

const KEYS = {
  "/": () => words.select(),
  "?": () => help.showModal(),
  j: () => step(1),
  k: () => step(-1),
  u: () => history.back(),
  t: turnTheme,
};

document.addEventListener("keydown", event => {
  if (event.metaKey || event.ctrlKey || event.altKey || help.open)
    return;
  const typing = event.target.matches("input, select, textarea");
  if (typing && event.key === "Escape")
    event.target.blur();
  if (typing)
    return;
  const act = current?.keys?.[event.key] ?? KEYS[event.key];
  if (act && act(event) !== false)
    event.preventDefault();
});

// ---- what goes on --------------------------------------------------------------------------------------------------

const pulse = document.getElementById("pulse");
listen(state => pulse.classList.toggle("on", state.pipeline !== null));
connectLive();
show();
