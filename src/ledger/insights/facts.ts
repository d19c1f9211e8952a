import type { BudgetRule } from "../../core/budget.ts";
import type { Price } from "../price.ts";
import type { TokenCounts } from "../settlement.ts";
import type { Loss, Place } from "../stats-facts.ts";

/** What one tenant's requests came to at one target behind one alias; unreconciled ones are left out. */
export interface Traffic extends Place, TokenCounts {
  /** Answered or last tried there. */
  readonly requests: number;
  readonly attempts: number;
  /** Requests with a line whose price is not known. */
  readonly unpriced: number;
  readonly costNano: number;
}

/** Tokens of answers whose prompts are longer than `aboveTokens` and not longer than the next such bound. */
export interface LongPrompts extends Place, TokenCounts {
  readonly aboveTokens: number;
}

/** The requests of one tenant that cost more than 99 % of those of their alias. */
export interface Outliers {
  readonly alias: string;
  readonly tenant: string;
  readonly count: number;
  readonly costNano: number;
  /** What 99 % of the alias's requests cost at most. */
  readonly p99Nano: number;
  readonly aliasRequests: number;
  readonly aliasCostNano: number;
}

/** A budget and the fullest of its periods. */
export interface BudgetUse {
  readonly rule: BudgetRule;
  readonly peakNano: number;
  /** Whole periods since the first spending. */
  readonly periods: number;
  /** It is the hourly limit of a tenant and not a budget of its own. */
  readonly isHourlyLimit: boolean;
}

/** Requests that a tenant's rate limits refused. */
export interface Refusals {
  readonly tenant: string;
  readonly code: string;
  readonly count: number;
  /** The limit that refused them; undefined where it is no longer configured. */
  readonly limit: number | undefined;
}

/** Prompts of one tenant that were sent more than once to one alias. */
export interface RepeatedPrompts {
  readonly tenant: string;
  readonly alias: string;
  /** Different prompts that came again. */
  readonly prompts: number;
  readonly requests: number;
  /** Of all but the first request of each prompt. */
  readonly repeatedNano: number;
}

/** How much of what requests were allowed to answer they used; of requests that set a limit. */
export interface OutputLimits {
  readonly tenant: string;
  readonly alias: string;
  readonly requests: number;
  readonly leastLimit: number;
  readonly longestOutput: number;
  readonly reservedNano: number;
  readonly costNano: number;
}

/** What the configuration says today, so that nothing is proposed that is so already. */
export interface Settings {
  /** The answers of callers that have gone are waited for. */
  readonly drainsCancelled: boolean;
  /** A failed try is made again at the same target before another one is asked, or at the end. */
  readonly repairs: boolean;
  /** How long a completion may take where its alias says nothing. */
  readonly completionMs: number;
  /** What no limit may exceed. */
  readonly maxMs: number;
  /** The time limits are those of a preset that is less patient than `relaxed`. */
  readonly isPresetBelowRelaxed: boolean;
  /** The names of all aliases. */
  readonly aliases: readonly string[];
  /** Undefined for an alias that there no longer is, and for a target named outright. */
  readonly aliasOf: (alias: string) => AliasSettings | undefined;
}

export interface AliasSettings {
  readonly strategy: string;
  /** All of them, in their order, whoever may use them. */
  readonly targets: readonly string[];
  /** An answer that breaks off is carried on. */
  readonly recoversStreams: boolean;
  /** Undefined where the limit of the installation holds. */
  readonly completionMs?: number | undefined;
}

/** All that insights are computed from. Targets are written `provider/model`. */
export interface InsightFacts {
  /** When the range begins, as commands take it. */
  readonly since: string;
  readonly settings: Settings;
  readonly traffic: readonly Traffic[];
  /** The same for the answered requests of the first and the second half of the range. */
  readonly halves: readonly [readonly Traffic[], readonly Traffic[]];
  readonly losses: readonly Loss[];
  readonly longPrompts: readonly LongPrompts[];
  /** Half of a target's requests took no longer than this many milliseconds; undefined above the last bound. */
  readonly medianAtMostMs: ReadonlyMap<string, number>;
  /** Today's prices; null where none is known. */
  readonly prices: ReadonlyMap<string, Price | null>;
  /** The targets an alias has today that a tenant may use, in their order. */
  readonly targetsOf: (tenant: string, alias: string) => readonly string[];
  readonly outliers: readonly Outliers[];
  readonly budgets: readonly BudgetUse[];
  readonly refusals: readonly Refusals[];
  readonly repeated: readonly RepeatedPrompts[];
  readonly outputLimits: readonly OutputLimits[];
}
