import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_LINE_BYTES } from "../../src/wire/frame.ts";
import { ndjsonFramer } from "../../src/wire/ndjson.ts";
import { cutBytes, everyByte, framed } from "../helpers/framed.ts";

const dataOf = (text: string) => framed(ndjsonFramer(), Buffer.from(text)).map(({ data }) => data);

describe("ndjson", () => {
  it.each([
    ["lines", '{"a":1}\n{"b":2}\n'],
    ["carriage returns before the line feed", '{"a":1}\r\n{"b":2}\r\n'],
    ["empty and blank lines", '\n\n{"a":1}\n \r\n{"b":2}\n\n'],
    ["a last line without its end", '{"a":1}\n{"b":2}'],
  ])("reads %s", (_what, text) => expect(dataOf(text)).toEqual(['{"a":1}', '{"b":2}']));

  it("hands a line over as soon as its end is there", () => {
    const framer = ndjsonFramer();
    expect(framer.push(Buffer.from('{"a":1}\n{"b"'))).toEqual([
      { kind: "event", event: "", data: '{"a":1}' },
    ]);
    expect(framer.push(Buffer.from(":2}\n"))).toEqual([{ kind: "event", event: "", data: '{"b":2}' }]);
    expect(framer.end()).toEqual([]);
  });

  it("leaves a carriage return within a line alone", () =>
    expect(dataOf('{"a":\r1}\n')).toEqual(['{"a":\r1}']));

  it("reads the same however the bytes arrive", () => {
    const line = fc.oneof(
      fc.json(),
      fc.constant(""),
      fc.string({ unit: "grapheme" }).map((s) => JSON.stringify(s)),
    );
    const text = fc
      .array(fc.tuple(line, fc.constantFrom("\n", "\r\n")))
      .map((lines) => lines.flat().join(""));
    fc.assert(
      fc.property(cutBytes(text), ({ bytes, cuts }) => {
        const whole = framed(ndjsonFramer(), bytes);
        expect(framed(ndjsonFramer(), bytes, cuts)).toEqual(whole);
        expect(framed(ndjsonFramer(), bytes, everyByte(bytes))).toEqual(whole);
        const lines = Buffer.from(bytes).toString().split("\n");
        expect(whole.map(({ data }) => data)).toEqual(lines.map((l) => l.trim()).filter((l) => l !== ""));
      }),
    );
  });

  it("takes a line of exactly the cap and refuses one byte more", () => {
    expect(dataOf(`${"x".repeat(MAX_LINE_BYTES)}\n`)[0]).toHaveLength(MAX_LINE_BYTES);
    expect(() => dataOf(`${"x".repeat(MAX_LINE_BYTES + 1)}\n`)).toThrow("a line above 1048576 bytes");
  });

  it("refuses an endless line when it passes the cap, not at its end", () => {
    const framer = ndjsonFramer();
    const chunk = Buffer.alloc(64 * 1024, "x");
    for (let sent = 0; sent < MAX_LINE_BYTES; sent += chunk.length) framer.push(chunk);
    expect(() => framer.push(Buffer.from("x"))).toThrow(expect.objectContaining({ code: "protocol_error" }));
  });
});
