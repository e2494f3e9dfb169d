// A text with spans over it, cut into the pieces of which each lies inside the same spans. Offsets come as code points.

/** Turns offsets in code points into those of JavaScript's strings (UTF-16). */
export function pointMap(text) {
  if (!/[\ud800-\udfff]/.test(text))
    return point => point;
  const places = [];
  let at = 0;
  for (const character of text) {
    places.push(at);
    at += character.length;
  }
  places.push(at);
  return point => places[Math.min(point, places.length - 1)];
}

/** The pieces of [start, end): [{start, end, spans}], where spans are those of `all` ({start, end, ...}) that cover the piece. */
export function pieces(start, end, all) {
  const inside = all.filter(span => span.start < end && span.end > start);
  const borders = new Set([start, end]);
  for (const span of inside) {
    borders.add(Math.max(start, span.start));
    borders.add(Math.min(end, span.end));
  }
  const sorted = [...borders].sort((a, b) => a - b);
  return sorted.slice(0, -1).map((from, i) => ({
    start: from, end: sorted[i + 1], spans: inside.filter(span => span.start <= from && span.end >= sorted[i + 1])}));
}

/** Paragraphs as they stand on the page: parts of the structure with no line end between them belong to one block. */
export function blocks(text, structure) {
  const found = [];
  for (const part of structure) {
    const last = found.at(-1);
    if (last && !text.slice(last.end, part.start).includes("\n")) {
      last.parts.push(part);
      last.end = part.end;
    } else
      found.push({parts: [part], start: part.start, end: part.end});
  }
  for (const block of found) // what a block is, its largest part says: a dateline at its start does not
    block.role = block.parts.reduce((a, b) => b.end - b.start > a.end - a.start ? b : a).role;
  return found;
}
