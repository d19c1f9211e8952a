import { busyError } from "../admission/decide.ts";
import type { Account } from "./account.ts";
import type { Candidate } from "./candidates.ts";
import type { Engine } from "./engine.ts";
import type { FailoverPlan, Obstacle } from "./failover-plan.ts";
import { openGuard } from "./guard.ts";
import type { Asked, OperationLimits } from "./operation.ts";

interface CommonFacts<C> {
  readonly limits: OperationLimits;
  readonly account: Account;
  readonly startedAt: number;
  /** What the candidate is sent as it is now, estimated. */
  inputTokensOf(candidate: C): number;
}

/** What the loop has to know whatever the kind of operation. */
export function commonPlan<C extends Candidate>(
  { signal, probe = false }: Asked,
  { clock, random, guard, generation }: Engine,
  { limits, account, startedAt, inputTokensOf }: CommonFacts<C>,
) {
  const { failover, providers } = generation.config;
  const hasCaps = providers.some(({ maxConcurrent }) => maxConcurrent !== undefined);
  const { deadlineMs, configuredDeadlineMs, maxAttempts } = limits;
  return {
    ...{ clock, random, signal, deadlineMs, configuredDeadlineMs, maxAttempts },
    deadlineAt: startedAt + deadlineMs,
    guard: probe ? openGuard : guard,
    firstKind: probe ? "probe" : "try",
    repair: failover.repair,
    mayReplay: failover.replay === "allow",
    async prepare(candidate: C, withinMs: number): Promise<Obstacle | null> {
      const inputTokens = inputTokensOf(candidate);
      if (!(await account.afford(candidate, { inputTokens, withinMs }))) return { kind: "money" };
      return hasCaps && !(await account.occupy(candidate, withinMs)) ? fullOf(candidate) : null;
    },
  } satisfies Partial<FailoverPlan<C, unknown>>;
}

function fullOf({ provider, loaded }: Candidate): Obstacle {
  const error = busyError(provider, loaded.entry.maxConcurrent ?? 0);
  return { kind: "busy", refusal: { reason: "busy", error } };
}
