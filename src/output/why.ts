import { formatTime } from "../core/clock.ts";
import { ERRORS, type ErrorCode } from "../core/errors.ts";
import type { Json, JsonObject } from "../core/json.ts";
import { usdText } from "../core/money.ts";
import { commonExit } from "../engine/final-error.ts";
import type { Story, StoryAttempt } from "../store/stories.ts";
import { toSnake } from "./json.ts";

/** The record of one request, as `riptide.why/1`. */
export function whyDocument(story: Story): Json {
  const { operation, decision, attempts } = story;
  const { id, tenant, via, state, reservedNano } = operation;
  return toSnake({
    schema: "riptide.why/1",
    id,
    at: formatTime(operation.startedMs),
    endedAt: timeOrNull(operation.endedMs),
    tenant,
    via,
    requested: {
      model: operation.requestedModel,
      alias: operation.alias,
      strategy: operation.strategy,
      operation: operation.class,
      stream: operation.stream === 1,
    },
    configRevision: operation.configRevision,
    outcome: operation.outcome,
    code: operation.code,
    exit: exitOf(story),
    firstTokenMs: operation.ttftMs,
    order: orderOf(story),
    turn: decision?.turn,
    skipped: (decision?.skipped ?? []).map(({ target, reason, code, untilMs }) => ({
      ...partsOf(target),
      ...{ reason, code, retryAt: timeOrNull(untilMs ?? null) },
    })),
    attempts: attempts.map(attemptDocument),
    failovers: decision?.failovers ?? [],
    usage: usageOf(attempts),
    cost: costOf(story),
    reservation: {
      reservedUsd: usdText(reservedNano),
      settledUsd: state === "held" ? null : usdText(operation.costNano),
      state,
    },
  });
}

/** The exit code a call on the command line ends with; null while it runs, or where nobody knows how it ended. */
export function exitOf({ operation, attempts, decision }: Story): number | null {
  const { outcome, code } = operation;
  if (outcome === null) return null;
  if (outcome === "ok") return 0;
  if (code === "all_providers_failed" || code === "no_provider_available") {
    const codes = [...attempts, ...(decision?.skipped ?? [])].map((each) => exitOfCode(each.code ?? code));
    return commonExit(codes);
  }
  return exitOfCode(code);
}

function exitOfCode(code: string | null): number {
  const known = Object.keys(ERRORS).find((each): each is ErrorCode => each === code) ?? "internal";
  return ERRORS[known].exit;
}

/** The plan, the first to be asked first. */
function orderOf({ decision }: Story) {
  return (decision?.order ?? []).map((target, index) => ({
    rank: index + 1,
    ...partsOf(target),
    score: decision?.scores?.[index] ?? null,
  }));
}

function partsOf(target: string) {
  const slash = target.indexOf("/");
  return { provider: target.slice(0, slash), model: target.slice(slash + 1) };
}

function attemptDocument(attempt: StoryAttempt) {
  const { n, kind, provider, model, outcome, code, status, ambiguous, effect, trial } = attempt;
  const { usageSource, usageNote, costNano, priceVersion } = attempt;
  return {
    ...{ n, kind, provider, model, outcome, code, status },
    startedAt: formatTime(attempt.startedMs),
    ms: attempt.endedMs - attempt.startedMs,
    firstTokenMs: attempt.ttftMs,
    ...{ ambiguous, effect, trial },
    holdUntil: timeOrNull(attempt.holdUntilMs),
    ...{ usageSource, usageNote },
    costUsd: priceVersion === null && usageSource !== "none" ? null : usdText(costNano),
  };
}

function usageOf(attempts: readonly StoryAttempt[]): JsonObject {
  const sum = (
    key: "inputTokens" | "outputTokens" | "cacheReadTokens" | "cacheWriteTokens" | "reasoningTokens",
  ) => attempts.reduce((total, attempt) => total + attempt[key], 0);
  const isEstimated = attempts.some(({ usageSource }) => usageSource === "estimated");
  return {
    inputTokens: sum("inputTokens"),
    outputTokens: sum("outputTokens"),
    cacheReadTokens: sum("cacheReadTokens"),
    cacheWriteTokens: sum("cacheWriteTokens"),
    reasoningTokens: sum("reasoningTokens"),
    source: isEstimated ? "estimated" : "reported",
  };
}

function costOf({ operation, attempts }: Story) {
  const priced = operation.unpriced === 0;
  const priceVersion = attempts.findLast((attempt) => attempt.priceVersion !== null)?.priceVersion ?? null;
  return { usd: priced ? usdText(operation.costNano) : null, priced, priceVersion };
}

const timeOrNull = (ms: number | null): string | null => (ms === null ? null : formatTime(ms));
