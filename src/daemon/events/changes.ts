import type { Attempt } from "../../engine/events.ts";

/** What an attempt was after the one before: another try at the same target, or a change to another one. */
export interface Change {
  readonly kind: "repair" | "failover";
  readonly from: Attempt;
  readonly to: Attempt;
}

/** The changes within one request, in order. */
export function changesOf(attempts: readonly Attempt[]): readonly Change[] {
  if (attempts.length < 2) return [];
  return attempts.slice(1).flatMap((to, index): readonly Change[] => {
    const from = attempts[index];
    if (!from) return [];
    const isSame = from.provider === to.provider && from.model === to.model;
    return [{ kind: isSame ? "repair" : "failover", from, to }];
  });
}
