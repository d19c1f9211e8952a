import type { BudgetRule } from "../core/budget.ts";
import type { OperationStart } from "../core/operation.ts";
import type { Accepted, Refused } from "./decide.ts";
import type { AdmissionRules, Quote } from "./rules.ts";

export interface AdmissionAsk {
  readonly operation: OperationStart;
  readonly rules: AdmissionRules;
  readonly quotes: readonly Quote[];
  /** After so long the reservation of an owner that cannot be looked up counts as left behind. */
  readonly expiresInMs: number;
  /** How long it may take to get at the books. */
  readonly withinMs: number;
}

/** Where limits, leases and reservations are kept, for every process of the machine at once. */
export interface AdmissionBooks {
  /**
   * Reads the state, decides and takes what the request needs, in one transaction; a refused request takes nothing.
   * @throws RiptideError `ledger_unavailable`
   */
  admit(ask: AdmissionAsk): Promise<Accepted | Refused>;
  /**
   * Raises what the operation holds to this amount, in every budget or in none; false when one has no room.
   * @throws RiptideError `ledger_unavailable`
   */
  raise(id: string, heldNano: number, budgets: readonly BudgetRule[]): Promise<boolean>;
}
