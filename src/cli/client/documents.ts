import { parseMoney } from "../../config/money.ts";
import { parseTime } from "../../core/clock.ts";
import type { ToolCall } from "../../core/completion.ts";
import { type ErrorCode, RiptideError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import type { Usage } from "../../core/usage.ts";
import type { EmbeddingResult } from "../../engine/embed.ts";
import type { Attempt, CompletionResult, Skip, SkipReason, Timing, Trail } from "../../engine/events.ts";
import { type Charge, NO_TOKENS } from "../../ledger/settlement.ts";

/** An attempt as documents show it. */
export interface AttemptDocument
  extends Pick<
    Attempt,
    "n" | "kind" | "provider" | "model" | "outcome" | "code" | "status" | "ms" | "ambiguous"
  > {
  readonly retry_after_ms: number | null;
  readonly usage_source: Charge["source"];
  readonly usage_note: Charge["note"];
  readonly cost_usd: string | null;
}

/** Attempts and skipped candidates, and why these were skipped, in the same order. */
export interface TrailDocument {
  readonly attempts: readonly AttemptDocument[];
  readonly skipped: readonly {
    readonly provider: string;
    readonly model: string;
    readonly reason: SkipReason;
    readonly retry_at: string | null;
  }[];
  readonly skip_errors?: readonly { readonly code: ErrorCode; readonly message: string }[];
}

export interface UsageDocument {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_write_tokens: number;
  readonly reasoning_tokens: number;
  readonly source: Usage["source"];
}

interface TimingDocument {
  readonly total_ms: number;
  readonly first_token_ms: number | null;
  readonly queue_ms: number;
}

/** Vectors, and what a command line says of them beside the document. */
export interface EmbeddingDocument extends TrailDocument {
  readonly id: string;
  readonly provider: string;
  readonly model: string;
  readonly dimensions: number;
  readonly embeddings: EmbeddingResult["vectors"];
  readonly usage: UsageDocument;
  readonly cost: { readonly price_version: string | null };
  readonly timing: TimingDocument;
  readonly warnings?: readonly string[];
  readonly alerts?: readonly string[];
}

/** A finished answer, with its text or without. */
export interface CompletionDocument extends TrailDocument {
  readonly id: string;
  readonly data: Json;
  readonly tool_calls: readonly ToolCall[];
  readonly finish: CompletionResult["finish"];
  readonly refusal?: string;
  readonly provider: string;
  readonly model: string;
  readonly requested: { readonly model: string; readonly strategy: string };
  readonly tenant: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly usage: UsageDocument;
  readonly cost: { readonly price_version: string | null };
  readonly timing: TimingDocument;
  readonly config_revision: string;
  readonly warnings: readonly string[];
}

/** What a document tells of attempts and candidates, as the engine would have told it. */
export function trailOf(
  { attempts, skipped, skip_errors: errors = [] }: TrailDocument,
  priceVersion: string | null = null,
): Trail {
  const lastBilled = attempts.findLastIndex(({ usage_source: source }) => source !== "none");
  return {
    attempts: attempts.map((attempt, index) =>
      attemptOf(attempt, index === lastBilled ? priceVersion : null),
    ),
    skipped: skipped.map((skip, index): Skip => {
      const { code = "no_provider_available", message = skip.reason } = errors[index] ?? {};
      const untilWallMs = parseTime(skip.retry_at ?? undefined);
      return {
        ...{ provider: skip.provider, model: skip.model, reason: skip.reason },
        error: new RiptideError(code, message),
        ...(untilWallMs !== undefined && { untilWallMs }),
      };
    }),
  };
}

/** The ledger's own facts stay with the daemon; what is shown of an attempt is all here. */
export function attemptOf(attempt: AttemptDocument, priceVersion: string | null = null): Attempt {
  const { n, kind, provider, model, outcome, code, status, ms, ambiguous, cost_usd: usd } = attempt;
  return {
    ...{ n, kind, provider, model, outcome, code, status, ms, ambiguous },
    retryAfterMs: attempt.retry_after_ms,
    charge: {
      ...NO_TOKENS,
      source: attempt.usage_source,
      note: attempt.usage_note,
      costNano: usd === null ? 0 : (parseMoney(usd) ?? 0),
      // Only that it has a price is said of each attempt, and the version of the last one that was billed.
      priceVersion: usd === null ? null : (priceVersion ?? "known"),
    },
    ...{ message: null, startedMs: 0, endedMs: ms, firstTokenMs: null, providerRequestId: null },
    ...{ trial: false, effect: "ignored", holdUntilMs: null },
  };
}

export const usageFrom = (usage: UsageDocument): Usage => ({
  inputTokens: usage.input_tokens,
  outputTokens: usage.output_tokens,
  cacheReadTokens: usage.cache_read_tokens,
  cacheWriteTokens: usage.cache_write_tokens,
  reasoningTokens: usage.reasoning_tokens,
  source: usage.source,
});

const timingOf = (timing: TimingDocument): Timing => ({
  totalMs: timing.total_ms,
  firstTokenMs: timing.first_token_ms,
  queueMs: timing.queue_ms,
});

/** The vectors as the engine would have told of them. */
export function embeddingOf(document: EmbeddingDocument): EmbeddingResult {
  const { id, provider, model, dimensions, embeddings, warnings = [] } = document;
  return {
    ...{ id, provider, model, dimensions, vectors: embeddings },
    usage: usageFrom(document.usage),
    timing: timingOf(document.timing),
    ...trailOf(document, document.cost.price_version),
    alerts: [],
    warnings: [...warnings],
  };
}

/** The answer as the engine would have told it. */
export function completionOf(document: CompletionDocument, text: string): CompletionResult {
  const { id, data, finish, refusal, provider, model, warnings } = document;
  return {
    ...{ id, text, data, finish, refusal, provider, model, warnings },
    toolCalls: document.tool_calls,
    usage: usageFrom(document.usage),
    timing: timingOf(document.timing),
    ...trailOf(document, document.cost.price_version),
    alerts: [],
  };
}
