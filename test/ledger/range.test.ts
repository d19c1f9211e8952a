import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  piecesOf,
  previousRange,
  spansOf,
  type TimeRange,
  wholeQuarters,
  widened,
  withinExtent,
} from "../../src/ledger/range.ts";
import { QUARTER_MS, UNITS, UTC, zoneNamed } from "../../src/ledger/zone.ts";

const DAY = 86_400_000;
const at = (text: string) => Date.parse(text);
const range = (since: string, until: string): TimeRange => ({ sinceMs: at(since), untilMs: at(until) });
const berlin = zoneNamed("Europe/Berlin") ?? UTC;

const quarters = fc.integer({ min: 1_900_000, max: 2_100_000 }).map((count) => count * QUARTER_MS);
const ranges = fc
  .tuple(quarters, fc.integer({ min: 1, max: 20_000 }))
  .map(([sinceMs, length]) => ({ sinceMs, untilMs: sinceMs + length * QUARTER_MS }));

/** The parts lie one behind the other and are the whole. */
function expectWhole(parts: readonly TimeRange[], { sinceMs, untilMs }: TimeRange) {
  expect(parts[0]?.sinceMs).toBe(sinceMs);
  expect(parts.at(-1)?.untilMs).toBe(untilMs);
  for (const [index, part] of parts.entries()) {
    expect(part.untilMs).toBeGreaterThan(part.sinceMs);
    if (index > 0) expect(part.sinceMs).toBe(parts[index - 1]?.untilMs);
  }
}

describe("ranges of a report", () => {
  it("are rounded to quarters of an hour, the beginning down and the end up", () => {
    const rounded = wholeQuarters(range("2026-11-01T08:14:59Z", "2026-11-01T09:00:01Z"));
    expect(rounded).toEqual(range("2026-11-01T08:00:00Z", "2026-11-01T09:15:00Z"));
    expect(wholeQuarters(rounded)).toEqual(rounded);
  });

  it("are answered by days of UTC in the middle and quarters of an hour at the ends", () => {
    expect(piecesOf(range("2026-11-01T22:00:00Z", "2026-11-04T01:00:00Z"))).toEqual([
      { rollup: "quarter", ...range("2026-11-01T22:00:00Z", "2026-11-02T00:00:00Z") },
      { rollup: "day", ...range("2026-11-02T00:00:00Z", "2026-11-04T00:00:00Z") },
      { rollup: "quarter", ...range("2026-11-04T00:00:00Z", "2026-11-04T01:00:00Z") },
    ]);
    expect(piecesOf(range("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"))).toMatchObject([
      { rollup: "day" },
    ]);
    expect(piecesOf(range("2026-11-01T23:00:00Z", "2026-11-02T23:00:00Z"))).toMatchObject([
      { rollup: "quarter" },
    ]);
  });

  it("fall into pieces that are the whole, and days only where a whole day lies", () => {
    fc.assert(
      fc.property(ranges, (whole) => {
        const pieces = piecesOf(whole);
        expectWhole(pieces, whole);
        for (const { rollup, sinceMs, untilMs } of pieces) {
          expect(rollup === "day").toBe(sinceMs % DAY === 0 && untilMs % DAY === 0);
        }
      }),
    );
  });

  it("fall into spans that are the whole, none of them across a border of its units", () => {
    const units = fc.uniqueArray(fc.constantFrom("day", "week", "month"), { maxLength: 3 });
    fc.assert(
      fc.property(ranges, units, fc.constantFrom(UTC, berlin), (whole, cut, zone) => {
        const spans = spansOf(whole, cut, zone);
        expectWhole(spans, whole);
        const names = spans.map((span) => JSON.stringify(cut.map((unit) => span.names[unit])));
        expect(new Set(names).size).toBe(spans.length);
      }),
      { numRuns: 50 },
    );
  });

  it("cut into hours have one more on the day clocks are put back", () => {
    const day = range("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z");
    const spans = spansOf(day, ["hour", "day"], berlin);
    expect(spans).toHaveLength(25);
    expect(new Set(spans.map(({ names }) => names.hour)).size).toBe(25);
    expect(new Set(spans.map(({ names }) => names.day))).toEqual(new Set(["2026-10-25"]));
  });

  it("are left alone without units, and cut by several at every border of each", () => {
    const month = range("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z");
    expect(spansOf(month, [], UTC)).toEqual([{ ...month, names: {} }]);
    expect(spansOf(month, ["week", "month"], UTC).map(({ names }) => names.week)).toEqual([
      "2026-W44",
      "2026-W45",
      "2026-W46",
      "2026-W47",
      "2026-W48",
      "2026-W49",
    ]);
    expect(UNITS).toContain("week");
  });

  it("grow to whole days only where nothing was recorded", () => {
    const extent = { firstMs: at("2026-11-02T10:00:00Z"), lastMs: at("2026-11-05T10:00:00Z") };
    expect(widened(range("2026-11-02T09:00:00Z", "2026-11-05T10:15:00Z"), extent)).toEqual(
      range("2026-11-02T00:00:00Z", "2026-11-06T00:00:00Z"),
    );
    const inside = range("2026-11-02T10:15:00Z", "2026-11-05T10:00:00Z");
    expect(widened(inside, extent)).toEqual(inside);
  });

  it("are cut to what was recorded", () => {
    const extent = { firstMs: at("2026-11-02T10:00:00Z"), lastMs: at("2026-11-05T10:00:00Z") };
    expect(withinExtent(range("1970-01-01T00:00:00Z", "2030-01-01T00:00:00Z"), extent)).toEqual(
      range("2026-11-02T10:00:00Z", "2026-11-05T10:15:00Z"),
    );
    expect(withinExtent(range("2026-11-05T10:15:00Z", "2030-01-01T00:00:00Z"), extent)).toBeUndefined();
  });

  it("have one before them that is as long by the clock on the wall", () => {
    const week = range("2026-10-25T23:00:00Z", "2026-11-01T23:00:00Z");
    expect(previousRange(week, UTC)).toEqual(range("2026-10-18T23:00:00Z", "2026-10-25T23:00:00Z"));
    expect(previousRange(week, berlin)).toEqual(range("2026-10-18T22:00:00Z", "2026-10-25T23:00:00Z"));
  });
});
