import type { ContentPart, Message, ToolCall } from "../../core/completion.ts";
import { unreachable } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";

/** A conversation as chat messages. `system` serves every model and server; OpenAI turns it into `developer`. */
export function chatMessage(message: Message): JsonObject {
  switch (message.role) {
    case "system":
      return { role: "system", content: message.content };
    case "user":
      return { role: "user", content: userContent(message.content) };
    case "assistant":
      return assistantMessage(message.content, message.toolCalls ?? []);
    case "tool":
      return {
        role: "tool",
        tool_call_id: wireCallId(message.toolCallId),
        // The dialect has no flag for a failed tool, so the failure is said in words.
        content: message.isError ? `Error: ${message.content}` : message.content,
      };
    default:
      return unreachable(message);
  }
}

const userContent = (content: string | readonly ContentPart[]) =>
  typeof content === "string" ? content : content.map(contentPart);

function contentPart(part: ContentPart): JsonObject {
  if (part.type === "text") return { type: "text", text: part.text };
  const url = "url" in part ? part.url : `data:${part.mime};base64,${part.base64}`;
  return { type: "image_url", image_url: { url } };
}

function assistantMessage(content: string, toolCalls: readonly ToolCall[]): JsonObject {
  if (toolCalls.length === 0) return { role: "assistant", content };
  return {
    role: "assistant",
    content: content === "" ? null : content,
    tool_calls: toolCalls.map((call) => ({
      id: wireCallId(call.id),
      type: "function",
      // A tool without parameters may have been called with no text at all; servers parse this field.
      function: { name: call.name, arguments: call.arguments || "{}" },
    })),
  };
}

/** OpenAI refuses longer ids, and another vendor's may be longer: their ends are the random part. */
const MAX_CALL_ID = 40;

const wireCallId = (id: string) => id.slice(-MAX_CALL_ID);
