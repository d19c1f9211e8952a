import type { Message } from "../core/completion.ts";
import { type ErrorCode, RiptideError } from "../core/errors.ts";
import { estimateInputTokens } from "../providers/estimate.ts";
import { withMessages } from "../providers/verbatim.ts";
import type { Answer } from "./answer.ts";
import type { CompletionCandidate } from "./candidates.ts";
import { commonPlan } from "./common-plan.ts";
import type { CompletionRules, CompletionRun } from "./completion-run.ts";
import { type ContentEvent, tryCompletion } from "./completion-try.ts";
import type { Refusal } from "./events.ts";
import type { FailoverPlan } from "./failover-plan.ts";
import { seenUsage } from "./seen-usage.ts";
import { recoveryOf } from "./takeover.ts";

/** A repair is not begun with less time than this (AT-3, AT-10). */
const MIN_REPAIR_MS = 800;

/** A cancelled stream is waited for no longer than this (LG-5). */
const DRAIN_MS = 2_000;

/** How a completion walks its candidates. */
export function completionPlan(
  run: CompletionRun,
  candidates: readonly CompletionCandidate[],
  rules: CompletionRules,
): FailoverPlan<CompletionCandidate, ContentEvent> {
  const { operation, engine } = run;
  const { failover } = engine.generation.config;
  return {
    ...commonPlan(operation, engine, {
      ...rules,
      startedAt: run.startedAt,
      inputTokensOf: ({ request }: CompletionCandidate) => estimateInputTokens(request),
    }),
    operationClass: "completion",
    candidates,
    drainMs: failover.onCancel === "drain" ? DRAIN_MS : 0,
    charge: (candidate, error) =>
      rules.account.charge(candidate, seenUsage(run.answer, candidate.request, error)),
    tryOne: (candidate, trying) => tryCompletion(run, rules, { candidate, ...trying }),
    isContent: () => true,
    repairAnswer: (candidate, error, remainingMs) =>
      remainingMs >= MIN_REPAIR_MS ? repairedSchema(candidate, error, run.answer) : undefined,
    recovery: recoveryOf(run, rules),
    sharesFate: tooLongAsWell,
    alsoNext: new Set<ErrorCode>(failover.on.includes("content_filter") ? ["content_filtered"] : []),
  };
}

/** A prompt that one model's window cannot hold goes to a larger window, or one of unknown size. */
function tooLongAsWell(
  { request }: CompletionCandidate,
  failed: CompletionCandidate,
  { code }: RiptideError,
): Refusal | null {
  const tokens = request.facts.contextTokens;
  const failedTokens = failed.request.facts.contextTokens;
  if (code !== "context_too_long" || tokens === undefined || failedTokens === undefined) return null;
  if (tokens > failedTokens) return null;
  const message = `its window of ${tokens} tokens is no larger`;
  return { reason: "unsupported", error: new RiptideError(code, message) };
}

/** The candidate with its invalid answer and what was wrong with it (AT-10). */
function repairedSchema(
  candidate: CompletionCandidate,
  error: RiptideError,
  answer: Answer,
): CompletionCandidate | undefined {
  if (error.code !== "schema_invalid" || candidate.request.verbatim?.untranslatable !== undefined)
    return undefined;
  const complaint = `That answer is not valid: ${error.facts.reasons?.join("; ")}. Send the corrected JSON value and nothing else.`;
  const added: readonly Message[] = [
    { role: "assistant", content: answer.text.whole() || "(empty)" },
    { role: "user", content: complaint },
  ];
  const { request } = candidate;
  return { ...candidate, request: withMessages(request, [...request.messages, ...added]) };
}
