import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Frame, MAX_LINE_BYTES } from "../../src/wire/frame.ts";
import { sseFramer } from "../../src/wire/sse.ts";
import { cutBytes, everyByte, framed } from "../helpers/framed.ts";

const read = (text: string) => framed(sseFramer(), Buffer.from(text));
const event = (data: string, name = ""): Frame => ({ kind: "event", event: name, data });
const unframed = (data: string): Frame => ({ kind: "unframed", event: "", data });

describe("events", () => {
  it.each([
    ["line feeds", "event: a\ndata: 1\n\ndata: 2\n\n", [event("1", "a"), event("2")]],
    ["carriage returns", "event: a\rdata: 1\r\rdata: 2\r\r", [event("1", "a"), event("2")]],
    ["both", "event: a\r\ndata: 1\r\n\r\ndata: 2\r\n\r\n", [event("1", "a"), event("2")]],
    ["data in several lines", "data: {\ndata: }\n\n", [event("{\n}")]],
    ["data without a space", "data:1\n\ndata:  2\n\n", [event("1"), event(" 2")]],
    ["a byte order mark", "\uFEFFdata: 1\n\n", [event("1")]],
    ["comments", ": ping\n\ndata: 1\n: ping\ndata: 2\n\n", [event("1\n2")]],
    [
      "ids, retries and unknown fields",
      "id: 7\nretry: 9\nretry: x\nfoo: bar\nbaz\ndata: 1\n\n",
      [event("1")],
    ],
    ["a name without data", "event: ping\n\ndata: 1\n\n", [event("1")]],
    ["nothing", "", []],
  ])("reads %s, also byte by byte", (_what, text, frames) => {
    const bytes = Buffer.from(text);
    expect(framed(sseFramer(), bytes)).toEqual(frames);
    expect(framed(sseFramer(), bytes, everyByte(bytes))).toEqual(frames);
  });

  it("hands an event over with its blank line, though a carriage return may be half of an end", () => {
    const framer = sseFramer();
    expect(framer.push(Buffer.from("data: 1\r\n"))).toEqual([]);
    expect(framer.push(Buffer.from("\r"))).toEqual([event("1")]);
    expect(framer.push(Buffer.from("\ndata: 2\n\n"))).toEqual([event("2")]);
  });

  it("reads the same however the bytes arrive", () => {
    const line = fc.oneof(
      fc.string({ unit: "grapheme" }).map((text) => `data: ${JSON.stringify(text)}`),
      fc.constantFrom("", "", "event: x", ": ping", "data", "odd: field", "data: [DONE]"),
      fc.constantFrom('{"error":{"code":429}}', "{", '  "error": "é😀"', "}", "no event at all"),
    );
    const text = fc
      .array(fc.tuple(line, fc.constantFrom("\n", "\r", "\r\n")), { maxLength: 20 })
      .map((lines) => lines.flat().join(""));
    fc.assert(
      fc.property(cutBytes(text), ({ bytes, cuts }) => {
        const whole = framed(sseFramer(), bytes);
        expect(framed(sseFramer(), bytes, cuts)).toEqual(whole);
        expect(framed(sseFramer(), bytes, everyByte(bytes))).toEqual(whole);
      }),
    );
  });

  it("gives back every event that was written", () => {
    const events = fc.array(fc.record({ event: fc.constantFrom("", "a", "b"), data: fc.json() }));
    const end = fc.constantFrom("\n", "\r", "\r\n");
    fc.assert(
      fc.property(events, end, (written, eol) => {
        const text = written.map((e) => `event: ${e.event}${eol}data: ${e.data}${eol}${eol}`).join("");
        expect(read(text)).toEqual(written.map((e) => event(e.data, e.event)));
      }),
    );
  });
});

describe("the end of a stream", () => {
  it.each([
    ["keeps whole JSON without its blank line", 'data: {"a":1}\n', [event('{"a":1}')]],
    ["keeps whole JSON without any line end", 'event: a\ndata: {"a":1}', [event('{"a":1}', "a")]],
    ["keeps [DONE] without its blank line", "data: [DONE]", [event("[DONE]")]],
    ["drops half of a JSON object", 'data: {"a":1', []],
    ["drops half of [DONE]", "data: [DON", []],
    ["drops a number, which may be half of one", "data: 12", []],
    ["drops half of a field's name", "data: 1\n\nda", [event("1")]],
  ])("%s", (_what, text, frames) => expect(read(text)).toEqual(frames));

  it("never makes an event of a part of one", () => {
    const data = '{"a":[1,{"b":"}"}]}';
    for (let length = 0; length < data.length; length += 1) {
      expect(read(`data: ${data.slice(0, length)}`)).toEqual([]);
    }
  });
});

describe("text that is no event", () => {
  const pretty = JSON.stringify({ error: { code: 429, details: [{ "@type": "x" }] } }, null, 2);

  it.each([
    [
      "a bare error on one line",
      'data: 1\n\n{"error":{"code":429}}\n',
      [event("1"), unframed('{"error":{"code":429}}')],
    ],
    ["a bare error without a line end", '{"error":1}', [unframed('{"error":1}')]],
    ["a bare error over many lines", `data: 1\n\n${pretty}\n`, [event("1"), unframed(pretty)]],
    ["an error within an array", `[${pretty}]`, [unframed(`[${pretty}]`)]],
    ["half an error", '{\n  "error": {', [unframed('{\n  "error": {')]],
    [
      "a gateway's words at the end",
      "data: 1\n\nupstream connect error\n",
      [event("1"), unframed("upstream connect error")],
    ],
  ])("becomes a frame: %s", (_what, text, frames) => expect(read(text)).toEqual(frames));

  it("is there as soon as it parses", () => {
    expect(sseFramer().push(Buffer.from(`${pretty}\n`))).toEqual([unframed(pretty)]);
  });

  it("is forgotten when events follow", () => {
    expect(read("some proxy noise\n\ndata: 1\n\n")).toEqual([event("1")]);
  });

  it("is refused when it goes on and on", () => {
    expect(() => read("no event here\n".repeat(10_000))).toThrow("text that is no event");
  });
});

describe("the cap", () => {
  it("refuses a line above it", () => {
    expect(() => read(`data: ${"x".repeat(MAX_LINE_BYTES)}\n\n`)).toThrow("a line above 1048576 bytes");
  });

  it("refuses an event above it, made of lines below it", () => {
    const line = `data: ${"x".repeat(MAX_LINE_BYTES / 4)}\n`;
    expect(() => read(`${line.repeat(4)}\n`)).toThrow("an event above 1048576 bytes");
    expect(read(`${line.repeat(3)}\n${line.repeat(3)}\n`)).toHaveLength(2);
  });

  it("does not count comments, which may go on for hours", () => {
    const comment = `: ${"x".repeat(1_000)}\n`;
    expect(read(`data: 1\n${comment.repeat(2_000)}\n`)).toEqual([event("1")]);
  });
});
