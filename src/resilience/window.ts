import type { Counts } from "./thresholds.ts";

/**
 * Outcomes counted by the second in which they came (CB-4). A value: counting gives a new one. Within a second this
 * costs the same however long the window is.
 */
export interface Window {
  /** Oldest first; seconds without an outcome are left out. */
  readonly past: readonly Bucket[];
  readonly newest: Bucket | null;
}

interface Bucket extends Counts {
  readonly second: number;
}

export const emptyWindow: Window = { past: [], newest: null };

/** The window with one more outcome. */
export function counted(window: Window, failed: boolean, nowMs: number, windowMs: number): Window {
  const { past, newest } = window;
  const failures = failed ? 1 : 0;
  const second = Math.floor(nowMs / 1_000);
  if (!newest) return { past, newest: { second, requests: 1, failures } };
  // A time from before the newest bucket belongs to it: buckets stay in order, and nothing is forgotten early.
  if (second <= newest.second) {
    const more = { requests: newest.requests + 1, failures: newest.failures + failures };
    return { past, newest: { second: newest.second, ...more } };
  }
  const oldest = oldestSecond(nowMs, windowMs);
  const kept = [...past, newest].filter((bucket) => bucket.second >= oldest);
  return { past: kept, newest: { second, requests: 1, failures } };
}

/** What counts now: never an outcome as old as the window, always one that is younger by a second. */
export function countsIn({ past, newest }: Window, nowMs: number, windowMs: number): Counts {
  const oldest = oldestSecond(nowMs, windowMs);
  if (!newest || newest.second < oldest) return NONE;
  let { requests, failures } = newest;
  for (const bucket of past) {
    if (bucket.second < oldest) continue;
    requests += bucket.requests;
    failures += bucket.failures;
  }
  return { requests, failures };
}

const NONE: Counts = { requests: 0, failures: 0 };

/** The present second is one of the window's. */
const oldestSecond = (nowMs: number, windowMs: number): number =>
  Math.floor(nowMs / 1_000) - Math.ceil(windowMs / 1_000) + 1;
