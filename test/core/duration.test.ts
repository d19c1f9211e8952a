import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDuration, parseDuration } from "../../src/core/duration.ts";

describe("a duration", () => {
  it.each([
    ["250ms", 250],
    ["5s", 5_000],
    ["1.5h", 5_400_000],
    ["2m", 120_000],
    ["1d", 86_400_000],
    [" 3s ", 3_000],
    ["0s", 0],
    ["0.0004s", 0],
    ["999999999ms", 999_999_999],
  ])("%j is %i ms", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([
    "",
    "5",
    "s",
    "-1s",
    "+1s",
    "1e3s",
    "1,5s",
    "5 s",
    "5S",
    "5sec",
    "1m30s",
    ".5s",
    "5.s",
    "NaNs",
    "٣s",
  ])("%j is none", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it.each(["1000000000ms", "1.0000001s", "9".repeat(10_000)])(
    "%s is longer than any number needs to be",
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );

  it.each([
    [0, "0 ms"],
    [800, "800 ms"],
    [999.4, "999 ms"],
    [1_000, "1 s"],
    [1_500, "1.5 s"],
    [1_234, "1.23 s"],
    [60_000, "1 m"],
    [90_000, "1.5 m"],
    [3_600_000, "1 h"],
  ])("of %d ms is written %j", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it("is what its text says, for every number and unit", () => {
    const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
    const unit = fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[]));
    fc.assert(
      fc.property(fc.nat(999_999), unit, (count, name) => {
        expect(parseDuration(`${count}${name}`)).toBe(count * units[name]);
      }),
    );
  });
});
