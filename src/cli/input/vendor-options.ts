import { RiptideError } from "../../core/errors.ts";
import type { Json, JsonObject } from "../../core/json.ts";
import { isObject } from "./json-input.ts";

/**
 * The vendor fields of `--option key=value`, given any number of times. A value that is JSON is taken as JSON, any
 * other as text; dots in a key nest.
 */
export function readOptions(pairs: readonly string[]): JsonObject {
  return pairs.reduce<JsonObject>((options, pair) => {
    const equals = pair.indexOf("=");
    const keys = pair.slice(0, Math.max(equals, 0)).split(".");
    if (equals < 1 || keys.includes("")) {
      throw new RiptideError("usage", `--option ${pair}: expected NAME=VALUE`, {
        hint: "--option service_tier=flex   or   --option thinking.budget=1000",
      });
    }
    return withOption(options, keys, { value: jsonOrText(pair.slice(equals + 1)), pair });
  }, {});
}

interface Given {
  readonly value: Json;
  readonly pair: string;
}

function withOption(options: JsonObject, [key = "", ...rest]: readonly string[], given: Given): JsonObject {
  if (rest.length === 0) return { ...options, [key]: given.value };
  // Names such as `__proto__` are keys like any other: only own ones are looked at.
  const inner = Object.hasOwn(options, key) ? options[key] : {};
  if (!isObject(inner)) {
    throw new RiptideError("usage", `--option ${given.pair}: "${key}" already has a value without fields`);
  }
  return { ...options, [key]: withOption(inner, rest, given) };
}

function jsonOrText(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
