/** Anything below. */
export class QuotewireError extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A record, a layer or an index is not what Quotewire writes, or its checksum does not match. */
export class Damaged extends QuotewireError {}

/** The folder has no segments. */
export class NotACorpus extends QuotewireError {}

/** The sink will not serve this reader: no common version, or a position beyond its corpus. */
export class Refused extends QuotewireError {}

/** No sink answered in time. Only a follower that does not wait throws it. */
export class NoAnswer extends QuotewireError {}
