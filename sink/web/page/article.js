// One article: its text as it is, with names coloured by type, quotations in the colour of who is speaking, and what ties each to
// its speaker.
import {entityPath, get} from "./api.js";
import {count, day, el, number} from "./dom.js";
import {blocks, pieces, pointMap} from "./spans.js";
import {Ties} from "./ties.js";

const COLOURS = 10;
const TAGS = {headline: "h1", byline: "p", dateline: "p", caption: "p", body: "p", boilerplate: "p"};
const KINDS = {PERSON: "person", ORG: "organisation", LOC: "place", FAC: "place", NORP: "group", EVENT: "event", PRODUCT: "product",
  MISC: "name", DATE: "date", TIME: "time", MONEY: "money", PERCENT: "per cent"};

/** Who is quoted, in the order of their first quotation: {name, entity, colour, quotes: [numbers]}. */
function speakersOf(quotes) {
  const found = new Map();
  quotes.forEach((quote, i) => {
    const id = quote.entity ?? (quote.speaker ? `text:${quote.speaker.toLowerCase()}` : "");
    if (!found.has(id))
      found.set(id, {name: quote.speaker, entity: quote.entity, colour: id ? found.size % COLOURS : null, quotes: []});
    found.get(id).quotes.push(i);
    quote.who = found.get(id);
  });
  return [...found.values()];
}

/** Everything that lies over the text, as spans in UTF-16. */
function spansOf(document, at) {
  const spans = [];
  const add = (kind, pair, more) => pair && spans.push({kind, start: at(pair[0]), end: at(pair[1]), ...more});
  document.entities?.forEach(entity => add("entity", [entity.start, entity.end], {entity}));
  document.quotes?.forEach((quote, i) => {
    add("quote", [quote.start, quote.end], {i, quote});
    add("cue", quote.cue, {i});
    add("mention", quote.speaker_mention, {i});
    add("via", quote.via, {i});
  });
  return spans;
}

function label(quote) {
  const kind = {direct: "direct", indirect: "indirect", mixed: "partly direct"}[quote.type];
  return `${kind} quotation${quote.speech ? "" : " of a thought"}, ${quote.speaker ? `by ${quote.speaker}` : "by somebody"}`;
}

/** One piece of text in what lies over it, all but quotations. */
function drawPiece(text, piece, clusters) {
  let node = document.createTextNode(text.slice(piece.start, piece.end));
  const entity = piece.spans.find(span => span.kind === "entity")?.entity;
  if (entity) {
    const name = clusters[entity.entity]?.name;
    node = el(entity.entity ? "a" : "span", {class: `e e-${entity.type}`, href: entity.entity && entityPath(entity.entity),
      tabindex: entity.entity && "-1", "data-entity": entity.entity,
      title: [KINDS[entity.type], name !== text.slice(piece.start, piece.end) && name].filter(Boolean).join(": ")}, node);
  }
  for (const kind of ["cue", "mention", "via"]) {
    const of = piece.spans.filter(span => span.kind === kind).map(span => span.i);
    if (of.length)
      node = el("span", {class: kind, "data-of": of.join(" ")}, node);
  }
  return node;
}

/** The pieces of a part, those of one quotation together in its span. Where quotations lie over each other the shorter one counts. */
function drawPart(text, part, spans, clusters, seen) {
  const nodes = [];
  let open = null;
  for (const piece of pieces(part.start, part.end, spans)) {
    const inside = piece.spans.filter(span => span.kind === "quote");
    const quote = inside.reduce((a, b) => !a || b.end - b.start < a.end - a.start ? b : a, null);
    if (open?.i !== quote?.i) {
      open = null;
      if (quote) {
        const first = !seen.has(quote.i);
        seen.add(quote.i);
        const {type, who, confidence} = quote.quote;
        const node = el("span", {class: `q ${type} ${who.colour === null ? "s-none" : `s${who.colour}`}`, "data-q": quote.i,
          id: first ? `q${quote.i}` : null, tabindex: first ? "0" : null, "data-item": first,
          role: "group", "aria-label": first ? label(quote.quote) : null,
          "data-unsure": confidence < 60 || null});
        open = {i: quote.i, node};
        nodes.push(node);
      }
    }
    (open ? open.node : nodes)[open ? "append" : "push"](drawPiece(text, piece, clusters));
  }
  return nodes;
}

function drawText(record, at, spans) {
  const text = record.text, seen = new Set(), clusters = record.clusters ?? {};
  const parts = (record.structure ?? [{start: 0, end: Array.from(text).length, role: "body"}])
    .map(part => ({start: at(part.start), end: at(part.end), role: part.role}));
  let headlines = 0;
  return blocks(text, parts).map(block => {
    const tag = block.role === "headline" && headlines++ ? "h2" : TAGS[block.role];
    return el(tag, {class: block.role, dir: "auto"}, block.parts.map((part, i) => {
      const nodes = drawPart(text, part, spans, clusters, seen);
      const gap = i ? text.slice(block.parts[i - 1].end, part.start) : null;
      return [gap, part.role === block.role ? nodes : el("span", {class: part.role}, nodes)];
    }));
  });
}

