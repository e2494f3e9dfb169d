// A person, or whatever else has a name: everything said, article by article, in time; and where it is named.
import {entityPath, get} from "./api.js";
import {articleCard, endless, quoteCard} from "./cards.js";
import {quotesPerDay} from "./chart.js";
import {count, day, el, number} from "./dom.js";

const KINDS = {PERSON: "Person", ORG: "Organisation", LOC: "Place", FAC: "Place", NORP: "Group", EVENT: "Event",
  PRODUCT: "Product", MISC: "Name"};

/** Quotations by article: they come sorted so that those of one stand together. */
function byArticle(quotes) {
  const groups = [];
  for (const quote of quotes) {
    if (groups.at(-1)?.[0].position !== quote.position)
      groups.push([]);
    groups.at(-1).push(quote);
  }
  return groups;
}

const drawGroup = quotes => el("section", {class: "moment"},
  el("h3", null, el("time", {datetime: quotes[0].date}, day(quotes[0].date) || "no date"),
    el("a", {href: `/article/${quotes[0].position}`, dir: "auto"}, quotes[0].title ?? "an article"),
    quotes[0].outlet ? el("span", {class: "outlet"}, quotes[0].outlet) : null),
  quotes.map(quote => quoteCard(quote, {speaker: false, source: false})));

const chips = (label, items) => items.length ? el("div", {class: "facts"}, el("h2", null, label), el("ul", {class: "names"},
  items.map(([text, times]) => el("li", null, el("span", null, el("span", {dir: "auto"}, text), el("span", {class: "number"}, number(times))))))) : null;

export async function entity(stage, {subject, query, signal, go}) {
  const {entity: it, names, outlets, days} = await get(`entities/${encodeURIComponent(subject)}`, {}, signal);
  const since = query.get("since"), until = query.get("until");
  const within = (from, to) => go(`${entityPath(it.key)}?${new URLSearchParams({since: from, until: to})}`, {replace: true});
  const plot = quotesPerDay(days, within);
  const said = el("section", {class: "timeline", "aria-labelledby": "said-by"}, el("h2", {id: "said-by"},
    since ? [`Said ${since === until ? `on ${day(since)}` : `from ${day(since)} to ${day(until)}`} `, el("a", {href: entityPath(it.key)}, "all")]
      : "Everything said"));
  const named = el("section", {class: "articles", "aria-labelledby": "named-in"}, el("h2", {id: "named-in"}, "Named in"));
  stage.append(el("header", {class: "masthead person"},
    el("p", {class: "kicker"}, el("span", {class: `first e-${it.type}`}, KINDS[it.type] ?? it.type)),
    el("h1", {dir: "auto"}, it.name),
    el("p", {class: "figures"}, it.quotes ? [el("span", null, el("b", null, number(it.quotes)), it.quotes === 1 ? " quotation" : " quotations"),
      el("span", null, el("b", null, number(it.quoted_in)), it.quoted_in === 1 ? " article" : " articles")] : null,
    el("span", null, "named ", el("b", null, number(it.mentions)), it.mentions === 1 ? " time" : " times", ` in ${count(it.documents, "article")}`)),
    plot));
  const load = async cursor => {
    const answer = await get("quotes", {speaker: it.key, since, until, cursor, limit: 50}, signal);
    return {items: byArticle(answer.quotes), next: answer.next};
  };
  const tasks = [];
  if (it.quotes)
    tasks.push(endless(said, signal, load, groups => groups.map(drawGroup), "Nothing in this time."));
  tasks.push(endless(named, signal, async cursor => {
    const answer = await get("documents", {entity: it.key, cursor, limit: 10}, signal);
    return {items: answer.documents, next: answer.next};
  }, items => items.map(item => articleCard(item))));
  await Promise.all(tasks);
  const aside = el("aside", null, chips("Named as", names.map(one => [one.text, one.quotes])),
    chips("Quoted by", outlets.map(one => [one.outlet, one.quotes])));
  stage.append(el("div", {class: "columns"}, el("div", null, it.quotes ? said : named), el("div", {class: "beside"}, aside, it.quotes ? named : null)));
  return {title: it.name};
}
