import type { CompletionOperation } from "../../engine/operation.ts";
import { complete } from "../../engine/pipeline.ts";
import type { CallFacts } from "../../output/completion.ts";
import { routeOf } from "../../routing/route.ts";
import type { Call } from "../command.ts";
import type { Session } from "../session.ts";
import { presenterOf } from "./presenter-of.ts";
import type { Work } from "./work.ts";

const PLANS = ["estimate", "dry-run", "as"] as const;

/** Completes in this process, or tells what it would do. */
export async function completeHere(call: Call, session: Session, work: Work): Promise<number> {
  const operation: CompletionOperation = {
    ...work,
    id: session.newId(),
    tenant: session.tenant,
    dialect: "cli",
    via: "in-process",
    signal: call.io.signal,
  };
  await session.requireProviders(operation.route);
  if (PLANS.some((flag) => call.given.has(flag))) {
    const { printPlan } = await import("./plan.ts");
    return printPlan(call, session, operation);
  }
  if (call.given.has("confirm-above")) {
    const { confirmCost } = await import("./confirm.ts");
    await confirmCost(call, session, operation);
  }
  const facts = factsOf(session, operation);
  const present = await presenterOf(call, { facts: () => facts, alerts: () => [] });
  return present(complete(operation, session.engine));
}

function factsOf(session: Session, operation: CompletionOperation): CallFacts {
  const { strategy } = routeOf(operation.route, session.engine.generation.table);
  return {
    requested: { model: operation.route.model ?? "default", strategy },
    tenant: session.tenant,
    tags: operation.tags,
    configRevision: session.config.revision,
    via: operation.via,
  };
}
