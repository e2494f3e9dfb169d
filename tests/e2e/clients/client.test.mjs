// The Node.js client against the protocol's vectors, against corpora that are damaged, and against sinks that lie.
// client.test.mjs VECTORS; `quotewire` is the installed package.
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import test from "node:test";
import { decode, encode } from "@msgpack/msgpack";
import { crc32c } from "@node-rs/crc32";
import { xxh3 } from "@node-rs/xxhash";
import * as zmq from "zeromq";
import * as quotewire from "quotewire";

const folder = path.dirname(path.dirname(new URL(import.meta.resolve("quotewire")).pathname));
const inner = (name) => import(path.join(folder, "src", name));
const layers = await inner("layers.js");
const records = await inner("records.js");
const { Text } = await inner("annotations.js");

const VECTORS = process.env.QUOTEWIRE_VECTORS;
const vectors = (kind) => fs.readdirSync(path.join(VECTORS, kind)).sort()
  .map((name) => JSON.parse(fs.readFileSync(path.join(VECTORS, kind, name), "utf8")));

/** A record of everything before the tail, which is put behind it. */
function seal(front) {
  const tail = Buffer.from("\xa6crc32c\xce\0\0\0\0", "latin1");
  tail.writeUInt32BE(crc32c(front), 8);
  return Buffer.concat([front, tail]);
}

function record(id, fields = {}) {
  const whole = Buffer.from(encode({ id, sequence: 0, source: {}, text: "Mara Venn said “no”.", layers: {}, ...fields, crc32c: 0 }));
  return seal(whole.subarray(0, whole.length - 8));
}

function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// ---- layers and records ----------------------------------------------------------------------------------------------

const pair = (span) => (span ? span.points : null);

function readLayer(kind, layer, string, clusters = []) {
  const of = new Text(string);
  if (kind === "tokens") {
    const tokens = layers.tokens(layer, of);
    return { tokens: tokens.map(pair), sentences: layers.sentences(layer, of, tokens).map(pair) };
  }
  if (kind === "entities") {
    const found = layers.entities(layer, of);
    return {
      entities: found.mentions.map((m) => ({ start: m.pointStart, end: m.pointEnd, type: m.type, entity: m.key })),
      clusters: Object.fromEntries(found.clusters.map(({ key, name, type }) => [key, { name, type }])),
    };
  }
  if (kind === "quotes") return { quotes: layers.quotes(layer, of, clusters) };
  return { structure: layers.structure(layer, of).map((p) => ({ start: p.pointStart, end: p.pointEnd, role: p.role })) };
}

test("layers of the vectors say what the vectors say", () => {
  for (const vector of vectors("layers").filter(({ valid, kind }) => valid && kind !== "key")) {
    const told = vector.annotations;
    const clusters = Object.entries(told.clusters ?? {}).map(([key, { name, type }]) => new quotewire.Cluster(key, name, type));
    const found = readLayer(vector.kind, records.unpack(Buffer.from(vector.hex, "hex")), vector.text, clusters);
    if (!found.quotes) {
      for (const [name, value] of Object.entries(found)) assert.deepEqual(value, told[name], vector.name);
      continue;
    }
    assert.equal(found.quotes.length, told.quotes.length);
    found.quotes.forEach((quote, i) => {
      const expected = { via: null, opens_before: false, runs_on: false, ...told.quotes[i] };
      assert.deepEqual({
        start: quote.pointStart, end: quote.pointEnd, type: quote.type, speech: quote.speech, cue: pair(quote.cue),
        speaker_mention: pair(quote.speakerMention), via: pair(quote.via), speaker: quote.speaker, entity: quote.entity,
        how: quote.how, confidence: quote.confidence, statement: quote.statement, opens_before: quote.opensBefore, runs_on: quote.runsOn }, expected);
    });
  }
});

test("keys are those of the vectors", () => {
  for (const { hex } of vectors("layers").filter(({ kind }) => kind === "key")) {
    const [type, name, key] = records.unpack(Buffer.from(hex, "hex"));
    assert.equal(layers.usualKey(type, name), key);
  }
});

