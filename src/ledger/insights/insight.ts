import type { JsonObject } from "../../core/json.ts";

/** What is looked for, in the order of the documentation. */
export const INSIGHT_RULES = [
  "cheaper_target",
  "failed_spend",
  "repair_overhead",
  "prompt_growth",
  "outlier_requests",
  "cache_unused",
  "repeated_prompts",
  "unused_output_limit",
  "tenant_limits",
  "unreliable_provider",
] as const;
export type InsightRule = (typeof INSIGHT_RULES)[number];

/** One finding, computed from the ledger's figures alone. */
export interface Insight {
  readonly rule: InsightRule;
  /** Whom it is about; null where it is about all. */
  readonly tenant: string | null;
  /** What was found, in a sentence for people. */
  readonly summary: string;
  /** The figures behind it, as they stand in the document: amounts as texts in `_usd`, times in `_ms`. */
  readonly evidence: JsonObject;
  /** How the saving was computed. */
  readonly method: string;
  /** Nano-dollars of the range looked at that would not have been spent; 0 where the finding is not about money. */
  readonly savingNano: number;
  /**
   * `high`: the amount was billed for nothing. `medium`: it follows from enough observations of what is proposed.
   * `low`: what is proposed was hardly or never observed.
   */
  readonly confidence: "high" | "medium" | "low";
  /** The command or the part of providers.yaml that would act on it. */
  readonly apply: string;
}
