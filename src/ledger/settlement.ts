import type { Alert, BudgetRule } from "../core/budget.ts";
import type { BreakerEffect, ErrorCode } from "../core/errors.ts";
import type { OperationStart } from "../core/operation.ts";

/** Tokens of one attempt, in the normal form of core/usage.ts. */
export interface TokenCounts {
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
}

export const NO_TOKENS: TokenCounts = {
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
};

/** What an attempt used, and how that is known (LG-5). */
export interface Charge extends TokenCounts {
  /** `none`: the provider bills nothing for it; `unreconciled`: its process died, the reservation stands for it. */
  readonly source: "reported" | "estimated" | "none" | "unreconciled";
  /** Why it is an estimate; null otherwise. */
  readonly note: EstimateNote | null;
  /** 0 where no price is known; then `priceVersion` is null and the line is unpriced, not free. */
  readonly costNano: number;
  readonly priceVersion: string | null;
}

export type EstimateNote = "no_usage" | "bad_usage" | "cut" | "cancelled" | "no_answer" | "budget";

/** One attempt as a line of the ledger. Times are Unix milliseconds. */
export interface AttemptLine {
  readonly n: number;
  readonly kind: "try" | "repair" | "continue" | "probe";
  readonly provider: string;
  readonly model: string;
  /** What the provider's state belongs to: its address and credentials, as a short digest. */
  readonly endpoint: string;
  readonly outcome: "ok" | "error" | "cancelled";
  readonly code: ErrorCode | null;
  readonly status: number | null;
  readonly providerRequestId: string | null;
  /** Let through by a half-open breaker. */
  readonly trial: boolean;
  /** How it counted for the breaker. */
  readonly effect: BreakerEffect;
  readonly holdUntilMs: number | null;
  readonly ambiguous: boolean;
  readonly startedMs: number;
  /** From the start of the attempt to its first content. */
  readonly firstTokenMs: number | null;
  readonly endedMs: number;
  readonly charge: Charge;
}

/** Everything that is to be written down once an operation is over. It survives a round trip through JSON. */
export interface Settlement {
  readonly operation: OperationStart;
  readonly outcome: "ok" | "error" | "cancelled";
  readonly code: ErrorCode | null;
  readonly endedMs: number;
  /** From the start of the operation to its first content. */
  readonly firstTokenMs: number | null;
  /** The number of the attempt that answered. */
  readonly winner: number | null;
  readonly attempts: readonly AttemptLine[];
  /** Why the plan was what it was. */
  readonly decision: Decision;
  /** Those whose thresholds may be crossed by it. */
  readonly budgets: readonly BudgetRule[];
  /** The tenant's limit, for correcting what was taken at admission; null where there is none. */
  readonly tokensPerMinute: number | null;
}

/** Why an operation went where it went. */
export interface Decision {
  /** The candidates in their order, as `provider/model`. */
  readonly order: readonly string[];
  readonly skipped: readonly SkippedTarget[];
  readonly strategy?: string;
  /** What the strategy ranked each of the order by; absent where it ranks by nothing. */
  readonly scores?: readonly (number | null)[];
  /** The turn of a round. */
  readonly turn?: number;
  readonly failovers?: readonly Switch[];
  /** The exit code, where the error has another one than its code (ER-3). */
  readonly exit?: number;
}

/** A candidate that was passed over. */
export interface SkippedTarget {
  readonly target: string;
  readonly reason: string;
  readonly code?: ErrorCode;
  /** When the reason ends by itself, in Unix milliseconds. */
  readonly untilMs?: number;
}

/** One target that took over from another. */
export interface Switch {
  readonly from: string;
  readonly to: string;
  readonly code: ErrorCode;
  readonly mode: "before_output" | "continue" | "splice";
}

/** Where operations are written down. */
export interface SettlementBooks {
  /**
   * Books an operation and gives back what it held, exactly once: a second call for the same id changes nothing. An
   * operation that was taken for dead is corrected.
   * @throws RiptideError `ledger_unavailable`
   */
  settle(settlement: Settlement): Promise<Settled>;
}

export interface Settled {
  /** False when it had been settled before. */
  readonly fresh: boolean;
  /** Thresholds that this operation crossed. */
  readonly alerts: readonly Alert[];
  /** What went wrong with the booking, for people. */
  readonly warnings?: readonly string[];
}