test("layers and records that are wrong are refused", () => {
  for (const vector of vectors("layers").filter(({ valid }) => !valid))
    assert.throws(() => readLayer(vector.kind, records.unpack(Buffer.from(vector.hex, "hex")), vector.text), quotewire.Damaged,
      vector.name);
  for (const vector of vectors("corpus").filter(({ valid, kind }) => !valid && kind === "record"))
    assert.throws(() => {
      records.check(Buffer.from(vector.hex, "hex"));
      records.parse(Buffer.from(vector.hex, "hex"));
    }, quotewire.Damaged, vector.name);
});

test("records of the vectors", () => {
  for (const vector of vectors("corpus").filter(({ valid, kind }) => valid && kind === "record")) {
    const octets = Buffer.from(vector.hex, "hex"), told = vector.json;
    records.check(octets);
    const document = new quotewire.Document(records.parse(octets), 3);
    assert.deepEqual([document.id, document.text, document.sequence, document.dropped, document.supersedes],
      [told.id, told.text, told.sequence, told.dropped ?? false, told.supersedes ? told.supersedes - 1 : null]);
    assert.equal(document.failed !== null, "failed" in told);
    JSON.stringify(document);
  }
});

test("spans slice strings right beside characters that are two units", () => {
  const string = "🚢🚢 “no”, said Ö 🚢.", of = new Text(string), span = new quotewire.Span(of, 3, 7);
  assert.equal(span.text, "“no”");
  assert.equal(string.slice(span.start, span.end), "“no”");
  assert.deepEqual([span.start, span.end, ...span.points], [5, 9, 3, 7]);
  assert.equal(new quotewire.Span(of, 14, 15).text, "Ö");
  assert.equal(new quotewire.Span(of, 16, 17).text, "🚢");
  assert.throws(() => new quotewire.Span(of, 17, 20), quotewire.Damaged);
});

test("values of other people become JSON", () => {
  const layers = { sound: { parts: [[0, 4, { wave: Buffer.from([0, 255]), loud: NaN, of: [1.5] }]] } };
  const document = new quotewire.Document(records.parse(record("a", { layers, metadata: { raw: Buffer.from([1]) } })), 0);
  const told = JSON.parse(JSON.stringify(document));
  assert.deepEqual(told.layers.sound.parts[0][2], { wave: "AP8=", loud: null, of: [1.5] });
  assert.equal(told.raw, "AQ==");
});

test("a text keeps its byte order mark, which offsets count", () => {
  const text = `\ufeff${"x".repeat(300)}`;
  assert.equal(new quotewire.Document(records.parse(record("a", { text })), 0).text, text);
});

test("no octets bring anything but Damaged, under a checksum that is right", () => {
  const chance = random(7), below = (n) => Math.floor(chance() * n);
  const good = vectors("corpus").filter(({ valid, kind }) => valid && kind === "record").map(({ hex }) => Buffer.from(hex, "hex"));
  const claims = ["dd05f5e100", "dfffffffff", "c7ff", "cfffffffffffffffff", "81", "dbffffffff"];
  let refused = 0;
  for (let i = 0; i < 6000; i++) {
    let front = good[below(good.length)];
    front = front.subarray(0, front.length - 12);
    for (let j = 1 + below(4); j > 0; j--) {
      const at = below(front.length), put = below(3) ? Buffer.of(below(256)) : Buffer.from(claims[below(claims.length)], "hex");
      front = Buffer.concat([front.subarray(0, at), put, front.subarray(at + [0, 1, 1, 1, 3][below(5)])]);
    }
    try {
      const octets = seal(front);
      records.check(octets);
      new quotewire.Document(records.parse(octets), 0).toObject({ place: true });
    } catch (error) {
      assert.ok(error instanceof quotewire.Damaged, error.stack);
      refused++;
    }
  }
  assert.ok(refused > 1000);
});

