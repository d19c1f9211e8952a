import type { ContentPart, ImagePart, Message, ToolCall } from "../../core/completion.ts";
import type { JsonObject } from "../../core/json.ts";
import { argumentsOf } from "../tool-arguments.ts";

interface Turn {
  readonly role: "user" | "assistant";
  readonly content: readonly JsonObject[];
}

/** All system messages, as the one text that the vendor takes beside the conversation. */
export function systemOf(messages: readonly Message[]): string {
  const texts = messages.flatMap((message) => (message.role === "system" ? [message.content] : []));
  return texts.filter(hasWords).join("\n\n");
}

/**
 * The conversation in alternating turns: neighbours of one role are merged, the results of a turn's tool calls
 * come first in the turn that follows, and what the vendor refuses (empty text, space at the end of a begun
 * answer) is left off.
 */
export function turnsOf(messages: readonly Message[]): readonly Turn[] {
  const turns: { role: Turn["role"]; content: JsonObject[] }[] = [];
  for (const message of messages) {
    if (message.role === "system") continue;
    const role = message.role === "assistant" ? "assistant" : "user";
    const content = blocksOf(message);
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...content);
    else if (content.length > 0) turns.push({ role, content });
  }
  const final = turns.at(-1);
  if (final?.role === "assistant") trimEnd(final.content);
  return turns.map(({ role, content }) => ({ role, content: resultsFirst(content) }));
}

function blocksOf(message: Exclude<Message, { role: "system" }>): JsonObject[] {
  if (message.role === "tool") return [resultBlock(message)];
  if (message.role === "assistant") {
    return [...textBlocks(message.content), ...(message.toolCalls ?? []).map(callBlock)];
  }
  return typeof message.content === "string"
    ? textBlocks(message.content)
    : message.content.flatMap(partBlocks);
}

const hasWords = (text: string) => text.trim() !== "";

const textBlocks = (text: string): JsonObject[] => (hasWords(text) ? [{ type: "text", text }] : []);

const partBlocks = (part: ContentPart): JsonObject[] =>
  part.type === "text" ? textBlocks(part.text) : [{ type: "image", source: imageSource(part) }];

const imageSource = (image: ImagePart): JsonObject =>
  "url" in image
    ? { type: "url", url: image.url }
    : { type: "base64", media_type: image.mime, data: image.base64 };

const callBlock = (call: ToolCall): JsonObject => ({
  type: "tool_use",
  id: safeId(call.id),
  name: call.name,
  input: argumentsOf(call),
});

const resultBlock = (message: Extract<Message, { role: "tool" }>): JsonObject => ({
  type: "tool_result",
  tool_use_id: safeId(message.toolCallId),
  ...(hasWords(message.content) && { content: message.content }),
  ...(message.isError && { is_error: true }),
});

/** Ids are letters, digits, `_` and `-`; another vendor's id keeps its identity when the rest is spelt out. */
const safeId = (id: string) =>
  id.replace(/[^A-Za-z0-9_-]/g, (letter) => `_${letter.charCodeAt(0).toString(16)}`) || "_";

const resultsFirst = (content: readonly JsonObject[]) => [
  ...content.filter(({ type }) => type === "tool_result"),
  ...content.filter(({ type }) => type !== "tool_result"),
];

function trimEnd(content: JsonObject[]): void {
  const last = content.at(-1);
  if (typeof last?.text !== "string") return;
  content[content.length - 1] = { ...last, text: last.text.trimEnd() };
}
