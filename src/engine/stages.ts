import type { AdmissionAsk, AdmissionBooks } from "../admission/books.ts";
import { type Accepted, type AdmissionState, decide, type Refused } from "../admission/decide.ts";
import type { ProbeRow, Sample } from "../core/sample.ts";
import { createPriceBook, type PriceBook } from "../ledger/price-book.ts";
import type { SettlementBooks } from "../ledger/settlement.ts";
import type { CircuitHistory } from "../resilience/history.ts";

/** What the ledger remembers of the providers. A ledger that cannot be read remembers nothing. */
export interface Memory {
  /** Undefined where nothing can be read. */
  circuits(): Promise<CircuitHistory | undefined>;
  /** Finished attempts since this moment, in Unix milliseconds; the newest first where there are very many. */
  samples(sinceMs: number): Promise<readonly Sample[]>;
  probes(sinceMs: number): Promise<readonly ProbeRow[]>;
}

/** Somewhere to book. */
export interface Bookable {
  /** Whether a request could be admitted and settled now. @throws RiptideError `ledger_unavailable` where it could not */
  check(withinMs: number): Promise<void>;
}

/** The stages around the loop: limits and budgets before it, the ledger after it. */
export interface Stages extends AdmissionBooks, SettlementBooks, Memory, Bookable {
  readonly prices: PriceBook;
}

/** For a process in which nothing was spent before and nothing is recorded. */
export const openStages: Stages = {
  prices: createPriceBook(undefined),
  admit: async (ask) => decideUntouched(ask),
  preview: async (ask) => decideUntouched(ask),
  occupy: async () => true,
  raise: async () => true,
  settle: async () => ({ fresh: true, alerts: [] }),
  circuits: async () => undefined,
  samples: async () => [],
  probes: async () => [],
  check: async () => {},
};

/** The decision on the first request there ever was. */
export function decideUntouched({ rules, quotes, order, turnOf }: AdmissionAsk): Accepted | Refused {
  const decision = decide(rules, quotes, untouched(rules.budgets.length));
  if (!decision.ok) return decision;
  return {
    ...decision,
    chosen: order?.(decision.chosen, 0) ?? decision.chosen,
    ...(turnOf !== undefined && { turn: 0 }),
  };
}

/** The state of a tenant that never asked before. */
const untouched = (budgets: number): AdmissionState => ({
  nowMs: 0,
  suspended: false,
  inFlight: 0,
  requestsTatUs: undefined,
  tokensTatUs: undefined,
  spends: Array.from({ length: budgets }, () => ({ spentNano: 0, heldNano: 0 })),
  inFlightAt: new Map(),
});
