import { expect, it } from "vitest";
import { count, duration, ofLimit, part, percent, until, usd } from "../../src/tui/figures.ts";

it("counts are exact as long as they are short, and never more than they are", () => {
  expect([0, 999, 9_999, 10_000, 999_999, 1_000_000, 1_990_000, 34_900_000, 2e9].map(count)).toEqual([
    ...["0", "999", "9999", "10k", "999k", "1M", "1.9M", "34M", "2G"],
  ]);
});

it("amounts are those of the reports, and what is not known is not free", () => {
  expect(["0", "0.002676", "0.5", "1610.956", null].map(usd)).toEqual([
    ...["$0.00", "$0.002676", "$0.5000", "$1610.96", "unpriced"],
  ]);
});

it("only what is whole reads 100%; parts of a sum are rounded", () => {
  expect([0, 0.9996, 1, null].map(percent)).toEqual(["0%", "99.9%", "100%", "-"]);
  expect([0.8686, 0.9996, null].map(part)).toEqual(["86.9%", "100.0%", "-"]);
});

it("limits stand beside what was used of them", () => {
  expect([ofLimit(3, null), ofLimit(3, 60), duration(null), duration(90.4)]).toEqual([
    "3",
    "3/60",
    "-",
    "90 ms",
  ]);
});

it("what is to come is told from the moment of the figures, not of the reader", () => {
  const now = "2026-11-23T10:00:00Z";
  expect([null, "2026-11-23T10:00:17.2Z", "2026-11-23T09:59:59Z"].map((at) => until(at, now))).toEqual([
    "-",
    "in 18 s",
    "now",
  ]);
});
