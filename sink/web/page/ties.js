// What ties a quotation to its speaker, shown while the quotation is pointed at, has the focus, or was clicked: the cue and the
// words that name the speaker are marked, a line leads from one to the other, and a card says who it is and how that is known.
import {entityPath, get} from "./api.js";
import {count, day, el, svg} from "./dom.js";

const HOW = {
  name: "named beside the quotation",
  apposition: "named beside a description",
  pronoun: "“{}” stands for the name",
  nominal: "“{}” stands for the name",
  turn: "goes on speaking",
  text: "named by these words alone",
  none: "nobody is named",
};

export class Ties {
  #text; #card; #record; #signal; #lines; #shown = null; #kept = null; #known = new Map();

  constructor(text, rail, record, signal) {
    this.#text = text;
    this.#card = rail.querySelector("#tie");
    this.#record = record;
    this.#signal = signal;
    this.#lines = svg("svg", {class: "lines", "aria-hidden": "true"});
    text.append(this.#lines);
    const numberOf = target => target.closest?.("[data-q]")?.dataset.q;
    text.addEventListener("pointerover", event => event.pointerType === "mouse" && this.#kept === null && this.#show(numberOf(event.target)));
    text.addEventListener("pointerleave", () => this.#kept === null && this.#show(undefined));
    text.addEventListener("focusin", event => this.#keep(numberOf(event.target)));
    text.addEventListener("click", event => event.target.closest("a") || this.#keep(numberOf(event.target)));
    for (const item of rail.querySelectorAll("[data-quotes]")) { // a speaker's name: all that is theirs
      const all = item.dataset.quotes.split(" ");
      item.addEventListener("pointerenter", () => this.#only(all));
      item.addEventListener("pointerleave", () => this.#only(null));
      item.addEventListener("focusin", () => this.#only(all));
      item.addEventListener("focusout", () => this.#only(null));
    }
    const watcher = new ResizeObserver(() => this.#draw());
    watcher.observe(text);
    signal.addEventListener("abort", () => watcher.disconnect());
  }

  /** The text is on the page: an address that names a quotation has it marked. */
  begin() {
    const named = /^#q(\d+)$/.exec(location.hash)?.[1];
    const quote = named && this.#text.querySelector(`[data-q="${named}"]`);
    if (quote) {
      quote.focus({preventScroll: true});
      quote.scrollIntoView({block: "center"});
    }
  }

  letGo() {
    document.activeElement?.blur();
    this.#kept = null;
    this.#show(undefined);
  }

  /** To the speaker of the quotation that is marked. */
  open() {
    this.#card.querySelector("a.who")?.click();
  }

  #keep(i) {
    this.#kept = i ?? null;
    this.#show(i);
    this.#keepInSight();
  }

  /** On a phone the card lies over the text: the quotation is not to be behind it. */
  #keepInSight() {
    if (this.#kept === null || getComputedStyle(this.#card).position !== "fixed")
      return;
    const quote = this.#text.querySelector(`[data-q="${this.#kept}"]`).getBoundingClientRect();
    const hidden = Math.min(quote.bottom + 40, quote.top + 200) - this.#card.getBoundingClientRect().top;
    if (hidden > 0)
      window.scrollBy({top: hidden});
  }

  #only(quotes) {
    this.#text.classList.toggle("some", quotes !== null);
    for (const node of this.#text.querySelectorAll("[data-q]"))
      node.classList.toggle("theirs", quotes?.includes(node.dataset.q) ?? false);
  }

  #nodes(kind, i) {
    return [...this.#text.querySelectorAll(`.${kind}[data-of]`)].filter(node => node.dataset.of.split(" ").includes(i));
  }

  #show(i) {
    if (i === this.#shown)
      return;
    this.#shown = i;
    for (const node of this.#text.querySelectorAll(".on"))
      node.classList.remove("on");
    this.#text.classList.toggle("tied", i !== undefined);
    for (const className of [...this.#text.classList].filter(name => /^s(\d|-none)/.test(name)))
      this.#text.classList.remove(className);
    if (i !== undefined) {
      const quotes = this.#text.querySelectorAll(`[data-q="${i}"]`);
      const colour = [...quotes[0].classList].find(name => /^s(\d|-none)/.test(name));
      this.#text.classList.add(colour); // cue, mention and line have it too
      for (const node of [...quotes, ...this.#nodes("cue", i), ...this.#nodes("mention", i), ...this.#nodes("via", i)])
        node.classList.add("on");
    }
    this.#draw();
    this.#fillCard(i);
  }

  /** The line from the quotation to the words that name its speaker. */
  #draw() {
    this.#lines.replaceChildren();
    if (this.#shown === undefined || this.#shown === null)
      return;
    const quote = this.#text.querySelector(`[data-q="${this.#shown}"]`), mention = this.#nodes("mention", this.#shown)[0];
    if (!quote || !mention)
      return;
    const frame = this.#text.getBoundingClientRect();
    const place = rect => ({left: rect.left - frame.left, right: rect.right - frame.left, top: rect.top - frame.top,
      bottom: rect.bottom - frame.top, middle: (rect.left + rect.right) / 2 - frame.left});
    const lines = [...this.#text.querySelectorAll(`[data-q="${this.#shown}"]`)].flatMap(node => [...node.getClientRects()]).map(place);
    const to = place(mention.getClientRects()[0]);
    // from the line of the quotation that is nearest to the mention
    const from = lines.reduce((a, b) => Math.abs(b.top - to.top) < Math.abs(a.top - to.top) ? b : a);
    let path;
    if (Math.abs(from.top - to.top) < 4) { // on one line: an arc below it
      const [x1, x2] = from.middle < to.middle ? [Math.min(from.right - 6, to.left), to.middle] : [Math.max(from.left + 6, to.right), to.middle];
      const y = Math.max(from.bottom, to.bottom) + 1, dip = 10; // it stays between the lines
      path = `M${x1} ${y}C${x1} ${y + dip} ${x2} ${y + dip} ${x2} ${y}`;
    } else {
      const below = to.top > from.top;
      const x1 = Math.min(Math.max(to.middle, from.left + 8), from.right - 8), y1 = below ? from.bottom : from.top;
      const y2 = below ? to.top : to.bottom, bend = Math.max(10, Math.abs(y2 - y1) / 2) * (below ? 1 : -1);
      path = `M${x1} ${y1}C${x1} ${y1 + bend} ${to.middle} ${y2 - bend} ${to.middle} ${y2}`;
    }
    const [, x1, y1] = /^M(\S+) ([^C]+)C/.exec(path), [x2, y2] = path.split(" ").slice(-2);
    this.#lines.append(svg("path", {d: path}), svg("circle", {cx: x1, cy: y1, r: 3}), svg("circle", {cx: x2, cy: y2, r: 3}));
  }

  #fillCard(i) {
    this.#card.classList.toggle("open", i !== undefined);
    if (i === undefined) {
      this.#card.replaceChildren();
      return;
    }
    const quote = this.#record.quotes[i];
    const mention = this.#nodes("mention", i).map(node => node.textContent).join(" ");
    const cue = this.#nodes("cue", i).map(node => node.textContent).join(" ");
    const more = el("p", {class: "more-of"});
    const name = quote.speaker ?? "Somebody";
    this.#card.className = `tie-card open ${quote.who.colour === null ? "s-none" : `s${quote.who.colour}`}`;
    this.#card.replaceChildren(
      el("button", {type: "button", class: "close", "aria-label": "Let go", onclick: () => this.letGo()}, "×"),
      el("p", {class: "kind"}, quote.speech ? {direct: "Spoken", indirect: "Reported", mixed: "Partly spoken"}[quote.type] : "Thought or wished",
        cue ? [" · ", el("span", {class: "cue"}, cue)] : null),
      quote.entity ? el("a", {class: "who", href: entityPath(quote.entity), dir: "auto"}, name) : el("p", {class: "who", dir: "auto"}, name),
      el("p", {class: "how"}, HOW[quote.how].replace("{}", mention), quote.confidence ? ` · ${quote.confidence}\u00a0% sure` : null),
      more);
    if (quote.entity)
      this.#tellMore(quote.entity, more);
  }

  /** In which other articles they are quoted. */
  async #tellMore(key, holder) {
    if (!this.#known.has(key))
      this.#known.set(key, get("quotes", {speaker: key, limit: 60}, this.#signal).catch(() => ({quotes: []})));
    const {quotes, next} = await this.#known.get(key);
    const others = new Map(quotes.filter(one => one.position !== this.#record.position).map(one => [one.position, one]));
    if (!others.size)
      return;
    holder.append(`Also quoted in ${count(others.size, "other article")}${next ? " or more" : ""}`,
      el("span", {class: "elsewhere"}, [...others.values()].slice(0, 3).map(one =>
        el("a", {href: `/article/${one.position}#q${one.number}`}, one.title ?? (day(one.date) || "an article")))));
    this.#keepInSight();
  }
}
