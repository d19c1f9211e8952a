import type { ToolCall } from "../core/completion.ts";
import { RiptideError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import { isObject, tryJson } from "./read.ts";

/**
 * An earlier tool call's arguments as the object that some vendors want in place of JSON text.
 * @throws RiptideError `bad_request` for arguments that are no JSON object, as an answer cut short leaves them.
 */
export function argumentsOf(call: ToolCall): JsonObject {
  if (call.arguments.trim() === "") return {};
  const value = tryJson(call.arguments);
  if (isObject(value)) return value as JsonObject; // Parsed from JSON, so every value in it is JSON.
  throw new RiptideError("bad_request", `the arguments of tool call "${call.id}" are not a JSON object`);
}
