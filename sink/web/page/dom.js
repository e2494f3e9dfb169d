// Making elements. Text is always text: nothing here, or anywhere in the page, turns a string into HTML.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false)
      continue;
    if (name.startsWith("on"))
      node.addEventListener(name.slice(2), value);
    else
      node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false));
  return node;
}

/** el("a", {href: "/", class: "x"}, "text", other): an element. Null children are left out. */
export const el = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);

/** The same for SVG. */
export const svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

const whole = new Intl.NumberFormat("en");
export const number = value => whole.format(value);

/** "1 quotation", "12 quotations" */
export const count = (value, one, many = one + "s") => `${number(value)} ${value === 1 ? one : many}`;

const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
  "December"];

/** "2025-02-11T06:45:00Z" as "11 February 2025"; less where less is known. */
export function day(iso, short = false) {
  const [, year, month, date] = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?/.exec(iso ?? "") ?? [];
  if (!year)
    return "";
  const name = MONTHS[Number(month) - 1];
  return [date && String(Number(date)), name && (short ? name.slice(0, 3) : name), year].filter(Boolean).join(" ");
}

export function megabytes(bytes) {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : bytes >= 1e5 ? `${(bytes / 1e6).toFixed(1)} MB`
    : `${(bytes / 1e3).toFixed(1)} KB`;
}

/** The parts of a text, those in `matches` (code points) inside <mark>. */
export function marked(text, matches) {
  const points = matches.length ? Array.from(text) : [];
  if (!matches.length)
    return [text];
  const parts = [];
  let at = 0;
  for (const [start, end] of matches) {
    parts.push(points.slice(at, start).join(""), el("mark", null, points.slice(start, end).join("")));
    at = end;
  }
  parts.push(points.slice(at).join(""));
  return parts;
}
