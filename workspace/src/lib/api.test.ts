import { afterEach, beforeEach, expect, test } from "vitest";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { api, ApiError, at, onSignedOut, passing, query } from "./api.ts";

// A real server at the edge: it answers what a test tells it, in order.
type Reply = { status: number; body?: string; headers?: Record<string, string> } | "cut";
let replies: Reply[] = [];
let seen: { method: string; url: string; body: string }[] = [];
let server: Server;
const real = globalThis.fetch;

beforeEach(async () => {
  seen = [];
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (part) => (body += part));
    request.on("end", () => {
      seen.push({ method: request.method ?? "", url: request.url ?? "", body });
      const reply = replies.shift() ?? { status: 500 };
      if (reply === "cut") return request.socket.destroy();
      response.writeHead(reply.status, { connection: "close", ...reply.headers });
      response.end(reply.body ?? "");
    });
  });
  await new Promise<void>((up) => server.listen(0, "127.0.0.1", up));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  globalThis.fetch = (to, init) => real(base + String(to), init);
});
afterEach(async () => {
  globalThis.fetch = real;
  await new Promise((down) => server.close(down));
});

test("reads are tried again while the server cannot be reached", async () => {
  replies = ["cut", { status: 503 }, { status: 200, body: '{"a": 1}' }];
  expect(await api.get("/x")).toEqual({ a: 1 });
  expect(seen).toHaveLength(3);
});

test("a change is sent once unless asked otherwise", async () => {
  replies = ["cut", { status: 200, body: "{}" }];
  await expect(api.post("/x", { a: 1 })).rejects.toMatchObject({ kind: "offline", status: 0 });
  expect(seen.map((x) => x.body)).toEqual(['{"a":1}']);
});

test("a refusal carries its kind, its sentence and its details", async () => {
  replies = [{ status: 409, body: '{"error":{"kind":"guarantee","message":"no","details":{"item":"a"}}}' }];
  const error = await api.post("/x").catch((e: unknown) => e);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ kind: "guarantee", status: 409, message: "no", details: { item: "a" } });
  expect(passing(error)).toBe(false);
});

test("a page of a proxy is no refusal of ours but still one", async () => {
  replies = [{ status: 413, body: "<html>too large" }];
  await expect(api.post("/x")).rejects.toMatchObject({ kind: "limit", message: "" });
});

test("a lost session is told once to who asked", async () => {
  let told = 0;
  onSignedOut(() => told++);
  replies = [{ status: 401 }, { status: 401 }];
  await expect(api.post("/x")).rejects.toMatchObject({ kind: "unauthenticated" });
  await expect(api.post("/x", {}, { quiet: true })).rejects.toMatchObject({ kind: "unauthenticated" });
  expect(told).toBe(1);
});

test("no content is undefined, too many waits as long as it says", async () => {
  replies = [{ status: 204 }, { status: 429, headers: { "retry-after": "1" } }, { status: 200, body: "[]" }];
  expect(await api.delete("/x")).toBeUndefined();
  const start = Date.now();
  expect(await api.get("/x")).toEqual([]);
  expect(Date.now() - start).toBeGreaterThanOrEqual(990);
});

test("addresses are escaped", () => {
  expect(at("a/b ?#", "items", "中")).toBe("/projects/a%2Fb%20%3F%23/items/%E4%B8%AD");
  expect(query({ a: 1, b: "", c: null, d: undefined, e: "x y", f: false })).toBe("?a=1&e=x+y&f=false");
  expect(query({})).toBe("");
});
