import type { ModelFinish, Thoughts, ToolCall } from "../core/completion.ts";
import type { StreamEvent } from "../core/events.ts";
import type { Usage } from "../core/usage.ts";
import { type GrowingText, growingText } from "./growing-text.ts";

/** What one attempt has brought so far. */
export interface Answer {
  readonly text: GrowingText;
  /** The text is added to by whoever hands it on. */
  readonly isDelivered: boolean;
  readonly reasoning: GrowingText;
  readonly thoughts: Thoughts[];
  /** So many of them the caller has been told. */
  thoughtsTold: number;
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

/** @param delivered The text the caller is given, where that is the answer's own: then it grows without {@link absorb}. */
export const newAnswer = (delivered?: GrowingText): Answer => ({
  text: delivered ?? growingText(),
  isDelivered: delivered !== undefined,
  reasoning: growingText(),
  thoughts: [],
  thoughtsTold: 0,
  toolCalls: [],
  finish: "stop",
});

/** Adds one event of the stream to the answer. */
export function absorb(answer: Answer, event: StreamEvent): void {
  if (event.type === "delta") absorbText(answer, event.text);
  else if (event.type === "reasoning") answer.reasoning.add(event.text);
  else if (event.type === "thoughts") answer.thoughts.push(event);
  else if (event.type === "tool_call") absorbToolCall(answer.toolCalls, event);
  else if (event.type === "usage") answer.usage = event.usage;
  else if (event.type === "model") answer.model = event.model;
  else if (event.type === "finish") {
    answer.finish = event.finish;
    if (event.unknownFinish) answer.unknownFinish = event.unknownFinish;
    if (event.refusal) answer.refusal = event.refusal;
  }
}

function absorbText({ text, isDelivered }: Answer, piece: string): void {
  if (!isDelivered) text.add(piece);
}

function absorbToolCall(calls: ToolCall[], event: Extract<StreamEvent, { type: "tool_call" }>): void {
  const known = calls[event.index] ?? { id: "", name: "", arguments: "" };
  calls[event.index] = {
    id: event.id ?? known.id,
    name: event.name ?? known.name,
    arguments: known.arguments + event.argumentsDelta,
  };
}
