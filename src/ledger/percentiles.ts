/** Percentiles by nearest rank: each is a value that occurred. In milliseconds. */
export interface Percentiles {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

/** Null of nothing. */
export function percentilesOf(timesMs: readonly number[]): Percentiles | null {
  if (timesMs.length === 0) return null;
  const sorted = Float64Array.from(timesMs).sort();
  const rank = (percent: number): number => sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? 0;
  return { p50Ms: rank(50), p95Ms: rank(95), p99Ms: rank(99) };
}
