import { asRiptideError } from "../core/errors.ts";
import type { OperationClass } from "../core/operation.ts";
import type { Engine } from "./engine.ts";
import type { LoadedProvider } from "./generation.ts";
import { type CircuitSight, openGuard } from "./guard.ts";

/** One breaker, for an operator. */
export interface CircuitReport extends CircuitSight {
  readonly provider: string;
  readonly operation: OperationClass;
  readonly windowMs: number;
  /** The identity of the provider entry; null where it cannot be used. */
  readonly endpoint: string | null;
}

/** The breakers of these providers as a request would find them now: one for each kind of operation they know. */
export async function circuitReports(
  providers: readonly string[],
  engine: Engine,
): Promise<readonly CircuitReport[]> {
  const reports = await Promise.all(providers.map((provider) => reportsOf(provider, engine)));
  return reports.flat();
}

async function reportsOf(provider: string, engine: Engine): Promise<readonly CircuitReport[]> {
  const entry = engine.generation.config.providers.find(({ id }) => id === provider);
  const windowMs = entry?.circuitBreaker.failureWindowMs ?? 0;
  const loaded = await usable(provider, engine);
  if (!loaded) {
    const candidate = { provider, model: "", loaded: undefined as never }; // It is not looked at.
    const sight = openGuard.sight(candidate, "completion");
    return [{ provider, operation: "completion", windowMs, endpoint: null, ...sight }];
  }
  const kinds: readonly OperationClass[] = loaded.adapter.embed
    ? ["completion", "embedding"]
    : ["completion"];
  const candidate = { provider, model: "", loaded };
  const reports: CircuitReport[] = [];
  for (const operation of kinds) {
    await engine.guard.refresh([candidate], operation);
    const sight = engine.guard.sight(candidate, operation);
    reports.push({ provider, operation, windowMs, endpoint: loaded.endpoint, ...sight });
  }
  return reports;
}

/** The provider, or nothing where its configuration is what is wrong. */
async function usable(provider: string, { generation }: Engine): Promise<LoadedProvider | undefined> {
  try {
    return await generation.provider(provider);
  } catch (thrown) {
    const error = asRiptideError(thrown);
    if (error.exit !== 3) throw error;
    return undefined;
  }
}
