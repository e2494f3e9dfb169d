// A corpus on disk: its records by position and by id, beside a sink that writes it too.

import fs from "node:fs";
import path from "node:path";
import { xxh3 } from "@node-rs/xxhash";
import { Document } from "./document.js";
import { Damaged, NotACorpus } from "./errors.js";
import { TAIL, check, idOctets, parse, skip } from "./records.js";

const HEAD = 16, ENTRY = 48, MAGIC = Buffer.from("QWINDEX1");
const FAILED = 1, DROPPED = 2, SUPERSEDES = 4;
const AHEAD_BYTES = 1 << 20, AHEAD_ENTRIES = 256, WINDOW = 1 << 16;
const OPEN_AT_MOST = 8; // segments

/** The hash of an id as the index has it: 16 octets, the most significant first. */
function hashOf(octets) {
  return Buffer.from(xxh3.xxh128(octets).toString(16).padStart(32, "0"), "hex");
}

function fileSize(name) {
  return fs.statSync(name, { throwIfNoEntry: false })?.size ?? 0;
}

/** Octets [offset, offset + size) of an open file, fewer only at its end. */
function readOpen(file, offset, size) {
  const room = Buffer.allocUnsafe(Math.max(0, Math.min(size, fs.fstatSync(file).size - offset)));
  let used = 0;
  for (let got = -1; used < room.length && got !== 0; used += got)
    got = fs.readSync(file, room, used, room.length - used, offset + used);
  return room.subarray(0, used);
}

function readFile(name, offset, size) {
  const file = fs.openSync(name, "r");
  try {
    return readOpen(file, offset, size);
  } finally {
    fs.closeSync(file);
  }
}

function decodeEntry(octets, at) {
  return {
    offset: Number(octets.readBigUInt64LE(at)), size: octets.readUInt32LE(at + 8), crc: octets.readUInt32LE(at + 12),
    hash: octets.subarray(at + 16, at + 32), flags: octets.readUInt32LE(at + 32),
  };
}

/** One file of records and its index. */
class Segment {
  constructor(folder, number, first) {
    const name = path.join(folder, `segment-${String(number).padStart(6, "0")}`);
    this.path = `${name}.msgpack`;
    this.indexPath = `${name}.index`;
    this.first = first;
    this.count = 0;
    this.file = null;
    this.madeUp = null; // of a segment whose index is of no use: its entries
  }

  exists() {
    return fs.existsSync(this.indexPath) || fs.existsSync(this.path);
  }

  /** Its first position, as its index says; null: it says nothing. */
  head() {
    if (!fs.existsSync(this.indexPath)) return null;
    const head = readFile(this.indexPath, 0, HEAD);
    return head.length === HEAD && MAGIC.compare(head, 0, 8) === 0 ? Number(head.readBigUInt64LE(8)) : null;
  }

  /** Counts its records anew. Without an index that fits, the segment itself is read. */
  look(sealed) {
    if (this.madeUp) return;
    if (this.head() === this.first) {
      this.count = Math.max(this.count, Math.floor((fileSize(this.indexPath) - HEAD) / ENTRY));
      const [last] = this.count ? this.entries(this.count - 1, 1) : [];
      const size = fileSize(this.path), end = last ? last.offset + last.size : 0;
      if (sealed ? end === size : end <= size && Boolean(last) === this.count > 0) return;
    }
    this.madeUp = this.scan();
    this.count = this.madeUp.length;
  }

  entries(at, count) {
    if (this.madeUp) return this.madeUp.slice(at, at + count);
    const octets = readFile(this.indexPath, HEAD + at * ENTRY, Math.min(count, this.count - at) * ENTRY), found = [];
    for (let i = 0; i + ENTRY <= octets.length; i += ENTRY) found.push(decodeEntry(octets, i));
    return found;
  }

