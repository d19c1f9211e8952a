import type { ContentPart, ImageMime, Message, ToolCall } from "../../core/completion.ts";
import type { JsonObject } from "../../core/json.ts";
import type { ProviderRequest } from "../adapter.ts";
import { argumentsOf } from "../tool-arguments.ts";
import { geminiModel, LEVELS_SINCE } from "./models.ts";

/** The `contents` and `systemInstruction` of a request: what the model reads. */
export function promptOf({ messages, model }: Pick<ProviderRequest, "messages" | "model">): JsonObject {
  const system = messages.flatMap(({ role, content }) => (role === "system" ? textParts(content) : []));
  return {
    ...(system.length > 0 && { systemInstruction: { parts: system } }),
    contents: turnsOf(messages, model),
  };
}

/** Turns of `user` and `model`; neighbours of one role are merged, and results stand in the order of their calls. */
function turnsOf(messages: readonly Message[], model: string): JsonObject[] {
  const turns: { role: "user" | "model"; parts: JsonObject[] }[] = [];
  for (const message of inCallOrder(messages)) {
    if (message.role === "system") continue;
    const role = message.role === "assistant" ? "model" : "user";
    const parts = partsOf(message, model);
    const last = turns.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else if (parts.length > 0) turns.push({ role, parts });
  }
  return turns.map((turn) => ({ ...turn }));
}

/**
 * Results carry no ids here, so the vendor pairs them with the calls by name and order: they are put in the order
 * in which the calls were made.
 */
function inCallOrder(messages: readonly Message[]): readonly Message[] {
  const calls = messages.flatMap((message) =>
    message.role === "assistant" ? (message.toolCalls ?? []) : [],
  );
  const order = new Map(calls.map(({ id }, index) => [id, index]));
  const rank = (message: Message) => (message.role === "tool" ? (order.get(message.toolCallId) ?? 0) : 0);
  const sorted: Message[] = [];
  let run: Message[] = [];
  for (const message of messages) {
    if (message.role === "tool") {
      run.push(message);
      continue;
    }
    sorted.push(...run.sort((a, b) => rank(a) - rank(b)), message);
    run = [];
  }
  return [...sorted, ...run.sort((a, b) => rank(a) - rank(b))];
}

function partsOf(message: Exclude<Message, { role: "system" }>, model: string): JsonObject[] {
  if (message.role === "tool") return [resultPart(message)];
  if (message.role === "assistant") {
    return [...textParts(message.content), ...(message.toolCalls ?? []).map(callPart(model))];
  }
  return typeof message.content === "string"
    ? textParts(message.content)
    : message.content.flatMap(contentParts);
}

const textParts = (text: string | readonly ContentPart[]): JsonObject[] =>
  typeof text === "string" && text !== "" ? [{ text }] : [];

function contentParts(part: ContentPart): JsonObject[] {
  if (part.type === "text") return textParts(part.text);
  if ("url" in part) return [{ fileData: { mimeType: mimeOf(part.url), fileUri: part.url } }];
  return [{ inlineData: { mimeType: part.mime, data: part.base64 } }];
}

const MIME_BY_ENDING: Readonly<Record<string, ImageMime>> = {
  png: "image/png",
  webp: "image/webp",
  gif: "image/gif",
};

/** The vendor wants a type with an address; most pictures whose address does not say are photographs. */
function mimeOf(url: string): ImageMime {
  const ending = /\.([a-z]{3,4})(?:[?#]|$)/i.exec(url)?.[1]?.toLowerCase() ?? "";
  return MIME_BY_ENDING[ending] ?? "image/jpeg";
}

/**
 * Gemini 3 and later refuse a turn whose first call lacks the signature they gave it. Calls are kept without it,
 * so the value stands there that the vendor documents for calls made elsewhere.
 */
const FOREIGN_SIGNATURE = "skip_thought_signature_validator";

const callPart =
  (model: string) =>
  (call: ToolCall, index: number): JsonObject => ({
    functionCall: { name: call.name, args: argumentsOf(call) },
    ...(index === 0 && geminiModel(model).version >= LEVELS_SINCE && { thoughtSignature: FOREIGN_SIGNATURE }),
  });

const resultPart = ({ name, content, isError }: Extract<Message, { role: "tool" }>): JsonObject => ({
  functionResponse: { name, response: isError ? { error: content } : { result: content } },
});
