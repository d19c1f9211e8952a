import { asRiptideError, RiptideError } from "../core/errors.ts";
import { type Entered, enter } from "./admission.ts";
import { newAnswer } from "./answer.ts";
import type { CompletionCandidate } from "./candidates.ts";
import { completionEntrance } from "./completion-entrance.ts";
import { completionPlan } from "./completion-plan.ts";
import type { CompletionRun } from "./completion-run.ts";
import type { Engine } from "./engine.ts";
import type { CompletionResult, PipelineEvent } from "./events.ts";
import { failover } from "./failover.ts";
import { growingText } from "./growing-text.ts";
import type { CompletionOperation } from "./operation.ts";
import { completionResult } from "./result.ts";
import { compileSchema, type Verdict } from "./schema.ts";

/**
 * The story of a completion. Every entry point reads these events; the last one is `end` or `error`, and nothing
 * is thrown.
 */
export async function* complete(
  operation: CompletionOperation,
  engine: Engine,
): AsyncGenerator<PipelineEvent> {
  const run: CompletionRun = {
    operation,
    engine,
    startedAt: engine.clock.now(),
    trail: { attempts: [], skipped: [] },
    answer: newAnswer(),
    delivered: growingText(),
    hasToolCall: false,
    firstTokenMs: null,
    settled: { fresh: false, alerts: [] },
    warnings: [],
  };
  try {
    const completion = yield* answered(run);
    yield { type: "usage", usage: completion.usage };
    yield { type: "end", completion };
  } catch (thrown) {
    const error = asRiptideError(thrown);
    const partialText = run.delivered.whole();
    const { alerts, warnings: unbooked = [] } = run.settled;
    const warnings = [...run.warnings, ...unbooked];
    yield { type: "error", id: operation.id, error, partialText, alerts, warnings, ...run.trail };
  }
}

async function* answered(run: CompletionRun): AsyncGenerator<PipelineEvent, CompletionResult> {
  const { operation, engine, trail } = run;
  const schema = operation.request.schema;
  const check = schema && (await compileSchema(schema.schema));
  // Where may it go, and may this tenant send it now?
  const entered = await enter(operation, engine, completionEntrance(operation, engine.generation), trail);
  run.startedAt = entered.startedAt;
  run.warnings = entered.warnings;
  const result = yield* settled(run, entered, walked(run, entered, check));
  const { alerts, warnings = [] } = run.settled;
  return { ...result, alerts, warnings: [...run.warnings, ...result.warnings, ...warnings] };
}

/** Walks the plan until one answers. */
async function* walked(
  run: CompletionRun,
  { candidates, limits, account }: Entered<CompletionCandidate>,
  check: ((text: string) => Verdict) | undefined,
): AsyncGenerator<PipelineEvent, Omit<CompletionResult, "alerts">> {
  const plan = candidates.map(({ provider, model }) => ({ provider, model }));
  yield { type: "start", id: run.operation.id, plan };
  const winner = yield* failover(completionPlan(run, candidates, { limits, check, account }), run.trail);
  return completionResult(run, winner, check);
}

/** Books the operation exactly once, however the work ends; a reader that leaves early gives up on it. */
async function* settled<T>(
  run: CompletionRun,
  { account }: Pick<Entered<CompletionCandidate>, "account">,
  work: AsyncGenerator<PipelineEvent, T>,
): AsyncGenerator<PipelineEvent, T> {
  const { clock } = run.engine;
  let error: RiptideError | undefined;
  let isOver = false;
  try {
    const result = yield* work;
    isOver = true;
    return result;
  } catch (thrown) {
    error = asRiptideError(thrown);
    isOver = true;
    throw error;
  } finally {
    if (!isOver) error = new RiptideError("cancelled", "nobody read on");
    const { firstTokenMs, trail } = run;
    run.settled = await account.settle(trail, { error, endedMs: clock.wall(), firstTokenMs });
  }
}
