/**
 * Reads a Quotewire corpus: news articles with their tokens, sentences, entities, and quotations with who said them.
 *
 * Offsets: `start` and `end` count UTF-16 units, so `document.text.slice(quote.start, quote.end)` is right for every text,
 * with characters beyond U+FFFF too. `pointStart` and `pointEnd` count code points, as the corpus and other languages do.
 */

/** A part of a text. */
export class Span {
  readonly start: number;
  readonly end: number;
  readonly pointStart: number;
  readonly pointEnd: number;
  /** [pointStart, pointEnd] */
  readonly points: [number, number];
  /** The words themselves. */
  readonly text: string;
  toString(): string;
}

export class Token extends Span {}

export class Sentence extends Span {
  readonly tokens: Token[];
}

export type Role = "body" | "headline" | "byline" | "dateline" | "caption" | "boilerplate";

export class Paragraph extends Span {
  readonly role: Role;
}

export type EntityType = "PERSON" | "ORG" | "LOC" | "FAC" | "NORP" | "PRODUCT" | "EVENT" | "MISC" | "DATE" | "TIME" | "MONEY"
  | "PERCENT";

/** All mentions of one person, body or place in a document. */
export class Cluster {
  /** The same in every document, such as "person:choe-ryong-hae". */
  readonly key: string;
  /** The fullest name. */
  readonly name: string;
  readonly type: EntityType;
  readonly mentions: Entity[];
}

/** A mention of somebody or something. */
export class Entity extends Span {
  readonly type: EntityType;
  /** null where nothing is known of it, as of dates. */
  readonly cluster: Cluster | null;
  /** The cluster's. */
  readonly key: string | null;
}

/** A quotation: with its marks if it is direct, the clause if it is indirect. */
export class Quote extends Span {
  readonly type: "direct" | "indirect" | "mixed";
  /** false: a belief or a wish, not something said. */
  readonly speech: boolean;
  /** "said" */
  readonly cue: Span | null;
  /** The words that name the speaker: "she". */
  readonly speakerMention: Span | null;
  /** Who relayed it. */
  readonly via: Span | null;
  /** Who it was, by the full name. */
  readonly speaker: string | null;
  /** The speaker's. */
  readonly cluster: Cluster | null;
  /** The key of the speaker's cluster. */
  readonly entity: string | null;
  readonly how: "none" | "name" | "apposition" | "pronoun" | "nominal" | "turn" | "text";
  /** Per cent that the speaker is right. */
  readonly confidence: number;
  /** The same for the same words of the same speaker, in every document. */
  readonly statement: string | null;
  readonly opensBefore: boolean;
  readonly runsOn: boolean;
}

/** What a worker of other people made of one chunk. Offsets inside the value count code points from `pointStart`. */
export class Part extends Span {
  readonly value: unknown;
}

/** A chunk that was not annotated. */
export class Hole extends Span {
  readonly layers: string[];
  readonly reason: string;
}

export interface Failure {
  readonly reason: string;
  /** null: the document could not be read at all. */
  readonly holes: Hole[] | null;
}

/**
 * One record of a corpus. Layers are read when they are asked for, and throw Damaged then if they are not what Quotewire
 * writes; they are empty where the document has none.
 */
export class Document {
  readonly id: string;
  readonly text: string;
  /** Its number in the corpus. */
  readonly position: number;
  /** Its number in the run that brought it. */
  readonly sequence: number;
  readonly source: { path?: string; record?: number; encoding?: string; [name: string]: unknown };
  /** As its source had it. Integers beyond 2^53 lose precision, as with JSON.parse. */
  readonly metadata: { [name: string]: unknown };
  readonly failed: Failure | null;
  /** The position of the failed document in whose place this one stands. */
  readonly supersedes: number | null;
  /** A failed document that its owner dropped. */
  readonly dropped: boolean;
  readonly structure: Paragraph[];
  readonly tokens: Token[];
  readonly sentences: Sentence[];
  readonly entities: Entity[];
  readonly clusters: Cluster[];
  readonly quotes: Quote[];
  readonly layerNames: string[];
  /** A layer of other people's workers, chunk by chunk; empty when there is none. */
  layer(name: string): Part[];
  /** A layer as MessagePack has it, or null. */
  rawLayer(name: string): unknown;
  /** What `quotewire export --format jsonl` writes of it, with offsets in code points; with `place`, as with --place. */
  toObject(options?: { place?: boolean }): { [name: string]: unknown };
  /** toObject with place. */
  toJSON(): { [name: string]: unknown };
}

