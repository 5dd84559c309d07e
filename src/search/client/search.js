// The exports of the search client. A site publishes all modules in one file of this name, see
// src/templates/embedded.rs.

export { tokenize } from "./tokenizer.js";
export { Index } from "./index.js";
export { countFacets, findSimilar, parse, search } from "./query.js";
/** @typedef {import("./query.js").SearchResult} SearchResult */
