import { unreachable } from "../../../core/errors.ts";
import type { Json, JsonObject } from "../../../core/json.ts";
import type { CompletionResult, PipelineEvent } from "../../../engine/events.ts";
import type { AnswerFacts, CompletionAsk, StreamWriter } from "../dialect.ts";
import { riptideFacts } from "../riptide-facts.ts";
import { createdAt, FINISHES, usageOf } from "./answer.ts";
import { openAiError } from "./errors.ts";

const DONE = "data: [DONE]\n\n";

/**
 * A stream of `chat.completion.chunk`. It begins with the first content, so that whatever fails before it is still
 * a status.
 */
export function chatStream(
  { includeUsage = false }: CompletionAsk & { readonly includeUsage?: boolean },
  facts: AnswerFacts,
): StreamWriter {
  const chunks = chunksOf(facts, includeUsage);
  let isBegun = false;
  const begin = () => {
    if (isBegun) return "";
    isBegun = true;
    return chunks.delta({ role: "assistant", content: "", refusal: null });
  };
  return (event) => {
    switch (event.type) {
      case "delta":
        return begin() + chunks.text(event.text);
      case "tool_call":
        return begin() + chunks.delta({ tool_calls: [toolCallDelta(event)] });
      case "start":
        chunks.answersAs(event.plan[0]?.model ?? "");
        return "";
      case "failover":
        chunks.answersAs(event.to.model);
        return "";
      case "end":
        return begin() + ending(event.completion);
      case "error":
        return sse(openAiError(event.error));
      case "attempt":
      case "reasoning":
      case "thoughts":
      case "usage":
        return "";
      default:
        return unreachable(event);
    }
  };

  function ending(result: CompletionResult): string {
    const refusal = result.refusal === undefined ? "" : chunks.delta({ refusal: result.refusal });
    const last = chunks.chunk([choice({}, FINISHES[result.finish])]);
    const usage = includeUsage ? chunks.chunk([], usageFacts(result)) : "";
    return refusal + last + usage + DONE;
  }
}

const sse = (value: Json) => `data: ${JSON.stringify(value)}\n\n`;

const choice = (delta: JsonObject, finish: string | null): JsonObject => ({
  index: 0,
  delta,
  logprobs: null,
  finish_reason: finish,
});

/** The chunks of one answer, whose heads are the same until another model carries it on. */
function chunksOf({ id, arrivedMs }: AnswerFacts, includeUsage: boolean) {
  // Where usage is asked for each chunk has the member, null but for the last one.
  const tail = includeUsage ? ',"usage":null}\n\n' : "}\n\n";
  let head = "";
  let beforeText = "";
  const answersAs = (model: string) => {
    const named = { id, object: "chat.completion.chunk", created: createdAt(arrivedMs), model };
    head = `data: ${JSON.stringify(named).slice(0, -1)},"choices":`;
    beforeText = `${head}[{"index":0,"delta":{"content":`;
  };
  answersAs("");
  const chunk = (choices: readonly Json[], more?: JsonObject) =>
    `${head}${JSON.stringify(choices)}${more ? `${members(more)}}\n\n` : tail}`;
  return {
    answersAs,
    chunk,
    delta: (delta: JsonObject) => chunk([choice(delta, null)]),
    /** A long answer is many thousand pieces: each takes the shortest way. */
    text: (text: string) =>
      `${beforeText}${JSON.stringify(text)}},"logprobs":null,"finish_reason":null}]${tail}`,
  };
}

const members = (more: JsonObject) =>
  Object.entries(more)
    .map(([name, value]) => `,${JSON.stringify(name)}:${JSON.stringify(value)}`)
    .join("");

/** Usage, and what a whole answer says in its headers. */
const usageFacts = (result: CompletionResult): JsonObject => ({
  usage: usageOf(result.usage),
  riptide: riptideFacts(result),
});

/** Id and name come with the first piece of a call alone. */
function toolCallDelta({
  index,
  callId,
  name,
  argumentsDelta,
}: Extract<PipelineEvent, { type: "tool_call" }>): JsonObject {
  return {
    index,
    ...(callId !== null && { id: callId, type: "function" }),
    function: { ...(name !== null && { name }), arguments: argumentsDelta },
  };
}