test("claims take no memory", () => {
  const claim = Buffer.from("dd00100000", "hex");
  const bomb = Buffer.concat([...new Array(500).fill(claim), Buffer.alloc(1 << 20)]), before = process.memoryUsage().rss;
  assert.throws(() => records.unpack(bomb), quotewire.Damaged);
  assert.throws(() => records.split(bomb, 1), quotewire.Damaged);
  assert.throws(() => records.unpack(Buffer.alloc(1 << 20, 0x91)), quotewire.Damaged);
  assert.ok(process.memoryUsage().rss - before < 64 << 20);
});

// ---- a corpus ----------------------------------------------------------------------------------------------------------

function corpusOf(t, segments, { index = true } = {}) {
  const place = fs.mkdtempSync(path.join(os.tmpdir(), "qw"));
  t.after(() => fs.rmSync(place, { recursive: true }));
  const write = (parts) => {
    let first = 0;
    parts.forEach((part, number) => {
      const head = Buffer.alloc(16);
      head.write("QWINDEX1", "latin1");
      head.writeBigUInt64LE(BigInt(first), 8);
      let offset = 0;
      const entries = part.map((octets) => {
        const entry = Buffer.alloc(48), fields = records.parse(octets);
        entry.writeBigUInt64LE(BigInt(offset), 0);
        entry.writeUInt32LE(octets.length, 8);
        entry.writeUInt32LE(octets.readUInt32BE(octets.length - 4), 12);
        Buffer.from(xxh3.xxh128(Buffer.from(fields.id)).toString(16).padStart(32, "0"), "hex").copy(entry, 16);
        entry.writeUInt32LE((fields.failed ? 1 : 0) | (fields.dropped ? 2 : 0) | (fields.supersedes ? 4 : 0), 32);
        offset += octets.length;
        return entry;
      });
      const name = path.join(place, `segment-${String(number).padStart(6, "0")}`);
      fs.writeFileSync(`${name}.msgpack`, Buffer.concat(part));
      if (index) fs.writeFileSync(`${name}.index`, Buffer.concat([head, ...entries]));
      first += part.length;
    });
  };
  write(segments);
  return { place, write };
}

const twenty = Array.from({ length: 20 }, (_, i) => record(`d${i}`, { text: "x".repeat(i * 5000) }));

function checkAll(corpus) {
  assert.equal(corpus.length, 20);
  assert.deepEqual([...corpus].map(({ id, position }) => `${id} ${position}`), twenty.map((_, i) => `d${i} ${i}`));
  assert.deepEqual([corpus.at(-1).id, corpus.at(0).id, corpus.find("d5").position], ["d19", "d0", 5]);
  assert.deepEqual([corpus.at(20), corpus.at(-21), corpus.find("nobody"), corpus.find("x".repeat(2000))],
    [undefined, undefined, undefined, undefined]);
  assert.deepEqual([corpus.has("d7"), corpus.has("")], [true, false]);
}

test("a corpus by position and id, with its indexes, without, and with wrong ones", (t) => {
  checkAll(quotewire.open(corpusOf(t, [twenty.slice(0, 7), twenty.slice(7, 8), twenty.slice(8)]).place));
  checkAll(quotewire.open(corpusOf(t, [twenty.slice(0, 7), twenty.slice(7)], { index: false }).place));
  const { place } = corpusOf(t, [twenty.slice(0, 7), twenty.slice(7)]);
  for (const damage of ["", "QWINDEX0\0\0\0\0\0\0\0\0", `QWINDEX1\0\0\0\0\0\0\0\0${"\xff".repeat(960)}`]) {
    fs.writeFileSync(path.join(place, "segment-000000.index"), damage, "latin1");
    checkAll(quotewire.open(place));
  }
});

test("a corpus that grows", (t) => {
  const { place, write } = corpusOf(t, [twenty.slice(0, 5)]), corpus = quotewire.open(place), iterator = corpus.records();
  for (let i = 0; i < 5; i++) assert.equal(iterator.next().value.id, `d${i}`);
  write([twenty.slice(0, 7), twenty.slice(7)]);
  assert.deepEqual([...iterator].map(({ id }) => id), twenty.slice(5).map((_, i) => `d${i + 5}`));
  checkAll(corpus);
  corpus.close();
  checkAll(corpus);
});

