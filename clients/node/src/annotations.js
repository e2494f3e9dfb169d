// What a document's layers say, as objects.

import { Damaged } from "./errors.js";

/** A text and its two ways of counting: code points, as the corpus has them, and the UTF-16 units of JavaScript's strings. */
export class Text {
  constructor(string) {
    this.string = string;
    this.wide = []; // code points beyond U+FFFF, each of which is two units: where they stand
    if (/[\ud800-\udbff]/.test(string)) {
      let point = 0;
      for (const character of string) {
        if (character.length === 2) this.wide.push(point);
        point++;
      }
    }
    this.length = string.length - this.wide.length; // in code points
  }

  /** The unit at which a code point begins. */
  unit(point) {
    let low = 0, high = this.wide.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.wide[middle] < point) low = middle + 1;
      else high = middle;
    }
    return point + low;
  }
}

/**
 * A part of a text. `start` and `end` count UTF-16 units, for `text.slice(start, end)`; `pointStart` and `pointEnd` count code
 * points, as the corpus and the other languages do.
 */
export class Span {
  #of;

  constructor(of, pointStart, pointEnd, what = "a span") {
    if (pointEnd > of.length) throw new Damaged(`${what} lies outside of the text`);
    this.#of = of.string;
    this.pointStart = pointStart;
    this.pointEnd = pointEnd;
    this.start = of.unit(pointStart);
    this.end = of.unit(pointEnd);
  }

  get text() {
    return this.#of.slice(this.start, this.end);
  }

  toString() {
    return this.text;
  }

  /** [pointStart, pointEnd] */
  get points() {
    return [this.pointStart, this.pointEnd];
  }
}

export class Token extends Span {}
export class Sentence extends Span {}
export class Paragraph extends Span {}
export class Part extends Span {}
export class Hole extends Span {}

export class Entity extends Span {
  get key() {
    return this.cluster ? this.cluster.key : null;
  }
}

export class Quote extends Span {
  get entity() {
    return this.cluster ? this.cluster.key : null;
  }
}

export class Cluster {
  constructor(key, name, type) {
    this.key = key;
    this.name = name;
    this.type = type;
    this.mentions = [];
  }
}
