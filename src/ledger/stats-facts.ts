import type { ErrorCode } from "../core/errors.ts";
import type { GroupKey } from "./report.ts";
import type { TokenCounts } from "./settlement.ts";

/** How much was asked for, of one provider, model, alias, tenant and outcome. */
export interface Asked {
  readonly key: GroupKey;
  readonly requests: number;
  readonly attempts: number;
}

/** Where an attempt was made, and for whom. The alias is empty for a target named outright. */
export interface Place {
  readonly tenant: string;
  readonly alias: string;
  readonly provider: string;
  readonly model: string;
}

/** Attempts that did not answer, alike in all of this. */
export interface Loss extends Place, TokenCounts {
  readonly outcome: "error" | "cancelled";
  readonly code: ErrorCode | null;
  /** It was tried again at the same target, or was such a second try itself. */
  readonly repaired: boolean;
  /** It was such a second try. */
  readonly isSecondTry: boolean;
  /** Its text was kept, and another target went on with it. */
  readonly continued: boolean;
  readonly attempts: number;
  readonly costNano: number;
  /** Of the attempts, those whose usage is an estimate. */
  readonly estimated: number;
}

/** Further attempts of requests: repairs, and switches to another target counted at the one that was left. */
export interface Further extends Place {
  readonly kind: "repair" | "failover";
  readonly count: number;
}

/** Requests that asked several providers, counted where they were answered or last tried. */
export interface Wandering extends Place {
  readonly requests: number;
  /** Different providers of all those requests together. */
  readonly providers: number;
}

/** How fast one attempt answered, in milliseconds, and the request around it where this attempt answered it. */
export interface Timing extends Place {
  readonly firstTokenMs: number | null;
  readonly totalMs: number;
  readonly outputTokens: number;
  readonly request: { readonly firstTokenMs: number | null; readonly totalMs: number } | null;
}

/** A quarter of an hour of one provider. */
export interface Quarter {
  readonly provider: string;
  readonly startMs: number;
  readonly requests: number;
  readonly attempts: number;
}

/** A quarter of an hour in which attempts at a provider went wrong. */
export interface BadQuarter {
  readonly provider: string;
  readonly startMs: number;
  readonly outcome: "error" | "cancelled";
  readonly code: ErrorCode | null;
  readonly attempts: number;
}

/** What probes of a provider showed in a quarter of an hour. */
export interface ProbedQuarter {
  readonly provider: string;
  readonly startMs: number;
  readonly isUp: boolean;
}

/** All that performance is computed from. */
export interface StatsFacts {
  readonly asked: readonly Asked[];
  readonly losses: readonly Loss[];
  readonly further: readonly Further[];
  readonly wandering: readonly Wandering[];
  /** Of the newest answers. */
  readonly timings: readonly Timing[];
  readonly quarters: readonly Quarter[];
  readonly badQuarters: readonly BadQuarter[];
  readonly probed: readonly ProbedQuarter[];
  /** How often each provider's circuits opened; null where it cannot be told. */
  readonly openings: ReadonlyMap<string, number | null>;
}
