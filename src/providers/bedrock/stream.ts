import type { StreamEvent } from "../../core/events.ts";
import type { Frame } from "../../wire/frame.ts";
import { wrongShape } from "../failure.ts";
import { countAt, isObject, parseJson, textAt, valueAt } from "../read.ts";
import { inBandError } from "./errors.ts";
import { calledTool, endingOf, usageOf } from "./reply.ts";

interface Call {
  readonly index: number;
  /** Something of its arguments was handed on. */
  begun: boolean;
}

/** Reads the messages of one ConverseStream. */
export function createDecoder(): (frame: Frame) => readonly StreamEvent[] {
  const calls = new Map<number, Call>();
  let stopped = false;
  return ({ kind, event, data }) => {
    if (kind !== "event") throw inBandError(event, data);
    // After the answer only its usage is of interest.
    if (stopped && event !== "metadata") return [];
    const payload = parseJson(data);
    if (!isObject(payload)) throw wrongShape("the payload of a stream's message is not an object");
    switch (event) {
      case "contentBlockStart":
        return started(payload, calls);
      case "contentBlockDelta":
        return continued(payload, calls);
      case "contentBlockStop":
        return ended(payload, calls);
      case "messageStop":
        stopped = true;
        return [{ type: "finish", ...endingOf(payload) }, { type: "terminal" }];
      case "metadata":
        return metadata(payload, stopped);
      default:
        return [];
    }
  };
}

function started(payload: unknown, calls: Map<number, Call>): readonly StreamEvent[] {
  const use = valueAt(payload, "start", "toolUse");
  if (use === undefined) return [];
  const index = calls.size;
  calls.set(blockIndex(payload), { index, begun: false });
  return [{ type: "tool_call", index, ...calledTool(use), argumentsDelta: "" }];
}

function continued(payload: unknown, calls: Map<number, Call>): readonly StreamEvent[] {
  const delta = valueAt(payload, "delta");
  const text = textAt(delta, "text");
  if (text) return [{ type: "delta", text }];
  const reasoning = textAt(delta, "reasoningContent", "text");
  if (reasoning) return [{ type: "reasoning", text: reasoning }];
  const argumentsDelta = textAt(delta, "toolUse", "input");
  if (!argumentsDelta) return [];
  const call = calls.get(blockIndex(payload));
  if (!call) throw wrongShape("arguments came for a tool call that was not begun");
  call.begun = true;
  return [{ type: "tool_call", index: call.index, argumentsDelta }];
}

/** A call without arguments says nothing of them; RipTide's words are JSON all the same. */
function ended(payload: unknown, calls: Map<number, Call>): readonly StreamEvent[] {
  const call = calls.get(blockIndex(payload));
  return call && !call.begun ? [{ type: "tool_call", index: call.index, argumentsDelta: "{}" }] : [];
}

/** Usage comes last, after the answer is whole. */
function metadata(payload: unknown, stopped: boolean): readonly StreamEvent[] {
  const usage = usageOf(valueAt(payload, "usage"));
  return [
    ...(usage ? [{ type: "usage", usage } as const] : []),
    ...(stopped ? [{ type: "done" } as const] : []),
  ];
}

function blockIndex(payload: unknown): number {
  const index = countAt(payload, "contentBlockIndex");
  if (index === undefined) throw wrongShape("a content block has no index");
  return index;
}
