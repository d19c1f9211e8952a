import { isProviderFault } from "./fault.ts";
import type { StatsFacts } from "./stats-facts.ts";

/**
 * For each provider the share of quarters of an hour in which it was up, of those in which anything is known: one answer
 * or passed probe makes a quarter up, failures and nothing else make it down.
 */
export function uptimes({
  quarters,
  badQuarters,
  probed,
}: Pick<StatsFacts, "quarters" | "badQuarters" | "probed">): ReadonlyMap<string, number> {
  const states = new Map<string, boolean>();
  const note = (provider: string, startMs: number, isUp: boolean): void => {
    const slot = `${startMs} ${provider}`;
    states.set(slot, isUp || states.get(slot) === true);
  };
  const lost = new Map<string, number>();
  for (const { provider, startMs, attempts, outcome, code } of badQuarters) {
    const slot = `${startMs} ${provider}`;
    lost.set(slot, (lost.get(slot) ?? 0) + attempts);
    if (outcome === "error" && isProviderFault(code)) note(provider, startMs, false);
  }
  for (const { provider, startMs, attempts } of quarters)
    if (attempts > (lost.get(`${startMs} ${provider}`) ?? 0)) note(provider, startMs, true);
  for (const { provider, startMs, isUp } of probed) note(provider, startMs, isUp);
  return sharesOf(states);
}

function sharesOf(states: ReadonlyMap<string, boolean>): ReadonlyMap<string, number> {
  const byProvider = Map.groupBy(states, ([slot]) => slot.slice(slot.indexOf(" ") + 1));
  return new Map(
    [...byProvider].map(([provider, slots]) => [
      provider,
      slots.filter(([, isUp]) => isUp).length / slots.length,
    ]),
  );
}
