import { DAY_MS } from "../core/period.ts";
import { studentT } from "./student.ts";

/** What was spent on whole days of UTC. */
export interface DailySpend {
  /** When the first day began, in Unix milliseconds. */
  readonly sinceMs: number;
  /** Nano-dollars, one for each day in turn, days without spending included. */
  readonly days: readonly number[];
}

export interface ForecastAsk {
  readonly history: DailySpend;
  /** What counts already, in nano-dollars: the spending of the period so far. */
  readonly spentNano: number;
  readonly nowMs: number;
  /** When the period ends. */
  readonly endMs: number;
  /** The share of what is likely that lies between low and high. */
  readonly interval: number;
}

/** What a period will have cost at its end, in nano-dollars, or why that cannot be said. */
export type Forecast =
  | {
      readonly kind: "known";
      readonly meanNano: number;
      readonly lowNano: number;
      readonly highNano: number;
      readonly method: "daily_run_rate" | "daily_run_rate_by_weekday";
      /** Days it was computed from. */
      readonly samples: number;
    }
  | { readonly kind: "unknown"; readonly samples: number; readonly reason: string };

/** Less says nothing of the next day. */
const LEAST_DAYS = 3;
/** From here on every weekday was seen twice. */
const LEAST_DAYS_BY_WEEKDAY = 14;
const WEEKDAYS = 7;

/**
 * Projects spending to the end of a period: what was spent, and for the time that is left the mean of the past days,
 * each weekday by itself from two weeks on. The interval is the prediction interval of a sum of such days: they scatter
 * as the past ones did, and their mean is known only as well as so many days tell it (Student's t).
 */
export function forecastSpend({ history, spentNano, nowMs, endMs, interval }: ForecastAsk): Forecast {
  const samples = history.days.length;
  if (samples < LEAST_DAYS) {
    const reason = `spending is known of ${samples} whole day${samples === 1 ? "" : "s"}, and a forecast needs ${LEAST_DAYS}`;
    return { kind: "unknown", samples, reason };
  }
  const byWeekday = samples >= LEAST_DAYS_BY_WEEKDAY;
  const groupOf = (day: number) => (byWeekday ? day % WEEKDAYS : 0);
  const rates = ratesOf(history, groupOf);
  const left = daysLeft(nowMs, endMs);
  const mean = left.reduce((sum, { day, part }) => sum + part * (rates.get(groupOf(day))?.mean ?? 0), 0);
  const scatter = scatterOf(history, groupOf, rates);
  const error = scatter * Math.sqrt(variance(left, groupOf, rates));
  const half = error === 0 ? 0 : studentT(interval, samples - rates.size) * error;
  return {
    kind: "known",
    meanNano: Math.round(spentNano + mean),
    // What was spent stays spent, and days do not earn.
    lowNano: Math.round(spentNano + Math.max(0, mean - half)),
    highNano: Math.round(spentNano + mean + half),
    method: byWeekday ? "daily_run_rate_by_weekday" : "daily_run_rate",
    samples,
  };
}

/** The mean of a group of days, and how many there were. */
interface Rate {
  readonly mean: number;
  readonly count: number;
}

const dayNumber = (atMs: number): number => Math.floor(atMs / DAY_MS);

function ratesOf({ sinceMs, days }: DailySpend, groupOf: (day: number) => number): ReadonlyMap<number, Rate> {
  const groups = Map.groupBy(
    days.map((nano, at) => ({ nano, group: groupOf(dayNumber(sinceMs) + at) })),
    ({ group }) => group,
  );
  return new Map(
    [...groups].map(([group, members]) => {
      const sum = members.reduce((total, { nano }) => total + nano, 0);
      return [group, { mean: sum / members.length, count: members.length }];
    }),
  );
}

/** The standard deviation of days around the mean of their group. */
function scatterOf(
  { sinceMs, days }: DailySpend,
  groupOf: (day: number) => number,
  rates: ReadonlyMap<number, Rate>,
): number {
  const squares = days.map((nano, at) => {
    const mean = rates.get(groupOf(dayNumber(sinceMs) + at))?.mean ?? 0;
    return (nano - mean) ** 2;
  });
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / (days.length - rates.size));
}

interface PartOfDay {
  readonly day: number;
  /** 1 for a whole day. */
  readonly part: number;
}

/** The days from now to the end, today's rest as a part. */
function daysLeft(nowMs: number, endMs: number): readonly PartOfDay[] {
  const first = dayNumber(nowMs);
  const count = Math.max(0, Math.ceil(endMs / DAY_MS) - first);
  return Array.from({ length: count }, (_, at) => {
    const startMs = (first + at) * DAY_MS;
    const part = (Math.min(endMs, startMs + DAY_MS) - Math.max(nowMs, startMs)) / DAY_MS;
    return { day: first + at, part: Math.max(0, part) };
  });
}

/** Of the sum of the days that are left, in units of one day's: their own scatter, and that of the means. */
function variance(
  left: readonly PartOfDay[],
  groupOf: (day: number) => number,
  rates: ReadonlyMap<number, Rate>,
): number {
  const own = left.reduce((sum, { part }) => sum + part, 0);
  const groups = Map.groupBy(left, ({ day }) => groupOf(day));
  const ofMeans = [...groups].map(([group, members]) => {
    const parts = members.reduce((sum, { part }) => sum + part, 0);
    return parts ** 2 / (rates.get(group)?.count ?? 1);
  });
  return own + ofMeans.reduce((sum, each) => sum + each, 0);
}
