import type { ProviderEntry } from "../config/config.ts";
import { asRiptideError, type RiptideError } from "../core/errors.ts";
import { circuitReports } from "./circuit-reports.ts";
import type { Engine } from "./engine.ts";
import { declaredModels, type Generation } from "./generation.ts";
import { pastHealth } from "./health-past.ts";

/**
 * What can be said of a provider without contacting it.
 * @param remembers There is a ledger that may know how it stands.
 */
export async function describeProvider(entry: ProviderEntry, engine: Engine, remembers: boolean) {
  const { generation } = engine;
  const problem = entry.enabled ? await problemOf(entry.id, generation) : undefined;
  const secret = secretOf(entry);
  const loaded = problem ? undefined : await generation.provider(entry.id);
  const isKnown = remembers && loaded !== undefined && entry.enabled;
  const [circuit] = isKnown ? await circuitReports([entry.id], engine) : [];
  return {
    name: entry.id,
    type: entry.type,
    enabled: entry.enabled,
    status: statusOf(entry, problem) ?? (isKnown ? await pastHealth(loaded, engine) : "unknown"),
    circuit: circuit?.state ?? (loaded && entry.enabled ? "closed" : null),
    baseUrl: loaded?.baseUrl ?? null,
    secret: secret && { source: secret, resolved: problem === undefined },
    models: modelsOf(entry, generation),
    problem: problem?.message ?? null,
  };
}

/** What the configuration alone says of it. */
const statusOf = ({ enabled }: ProviderEntry, problem: RiptideError | undefined) =>
  enabled ? (problem ? "misconfigured" : undefined) : "disabled";

async function problemOf(id: string, generation: Generation): Promise<RiptideError | undefined> {
  try {
    await generation.provider(id);
    return undefined;
  } catch (thrown) {
    return asRiptideError(thrown);
  }
}

function modelsOf(entry: ProviderEntry, { config }: Generation): readonly string[] {
  const targets = Object.values(config.aliases).flatMap((alias) => alias.targets);
  const named = targets.filter(({ provider }) => provider === entry.id).map(({ model }) => model);
  return [...new Set([...declaredModels(entry), ...named])];
}

/** Where the first secret of an entry comes from, in words that give nothing away. */
function secretOf(entry: ProviderEntry): string | null {
  for (const value of Object.values(entry.options)) {
    const source = sourceText(value);
    if (source) return source;
  }
  return null;
}

function sourceText(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || !("kind" in value) || value.kind !== "secret")
    return undefined;
  if ("name" in value) return `env ${String(value.name)}`;
  if ("path" in value) return `file ${String(value.path)}`;
  if ("command" in value) return "command";
  const variable = /\$\{([A-Za-z_]\w*)/.exec("text" in value ? String(value.text) : "")?.[1];
  return variable ? `env ${variable}` : "text";
}
