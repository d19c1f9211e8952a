import type { CompletionRequest } from "../core/completion.ts";
import type { ErrorCode } from "../core/errors.ts";
import { weighTokens } from "../providers/estimate.ts";
import { withMessages } from "../providers/verbatim.ts";
import type { CompletionCandidate } from "./candidates.ts";
import type { CompletionRules, CompletionRun } from "./completion-run.ts";
import type { Recovery, RecoveryMode, Successor } from "./failover-plan.ts";
import { beyond, characters, type TextGate, without } from "./text-gate.ts";

/** How a candidate carries on an answer that another one began. */
export interface Takeover {
  readonly mode: RecoveryMode;
  /** What the caller has been given. */
  readonly delivered: string;
  /** The end of it that is no part of the begun answer it is sent: white space, which models refuse there (SR-5). */
  readonly dropped: string;
  /** The candidate as it would have answered from the start. */
  readonly original: CompletionCandidate;
}

/** How the answers of this run are carried on; undefined where they may not be (SR-7). */
export function recoveryOf(
  run: CompletionRun,
  { limits, check }: CompletionRules,
): Recovery<CompletionCandidate> | undefined {
  if (check || limits.streamRecovery === "off") return undefined;
  const successor = (candidate: CompletionCandidate) => {
    const original = candidate.takeover?.original ?? candidate;
    if (run.hasToolCall || !original.request.stream) return null;
    const delivered = run.delivered.whole();
    const begun = delivered.trimEnd();
    const { facts, verbatim } = original.request;
    const canContinue =
      begun !== "" && facts.supports.has("prefill") && verbatim?.untranslatable === undefined;
    return canContinue ? continued(original, delivered, begun) : restarted(original, delivered);
  };
  return {
    successor,
    again: ({ candidate, mode }, { code }) =>
      mode === "continue" && candidate.takeover && REFUSALS.includes(code)
        ? restarted(candidate.takeover.original, candidate.takeover.delivered)
        : null,
    withinMs() {
      const { deadlineMs, streamMaxMs, strict } = limits;
      const passedMs = run.engine.clock.now() - run.startedAt;
      return Math.min(deadlineMs, (strict ? Math.min(deadlineMs, streamMaxMs) : streamMaxMs) - passedMs);
    },
  };
}

/** How a provider says that it takes no begun answer (SR-4). */
const REFUSALS: readonly ErrorCode[] = ["bad_request", "unsupported"];

/** What the attempt of this candidate may hand on. */
export function gateOf({ takeover }: CompletionCandidate): TextGate {
  if (!takeover) return characters();
  return takeover.mode === "continue" ? without(takeover.dropped) : beyond(takeover.delivered);
}

/** The model goes on with the begun answer (SR-3). */
function continued(
  original: CompletionCandidate,
  delivered: string,
  begun: string,
): Successor<CompletionCandidate> {
  const { request } = original;
  const messages: CompletionRequest["messages"] = [
    ...request.messages,
    { role: "assistant", content: begun },
  ];
  const { maxTokens } = request;
  const rest = maxTokens && Math.max(1, Math.floor(maxTokens - weighTokens(begun)));
  const mode = "continue";
  return {
    mode,
    candidate: {
      ...original,
      request: { ...withMessages(request, messages), ...(rest !== undefined && { maxTokens: rest }) },
      takeover: { mode, delivered, dropped: delivered.slice(begun.length), original },
    },
  };
}

/** The model answers from the start, and what was delivered is kept back (SR-4). */
function restarted(original: CompletionCandidate, delivered: string): Successor<CompletionCandidate> {
  const mode = "splice";
  return { mode, candidate: { ...original, takeover: { mode, delivered, dropped: "", original } } };
}
