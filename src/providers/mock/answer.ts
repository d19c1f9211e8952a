import type { Tool } from "../../core/completion.ts";
import type { Json } from "../../core/json.ts";
import { estimateTokens, type MockLine, type MockRequest, promptText } from "./dialect.ts";
import type { MockOptions } from "./options.ts";
import { sampleOf } from "./sample.ts";

/** What the mock says to one request: its lines in order, and the same as one. */
export interface MockAnswer {
  readonly head: MockLine;
  /** One line per token. */
  readonly tokens: readonly MockLine[];
  readonly last: MockLine;
  readonly whole: MockLine;
}

/**
 * A forced tool choice is answered by a call with sample arguments, a schema by a sample value unless the
 * reply is JSON itself, anything else by the reply.
 */
export function answerTo(request: MockRequest, reply: string, usage: MockOptions["usage"]): MockAnswer {
  const tool = forcedTool(request);
  return tool ? toolAnswer(request, tool, usage) : textAnswer(request, reply, usage);
}

function toolAnswer(request: MockRequest, tool: Tool, usage: MockOptions["usage"]): MockAnswer {
  const written = JSON.stringify(sampleOf(tool.parameters));
  const call = { id: `call_${earlierCalls(request) + 1}`, name: tool.name };
  const head = { model: request.model };
  const last = { finish: "tool_calls", usage: usage ?? estimated(request, written) } as const;
  return {
    head,
    tokens: [{ call }, ...wordsOf(written).map((word) => ({ arguments: word }))],
    last,
    whole: { ...head, call, arguments: written, ...last },
  };
}

function textAnswer(request: MockRequest, reply: string, usage: MockOptions["usage"]): MockAnswer {
  const all = wordsOf(
    continuation(request, request.schema ? jsonReply(request.schema.schema, reply) : reply),
  );
  const words = all.slice(0, request.maxTokens ?? all.length);
  const text = words.join("");
  const head = { model: request.model };
  const finish: MockLine["finish"] = words.length < all.length ? "length" : "stop";
  const last = { finish, usage: usage ?? estimated(request, text) };
  return { head, tokens: words.map((word) => ({ text: word })), last, whole: { ...head, text, ...last } };
}

/** A begun answer is continued where it stands; one that is not the beginning of the reply gets the reply. */
function continuation({ messages }: MockRequest, reply: string): string {
  const begun = messages.at(-1);
  return begun?.role === "assistant" && reply.startsWith(begun.content)
    ? reply.slice(begun.content.length)
    : reply;
}

function jsonReply(schema: Json, reply: string): string {
  try {
    JSON.parse(reply);
    return reply;
  } catch {
    return JSON.stringify(sampleOf(schema));
  }
}

function forcedTool({ tools = [], toolChoice }: MockRequest): Tool | undefined {
  if (toolChoice === "required") return tools[0];
  return typeof toolChoice === "object" ? tools.find(({ name }) => name === toolChoice.name) : undefined;
}

const earlierCalls = ({ messages }: MockRequest) =>
  messages.reduce(
    (sum, message) => sum + (message.role === "assistant" ? (message.toolCalls?.length ?? 0) : 0),
    0,
  );

function estimated(request: MockRequest, text: string) {
  const output = Math.min(estimateTokens(text), request.maxTokens ?? Number.POSITIVE_INFINITY);
  return { input: estimateTokens(promptText(request)), output };
}

/** A text in words, each with the space before it. */
const wordsOf = (text: string): readonly string[] => text.match(/\s*\S+|\s+$/g) ?? [];

/** Puts the last user message into a reply. */
export function fillIn(reply: string, { messages }: MockRequest): string {
  const last = messages.findLast(({ role }) => role === "user");
  return last ? reply.replaceAll("{{prompt}}", () => promptText({ messages: [last] })) : reply;
}
