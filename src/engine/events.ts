import type { Alert } from "../core/budget.ts";
import type { Finish, Thoughts, ToolCall } from "../core/completion.ts";
import type { BreakerEffect, ErrorCode, RiptideError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import type { Usage } from "../core/usage.ts";
import type { Charge } from "../ledger/settlement.ts";
import type { Target } from "../routing/target.ts";

/** One try of one target (AT-11). */
export interface Attempt {
  readonly n: number;
  readonly kind: "try" | "repair" | "continue" | "probe";
  readonly provider: string;
  readonly model: string;
  readonly outcome: "ok" | "error" | "cancelled";
  readonly code: ErrorCode | null;
  /** What the provider said, for people; redacted and cut where it is printed. */
  readonly message: string | null;
  readonly status: number | null;
  readonly ms: number;
  readonly retryAfterMs: number | null;
  /** What it used and costs. */
  readonly charge: Charge;
  /** Unix milliseconds. */
  readonly startedMs: number;
  readonly endedMs: number;
  /** From its start to its first content. */
  readonly firstTokenMs: number | null;
  readonly providerRequestId: string | null;
  /** The request may have arrived, and no terminal answer came back (AT-8). */
  readonly ambiguous: boolean;
  /** Let through by a half-open breaker. */
  readonly trial: boolean;
  /** How it counted for the breaker (CB-2). */
  readonly effect: BreakerEffect;
  /** The hold it led to: until when, in Unix milliseconds. */
  readonly holdUntilMs: number | null;
  /** How it carried on what another attempt had begun. */
  readonly recovery?: "continue" | "splice" | undefined;
}

export type SkipReason =
  | "circuit_open"
  | "held"
  | "disabled"
  | "misconfigured"
  | "tenant_denied"
  | "unsupported"
  | "unaffordable"
  | "busy";

/** Why a candidate is not tried. */
export interface Refusal {
  readonly reason: SkipReason;
  /** What the operation fails with if nothing else can be tried; its exit code is the reason's family (ER-3). */
  readonly error: RiptideError;
  /** When it ends by itself: by the monotonic clock, and in Unix milliseconds. */
  readonly untilMs?: number;
  readonly untilWallMs?: number;
}

/** A candidate that was not tried. */
export interface Skip extends Target, Refusal {}

export interface Timing {
  readonly totalMs: number;
  readonly firstTokenMs: number | null;
  readonly queueMs: number;
}

/** What every result says of how it came about. */
export interface Trail {
  readonly attempts: readonly Attempt[];
  readonly skipped: readonly Skip[];
}

export interface CompletionResult extends Trail {
  readonly id: string;
  readonly text: string;
  /** Those that the caller can give back. */
  readonly thoughts?: readonly Thoughts[];
  /** The parsed value, when a schema was asked for. */
  readonly data: Json | undefined;
  readonly toolCalls: readonly ToolCall[];
  readonly finish: Finish;
  readonly refusal: string | undefined;
  readonly provider: string;
  /** The vendor's model that answered. */
  readonly model: string;
  readonly usage: Usage;
  readonly timing: Timing;
  readonly warnings: readonly string[];
  /** Thresholds of budgets that it crossed. */
  readonly alerts: readonly Alert[];
}

/** What a caller sees of a running completion, in order; `end` or `error` comes exactly once, last. */
export type PipelineEvent =
  | { readonly type: "start"; readonly id: string; readonly plan: readonly Target[] }
  | { readonly type: "attempt"; readonly attempt: Attempt }
  | { readonly type: "delta"; readonly text: string }
  | { readonly type: "reasoning"; readonly text: string }
  /** Told to callers of that dialect, before the content it led to. */
  | ({ readonly type: "thoughts" } & Thoughts)
  | {
      readonly type: "tool_call";
      readonly index: number;
      readonly callId: string | null;
      readonly name: string | null;
      readonly argumentsDelta: string;
    }
  | {
      readonly type: "failover";
      readonly from: Target;
      readonly to: Target;
      readonly code: ErrorCode;
      readonly mode: "before_output" | "continue" | "splice";
    }
  | { readonly type: "usage"; readonly usage: Usage }
  | { readonly type: "end"; readonly completion: CompletionResult }
  | ({
      readonly type: "error";
      readonly id: string;
      readonly error: RiptideError;
      readonly partialText: string;
      readonly alerts: readonly Alert[];
      readonly warnings: readonly string[];
    } & Trail);
