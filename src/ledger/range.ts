import { DAY_MS } from "../core/period.ts";
import { endOf, instantOf, nameOf, QUARTER_MS, type Unit, type Zone } from "./zone.ts";

/** A stretch of time in Unix milliseconds; its end does not belong to it. */
export interface TimeRange {
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** A part of a range that lies in one hour, day, week or month of each kind asked for. */
export interface Span extends TimeRange {
  readonly names: Readonly<Partial<Record<Unit, string>>>;
}

/** A part of a range that one rollup can answer. */
export interface Piece extends TimeRange {
  readonly rollup: "day" | "quarter";
}

/** The range widened to whole quarters of an hour, the finest that rollups know. */
export const wholeQuarters = ({ sinceMs, untilMs }: TimeRange): TimeRange => ({
  sinceMs: down(sinceMs, QUARTER_MS),
  untilMs: up(untilMs, QUARTER_MS),
});

/** Cuts a range wherever one of the units begins anew in the zone; without units it stays whole. */
export function spansOf(
  { sinceMs, untilMs }: TimeRange,
  units: readonly Unit[],
  zone: Zone,
): readonly Span[] {
  const spans: Span[] = [];
  for (let at = sinceMs; at < untilMs; ) {
    const end = Math.min(untilMs, ...units.map((unit) => endOf(unit, at, zone)));
    const names = Object.fromEntries(units.map((unit) => [unit, nameOf(unit, at, zone)]));
    spans.push({ sinceMs: at, untilMs: end, names });
    at = end;
  }
  return spans;
}

/** Whole days of UTC from the sums per day, what is left at the ends from those per quarter of an hour. */
export function piecesOf({ sinceMs, untilMs }: TimeRange): readonly Piece[] {
  const firstDay = up(sinceMs, DAY_MS);
  const lastDay = down(untilMs, DAY_MS);
  const pieces: readonly Piece[] =
    firstDay < lastDay
      ? [
          { rollup: "quarter", sinceMs, untilMs: firstDay },
          { rollup: "day", sinceMs: firstDay, untilMs: lastDay },
          { rollup: "quarter", sinceMs: lastDay, untilMs },
        ]
      : [{ rollup: "quarter", sinceMs, untilMs }];
  return pieces.filter((piece) => piece.sinceMs < piece.untilMs);
}

/** The first and the last quarter of an hour in which anything was recorded. */
export interface Extent {
  readonly firstMs: number;
  readonly lastMs: number;
}

/** The part of a range in which there can be something; undefined when there is none. */
export function withinExtent({ sinceMs, untilMs }: TimeRange, extent: Extent): TimeRange | undefined {
  const range = {
    sinceMs: Math.max(sinceMs, extent.firstMs),
    untilMs: Math.min(untilMs, extent.lastMs + QUARTER_MS),
  };
  return range.sinceMs < range.untilMs ? range : undefined;
}

/** The range with whole days at its ends, where nothing was recorded in what that adds: sums per day are fewer rows. */
export const widened = ({ sinceMs, untilMs }: TimeRange, { firstMs, lastMs }: Extent): TimeRange => ({
  sinceMs: sinceMs <= firstMs ? down(sinceMs, DAY_MS) : sinceMs,
  untilMs: untilMs > lastMs ? up(untilMs, DAY_MS) : untilMs,
});

/** The range just before, as long by the clock on the wall: seven days before a change of clocks are seven days. */
export function previousRange({ sinceMs, untilMs }: TimeRange, zone: Zone): TimeRange {
  const local = sinceMs + zone.offsetMs(sinceMs);
  const lengthMs = untilMs + zone.offsetMs(untilMs) - local;
  return { sinceMs: Math.max(0, instantOf(local - lengthMs, sinceMs, zone)), untilMs: sinceMs };
}

const down = (atMs: number, stepMs: number): number => Math.floor(atMs / stepMs) * stepMs;
const up = (atMs: number, stepMs: number): number => Math.ceil(atMs / stepMs) * stepMs;
