import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { moneyOfNumber, parseMoney } from "../../src/config/money.ts";
import { parseYaml } from "../../src/config/parse.ts";
import { positionOf } from "../../src/config/position.ts";

describe("a YAML text", () => {
  it("is read as the data it was written from", () => {
    const key = fc
      .stringMatching(/^[a-z_]{1,8}$/)
      .filter((name) => !/^(constructor|prototype|__proto__)$/.test(name));
    const { tree } = fc.letrec((tie) => ({
      leaf: fc.oneof(fc.integer({ min: -1e9, max: 1e9 }), fc.boolean(), fc.stringMatching(/^[ -~]{0,20}$/)),
      node: fc.oneof({ maxDepth: 5 }, tie("leaf"), fc.array(tie("node"), { maxLength: 3 }), tie("tree")),
      tree: fc.dictionary(key, tie("node"), { minKeys: 1, maxKeys: 4 }),
    }));
    fc.assert(
      fc.property(tree, (data) => {
        const result = parseYaml(stringify(data));
        expect("parsed" in result && JSON.parse(JSON.stringify(result.parsed.tree))).toEqual(
          JSON.parse(JSON.stringify(data)),
        );
      }),
    );
  });

  it("of any kind is read or refused with a place, never thrown at", () => {
    const piece = fc.constantFrom(
      "a",
      ": ",
      "- ",
      "? ",
      "\n",
      "  ",
      "\t",
      "[",
      "]",
      "{",
      "}",
      '"',
      "'",
      "|",
      ">",
      "&a",
      "*a",
      "!t",
      "#",
      "%",
      "---\n",
      "1",
      ",",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const result = parseYaml(pieces.join(""));
        if ("problems" in result) {
          expect(result.problems[0]?.line).toBeGreaterThan(0);
          expect(result.problems[0]?.column).toBeGreaterThan(0);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("may nest exactly twenty levels", () => {
    const nested = (levels: number) => `${"{a: ".repeat(levels - 1)}{}${"}".repeat(levels - 1)}`;
    expect(parseYaml(nested(20))).toHaveProperty("parsed");
    expect(parseYaml(nested(21))).toMatchObject({ problems: [{ code: "too_deep" }] });
  });

  it("may hold brackets and dashes in its texts and comments", () => {
    const text = `# ${"- ".repeat(50)}\na: "${"[".repeat(50)}"\nb: |\n  ${"- [ ".repeat(50)}\nc: plain ${"{".repeat(9)}\n`;
    expect(parseYaml(text)).toHaveProperty("parsed");
  });

  it("may repeat a block by an alias", () => {
    const result = parseYaml("a: &x { b: [1, 2] }\nc: *x\n");
    expect("parsed" in result && { ...result.parsed.tree }).toEqual({ a: { b: [1, 2] }, c: { b: [1, 2] } });
  });

  it("has no prototype that a key could reach", () => {
    const result = parseYaml("a: { toString: 1 }\n");
    expect("parsed" in result && Object.getPrototypeOf(result.parsed.tree)).toBeNull();
  });

  it("gives the place of keys, values and entries, also with Windows line ends", () => {
    const result = parseYaml("a: 1\r\nb:\r\n  - x: 'y'\r\n");
    if (!("parsed" in result)) throw new Error("refused");
    const { places } = result.parsed;
    expect(positionOf(places, ["b", 0, "x"], "key")).toEqual({ line: 3, column: 5 });
    expect(positionOf(places, ["b", 0, "x"], "value")).toEqual({ line: 3, column: 8 });
    expect(positionOf(places, ["b", 0, "gone", "deeper"], "value")).toEqual({ line: 3, column: 5 });
  });

  it("with forty thousand keys is read at no more than a fraction of a millisecond for each", () => {
    const text = Array.from({ length: 40_000 }, (_, index) => `key${index}: 1`).join("\n");
    const before = process.cpuUsage();
    expect(parseYaml(text)).toHaveProperty("parsed");
    expect(process.cpuUsage(before).user).toBeLessThan(40_000 * 250);
  });
});

describe("money", () => {
  it.each([
    ["0.05", 50_000_000],
    ["$5", 5_000_000_000],
    ["5c", 50_000_000],
    ["0.5c", 5_000_000],
    ["0.000000001", 1],
    ["9007199.254740991", Number.MAX_SAFE_INTEGER],
    ["9007199.254740992", undefined],
    ["0.0000000001", undefined],
    ["-1", undefined],
    ["1e3", undefined],
    ["5 c", undefined],
    ["$5c", undefined],
    ["", undefined],
  ])("%s is %s nano-dollars", (text, nano) => expect(parseMoney(text)).toBe(nano));

  it("as a number means the digits that were written", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 999_999 }),
        fc.integer({ min: 0, max: 999_999_999 }),
        (whole, fraction) => {
          const text = `${whole}.${String(fraction).padStart(9, "0")}`;
          expect(moneyOfNumber(Number(text))).toBe(parseMoney(text));
        },
      ),
    );
    expect(moneyOfNumber(5e-10)).toBeUndefined();
    expect(moneyOfNumber(Number.NaN)).toBeUndefined();
    expect(moneyOfNumber(1e300)).toBeUndefined();
  });
});
