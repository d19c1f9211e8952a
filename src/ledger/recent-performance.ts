import type { ErrorCode } from "../core/errors.ts";
import { type Percentiles, percentilesOf } from "./percentiles.ts";
import type { NewestAttempt } from "./recent-facts.ts";

/** How one model of one provider did lately. */
export interface TargetPerformance {
  readonly provider: string;
  readonly model: string;
  readonly attempts: number;
  /** Attempts that ended in an error. */
  readonly failed: number;
  /** 0 to 1, of the attempts that were not cancelled; null where there is none. */
  readonly successRate: number | null;
  /** Of the attempts that answered; null where none did. */
  readonly firstToken: Percentiles | null;
  readonly total: Percentiles | null;
  /** Output tokens over the whole duration of the attempts that answered. */
  readonly tokensPerS: number | null;
  /** The most frequent first. */
  readonly errors: readonly { readonly code: ErrorCode; readonly count: number }[];
  /** Answers by duration: one count for each of {@link LATENCY_STEPS_MS}, and one for what took longer. */
  readonly latency: readonly number[];
}

/** Upper bounds of the columns of a histogram, in milliseconds: every second one is about three times as long. */
export const LATENCY_STEPS_MS = [
  ...[10, 20, 50, 100, 200, 500],
  ...[1_000, 2_000, 5_000, 10_000, 20_000, 60_000],
] as const;

/** One row for each target that was tried, those with most attempts first. */
export function recentPerformance(attempts: readonly NewestAttempt[]): readonly TargetPerformance[] {
  const byTarget = Map.groupBy(attempts, ({ provider, model }) => `${provider}/${model}`);
  return [...byTarget.values()]
    .map(performanceOf)
    .toSorted((one, other) => other.attempts - one.attempts || (nameOf(one) < nameOf(other) ? -1 : 1));
}

/** How a provider did lately, whatever was asked of it. */
export type ProviderPerformance = Pick<
  TargetPerformance,
  "provider" | "attempts" | "failed" | "successRate" | "firstToken" | "total"
>;

/** The same for each provider: its percentiles are of all its answers, not of those of one model. */
export const providerPerformance = (attempts: readonly NewestAttempt[]): readonly ProviderPerformance[] =>
  [...Map.groupBy(attempts, ({ provider }) => provider).values()].map(performanceOf);

const nameOf = ({ provider, model }: TargetPerformance): string => `${provider}/${model}`;

function performanceOf(attempts: readonly NewestAttempt[]): TargetPerformance {
  const { provider = "", model = "" } = attempts[0] ?? {};
  const answered = attempts.filter(({ outcome }) => outcome === "ok");
  const failed = attempts.filter(({ outcome }) => outcome === "error");
  const counted = answered.length + failed.length;
  const first = answered.flatMap(({ firstTokenMs }) => firstTokenMs ?? []);
  return {
    ...{ provider, model },
    attempts: attempts.length,
    failed: failed.length,
    successRate: counted === 0 ? null : answered.length / counted,
    firstToken: percentilesOf(first),
    total: percentilesOf(answered.map(({ totalMs }) => totalMs)),
    tokensPerS: speedOf(answered),
    errors: errorsOf(failed),
    latency: histogramOf(answered),
  };
}

function speedOf(answered: readonly NewestAttempt[]): number | null {
  const tokens = answered.reduce((sum, { outputTokens }) => sum + outputTokens, 0);
  const ms = answered.reduce((sum, { totalMs }) => sum + totalMs, 0);
  return tokens === 0 || ms === 0 ? null : (tokens * 1_000) / ms;
}

function errorsOf(failed: readonly NewestAttempt[]): TargetPerformance["errors"] {
  const byCode = Map.groupBy(
    failed.flatMap(({ code }) => code ?? []),
    (code) => code,
  );
  return [...byCode]
    .map(([code, { length: count }]) => ({ code, count }))
    .toSorted((one, other) => other.count - one.count || (one.code < other.code ? -1 : 1));
}

function histogramOf(answered: readonly NewestAttempt[]): readonly number[] {
  const counts = [...LATENCY_STEPS_MS, Number.POSITIVE_INFINITY].map(() => 0);
  for (const { totalMs } of answered) {
    const found = LATENCY_STEPS_MS.findIndex((bound) => totalMs <= bound);
    const column = found === -1 ? LATENCY_STEPS_MS.length : found;
    counts[column] = (counts[column] ?? 0) + 1;
  }
  return counts;
}
