import { describe, expect, it } from "vitest";
import { DAY_MS } from "../../src/core/period.ts";
import { type Forecast, type ForecastAsk, forecastSpend } from "../../src/ledger/forecast.ts";

const USD = 1_000_000_000;
/** A Monday. */
const MONDAY_MS = Date.parse("2026-11-02T00:00:00Z");

/** What so many dollars a day, from a Monday on, forecast for the days after the last of them. */
function forecast(days: readonly number[], more: Partial<ForecastAsk> & { readonly left?: number } = {}) {
  const nowMs = MONDAY_MS + days.length * DAY_MS;
  const { left = 10, ...ask } = more;
  return forecastSpend({
    history: { sinceMs: MONDAY_MS, days: days.map((usd) => usd * USD) },
    spentNano: 0,
    nowMs,
    endMs: nowMs + left * DAY_MS,
    interval: 0.8,
    ...ask,
  });
}

function usd(found: Forecast) {
  if (found.kind === "unknown") throw new Error(found.reason);
  return [found.lowNano, found.meanNano, found.highNano].map((nano) => nano / USD);
}

describe("a forecast of spending", () => {
  it.each([
    [[], "spending is known of 0 whole days, and a forecast needs 3"],
    [[5], "spending is known of 1 whole day, and a forecast needs 3"],
    [[5, 5], "spending is known of 2 whole days, and a forecast needs 3"],
  ])("is refused after the days %j, with the reason", (days, reason) => {
    expect(forecast(days)).toEqual({ kind: "unknown", samples: days.length, reason });
  });

  it("adds the mean of a day for each that is left to what was spent", () => {
    const found = forecast([4, 4, 4], { spentNano: 12 * USD, left: 5 });
    expect(found).toMatchObject({ kind: "known", method: "daily_run_rate", samples: 3 });
    expect(usd(found)).toEqual([32, 32, 32]);
  });

  it("counts the rest of today as the part of a day that it is", () => {
    const nowMs = MONDAY_MS + 3 * DAY_MS + DAY_MS / 4;
    const found = forecast([4, 4, 4], { spentNano: USD, nowMs, endMs: MONDAY_MS + 4 * DAY_MS });
    expect(usd(found)).toEqual([4, 4, 4]);
  });

  it("is what was spent where nothing of the period is left", () => {
    expect(usd(forecast([1, 2, 9], { spentNano: 7 * USD, left: 0 }))).toEqual([7, 7, 7]);
  });

  it("gives the interval of a sum of days whose mean is an estimate, too", () => {
    // Mean 2, deviation 1; ten days: 10 + 10² / 3 variances; Student's t of 80 % and two degrees is 1.8856.
    const half = 1.8856 * Math.sqrt(10 + 100 / 3);
    const [low, mean, high] = usd(forecast([1, 2, 3], { spentNano: 6 * USD }));
    expect(mean).toBe(26);
    expect(low).toBeCloseTo(26 - half, 3);
    expect(high).toBeCloseTo(26 + half, 3);
    const [lower, , higher] = usd(forecast([1, 2, 3], { spentNano: 6 * USD, interval: 0.5 }));
    expect(lower).toBeGreaterThan(low ?? 0);
    expect(higher).toBeLessThan(high ?? 0);
  });

  it("never falls below what was spent already", () => {
    expect(usd(forecast([0, 0, 30], { spentNano: 30 * USD, interval: 0.99 }))[0]).toBe(30);
  });

  const WEEK = [10, 10, 10, 10, 10, 1, 1];

  it("knows no weekdays before each was seen twice", () => {
    const found = forecast([...WEEK, ...WEEK.slice(0, 6)]);
    expect(found).toMatchObject({ method: "daily_run_rate", samples: 13 });
    const mean = (50 + 2 + 50 + 1) / 13;
    expect(usd(found)[1]).toBeCloseTo(10 * mean, 6);
  });

  it("goes by weekdays from fourteen days on", () => {
    const days = [...WEEK, ...WEEK];
    const found = forecast(days, { left: 7 });
    expect(found).toMatchObject({ method: "daily_run_rate_by_weekday", samples: 14 });
    expect(usd(found)).toEqual([52, 52, 52]);
    // The next days are a Monday and a Tuesday.
    expect(usd(forecast(days, { left: 2 }))[1]).toBe(20);
    const saturdayMs = MONDAY_MS + 19 * DAY_MS;
    expect(usd(forecast(days, { nowMs: saturdayMs, endMs: saturdayMs + 2 * DAY_MS }))[1]).toBe(2);
  });

  it("scatters around each weekday's own mean", () => {
    const days = [...WEEK.map(() => 10), ...WEEK.map(() => 12)];
    // Each weekday is off its mean by 1 twice: deviation √(14 / 7); seven days, each mean of two: 7 + 7 / 2 variances.
    const half = 1.4149 * Math.SQRT2 * Math.sqrt(10.5);
    const [low, mean, high] = usd(forecast(days, { left: 7 }));
    expect(mean).toBe(77);
    expect(low).toBeCloseTo(77 - half, 2);
    expect(high).toBeCloseTo(77 + half, 2);
  });
});
