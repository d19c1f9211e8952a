import type { Completion, ModelFinish, ToolCall } from "../../core/completion.ts";
import type { RiptideError } from "../../core/errors.ts";
import type { StreamEvent } from "../../core/events.ts";
import type { Usage } from "../../core/usage.ts";
import type { Frame } from "../../wire/frame.ts";
import type { WireReply } from "../../wire/http.ts";
import type { ProviderRequest, WireFailure } from "../adapter.ts";
import { failureOf, wrongShape } from "../failure.ts";
import { countAt, isObject, listAt, parseJson, shortText, textAt, tryJson, valueAt } from "../read.ts";
import { optionalCount, reportedUsage } from "../usage.ts";

/** Reads the answer to a request with `stream: false`. */
export function readCompletion(reply: WireReply, request: ProviderRequest): Completion {
  const body = checked(parseJson(reply.body));
  if (body.done !== true || !isObject(body.message))
    throw wrongShape("the answer has no message that is done");
  const toolCalls = callsOf(body, earlierCalls(request));
  const usage = usageOf(body);
  const model = textAt(body, "model");
  return {
    text: wordsAt(body, "content"),
    reasoning: wordsAt(body, "thinking"),
    toolCalls,
    ...finishOf(body, toolCalls.length > 0),
    ...(usage && { usage }),
    ...(model && { model }),
  };
}

/** Reads the lines of one stream. */
export function createDecoder(request: ProviderRequest): (frame: Frame) => readonly StreamEvent[] {
  const earlier = earlierCalls(request);
  let calls = 0;
  let modelTold = false;
  return ({ data }) => {
    const line = checked(parseJson(data));
    const events: StreamEvent[] = [];
    const model = textAt(line, "model");
    if (model && !modelTold) events.push({ type: "model", model });
    modelTold ||= Boolean(model);
    const [reasoning, text] = [wordsAt(line, "thinking"), wordsAt(line, "content")];
    if (reasoning) events.push({ type: "reasoning", text: reasoning });
    if (text) events.push({ type: "delta", text });
    for (const { id, name, arguments: argumentsDelta } of callsOf(line, earlier + calls)) {
      events.push({ type: "tool_call", index: calls, id, name, argumentsDelta });
      calls += 1;
    }
    return line.done === true ? [...events, ...ending(line, calls > 0)] : events;
  };
}

function ending(line: unknown, called: boolean): readonly StreamEvent[] {
  const usage = usageOf(line);
  return [
    { type: "finish", ...finishOf(line, called) },
    ...(usage ? [{ type: "usage", usage } as const] : []),
    { type: "done" },
  ];
}

/** The closed error code of a refused request. */
export function classify(failure: WireFailure): RiptideError {
  const body = tryJson(failure.body);
  const message = textAt(body, "error") ?? textAt(body, "error", "message") ?? shortText(failure.body);
  // A model without tools, thinking or pictures says so itself; another target may have them.
  const lacks = failure.status === 400 && /\bdoes not support\b/i.test(message);
  return failureOf(failure, { message, ...(lacks && { code: "unsupported" }) });
}

/** The object itself, unless it is an error that came with status 200. */
export function checked(value: unknown): { readonly [key: string]: unknown } {
  if (!isObject(value)) throw wrongShape("the answer is not a JSON object");
  if ((value.error ?? null) === null) return value;
  const message = textAt(value, "error") ?? textAt(value, "error", "message") ?? "";
  const busy = /\bserver busy\b|maximum pending requests/i.test(message);
  const failure: WireFailure = { status: 200, headers: {}, body: new Uint8Array(), wallMs: 0 };
  throw failureOf(failure, { message: message || "reported an error", ...(busy && { code: "overloaded" }) });
}

/** A text of the message; absent and null mean empty. */
function wordsAt(line: unknown, field: "content" | "thinking"): string {
  const words = valueAt(line, "message", field) ?? "";
  if (typeof words !== "string") throw wrongShape(`message.${field} is not text`);
  return words;
}

/** Tool calls arrive whole, with their arguments as an object and often without an id. */
function callsOf(line: unknown, before: number): readonly ToolCall[] {
  return listAt(line, "message", "tool_calls").map((call, index) => {
    const name = textAt(call, "function", "name");
    const given = valueAt(call, "function", "arguments") ?? {};
    if (!name || !isObject(given)) throw wrongShape("a tool call has no name or no arguments");
    return { id: textAt(call, "id") || `call_${before + index + 1}`, name, arguments: JSON.stringify(given) };
  });
}

/** Made-up ids go on counting, so that none is used twice in a conversation. */
const earlierCalls = ({ messages }: ProviderRequest) =>
  messages.flatMap((message) => (message.role === "assistant" ? (message.toolCalls ?? []) : [])).length;

function finishOf(
  line: unknown,
  called: boolean,
): { readonly finish: ModelFinish; readonly unknownFinish?: string } {
  const reason = textAt(line, "done_reason") ?? "stop";
  if (reason === "length") return { finish: "length" };
  const finish = called ? "tool_calls" : "stop";
  return reason === "stop" ? { finish } : { finish, unknownFinish: reason };
}

/**
 * A prompt that was wholly in the runner's cache has no count, and 0 would be no count of it either: the usage
 * then stays unknown. An answer without tokens has none because zeros are left out.
 */
function usageOf(line: unknown): Usage | undefined {
  const input = countAt(line, "prompt_eval_count") || undefined;
  return reportedUsage({ input, output: optionalCount(line, "eval_count") });
}
