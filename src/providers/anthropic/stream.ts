import type { RiptideError } from "../../core/errors.ts";
import type { StreamEvent } from "../../core/events.ts";
import type { Frame } from "../../wire/frame.ts";
import { wrongShape } from "../failure.ts";
import { countAt, isObject, parseJson, textAt, tryJson, valueAt } from "../read.ts";
import { repeatedText } from "../repeated-text.ts";
import { inBandError, reportsError } from "./errors.ts";
import { endingOf } from "./finish.ts";
import { requiredText, requiredWord, thoughtsOf } from "./reply.ts";
import { usageOf } from "./usage.ts";

type Events = readonly StreamEvent[];

/** What one stream has said so far. */
interface Progress {
  /** Counts come in two events; a later one that is not null replaces an earlier one. */
  usage: { readonly [name: string]: unknown };
  /** Tool calls by the index of their content block. */
  readonly calls: Map<number, { readonly index: number; hasArguments: boolean }>;
  /** Blocks of thoughts that grow, by their index. */
  readonly thoughts: Map<number, { readonly type: "thinking"; thinking: string; signature: string }>;
  ending: ReturnType<typeof endingOf>;
  ended: boolean;
}

/** Reads the events of one streamed answer. Hosts whose errors look different bring their own reader. */
export function messagesDecoder(
  readError: (value: unknown) => RiptideError = inBandError,
): (frame: Frame) => Events {
  const progress: Progress = {
    ...{ usage: {}, calls: new Map(), thoughts: new Map() },
    ...{ ending: { finish: "stop" }, ended: false },
  };
  const repeated = repeatedText();
  const read = (frame: Frame): Events => {
    if (frame.kind !== "event") throw unframedError(frame, readError);
    if (!isKnown(frame.event)) return [];
    const events = readFrame(frame, progress, readError);
    const [only] = events;
    if (frame.event === TEXT_EVENT && only?.type === "delta") repeated.learn(frame.data, "text", only.text);
    return events;
  };
  return (frame) => {
    if (progress.ended) return [];
    const isText = frame.kind === "event" && frame.event === TEXT_EVENT;
    const text = isText ? repeated.read(frame.data) : undefined;
    return text ? [{ type: "delta", text }] : read(frame);
  };
}

const TEXT_EVENT = "content_block_delta";

/** A frame without a name is known by the type inside it. */
const isKnown = (name: string) => name === "" || name === "error" || Object.hasOwn(READERS, name);

function readFrame(frame: Frame, progress: Progress, readError: (value: unknown) => RiptideError): Events {
  const value = parseJson(frame.data);
  if (!isObject(value)) throw wrongShape("a stream event is not an object");
  if (frame.event === "error" || reportsError(value)) throw readError(value);
  const type = textAt(value, "type") ?? frame.event;
  return Object.hasOwn(READERS, type) ? (READERS[type]?.(value, progress) ?? []) : [];
}

function unframedError(frame: Frame, readError: (value: unknown) => RiptideError): RiptideError {
  const value = tryJson(frame.data);
  return value === undefined ? wrongShape("the stream holds text that is no event") : readError(value);
}

const READERS: Readonly<Record<string, (value: unknown, progress: Progress) => Events>> = {
  message_start(value, progress) {
    takeUsage(valueAt(value, "message", "usage"), progress);
    // Nothing is written yet: what stands here as output is no count of the answer.
    progress.usage = { ...progress.usage, output_tokens: undefined };
    const model = textAt(value, "message", "model");
    return model ? [{ type: "model", model }] : [];
  },
  content_block_start(value, progress) {
    return openBlock(valueAt(value, "content_block"), blockIndex(value), progress);
  },
  content_block_delta(value, progress) {
    return readDelta(valueAt(value, "delta"), blockIndex(value), progress);
  },
  content_block_stop(value, progress) {
    const at = blockIndex(value);
    const thoughts = thoughtsOf(progress.thoughts.get(at));
    if (thoughts) return [{ type: "thoughts", ...thoughts }];
    const call = progress.calls.get(at);
    // A tool without arguments sends no piece of them.
    return !call || call.hasArguments ? [] : [{ type: "tool_call", index: call.index, argumentsDelta: "{}" }];
  },
  message_delta(value, progress) {
    takeUsage(valueAt(value, "usage"), progress);
    if (textAt(value, "delta", "stop_reason")) progress.ending = endingOf(valueAt(value, "delta"));
    const usage = usageOf(progress.usage);
    return usage ? [{ type: "usage", usage }] : [];
  },
  message_stop(_value, progress) {
    progress.ended = true;
    return [{ type: "finish", ...progress.ending }, { type: "done" }];
  },
};

function takeUsage(usage: unknown, progress: Progress): void {
  if (!isObject(usage)) return;
  const given = Object.entries(usage).filter(([, count]) => count !== null);
  progress.usage = { ...progress.usage, ...Object.fromEntries(given) };
}

function blockIndex(value: unknown): number {
  const index = countAt(value, "index");
  if (index === undefined) throw wrongShape("a stream event names no content block");
  return index;
}

function openBlock(block: unknown, at: number, progress: Progress): Events {
  const type = textAt(block, "type");
  if (type === "text") return deltaOf("delta", textAt(block, "text") ?? "");
  if (type === "thinking") return openThoughts(block, at, progress);
  if (type === "redacted_thinking") {
    const thoughts = thoughtsOf(block);
    return thoughts ? [{ type: "thoughts", ...thoughts }] : [];
  }
  if (type !== "tool_use") return [];
  const index = progress.calls.size;
  const input = valueAt(block, "input");
  const hasArguments = isObject(input) && Object.keys(input).length > 0;
  progress.calls.set(at, { index, hasArguments });
  const argumentsDelta = hasArguments ? JSON.stringify(input) : "";
  const id = requiredWord(block, "id");
  return [{ type: "tool_call", index, id, name: requiredWord(block, "name"), argumentsDelta }];
}

function readDelta(delta: unknown, at: number, progress: Progress): Events {
  switch (textAt(delta, "type")) {
    case "text_delta":
      return deltaOf("delta", requiredText(delta, "text"));
    case "thinking_delta":
      return grownThoughts(requiredText(delta, "thinking"), at, progress);
    case "signature_delta":
      return signed(requiredText(delta, "signature"), at, progress);
    case "input_json_delta":
      return argumentsDelta(requiredText(delta, "partial_json"), progress.calls.get(at));
    default:
      return [];
  }
}

function openThoughts(block: unknown, at: number, progress: Progress): Events {
  const thinking = textAt(block, "thinking") ?? "";
  progress.thoughts.set(at, { type: "thinking", thinking, signature: textAt(block, "signature") ?? "" });
  return deltaOf("reasoning", thinking);
}

function grownThoughts(piece: string, at: number, { thoughts }: Progress): Events {
  const open = thoughts.get(at);
  if (open) open.thinking += piece;
  return deltaOf("reasoning", piece);
}

function signed(piece: string, at: number, { thoughts }: Progress): Events {
  const open = thoughts.get(at);
  if (open) open.signature += piece;
  return [];
}

const deltaOf = (type: "delta" | "reasoning", text: string): Events => (text ? [{ type, text }] : []);

/** Server tools send arguments too, but theirs is no call of the caller's tools. */
function argumentsDelta(
  piece: string,
  call: { readonly index: number; hasArguments: boolean } | undefined,
): Events {
  if (!call || !piece) return [];
  call.hasArguments = true;
  return [{ type: "tool_call", index: call.index, argumentsDelta: piece }];
}
