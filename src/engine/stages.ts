import type { Target } from "../routing/target.ts";
import type { Refusal, Trail } from "./events.ts";

/** What one admitted operation may do, and how it is closed. */
export interface Admitted {
  /** Leave to try a target now, or the reason why not (breaker, hold). */
  permit(target: Target): Refusal | null;
  /** Called exactly once, however the operation ended. */
  settle(trail: Trail): Promise<void>;
}

/** The stages around the loop: limits and budgets before it, breakers and holds within, the ledger after it. */
export interface Stages {
  /** Takes what the operation needs, or throws the refusal before anything was sent. */
  admit(operation: { readonly id: string; readonly tenant: string }): Promise<Admitted>;
}

/** For a process in which nothing is limited and nothing is recorded. */
export const openStages: Stages = {
  admit: async () => ({ permit: () => null, settle: async () => {} }),
};
