import type { AdmissionBooks } from "../admission/books.ts";
import { type AdmissionState, decide } from "../admission/decide.ts";
import { createPriceBook, type PriceBook } from "../ledger/price-book.ts";
import type { SettlementBooks } from "../ledger/settlement.ts";
import type { Target } from "../routing/target.ts";
import type { Refusal } from "./events.ts";

/** The stages around the loop: limits and budgets before it, breakers and holds within, the ledger after it. */
export interface Stages extends AdmissionBooks, SettlementBooks {
  readonly prices: PriceBook;
  /** Leave to try a target now, or the reason why not (breaker, hold). */
  permit(target: Target): Refusal | null;
}

/** For a process in which nothing was spent before and nothing is recorded. */
export const openStages: Stages = {
  prices: createPriceBook(undefined),
  admit: async ({ rules, quotes }) => decide(rules, quotes, untouched(rules.budgets.length)),
  raise: async () => true,
  settle: async () => ({ fresh: true, alerts: [] }),
  permit: () => null,
};

/** The state of a tenant that never asked before. */
export const untouched = (budgets: number): AdmissionState => ({
  nowMs: 0,
  suspended: false,
  inFlight: 0,
  requestsTatUs: undefined,
  tokensTatUs: undefined,
  spends: Array.from({ length: budgets }, () => ({ spentNano: 0, heldNano: 0 })),
});
