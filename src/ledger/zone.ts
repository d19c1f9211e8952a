import { formatTime, parseTime } from "../core/clock.ts";
import { DAY_MS, HOUR_MS, spanOf } from "../core/period.ts";

/** The lengths of time a report can be cut into. */
export const UNITS = ["hour", "day", "week", "month"] as const;
export type Unit = (typeof UNITS)[number];

/** A time zone, as far as reports need it. */
export interface Zone {
  /** As it was asked for, or `+02:00`. */
  readonly name: string;
  /** What local time is ahead of UTC at a moment; both in milliseconds. */
  offsetMs(atMs: number): number;
}

export const UTC: Zone = { name: "UTC", offsetMs: () => 0 };

/** Rollups are kept per quarter of an hour, so a day can begin at any of them. */
export const QUARTER_MS = HOUR_MS / 4;
/** The zones furthest ahead and behind are 14 and 12 hours from UTC. */
const MAX_OFFSET_MS = 14 * HOUR_MS;

/** The zone of an IANA name (`Europe/Berlin`) or a UTC offset (`+05:30`); undefined when there is none. */
export function zoneNamed(text: string): Zone | undefined {
  if (/^(utc|gmt|z)$/i.test(text)) return UTC;
  const [, sign, hours, minutes = "00"] = /^(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d\d))?$/i.exec(text) ?? [];
  if (sign !== undefined && hours !== undefined) return fixed(`${sign}${hours.padStart(2, "0")}:${minutes}`);
  return named(text);
}

function fixed(offset: string): Zone | undefined {
  const offsetMs = offsetOf(offset);
  if (offsetMs === undefined || offsetMs % QUARTER_MS !== 0) return undefined;
  if (offsetMs > MAX_OFFSET_MS || offsetMs < -MAX_OFFSET_MS) return undefined;
  return offsetMs === 0 ? UTC : { name: offset, offsetMs: () => offsetMs };
}

function named(name: string): Zone | undefined {
  const format = formatOf(name);
  if (!format) return undefined;
  return {
    name,
    offsetMs(atMs) {
      const part = format.formatToParts(atMs).find(({ type }) => type === "timeZoneName");
      // "GMT+02:00", or "GMT" alone; before there were zones the offset had seconds, which no rollup can follow.
      return offsetOf(/[+-]\d\d:\d\d/.exec(part?.value ?? "")?.[0] ?? "Z") ?? 0;
    },
  };
}

/** Intl throws for a name it does not know. */
function formatOf(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  } catch {
    return undefined;
  }
}

/** Midnight of a place that is ahead of UTC lies as much before midnight in UTC. */
function offsetOf(text: string): number | undefined {
  const midnight = parseTime(`1970-01-01T00:00:00${text}`);
  return midnight === undefined ? undefined : 0 - midnight;
}

/** When the hour, day, week or month around a moment began in a zone. */
export function startOf(unit: Unit, atMs: number, zone: Zone): number {
  const local = atMs + zone.offsetMs(atMs);
  return instantOf(spanOf(unit, local).startMs, atMs, zone);
}

/** When the next one begins. An hour is as long as the clock says: where clocks are put back, two have one name. */
export function endOf(unit: Unit, atMs: number, zone: Zone): number {
  const offsetMs = zone.offsetMs(atMs);
  const next = spanOf(unit, atMs + offsetMs).endMs;
  return unit === "hour" ? next - offsetMs : instantOf(next, atMs, zone);
}

/** The moment a local time stands for, looked for near another; where clocks are put forward over it, that moment. */
export function instantOf(localMs: number, nearMs: number, zone: Zone): number {
  const first = localMs - zone.offsetMs(nearMs);
  const offsetMs = zone.offsetMs(first);
  const second = localMs - offsetMs;
  return second === first || zone.offsetMs(second) === offsetMs ? second : Math.max(first, second);
}

/** What the hour, day, week (ISO 8601) or month around a moment is called in a zone; names sort by time. */
export function nameOf(unit: Unit, atMs: number, zone: Zone): string {
  const offsetMs = zone.offsetMs(atMs);
  const local = formatTime(atMs + offsetMs);
  switch (unit) {
    case "hour":
      return `${local.slice(0, 13)}:00${offsetText(offsetMs)}`;
    case "day":
      return local.slice(0, 10);
    case "week":
      return weekName(atMs + offsetMs);
    case "month":
      return local.slice(0, 7);
  }
}

/** The year of a week is that of its Thursday (ISO 8601). */
function weekName(localMs: number): string {
  const thursday = spanOf("week", localMs).startMs + 3 * DAY_MS;
  const year = formatTime(thursday).slice(0, 4);
  const newYear = parseTime(`${year}-01-01T00:00:00Z`) ?? 0;
  const week = Math.floor((thursday - newYear) / (7 * DAY_MS)) + 1;
  return `${year}-W${String(week).padStart(2, "0")}`;
}

function offsetText(offsetMs: number): string {
  if (offsetMs === 0) return "Z";
  return `${offsetMs < 0 ? "-" : "+"}${formatTime(Math.abs(offsetMs)).slice(11, 16)}`;
}
