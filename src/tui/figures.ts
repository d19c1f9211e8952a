import { parseTime } from "../core/clock.ts";
import { formatDuration } from "../core/duration.ts";
import { humanUsd } from "../core/money.ts";
import type { PerformanceData } from "./data.ts";

/** An amount of dollars as documents have it, for people: `$41.87`, `$0.0027`; `unpriced` where it is not known. */
export const usd = (text: string | null): string =>
  humanUsd(text === null ? null : BigInt(Math.round(Number(text) * NANO)));

const NANO = 1_000_000_000;

/** A count in few columns: 9500, 12k, 34M. */
export function count(value: number): string {
  if (value < 10_000) return String(value);
  const [size, unit] = value < 1e6 ? [1e3, "k"] : value < 1e9 ? [1e6, "M"] : [1e9, "G"];
  const part = value / size;
  return `${part < 10 ? Math.floor(part * 10) / 10 : Math.floor(part)}${unit}`;
}

/** A share from 0 to 1; only what is whole reads 100%. */
export const percent = (share: number | null): string =>
  share === null ? "-" : `${(Math.floor(share * 1_000) / 10).toFixed(1).replace(/\.0$/, "")}%`;

/** A part of a sum, rounded as reports do. */
export const part = (share: number | null): string =>
  share === null ? "-" : `${(Math.round(share * 1_000) / 10).toFixed(1)}%`;

export const duration = (ms: number | null): string => (ms === null ? "-" : formatDuration(Math.round(ms)));

/** The time of day of a time of a document, in UTC. */
export const clockTime = (at: string | null): string => (at === null ? "-" : at.slice(11, 19));

/** The time of day, and the day where it is not that of `now`. */
export const dayClock = (at: string, now: string): string =>
  `${at.slice(0, 10) === now.slice(0, 10) ? "" : `${at.slice(5, 10)} `}${clockTime(at)}`;

/** Day and minute of a time of a document. */
const dayTime = (at: string | null): string => (at === null ? "-" : at.slice(0, 16).replace("T", " "));

/** Of a limit where there is one: `3/60`. */
export const ofLimit = (used: string | number, limit: string | number | null): string =>
  limit === null ? String(used) : `${used}/${limit}`;

/** `1 request`, `2 requests`. */
export const counted = (value: number, word: string): string =>
  `${count(value)} ${word}${value === 1 ? "" : "s"}`;

export const numberOf = (text: string | null): number => Number(text ?? 0);

export const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** Which attempts figures of performance are of. */
export const basisOf = ({ attempts, since, is_complete }: PerformanceData): string =>
  since === null
    ? "no attempts in this range"
    : `${is_complete ? "all" : "the newest"} ${counted(attempts, "attempt")} since ${dayTime(since)}`;

/** How long until then; `now` for what is over. */
export function until(at: string | null, now: string): string {
  if (at === null) return "-";
  const ms = (parseTime(at) ?? 0) - (parseTime(now) ?? 0);
  return ms <= 0 ? "now" : `in ${duration(Math.ceil(ms / 1_000) * 1_000)}`;
}
