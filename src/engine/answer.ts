import type { ModelFinish, ToolCall } from "../core/completion.ts";
import type { StreamEvent } from "../core/events.ts";
import type { Usage } from "../core/usage.ts";
import { type GrowingText, growingText } from "./growing-text.ts";

/** What one attempt has brought so far. */
export interface Answer {
  readonly text: GrowingText;
  readonly reasoning: GrowingText;
  readonly toolCalls: ToolCall[];
  finish: ModelFinish;
  /** It was ended before the model was done, because there was no more money for it. */
  endedBy?: "budget";
  /** Its end was seen. */
  isWhole?: boolean;
  unknownFinish?: string;
  refusal?: string;
  usage?: Usage;
  model?: string;
}

export const newAnswer = (): Answer => ({
  text: growingText(),
  reasoning: growingText(),
  toolCalls: [],
  finish: "stop",
});

/** Adds one event of the stream to the answer. */
export function absorb(answer: Answer, event: StreamEvent): void {
  if (event.type === "delta") answer.text.add(event.text);
  else if (event.type === "reasoning") answer.reasoning.add(event.text);
  else if (event.type === "tool_call") absorbToolCall(answer.toolCalls, event);
  else if (event.type === "usage") answer.usage = event.usage;
  else if (event.type === "model") answer.model = event.model;
  else if (event.type === "finish") {
    answer.finish = event.finish;
    if (event.unknownFinish) answer.unknownFinish = event.unknownFinish;
    if (event.refusal) answer.refusal = event.refusal;
  }
}

function absorbToolCall(calls: ToolCall[], event: Extract<StreamEvent, { type: "tool_call" }>): void {
  const known = calls[event.index] ?? { id: "", name: "", arguments: "" };
  calls[event.index] = {
    id: event.id ?? known.id,
    name: event.name ?? known.name,
    arguments: known.arguments + event.argumentsDelta,
  };
}
