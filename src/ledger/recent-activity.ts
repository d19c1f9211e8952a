import type { NewestAttempt, NewestRequest } from "./recent-facts.ts";

/** What began in one minute. */
export interface Minute {
  /** Unix milliseconds. */
  readonly startMs: number;
  readonly count: number;
  /** How many of them ended in an error. */
  readonly failed: number;
}

export const MINUTE_MS = 60_000;
/** So far back activity is told. */
export const ACTIVITY_MINUTES = 60;

/** The last hour of requests by the minute, the oldest first, minutes without any included. */
export const requestActivity = (requests: readonly NewestRequest[], nowMs: number): readonly Minute[] =>
  minutesOf(
    requests.map(({ startedMs, outcome }) => ({ startedMs, failed: outcome === "error" })),
    nowMs,
  );

/** The same for the attempts of each provider; a failure is what its breaker counts as one. */
export function providerActivity(
  attempts: readonly NewestAttempt[],
  nowMs: number,
): ReadonlyMap<string, readonly Minute[]> {
  const byProvider = Map.groupBy(attempts, ({ provider }) => provider);
  return new Map(
    [...byProvider].map(([provider, own]) => {
      const seen = own.map(({ startedMs, effect }) => ({ startedMs, failed: effect === "failure" }));
      return [provider, minutesOf(seen, nowMs)];
    }),
  );
}

interface Seen {
  readonly startedMs: number;
  readonly failed: boolean;
}

function minutesOf(seen: readonly Seen[], nowMs: number): readonly Minute[] {
  const last = Math.floor(nowMs / MINUTE_MS);
  const byMinute = Map.groupBy(seen, ({ startedMs }) => Math.floor(startedMs / MINUTE_MS));
  return Array.from({ length: ACTIVITY_MINUTES }, (_, at) => {
    const minute = last - ACTIVITY_MINUTES + 1 + at;
    const own = byMinute.get(minute) ?? [];
    return {
      startMs: minute * MINUTE_MS,
      count: own.length,
      failed: own.filter(({ failed }) => failed).length,
    };
  });
}
