// All articles, the newest first, and who is quoted most in them.
import {get, listen} from "./api.js";
import {articleCard, endless, ranking} from "./cards.js";
import {count, day, el, number} from "./dom.js";

function figures(summary) {
  const {since, until} = summary.index;
  return [
    el("h1", null, summary.corpus.replace(/\.corpus$/, "")),
    el("p", {class: "figures"}, el("span", null, el("b", null, number(summary.documents)), " articles"),
      el("span", null, el("b", null, number(summary.quotes)), " quotations"),
      el("span", null, el("b", null, number(summary.index.speakers)), " people and bodies quoted"),
      since ? el("span", null, day(since, true) === day(until, true) ? day(since, true) : `${day(since, true)} – ${day(until, true)}`)
        : null,
      summary.failed ? el("span", {class: "failed"}, count(summary.failed, "failed article")) : null),
    summary.problem ? el("p", {class: "failed", role: "alert"}, `The index is not kept up to date: ${summary.problem}`) : null,
  ];
}

export async function list(stage, {query, signal, go}) {
  const order = query.get("order") === "added" ? "added" : "date";
  const [summary, speakers] = await Promise.all([get("summary", {}, signal), get("entities", {limit: 12}, signal)]);
  const head = el("header", {class: "masthead"}, figures(summary));
  const news = el("button", {type: "button", class: "news", hidden: true});
  const articles = el("section", {class: "articles", "aria-label": "Articles"});
  const ranked = el("aside", {"aria-labelledby": "most"}, el("h2", {id: "most"}, "Quoted most"),
    ranking(speakers.entities.filter(one => one.quotes > 0)), el("p", null, el("a", {href: "/people"}, "Everybody →")));
  const orders = el("p", {class: "orders"}, "Order ",
    [["date", "newest first", "/"], ["added", "as they came in", "/?order=added"]].map(([name, label, href]) =>
      el("a", {href, "aria-current": order === name ? "true" : null}, label)));
  stage.append(head, el("div", {class: "columns"}, el("div", null, el("div", {class: "bar-line"}, orders, news), articles), ranked));
  await endless(articles, signal, async cursor => {
    const answer = await get("documents", {order, cursor, limit: 30}, signal);
    return {items: answer.documents, next: answer.next};
  }, items => items.map(item => articleCard(item)), "There are no articles here yet.");

  // While a run goes on: the figures follow it, and new articles are offered rather than pushed in where somebody reads.
  let had = summary.indexed, asked = 0;
  const stop = listen(async state => {
    if (state.indexed <= had || Date.now() - asked < 1000)
      return;
    asked = Date.now();
    const now = await get("summary", {}, signal).catch(() => null);
    if (!now)
      return;
    head.replaceChildren(...figures(now).filter(Boolean));
    const fresh = now.documents - summary.documents;
    news.hidden = fresh <= 0;
    news.textContent = `Show ${count(fresh, "new article")}`;
    had = now.indexed;
  });
  signal.addEventListener("abort", stop);
  news.addEventListener("click", () => go(location.href, {replace: true}));
  return {title: summary.corpus};
}