/** Beside the text: who is quoted and who is named in it. */
function drawRail(record, speakers) {
  const most = Math.max(1, ...speakers.map(one => one.quotes.length));
  const quoted = speakers.filter(one => one.name).sort((a, b) => b.quotes.length - a.quotes.length).map(one => {
    const bar = el("span", {class: "bar", "aria-hidden": "true"});
    bar.style.setProperty("--part", one.quotes.length / most);
    const content = [el("span", {class: "name", dir: "auto"}, one.name), el("span", {class: "number"}, one.quotes.length), bar];
    return el("li", {class: `s${one.colour}`, "data-quotes": one.quotes.join(" ")},
      one.entity ? el("a", {href: entityPath(one.entity)}, content) : el("span", null, content));
  });
  const nobody = speakers.find(one => !one.name)?.quotes.length ?? 0;
  const speaking = new Set(speakers.map(one => one.entity));
  const named = new Map();
  for (const mention of record.entities ?? [])
    if (mention.entity && !speaking.has(mention.entity) && !["DATE", "TIME", "MONEY", "PERCENT"].includes(mention.type))
      named.set(mention.entity, {...record.clusters[mention.entity], times: (named.get(mention.entity)?.times ?? 0) + 1});
  const others = [...named].sort((a, b) => b[1].times - a[1].times).slice(0, 24).map(([key, one]) =>
    el("li", null, el("a", {href: entityPath(key)}, el("span", {class: `dot e-${one.type}`, "aria-hidden": "true"}),
      el("span", {dir: "auto"}, one.name))));
  return el("aside", {class: "rail", "aria-label": "Who is in it"}, el("div", {class: "stick"},
    el("section", null, el("h2", null, "Quoted here"), quoted.length ? el("ol", {class: "ranking quoted"}, quoted) : null,
      nobody ? el("p", {class: "meta"}, `${count(nobody, "quotation")} of nobody known`) : null,
      quoted.length || nobody ? null : el("p", {class: "meta"}, "Nobody.")),
    el("div", {class: "tie-card", id: "tie", role: "status"}),
    others.length ? el("section", {class: "also"}, el("h2", null, "Also named"), el("ul", {class: "names"}, others)) : null));
}

const LEGEND = [["PERSON", "people"], ["ORG", "organisations"], ["LOC", "places"], ["NORP", "groups"], ["MISC", "other names"],
  ["DATE", "times and amounts"]];

function drawFoot(answer, record) {
  const {previous, next} = answer.neighbours, facts = answer.facts;
  const safe = /^https?:\/\//i.test(facts.url ?? "") ? facts.url : null;
  return el("footer", {class: "foot"},
    el("p", {class: "legend", "aria-label": "Colours"}, LEGEND.map(([type, name]) => el("span", null, el("span", {class: `e e-${type}`}, name))),
      el("span", null, el("span", {class: "q direct s0"}, "spoken")), el("span", null, el("span", {class: "q indirect s0"}, "reported"))),
    el("p", {class: "meta"}, safe ? [el("a", {href: safe, rel: "noreferrer noopener", target: "_blank"}, "where it came from"), " · "] : null,
      facts.path ? `${facts.path} · ` : null, `position ${number(record.position)} · `,
      el("a", {href: `/api/v1/documents/${record.position}`}, "JSON")),
    el("nav", {class: "turn", "aria-label": "Other articles"},
      previous === null ? el("span") : el("a", {href: `/article/${previous}`, rel: "prev"}, "← the one before"),
      next === null ? el("span") : el("a", {href: `/article/${next}`, rel: "next"}, "the next one →")));
}

function drawHead(answer, record) {
  const facts = answer.facts, items = [facts.outlet, day(facts.date), facts.byline].filter(Boolean);
  const headline = record.structure?.some(part => part.role === "headline");
  return [
    answer.neighbours.newest !== null ? el("p", {class: "notice", role: "status"}, "This article was annotated again: ",
      el("a", {href: `/article/${answer.neighbours.newest}`}, "see how it is now")) : null,
    record.failed ? el("p", {class: "failed", role: "status"}, `Not annotated: ${record.failed.reason}`) : null,
    items.length ? el("p", {class: "kicker"}, items.map((item, i) => el("span", {class: i ? null : "first"}, item))) : null,
    headline ? null : el("h1", {class: "headline given", dir: "auto"}, facts.title ?? record.id),
  ];
}

export async function article(stage, {subject, signal, go}) {
  const answer = await get(`documents/${Number(subject)}`, {}, signal);
  const record = answer.document, at = pointMap(record.text);
  const speakers = speakersOf(record.quotes ?? []);
  const text = el("article", {class: "text", lang: answer.facts.language}, drawHead(answer, record),
    drawText(record, at, spansOf(record, at)));
  const rail = drawRail(record, speakers);
  stage.append(text, rail, drawFoot(answer, record));
  const ties = new Ties(text, rail, record, signal);
  const turnTo = position => () => position !== null && go(`/article/${position}`);
  return {
    title: answer.facts.title ?? record.id,
    shown: () => ties.begin(),
    keys: {
      ArrowLeft: turnTo(answer.neighbours.previous),
      ArrowRight: turnTo(answer.neighbours.next),
      Escape: () => ties.letGo(),
      Enter: event => event.target.dataset?.q !== undefined ? ties.open() : false,
    },
  };
}
