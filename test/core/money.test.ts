import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { humanUsd, usdText } from "../../src/core/money.ts";

describe("usdText", () => {
  it.each([
    [2_676_000, "0.002676"],
    [0, "0"],
    [1, "0.000000001"],
    [1_000_000_000, "1"],
    [41_870_000_000n, "41.87"],
    [-500_000_000, "-0.5"],
    [123_456_789_012_345_678_901n, "123456789012.345678901"],
  ])("writes %s nano-dollars as %s", (nano, text) => expect(usdText(nano)).toBe(text));

  it("loses nothing and has no exponent", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), (nano) => {
        const text = usdText(nano);
        expect(text).toMatch(/^-?\d+(\.\d{0,8}[1-9])?$/);
        const [whole = "", fraction = ""] = text.replace("-", "").split(".");
        const size = BigInt(whole) * 10n ** 9n + BigInt(fraction.padEnd(9, "0"));
        expect(text.startsWith("-") ? -size : size).toBe(nano);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("humanUsd", () => {
  it.each([
    [null, "unpriced"],
    [0, "$0.00"],
    [41_870_000_000, "$41.87"],
    [1_000_000_000, "$1.00"],
    [1_005_000_000, "$1.01"],
    [1_004_999_999, "$1.00"],
    [400_000_000, "$0.4000"],
    [2_676_000, "$0.002676"],
    [2_676_490, "$0.002676"],
    [2_676_500, "$0.002677"],
    [999_940_000, "$0.9999"],
    [999_950_000, "$1.00"],
    [99_996_000, "$0.10000"],
    [12, "$0.000000012"],
    [-1_230_000_000, "-$1.23"],
    [-500_000, "-$0.0005000"],
  ])("writes %s nano-dollars as %s", (nano, text) => expect(humanUsd(nano)).toBe(text));
});
