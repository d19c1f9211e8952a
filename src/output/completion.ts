import { formatTime } from "../core/clock.ts";
import { formatDuration } from "../core/duration.ts";
import type { RiptideError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import { humanUsd, usdText } from "../core/money.ts";
import { costOfAttempts } from "../engine/cost.ts";
import type { Attempt, CompletionResult, Skip, Trail } from "../engine/events.ts";
import { toSnake } from "./json.ts";
import type { Symbols } from "./style.ts";

/** What a document says of the call around the result. */
export interface CallFacts {
  readonly requested: { readonly model: string; readonly strategy: string };
  readonly tenant: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly configRevision: string;
  /** Who ran it: this process, or the daemon for it. */
  readonly via: "in-process" | "daemon";
}

/** What an operation costs, as documents say it; an unknown price is never nothing. */
export function costDocument(attempts: readonly Attempt[]) {
  const { nano, priced, priceVersion } = costOfAttempts(attempts);
  return { usd: priced ? usdText(nano) : null, priced, priceVersion };
}

/** The same for people. */
export function costText(attempts: readonly Attempt[]): string {
  const { nano, priced } = costOfAttempts(attempts);
  return humanUsd(priced ? nano : null);
}

/** A finished completion as `riptide.completion/1`; `error` is given for an answer the caller asked to refuse. */
export function completionDocument(
  result: CompletionResult,
  call: CallFacts,
  error?: RiptideError,
): JsonObject {
  const { usage, toolCalls } = result;
  const document = toSnake({
    schema: "riptide.completion/1",
    id: result.id,
    ok: error === undefined,
    text: result.text,
    data: result.data,
    toolCalls,
    finish: result.finish,
    ...(result.refusal !== undefined && { refusal: result.refusal }),
    partial: result.finish === "budget",
    provider: result.provider,
    model: result.model,
    requested: call.requested,
    via: call.via,
    tenant: call.tenant,
    tags: call.tags,
    usage,
    cost: costDocument(result.attempts),
    timing: result.timing,
    ...trailDocument(result),
    configRevision: call.configRevision,
    warnings: result.warnings,
    ...(error && { error: { code: error.code, message: error.message, exit: error.exit } }),
  });
  return document as JsonObject; // An object's document is an object.
}

/** Attempts and skipped candidates with exactly the fields that documents show. */
export function trailDocument({ attempts, skipped }: Trail) {
  return { attempts: attempts.map(attemptDocument), skipped: skipped.map(skipDocument) };
}

export function attemptDocument(attempt: Attempt) {
  const { n, kind, provider, model, outcome, code, status, ms, retryAfterMs, ambiguous, charge } = attempt;
  const { usd } = costDocument([attempt]);
  const usageSource = charge.source;
  return {
    ...{ n, kind, provider, model, outcome, code, status, ms, retryAfterMs, ambiguous },
    ...{ usageSource, usageNote: charge.note, costUsd: usd },
  };
}

function skipDocument({ provider, model, reason, untilWallMs }: Skip) {
  // What an operator has closed has no end.
  const isKnown = untilWallMs !== undefined && Number.isFinite(untilWallMs);
  return { provider, model, reason, retryAt: isKnown ? formatTime(untilWallMs) : null };
}

/** The line of `-u`. */
export function usageLine(result: CompletionResult, symbols: Symbols): string {
  const { usage, timing, attempts } = result;
  const guess = usage.source === "estimated" ? "~" : "";
  const first = timing.firstTokenMs === null ? "" : ` (first token ${formatDuration(timing.firstTokenMs)})`;
  const tried = attempts.map(({ provider, code, outcome }) => `${provider} ${code ?? outcome}`);
  return [
    `${result.provider}/${result.model}`,
    `${guess}${usage.inputTokens} in (${usage.cacheReadTokens} cached) ${symbols.arrow} ${guess}${usage.outputTokens} out`,
    costText(attempts),
    `${formatDuration(timing.totalMs)}${first}`,
    ...(attempts.length > 1 ? [`${attempts.length} attempts: ${tried.join(` ${symbols.arrow} `)}`] : []),
    result.id,
  ].join(` ${symbols.dot} `);
}
