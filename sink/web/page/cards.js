// What stands in several views: an article in a list, a quotation with where it is from, and lists that go on when read.
import {entityPath} from "./api.js";
import {count, day, el, marked} from "./dom.js";

const cut = (text, size) => text.length > size ? text.slice(0, text.lastIndexOf(" ", size)) + " …" : text;

/** The line that says most of how an article begins: the first long one. */
function beginning(text) {
  const lines = text.split("\n").map(line => line.trim()).filter(Boolean);
  const line = lines.find(one => one.length > 90) ?? lines.sort((a, b) => b.length - a.length)[0] ?? "";
  return cut(line, 240);
}

export function articleCard(item, withMatches = false) {
  const facts = [item.outlet, day(item.date), item.failed ? null : count(item.quotes, "quotation")].filter(Boolean);
  return el("article", {class: "card", tabindex: "-1", "data-item": true, "data-position": item.position, onkeydown: open},
    el("p", {class: "meta"}, facts.map((fact, i) => [i ? " · " : null, fact])),
    el("h2", null, el("a", {href: `/article/${item.position}`, dir: "auto"}, item.title ?? (cut(beginning(item.snippet), 110) || item.id))),
    item.failed ? el("p", {class: "failed"}, `failed: ${item.failed}`) : null,
    withMatches || item.title ? el("p", {class: "excerpt", dir: "auto"},
      withMatches ? marked(item.snippet, item.matches) : beginning(item.snippet)) : null,
    item.speakers.length ? el("ul", {class: "names", "aria-label": "Quoted"}, item.speakers.map(speaker =>
      el("li", null, el("a", {href: entityPath(speaker.key)}, speaker.name)))) : null);
}

/** Enter on a card is a click on its heading. */
function open(event) {
  if (event.key === "Enter" && event.target === event.currentTarget)
    event.currentTarget.querySelector("h2 a, a.source").click();
}

export function quoteCard(quote, {speaker = true, source = true} = {}) {
  const href = `/article/${quote.position}#q${quote.number}`;
  const who = quote.speaker ?? "somebody";
  return el("figure", {class: `said ${quote.type}`, tabindex: "-1", "data-item": true, onkeydown: open},
    el("blockquote", {dir: "auto"}, marked(quote.text, quote.matches)),
    el("figcaption", null,
      speaker ? [quote.entity ? el("a", {class: "who", href: entityPath(quote.entity)}, who) : el("span", {class: "who"}, who), " "]
        : null,
      quote.cue ? el("span", {class: "cue"}, quote.cue) : null,
      quote.mention && quote.mention !== quote.speaker ? el("span", {class: "as"}, ` (“${quote.mention}”)`) : null,
      quote.times > 1 ? el("span", {class: "as"}, ` · printed ${quote.times} times`) : null,
      quote.via ? el("span", {class: "as"}, `, according to ${quote.via}`) : null,
      el("a", {class: "source", href}, source ? quote.title ?? "the article" : "in the article")));
}

/** A list whose next pages come as its end comes into sight. `load(cursor)` gives {items, next}. */
export async function endless(holder, signal, load, draw, empty) {
  const end = el("div", {class: "end"});
  const more = el("button", {type: "button", class: "more"}, "More");
  let next = null, busy = false;

  async function page() {
    if (busy)
      return;
    busy = true;
    try {
      const {items, next: cursor} = await load(next);
      end.before(...draw(items));
      next = cursor;
      more.hidden = next === null;
    } finally {
      busy = false;
    }
  }
  holder.append(end);
  await page();
  if (!end.previousSibling && empty)
    end.before(el("p", {class: "notice"}, empty));
  end.append(more);
  more.addEventListener("click", page);
  const watcher = new IntersectionObserver(entries => entries[0].isIntersecting && next !== null && page(), {rootMargin: "600px"});
  watcher.observe(end);
  signal.addEventListener("abort", () => watcher.disconnect());
}

/** Who is quoted most, with bars. */
export function ranking(entities, total = entities[0]?.quotes ?? 1) {
  return el("ol", {class: "ranking"}, entities.map(one => {
    const bar = el("span", {class: "bar", "aria-hidden": "true"});
    bar.style.setProperty("--part", one.quotes / Math.max(1, total));
    return el("li", null, el("a", {href: entityPath(one.key)}, el("span", {class: "name"}, one.name),
      el("span", {class: "number"}, one.quotes), bar));
  }));
}
