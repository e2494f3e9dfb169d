// What the pipeline that fills the corpus is doing, twice a second, and the newest articles as they are committed.
import {get, listen} from "./api.js";
import {articleCard} from "./cards.js";
import {count, el, megabytes, number, svg} from "./dom.js";

const KEPT = 120, WIDTH = 600, HEIGHT = 90;

/** Documents a second over the last minute, as an area. */
function sparkline(points) {
  const plot = svg("svg", {viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", class: "spark", "aria-hidden": "true"});
  const peak = Math.max(1, ...points), step = WIDTH / (KEPT - 1);
  const line = points.map((value, i) => `${((KEPT - points.length + i) * step).toFixed(1)} ${(HEIGHT - value / peak * (HEIGHT - 6)).toFixed(1)}`);
  if (line.length > 1)
    plot.append(svg("path", {class: "area", d: `M${line[0].split(" ")[0]} ${HEIGHT}L${line.join("L")}L${WIDTH} ${HEIGHT}Z`}),
      svg("path", {class: "line", d: `M${line.join("L")}`, "vector-effect": "non-scaling-stroke"}));
  return plot;
}

const fact = (value, label, bad = false) => el("div", {class: bad ? "fact bad" : "fact"}, el("b", null, value), el("span", null, label));

function workersTable(workers) {
  const most = Math.max(1, ...workers.map(one => one.rate));
  return el("table", {class: "workers"}, el("caption", null, count(workers.length, "worker")),
    el("thead", null, el("tr", null, ["", "a second", "tasks", "chunks", "text", "heard", "strikes"].map(name => el("th", {scope: "col"}, name)))),
    el("tbody", null, workers.map(one => {
      const bar = el("span", {class: "bar", "aria-hidden": "true"});
      bar.style.setProperty("--part", one.rate / most);
      return el("tr", null, el("th", {scope: "row"}, one.name), el("td", null, megabytes(one.rate), bar), el("td", null, one.tasks),
        el("td", null, number(one.chunks)), el("td", null, megabytes(one.text_bytes)), el("td", null, `${(one.seen_ms / 1000).toFixed(1)} s`),
        el("td", {class: one.strikes ? "bad" : null}, one.strikes));
    })));
}

function drawPipeline({sink, ventilator}, rates) {
  if (!ventilator || !sink)
    return [el("p", {class: "notice"}, `The ${sink ? "ventilator" : "sink"} does not answer.`)];
  const rate = rates.at(-1) ?? 0;
  return [
    el("div", {class: "facts-line"}, fact(number(ventilator.documents), "articles done"), fact(number(Math.round(rate)), "a second"),
      fact(megabytes(ventilator.text_bytes), "of text"), fact(number(ventilator.quotes ?? 0), "quotations added"),
      fact(number(ventilator.open), "in the works"), fact(number(ventilator.queued), "chunks wait"),
      fact(number(ventilator.failures), "failed", ventilator.failures > 0), fact(number(ventilator.redeliveries), "sent again"),
      fact(`${(sink.mean_commit_us / 1000).toFixed(1)} ms`, "a commit takes"), fact(number(sink.readers), "readers")),
    sparkline(rates),
    workersTable(ventilator.workers),
  ];
}

export async function live(stage, {signal}) {
  const state = el("p", {class: "state", role: "status"});
  const board = el("div", {class: "board"});
  const fresh = el("section", {class: "articles", "aria-label": "The newest articles"});
  stage.append(el("header", {class: "masthead"}, el("h1", null, "Live"), state), board, el("h2", null, "Committed last"), fresh);
  let had = -1, last = null;
  const rates = [];

  async function renew() {
    const {documents} = await get("documents", {order: "added", limit: 8}, signal);
    const known = new Set([...fresh.children].map(card => card.dataset.position));
    fresh.replaceChildren(...documents.map(item => articleCard(item)));
    for (const card of fresh.children)
      card.classList.toggle("fresh", known.size > 0 && !known.has(card.dataset.position));
  }
  const stop = listen(now => {
    const time = performance.now();
    if (last && time > last.time) {
      rates.push(Math.max(0, now.records - last.records) / (time - last.time) * 1000);
      rates.splice(0, rates.length - KEPT);
    }
    last = {time, records: now.records};
    const behind = now.records - now.indexed;
    const says = [now.pipeline ? "A pipeline is at work on this corpus." : "No pipeline runs on this corpus now.",
      `${count(now.records, "record")} on disk`, behind ? `${number(behind)} not in the index yet` : "all of them in the index"];
    const line = `${says[0]} ${says[1]}, ${says[2]}.${now.problem ? ` ${now.problem}` : ""}`;
    if (state.textContent !== line)
      state.textContent = line;
    board.replaceChildren(...now.pipeline ? drawPipeline(now.pipeline, rates) : []);
    if (now.indexed !== had) {
      had = now.indexed;
      renew().catch(() => {});
    }
  });
  signal.addEventListener("abort", stop);
  return {title: "Live"};
}
