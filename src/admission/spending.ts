import type { BudgetRule, Spend } from "../core/budget.ts";
import { RiptideError } from "../core/errors.ts";
import type { AdmissionState, Chosen } from "./decide.ts";
import type { AdmissionRules, Quote } from "./rules.ts";

/** A budget and what is left of it; below zero once it was overrun. */
export interface Standing extends Spend {
  readonly budget: BudgetRule;
  readonly roomNano: number;
}

/** All that limits what one request may cost now. */
export interface Purse {
  readonly capNano: number | undefined;
  /** Tightest first. */
  readonly standings: readonly Standing[];
  /** The lowest of the cap and every budget's room; undefined where nothing limits the cost. */
  readonly ceilingNano: number | undefined;
}

/** A target that does not fit, with the least it could cost; null where no price is known. */
export interface Misfit {
  readonly index: number;
  readonly quote: Quote;
  readonly needNano: number | null;
}

export interface Choice {
  readonly chosen: readonly Chosen[];
  readonly misfits: readonly Misfit[];
}

export function purseOf({ budgets, capNano }: AdmissionRules, { spends }: AdmissionState): Purse {
  const standings = budgets
    .map((budget, index) => standingOf(budget, spends[index]))
    .toSorted((a, b) => a.roomNano - b.roomNano);
  const ceilings = [capNano, standings[0]?.roomNano].filter((nano) => nano !== undefined);
  return { capNano, standings, ceilingNano: ceilings.length > 0 ? Math.min(...ceilings) : undefined };
}

function standingOf(budget: BudgetRule, spend: Spend | undefined): Standing {
  if (!spend) throw new RiptideError("internal", `the spending of a ${budget.period} budget was not read`);
  return { ...spend, budget, roomNano: budget.limitNano - spend.spentNano - spend.heldNano };
}

/** Which of the targets the money is enough for, whatever their answers come to (LG-3). */
export function choose(quotes: readonly Quote[], purse: Purse, unpriced: AdmissionRules["unpriced"]): Choice {
  const chosen: Chosen[] = [];
  const misfits: Misfit[] = [];
  quotes.forEach((quote, index) => {
    const fit = fitOf(quote, purse.ceilingNano, unpriced);
    if (fit) chosen.push({ index, ...fit });
    else misfits.push({ index, quote, needNano: leastNano(quote) });
  });
  return { chosen, misfits };
}

type Fit = Omit<Chosen, "index">;

/** The form in which a target fits under the ceiling: as it is, else with a lower output limit. */
function fitOf(
  { pricing, outputTokens, outputIsOpen }: Quote,
  ceilingNano: number | undefined,
  unpriced: AdmissionRules["unpriced"],
): Fit | undefined {
  if (pricing === null) {
    const passes = ceilingNano === undefined || unpriced === "allow";
    return passes ? { outputLimit: undefined, worstNano: 0 } : undefined;
  }
  const worstNano = pricing.worstNano(outputTokens);
  // What is free passes a spent budget, whose room may be below zero.
  if (ceilingNano === undefined || worstNano === 0 || worstNano <= ceilingNano) {
    return { outputLimit: undefined, worstNano };
  }
  if (!outputIsOpen || ceilingNano < 0) return undefined;
  const outputLimit = Math.min(pricing.outputFor(ceilingNano), outputTokens);
  if (outputLimit < LEAST_OUTPUT_TOKENS) return undefined;
  return { outputLimit, worstNano: pricing.worstNano(outputLimit) };
}

/** A forced output limit below this would only buy a torso (LG-3). */
export const LEAST_OUTPUT_TOKENS = 64;

function leastNano({ pricing, outputTokens, outputIsOpen }: Quote): number | null {
  if (pricing === null) return null;
  return pricing.worstNano(outputIsOpen ? Math.min(LEAST_OUTPUT_TOKENS, outputTokens) : outputTokens);
}
