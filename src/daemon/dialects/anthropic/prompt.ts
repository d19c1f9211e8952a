import type { CompletionRequest, Message } from "../../../core/completion.ts";
import type { JsonObject } from "../../../core/json.ts";
import { type Losses, noLosses } from "../losses.ts";
import { contentOf } from "./blocks.ts";
import { read } from "./read.ts";
import { toolsOf } from "./tools.ts";
import { messagesOf, systemText } from "./turns.ts";

/** What a body says to the model, and the caller's own words where ours lose something of them. */
export interface Prompt
  extends Pick<CompletionRequest, "messages" | "tools" | "toolChoice" | "parallelToolCalls"> {
  readonly own: { readonly conversation?: JsonObject; readonly untranslatable?: string };
}

/** Members that make up the conversation. */
export const CONVERSATION = ["messages", "system", "tools", "tool_choice"] as const;

/** @throws RiptideError `invalid_request` */
export function promptOf(body: JsonObject): Prompt {
  const losses = noLosses();
  const messages = [...systemOf(body, losses), ...messagesOf(body.messages, losses)];
  const tools = toolsOf(body, losses);
  const { isLossy, untranslatable } = losses;
  const own = {
    ...(isLossy && { conversation: conversationOf(body) }),
    ...(untranslatable.size > 0 && { untranslatable: [...untranslatable].join(", ") }),
  };
  return { messages, ...tools, own };
}

function systemOf({ system }: JsonObject, losses: Losses): readonly Message[] {
  if (system === undefined || system === null) return [];
  const content = systemText(read(contentOf, system, "system"), "system", losses);
  return content === "" ? [] : [{ role: "system", content }];
}

const conversationOf = (body: JsonObject): JsonObject =>
  Object.fromEntries(
    CONVERSATION.flatMap((name) => {
      const value = body[name];
      return value === undefined || value === null ? [] : [[name, value]];
    }),
  );
