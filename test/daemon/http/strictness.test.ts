import { describe, expect, it } from "vitest";
import { asRiptideError } from "../../../src/core/errors.ts";
import { readJsonObject } from "../../../src/daemon/http/body.ts";
import { type Exchange, replyError, replyJson } from "../../../src/daemon/http/exchange.ts";
import type { Route } from "../../../src/daemon/routes.ts";
import type { Generation } from "../../../src/engine/generation.ts";
import { callRaw, fakeDaemon, get, openDoor, post } from "../../helpers/fake-daemon.ts";

const NO_GENERATION = { config: { tenants: { list: {} } } } as unknown as Generation; // No route here looks into it.

const hello: Route = async (exchange) => replyJson(exchange, { hello: exchange.query().get("name") });

const echo = Object.assign(
  async (exchange: Exchange) => {
    try {
      replyJson(exchange, await readJsonObject(exchange.request));
    } catch (thrown) {
      const error = asRiptideError(thrown);
      replyError(exchange, error, { vendor: error.message });
    }
  },
  { errorBody: ({ message }: { readonly message: string }) => ({ vendor: message }) },
);

const ROUTES = { "GET /hello": hello, "POST /echo": echo, "POST /things/*": hello };

const door = (kind: "main" = "main") => openDoor(ROUTES, fakeDaemon(NO_GENERATION), { kind });
const statusOf = (text: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);

describe("the server", () => {
  it("answers on one connection again and again, and HEAD without the body", async () => {
    const caller = callRaw(await door(), get("/hello?name=a?b"));
    expect(await caller.until("}")).toContain('{"hello":"a?b"}');
    caller.socket.write(get("/hello", "HEAD"));
    await caller.until(/"\}HTTP\/1.1 200[\s\S]*\r\n\r\n$/);
    caller.socket.write(post("/echo", { ok: 1 }));
    expect(await caller.until('{"ok":1}')).not.toContain("connection: close");
  });

  it.each([
    ["an unknown path", get("/nothing"), 404, '"code":"not_found"'],
    ["a path with one segment too many", get("/things/a/b", "POST"), 404, "not_found"],
    ["another method", get("/hello", "DELETE"), 405, "allow: GET, HEAD, OPTIONS"],
    ["a question for the methods", get("/hello", "OPTIONS"), 204, "allow: GET, HEAD, OPTIONS"],
    ["a question for those of the server", get("*", "OPTIONS"), 204, "allow: GET, HEAD, POST, OPTIONS"],
    ["a whole address, as proxies write it", get("http://riptide/hello?name=me"), 200, '{"hello":"me"}'],
    ["a wish for a tunnel", "CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n", 501, "this is no proxy"],
    ["what it refuses, with an id to ask about", get("/nothing"), 404, "x-riptide-request-id: req_1"],
    [
      "another method of a dialect's route",
      get("/echo"),
      405,
      '{"vendor":"/echo takes POST, OPTIONS, not GET"}',
    ],
  ])("answers %s", async (_name, bytes, status, words) => {
    const text = await callRaw(await door(), bytes).until(words);
    expect(statusOf(text)).toBe(status);
  });

  it("outlives a caller who wants a tunnel and is gone before the answer", async () => {
    const place = await door();
    for (let times = 0; times < 5; times += 1) {
      const caller = callRaw(place, `CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n${"x".repeat(100_000)}`);
      caller.socket.destroy();
    }
    expect(await callRaw(place, get("/hello?name=me")).until("}")).toContain('{"hello":"me"}');
  });

  it.each([
    ["two hosts", "GET /hello HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n", 400],
    ["no host", "GET /hello HTTP/1.1\r\n\r\n", 400],
    ["HTTP/1.0", "GET /hello HTTP/1.0\r\nhost: a\r\n\r\n", 400],
    [
      "a coding before chunked",
      "POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      400,
    ],
    [
      "length and chunked",
      "POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
      400,
    ],
    [
      "two lengths",
      "POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}",
      400,
    ],
    ["a bare LF", "GET /hello HTTP/1.1\nhost: a\n\n", 400],
    ["a NUL", "GET /hello HTTP/1.1\r\nhost: a\r\nx: \0\r\n\r\n", 400],
    ["a folded header", "GET /hello HTTP/1.1\r\nhost: a\r\nx: 1\r\n 2\r\n\r\n", 400],
    ["headers over 8 KiB", `GET /hello HTTP/1.1\r\nhost: a\r\nx: ${"x".repeat(8_200)}\r\n\r\n`, 431],
    ["more than 100 headers", `GET /hello HTTP/1.1\r\nhost: a\r\n${"x: 1\r\n".repeat(100)}\r\n`, 431],
    ["a body over 32 MiB", "POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 33554433\r\n\r\n{", 413],
  ])("refuses %s and closes the connection (H-1, H-2)", async (_name, bytes, status) => {
    const caller = callRaw(await door(), bytes);
    const text = await caller.until(/\}$/);
    expect(statusOf(text)).toBe(status);
    caller.socket.end();
    expect(await caller.closed).toBe(text);
    expect(text.toLowerCase()).toContain("connection: close");
  });

  it("takes 100 headers", async () => {
    const text = await callRaw(
      await door(),
      `GET /hello HTTP/1.1\r\nhost: a\r\n${"x: 1\r\n".repeat(99)}\r\n`,
    ).until("}");
    expect(statusOf(text)).toBe(200);
  });

  it.each([
    ["JSON by name", { "content-type": "application/json; charset=utf-8" }, 200],
    ["no type", {}, 200],
    ["a form", { "content-type": "application/x-www-form-urlencoded" }, 415],
    ["plain text", { "content-type": "text/plain" }, 415],
    ["compressed JSON", { "content-type": "application/json", "content-encoding": "gzip" }, 415],
  ])("of bodies takes JSON: %s", async (_name, headers, status) => {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const bytes = `POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n${lines.join("")}\r\n{}`;
    expect(statusOf(await callRaw(await door(), bytes).until("}"))).toBe(status);
  });

  it("counts the bytes of a body that does not say its size", async () => {
    const caller = callRaw(
      await door(),
      "POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n",
    );
    const megabyte = `100000\r\n${"x".repeat(1_048_576)}\r\n`;
    for (let count = 0; count < 33; count += 1) caller.socket.write(megabyte);
    expect(statusOf(await caller.until("32 MiB"))).toBe(413);
  });

  it("answers a broken chunk while it reads a body", async () => {
    const caller = callRaw(
      await door(),
      "POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    );
    expect(statusOf(await caller.closed)).toBe(400);
  });

  it("logs a route that fails and cuts its connection", async () => {
    const daemon = fakeDaemon(NO_GENERATION);
    const broken: Route = async () => {
      throw new Error("no good");
    };
    const place = await openDoor({ "GET /": broken }, daemon);
    expect(await callRaw(place, get("/")).closed).toBe("");
    expect(daemon.complaints).toEqual([JSON.stringify({ code: "internal", path: "/", error: "no good" })]);
  });
});
