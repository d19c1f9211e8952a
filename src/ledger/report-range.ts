import { formatTime, parseTime } from "../core/clock.ts";
import { parseDuration } from "../core/duration.ts";
import { RiptideError } from "../core/errors.ts";
import { type TimeRange, wholeQuarters } from "./range.ts";
import type { Words } from "./words.ts";
import { instantOf, startOf, UTC, type Zone, zoneNamed } from "./zone.ts";

/** A range of time, and the zone its days are cut in. */
export interface AskedRange {
  readonly range: TimeRange;
  readonly zone: Zone;
}

/**
 * The same in whole quarters of an hour, which is what sums are kept by: the first one begins no later, the last one
 * ends no sooner. @throws RiptideError `usage`
 */
export function quartersOf(given: Words, nowMs: number): AskedRange {
  const { range, zone } = rangeOf(given, nowMs);
  return { range: wholeQuarters(range), zone };
}

/** `--since`, `--until` and `--tz`; this month so far where they are absent. @throws RiptideError `usage` */
export function rangeOf(given: Words, nowMs: number): AskedRange {
  const zone = zoneOf(given);
  const sinceMs = timeOf(given, "since", { nowMs, zone }) ?? startOf("month", nowMs, zone);
  const untilMs = timeOf(given, "until", { nowMs, zone }) ?? nowMs;
  if (sinceMs < untilMs) return { range: { sinceMs, untilMs }, zone };
  throw new RiptideError(
    "usage",
    `the range ends before it begins: ${formatTime(sinceMs)} to ${formatTime(untilMs)}`,
    { hint: "--since comes first; --until is now unless given, and does not belong to the range" },
  );
}

/** `--tz`; UTC where it is absent. @throws RiptideError `usage` */
function zoneOf(given: Words): Zone {
  const text = given.value("tz");
  const zone = text === undefined ? UTC : zoneNamed(text);
  if (zone) return zone;
  throw new RiptideError("usage", `--tz wants a time zone, not "${text}"`, {
    hint: "--tz Europe/Berlin   or an offset in quarters of an hour: --tz +05:30",
  });
}

interface Now {
  readonly nowMs: number;
  readonly zone: Zone;
}

function timeOf(given: Words, flag: string, now: Now): number | undefined {
  const text = given.value(flag);
  if (text === undefined) return undefined;
  const atMs = instant(text, now);
  if (atMs !== undefined) return Math.max(0, atMs);
  throw new RiptideError("usage", `--${flag} wants a time, not "${text}"`, {
    reasons: [
      "a day (2026-11-01), a time (2026-11-01T08:00:00Z), so long ago (7d, 12h), today, week or month",
    ],
    hint: `--${flag} 7d`,
  });
}

function instant(text: string, { nowMs, zone }: Now): number | undefined {
  if (text === "today") return startOf("day", nowMs, zone);
  if (text === "week" || text === "month") return startOf(text, nowMs, zone);
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return dayOf(text, zone);
  const agoMs = parseDuration(text);
  return agoMs === undefined ? parseTime(text) : nowMs - agoMs;
}

/** When a day of the calendar begins; undefined for one that no calendar has, such as 30 February. */
function dayOf(text: string, zone: Zone): number | undefined {
  const localMs = parseTime(`${text}T00:00:00Z`);
  if (localMs === undefined || !formatTime(localMs).startsWith(text)) return undefined;
  return instantOf(localMs, localMs, zone);
}
