import { asRiptideError, type RiptideError } from "../core/errors.ts";
import { type Entered, enter } from "./admission.ts";
import { newAnswer } from "./answer.ts";
import { bookedInTime } from "./booked.ts";
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
import { compileSchema } from "./schema.ts";
import { asked, listening, nobodyReadOn, type Tell } from "./tell.ts";

/** The events of {@link tellCompletion}, one by one; a caller that has given up gets nothing more of a batch. */
export async function* complete(
  operation: CompletionOperation,
  engine: Engine,
): AsyncGenerator<PipelineEvent> {
  let keptBack = 0;
  const work = (tell: Tell<PipelineEvent>) => tellCompletion(operation, engine, tell);
  for await (const events of asked(work, operation.signal)) {
    for (const event of events) {
      if (operation.signal.aborted && CONTENT.has(event.type)) keptBack += lengthOf(event);
      else yield without(event, keptBack);
    }
  }
}

const CONTENT: ReadonlySet<PipelineEvent["type"]> = new Set(["delta", "reasoning", "tool_call"]);

const lengthOf = (event: PipelineEvent): number => (event.type === "delta" ? event.text.length : 0);

/** What was kept back is no part of what the caller was given. */
const without = (event: PipelineEvent, keptBack: number): PipelineEvent =>
  event.type === "error" && keptBack > 0
    ? { ...event, partialText: event.partialText.slice(0, -keptBack) }
    : event;

/**
 * The story of a completion. Every entry point reads these events, together those that came together; the last one is
 * `end` or `error`. A reader that throws gives up on it.
 * @throws only what the reader has thrown
 */
export async function tellCompletion(
  operation: CompletionOperation,
  engine: Engine,
  reader: Tell<PipelineEvent>,
): Promise<void> {
  const run = newRun(operation, engine);
  const { tell, gone } = listening(reader);
  let entered: Entered<CompletionCandidate> | undefined;
  let result: Omit<CompletionResult, "alerts"> | undefined;
  let error: RiptideError | undefined;
  try {
    const { schema } = operation.request;
    const check = schema && (await compileSchema(schema.schema));
    // Where may it go, and may this tenant send it now?
    const entrance = completionEntrance(operation, engine.generation);
    entered = await enter(operation, engine, entrance, run.trail);
    const { candidates, limits, account } = entered;
    run.startedAt = entered.startedAt;
    run.warnings = entered.warnings;
    const plan = candidates.map(({ provider, model }) => ({ provider, model }));
    await tell([{ type: "start", id: operation.id, plan }]);
    // Walk the plan until one answers.
    const walk = completionPlan(run, candidates, { limits, check, account });
    result = completionResult(run, await failover(walk, run.trail, tell), check);
  } catch (thrown) {
    error = asRiptideError(thrown);
  }
  // Booked exactly once, however the work has ended.
  if (entered) await settle(run, entered, error);
  const left = gone();
  if (left) throw left.error;
  await reader(result ? ended(run, result) : [failed(run, error ?? nobodyReadOn())]);
}

function ended(run: CompletionRun, result: Omit<CompletionResult, "alerts">): readonly PipelineEvent[] {
  const { alerts, warnings = [] } = run.settled;
  const completion = { ...result, alerts, warnings: [...run.warnings, ...result.warnings, ...warnings] };
  return [
    { type: "usage", usage: completion.usage },
    { type: "end", completion },
  ];
}

const newRun = (operation: CompletionOperation, engine: Engine): CompletionRun => ({
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
});

async function settle(
  run: CompletionRun,
  { account, limits, startedAt }: Entered<CompletionCandidate>,
  error: RiptideError | undefined,
): Promise<void> {
  const { firstTokenMs, trail } = run;
  const { clock } = run.engine;
  const booking = account.settle(trail, { error, endedMs: clock.wall(), firstTokenMs });
  run.settled = await bookedInTime(booking, startedAt + limits.deadlineMs - clock.now(), clock);
}

function failed(run: CompletionRun, error: RiptideError): PipelineEvent {
  const { alerts, warnings: unbooked = [] } = run.settled;
  const warnings = [...run.warnings, ...unbooked];
  const partialText = run.delivered.whole();
  return { type: "error", id: run.operation.id, error, partialText, alerts, warnings, ...run.trail };
}
