export { Cluster, Entity, Hole, Paragraph, Part, Quote, Sentence, Span, Token } from "./annotations.js";
export { Corpus, open } from "./corpus.js";
export { Document } from "./document.js";
export { Damaged, NoAnswer, NotACorpus, QuotewireError, Refused } from "./errors.js";
export { Follower, follow } from "./follow.js";
