// The corpus of a running sink as a stream, over any restart of it. PROTOCOL.md, section 10.

import { randomBytes } from "node:crypto";
import os from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { encode } from "@msgpack/msgpack";
import * as zmq from "zeromq";
import { Document } from "./document.js";
import { Damaged, NoAnswer, Refused } from "./errors.js";
import { check, parse, split, unpack } from "./records.js";
import * as keyFile from "./keys.js";
import * as stateFile from "./state.js";

const HELLO = 0x01, WELCOME = 0x02, ERROR = 0x03, HEARTBEAT = 0x04, BYE = 0x05, FOLLOW = 0x40, DOCUMENTS = 0x41;
const REFUSED_VERSION = 1, REFUSED_MESSAGE = 2, REFUSED_ORDER = 6, REFUSED_STOPPED = 9;
const READER = 4;
const MAGIC = Buffer.from("QW\x01", "latin1");
const SILENT_BEATS = 5, WRONG_AT_MOST = 5;       // messages in a row that cannot be read
const FIRST_PAUSE = 50, LAST_PAUSE = 2000;       // ms before a fresh socket
const ANSWER = 10000;                            // ms that a follower that does not wait gives the sink

const now = () => performance.now();

function uint(body, name, fallback) {
  const value = body[name] ?? fallback;
  if (!Number.isSafeInteger(value) || value < 0) throw new Damaged(`a message has no number '${name}'`);
  return value;
}

export class Follower {
  #endpoint;
  #options;
  #saved;
  #socket = null;
  #welcome = false;
  #closed = false;
  #stopped = false;
  #batch = [];
  #handed = false; // a document is in the caller's hands
  #next;           // position behind what was received
  #asked;          // position of the last FOLLOW
  #since = 0;      // octets received since
  #beat = 1000;
  #heard = 0;
  #told = 0;
  #pause = FIRST_PAUSE;
  #openAt = 0;
  #wrong = 0;
  #key;
  #refused = false; // the key was
  #life = randomBytes(6).readUIntBE(0, 6) || 1;

