import type { TokenCounts } from "../settlement.ts";
import type { Loss, Place } from "../stats-facts.ts";
import type { Traffic } from "./facts.ts";

/** A place's target as it is written everywhere. */
export const targetOf = ({ provider, model }: Pick<Place, "provider" | "model">): string =>
  `${provider}/${model}`;

/** The same for the same place. */
export const placeId = ({ tenant, alias, provider, model }: Place): string =>
  JSON.stringify([tenant, alias, provider, model]);

/** What came of a place's attempts that answered: all of them, less those that did not. */
export function answered(traffic: readonly Traffic[], losses: readonly Loss[]): readonly Traffic[] {
  const lost = Map.groupBy(losses, placeId);
  return traffic.map((place) => (lost.get(placeId(place)) ?? []).reduce(without, place));
}

const without = (traffic: Traffic, loss: Loss): Traffic => ({
  ...traffic,
  attempts: traffic.attempts - loss.attempts,
  costNano: traffic.costNano - loss.costNano,
  ...tokensBy((name) => traffic[name] - loss[name]),
});

/** Five counts from one function of their names. */
export const tokensBy = (count: (name: keyof TokenCounts) => number): TokenCounts => ({
  inputTokens: count("inputTokens"),
  cacheReadTokens: count("cacheReadTokens"),
  cacheWriteTokens: count("cacheWriteTokens"),
  outputTokens: count("outputTokens"),
  reasoningTokens: count("reasoningTokens"),
});

/** Cost by tenant. */
export function costByTenant(traffic: readonly Traffic[]): ReadonlyMap<string, number> {
  const costs = new Map<string, number>();
  for (const { tenant, costNano } of traffic) costs.set(tenant, (costs.get(tenant) ?? 0) + costNano);
  return costs;
}

export const sumOf = <T>(items: readonly T[], value: (item: T) => number): number =>
  items.reduce((sum, item) => sum + value(item), 0);

/** A share to four decimals, for documents. */
export const share = (part: number, whole: number): number =>
  whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 10_000;

export const percent = (part: number, whole: number): string =>
  `${(whole === 0 ? 0 : (part / whole) * 100).toFixed(1)}%`;

/** A name as a key or value of YAML: plain where that is safe, else quoted. */
export const yamlName = (name: string): string =>
  /^[A-Za-z_][\w./-]*$/.test(name) && !YAML_WORDS.test(name) ? name : JSON.stringify(name);

/** What YAML, of one version or another, takes for something else than a text. */
const YAML_WORDS = /^(true|false|null|yes|no|on|off|y|n)$/i;

/** A name as one word of a command line. */
export const shellWord = (word: string): string =>
  /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
