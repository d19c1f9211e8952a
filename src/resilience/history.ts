import type { BreakerEffect, ErrorCode } from "../core/errors.ts";
import type { OperationClass } from "../core/operation.ts";

/** How one attempt counted for a breaker, as the ledger keeps it (CB-13). Times are Unix milliseconds. */
export interface OutcomeRow {
  /** The identity of the provider entry it was made at. */
  readonly endpoint: string;
  readonly class: OperationClass;
  readonly effect: BreakerEffect;
  /** Let through by a half-open breaker. */
  readonly trial: boolean;
  readonly endedMs: number;
  /** It was refused for its rate, which counts towards the next wait of unknown length (HO-3). */
  readonly rateLimited: boolean;
}

/** A hold that an attempt led to (HO-4). */
export interface HoldRow {
  readonly endpoint: string;
  readonly model: string;
  readonly code: ErrorCode;
  readonly endedMs: number;
  readonly untilMs: number;
}

/** What an operator asked of a provider's breakers (CB-10). */
export interface CircuitMark {
  readonly kind: "reset" | "trip" | "force";
  /** The id of a provider entry. */
  readonly provider: string;
  /** Of `force`. */
  readonly state?: "open" | "closed";
  readonly atMs: number;
  /** When it ends by itself. */
  readonly untilMs: number | null;
}

/** What other processes noted before this one; the ledger keeps it. */
export interface CircuitHistory {
  /** Attempts that ended at or after this moment, in order of their end. */
  outcomes(sinceMs: number): readonly OutcomeRow[];
  /** Holds that end after this moment. */
  holds(nowMs: number): readonly HoldRow[];
  /** Marks that are in force, and resets. */
  marks(): readonly CircuitMark[];
}
