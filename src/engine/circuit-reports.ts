import { asRiptideError } from "../core/errors.ts";
import type { OperationClass } from "../core/operation.ts";
import type { Candidate } from "./candidates.ts";
import type { Engine } from "./engine.ts";
import type { LoadedProvider } from "./generation.ts";
import { type CircuitSight, openGuard, type RefreshAsk } from "./guard.ts";

/** One breaker, for an operator. */
export interface CircuitReport extends CircuitSight {
  readonly provider: string;
  readonly operation: OperationClass;
  readonly windowMs: number;
  /** The identity of the provider entry; null where it cannot be used. */
  readonly endpoint: string | null;
}

const CLASSES: readonly OperationClass[] = ["completion", "embedding"];

/** The breakers of these providers as a request would find them now: one for each kind of operation they know. */
export async function circuitReports(
  providers: readonly string[],
  engine: Engine,
  ask?: RefreshAsk,
): Promise<readonly CircuitReport[]> {
  const loaded = await Promise.all(providers.map((provider) => usable(provider, engine)));
  const candidates = loaded.flatMap((each) => (each ? [candidateOf(each)] : []));
  for (const kind of CLASSES) {
    // All of them at once, so that the ledger is read once.
    const able = candidates.filter((candidate) => knows(candidate, kind));
    if (able.length > 0) await engine.guard.refresh(able, kind, ask);
  }
  return providers.flatMap((provider, index) => {
    const found = loaded[index];
    return found ? reportsOf(candidateOf(found), engine) : [unusedReport(provider, engine)];
  });
}

const candidateOf = (loaded: LoadedProvider): Candidate => ({ provider: loaded.entry.id, model: "", loaded });

const knows = ({ loaded }: Candidate, kind: OperationClass): boolean =>
  kind === "completion" || loaded.adapter.embed !== undefined;

function reportsOf(candidate: Candidate, { guard }: Engine): readonly CircuitReport[] {
  const { provider, loaded } = candidate;
  const windowMs = loaded.entry.circuitBreaker.failureWindowMs;
  return CLASSES.filter((operation) => knows(candidate, operation)).map((operation) => ({
    ...{ provider, operation, windowMs, endpoint: loaded.endpoint },
    ...guard.sight(candidate, operation),
  }));
}

/** Nothing was ever asked of a provider that cannot be used. */
function unusedReport(provider: string, { generation }: Engine): CircuitReport {
  const entry = generation.config.providers.find(({ id }) => id === provider);
  const windowMs = entry?.circuitBreaker.failureWindowMs ?? 0;
  const candidate = { provider, model: "", loaded: undefined as never }; // It is not looked at.
  const sight = openGuard.sight(candidate, "completion");
  const halfOpenMax = entry?.circuitBreaker.halfOpenMaxRequests ?? 0;
  return { provider, operation: "completion", windowMs, endpoint: null, ...sight, halfOpenMax };
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
