import type { CompletionRequest } from "../../src/core/completion.ts";
import { RiptideError } from "../../src/core/errors.ts";
import { seededRandom } from "../../src/core/random.ts";
import type { Engine } from "../../src/engine/engine.ts";
import type { CompletionResult, PipelineEvent } from "../../src/engine/events.ts";
import { openGuard } from "../../src/engine/guard.ts";
import type { CompletionOperation } from "../../src/engine/operation.ts";
import { complete } from "../../src/engine/pipeline.ts";
import { openStages, type Stages } from "../../src/engine/stages.ts";

type Ending = Extract<PipelineEvent, { type: "error" }>;

/** A completion that is being read as fast as it comes. */
export interface Asked {
  readonly events: readonly PipelineEvent[];
  readonly done: Promise<void>;
  /** What the caller was given. */
  readonly text: string;
  readonly result: CompletionResult | undefined;
  readonly failure: Ending | undefined;
  /** Provider, then code or outcome, of each attempt. */
  readonly tried: readonly string[];
  readonly signal: AbortSignal;
  cancel(): void;
}

export interface AskOptions extends Partial<Omit<CompletionOperation, "request" | "signal">> {
  readonly request?: Partial<CompletionRequest>;
  readonly stages?: Stages;
  /** Called with each event before the next one is asked for. */
  readonly onEvent?: (event: PipelineEvent, cancel: () => void) => unknown;
}

export type AskEngine = Pick<Engine, "clock" | "generation"> & Partial<Pick<Engine, "guard" | "random">>;

/** Starts a completion on a stage; streamed unless said otherwise. */
export function ask(
  { clock, generation, guard = openGuard, random = seededRandom(1) }: AskEngine,
  options: AskOptions = {},
): Asked {
  const { request, stages = openStages, onEvent = () => {}, ...rest } = options;
  const controller = new AbortController();
  const cancel = () => controller.abort(new RiptideError("cancelled", "the caller left"));
  const operation: CompletionOperation = {
    id: "rq_test",
    tenant: "default",
    dialect: "cli",
    via: "in-process",
    tags: {},
    route: {},
    stream: true,
    strictParams: false,
    showReasoning: false,
    ...rest,
    signal: controller.signal,
    request: { messages: [{ role: "user", content: "hi" }], ...request },
  };
  const events: PipelineEvent[] = [];
  const read = async () => {
    for await (const event of complete(operation, { clock, generation, stages, guard, random })) {
      events.push(event);
      await onEvent(event, cancel);
    }
  };
  const first = <T extends PipelineEvent["type"]>(type: T) =>
    events.find((event): event is Extract<PipelineEvent, { type: T }> => event.type === type);
  return {
    events,
    done: read(),
    signal: controller.signal,
    cancel,
    get text() {
      return events.map((event) => (event.type === "delta" ? event.text : "")).join("");
    },
    get result() {
      return first("end")?.completion;
    },
    get failure() {
      return first("error");
    },
    get tried() {
      const trail = first("end")?.completion ?? first("error");
      return (trail?.attempts ?? []).map(({ provider, code, outcome }) => `${provider} ${code ?? outcome}`);
    },
  };
}
