import type { StreamEvent } from "../../core/events.ts";
import type { Frame } from "../../wire/frame.ts";
import { wrongShape } from "../failure.ts";
import { isObject, listAt, parseJson, textAt, tryJson, valueAt } from "../read.ts";
import { repeatedText } from "../repeated-text.ts";
import { throwInBand } from "./errors.ts";
import { endingOf } from "./finish.ts";
import { contentText, readUsage, reasoningText } from "./reply.ts";
import { type ToolCallReader, toolCallReader } from "./tool-calls.ts";

interface State {
  readonly calls: ToolCallReader;
  refusal: string;
  modelSeen: boolean;
  finished: boolean;
}

/** Reads one streamed answer: `data:` lines of chunks, a usage chunk without choices, `[DONE]`. */
export function chatDecoder(): (frame: Frame) => readonly StreamEvent[] {
  const state: State = { calls: toolCallReader(), refusal: "", modelSeen: false, finished: false };
  const repeated = repeatedText();
  const read = (frame: Frame): readonly StreamEvent[] => {
    const data = frame.data.trim();
    if (data === "[DONE]") return [{ type: "done" }];
    if (frame.kind !== "event") return unframed(data);
    if (data === "") return [];
    const { refusal } = state;
    const events = chunkEvents(parseJson(data), state);
    const [only, more] = events;
    const isText = only?.type === "delta" && !more && refusal === state.refusal;
    if (isText) repeated.learn(frame.data, "content", only.text);
    return events;
  };
  return (frame) => {
    const text = frame.kind === "event" && !state.finished ? repeated.read(frame.data) : undefined;
    return text ? [{ type: "delta", text }] : read(frame);
  };
}

/** Text between events: a gateway's bare error, or something that is no stream of events at all. */
function unframed(data: string): never {
  throwInBand(tryJson(data));
  throw wrongShape("the stream holds text that is no event");
}

function chunkEvents(chunk: unknown, state: State): readonly StreamEvent[] {
  if (!isObject(chunk)) throw wrongShape("a chunk of the stream is no JSON object");
  throwInBand(chunk);
  const events: StreamEvent[] = [];
  const model = textAt(chunk, "model");
  if (model && !state.modelSeen) {
    state.modelSeen = true;
    events.push({ type: "model", model });
  }
  // The list is empty in chunks of usage and of Azure's filter results; what follows the finish is not read.
  const choice = state.finished
    ? undefined
    : listAt(chunk, "choices").find((candidate) => (valueAt(candidate, "index") ?? 0) === 0);
  if (choice) addDelta(events, valueAt(choice, "delta"), state, textAt(chunk, "id") ?? "");
  const usage = isObject(chunk.usage) ? readUsage(chunk.usage) : undefined;
  if (usage) events.push({ type: "usage", usage });
  if (choice) events.push(...endEvents(choice, state));
  return events;
}

function addDelta(events: StreamEvent[], delta: unknown, state: State, completionId: string): void {
  const reasoning = reasoningText(delta);
  if (reasoning) events.push({ type: "reasoning", text: reasoning });
  const text = contentText(valueAt(delta, "content"));
  if (text) events.push({ type: "delta", text });
  state.refusal += textAt(delta, "refusal") ?? "";
  events.push(...state.calls.read(listAt(delta, "tool_calls"), completionId));
}

function endEvents(choice: unknown, state: State): readonly StreamEvent[] {
  if (!textAt(choice, "finish_reason")) return [];
  state.finished = true;
  return [{ type: "finish", ...endingOf(choice, state.refusal, state.calls.any()) }, { type: "terminal" }];
}
