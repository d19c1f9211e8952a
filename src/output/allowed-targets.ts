import { deniesTarget } from "../admission/access.ts";
import type { Config } from "../config/config.ts";
import { asRiptideError } from "../core/errors.ts";
import { tenantRules } from "../engine/tenant-rules.ts";

/** What a tenant may use of an alias, as the configuration has it today; as `provider/model`, in the order of the alias. */
export function allowedTargets(config: Config): (tenant: string, alias: string) => readonly string[] {
  const known = new Map<string, readonly string[]>();
  return (tenant, alias) => {
    const id = JSON.stringify([tenant, alias]);
    const targets = known.get(id) ?? targetsFor(config, tenant, alias);
    known.set(id, targets);
    return targets;
  };
}

function targetsFor(config: Config, tenant: string, alias: string): readonly string[] {
  const enabled = new Set(config.providers.filter((entry) => entry.enabled).map(({ id }) => id));
  const access = accessOf(config, tenant);
  const targets = Object.hasOwn(config.aliases, alias) ? (config.aliases[alias]?.targets ?? []) : [];
  if (!access) return [];
  return targets
    .filter(({ provider }) => enabled.has(provider))
    .filter((target) => deniesTarget(access, { ...target, alias }) === undefined)
    .map(({ provider, model }) => `${provider}/${model}`);
}

/** A tenant that is no longer admitted can use nothing. */
function accessOf(config: Config, tenant: string) {
  try {
    return tenantRules(config, tenant, {}).access;
  } catch (error) {
    if (asRiptideError(error).code !== "tenant_denied") throw error;
    return undefined;
  }
}
