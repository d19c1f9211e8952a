import type { Usage } from "../../core/usage.ts";
import { countAt } from "../read.ts";
import { optionalCount, reportedUsage } from "../usage.ts";

/** The vendor's `input_tokens` are only those of the prompt that touched no cache. */
export function usageOf(usage: unknown): Usage | undefined {
  const fresh = countAt(usage, "input_tokens");
  const cacheRead = optionalCount(usage, "cache_read_input_tokens");
  const cacheWrite = optionalCount(usage, "cache_creation_input_tokens");
  if (fresh === undefined || cacheRead === undefined || cacheWrite === undefined) return undefined;
  return reportedUsage({
    input: fresh + cacheRead + cacheWrite,
    output: countAt(usage, "output_tokens"),
    cacheRead,
    cacheWrite,
    reasoning: optionalCount(usage, "output_tokens_details", "thinking_tokens"),
  });
}
