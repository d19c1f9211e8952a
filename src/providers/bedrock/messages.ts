import type { ContentPart, Message, ToolCall } from "../../core/completion.ts";
import type { JsonObject } from "../../core/json.ts";
import { argumentsOf } from "../tool-arguments.ts";
import { takesResultStatus } from "./facts.ts";

interface Turn {
  readonly role: "user" | "assistant";
  readonly content: readonly JsonObject[];
}
type Spoken = Exclude<Message, { role: "system" }>;

/** System messages, which stand beside the conversation. */
export const systemOf = (messages: readonly Message[]): readonly JsonObject[] =>
  messages.flatMap((message) => (message.role === "system" ? textBlocks(message.content) : []));

/**
 * The conversation in alternating turns: neighbours of one role are merged, tool results belong to the user.
 * Blank text, which the service refuses, and the space after a begun answer are left off.
 */
export function turnsOf(messages: readonly Message[], model: string): readonly Turn[] {
  const spoken = messages.filter((message): message is Spoken => message.role !== "system");
  const turns: { role: Turn["role"]; content: JsonObject[] }[] = [];
  for (const message of trimmedAtEnd(spoken)) {
    const role = message.role === "assistant" ? "assistant" : "user";
    const content = blocksOf(message, model);
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...content);
    else if (content.length > 0) turns.push({ role, content: [...content] });
  }
  return turns;
}

function trimmedAtEnd(messages: readonly Spoken[]): readonly Spoken[] {
  const last = messages.at(-1);
  if (last?.role !== "assistant") return messages;
  return [...messages.slice(0, -1), { ...last, content: last.content.trimEnd() }];
}

function blocksOf(message: Spoken, model: string): readonly JsonObject[] {
  switch (message.role) {
    case "tool":
      return [resultBlock(message, model)];
    case "assistant":
      return [...textBlocks(message.content), ...(message.toolCalls ?? []).map(callBlock)];
    case "user":
      return typeof message.content === "string"
        ? textBlocks(message.content)
        : message.content.flatMap(partBlocks);
  }
}

const textBlocks = (text: string): readonly JsonObject[] => (text.trim() === "" ? [] : [{ text }]);

function partBlocks(part: ContentPart): readonly JsonObject[] {
  if (part.type === "text") return textBlocks(part.text);
  if ("url" in part) return []; // The model's facts lack image_url, so that such a request never comes here.
  return [{ image: { format: part.mime.replace("image/", ""), source: { bytes: part.base64 } } }];
}

const callBlock = (call: ToolCall): JsonObject => ({
  toolUse: { toolUseId: safeId(call.id), name: call.name, input: argumentsOf(call) },
});

function resultBlock(
  { toolCallId, content, isError }: Extract<Message, { role: "tool" }>,
  model: string,
): JsonObject {
  const status = isError && takesResultStatus(model) && { status: "error" };
  return { toolResult: { toolUseId: safeId(toolCallId), content: [...textBlocks(content)], ...status } };
}

/** Ids are up to 64 letters, digits, `_` and `-`; the end of a longer one is what tells it from others. */
const safeId = (id: string) =>
  id.replace(/[^A-Za-z0-9_-]/g, (letter) => `_${letter.charCodeAt(0).toString(16)}`).slice(-64) || "_";
