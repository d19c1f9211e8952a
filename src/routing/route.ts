import { RiptideError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import type { StrategyName } from "./strategy-name.ts";
import type { RoutableProvider, RoutingTable, Target } from "./target.ts";
import { targetText } from "./target.ts";

/** What a caller said about where the request may go. */
export interface RouteAsk {
  /** Alias, `provider/model` or a vendor's model name; `default` unless given. */
  readonly model?: string | undefined;
  /** Only these providers, in this order. */
  readonly providers?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  /** Targets to try after the others. */
  readonly fallback?: readonly string[] | undefined;
  /** The first target only. */
  readonly noFallback?: boolean | undefined;
  /** In place of the alias's own. */
  readonly strategy?: StrategyName | undefined;
}

export interface Route extends Base {
  /** Those of the targets that are asked after the others, whatever the strategy. */
  readonly fallback: readonly Target[];
  /** Only the first of the order is asked. */
  readonly onlyFirst: boolean;
}

interface Base {
  readonly alias: string | null;
  readonly strategy: StrategyName;
  /** In the order that breaks ties; the strategy may change it. */
  readonly targets: readonly Target[];
}

const DEFAULT_ALIAS = "default";

/**
 * Resolves a request's words to ordered targets.
 * @throws RiptideError `usage` for an unknown alias, provider or model, or when nothing is left.
 */
export function routeOf(ask: RouteAsk, table: RoutingTable): Route {
  for (const id of [...(ask.providers ?? []), ...(ask.exclude ?? [])]) requireProvider(id, table);
  const base = ask.providers ? amongProviders(ask.providers, ask.model, table) : byModel(ask.model, table);
  const fallback = (ask.fallback ?? []).map((text) => fallbackTarget(text, table));
  const excluded = new Set(ask.exclude);
  const targets = unique([...base.targets, ...fallback]).filter(({ provider }) => !excluded.has(provider));
  if (targets.length === 0) {
    throw new RiptideError("usage", "no target is left to send this to", { hint: "riptide models list" });
  }
  const strategy = ask.strategy ?? base.strategy;
  const isFixed = strategy === "sequential" && ask.noFallback === true;
  return {
    alias: base.alias,
    strategy,
    targets: isFixed ? targets.slice(0, 1) : targets,
    fallback: fallback.filter((target) => !base.targets.some((other) => isSame(other, target))),
    onlyFirst: ask.noFallback === true,
  };
}

const isSame = (a: Target, b: Target): boolean => a.provider === b.provider && a.model === b.model;

function byModel(model = DEFAULT_ALIAS, table: RoutingTable): Base {
  const alias = table.aliases.get(model);
  if (alias) return { alias: model, strategy: alias.strategy, targets: alias.targets };
  return { alias: null, strategy: table.strategy, targets: namedTargets(model, table) };
}

function namedTargets(name: string, table: RoutingTable): readonly Target[] {
  const pinned = pinnedTarget(name, table);
  if (pinned) return [pinned];
  const declaring = table.providers
    .filter(({ models }) => models.includes(name))
    .toSorted((a, b) => a.priority - b.priority);
  if (declaring.length > 0) return declaring.map(({ id }) => ({ provider: id, model: name }));
  throw unknownModel(name, table);
}

/** `provider/model`; the model part may hold more slashes. */
function pinnedTarget(name: string, table: RoutingTable): Target | undefined {
  const slash = name.indexOf("/");
  const provider = table.providers.find(({ id }) => id === name.slice(0, slash));
  if (slash < 1 || !provider || slash === name.length - 1) return undefined;
  return { provider: provider.id, model: name.slice(slash + 1) };
}

/** Providers named by the caller are asked in the order given (`sequential`). */
function amongProviders(ids: readonly string[], model: string | undefined, table: RoutingTable): Base {
  const alias = model === undefined ? table.aliases.get(DEFAULT_ALIAS) : table.aliases.get(model);
  const name = model ?? DEFAULT_ALIAS;
  if (alias || model === undefined) {
    const targets = ids.flatMap((id) => targetsOf(id, alias?.targets ?? [], table));
    return { alias: alias ? name : null, strategy: "sequential", targets };
  }
  const pinned = pinnedTarget(model, table);
  if (!pinned) {
    return { alias: null, strategy: "sequential", targets: ids.map((provider) => ({ provider, model })) };
  }
  if (ids.includes(pinned.provider)) return { alias: null, strategy: "sequential", targets: [pinned] };
  throw new RiptideError("usage", `${model} is not among the providers asked for (${ids.join(", ")})`);
}

function targetsOf(id: string, aliasTargets: readonly Target[], table: RoutingTable): readonly Target[] {
  const own = aliasTargets.filter(({ provider }) => provider === id);
  if (own.length > 0) return own;
  const elsewhere = [...table.aliases.values()]
    .flatMap(({ targets }) => targets)
    .find((target) => target.provider === id);
  const model = requireProvider(id, table).defaultModel ?? elsewhere?.model;
  if (model !== undefined) return [{ provider: id, model }];
  throw new RiptideError("usage", `provider ${id} has no default model`, {
    hint: `riptide complete -m ${id}/MODEL …   or set providers.${id}.default_model`,
  });
}

function fallbackTarget(text: string, table: RoutingTable): Target {
  const target = pinnedTarget(text, table);
  if (target) return target;
  const slash = text.indexOf("/");
  if (slash > 0 && slash < text.length - 1) requireProvider(text.slice(0, slash), table);
  throw new RiptideError("usage", `--fallback wants provider/model, not "${text}"`);
}

function requireProvider(id: string, table: RoutingTable): RoutableProvider {
  const provider = table.providers.find((candidate) => candidate.id === id);
  if (provider) return provider;
  const known = table.providers.map((candidate) => candidate.id);
  throw new RiptideError("usage", `unknown provider "${id}"`, suggestion(nearest(id, known), known));
}

/** As the vendors say it, so that their programs raise what they raise for an unknown model. */
const HTTP_NOT_FOUND = 404;

function unknownModel(name: string, table: RoutingTable): RiptideError {
  const known = knownNames(table);
  if (name === DEFAULT_ALIAS) {
    return new RiptideError("usage", "no model was named and there is no alias default", {
      reasons: [`known: ${known.slice(0, 8).join(", ")}`],
      hint: "riptide complete -m PROVIDER/MODEL …   or add models.default to providers.yaml",
    });
  }
  return new RiptideError("usage", `unknown alias or model "${name}"`, {
    ...suggestion(nearest(name, known), known),
    httpStatus: HTTP_NOT_FOUND,
  });
}

function suggestion(near: string | undefined, known: readonly string[]) {
  return {
    reasons: [near ? `did you mean "${near}"?` : `known: ${known.slice(0, 8).join(", ")}`],
    hint: "riptide models list",
  };
}

function knownNames({ aliases, providers }: RoutingTable): readonly string[] {
  const models = providers.flatMap(({ id, models: names }) =>
    names.flatMap((model) => [model, `${id}/${model}`]),
  );
  const targets = [...aliases.values()].flatMap((alias) => alias.targets.map(targetText));
  return [...new Set([...aliases.keys(), ...targets, ...models])];
}

function unique(targets: readonly Target[]): readonly Target[] {
  return [...new Map(targets.map((target) => [targetText(target), target])).values()];
}
