import { busyError } from "../admission/decide.ts";
import type { Account } from "./account.ts";
import type { Candidate } from "./candidates.ts";
import type { Engine } from "./engine.ts";
import type { FailoverPlan, Obstacle } from "./failover-plan.ts";
import { openGuard } from "./guard.ts";
import type { Asked, OperationLimits } from "./operation.ts";

/** What the loop has to know whatever the kind of operation. */
export function commonPlan(
  { signal, probe = false }: Asked,
  { clock, random, guard, generation }: Engine,
  {
    limits,
    account,
    startedAt,
  }: { readonly limits: OperationLimits; readonly account: Account; readonly startedAt: number },
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
    async prepare(candidate, withinMs) {
      if (!(await account.afford(candidate, withinMs))) return { kind: "money" };
      return hasCaps && !(await account.occupy(candidate, withinMs)) ? fullOf(candidate) : null;
    },
  } satisfies Partial<FailoverPlan<Candidate, unknown>>;
}

function fullOf({ provider, loaded }: Candidate): Obstacle {
  const error = busyError(provider, loaded.entry.maxConcurrent ?? 0);
  return { kind: "busy", refusal: { reason: "busy", error } };
}
