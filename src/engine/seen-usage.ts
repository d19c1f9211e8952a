import type { ErrorCode, RiptideError } from "../core/errors.ts";
import type { Usage } from "../core/usage.ts";
import type { EstimateNote } from "../ledger/settlement.ts";
import type { ProviderRequest } from "../providers/adapter.ts";
import { estimateUsage } from "../providers/estimate.ts";
import { isAmbiguous } from "./ambiguous.ts";
import type { Answer } from "./answer.ts";
import type { SeenUsage } from "./charge.ts";

/** What a completion's attempt used, from what came of it (LG-5). */
export function seenUsage(
  answer: Answer,
  request: ProviderRequest,
  error: RiptideError | undefined,
): SeenUsage {
  if (error && !isAmbiguous(error) && !hasContent(answer)) return { kind: "none" };
  const estimate = estimateUsage(request, outputOf(answer));
  const { usage } = answer;
  if (error === undefined || answer.isWhole || WHOLE.includes(error.code)) {
    if (usage && !answer.endedBy) return { kind: "reported", usage, estimate };
    return { kind: "estimated", usage: atLeast(estimate, usage), note: answer.endedBy ?? "no_usage" };
  }
  return { kind: "estimated", usage: atLeast(estimate, usage), note: noteOf(error, answer) };
}

/** What was reported before the end stands; of the output it is no less than what was seen. */
const atLeast = (estimate: Usage, usage: Usage | undefined): Usage => ({
  ...estimate,
  ...usage,
  outputTokens: Math.max(usage?.outputTokens ?? 0, estimate.outputTokens),
});

/** Everything a model writes is paid for, shown or not. */
const outputOf = ({ reasoning, text, toolCalls }: Answer): string =>
  reasoning.whole() + text.whole() + toolCalls.map((call) => call.name + call.arguments).join("");

const hasContent = (answer: Answer): boolean => outputOf(answer) !== "" || answer.usage !== undefined;

/** The answer came whole, but its contents would not do. */
const WHOLE: readonly ErrorCode[] = ["schema_invalid", "content_filtered", "incomplete"];

function noteOf({ code }: RiptideError, answer: Answer): EstimateNote {
  if (code === "cancelled") return "cancelled";
  return hasContent(answer) ? "cut" : "no_answer";
}
