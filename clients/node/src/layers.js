// Layers as MessagePack has them, made into objects. Nothing is believed: offsets lie inside the text and in order, types are
// known, or Damaged is thrown. The forms are those of PROTOCOL.md, section 12.

import { Cluster, Entity, Hole, Paragraph, Part, Quote, Sentence, Span, Token } from "./annotations.js";
import { Damaged } from "./errors.js";

const ROLES = ["body", "headline", "byline", "dateline", "caption", "boilerplate"];
const TYPES = ["PERSON", "ORG", "LOC", "FAC", "NORP", "PRODUCT", "EVENT", "MISC", "DATE", "TIME", "MONEY", "PERCENT"];
const PREFIXES = ["person", "org", "place", "place", "norp", "product", "event", "misc", "date", "time", "money", "percent"];
const QUOTE_TYPES = ["direct", "indirect", "mixed"];
const HOWS = ["none", "name", "apposition", "pronoun", "nominal", "turn", "text"];
const BELIEF = 1, OPENS_BEFORE = 2, RUNS_ON = 4, ALL_FLAGS = 7;
const STATEMENT = 5; // octets
const FAR = 2 ** 32;

function member(layer, name, isKind) {
  const value = layer && typeof layer === "object" && Object.hasOwn(layer, name) ? layer[name] : undefined;
  if (!isKind(value)) throw new Damaged(`'${name}' is missing or is something else`);
  return value;
}

const isOctets = (value) => value instanceof Uint8Array;

function number(value, name, least = 0) {
  if (!Number.isSafeInteger(value) || value < least || value > FAR)
    throw new Damaged(`'${name}' has something else where a number should be`);
  return value;
}

function oneOf(names, value, name) {
  if (number(value, name) >= names.length) throw new Damaged(`'${name}' has ${value}, of which nothing is known`);
  return names[value];
}

/** The key of a cluster when nothing else is known than its type and its name. */
export function usualKey(type, name) {
  const words = name.replace(/[A-Z]/g, (letter) => letter.toLowerCase()).split(/[\x00-\x2f\x3a-\x60\x7b-\x7f]+/);
  return `${PREFIXES[TYPES.indexOf(type)]}:${words.filter(Boolean).join("-")}`;
}

// ---- tokens --------------------------------------------------------------------------------------------------------

export function tokens(layer, of) {
  const spans = member(layer, "spans", isOctets), count = number(layer.count, "count"), halves = 2 * spans.length;
  let at = 0;
  const half = () => {
    if (at >= halves) throw new Damaged("there are more tokens than are written");
    const octet = spans[at >> 1];
    return at++ & 1 ? octet >> 4 : octet & 15;
  };
  const long = () => {
    for (let value = 0, shift = 0; shift < 30; shift += 3) {
      const next = half();
      value += (next & 7) * 2 ** shift;
      if (next < 8) return value;
    }
    throw new Damaged("a token's gap or length is too long a number");
  };
  const found = [];
  for (let i = 0, end = 0; i < count; i++) {
    const first = half();
    const start = first >= 1 && first <= 12 ? end + 1 : first ? end : end + long();
    end = start + (first >= 1 && first <= 12 ? first : first ? first - 12 : number(long(), "a token's length", 1));
    found.push(new Token(of, start, end, "a token"));
  }
  if (at < halves - 1 || (at < halves && half() !== 0)) throw new Damaged("there is something behind the last token");
  return found;
}

export function sentences(layer, of, words) {
  const found = [];
  let first = 0, length = 0, shift = 0;
  for (const octet of member(layer, "sentences", isOctets)) {
    length += (octet & 127) * 2 ** shift;
    shift += 7;
    if (shift > 35) throw new Damaged("a sentence's length is too long a number");
    if (octet >= 128) continue;
    if (length === 0 || length > words.length - first) throw new Damaged("the sentences are not of the tokens that there are");
    const sentence = new Sentence(of, words[first].pointStart, words[first + length - 1].pointEnd);
    sentence.tokens = words.slice(first, first + length);
    found.push(sentence);
    first += length;
    length = shift = 0;
  }
  if (first !== words.length || shift) throw new Damaged("the sentences are not of the tokens that there are");
  return found;
}

// ---- entities ------------------------------------------------------------------------------------------------------

export function entities(layer, of) {
  const numbers = member(layer, "mentions", Array.isArray);
  const named = Object.hasOwn(layer, "clusters") ? member(layer, "clusters", Array.isArray) : [];
  if (numbers.length % 4 || named.length % 2 || named.length > numbers.length / 2)
    throw new Damaged("'mentions' is not of fours, or 'clusters' not of pairs");
  const mentions = [], clusterOf = [], types = new Array(named.length / 2).fill("MISC");
  for (let i = 0, end = 0; i < numbers.length; i += 4) {
    const start = end + number(numbers[i], "mentions");
    end = start + number(numbers[i + 1], "mentions", 1);
    const mention = new Entity(of, start, end, "a mention"), cluster = number(numbers[i + 3], "mentions") - 1;
    mention.type = oneOf(TYPES, numbers[i + 2], "mentions");
    mention.cluster = null;
    if (cluster >= types.length) throw new Damaged("a mention has a cluster that does not exist");
    if (cluster >= 0) types[cluster] = mention.type;
    clusterOf.push(cluster);
    mentions.push(mention);
  }
  const clusters = types.map((type, i) => makeCluster(named[2 * i], named[2 * i + 1], type, mentions));
  mentions.forEach((mention, i) => {
    if (clusterOf[i] < 0) return;
    mention.cluster = clusters[clusterOf[i]];
    mention.cluster.mentions.push(mention);
  });
  return { mentions, clusters };
}

