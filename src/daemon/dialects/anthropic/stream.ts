import type { Thoughts } from "../../../core/completion.ts";
import type { JsonObject } from "../../../core/json.ts";
import type { CompletionResult, PipelineEvent } from "../../../engine/events.ts";
import type { AnswerFacts, StreamWriter } from "../dialect.ts";
import { riptideFacts } from "../riptide-facts.ts";
import { messageHead, stopOf, usageOf } from "./answer.ts";
import { errorBody } from "./errors.ts";

/**
 * Writes the vendor's events: a message is started, its blocks are started, grown and stopped one after another, and
 * its end says why and what was used.
 */
export function streamWriter({ id, requested }: Pick<AnswerFacts, "id" | "requested">): StreamWriter {
  const writing = newWriting(id, requested.model);
  return (event) => {
    switch (event.type) {
      case "delta":
        return writing.text(event.text);
      case "thoughts":
        return writing.thoughts(event);
      case "tool_call":
        return writing.tool(event);
      case "start":
        writing.model = event.plan[0]?.model ?? writing.model;
        return "";
      case "failover":
        writing.model = event.to.model;
        return "";
      case "end":
        return writing.end(event.completion);
      case "error":
        return sse("error", errorBody(event.error, event.id));
      default:
        // The thoughts of others' models cannot be told: they have no signature of the vendor's.
        return "";
    }
  };
}

/** One server-sent event; the type stands in its data too. */
const sse = (event: string, data: JsonObject): string => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** The event up to the text in it; {@link AFTER_TEXT} follows. What has to be quick is built once a block. */
const beforeText = (index: number, delta: string): string =>
  `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":${delta}`;
const AFTER_TEXT = "}}\n\n";

type ToolPiece = Extract<PipelineEvent, { type: "tool_call" }>;

interface Writing {
  /** The model that will have answered, as far as is known. */
  model: string;
  text(text: string): string;
  thoughts(thoughts: Thoughts): string;
  tool(piece: ToolPiece): string;
  end(completion: CompletionResult): string;
}

function newWriting(id: string, model: string): Writing {
  const blocks = newBlocks();
  let isStarted = false;
  const start = () => {
    if (isStarted) return "";
    isStarted = true;
    return sse("message_start", { type: "message_start", message: emptyMessage(id, writing.model) });
  };
  const writing: Writing = {
    model,
    text: (text) => (text === "" ? "" : start() + blocks.text(text)),
    thoughts: ({ block }) => start() + blocks.whole(block),
    tool: (piece) => start() + blocks.tool(piece),
    end(completion) {
      const usage = usageOf(completion.usage);
      const riptide = riptideFacts(completion);
      const data = { type: "message_delta", delta: stopOf(completion), usage, riptide };
      return (
        start() + blocks.stop() + sse("message_delta", data) + sse("message_stop", { type: "message_stop" })
      );
    },
  };
  return writing;
}

/** The block that grows: the tool call it is, and how its next piece begins. */
interface Open {
  readonly index: number;
  readonly call: number | undefined;
  readonly before: string;
}

function newBlocks() {
  let open: Open | undefined;
  let count = 0;
  /** Blocks by the index of their call. */
  const calls = new Map<number, number>();
  const stop = () => {
    if (!open) return "";
    const { index } = open;
    open = undefined;
    return sse("content_block_stop", { type: "content_block_stop", index });
  };
  const begin = (block: JsonObject, call: number | undefined) => {
    const stopped = stop();
    const index = count++;
    open = { index, call, before: beforeText(index, call === undefined ? TEXT_DELTA : JSON_DELTA) };
    return stopped + sse("content_block_start", { type: "content_block_start", index, content_block: block });
  };
  return {
    stop,
    text(text: string) {
      const head = open && open.call === undefined ? "" : begin({ type: "text", text: "" }, undefined);
      return head + (open?.before ?? "") + JSON.stringify(text) + AFTER_TEXT;
    },
    /** A block of thoughts from its start to its end: the vendor signs it as a whole. */
    whole({ thinking, signature, ...block }: JsonObject) {
      const index = count;
      const grow = (delta: JsonObject) =>
        sse("content_block_delta", { type: "content_block_delta", index, delta });
      if (signature === undefined) return begin(block, undefined) + stop();
      return (
        begin({ ...block, thinking: "", signature: "" }, undefined) +
        (thinking ? grow({ type: "thinking_delta", thinking }) : "") +
        grow({ type: "signature_delta", signature }) +
        stop()
      );
    },
    tool({ index: call, callId, name, argumentsDelta }: ToolPiece) {
      const head = calls.has(call) ? "" : begin(toolBlock(call, callId, name), call);
      const index = calls.get(call) ?? count - 1;
      calls.set(call, index);
      if (argumentsDelta === "") return head;
      // A piece of a call whose block was stopped still belongs to it: readers go by the index.
      const before = open?.call === call ? open.before : beforeText(index, JSON_DELTA);
      return head + before + JSON.stringify(argumentsDelta) + AFTER_TEXT;
    },
  };
}

const TEXT_DELTA = '{"type":"text_delta","text":';
const JSON_DELTA = '{"type":"input_json_delta","partial_json":';

const toolBlock = (call: number, callId: string | null, name: string | null): JsonObject => ({
  type: "tool_use",
  id: callId ?? `toolu_${call}`,
  name: name ?? "",
  input: {},
});

/** What it used is told at its end. */
const emptyMessage = (id: string, model: string): JsonObject => ({
  ...messageHead(id, model),
  content: [],
  ...{ stop_reason: null, stop_sequence: null, stop_details: null },
  usage: usageOf({ inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 }),
});
