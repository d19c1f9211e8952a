import { RiptideError } from "../../core/errors.ts";
import { type CompletionOperation, STREAM_RECOVERIES } from "../../engine/operation.ts";
import { complete } from "../../engine/pipeline.ts";
import type { CallFacts } from "../../output/completion.ts";
import { routeOf } from "../../routing/route.ts";
import type { Call, Run } from "../command.ts";
import { openSession, type Session } from "../session.ts";
import { idempotencyKeyOf, integerOf, maxCostOf, routeAsk, tagsOf, timeoutOf, wordOf } from "../values.ts";
import { readRequest } from "./ask.ts";
import type { Presenter } from "./presenter.ts";

const PLANS = ["estimate", "dry-run", "as"] as const;

/** `riptide complete`: asks, and prints the answer as it comes. */
export const run: Run = async (call) => {
  const session = await openSession(call);
  const operation = await operationOf(call, session);
  await session.requireProviders(operation.route);
  if (PLANS.some((flag) => call.given.has(flag))) {
    const { printPlan } = await import("./plan.ts");
    return printPlan(call, session, operation);
  }
  if (call.given.has("confirm-above")) {
    const { confirmCost } = await import("./confirm.ts");
    await confirmCost(call, session, operation);
  }
  const present = await presenterOf(call, factsOf(session, operation));
  return present(complete(operation, session.engine));
};

async function operationOf(call: Call, session: Session): Promise<CompletionOperation> {
  const { given, io } = call;
  const buffered = given.has("no-stream") || given.has("schema") || call.format === "json";
  const request = await readRequest(call, session.config.limits.maxStdinBytes);
  return {
    id: session.newId(),
    tenant: session.tenant,
    dialect: "cli",
    via: "in-process",
    tags: tagsOf(given),
    maxCostNano: maxCostOf(call),
    idempotencyKey: idempotencyKeyOf(given),
    route: routeAsk(given),
    timeoutMs: timeoutOf(call),
    streamRecovery: wordOf(given, "stream-recovery", STREAM_RECOVERIES),
    maxAttempts: integerOf(given, "max-attempts", { min: 1, max: 100 }),
    signal: io.signal,
    request,
    stream: !buffered,
    strictParams: given.has("strict-params"),
    showReasoning: given.has("show-reasoning") || call.format === "jsonl",
  };
}

function factsOf(session: Session, operation: CompletionOperation): CallFacts {
  const { strategy } = routeOf(operation.route, session.engine.generation.table);
  return {
    requested: { model: operation.route.model ?? "default", strategy },
    tenant: session.tenant,
    tags: operation.tags,
    configRevision: session.config.revision,
  };
}

async function presenterOf(call: Call, facts: CallFacts): Promise<Presenter> {
  if (call.format === "json") return (await import("./json.ts")).jsonPresenter(call, facts);
  if (call.format === "jsonl") return (await import("./jsonl.ts")).jsonlPresenter(call, facts);
  if (call.format !== "text") throw new RiptideError("usage", `complete cannot print ${call.format}`);
  return (await import("./text.ts")).textPresenter(call);
}
