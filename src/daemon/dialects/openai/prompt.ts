import type { CompletionRequest, Message, OutputSchema } from "../../../core/completion.ts";
import type { JsonObject } from "../../../core/json.ts";
import { noLosses } from "../losses.ts";
import { formatOf } from "./format.ts";
import { messagesOf } from "./messages.ts";
import { toolsOf } from "./tools.ts";

/** What a body says to the model, in our words and, where those lose something, in the caller's own. */
export interface Prompt {
  readonly messages: readonly Message[];
  readonly rest: Pick<CompletionRequest, "tools" | "toolChoice" | "parallelToolCalls" | "schema">;
  /** Members to be sent as they came. */
  readonly own: JsonObject;
  readonly untranslatable: string | undefined;
}

/**
 * @param schema The schema asked for outside the vendor's words, which then counts alone.
 * @throws RiptideError `invalid_request`
 */
export function promptOf(body: JsonObject, schema: OutputSchema | undefined): Prompt {
  const [ofMessages, ofTools] = [noLosses(), noLosses()];
  const messages = messagesOf(body.messages, ofMessages);
  const tools = toolsOf(body, ofTools);
  const format = schema ? { own: {} } : formatOf(body);
  const instruction = format.instruction;
  const untranslatable = [...ofMessages.untranslatable, ...ofTools.untranslatable];
  return {
    messages: instruction ? [{ role: "system", content: instruction }, ...messages] : messages,
    rest: { ...tools, ...(format.schema && { schema: format.schema }) },
    own: {
      ...((ofMessages.isLossy || instruction !== undefined) && members(body, ["messages"])),
      ...(ofTools.isLossy && members(body, ["tools", "tool_choice", "parallel_tool_calls"])),
      ...format.own,
    },
    untranslatable: untranslatable.length > 0 ? untranslatable.join(", ") : undefined,
  };
}

const members = (body: JsonObject, names: readonly string[]): JsonObject =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = body[name];
      return value === undefined || value === null ? [] : [[name, value]];
    }),
  );
