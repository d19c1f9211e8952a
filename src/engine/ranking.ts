import type { Chosen } from "../admission/decide.ts";
import type { Route } from "../routing/route.ts";
import { type Rankable, type Snapshot, scoreOf, strategies } from "../routing/strategies.ts";
import { type Target, targetText } from "../routing/target.ts";
import type { Offer } from "./offers.ts";

/** The order of a request's candidates, as a function of what admission leaves of them and the turn (FB-1). */
export interface Ranking {
  /** Whose round it is; undefined where the strategy has none. */
  readonly turnOf: string | undefined;
  order(chosen: readonly Chosen[], turn: number): readonly Chosen[];
  /** What each candidate was ranked by, in the order of the offers. */
  readonly scores: readonly (number | null)[];
}

/** @param requested What the caller asked for, which names the round where there is no alias. */
export function rankingOf(
  route: Route,
  offers: ReadonlyMap<string, Offer>,
  snapshot: Snapshot,
  requested: string,
): Ranking {
  const { strategy, onlyFirst } = route;
  const ranked = [...offers.values()].map(({ quote }): Rankable => {
    const { provider, model, pricing, outputTokens } = quote;
    return { provider, model, costNano: pricing?.worstNano(outputTokens) ?? null };
  });
  const last = new Set(route.fallback.map(targetText));
  const isLast = (target: Target) => last.has(targetText(target));
  return {
    turnOf: strategy === "round-robin" ? (route.alias ?? requested) : undefined,
    order(chosen, turn) {
      const entries = chosen.flatMap((each) => {
        const target = ranked[each.index];
        return target ? [{ ...target, chosen: each }] : [];
      });
      const first = entries.filter((entry) => !isLast(entry));
      const ordered = [...strategies[strategy](first, snapshot, turn), ...entries.filter(isLast)];
      return (onlyFirst ? ordered.slice(0, 1) : ordered).map((entry) => entry.chosen);
    },
    scores: ranked.map((target) => scoreOf(strategy, target, snapshot)),
  };
}