function makeCluster(name, key, type, mentions) {
  if (typeof name !== "string") {
    if (number(name, "clusters") >= mentions.length)
      throw new Damaged("a cluster is named by a mention that does not exist");
    name = mentions[name].text;
  }
  if (key !== null && typeof key !== "string") throw new Damaged("a cluster's key is no text");
  return new Cluster(key === null ? usualKey(type, name) : key, name, type);
}

// ---- quotes --------------------------------------------------------------------------------------------------------

function near(of, item, at, origin) {
  const start = number(item[at], "quotes", -FAR) + origin, length = number(item[at + 1], "quotes");
  if (length === 0) return null;
  if (start < 0) throw new Damaged("a part of a quote lies outside of the text");
  return new Span(of, start, start + length, "a part of a quote");
}

export function quotes(layer, of, clusters) {
  const items = member(layer, "quotes", Array.isArray);
  const statements = Object.hasOwn(layer, "statements") ? Buffer.from(member(layer, "statements", isOctets))
    : Buffer.alloc(STATEMENT * items.length);
  if (statements.length !== STATEMENT * items.length) throw new Damaged("'statements' has not five octets for each quote");
  let start = 0;
  return items.map((item, i) => {
    if (!Array.isArray(item) || item.length < 11 || item.length === 12)
      throw new Damaged("'quotes' has an item that is not a quote");
    start += number(item[0], "quotes");
    const quote = new Quote(of, start, start + number(item[1], "quotes", 1), "a quote");
    const flags = number(item[3], "quotes"), speaker = item[10];
    quote.type = oneOf(QUOTE_TYPES, item[2], "quotes");
    quote.speech = !(flags & BELIEF);
    quote.opensBefore = Boolean(flags & OPENS_BEFORE);
    quote.runsOn = Boolean(flags & RUNS_ON);
    quote.cue = near(of, item, 4, start);
    quote.speakerMention = near(of, item, 6, start);
    quote.via = item.length > 12 ? near(of, item, 11, start) : null;
    quote.how = oneOf(HOWS, item[8], "quotes");
    quote.confidence = number(item[9], "quotes");
    if (flags > ALL_FLAGS || quote.confidence > 100) throw new Damaged("a quote has an impossible value");
    const statement = statements.toString("hex", STATEMENT * i, STATEMENT * (i + 1));
    quote.statement = /[^0]/.test(statement) ? statement : null;
    quote.cluster = null;
    if (speaker === true) {
      quote.speaker = quote.speakerMention ? quote.speakerMention.text : null;
    } else if (speaker === null || typeof speaker === "string") {
      quote.speaker = speaker || null;
    } else {
      if (number(speaker, "quotes") >= clusters.length)
        throw new Damaged("a quote's speaker is a cluster that does not exist");
      quote.cluster = clusters[speaker];
      quote.speaker = quote.cluster.name;
    }
    return quote;
  });
}

// ---- the others ----------------------------------------------------------------------------------------------------

export function structure(layer, of) {
  const numbers = member(layer, "paragraphs", Array.isArray), found = [];
  if (numbers.length % 3) throw new Damaged("'paragraphs' is not of threes");
  for (let i = 0, end = 0; i < numbers.length; i += 3) {
    const start = end + number(numbers[i], "paragraphs");
    end = start + number(numbers[i + 1], "paragraphs", 1);
    const paragraph = new Paragraph(of, start, end, "a paragraph");
    paragraph.role = oneOf(ROLES, numbers[i + 2], "paragraphs");
    found.push(paragraph);
  }
  return found;
}

/** Lists of start, length, and what else. */
function pieces(Kind, items, of, size, name, fill) {
  return items.map((item) => {
    if (!Array.isArray(item) || item.length < size) throw new Damaged(`'${name}' has an item that is something else`);
    const start = number(item[0], name), piece = new Kind(of, start, start + number(item[1], name), `a part of '${name}'`);
    fill(piece, item);
    return piece;
  });
}

export function parts(layer, of) {
  return pieces(Part, member(layer, "parts", Array.isArray), of, 3, "parts", (part, item) => {
    part.value = item[2];
  });
}

export function failure(failed, of) {
  const reason = member(failed, "reason", (value) => typeof value === "string");
  if (!Object.hasOwn(failed, "holes")) return { reason, holes: null };
  const holes = pieces(Hole, member(failed, "holes", Array.isArray), of, 4, "holes", (hole, item) => {
    if (!Array.isArray(item[2]) || typeof item[3] !== "string")
      throw new Damaged("'holes' has an item that is something else");
    [, , hole.layers, hole.reason] = item;
  });
  return { reason, holes };
}
