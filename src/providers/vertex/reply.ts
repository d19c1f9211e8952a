import type { Completion, ToolCall } from "../../core/completion.ts";
import { RiptideError } from "../../core/errors.ts";
import type { WireReply } from "../../wire/http.ts";
import type { ProviderRequest } from "../adapter.ts";
import { wrongShape } from "../failure.ts";
import { isObject, listAt, parseJson, textAt, valueAt } from "../read.ts";
import { blockedPrompt, inBandError, reportsError } from "./errors.ts";
import { endingOf } from "./finish.ts";
import { usageOf } from "./usage.ts";

/** A whole answer. */
export function completionOf(reply: WireReply, request: ProviderRequest): Completion {
  const value = parseJson(reply.body);
  requireAnswer(value);
  const candidate = listAt(value, "candidates")[0];
  if (!isObject(candidate) || isEmpty(candidate)) throw noCandidate(value);
  const parts = partsOf(candidate, callIds(request));
  const toolCalls = parts.flatMap((part) => (part.type === "call" ? [part.call] : []));
  const usage = usageOf(value);
  const model = textAt(value, "modelVersion");
  return {
    text: joined(parts, "text"),
    reasoning: joined(parts, "thought"),
    toolCalls,
    ...endingOf(candidate, toolCalls.length > 0),
    ...(usage && { usage }),
    ...(model && { model }),
  };
}

/** @throws RiptideError for an error or a blocked prompt that came with status 200, or for anything but an object. */
export function requireAnswer(value: unknown): void {
  if (reportsError(value)) throw inBandError(value);
  if (!isObject(value)) throw wrongShape("the answer is not an object");
  const blocked = blockedPrompt(value);
  if (blocked) throw blocked;
}

const isEmpty = (candidate: unknown) =>
  textAt(candidate, "finishReason") === undefined && listAt(candidate, "content", "parts").length === 0;

/** Under load the vendor sends answers without any candidate; the next try may get one. */
function noCandidate(value: unknown): RiptideError {
  const isEmptyAnswer = ["candidates", "usageMetadata", "modelVersion", "responseId"].some(
    (key) => valueAt(value, key) !== undefined,
  );
  if (!isEmptyAnswer) return wrongShape("the answer has no candidates");
  return new RiptideError("provider_error", "answered without a candidate", {
    status: 200,
    action: "repair",
  });
}

/** One part of a candidate, in RipTide's words. */
type Part =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "thought"; readonly text: string }
  | { readonly type: "call"; readonly call: ToolCall };

/** The parts of a candidate; those of unknown kinds are left out. */
export function partsOf(candidate: unknown, nextId: () => string): readonly Part[] {
  const content = valueAt(candidate, "content") ?? {};
  const parts = valueAt(content, "parts") ?? [];
  if (!isObject(content) || !Array.isArray(parts))
    throw wrongShape("a candidate's content has no list of parts");
  return parts.flatMap((part): Part[] => {
    const called = valueAt(part, "functionCall");
    if (called !== undefined) return [{ type: "call", call: toolCall(called, nextId) }];
    const text = valueAt(part, "text");
    if (text === undefined || text === "") return [];
    if (typeof text !== "string") throw wrongShape("a part's text is not a string");
    return [{ type: valueAt(part, "thought") === true ? "thought" : "text", text }];
  });
}

function toolCall(called: unknown, nextId: () => string): ToolCall {
  const name = textAt(called, "name");
  const args = valueAt(called, "args") ?? {};
  if (!name || !isObject(args)) throw wrongShape("a function call has no name or no arguments");
  return { id: textAt(called, "id") || nextId(), name, arguments: JSON.stringify(args) };
}

const joined = (parts: readonly Part[], type: "text" | "thought") =>
  parts.map((part) => (part.type === type ? part.text : "")).join("");

/** Ids for calls that come without one, different from those of the calls already in the conversation. */
export function callIds({ messages }: ProviderRequest): () => string {
  let last = messages.reduce(
    (sum, message) => sum + (message.role === "assistant" ? (message.toolCalls?.length ?? 0) : 0),
    0,
  );
  return () => {
    last += 1;
    return `call_${last}`;
  };
}
