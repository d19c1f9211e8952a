import { describe, expect, it } from "vitest";
import { replyReader } from "../../../src/cli/client/reply-reader.ts";

const HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Empty:\r\n";
const SIZED = `${HEAD}Content-Length: 13\r\n\r\n{"a":"\u00fc\u20ac"}`;
const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\n7\r\n"\u00fc\u20ac"\r\n1\r\n}\r\n0\r\n\r\n`;

/** Reads a text that comes in these parts. */
function read(...parts: readonly Uint8Array[]) {
  const reader = replyReader();
  const pieces = parts.flatMap((part) => reader.push(Buffer.from(part)));
  const head = reader.head();
  return {
    body: Buffer.concat(pieces).toString(),
    ...{ isWhole: reader.isWhole(), status: head?.status, type: head?.headers.get("content-type") },
  };
}
const readText = (text: string) => read(Buffer.from(text));

describe("an answer of the daemon", () => {
  it.each([
    ["with a length", SIZED],
    ["in chunks", CHUNKED],
  ])("%s is the same wherever it is cut", (_name, text) => {
    const bytes = Buffer.from(text);
    const whole = { body: '{"a":"\u00fc\u20ac"}', isWhole: true, status: 200, type: "application/json" };
    expect(read(bytes)).toEqual(whole);
    expect(read(...[...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(whole);
    for (let at = 1; at < bytes.length; at += 1) {
      expect(read(bytes.subarray(0, at), bytes.subarray(at))).toEqual(whole);
      // What is cut off is never whole.
      expect(read(bytes.subarray(0, at)).isWhole).toBe(false);
    }
  });

  it("may have no body at all, and nothing after its end is read", () => {
    expect(readText("HTTP/1.1 204 No Content\r\n\r\n")).toMatchObject({
      isWhole: true,
      status: 204,
      body: "",
    });
    expect(readText("HTTP/1.1 404\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK")).toMatchObject({
      ...{ isWhole: true, status: 404, body: "" },
    });
  });

  const withFields = (fields: string, body = "") => `HTTP/1.1 200 OK\r\n${fields}\r\n\r\n${body}`;
  const inChunks = (body: string) => withFields("Transfer-Encoding: chunked", body);
  it.each([
    ["another protocol", "SSH-2.0-OpenSSH_9.6\r\n\r\n", "no status line"],
    ["an older version", "HTTP/1.0 200 OK\r\n\r\n", "no status line"],
    ["news before the answer", "HTTP/1.1 100 Continue\r\n\r\n", "no status line"],
    [
      "a head without end",
      `HTTP/1.1 200 OK\r\nX: ${"x".repeat(17_000)}`,
      "the head is longer than 16384 bytes",
    ],
    ["a folded header", withFields("X: a\r\n b: c"), "a header that is none"],
    ["a header with NUL", withFields("X: a\0b"), "a header that is none"],
    ["a space before the colon", withFields("Content-Length : 3", "abc"), "a header that is none"],
    ["two lengths", withFields("Content-Length: 1\r\nContent-Length: 2"), "two content-length"],
    [
      "a length and chunks",
      withFields("Content-Length: 1\r\nTransfer-Encoding: chunked"),
      "not framed as ours",
    ],
    ["another coding", withFields("Transfer-Encoding: gzip, chunked"), "not framed as ours"],
    ["no framing", withFields("X: y", "abc"), "without a length"],
    ["a negative length", withFields("Content-Length: -1"), "without a length"],
    ["a chunk with an extension", inChunks("1;a=b\r\nx\r\n"), "without a size"],
    ["a chunk without a size", inChunks("\r\nx\r\n"), "without a size"],
    ["a giant chunk", inChunks("123456789\r\n"), "the size is longer than 8 bytes"],
    ["a size without end", inChunks("0000000000000"), "the size is longer than 8 bytes"],
    ["a chunk longer than its size", inChunks("1\r\nxyz\r\n"), "the chunk end is longer than 0 bytes"],
    ["a trailer", inChunks("0\r\nX: y\r\n\r\n"), "the last is longer than 0 bytes"],
  ])("with %s is none", (_name, text, message) => {
    expect(() => readText(text)).toThrow(message);
  });
});
