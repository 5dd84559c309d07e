// A static host whose ways can be chosen: with parts of files or without, whole or damaged.

import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import zlib from "node:zlib";

/** Where the site is, below the host's root. */
export const BASE = "/archive/";

// What docs/search.md says is enough, and what any page of the theme needs.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'";
const types = { ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".json": "application/json", ".svg": "image/svg+xml" };

/** The bytes that a Range header asks for: all, some, or none that there are (RFC 9110, section 14). */
function part(header, size) {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/u.exec(header ?? "") ?? [];
  if (from === undefined) return { status: 200, from: 0, to: size };
  if (Number(from) >= size) return { status: 416, from: 0, to: 0 };
  return { status: 206, from: Number(from), to: Math.min(to ? Number(to) + 1 : size, size) };
}

/**
 * Serves a folder at `BASE`, and counts the index's bytes. Ways, which may be changed at any time: `ranges`; `change(bytes, name)`, what is sent
 * instead of a file of the index, nothing for 404; `before()`, what they wait for.
 */
export async function serve(folder, ways = {}) {
  const host = { ways: { ranges: true, ...ways }, bytes: 0 };
  const send = async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const name = decodeURIComponent(pathname).replace(/\/$/u, "/index.html");
    const file = path.join(folder, name.slice(BASE.length));
    const isPage = name.startsWith(BASE) && fs.statSync(file, { throwIfNoEntry: false })?.isFile();
    const isIndex = name.startsWith(`${BASE}search/`) && !name.endsWith(".html");
    let bytes = isPage ? fs.readFileSync(file) : undefined;
    if (isIndex) await host.ways.before?.();
    if (bytes && isIndex && host.ways.change) bytes = host.ways.change(bytes, path.basename(name));
    if (!bytes) return response.writeHead(404, { "content-type": "text/plain" }).end("Not found");
    const type = types[path.extname(file)];
    const headers = { "content-type": type ?? "application/octet-stream", "content-security-policy": policy, "x-content-type-options": "nosniff" };
    // As `_headers` says; but what is damaged on purpose must not be kept.
    headers["cache-control"] = file.endsWith(".bin") && !host.ways.change ? "public, max-age=31536000, immutable" : "no-cache";
    if (type && /\bgzip\b/u.test(request.headers["accept-encoding"] ?? "")) {
      return response.writeHead(200, { ...headers, "content-encoding": "gzip", vary: "accept-encoding" }).end(zlib.gzipSync(bytes));
    }
    const { status, from, to } = part(host.ways.ranges ? request.headers.range : undefined, bytes.length);
    if (status === 206) headers["content-range"] = `bytes ${from}-${to - 1}/${bytes.length}`;
    if (status === 416) headers["content-range"] = `bytes */${bytes.length}`;
    if (isIndex) host.bytes += to - from;
    return response.writeHead(status, { ...headers, "content-length": to - from }).end(bytes.subarray(from, to));
  };
  // Some ask for addresses longer than Node expects.
  const server = http.createServer({ maxHeaderSize: 1 << 18 }, (request, response) => send(request, response).catch((error) => response.destroy(error)));
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  host.origin = `http://127.0.0.1:${server.address().port}`;
  host.close = () => {
    server.closeAllConnections();
    server.close();
  };
  return host;
}
