import { RiptideError } from "../../core/errors.ts";
import type { Json, JsonObject } from "../../core/json.ts";

/** Text as JSON; `name` says in the error where it came from. */
export function parseJson(text: string, name: string): Json {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw wrong(name, "", `not JSON: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

/** A usage error at a place inside a JSON input. */
export const wrong = (file: string, at: string, problem: string) =>
  new RiptideError("usage", `${file}: ${at && `${at}: `}${problem}`);

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A JSON value's kind as a person says it. */
export function kindOf(value: Json | undefined): string {
  if (Array.isArray(value)) return "an array";
  if (value === null || value === undefined) return "nothing";
  if (typeof value === "object") return "an object";
  return typeof value === "string" ? "text" : `a ${typeof value}`;
}
