import { estimateUsage } from "../providers/estimate.ts";
import type { CompletionCandidate } from "./candidates.ts";
import type { CompletionRun } from "./completion-run.ts";
import type { CompletionResult } from "./events.ts";
import type { Verdict } from "./schema.ts";

/** The whole answer with everything there is to know about it. */
export function completionResult(
  { operation, engine, startedAt, trail, answer, firstTokenMs }: CompletionRun,
  winner: CompletionCandidate,
  check: ((text: string) => Verdict) | undefined,
): CompletionResult {
  const text = answer.text.whole();
  const verdict = check?.(text);
  const unknown = answer.unknownFinish
    ? [`the provider ended with the unknown reason ${answer.unknownFinish}`]
    : [];
  const output = answer.reasoning.whole() + text + answer.toolCalls.map((call) => call.arguments).join("");
  return {
    ...trail,
    id: operation.id,
    text,
    data: verdict?.valid ? verdict.data : undefined,
    toolCalls: answer.toolCalls.filter((call) => call !== undefined),
    finish: answer.finish,
    refusal: answer.refusal,
    provider: winner.provider,
    model: answer.model ?? winner.model,
    usage: answer.usage ?? estimateUsage(winner.request, output),
    timing: {
      totalMs: Math.round(engine.clock.now() - startedAt),
      firstTokenMs: rounded(firstTokenMs),
      queueMs: 0,
    },
    warnings: [...winner.warnings, ...unknown],
  };
}

const rounded = (ms: number | null) => (ms === null ? null : Math.round(ms));
