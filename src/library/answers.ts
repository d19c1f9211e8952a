import type { Finish, ToolCall } from "../core/completion.ts";
import type { Json } from "../core/json.ts";
import { usdText } from "../core/money.ts";
import type { Usage } from "../core/usage.ts";
import { costOfAttempts } from "../engine/cost.ts";
import type { EmbeddingResult, Notices } from "../engine/embed.ts";
import type { Attempt, CompletionResult, PipelineEvent, Timing, Trail } from "../engine/events.ts";
import { alertText } from "../output/alert.ts";

/** What an operation cost, all its attempts together. */
export interface Cost {
  /** In dollars, as a decimal string; null where a price is unknown. */
  readonly usd: string | null;
  /** In nano-dollars (1e-9 USD), whole; a part of the cost where a price is unknown. */
  readonly nano: number;
  readonly priced: boolean;
}

/** A whole answer with everything there is to know about it. */
export interface CompletionResponse extends Trail {
  /** What `riptide why` tells more of. */
  readonly id: string;
  /** The text. */
  readonly content: string;
  /** The parsed value, when a schema was asked for. */
  readonly data: Json | undefined;
  readonly toolCalls: readonly ToolCall[];
  /** Why it ended: `content_filter` and `budget` are no whole answers. */
  readonly finish: Finish;
  readonly refusal: string | undefined;
  readonly provider: string;
  /** The vendor's model that answered. */
  readonly model: string;
  readonly usage: Usage;
  readonly cost: Cost;
  readonly timing: Timing;
  /** For people: parameters that were left out, thresholds of budgets that were crossed. */
  readonly warnings: readonly string[];
}

/** One vector for each text, in their order, all by one model. */
export interface EmbeddingResponse extends Trail {
  readonly id: string;
  readonly vectors: readonly (readonly number[])[];
  readonly dimensions: number;
  readonly provider: string;
  readonly model: string;
  readonly usage: Usage;
  readonly cost: Cost;
  readonly timing: Timing;
  readonly warnings: readonly string[];
}

/** What happens while an answer comes; `end` comes last and holds the whole. An error is thrown instead. */
export type ClientEvent =
  | Exclude<PipelineEvent, { readonly type: "end" | "error" }>
  | { readonly type: "end"; readonly completion: CompletionResponse };

export function completionResponse({
  text,
  alerts,
  warnings,
  ...result
}: CompletionResult): CompletionResponse {
  const { attempts } = result;
  return {
    ...result,
    content: text,
    cost: costOf(attempts),
    warnings: [...warnings, ...alerts.map(alertText)],
  };
}

export function embeddingResponse(result: EmbeddingResult, { alerts, warnings }: Notices): EmbeddingResponse {
  const { id, vectors, dimensions, provider, model, usage, timing, attempts, skipped } = result;
  return {
    ...{ id, vectors, dimensions, provider, model, usage, timing, attempts, skipped },
    cost: costOf(attempts),
    warnings: [...warnings, ...alerts.map(alertText)],
  };
}

function costOf(attempts: readonly Attempt[]): Cost {
  const { nano, priced } = costOfAttempts(attempts);
  return { usd: priced ? usdText(nano) : null, nano, priced };
}
