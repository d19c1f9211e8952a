import { asRiptideError } from "../core/errors.ts";
import { routeOf } from "../routing/route.ts";
import { newAnswer } from "./answer.ts";
import { fitCandidates, loadCandidates } from "./candidates.ts";
import { completionPlan } from "./completion-plan.ts";
import type { CompletionRun } from "./completion-run.ts";
import type { Engine } from "./engine.ts";
import type { CompletionResult, PipelineEvent } from "./events.ts";
import { failover } from "./failover.ts";
import { type CompletionOperation, limitsOf } from "./operation.ts";
import { completionResult } from "./result.ts";
import { compileSchema } from "./schema.ts";

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
    deliveredLength: 0,
    firstTokenMs: null,
  };
  try {
    const completion = yield* answered(run);
    yield { type: "usage", usage: completion.usage };
    yield { type: "end", completion };
  } catch (thrown) {
    const error = asRiptideError(thrown);
    const partialText = run.answer.text.whole().slice(0, run.deliveredLength);
    yield { type: "error", id: operation.id, error, partialText, ...run.trail };
  }
}

async function* answered(run: CompletionRun): AsyncGenerator<PipelineEvent, CompletionResult> {
  const { operation, engine } = run;
  const { generation } = engine;
  // Where may it go, and what can each target take?
  const route = routeOf(operation.route, generation.table);
  const limits = limitsOf(operation, generation.config, { alias: route.alias, kind: "completion" });
  const loaded = await loadCandidates(route.targets, generation);
  const schema = operation.request.schema;
  const fitted = fitCandidates(loaded.candidates, operation.request, {
    // What has to be valid as a whole is handed over as a whole.
    stream: operation.stream && !schema,
    strict: operation.strictParams,
  });
  run.trail.skipped.push(...loaded.skipped, ...fitted.skipped);
  const check = schema && (await compileSchema(schema.schema));
  // May this tenant send it now? The deadline begins here: what was read and loaded before is not the providers' time.
  run.startedAt = engine.clock.now();
  const admitted = await engine.stages.admit(operation);
  try {
    yield {
      type: "start",
      id: operation.id,
      plan: fitted.candidates.map(({ provider, model }) => ({ provider, model })),
    };
    // Walk the plan until one answers.
    const winner = yield* failover(
      completionPlan(run, fitted.candidates, { limits, check, admitted }),
      run.trail,
    );
    return completionResult(run, winner, check);
  } finally {
    await admitted.settle(run.trail);
  }
}
