// A static host with configurable behavior: with or without range requests, damaged files.

import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import zlib from "node:zlib";

/** The path of the site on the host. */
export const BASE = "/archive/";

// The policy of docs/search.md, with what all pages of the theme need.
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'"
].join("; ");
const types = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css",
  ".js": "text/javascript",
  ".json": "application/json",
  ".svg": "image/svg+xml"
};

/** Returns the bytes that a Range header requests: all, some, or none (RFC 9110, section 14). */
function part(header, size) {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/u.exec(header ?? "") ?? [];
  if (from === undefined) return { status: 200, from: 0, to: size };
  if (Number(from) >= size) return { status: 416, from: 0, to: 0 };
  return { status: 206, from: Number(from), to: Math.min(to ? Number(to) + 1 : size, size) };
}

/**
 * Serves a folder at `BASE`, and counts the index's bytes. The behavior can be changed at any time:
 * `ranges`; `change(bytes, name)` returns what is sent instead of a file of the index, or nothing
 * for 404; `before()` is awaited before files of the index are sent.
 */
export async function serve(folder, behavior = {}) {
  const host = { behavior: { ranges: true, ...behavior }, bytes: 0 };
  const send = async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const name = decodeURIComponent(pathname).replace(/\/$/u, "/index.html");
    const file = path.join(folder, name.slice(BASE.length));
    const isPage = name.startsWith(BASE) && fs.statSync(file, { throwIfNoEntry: false })?.isFile();
    const isIndex = name.startsWith(`${BASE}search/`) && !name.endsWith(".html");
    let bytes = isPage ? fs.readFileSync(file) : undefined;
    if (isIndex) await host.behavior.before?.();
    if (bytes && isIndex && host.behavior.change)
      bytes = host.behavior.change(bytes, path.basename(name));
    if (!bytes) return response.writeHead(404, { "content-type": "text/plain" }).end("Not found");
    const type = types[path.extname(file)];
    const headers = {
      "content-type": type ?? "application/octet-stream",
      "content-security-policy": policy,
      "x-content-type-options": "nosniff"
    };
    // As in `_headers`, but damaged files must not be cached.
    headers["cache-control"] =
      file.endsWith(".bin") && !host.behavior.change
        ? "public, max-age=31536000, immutable"
        : "no-cache";
    if (type && /\bgzip\b/u.test(request.headers["accept-encoding"] ?? "")) {
      return response
        .writeHead(200, { ...headers, "content-encoding": "gzip", vary: "accept-encoding" })
        .end(zlib.gzipSync(bytes));
    }
    const { status, from, to } = part(
      host.behavior.ranges ? request.headers.range : undefined,
      bytes.length
    );
    if (status === 206) headers["content-range"] = `bytes ${from}-${to - 1}/${bytes.length}`;
    if (status === 416) headers["content-range"] = `bytes */${bytes.length}`;
    if (isIndex) host.bytes += to - from;
    return response
      .writeHead(status, { ...headers, "content-length": to - from })
      .end(bytes.subarray(from, to));
  };
  // Some tests use URLs that are longer than Node's limit.
  const server = http.createServer({ maxHeaderSize: 1 << 18 }, (request, response) =>
    send(request, response).catch((error) => response.destroy(error))
  );
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  host.origin = `http://127.0.0.1:${server.address().port}`;
  host.close = () => {
    server.closeAllConnections();
    server.close();
  };
  return host;
}
