import type { Usage } from "../core/usage.ts";
import { countAt, valueAt } from "./read.ts";

/**
 * Counts of one answer in normal form: the input holds its cached parts, the output its reasoning. A part the
 * vendor never reports is left out and counts 0; `undefined` stands for a count that cannot be believed.
 */
interface UsageCounts {
  readonly input: number | undefined;
  readonly output: number | undefined;
  readonly cacheRead?: number | undefined;
  readonly cacheWrite?: number | undefined;
  readonly reasoning?: number | undefined;
}

/**
 * Usage from a vendor's counts; undefined when one of them cannot be believed, or a part exceeds its whole: the
 * ledger then estimates (LG-5).
 */
export function reportedUsage(counts: UsageCounts): Usage | undefined {
  const { input, output, cacheRead, cacheWrite, reasoning } = {
    cacheRead: 0,
    cacheWrite: 0,
    reasoning: 0,
    ...counts,
  };
  if (input === undefined || output === undefined) return undefined;
  if (cacheRead === undefined || cacheWrite === undefined || reasoning === undefined) return undefined;
  if (cacheRead + cacheWrite > input || reasoning > output) return undefined;
  return {
    inputTokens: input,
    outputTokens: output,
    cacheReadTokens: cacheRead,
    cacheWriteTokens: cacheWrite,
    reasoningTokens: reasoning,
    source: "reported",
  };
}

/** The count at a path: 0 where nothing or null is, undefined when what is there is no believable count. */
export function optionalCount(value: unknown, ...path: readonly string[]): number | undefined {
  return (valueAt(value, ...path) ?? null) === null ? 0 : countAt(value, ...path);
}
