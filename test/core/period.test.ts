import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY_MS, HOUR_MS, isRolling, type Period, type PeriodSpan, spanOf } from "../../src/core/period.ts";

const at = (text: string): number => Date.parse(text);
const spanText = ({ startMs, endMs }: PeriodSpan): string =>
  `${new Date(startMs).toISOString()} ${new Date(endMs).toISOString()}`.replaceAll(":00:00.000Z", "h");

describe("the period around a moment (LG-1)", () => {
  it.each([
    ["hour", "2026-11-22T15:59:59.999Z", "2026-11-22T15h 2026-11-22T16h"],
    ["hour", "2026-12-31T23:00:00.000Z", "2026-12-31T23h 2027-01-01T00h"],
    ["day", "2028-02-29T23:59:59.999Z", "2028-02-29T00h 2028-03-01T00h"],
    ["day", "2026-12-31T12:00:00.000Z", "2026-12-31T00h 2027-01-01T00h"],
    ["week", "2026-11-23T00:00:00.000Z", "2026-11-23T00h 2026-11-30T00h"],
    ["week", "2026-11-22T23:59:59.999Z", "2026-11-16T00h 2026-11-23T00h"],
    ["week", "2027-01-01T08:00:00.000Z", "2026-12-28T00h 2027-01-04T00h"],
    ["month", "2026-12-31T23:59:59.999Z", "2026-12-01T00h 2027-01-01T00h"],
    ["month", "2027-01-01T00:00:00.000Z", "2027-01-01T00h 2027-02-01T00h"],
    ["month", "2028-02-29T12:00:00.000Z", "2028-02-01T00h 2028-03-01T00h"],
    ["month", "2027-02-28T12:00:00.000Z", "2027-02-01T00h 2027-03-01T00h"],
    ["month", "2100-02-28T12:00:00.000Z", "2100-02-01T00h 2100-03-01T00h"],
    ["month", "2000-02-29T12:00:00.000Z", "2000-02-01T00h 2000-03-01T00h"],
    ["1d", "2026-11-22T15:00:00.000Z", "2026-11-22T00h 2026-11-23T00h"],
    ["7d", "2027-01-02T15:00:00.000Z", "2026-12-27T00h 2027-01-03T00h"],
    ["30d", "2028-03-01T00:00:00.000Z", "2028-02-01T00h 2028-03-02T00h"],
  ] as const)("%s at %s", (period, moment, span) => {
    expect(spanText(spanOf(period, at(moment)))).toBe(span);
  });

  it("knows calendar periods from rolling ones", () => {
    expect(["hour", "day", "week", "month", "1d", "30d"].filter((text) => isRolling(text as Period))).toEqual(
      ["1d", "30d"],
    );
  });
});

/** The same in the words of the calendar that comes with the language. */
function oracle(period: Period, atMs: number): PeriodSpan {
  const date = new Date(atMs);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  const days = (from: number, to: number) => ({
    startMs: Date.UTC(year, month, day + from),
    endMs: Date.UTC(year, month, day + to),
  });
  if (period === "hour") {
    const startMs = Date.UTC(year, month, day, date.getUTCHours());
    return { startMs, endMs: startMs + HOUR_MS };
  }
  if (period === "day") return days(0, 1);
  if (period === "month") return { startMs: Date.UTC(year, month), endMs: Date.UTC(year, month + 1) };
  const sinceMonday = (date.getUTCDay() + 6) % 7;
  if (period === "week") return days(-sinceMonday, 7 - sinceMonday);
  return days(1 - Number.parseInt(period, 10), 1);
}

const periods = fc.oneof(
  fc.constantFrom<Period>("hour", "day", "week", "month"),
  fc.integer({ min: 1, max: 999 }).map((count): Period => `${count}d`),
);
const moments = fc.oneof(
  fc.integer({ min: Date.UTC(1900, 0), max: Date.UTC(2500, 0) }),
  // Midnights and the milliseconds around them, where a period begins or ends.
  fc
    .tuple(fc.integer({ min: -25_000, max: 190_000 }), fc.integer({ min: -1, max: 1 }))
    .map(([day, ms]) => day * DAY_MS + ms),
);

describe("against the calendar of the language", () => {
  it("gives the same period for any moment from 1900 to 2500", () => {
    fc.assert(
      fc.property(periods, moments, (period, atMs) => {
        expect(spanOf(period, atMs)).toEqual(oracle(period, atMs));
      }),
      { numRuns: 20_000 },
    );
  });

  it("agrees on every single day of 1999 to 2101", () => {
    for (let atMs = Date.UTC(1999, 0); atMs < Date.UTC(2101, 1); atMs += DAY_MS) {
      for (const period of ["week", "month"] as const) {
        const span = spanOf(period, atMs);
        const expected = oracle(period, atMs);
        if (span.startMs !== expected.startMs || span.endMs !== expected.endMs) {
          expect(span, new Date(atMs).toISOString()).toEqual(expected);
        }
      }
    }
  });

  it("leaves no gap: where a calendar period ends the next one begins", () => {
    fc.assert(
      fc.property(periods, moments, (period, atMs) => {
        const { startMs, endMs } = spanOf(period, atMs);
        expect(startMs <= atMs && atMs < endMs).toBe(true);
        if (!isRolling(period)) expect(spanOf(period, endMs).startMs).toBe(endMs);
      }),
    );
  });
});
