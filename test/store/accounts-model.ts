import type { AdmissionRules, Quote } from "../../src/admission/rules.ts";
import type { BudgetRule } from "../../src/core/budget.ts";
import { spanOf } from "../../src/core/period.ts";

/** One operation as the model knows it. */
export interface Known {
  readonly id: string;
  readonly tenant: string;
  readonly startedMs: number;
  held: number;
  spent: number;
  state: "held" | "settled" | "unreconciled";
}

/** The books kept in the plainest way: a list, added up each time anything is asked. */
export class PlainBooks {
  /** In the order of their beginning. */
  readonly operations: Known[] = [];

  /** Spent and held by a budget's period at a moment. */
  used({ tenant, period }: Pick<BudgetRule, "tenant" | "period">, atMs: number) {
    const { startMs, endMs } = spanOf(period, atMs);
    let spent = 0;
    let held = 0;
    for (let index = this.operations.length - 1; index >= 0; index -= 1) {
      const known = this.operations[index];
      if (!known) continue;
      if (known.startedMs < startMs) break;
      if (known.startedMs >= endMs || (tenant !== null && known.tenant !== tenant)) continue;
      spent += known.spent;
      held += known.state === "held" ? known.held : 0;
    }
    return { spent, held };
  }

  inFlight(tenant: string): number {
    return this.operations.filter((known) => known.tenant === tenant && known.state === "held").length;
  }

  /** What must come of asking for this amount: held, or not. */
  mayHold(rules: AdmissionRules, amount: number, atMs: number): boolean {
    if (rules.maxConcurrent !== undefined && this.inFlight(rules.tenant) >= rules.maxConcurrent) return false;
    if (amount === 0) return true;
    return rules.budgets.every((budget) => {
      const { spent, held } = this.used(budget, atMs);
      return spent + held + amount <= budget.limitNano;
    });
  }
}

/** An offer that costs this much at most, whatever its length. */
export const quoteOf = (worstNano: number): Quote => ({
  provider: "p",
  model: "m",
  inputTokens: 10,
  outputTokens: 100,
  outputIsOpen: false,
  pricing: { worstNano: () => worstNano, outputFor: (nano) => (nano >= worstNano ? 100 : -1) },
});

/** A moment some days after the start of a month, so that days, weeks and rolling periods end while a test runs. */
export const START_MS = Date.UTC(2026, 10, 22, 15);
