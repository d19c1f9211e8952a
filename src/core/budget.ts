import type { Period } from "./period.ts";

/** One budget in force. */
export interface BudgetRule {
  /** Whose it is; null for the whole installation. */
  readonly tenant: string | null;
  readonly period: Period;
  readonly limitNano: number;
  /** Shares of the limit at which an alert is due, ascending. */
  readonly thresholds: readonly number[];
  /** The alias that is used in place of the one asked for once the budget is spent; null rejects. */
  readonly degradeTo: string | null;
}

/** What a budget's period has seen so far, in nano-dollars. */
export interface Spend {
  readonly spentNano: number;
  /** Reserved by operations that are running. */
  readonly heldNano: number;
}

/** A budget whose spending has just crossed one of its thresholds (LG-13). */
export interface Alert extends Spend {
  readonly budget: BudgetRule;
  readonly threshold: number;
  readonly resetsAtMs: number;
}
