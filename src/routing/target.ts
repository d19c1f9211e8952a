import type { StrategyName } from "./strategy-name.ts";

/** One provider's model, the unit that is tried. */
export interface Target {
  readonly provider: string;
  readonly model: string;
}

export interface Alias {
  readonly targets: readonly Target[];
  readonly strategy: StrategyName;
}

/** What routing has to know of a configured provider. */
export interface RoutableProvider {
  readonly id: string;
  readonly priority: number;
  /** What `-P` uses when the alias names no model of this provider. */
  readonly defaultModel?: string | undefined;
  /** Models the configuration names for it. */
  readonly models: readonly string[];
}

/** Everything a model name can mean under one configuration. */
export interface RoutingTable {
  /** Where no alias says another. */
  readonly strategy: StrategyName;
  readonly aliases: ReadonlyMap<string, Alias>;
  /** In file order, which breaks every tie. */
  readonly providers: readonly RoutableProvider[];
}

export const targetText = ({ provider, model }: Target): string => `${provider}/${model}`;
