import type { Sample } from "../core/sample.ts";

/** Fewer measurements than this say nothing. */
const MIN_SAMPLES = 5;
/** The newest so many are kept; older ones no longer tell how fast a provider is now. */
const MAX_KEPT = 1_024;

export interface Percentiles {
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** How fast answers came; null where too few are known. */
export interface Latencies {
  readonly firstToken: Percentiles | null;
  readonly total: Percentiles | null;
}

type Measured = Pick<Sample, "effect" | "ttftMs" | "totalMs" | "endedMs">;

/** Remembers how long the newest answers took, in bounded memory. */
export interface LatencyWindow {
  /** Failures are left out: they say when somebody gave up. */
  note(sample: Measured): void;
  /** Of the answers that ended within so many milliseconds before now. */
  over(windowMs: number, nowMs: number): Latencies;
}

export function createLatencyWindow(): LatencyWindow {
  const kept: Measured[] = [];
  let next = 0;
  return {
    note(sample) {
      if (sample.effect !== "success") return;
      kept[next] = sample;
      next = (next + 1) % MAX_KEPT;
    },
    over(windowMs, nowMs) {
      const recent = kept.filter(({ endedMs }) => endedMs > nowMs - windowMs);
      return {
        firstToken: percentilesOf(recent.flatMap(({ ttftMs }) => ttftMs ?? [])),
        total: percentilesOf(recent.map(({ totalMs }) => totalMs)),
      };
    },
  };
}

/**
 * The median time to the first token of a target's answers, rounded to 10 ms so that the order of targets does not
 * change with every sample; undefined where too few are known (FB-3).
 */
export function ttftP50Ms(
  samples: readonly Sample[],
  { provider, model }: Pick<Sample, "provider" | "model">,
): number | undefined {
  const times = samples.flatMap((sample) =>
    sample.provider === provider && sample.model === model && sample.effect === "success"
      ? (sample.ttftMs ?? [])
      : [],
  );
  const found = percentilesOf(times);
  return found === null ? undefined : Math.round(found.p50Ms / 10) * 10;
}

function percentilesOf(times: readonly number[]): Percentiles | null {
  if (times.length < MIN_SAMPLES) return null;
  const sorted = times.toSorted((a, b) => a - b);
  return { p50Ms: nearestRank(sorted, 50), p95Ms: nearestRank(sorted, 95) };
}

/** The smallest time that so many percent of all do not exceed (nearest rank). */
const nearestRank = (sorted: readonly number[], percent: number): number =>
  sorted[Math.ceil((sorted.length * percent) / 100) - 1] ?? 0;
