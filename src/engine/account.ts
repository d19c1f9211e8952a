import type { Accepted } from "../admission/decide.ts";
import type { AdmissionRules } from "../admission/rules.ts";
import type { OperationStart } from "../core/operation.ts";
import type { Charge, Settled } from "../ledger/settlement.ts";
import { type Target, targetText } from "../routing/target.ts";
import type { Candidate } from "./candidates.ts";
import { chargeOf, type SeenUsage } from "./charge.ts";
import type { Trail } from "./events.ts";
import { type Offer, quoteWith } from "./offers.ts";
import { type Ending, settlementOf } from "./settlement.ts";
import type { Stages } from "./stages.ts";

/** The money of one admitted operation: what it holds, what it has spent, and how it is closed. */
export interface Account {
  /**
   * Makes room for another attempt at this target; false when no budget or cap has any (LG-3).
   * @param ask.inputTokens What it is sent now, estimated: a repair or a continuation is sent more than the first attempt.
   * @param ask.withinMs How long the ledger may be waited for.
   */
  afford(
    target: Target,
    ask?: { readonly inputTokens?: number; readonly withinMs?: number },
  ): Promise<boolean>;
  /** Notes which target is asked now; false when its provider has no room for another request. */
  occupy(target: Candidate, withinMs?: number): Promise<boolean>;
  /** The line of an attempt that has ended. */
  charge(target: Target, seen: SeenUsage): Charge;
  /**
   * Watches what a stream comes to; undefined where it costs nothing or nothing limits its cost.
   * @param maxTokens The output limit that is sent; undefined where none is.
   */
  meter(target: Target, maxTokens: number | undefined): Meter | undefined;
  /** Books everything, exactly once. */
  settle(trail: Trail, ending: Ending): Promise<Settled>;
}

/** Keeps a running stream within what is held for it. */
export interface Meter {
  /** Counts more output, in tokens and parts of them; true when it has come close to what is held. */
  add(tokens: number): boolean;
  /** Holds more; false when there is nothing left to hold. */
  topUp(): Promise<boolean>;
}

interface AccountFacts {
  readonly operation: OperationStart;
  readonly rules: AdmissionRules;
  readonly accepted: Accepted;
  readonly offers: ReadonlyMap<string, Offer>;
  /** What each offer was ranked by. */
  readonly scores?: readonly (number | null)[];
  readonly stages: Stages;
}

/** Opens the account of an operation that was admitted. */
export function openAccount(facts: AccountFacts): Account {
  const { operation, rules, accepted, offers, stages } = facts;
  let spentNano = 0;
  let heldNano = accepted.holdNano;
  const offerFor = (target: Target) => offers.get(targetText(target));
  const names = [...offers.keys()];
  /** Output limits that the money forced at admission: no more than that is ever asked for. */
  const limits = new Map(accepted.chosen.map(({ index, outputLimit }) => [names[index] ?? "", outputLimit]));
  const hold = async (neededNano: number, withinMs?: number): Promise<boolean> => {
    if (neededNano <= heldNano) return true;
    if (rules.capNano !== undefined && neededNano > rules.capNano) return false;
    if (!(await stages.raise(operation.id, neededNano, rules.budgets, withinMs))) return false;
    heldNano = neededNano;
    return true;
  };
  /** What the operation comes to when this target's answer is so long. */
  const needed = ({ quote }: Pick<Offer, "quote">, outputTokens: number) =>
    spentNano + (quote.pricing?.worstNano(outputTokens) ?? 0);
  return {
    async afford(target, { inputTokens = 0, withinMs } = {}) {
      const offer = offerFor(target);
      if (!offer) return true;
      const outputTokens = limits.get(targetText(target)) ?? offer.quote.outputTokens;
      return hold(needed({ quote: quoteWith(offer, inputTokens) }, outputTokens), withinMs);
    },
    occupy: ({ provider, model, loaded }, withinMs) =>
      stages.occupy(operation.id, { provider, model, maxConcurrent: loaded.entry.maxConcurrent }, withinMs),
    charge(target, seen) {
      const charge = chargeOf(seen, offerFor(target));
      spentNano += charge.costNano;
      return charge;
    },
    meter(target, maxTokens) {
      const offer = offerFor(target);
      if (!offer || !isMetered(offer, rules)) return undefined;
      let seen = 0;
      let reserved = maxTokens ?? offer.quote.outputTokens;
      // A provider that keeps to its limit ends by itself; of one that does not, not much is taken.
      const margin = maxTokens === undefined ? -MARGIN_TOKENS : MARGIN_TOKENS;
      return {
        add(tokens) {
          seen += tokens;
          return seen >= reserved + margin;
        },
        async topUp() {
          // As much again, or what is left of it.
          for (let more = offer.quote.outputTokens; more >= LEAST_TOP_UP_TOKENS; more /= 2) {
            if (!(await hold(needed(offer, reserved + more)))) continue;
            reserved += more;
            return true;
          }
          return false;
        },
      };
    },
    settle: (trail, ending) => stages.settle(settlementOf(facts, trail, ending)),
  };
}

/** More than one event brings, and than the estimate of a text is wrong by while it comes. */
const MARGIN_TOKENS = 256;

/** Less is not worth another look into the ledger. */
const LEAST_TOP_UP_TOKENS = 32;

/** True where the answer costs something, and something limits the cost. */
function isMetered({ quote }: Offer, { budgets, capNano }: AdmissionRules): boolean {
  const costs = (quote.pricing?.worstNano(quote.outputTokens) ?? 0) > 0;
  return costs && (budgets.length > 0 || capNano !== undefined);
}
