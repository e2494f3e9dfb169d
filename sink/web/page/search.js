// Words in quotations, in articles and in names, found as they are typed.
import {entityPath, get} from "./api.js";
import {articleCard, endless, quoteCard} from "./cards.js";
import {el} from "./dom.js";

const FILTERS = ["since", "until", "outlet", "type"];

function filters(values, change) {
  const field = (name, attributes, label) => el("label", null, el("span", null, label),
    el("input", {name, value: values.get(name) ?? "", ...attributes}));
  const type = el("select", {name: "type"}, [["", "any"], ["direct", "direct"], ["indirect", "indirect"], ["mixed", "mixed"]].map(
    ([value, label]) => el("option", {value, selected: values.get("type") === value}, label)));
  return el("form", {class: "filters", onchange: change, onsubmit: event => event.preventDefault(), "aria-label": "Narrow down"},
    field("since", {type: "date"}, "from"), field("until", {type: "date"}, "to"), field("outlet", {type: "text", size: "12"}, "outlet"),
    el("label", null, el("span", null, "quotations"), type));
}

export async function search(stage, {query, signal, go}) {
  const words = query.get("q")?.trim() ?? "";
  const chosen = Object.fromEntries(FILTERS.map(name => [name, query.get(name)]).filter(([, value]) => value));
  const head = el("header", {class: "masthead"}, el("h1", null, words ? `“${words}”` : "Search"),
    filters(query, event => go(`/search?${new URLSearchParams([["q", words],
      ...[...new FormData(event.currentTarget)].filter(([, value]) => value)])}`, {replace: true})));
  stage.append(head);
  const field = document.getElementById("words");
  let timer = 0;
  const typed = () => {
    clearTimeout(timer);
    timer = setTimeout(() => field.value.trim() !== words
      && go(`/search?${new URLSearchParams({q: field.value.trim(), ...chosen})}`, {replace: true}), 250);
  };
  field.addEventListener("input", typed, {signal});
  signal.addEventListener("abort", () => clearTimeout(timer));
  if (!words) {
    stage.append(el("p", {class: "notice"}, "Type words, or a “phrase” in quotation marks; -word leaves one out."));
    return {title: "Search", shown: () => field.focus()};
  }
  const {type, ...when} = chosen;
  const quotes = el("section", {class: "quotes", "aria-labelledby": "in-quotes"}, el("h2", {id: "in-quotes"}, "Quotations"));
  const articles = el("section", {class: "articles", "aria-labelledby": "in-articles"}, el("h2", {id: "in-articles"}, "Articles"));
  const [names, found] = await Promise.all([
    get("entities", {q: words, limit: 12}, signal),
    get("documents", {q: words, limit: 20, ...when}, signal),
    endless(quotes, signal, async cursor => {
      const answer = await get("quotes", {q: words, type, ...when, cursor, limit: 30}, signal);
      return {items: answer.quotes, next: answer.next};
    }, items => items.map(quote => quoteCard(quote))),
  ]);
  if (!quotes.querySelector("figure"))
    quotes.append(el("p", {class: "notice"}, "In no quotation."));
  articles.append(...found.documents.map(item => articleCard(item, true)));
  if (!found.documents.length)
    articles.append(el("p", {class: "notice"}, "In no article."));
  if (names.entities.length)
    head.append(el("ul", {class: "names big", "aria-label": "Names"}, names.entities.map(one => el("li", null,
      el("a", {href: entityPath(one.key)}, el("span", {class: `dot e-${one.type}`, "aria-hidden": "true"}), one.name)))));
  stage.append(el("div", {class: "columns even"}, quotes, articles));
  document.getElementById("said").textContent = `${found.documents.length} articles found`;
  return {title: words};
}
