// Records as octets: where each ends, whether its checksum is right, and its fields. Input is hostile: each value is walked
// over before anything is made of it, so that what is made is in proportion to the octets that are really there.

import { decode } from "@msgpack/msgpack";
import { crc32c } from "@node-rs/crc32";
import { Damaged } from "./errors.js";

export const TAIL = 12; // octets: the key "crc32c" and a number in its 5-octet form
const TAIL_KEY = Buffer.from("\xa6crc32c\xce", "latin1");
const DEEPEST = 64; // maps and lists inside each other
const LONGEST_ID = 529;
const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Values that stand inside of a value that begins with `lead`, and octets that it has besides; null: none of ours. */
function shape(octets, at, lead) {
  if (lead <= 0x7f || lead >= 0xe0) return [1, 0];
  if (lead <= 0x8f) return [1, 2 * (lead & 15)];
  if (lead <= 0x9f) return [1, lead & 15];
  if (lead <= 0xbf) return [1 + (lead & 31), 0];
  switch (lead) {
    case 0xc0: case 0xc2: case 0xc3: return [1, 0];
    case 0xc4: case 0xd9: return [2 + octets.readUInt8(at + 1), 0];
    case 0xc5: case 0xda: return [3 + octets.readUInt16BE(at + 1), 0];
    case 0xc6: case 0xdb: return [5 + octets.readUInt32BE(at + 1), 0];
    case 0xcc: case 0xd0: return [2, 0];
    case 0xcd: case 0xd1: return [3, 0];
    case 0xca: case 0xce: case 0xd2: return [5, 0];
    case 0xcb: case 0xcf: case 0xd3: return [9, 0];
    case 0xdc: return [3, octets.readUInt16BE(at + 1)];
    case 0xdd: return [5, octets.readUInt32BE(at + 1)];
    case 0xde: return [3, 2 * octets.readUInt16BE(at + 1)];
    case 0xdf: return [5, 2 * octets.readUInt32BE(at + 1)];
    default: return null; // extension types
  }
}

/** Where the value at `at` ends; throws Damaged when it is cut off, too deep, or of a type that has no place here. */
export function skip(octets, at, end = octets.length) {
  const open = [1]; // values still to come, of each list and map that is open
  try {
    while (open.length > 0) {
      if (open[open.length - 1]-- === 0) {
        open.pop();
        continue;
      }
      const found = at < end ? shape(octets, at, octets[at]) : null;
      if (!found) throw new Damaged(at < end ? "a value of an unknown type" : "a value is cut off");
      at += found[0];
      if (at > end || found[1] > end - at || open.length > DEEPEST) throw new Damaged("a value is cut off, or too deep");
      if (found[1] > 0) open.push(found[1]);
    }
  } catch (error) {
    if (error instanceof RangeError) throw new Damaged("a value is cut off", { cause: error });
    throw error;
  }
  return at;
}

/** One whole value, octets [begin, end). */
export function unpack(octets, begin = 0, end = octets.length) {
  if (skip(octets, begin, end) !== end) throw new Damaged("octets are left over behind a value");
  try {
    return decode(octets.subarray(begin, end));
  } catch (error) {
    throw new Damaged(`not MessagePack as it should be: ${error.message}`, { cause: error });
  }
}

/** The octets of so many records, which must be the frame and nothing else. */
export function split(octets, count) {
  const found = [];
  let begin = 0;
  while (found.length < count) {
    const end = skip(octets, begin);
    found.push(octets.subarray(begin, end));
    begin = end;
  }
  if (begin !== octets.length) throw new Damaged("a frame has more than its records");
  return found;
}

/** Throws Damaged unless the record proves itself. */
export function check(record) {
  const body = record.length - TAIL;
  if (body < 0 || TAIL_KEY.compare(record, body, body + 8) !== 0 || record.readUInt32BE(body + 8) !== crc32c(record.subarray(0, body)))
    throw new Damaged("a record's checksum does not match");
}

/** Text as it stands: with its byte order mark, if it has one, for offsets count it. */
function readText(octets, begin, end) {
  const lead = octets[begin];
  const head = lead >= 0xa0 && lead <= 0xbf ? 1 : { 0xd9: 2, 0xda: 3, 0xdb: 5 }[lead];
  if (!head) throw new Damaged("a record has something else where text should be");
  try {
    return text.decode(octets.subarray(begin + head, end));
  } catch (error) {
    throw new Damaged("a record's text is not UTF-8", { cause: error });
  }
}

/** Calls visit(key, begin, end) for each pair of the map at `at`, of which all is there; returns where it ends. */
function eachPair(octets, at, visit) {
  const lead = octets[at];
  const [head, values] = (lead & 0xf0) === 0x80 || lead === 0xde || lead === 0xdf ? shape(octets, at, lead) : [0, 0];
  if (!head) throw new Damaged("a record has something else where a map should be");
  const seen = new Set();
  at += head;
  for (let i = 0; i < values; i += 2) {
    const begin = skip(octets, at), key = readText(octets, at, begin);
    if (seen.has(key)) throw new Damaged(`a record has '${key}' twice`);
    seen.add(key);
    at = skip(octets, begin);
    visit(key, begin, at);
  }
  return at;
}

const isMap = (value) => typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
const KINDS = { sequence: isCount, source: isMap, metadata: isMap, failed: isMap, supersedes: isCount,
  dropped: (value) => typeof value === "boolean" };

/** Takes apart a record that ends where its octets end. Layers are left as octets, in a Map. */
export function parse(record) {
  if (skip(record, 0) !== record.length) throw new Damaged("octets are left over behind a record");
  const fields = { metadata: {}, failed: null, supersedes: 0, dropped: false };
  eachPair(record, 0, (key, begin, end) => {
    if (key === "id" || key === "text") {
      fields[key] = readText(record, begin, end);
    } else if (key === "layers") {
      fields.layers = new Map();
      eachPair(record, begin, (name, from, to) => fields.layers.set(name, record.subarray(from, to)));
    } else if (Object.hasOwn(KINDS, key)) {
      fields[key] = unpack(record, begin, end);
      if (!KINDS[key](fields[key])) throw new Damaged(`a record's '${key}' is something else`);
    }
  });
  for (const key of ["id", "text", "sequence", "source", "layers"])
    if (fields[key] === undefined) throw new Damaged(`a record has no '${key}'`);
  return fields;
}

/** The octets of an id, or null when it is too long to be one. */
export function idOctets(id) {
  const octets = Buffer.from(id, "utf8");
  return octets.length <= LONGEST_ID ? octets : null;
}
