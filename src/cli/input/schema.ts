import type { JsonObject } from "../../core/json.ts";
import { isObject, kindOf, parseJson, wrong } from "./json-input.ts";
import { readTextFile } from "./text-file.ts";

/** A JSON Schema given as text or as a file; only its being a JSON object is checked here. */
export async function readSchema(source: string): Promise<JsonObject> {
  const inline = source.trimStart().startsWith("{");
  const name = inline ? "--schema" : source;
  const value = parseJson(inline ? source : await readTextFile(source), name);
  if (!isObject(value)) throw wrong(name, "", `expected a JSON Schema object, found ${kindOf(value)}`);
  return value;
}
