import type { BudgetRule } from "../core/budget.ts";

/** Everything that limits the requests of one tenant. An absent limit does not apply. */
export interface AdmissionRules {
  readonly tenant: string;
  readonly requestsPerMinute?: number | undefined;
  readonly tokensPerMinute?: number | undefined;
  readonly maxConcurrent?: number | undefined;
  /** Of the tenant, its cost per hour included, and of the installation. */
  readonly budgets: readonly BudgetRule[];
  /** The lowest cap on what one request may cost. */
  readonly capNano?: number | undefined;
  /** What happens to a target without a price where a budget or cap applies. */
  readonly unpriced: "refuse" | "allow";
}

/** What a target would cost. */
export interface Quote {
  readonly provider: string;
  readonly model: string;
  /** Prompt tokens to reserve for: the estimate with its margin. */
  readonly inputTokens: number;
  /** Output tokens to reserve for. */
  readonly outputTokens: number;
  /** Nobody fixed the output, so a smaller limit may be sent (LG-3). */
  readonly outputIsOpen: boolean;
  /** Null where no price is known. */
  readonly pricing: Pricing | null;
  /** How many requests its provider may have in flight; undefined where nothing limits them. */
  readonly maxConcurrent?: number | undefined;
}

/** The price of one request to one target, as far as admission needs it. All amounts are nano-dollars. */
export interface Pricing {
  /** The most it can cost with so many output tokens. */
  worstNano(outputTokens: number): number;
  /** The most output tokens that so much money is sure to pay for; negative when not even the prompt is paid. */
  outputFor(nano: number): number;
}

/** True where a limit or budget has to be kept, so that nothing may be sent without the ledger (LG-11). */
export const needsLedger = ({ requestsPerMinute, tokensPerMinute, maxConcurrent, budgets }: AdmissionRules) =>
  requestsPerMinute !== undefined ||
  tokensPerMinute !== undefined ||
  maxConcurrent !== undefined ||
  budgets.length > 0;
