import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseObject, readJsonObject } from "../../../src/daemon/http/body.ts";
import { excessOf, isDeeperThan } from "../../../src/daemon/http/json-depth.ts";
import { faultOf } from "../../../src/daemon/http/json-fault.ts";

const refusal = (text: string | Buffer): string => {
  try {
    parseObject(Buffer.isBuffer(text) ? text : Buffer.from(text));
  } catch (error) {
    return (error as Error).message;
  }
  return "";
};

it("is not kept by a request that lives on", async () => {
  const request = Object.assign(Readable.from([Buffer.from('{"a":'), Buffer.from("1}")]), { headers: {} });
  request.on("close", () => undefined);
  const before = request.eventNames();
  expect(await readJsonObject(request as unknown as IncomingMessage)).toEqual({ a: 1 }); // Of it, this is all that is read.
  expect(request.eventNames()).toEqual(before);
  expect(request.listenerCount("close")).toBe(1);
});

describe("a body", () => {
  it.each([
    ['{"a": tru}', "a value is expected at line 1, column 7"],
    ['{"a": "secret prompt" "b"}', "a comma or a closing bracket is expected at line 1, column 23"],
    ['{"a": 1,}', "a quoted name is expected at line 1, column 9"],
    ['{\n  "a": [1, 2\n', "it ends too early at line 3, column 1"],
    ["{a: 1}", "a quoted name or } is expected at line 1, column 2"],
    ['{"a" 1}', "a colon is expected at line 1, column 6"],
    ['{"a": 1} x', "nothing more is expected at line 1, column 10"],
    ['{"a": "\\x"}', "a value is expected at line 1, column 7"],
    ['{"a": [1}', "a comma or a closing bracket is expected at line 1, column 9"],
    ["", "it ends too early at line 1, column 1"],
  ])("of %j is refused with its place and none of its words", (text, words) => {
    expect(refusal(text)).toBe(`the body is not valid JSON: ${words}`);
  });

  it("has to be UTF-8 and one object", () => {
    expect(refusal(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]))).toBe("the body is not valid UTF-8");
    expect(refusal("[]")).toBe("the body has to be a JSON object");
    expect(parseObject(Buffer.from('{"ä":"€"}'))).toEqual({ ä: "€" });
  });

  it("nests 64 levels and no more", () => {
    const nested = (levels: number) => `{"a":${"[".repeat(levels - 1)}${"]".repeat(levels - 1)}}`;
    expect(refusal(nested(64))).toBe("");
    expect(refusal(nested(65))).toBe("the body is nested more than 64 levels deep");
    expect(refusal(`{"a":"${"[".repeat(100)}\\"${"{".repeat(100)}\\\\"}`)).toBe("");
  });

  it("of a megabyte and more is measured before anything is built of it", () => {
    expect(refusal("[".repeat(2_000_000))).toBe("the body is nested more than 64 levels deep");
    expect(refusal(`{"a":"${"[".repeat(2_000_000)}"}`)).toBe("");
  });

  it("of a megabyte and more holds 100,000 values at most, and its mistakes have no place", () => {
    const large = (values: number) => `{"a":[${Array(values).fill('"a, [{\\"}], text"').join(",")}]}`;
    expect(refusal(large(99_998))).toBe("");
    expect(refusal(large(100_001))).toBe("the body holds more than 100000 JSON values");
    expect(refusal(`${large(99_998)}?`)).toBe("the body is not valid JSON");
  });

  it.each([
    ["escaped quotes", `{"a":"${'\\"'.repeat(8_000_000)}"}`],
    ["values", `{"a":[${"1,".repeat(8_000_000)}1]}`],
    ["names", `{${'"":1,'.repeat(4_000_000)}"":1}`],
    ["lines that are no JSON", "\n".repeat(16_000_000)],
  ])("of 16 MB of %s holds nobody up for long", (_name, text) => {
    const bytes = Buffer.from(text);
    const before = process.cpuUsage();
    refusal(bytes);
    expect(process.cpuUsage(before).user).toBeLessThan(5_000_000);
  });

  it("is measured as deep as it is, whatever its strings say", () => {
    const depthOf = (value: unknown): number =>
      typeof value === "object" && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;
    const odd = fc.string({ unit: fc.constantFrom("[", "{", '"', "\\", "}", "a", "€") });
    const tree = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 6 },
        odd,
        fc.array(tie("node"), { maxLength: 3 }),
        fc.dictionary(odd, tie("node"), { maxKeys: 3 }),
      ),
    })).node;
    fc.assert(
      fc.property(tree, (value) => {
        const bytes = Buffer.from(JSON.stringify(value));
        const depth = depthOf(value);
        expect([excessOf(bytes, { depth, values: 1_000 }), isDeeperThan(depth, value)]).toEqual([
          undefined,
          false,
        ]);
        if (depth === 0) return;
        expect([
          excessOf(bytes, { depth: depth - 1, values: 1_000 }),
          isDeeperThan(depth - 1, value),
        ]).toEqual(["depth", true]);
      }),
      { numRuns: 200 },
    );
  });

  it("that was cut or changed anywhere has its fault found where JSON can no longer go on", () => {
    fc.assert(
      fc.property(
        fc.json({ maxDepth: 3 }),
        fc.nat(),
        fc.constantFrom("", "}", ",", '"', "x", "\n"),
        (json, seed, other) => {
          const at = seed % (json.length + 1);
          const text = json.slice(0, at) + other + json.slice(other === "" ? json.length : at + 1);
          fc.pre(!isJson(text));
          const { line, column } = faultOf(text);
          const lines = text.split("\n").slice(0, line - 1);
          const fault = lines.join("\n").length + (lines.length > 0 ? 1 : 0) + column - 1;
          // What stands before the change was JSON so far, so the fault is there or later, or at the word it cut.
          expect(fault).toBeLessThanOrEqual(text.length);
          expect(isJson(text.slice(0, fault)) || canGoOn(text.slice(0, fault))).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Only its end is wrong. */
const canGoOn = (text: string) => faultOf(text).problem === "it ends too early";
