import type { BudgetRule } from "../core/budget.ts";
import type { OperationStart } from "../core/operation.ts";
import type { Accepted, Chosen, Refused } from "./decide.ts";
import type { AdmissionRules, Quote } from "./rules.ts";

export interface AdmissionAsk {
  readonly operation: OperationStart;
  readonly rules: AdmissionRules;
  readonly quotes: readonly Quote[];
  /** The counter whose next turn the order goes by; undefined where it goes by none. */
  readonly turnOf?: string | undefined;
  /**
   * Puts those that can be paid for into the order in which they are asked; a pure function (FB-1). Absent: that of the
   * quotes.
   */
  order?(chosen: readonly Chosen[], turn: number): readonly Chosen[];
  /** After so long the reservation of an owner that cannot be looked up counts as left behind. */
  readonly expiresInMs: number;
  /** How long it may take to get at the books. */
  readonly withinMs: number;
}

/** Where limits, leases and reservations are kept, for every process of the machine at once. */
export interface AdmissionBooks {
  /**
   * Reads the state, decides and takes what the request needs, in one transaction; a refused request takes nothing.
   * The chosen targets come in the order of the ask; a turn is taken with them.
   * @throws RiptideError `ledger_unavailable`
   */
  admit(ask: AdmissionAsk): Promise<Accepted | Refused>;
  /** What {@link admit} would decide about the money and the order now; nothing is taken. */
  preview(ask: AdmissionAsk): Promise<Accepted | Refused>;
  /**
   * Notes which target an operation asks now; false when the provider has as many requests in flight as it may have.
   * @throws RiptideError `ledger_unavailable`
   */
  occupy(id: string, target: OccupiedTarget, withinMs?: number): Promise<boolean>;
  /**
   * Raises what the operation holds to this amount, in every budget or in none; false when one has no room.
   * @throws RiptideError `ledger_unavailable`
   */
  raise(id: string, heldNano: number, budgets: readonly BudgetRule[], withinMs?: number): Promise<boolean>;
}

/** A target that is about to be asked. */
export interface OccupiedTarget {
  readonly provider: string;
  readonly model: string;
  /** Of the provider, over the whole machine; undefined where it has no limit. */
  readonly maxConcurrent: number | undefined;
}
