import { completionEntrance } from "../engine/completion-entrance.ts";
import type { Engine } from "../engine/engine.ts";
import { explain } from "../engine/explain.ts";
import type { CompletionOperation } from "../engine/operation.ts";
import { sliceMs } from "../resilience/deadline.ts";
import type { RouteFacts } from "./plan.ts";
import { worstOf } from "./worst.ts";

/**
 * The route of a request as it would be taken now; nothing is sent.
 * @throws RiptideError for a tenant or a target that does not exist.
 */
export async function routeFacts(operation: CompletionOperation, engine: Engine): Promise<RouteFacts> {
  const entrance = completionEntrance(operation, engine.generation);
  const { route, limits, candidates, skipped, offers, standings } = await explain(
    operation,
    engine,
    entrance,
  );
  return {
    requested: operation.route.model ?? "default",
    alias: route.alias,
    strategy: route.strategy,
    tenant: operation.tenant,
    deadlineMs: limits.deadlineMs,
    candidates,
    skipped,
    estimates: worstOf(candidates, offers),
    standings,
    slicesMs: slicesOf(candidates, limits),
  };
}

function slicesOf(
  candidates: RouteFacts["candidates"],
  { deadlineMs, maxAttempts }: { readonly deadlineMs: number; readonly maxAttempts: number },
): readonly number[] {
  let remainingMs = deadlineMs;
  return candidates.map(({ loaded }, index) => {
    const candidatesLeft = Math.max(0, Math.min(candidates.length, maxAttempts) - index);
    const attemptCapMs = loaded.entry.timeouts.attemptMs;
    const slice = candidatesLeft === 0 ? 0 : sliceMs({ remainingMs, candidatesLeft, attemptCapMs });
    remainingMs -= slice;
    return slice;
  });
}
