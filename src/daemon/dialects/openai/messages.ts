import { z } from "zod";
import type { Message, ToolCall } from "../../../core/completion.ts";
import { type Losses, noteExtras, noteUntranslatable } from "../losses.ts";
import { readMember, wrongMember } from "../read-member.ts";
import { contentOf, textOf, userContentOf } from "./parts.ts";

const ROLES = ["system", "developer", "user", "assistant", "tool", "function"] as const;
const messageList = z.array(z.looseObject({ role: z.enum(ROLES) })).min(1, "expected at least one message");
type AnyMessage = z.infer<typeof messageList>[number];

/**
 * A chat's messages as ours.
 * @throws RiptideError `invalid_request`
 */
export function messagesOf(value: unknown, losses: Losses): readonly Message[] {
  if (Array.isArray(value) && value.length > 0 && value.every(isPlain)) return value;
  const called: Called = new Map();
  return readMember(messageList, value, "messages").flatMap((message, index) =>
    messageOf(message, { path: `messages[${index}]`, losses, called }),
  );
}

/** Most messages are a role and a text, and are the same in our words. */
function isPlain(message: unknown): message is Extract<Message, { readonly role: "system" | "user" }> {
  if (typeof message !== "object" || message === null || !("content" in message && "role" in message))
    return false;
  const { role, content } = message;
  const isText = typeof content === "string" && (role === "user" || role === "system");
  return isText && Object.keys(message).length === 2;
}

/** The tools that were called so far, by the ids of the calls. */
type Called = Map<string, string>;

interface Around {
  readonly path: string;
  readonly losses: Losses;
  readonly called: Called;
}

function messageOf(message: AnyMessage, around: Around): readonly Message[] {
  const { path, losses } = around;
  switch (message.role) {
    case "system":
    case "developer":
      noteExtras(losses, message, ["role", "content"]);
      return [
        { role: "system", content: textOf(readMember(withContent, message, path).content, "\n\n", around) },
      ];
    case "user":
      noteExtras(losses, message, ["role", "content"]);
      return [
        { role: "user", content: userContentOf(readMember(withContent, message, path).content, around) },
      ];
    case "assistant":
      return [assistantMessage(message, around)];
    case "tool":
      return [toolMessage(message, around)];
    case "function":
      noteUntranslatable(losses, "a message of the role function");
      return [];
  }
}

const withContent = z.object({ content: contentOf });

const assistant = z.object({
  content: contentOf.nullish(),
  refusal: z.string().nullish(),
  tool_calls: z.array(z.looseObject({ type: z.string().optional() })).nullish(),
  audio: z.unknown().optional(),
  function_call: z.unknown().optional(),
});

function assistantMessage(message: AnyMessage, around: Around): Message {
  const { path, losses } = around;
  const said = readMember(assistant, message, path);
  noteExtras(losses, message, ["role", "content", "tool_calls"]);
  if (said.audio) noteUntranslatable(losses, "spoken answers");
  if (said.function_call) noteUntranslatable(losses, "calls of functions");
  const toolCalls = (said.tool_calls ?? []).flatMap((call, index) =>
    toolCallOf(call, { ...around, path: `${path}.tool_calls[${index}]` }),
  );
  const text = textOf(said.content ?? [], "", around);
  const content = text === "" ? (said.refusal ?? "") : text;
  return { role: "assistant", content, ...(toolCalls.length > 0 && { toolCalls }) };
}

const functionCall = z.object({
  id: z.string().min(1),
  function: z.looseObject({ name: z.string().min(1), arguments: z.string() }),
});

function toolCallOf(call: { readonly type?: string | undefined }, around: Around): readonly ToolCall[] {
  const { path, losses, called } = around;
  if ((call.type ?? "function") !== "function") {
    noteUntranslatable(losses, "calls of custom tools");
    return [];
  }
  const { id, function: asked } = readMember(functionCall, call, path);
  noteExtras(losses, call, ["id", "type", "function"]);
  noteExtras(losses, asked, ["name", "arguments"]);
  called.set(id, asked.name);
  return [{ id, name: asked.name, arguments: asked.arguments }];
}

const toolResult = z.object({ tool_call_id: z.string().min(1), content: contentOf });

function toolMessage(message: AnyMessage, around: Around): Message {
  const { path, losses, called } = around;
  const { tool_call_id: toolCallId, content } = readMember(toolResult, message, path);
  noteExtras(losses, message, ["role", "content", "tool_call_id"]);
  const name = called.get(toolCallId);
  // The results of custom tools only ever reach the vendor.
  if (name === undefined && losses.untranslatable.size === 0) {
    throw wrongMember(`${path}.tool_call_id`, "no earlier message calls a tool by this id");
  }
  return { role: "tool", toolCallId, name: name ?? "", content: textOf(content, "\n", around) };
}
