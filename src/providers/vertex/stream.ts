import type { StreamEvent } from "../../core/events.ts";
import type { Frame } from "../../wire/frame.ts";
import type { ProviderRequest } from "../adapter.ts";
import { wrongShape } from "../failure.ts";
import { listAt, parseJson, textAt, tryJson } from "../read.ts";
import { inBandError } from "./errors.ts";
import { endingOf } from "./finish.ts";
import { callIds, partsOf, requireAnswer } from "./reply.ts";
import { usageOf } from "./usage.ts";

interface Progress {
  readonly nextId: () => string;
  calls: number;
  model: string | undefined;
  ended: boolean;
}

/**
 * Reads the chunks of one streamed answer. Its marker is a candidate with a finish reason; only usage is taken
 * after it. Counts before it are not final, so they are left out.
 */
export function generateDecoder(request: ProviderRequest): (frame: Frame) => readonly StreamEvent[] {
  const progress: Progress = { nextId: callIds(request), calls: 0, model: undefined, ended: false };
  return (frame) => {
    const value = chunkOf(frame);
    if (progress.ended) return usageEvents(value);
    const candidate = listAt(value, "candidates")[0];
    return [
      ...modelEvents(value, progress),
      ...partEvents(candidate, progress),
      ...endEvents(value, candidate, progress),
    ];
  };
}

/** In the middle of a stream the vendor may put an error that is no event but bare JSON. */
function chunkOf(frame: Frame): unknown {
  if (frame.kind !== "event") {
    const value = tryJson(frame.data);
    throw value === undefined ? wrongShape("the stream holds text that is no event") : inBandError(value);
  }
  const value = parseJson(frame.data);
  requireAnswer(value);
  return value;
}

function modelEvents(value: unknown, progress: Progress): readonly StreamEvent[] {
  const model = textAt(value, "modelVersion");
  if (!model || progress.model !== undefined) return [];
  progress.model = model;
  return [{ type: "model", model }];
}

function partEvents(candidate: unknown, progress: Progress): readonly StreamEvent[] {
  return partsOf(candidate, progress.nextId).map((part): StreamEvent => {
    if (part.type === "text") return { type: "delta", text: part.text };
    if (part.type === "thought") return { type: "reasoning", text: part.text };
    const { id, name, arguments: argumentsDelta } = part.call;
    const index = progress.calls;
    progress.calls += 1;
    return { type: "tool_call", index, id, name, argumentsDelta };
  });
}

function endEvents(value: unknown, candidate: unknown, progress: Progress): readonly StreamEvent[] {
  if (!textAt(candidate, "finishReason")) return [];
  const ending = endingOf(candidate, progress.calls > 0);
  progress.ended = true;
  return [...usageEvents(value), { type: "finish", ...ending }, { type: "terminal" }];
}

function usageEvents(value: unknown): readonly StreamEvent[] {
  const usage = usageOf(value);
  return usage ? [{ type: "usage", usage }] : [];
}
