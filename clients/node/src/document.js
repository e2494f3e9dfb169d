// A record of the corpus: a document with its layers, which are read when they are asked for.

import { Text } from "./annotations.js";
import * as layers from "./layers.js";
import { unpack } from "./records.js";

const OURS = new Set(["structure", "tokens", "entities", "quotes"]);
const RESERVED = new Set(["id", "text", "structure", "tokens", "sentences", "entities", "clusters", "quotes", "failed", "layers",
  "metadata", "position", "sequence", "source", "supersedes", "dropped"]);

export class Document {
  #of;
  #layers;
  #read = new Map(); // what was asked for before

  constructor(fields, position) {
    this.position = position;
    this.id = fields.id;
    this.text = fields.text;
    this.sequence = fields.sequence;
    this.source = fields.source;
    this.metadata = fields.metadata;
    this.supersedes = fields.supersedes ? fields.supersedes - 1 : null;
    this.dropped = fields.dropped;
    this.#layers = fields.layers;
    this.failed = fields.failed ? layers.failure(fields.failed, this.#text) : null;
  }

  get #text() {
    return (this.#of ??= new Text(this.text));
  }

  get layerNames() {
    return [...this.#layers.keys()];
  }

  rawLayer(name) {
    const octets = this.#layers.get(name);
    return octets === undefined ? null : unpack(octets);
  }

  layer(name) {
    const found = this.rawLayer(name);
    return found === null ? [] : layers.parts(found, this.#text);
  }

  #once(name, none, make) {
    if (!this.#read.has(name)) {
      const found = this.rawLayer(name);
      this.#read.set(name, found === null ? none : make(found, this.#text));
    }
    return this.#read.get(name);
  }

  get structure() {
    return this.#once("structure", [], layers.structure);
  }

  get #words() {
    return this.#once("tokens", { tokens: [], sentences: [] }, (layer, of) => {
      const tokens = layers.tokens(layer, of);
      return { tokens, sentences: layers.sentences(layer, of, tokens) };
    });
  }

  get tokens() {
    return this.#words.tokens;
  }

  get sentences() {
    return this.#words.sentences;
  }

  get #named() {
    return this.#once("entities", { mentions: [], clusters: [] }, layers.entities);
  }

  get entities() {
    return this.#named.mentions;
  }

  get clusters() {
    return this.#named.clusters;
  }

  get quotes() {
    return this.#once("quotes", [], (layer, of) => layers.quotes(layer, of, this.clusters));
  }

  toObject({ place = false } = {}) {
    const result = { id: this.id, text: this.text };
    const take = (target, wanted) => {
      for (const [name, value] of Object.entries(json(this.metadata)))
        if (RESERVED.has(name) === wanted) define(target, name, value);
      return target;
    };
    take(result, false);
    if (place) {
      Object.assign(result, { position: this.position, sequence: this.sequence, source: this.source });
      if (this.supersedes !== null) result.supersedes = this.supersedes;
      if (this.dropped) result.dropped = true;
    }
    if (this.#layers.has("structure")) result.structure = this.structure.map((p) => ({ ...ends(p), role: p.role }));
    if (this.#layers.has("tokens")) {
      result.tokens = this.tokens.map((token) => token.points);
      result.sentences = this.sentences.map((sentence) => sentence.points);
    }
    if (this.#layers.has("entities")) {
      result.entities = this.entities.map((e) => ({ ...ends(e), type: e.type, entity: e.key }));
      result.clusters = {};
      for (const { key, name, type } of this.clusters)
        if (!Object.hasOwn(result.clusters, key)) define(result.clusters, key, { name, type });
    }
    if (this.#layers.has("quotes")) result.quotes = this.quotes.map(quoteObject);
    if (this.failed) result.failed = failureObject(this.failed);
    const others = this.layerNames.filter((name) => !OURS.has(name));
    if (others.length) {
      result.layers = {};
      for (const name of others) define(result.layers, name, json(this.rawLayer(name)));
    }
    const ours = take({}, true);
    if (Object.keys(ours).length) result.metadata = ours;
    return result;
  }

  toJSON() {
    return this.toObject({ place: true });
  }
}

/** A member of any name, `__proto__` too. */
function define(target, name, value) {
  Object.defineProperty(target, name, { value, enumerable: true, writable: true, configurable: true });
}

/** What JSON can say of a value of other people: octets become base64, numbers that are none become null. */
function json(value) {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (typeof value === "number" && !Number.isFinite(value)) return null;
  if (Array.isArray(value)) return value.map(json);
  if (typeof value !== "object" || value === null) return value;
  const result = {};
  for (const [name, item] of Object.entries(value)) define(result, name, json(item));
  return result;
}

const ends = (span) => ({ start: span.pointStart, end: span.pointEnd });
const pair = (span) => (span ? span.points : null);

function quoteObject(quote) {
  return {
    ...ends(quote), type: quote.type, cue: pair(quote.cue), speaker_mention: pair(quote.speakerMention),
    speaker: quote.speaker, entity: quote.entity, ...(quote.via ? { via: pair(quote.via) } : {}),
    speech: quote.speech, how: quote.how, confidence: quote.confidence, statement: quote.statement,
  };
}

function failureObject({ reason, holes }) {
  return holes === null ? { reason }
    : { reason, holes: holes.map((hole) => ({ ...ends(hole), layers: hole.layers, reason: hole.reason })) };
}
