import type { Config } from "./config.ts";

/**
 * What a configuration asks for that this version reads and checks but does not carry out. Nobody should rely on a
 * limit that is not there.
 */
export function unenforced(config: Config): readonly string[] {
  const { tenants, budgets, maxCostPerRequestNano, providers, aliases, failover, plugins } = config;
  const limitsTenants =
    tenants.strict || tenants.defaultLimits !== null || Object.keys(tenants.list).length > 0;
  const found: readonly (readonly [boolean, string])[] = [
    [budgets.length > 0, "budgets"],
    [maxCostPerRequestNano !== undefined, "max_cost_per_request"],
    [limitsTenants, "tenants"],
    [providers.some(({ maxConcurrent }) => maxConcurrent !== undefined), "max_concurrent"],
    [Object.values(aliases).some(({ strategy }) => strategy !== "sequential"), "strategy"],
    [failover.repair !== "first", "failover.repair"],
    [failover.replay !== "allow", "failover.replay"],
    [failover.onCancel !== "abort", "failover.on_cancel"],
    [plugins.length > 0, "plugins"],
  ];
  return found.filter(([asked]) => asked).map(([, name]) => name);
}
