import { spansOf, wholeQuarters, withinExtent } from "../ledger/range.ts";
import { UNITS, type Unit } from "../ledger/zone.ts";
import type { Database } from "../store/database.ts";
import { readExtent, readUsage, type UsageAsk } from "../store/usage-reader.ts";

/** Spending over time, one value for each unit, those without any included. */
export interface SpendSeries {
  readonly unit: Unit;
  readonly points: readonly { readonly name: string; readonly costNano: bigint }[];
}

/** A line of more points than this is longer than what it stands beside. */
const MOST_POINTS = 48;

/** What the range spent per hour, day, week or month: the finest that fits a line. Nothing for less than two points. */
export function readSeries(database: Database, ask: UsageAsk, nowMs: number): SpendSeries | undefined {
  const extent = readExtent(database);
  // Before the first operation and after now there is nothing to see; a pause in between is seen.
  const lastMs = Math.max(extent?.lastMs ?? 0, nowMs);
  const range = extent && wholeQuarters(withinExtent(ask.range, { ...extent, lastMs }) ?? ask.range);
  if (!range) return undefined;
  const cuts = UNITS.map((unit) => ({ unit, spans: roughCount(range, unit) }));
  const unit = cuts.find(({ spans }) => spans <= MOST_POINTS)?.unit ?? "month";
  const spans = spansOf(range, [unit], ask.zone);
  if (spans.length < 2) return undefined;
  const groups = readUsage(database, { ...ask, range, by: [unit] });
  const costs = new Map(groups.map(({ key, sums }) => [key[unit], sums.costNano]));
  const points = spans.map(({ names }) => ({
    name: names[unit] ?? "",
    costNano: costs.get(names[unit] ?? "") ?? 0n,
  }));
  return { unit, points };
}

const LENGTH_HOURS: Readonly<Record<Unit, number>> = { hour: 1, day: 24, week: 168, month: 730 };

const roughCount = ({ sinceMs, untilMs }: UsageAsk["range"], unit: Unit): number =>
  (untilMs - sinceMs) / 3_600_000 / LENGTH_HOURS[unit];