  constructor(endpoint, options = {}) {
    this.#endpoint = endpoint;
    this.#options = { position: 0, state: null, wait: true, idleMs: Infinity, credit: 4 << 20, maxBytes: 256 << 20, verify: true,
      key: null, name: `${os.hostname()}.${process.pid}`, ...options };
    this.#key = this.#options.key === null ? null : keyFile.load(this.#options.key);
    this.#saved = this.#options.state === null ? null : stateFile.load(this.#options.state);
    this.position = this.#saved ?? this.#options.position;
    this.total = null;
    this.#next = this.#asked = this.position;
    this.#connect(); // a wrong endpoint shows at once
  }

  // ---- what callers do ---------------------------------------------------------------------------------------------

  [Symbol.asyncIterator]() {
    return this;
  }

  async next() {
    const { wait, idleMs } = this.#options;
    const value = this.#closed ? null : wait ? await this.receive(idleMs) : await this.#receiveAtHand();
    if (value === null) this.close();
    return value === null ? { done: true, value: undefined } : { done: false, value };
  }

  /** A loop was left early, by break or by an exception: the document at hand counts as not done with. */
  async return(value) {
    this.#close(this.#handed ? this.position - 1 : this.position);
    return { done: true, value };
  }

  async receive(timeoutMs = Infinity) {
    if (this.#closed) throw new TypeError("the follower is closed");
    this.#handed = false;
    const deadline = now() + timeoutMs;
    if (!this.#batch.length) this.save();
    while (!this.#batch.length && !this.#stopped) {
      await this.#keepTime();
      if (this.#closed || (!(await this.#takeMessage(deadline)) && now() >= deadline)) return null;
    }
    if (this.#stopped || this.#closed) return null;
    if (this.#socket && this.#welcome) await this.#beatIfDue();
    this.position++;
    this.#handed = true;
    return this.#batch.shift();
  }

  async #receiveAtHand() {
    const end = now() + ANSWER;
    while (this.total === null || this.position < this.total) {
      const document = await this.receive(50);
      if (document || this.#stopped || this.#closed) return document;
      if (now() > end) throw new NoAnswer(`no sink answers at ${this.#endpoint}`);
    }
    return null;
  }

  stop() {
    this.#stopped = true;
  }

  save() {
    this.#store(this.position);
  }

  #store(position) {
    if (this.#options.state === null || this.#saved === position) return;
    stateFile.store(this.#options.state, position);
    this.#saved = position;
  }

  close() {
    this.#close(this.position);
  }

  #close(position) {
    if (this.#closed) return;
    this.#closed = true;
    const socket = this.#socket;
    this.#socket = null;
    if (socket && this.#welcome) socket.send(frame(BYE, {})).then(() => socket.close(), () => socket.close());
    else socket?.close();
    this.position = position;
    this.#store(position);
  }

  // ---- the conversation --------------------------------------------------------------------------------------------

  /** What cannot be sent is lost; then the sink stays silent and a fresh socket follows. */
  async #send(type, body) {
    this.#told = now();
    await this.#socket?.send(frame(type, body)).catch(() => {});
  }

  #connect() {
    const key = this.#endpoint.startsWith("tcp:") ? this.#key : null;
    const socket = new zmq.Dealer({ linger: 50, receiveHighWaterMark: 0, maxMessageSize: this.#options.maxBytes,
      sendTimeout: 0, reconnectInterval: 50, reconnectMaxInterval: 1000,
      tcpKeepalive: 1, tcpMaxRetransmitTimeout: 5000,
      ...(key ? { curvePublicKey: key.publicKey, curveSecretKey: key.secretKey, curveServerKey: key.sink } : {}) });
    if (key) socket.events.on("handshake:error:auth", () => {
      this.#refused ||= this.#socket === socket;
    });
    try {
      socket.connect(this.#endpoint);
    } catch (error) {
      socket.close();
      throw new TypeError(`'${this.#endpoint}' is no endpoint: ${error.message}`, { cause: error });
    }
    this.#socket = socket;
    this.#heard = now();
    this.#send(HELLO, { role: READER, version_min: 1, version_max: 1, life: this.#life, name: this.#options.name,
      software: "quotewire-node" });
  }

  #disconnect() {
    this.#socket.close();
    this.#socket = null;
    this.#welcome = false;
    this.#openAt = now() + this.#pause;
    this.#pause = Math.min(2 * this.#pause, LAST_PAUSE);
  }

  async #ask() {
    this.#asked = this.#next;
    this.#since = 0;
    await this.#send(FOLLOW, { position: this.#next, credit: this.#options.credit });
  }

  async #beatIfDue() {
    if (now() - this.#told >= this.#beat) await this.#send(HEARTBEAT, {});
  }

  async #keepTime() {
    if (this.#refused) throw new Refused(`${this.#endpoint} refuses the key '${this.#key.name}'`);
    if (!this.#socket) {
      if (now() >= this.#openAt) this.#connect();
    } else if (this.#welcome) {
      if (this.#since >= this.#options.credit / 2) await this.#ask();
      await this.#beatIfDue();
    }
  }

  /** Waits for a message, until the deadline or until something else is due; false: none came. */
  async #takeMessage(deadline) {
    if (!this.#socket) {
      await sleep(Math.max(0, Math.min(deadline, this.#openAt) - now()));
      return false;
    }
    const frames = await this.#receive(0);
    if (frames) return this.#hear(frames);
    if (now() - this.#heard > SILENT_BEATS * this.#beat) {
      this.#disconnect();
      return false;
    }
    if (this.#welcome && this.#asked !== this.#next) await this.#ask(); // whatever is under way needs no more of the old credit
    const later = await this.#receive(Math.max(0, Math.min(deadline - now(), this.#beat / 2, 100)));
    return later ? this.#hear(later) : false;
  }

  async #receive(timeoutMs) {
    const socket = this.#socket;
    if (!socket) return null;
    socket.receiveTimeout = Math.ceil(timeoutMs);
    try {
      return await socket.receive();
    } catch (error) {
      if (error.code === "EAGAIN" || this.#closed) return null;
      throw error;
    }
  }

  async #hear(frames) {
    try {
      await this.#understand(frames);
    } catch (error) {
      if (!(error instanceof Damaged)) throw error;
      if (++this.#wrong >= WRONG_AT_MOST)
        throw new Damaged(`${this.#endpoint} sends what cannot be read, again and again: ${error.message}`, { cause: error });
      this.#disconnect();
    }
    return true;
  }

  async #understand(frames) {
    const [head, records] = frames;
    if (head.length < 5 || MAGIC.compare(head, 0, 3) !== 0 || frames.length > 2)
      throw new Damaged("a message is none of Quotewire's");
    const type = head[3], body = unpack(head, 4);
    if (typeof body !== "object" || body === null || Array.isArray(body)) throw new Damaged("a message's body is no map");
    this.#heard = now();
    if (type === DOCUMENTS && this.#welcome && records) {
      this.#takeDocuments(body, records);
    } else if (type === ERROR) {
      this.#takeError(body);
    } else if (type === WELCOME && !this.#welcome) {
      this.#welcome = true;
      this.total = uint(body, "documents", 0);
      const beat = uint(body, "heartbeat_ms");
      this.#beat = beat > 0 && beat < 3600000 ? beat : 1000;
      await this.#ask();
    } else if (type === BYE) {
      this.#disconnect();
    }
  }

  #takeDocuments(body, octets) {
    if (uint(body, "position") !== this.#next) throw new Damaged("documents came out of order");
    const found = split(octets, uint(body, "count")).map((record, i) => {
      if (this.#options.verify) check(record);
      return new Document(parse(record), this.#next + i);
    });
    this.total = uint(body, "documents");
    this.#pause = FIRST_PAUSE;
    this.#wrong = 0;
    this.#batch.push(...found);
    this.#next += found.length;
    this.#since += octets.length;
  }

  #takeError(body) {
    const code = uint(body, "code"), text = String(body.text ?? "");
    if (code === REFUSED_STOPPED) throw new Refused(`${this.#endpoint} cannot read a record: ${text}`);
    if ([REFUSED_VERSION, REFUSED_MESSAGE, REFUSED_ORDER].includes(code))
      throw new Refused(`${this.#endpoint} refuses: ${text}`);
    this.#disconnect(); // it has readers enough, or has forgotten this one
  }
}

function frame(type, body) {
  return Buffer.concat([MAGIC, Buffer.of(type), encode(body)]);
}

export function follow(endpoint, options) {
  return new Follower(endpoint, options);
}
