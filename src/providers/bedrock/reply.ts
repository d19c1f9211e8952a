import type { Completion, ModelFinish, ToolCall } from "../../core/completion.ts";
import type { Usage } from "../../core/usage.ts";
import type { WireReply } from "../../wire/http.ts";
import { failureOf, wrongShape } from "../failure.ts";
import { countAt, isObject, listAt, parseJson, textAt, valueAt } from "../read.ts";
import { optionalCount, reportedUsage } from "../usage.ts";

/** Reads a Converse answer. */
export function readCompletion(reply: WireReply): Completion {
  const body = parseJson(reply.body);
  const content = valueAt(body, "output", "message", "content");
  if (!Array.isArray(content)) throw wrongShape("the answer has no output.message.content");
  const usage = usageOf(valueAt(body, "usage"));
  const joined = (...path: readonly string[]) =>
    content.map((block) => textAt(block, ...path) ?? "").join("");
  return {
    text: joined("text"),
    reasoning: joined("reasoningContent", "reasoningText", "text"),
    toolCalls: content.flatMap(callsOf),
    ...endingOf(body),
    ...(usage && { usage }),
  };
}

function callsOf(block: unknown): readonly ToolCall[] {
  const call = valueAt(block, "toolUse");
  if (call === undefined) return [];
  const { id, name } = calledTool(call);
  return [{ id, name, arguments: JSON.stringify(valueAt(call, "input") ?? {}) }];
}

/** Id and name of a `toolUse`. */
export function calledTool(call: unknown): { readonly id: string; readonly name: string } {
  const [id, name] = [textAt(call, "toolUseId"), textAt(call, "name")];
  if (!id || !name) throw wrongShape("a tool call has no id or no name");
  return { id, name };
}

const FINISH = new Map<string, ModelFinish>(
  Object.entries({
    end_turn: "stop",
    stop_sequence: "stop",
    max_tokens: "length",
    model_context_window_exceeded: "length",
    tool_use: "tool_calls",
    guardrail_intervened: "content_filter",
    content_filtered: "content_filter",
    refusal: "content_filter",
  } as const),
);

/**
 * How an answer ended, from what holds `stopReason`.
 * @throws RiptideError `provider_error` when the service says that the model's output is no answer.
 */
export function endingOf(value: unknown): Pick<Completion, "finish" | "unknownFinish"> {
  const reason = textAt(value, "stopReason") ?? "";
  if (/^malformed_/.test(reason)) {
    const failure = { status: 200, headers: {}, body: new Uint8Array(), wallMs: 0 };
    throw failureOf(failure, { message: `the model stopped with ${reason}` });
  }
  const finish = FINISH.get(reason);
  return finish ? { finish } : { finish: "stop", ...(reason && { unknownFinish: reason }) };
}

/** The service's `inputTokens` are only those of the prompt that touched no cache. */
export function usageOf(usage: unknown): Usage | undefined {
  const fresh = countAt(usage, "inputTokens");
  const cacheRead = optionalCount(usage, "cacheReadInputTokens");
  const cacheWrite = optionalCount(usage, "cacheWriteInputTokens");
  if (fresh === undefined || cacheRead === undefined || cacheWrite === undefined) return undefined;
  const input = fresh + cacheRead + cacheWrite;
  return reportedUsage({ input, output: countAt(usage, "outputTokens"), cacheRead, cacheWrite });
}

/** Reads a CountTokens answer. */
export function readCount(reply: WireReply): number {
  const count = countAt(parseJson(reply.body), "inputTokens");
  if (count === undefined) throw wrongShape("the answer has no inputTokens");
  return count;
}

/** Reads a list of foundation models. */
export function readModels(reply: WireReply) {
  const body = parseJson(reply.body);
  if (!isObject(body) || !Array.isArray(body.modelSummaries)) {
    throw wrongShape("the answer has no modelSummaries");
  }
  return {
    models: listAt(body, "modelSummaries").map((entry) => {
      const model = textAt(entry, "modelId");
      if (!model) throw wrongShape("a model has no modelId");
      return { model };
    }),
  };
}
