import type { Account } from "./account.ts";
import type { Candidate } from "./candidates.ts";
import type { Engine } from "./engine.ts";
import type { FailoverPlan } from "./failover-plan.ts";
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
  const { failover } = generation.config;
  const { deadlineMs, configuredDeadlineMs, maxAttempts } = limits;
  return {
    ...{ clock, random, signal, deadlineMs, configuredDeadlineMs, maxAttempts },
    deadlineAt: startedAt + deadlineMs,
    guard: probe ? openGuard : guard,
    firstKind: probe ? "probe" : "try",
    repair: failover.repair,
    mayReplay: failover.replay === "allow",
    prepare: async (candidate) => ((await account.afford(candidate)) ? null : { kind: "money" }),
  } satisfies Partial<FailoverPlan<Candidate, unknown>>;
}