/**
 * A corpus on disk. It has records, by position; a failed document that was retried has one for each try, and `documents`
 * has each document once. Only what is on disk for good is seen, and more of it as time goes on if a sink is writing.
 */
export class Corpus implements Iterable<Document> {
  /** How many records there are now. */
  readonly length: number;
  /** The record at a position, or counted from the end; undefined: there is none. */
  at(position: number): Document | undefined;
  /** The newest record with this id. */
  find(id: string): Document | undefined;
  has(id: string): boolean;
  /** Records [from, to). */
  records(from?: number, to?: number): Generator<Document, void>;
  [Symbol.iterator](): Generator<Document, void>;
  /** Each document once, in its newest form, without dropped ones, as `quotewire export` has them. */
  documents(options?: { only?: "annotated" | "failed" }): Generator<Document, void>;
  /** Closes its files; it opens them again when it is used. */
  close(): void;
}

/**
 * The corpus in a folder. Throws NotACorpus. `verify: false` leaves out the comparison of checksums.
 */
export function open(folder: string, options?: { verify?: boolean }): Corpus;

export interface FollowOptions {
  /** The first record that is wanted. */
  position?: number;
  /**
   * A file for the position: if it is there, it counts instead of `position`. It is written when the documents of one
   * message are used up, and at the end; after a kill -9 a few documents come again. Whoever must not see that keeps
   * `document.position + 1` beside what is made of the document.
   */
  state?: string | null;
  /** false: end when everything that the sink has was had; NoAnswer if no sink answers for 10 s. */
  wait?: boolean;
  /** End when no document came for so many milliseconds. */
  idleMs?: number;
  /** Octets under way at most: 4 MiB. */
  credit?: number;
  /** Octets that one message of the sink may have at most: 256 MiB. */
  maxBytes?: number;
  /** false: do not compare checksums. */
  verify?: boolean;
  /** A reader's key file, made by `quotewire keys new reader NAME`: for tcp from other machines. */
  key?: string | null;
  /** For the sink's log. */
  name?: string;
}

/**
 * Documents of a sink as they are committed. It connects again by itself, and goes on at its own position: nothing is missed,
 * nothing comes twice. Rejects with Refused where trying again is of no use, with Damaged when the sink sends what cannot be
 * read again and again.
 */
export class Follower implements AsyncIterableIterator<Document> {
  /** Behind the last document that was handed out. */
  readonly position: number;
  /** How many records the sink has, as it last said. */
  readonly total: number | null;
  next(): Promise<IteratorResult<Document, undefined>>;
  /** Called when a loop is left early: the document at hand counts as not done with, and comes again the next time. */
  return(value?: undefined): Promise<IteratorResult<Document, undefined>>;
  [Symbol.asyncIterator](): Follower;
  /** The next document, or null when none came in so many milliseconds, or after stop. */
  receive(timeoutMs?: number): Promise<Document | null>;
  /** Ends the iteration behind the document at hand, which counts as done with. */
  stop(): void;
  /** Stores the position now. */
  save(): void;
  /** Stores the position and says goodbye. */
  close(): void;
}

/** Documents of the sink at `endpoint`, such as "tcp://127.0.0.1:7411". Throws TypeError for an endpoint that is none. */
export function follow(endpoint: string, options?: FollowOptions): Follower;

/** What this package throws. */
export class QuotewireError extends Error {}
/** A record, a layer or an index is not what Quotewire writes, or its checksum does not match. */
export class Damaged extends QuotewireError {}
/** The folder has no segments. */
export class NotACorpus extends QuotewireError {}
/** The sink will not serve this reader. */
export class Refused extends QuotewireError {}
/** No sink answered in time. */
export class NoAnswer extends QuotewireError {}
