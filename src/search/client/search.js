// What a page needs to search. A published site has all of it in one file of this name, see src/templates/embedded.rs.

export { words } from "./words.js";
export { Index, bytesOf } from "./index.js";
/** @typedef {import("./query.js").Answer} Answer */
/** @typedef {import("./query.js").Hit} Hit */
export { Search, nearest, parse } from "./query.js";