  /** Which of its records have an id with this hash, the last one first. */
  *find(hash) {
    for (let end = this.count; end > 0; end -= AHEAD_ENTRIES) {
      const begin = Math.max(0, end - AHEAD_ENTRIES), entries = this.entries(begin, end - begin);
      for (let i = entries.length - 1; i >= 0; i--) if (hash.equals(entries[i].hash)) yield begin + i;
    }
  }

  /** Its records, as far as they are right. Memory holds one of them at a time. */
  scan() {
    const found = [];
    if (!fs.existsSync(this.path)) return found;
    const size = fileSize(this.path);
    try {
      for (let offset = 0, window = WINDOW; offset < size;) {
        const octets = readFile(this.path, offset, window);
        let end;
        try {
          end = skip(octets, 0);
        } catch (error) {
          if (octets.length < window) break; // cut off, or no record
          window *= 2;
          continue;
        }
        const record = octets.subarray(0, end);
        check(record);
        const fields = parse(record);
        const flags = (fields.failed ? FAILED : 0) | (fields.dropped ? DROPPED : 0) | (fields.supersedes ? SUPERSEDES : 0);
        found.push({ offset, size: end, crc: record.readUInt32BE(end - 4), hash: hashOf(Buffer.from(fields.id)), flags });
        offset += end;
        window = WINDOW;
      }
    } catch (error) {
      if (!(error instanceof Damaged || error instanceof RangeError)) throw error; // what comes behind cannot be had
    }
    return found;
  }

  read(offset, size) {
    this.file ??= fs.openSync(this.path, "r");
    return readOpen(this.file, offset, size);
  }

  close() {
    if (this.file !== null) fs.closeSync(this.file);
    this.file = null;
  }
}

export class Corpus {
  #folder;
  #verify;
  #segments = [];
  #open = []; // the one used last comes last

  constructor(folder, { verify = true } = {}) {
    this.#folder = folder;
    this.#verify = verify;
    this.#refresh();
    if (!this.#segments.length) throw new NotACorpus(`${folder} is not a corpus: it has no segment-000000.msgpack`);
  }

  // ---- segments ----------------------------------------------------------------------------------------------------

  #refresh() {
    for (;;) {
      const last = this.#segments.at(-1), following = new Segment(this.#folder, this.#segments.length, 0);
      if (!following.exists()) break;
      if (last) {
        last.look(true);
        const first = following.head();
        // what is damaged keeps its positions
        if (first !== null && first >= last.first + last.count) last.count = first - last.first;
        following.first = last.first + last.count;
      }
      this.#segments.push(following);
      following.look(false);
    }
    this.#segments.at(-1)?.look(false);
  }