test("a damaged record says so and leaves the others", (t) => {
  const { place } = corpusOf(t, [twenty.slice(0, 7), twenty.slice(7)]), name = path.join(place, "segment-000000.msgpack");
  const octets = fs.readFileSync(name);
  octets[twenty.slice(0, 3).reduce((sum, { length }) => sum + length, 40)] ^= 1;
  fs.writeFileSync(name, octets);
  const corpus = quotewire.open(place);
  assert.throws(() => corpus.at(3), (error) => error instanceof quotewire.Damaged && /position 3 is damaged/.test(error.message));
  assert.deepEqual([2, 4, 19].map((i) => corpus.at(i).id), ["d2", "d4", "d19"]);
  assert.throws(() => [...corpus], quotewire.Damaged);
});

test("documents are each there once in their newest form", (t) => {
  const failed = { reason: "a worker died" };
  const { place } = corpusOf(t, [["a"], ["b", { failed }], ["c", { failed }], ["d", { failed }], ["b", { supersedes: 2 }],
    ["c", { supersedes: 3, failed, dropped: true }], ["c"], ["d", { supersedes: 4, failed }]].map(([id, more]) => [record(id, more)]));
  const corpus = quotewire.open(place);
  assert.deepEqual([...corpus.documents()].map(({ id, position }) => [id, position]), [["a", 0], ["b", 4], ["d", 7], ["c", 6]]);
  assert.deepEqual([...corpus.documents({ only: "failed" })].map(({ id }) => id), ["d"]);
  assert.throws(() => corpus.documents({ only: "nice" }).next(), RangeError);
});

test("what is no corpus", () => {
  for (const place of [os.tmpdir(), "/nowhere"]) assert.throws(() => quotewire.open(place), quotewire.NotACorpus);
});

// ---- sinks -------------------------------------------------------------------------------------------------------------

const HELLO = 1, WELCOME = 2, ERROR = 3, HEARTBEAT = 4, BYE = 5, FOLLOW = 0x40, DOCUMENTS = 0x41;

/** A sink that answers each message as `answer(sink, peer, type)` says. */
async function sinkOf(t, answer, documents = []) {
  const socket = new zmq.Router({ linger: 0 }), sink = { hellos: 0, told: 0 };
  await socket.bind("tcp://127.0.0.1:*");
  sink.endpoint = socket.lastEndpoint;
  sink.raw = (peer, ...frames) => socket.send([peer, ...frames]);
  sink.send = (peer, type, body, ...more) => sink.raw(peer, Buffer.concat([Buffer.from(`QW\x01${String.fromCharCode(type)}`, "latin1"),
    encode(body)]), ...more);
  sink.honest = (peer, type, body) => {
    if (type === HELLO)
      return sink.send(peer, WELCOME, { version: 1, life: 1, session: 0, heartbeat_ms: 100, documents: documents.length });
    const found = type === FOLLOW ? documents.slice(body.position, body.position + 3) : [];
    return found.length ? sink.send(peer, DOCUMENTS, { position: body.position, count: found.length, documents: documents.length },
      Buffer.concat(found)) : undefined;
  };
  const served = (async () => {
    for await (const [peer, frame] of socket) {
      sink.hellos += frame[3] === HELLO;
      sink.told++;
      await answer(sink, peer, frame[3], decode(frame.subarray(4)));
    }
  })().catch((error) => assert.equal(error.code, "EBADF")); // the test is over and the socket closed
  t.after(async () => {
    socket.close();
    await served;
  });
  return sink;
}

async function all(documents) {
  const found = [];
  for await (const { id } of documents) found.push(id);
  return found;
}

test("every document once over a sink that forgets and stops", async (t) => {
  const sink = await sinkOf(t, (self, peer, type, body) =>
    type === FOLLOW && self.told % 5 === 0 ? self.send(peer, ERROR, { code: 3, text: "say HELLO first" })
      : type === FOLLOW && self.told % 7 === 0 ? self.send(peer, BYE, {}) : self.honest(peer, type, body), twenty);
  const documents = quotewire.follow(sink.endpoint, { position: 3, wait: false });
  assert.deepEqual(await all(documents), twenty.slice(3).map((_, i) => `d${i + 3}`));
  assert.deepEqual([documents.position, documents.total], [20, 20]);
  assert.ok(sink.hellos > 2);
});

