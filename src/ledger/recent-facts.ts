import type { BreakerEffect, ErrorCode } from "../core/errors.ts";

/** An attempt that ended, with what its request came to. Times are Unix milliseconds. */
export interface NewestAttempt {
  /** The request it was part of. */
  readonly id: string;
  readonly tenant: string;
  readonly requestedModel: string;
  readonly n: number;
  readonly provider: string;
  readonly model: string;
  /** `ok`, `error` or `cancelled`. */
  readonly outcome: string | null;
  readonly code: ErrorCode | null;
  /** Whether it speaks for or against its provider, as breakers count it. */
  readonly effect: BreakerEffect;
  readonly startedMs: number;
  readonly firstTokenMs: number | null;
  readonly totalMs: number;
  readonly outputTokens: number;
}

/** A request that ended, whether anything was tried for it or not. */
export interface NewestRequest {
  readonly id: string;
  readonly tenant: string;
  readonly requestedModel: string;
  readonly startedMs: number;
  readonly outcome: string;
  readonly code: ErrorCode | null;
  readonly attempts: number;
}
