import { formatTime } from "../core/clock.ts";
import { ERRORS, type ErrorCode } from "../core/errors.ts";
import type { Json, JsonObject } from "../core/json.ts";
import { usdText } from "../core/money.ts";
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
    usage: usageOf(story),
    cost: costOf(story),
    reservation: {
      reservedUsd: usdText(reservedNano),
      settledUsd: state === "held" ? null : usdText(operation.costNano),
      state,
    },
  });
}

/** The exit code a call on the command line ends with; null while it runs, or where nobody knows how it ended. */
export function exitOf({ operation, decision }: Story): number | null {
  const { outcome, code } = operation;
  if (outcome === null) return null;
  return outcome === "ok" ? 0 : (decision?.exit ?? exitOfCode(code));
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
  const { usageSource, usageNote, costNano } = attempt;
  return {
    ...{ n, kind, provider, model, outcome, code, status },
    startedAt: formatTime(attempt.startedMs),
    ms: attempt.endedMs - attempt.startedMs,
    // What the provider asked for is not kept, but how long it was left alone for it.
    retryAfterMs: null,
    firstTokenMs: attempt.ttftMs,
    ...{ ambiguous, effect, trial },
    holdUntil: timeOrNull(attempt.holdUntilMs),
    ...{ usageSource, usageNote },
    costUsd: isUnpriced(attempt) ? null : usdText(costNano),
  };
}

/** What is not billed needs no price, and what a dead process had reserved is an amount already. */
export const isUnpriced = ({ priceVersion, usageSource }: StoryAttempt): boolean =>
  priceVersion === null && usageSource !== "none" && usageSource !== "unreconciled";

/** What the answer used, as its own document says it; without an answer, what all attempts used. */
function usageOf({ operation, attempts: all }: Story): JsonObject {
  const attempts = operation.outcome === "ok" ? all.slice(-1) : all;
  const sum = (
    key: "inputTokens" | "outputTokens" | "cacheReadTokens" | "cacheWriteTokens" | "reasoningTokens",
  ) => attempts.reduce((total, attempt) => total + attempt[key], 0);
  const isReported = attempts.every(({ usageSource }) => usageSource === "reported");
  return {
    inputTokens: sum("inputTokens"),
    outputTokens: sum("outputTokens"),
    cacheReadTokens: sum("cacheReadTokens"),
    cacheWriteTokens: sum("cacheWriteTokens"),
    reasoningTokens: sum("reasoningTokens"),
    source: isReported ? "reported" : "estimated",
  };
}

function costOf({ operation, attempts }: Story) {
  const priced = operation.unpriced === 0;
  const priceVersion = attempts.findLast((attempt) => attempt.priceVersion !== null)?.priceVersion ?? null;
  return { usd: priced ? usdText(operation.costNano) : null, priced, priceVersion };
}

const timeOrNull = (ms: number | null): string | null => (ms === null ? null : formatTime(ms));
