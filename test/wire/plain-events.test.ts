import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Frame } from "../../src/wire/frame.ts";
import { plainEvents } from "../../src/wire/plain-events.ts";
import { sseFramer } from "../../src/wire/sse.ts";

const bytes = (text: string) => Buffer.from(text);
const event = (data: string, name = ""): Frame => ({ kind: "event", event: name, data });

describe("plain events", () => {
  it.each([
    ["one", 'data: {"a":1}\n\n', [event('{"a":1}')]],
    ["several", "data: a\n\ndata: é😀\n\n", [event("a"), event("é😀")]],
    ["with their types", "event: ping\ndata: {}\n\ndata: x\n\n", [event("{}", "ping"), event("x")]],
    ["without a text", "data: \n\n", [event("")]],
  ])("are read at once: %s", (_name, text, frames) => expect(plainEvents(bytes(text))).toEqual(frames));

  it.each([
    ["half an event", "data: a\n\ndata: b"],
    ["half a line end", "data: a\n"],
    ["carriage returns", "data: a\r\n\r\n"],
    ["two lines of data", "data: a\ndata: b\n\n"],
    ["a comment", ": ping\n\n"],
    ["no space behind the colon", "data:a\n\n"],
    ["another field", "id: 7\ndata: a\n\n"],
    ["a type without data", "event: a\n\n"],
    ["an empty event", "data: a\n\n\n\n"],
    ["a byte order mark", "\ufeffdata: a\n\n"],
    ["nothing", ""],
    ["too much at once", `data: ${"a".repeat(70_000)}\n\n`],
  ])("are not what the parser has to look at: %s", (_name, text) =>
    expect(plainEvents(bytes(text))).toBeUndefined(),
  );

  it.each([
    ["its type", ["event: x\n", "data: a\n\n"], [event("a", "x")]],
    ["its first line", ["data: a\n", "data: b\n\n"], [event("a\nb")]],
    ["half of its line", ["data: a", "data: b\n\n"], [event("adata: b")]],
    ["noise", ["{\n", "data: b\n\n"], [event("b")]],
  ])("are not taken for whole ones behind %s", (_name, chunks, frames) => {
    const framer = sseFramer();
    const found = chunks.flatMap((chunk) => framer.push(bytes(chunk)));
    expect([...found, ...framer.end()]).toEqual(frames);
  });

  it("are what the parser makes of the same bytes, however they are cut", () => {
    const line = fc.constantFrom(
      "data: a",
      'data: {"é":1}',
      "data:b",
      "event: x",
      ": c",
      "",
      "",
      "id: 1",
      "retry",
      "data: [DONE]",
    );
    const cuts = fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 6 });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), cuts, (lines, at) => {
        const all = bytes(lines.map((each) => `${each}\n`).join(""));
        const byByte = sseFramer();
        const expected = [...all].flatMap((_, index) => byByte.push(all.subarray(index, index + 1)));
        const framer = sseFramer();
        const ends = [...at.filter((end) => end < all.length), all.length].toSorted(
          (one, other) => one - other,
        );
        const found = ends.flatMap((end, index) => framer.push(all.subarray(ends[index - 1] ?? 0, end)));
        expect([...found, ...framer.end()]).toEqual([...expected, ...byByte.end()]);
      }),
      { numRuns: 500 },
    );
  });
});