test("lies are told of and come to an end", async (t) => {
  const good = record("d0"), flipped = Buffer.from(good);
  flipped[flipped.length - 1] ^= 1;
  const head = { position: 0, count: 1, documents: 1 };
  const lies = [(sink, peer) => sink.raw(peer, Buffer.alloc(40)), (sink, peer) => sink.send(peer, HEARTBEAT, [1]),
    (sink, peer) => sink.raw(peer, Buffer.from("51570141dd05f5e100", "hex")),
    (sink, peer) => sink.send(peer, DOCUMENTS, { count: 1, documents: 1 }, good),
    (sink, peer) => sink.send(peer, DOCUMENTS, { ...head, position: 9 }, good),
    (sink, peer) => sink.send(peer, DOCUMENTS, { ...head, count: 2 }, good),
    (sink, peer) => sink.send(peer, DOCUMENTS, { ...head, count: 0 }, good),
    (sink, peer) => sink.send(peer, DOCUMENTS, head, flipped),
    (sink, peer) => sink.send(peer, DOCUMENTS, head, seal(Buffer.from("81a2696407", "hex"))),
    (sink, peer) => sink.send(peer, DOCUMENTS, head, good, good)];
  await Promise.all(lies.map(async (lie) => {
    const sink = await sinkOf(t, (self, peer, type, body) => (type === HELLO ? self.honest(peer, type, body) : lie(self, peer)));
    const documents = quotewire.follow(sink.endpoint);
    await assert.rejects(documents.receive(), (error) => error instanceof quotewire.Damaged && /again and again/.test(error.message));
    documents.close();
  }));
});

test("refusals are final, and a wrong endpoint shows at once", async (t) => {
  for (const code of [1, 2, 6, 9]) {
    const sink = await sinkOf(t, (self, peer) => self.send(peer, ERROR, { code, text: "no" }));
    const documents = quotewire.follow(sink.endpoint);
    await assert.rejects(documents.next(), quotewire.Refused);
    documents.close();
  }
  assert.throws(() => quotewire.follow("nonsense"), TypeError);
  assert.deepEqual(await all(quotewire.follow("tcp://127.0.0.1:1", { idleMs: 200 })), []);
});

test("a sink that falls silent is asked anew", async (t) => {
  const sink = await sinkOf(t, (self, peer, type, body) =>
    (type === HELLO || self.hellos > 1 ? self.honest(peer, type, body) : undefined), twenty);
  const documents = quotewire.follow(sink.endpoint);
  assert.equal((await documents.receive()).id, "d0");
  documents.close();
  assert.equal(sink.hellos, 2);
});

test("the state is the position behind what was done with", async (t) => {
  const sink = await sinkOf(t, (self, peer, type, body) => self.honest(peer, type, body), twenty);
  const place = fs.mkdtempSync(path.join(os.tmpdir(), "qw")), state = path.join(place, "position");
  t.after(() => fs.rmSync(place, { recursive: true }));
  const stored = () => fs.readFileSync(state, "latin1");
  const stopped = quotewire.follow(sink.endpoint, { state });
  for await (const { position } of stopped) if (position === 3) stopped.stop();
  assert.equal(stored(), "4\n");
  for await (const { position } of quotewire.follow(sink.endpoint, { state })) if (position === 5) break;
  assert.equal(stored(), "5\n"); // the one at hand comes again
  assert.deepEqual(await all(quotewire.follow(sink.endpoint, { state, wait: false })), twenty.slice(5).map((_, i) => `d${i + 5}`));
  assert.equal(stored(), "20\n");
  assert.deepEqual(fs.readdirSync(place), ["position"]);
  for (const wrong of ["", "-1\n", "7 8", "x", "9".repeat(40)]) {
    fs.writeFileSync(state, wrong);
    assert.throws(() => quotewire.follow(sink.endpoint, { state }), quotewire.Damaged);
  }
});
