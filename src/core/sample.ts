import type { BreakerEffect } from "./errors.ts";

/** What one finished completion attempt showed of its provider: whether it answered, and how fast. */
export interface Sample {
  readonly provider: string;
  readonly model: string;
  /** Identity of the provider entry it was made at. */
  readonly endpoint: string;
  readonly effect: BreakerEffect;
  /** From its start to its first content, in milliseconds; null where none came. */
  readonly ttftMs: number | null;
  readonly totalMs: number;
  /** Unix milliseconds. */
  readonly endedMs: number;
}

/** What a probe of a provider showed. */
export interface ProbeRow {
  readonly provider: string;
  readonly endpoint: string;
  readonly level: "config" | "reach" | "auth" | "deep";
  readonly status: "pass" | "warn" | "fail" | "unknown";
  readonly latencyMs: number | null;
  /** The error's code where it failed. */
  readonly code: string | null;
  /** Unix milliseconds. */
  readonly atMs: number;
  /** The provider asked to be left alone until then; absent or null otherwise. */
  readonly holdUntilMs?: number | null;
}
