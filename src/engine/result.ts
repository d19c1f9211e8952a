import type { Finish } from "../core/completion.ts";
import type { Answer } from "./answer.ts";
import type { CompletionCandidate } from "./candidates.ts";
import type { CompletionRun } from "./completion-run.ts";
import { usageOf } from "./cost.ts";
import type { CompletionResult } from "./events.ts";
import type { Verdict } from "./schema.ts";

/** The whole answer with everything there is to know about it. */
export function completionResult(
  { operation, engine, startedAt, trail, answer, delivered, firstTokenMs }: CompletionRun,
  winner: CompletionCandidate,
  check: ((text: string) => Verdict) | undefined,
): Omit<CompletionResult, "alerts"> {
  const text = delivered.whole();
  const verdict = check?.(text);
  return {
    ...trail,
    id: operation.id,
    text,
    thoughts: answer.thoughts.filter(({ dialect }) => dialect === operation.dialect),
    data: verdict?.valid ? verdict.data : undefined,
    toolCalls: answer.toolCalls.filter((call) => call !== undefined),
    finish: finishOf(answer, winner),
    refusal: answer.refusal,
    provider: winner.provider,
    model: answer.model ?? winner.model,
    usage: usageOf(trail.attempts),
    timing: {
      totalMs: Math.round(engine.clock.now() - startedAt),
      firstTokenMs: rounded(firstTokenMs),
      queueMs: Math.round(operation.queueMs ?? 0),
    },
    warnings: [...winner.warnings, ...warningsOf(answer, winner)],
  };
}

/** An answer cut by a limit that money forced is cut by the money. */
function finishOf({ endedBy, finish }: Answer, { forcedLimit }: CompletionCandidate): Finish {
  if (endedBy) return endedBy;
  return finish === "length" && forcedLimit?.by === "budget" ? "budget" : finish;
}

function warningsOf({ unknownFinish, finish }: Answer, { forcedLimit }: CompletionCandidate) {
  const unknown = unknownFinish ? [`the provider ended with the unknown reason ${unknownFinish}`] : [];
  const cut =
    finish === "length" && forcedLimit?.by === "reserve"
      ? [
          `the answer was cut at ${forcedLimit.tokens} tokens, which is what a budget reserves; --max-tokens sets another limit`,
        ]
      : [];
  return [...unknown, ...cut];
}

const rounded = (ms: number | null) => (ms === null ? null : Math.round(ms));