  get #known() {
    const last = this.#segments.at(-1);
    return last.first + last.count;
  }

  #locate(position) {
    let low = 0, high = this.#segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#segments[middle].first <= position) low = middle;
      else high = middle - 1;
    }
    return this.#segments[low];
  }

  /** A part of a segment's file, which stays open for the next. */
  #octets(segment, offset, size) {
    this.#open = [...this.#open.filter((other) => other !== segment), segment];
    if (this.#open.length > OPEN_AT_MOST) this.#open.shift().close();
    return segment.read(offset, size);
  }

  // ---- records -----------------------------------------------------------------------------------------------------

  get length() {
    this.#refresh();
    return this.#known;
  }

  at(position) {
    const count = position < 0 || position >= this.#known ? this.length : this.#known;
    const wanted = position < 0 ? position + count : position;
    return Number.isInteger(wanted) && wanted >= 0 && wanted < count ? this.#read(wanted) : undefined;
  }

  #read(position) {
    const segment = this.#locate(position), at = position - segment.first;
    for (;;) {
      const [entry] = segment.entries(at, 1);
      const record = entry ? this.#octets(segment, entry.offset, entry.size) : null;
      if (entry && this.#isRight(record, entry)) return new Document(parse(record), position);
      const madeUp = segment.madeUp ? [] : segment.scan(); // the fault may be the index's
      if (at >= madeUp.length) throw new Damaged(`${segment.path}: the record at position ${position} is damaged`);
      segment.madeUp = madeUp;
    }
  }

  #isRight(record, entry) {
    if (record.length !== entry.size || record.length < TAIL || record.readUInt32BE(record.length - 4) !== entry.crc)
      return false;
    try {
      if (this.#verify) check(record);
      return true;
    } catch (error) {
      if (error instanceof Damaged) return false;
      throw error;
    }
  }

  /** Records from one segment, many at a time. */
  #ahead(position, end) {
    const segment = this.#locate(position), entries = [];
    let size = 0;
    for (const entry of segment.entries(position - segment.first, Math.min(AHEAD_ENTRIES, end - position))) {
      if (entries.length && (entry.offset !== entries[0].offset + size || size + entry.size > AHEAD_BYTES)) break;
      entries.push(entry);
      size += entry.size;
    }
    const octets = entries.length ? this.#octets(segment, entries[0].offset, size) : null, found = [];
    for (const entry of entries) {
      const begin = entry.offset - entries[0].offset, record = octets.subarray(begin, begin + entry.size);
      if (!this.#isRight(record, entry)) break;
      found.push(new Document(parse(record), position + found.length));
    }
    return found.length ? found : [this.#read(position)];
  }

  *records(from = 0, to = Infinity) {
    for (let position = from; ;) {
      if (position >= this.#known) this.#refresh();
      const end = Math.min(to, this.#known);
      if (position >= end) return;
      const batch = this.#ahead(position, end);
      yield* batch;
      position += batch.length;
    }
  }

  [Symbol.iterator]() {
    return this.records();
  }

  // ---- ids and documents -------------------------------------------------------------------------------------------

  find(id) {
    const octets = idOctets(id);
    if (octets === null) return undefined;
    const hash = hashOf(octets);
    this.#refresh();
    for (let i = this.#segments.length - 1; i >= 0; i--) {
      for (const at of this.#segments[i].find(hash)) {
        const document = this.#read(this.#segments[i].first + at);
        if (document.id === id) return document;
      }
    }
    return undefined;
  }

  has(id) {
    return this.find(id) !== undefined;
  }

  *documents({ only } = {}) {
    if (only !== undefined && only !== "annotated" && only !== "failed")
      throw new RangeError(`only is "annotated" or "failed", not ${only}`);
    const end = this.length, histories = this.#histories(end);
    for (let document of this.records(0, end)) {
      const history = histories.get(hashOf(Buffer.from(document.id)).toString("latin1"));
      if (history && (history.root !== document.position || history.dropped)) continue;
      if (history && history.newest !== document.position) document = this.#read(history.newest);
      if (only === undefined || (document.failed !== null) === (only === "failed")) yield document;
    }
  }

  /** Of each document that ever failed, by its id's hash: first and newest position, and whether it is dropped. */
  #histories(end) {
    const found = new Map();
    for (let position = 0; position < end;) {
      const segment = this.#locate(position);
      const entries = segment.entries(position - segment.first, Math.min(AHEAD_ENTRIES, end - position));
      if (!entries.length) throw new Damaged(`${segment.indexPath}: the entry of position ${position} cannot be read`);
      for (const { hash, flags } of entries) {
        const name = hash.toString("latin1"), history = found.get(name), dropped = Boolean(flags & DROPPED);
        if (history && !(history.dropped && !(flags & SUPERSEDES)))
          found.set(name, { root: history.root, newest: position, dropped });
        else if (history || flags & (FAILED | DROPPED | SUPERSEDES))
          found.set(name, { root: position, newest: position, dropped });
        position++;
      }
    }
    return found;
  }

  close() {
    for (const segment of this.#open) segment.close();
    this.#open = [];
  }
}

export function open(folder, options) {
  return new Corpus(folder, options);
}
