import type { Usage } from "../../core/usage.ts";
import { countAt, valueAt } from "../read.ts";
import { optionalCount, reportedUsage } from "../usage.ts";

/** Counts of thinking and tool prompts stand beside the others, not inside them. */
export function usageOf(value: unknown): Usage | undefined {
  const usage = valueAt(value, "usageMetadata");
  const prompt = countAt(usage, "promptTokenCount");
  const fromTools = optionalCount(usage, "toolUsePromptTokenCount");
  const answer = optionalCount(usage, "candidatesTokenCount");
  const reasoning = optionalCount(usage, "thoughtsTokenCount");
  if (prompt === undefined || fromTools === undefined) return undefined;
  if (answer === undefined || reasoning === undefined) return undefined;
  return reportedUsage({
    input: prompt + fromTools,
    output: answer + reasoning,
    cacheRead: optionalCount(usage, "cachedContentTokenCount"),
    reasoning,
  });
}
