// Quotations a day as bars; weeks or months where days would be too narrow.
import {count, day, el, svg} from "./dom.js";

const DAY = 86400000, HEIGHT = 132, TOP = 14, FOOT = 22, LEAST = 3;
const STEPS = [[1, "a day"], [7, "a week"], [30.4375, "a month"], [365.25, "a year"]];

/** Whole days since 1970 of YYYY-MM-DD; null of less. */
const dayNumber = date => /^\d{4}-\d\d-\d\d$/.test(date ?? "") ? Math.floor(Date.parse(`${date}T00:00:00Z`) / DAY) : null;
const dateOf = number => new Date(number * DAY).toISOString().slice(0, 10);

/** `days` is [{date, quotes}]; `choose(since, until)` is called when a bar is clicked. Null where no day is known. */
export function quotesPerDay(days, choose) {
  const known = days.map(one => ({at: dayNumber(one.date), quotes: one.quotes})).filter(one => Number.isFinite(one.at));
  if (!known.length)
    return null;
  const least = known[0].at, most = known.at(-1).at;
  const total = known.reduce((sum, one) => sum + one.quotes, 0);
  const holder = el("figure", {class: "plot"});
  const caption = el("figcaption", {"aria-live": "polite"});
  const table = el("table", {class: "hidden"}, el("caption", null, "Quotations by day"),
    el("tbody", null, known.map(one => el("tr", null, el("th", {scope: "row"}, day(dateOf(one.at))), el("td", null, one.quotes)))));

  function draw(width) {
    const [step, per] = STEPS.find(([days]) => (most - least + 1) / days * (LEAST + 1) <= width) ?? STEPS.at(-1);
    const pad = Math.max(0, Math.round((Math.min(20, width / 24) * step - (most - least)) / 2)); // a lone day is no wall
    const first = least - pad, slots = Math.max(1, Math.ceil((most + pad - first + 1) / step));
    const sums = new Map();
    for (const one of known) {
      const slot = Math.floor((one.at - first) / step);
      sums.set(slot, (sums.get(slot) ?? 0) + one.quotes);
    }
    const peak = Math.max(...sums.values()), pitch = width / slots, bar = Math.max(LEAST, Math.min(26, pitch - 2));
    const ground = HEIGHT - FOOT;
    const plot = svg("svg", {width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, role: "img",
      "aria-label": `${count(total, "quotation")} from ${day(dateOf(least))} to ${day(dateOf(most))}, ${peak} ${per} at most`});
    plot.append(svg("line", {x1: 0, x2: width, y1: TOP, y2: TOP, class: "guide"}), svg("text", {x: 0, y: TOP - 4}, String(peak)));
    for (const [slot, sum] of sums) {
      const height = Math.max(2, sum / peak * (ground - TOP)), from = first + Math.round(slot * step);
      const until = first + Math.round((slot + 1) * step) - 1;
      const says = `${count(sum, "quotation")} · ${day(dateOf(from))}${until > from ? ` – ${day(dateOf(until))}` : ""}`;
      const tell = () => { caption.textContent = says; };
      plot.append(svg("g", {class: "slot", onpointerenter: tell, onclick: () => choose(dateOf(from), dateOf(until))},
        svg("rect", {class: "reach", x: slot * pitch, y: 0, width: Math.max(pitch, LEAST), height: ground}),
        svg("rect", {class: "bar", x: slot * pitch + (pitch - bar) / 2, y: ground - height, width: bar, height, rx: Math.min(2, bar / 3)}),
        svg("title", null, says)));
    }
    plot.append(svg("line", {x1: 0, x2: width, y1: ground, y2: ground, class: "ground"}));
    for (const [x, label] of ticks(first, first + slots * step, width))
      plot.append(svg("line", {x1: x, x2: x, y1: ground, y2: ground + 4, class: "ground"}), svg("text", {x, y: HEIGHT - 4, class: "tick"}, label));
    caption.textContent = `quotations ${per}`;
    holder.replaceChildren(plot, caption, table);
  }
  const watcher = new ResizeObserver(entries => {
    const width = Math.floor(entries[0].contentRect.width);
    if (width > 0 && width !== Number(holder.dataset.width)) {
      holder.dataset.width = width;
      draw(width);
    }
  });
  watcher.observe(holder);
  return holder;
}

/** Months' firsts between two days, so many as have room; days where there is none. */
function ticks(first, end, width) {
  const all = [], place = at => (at - first) / (end - first) * width;
  const from = new Date(first * DAY);
  for (let month = 0; month < 12 * 200; month++) {
    const at = Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + month, 1) / DAY;
    if (at >= end)
      break;
    if (at >= first)
      all.push(at);
  }
  if (all.length < 2)
    all.splice(0, all.length, ...[0.1, 0.5, 0.9].map(part => Math.round(first + part * (end - first))));
  const every = Math.ceil(all.length / Math.max(1, Math.floor(width / 76)));
  return all.filter((_, i) => i % every === 0).map(at => [place(at), day(dateOf(at), true).replace(/^1 /, "")])
    .filter(([x]) => x > 24 && x < width - 24);
}
