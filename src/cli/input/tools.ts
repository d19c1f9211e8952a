import type { Tool, ToolChoice } from "../../core/completion.ts";
import { RiptideError } from "../../core/errors.ts";
import type { Json, JsonObject } from "../../core/json.ts";
import { nearest } from "../../core/nearest.ts";
import { isObject, kindOf, parseJson, wrong } from "./json-input.ts";
import { readTextFile } from "./text-file.ts";

/** What the vendors accept as a function's name. */
const NAME = /^[A-Za-z0-9_-]{1,64}$/;
const NO_ARGUMENTS: JsonObject = { type: "object", properties: {} };

/**
 * The functions of `--tools FILE`: a JSON array, each entry as OpenAI writes it (`{type: "function", function: {…}}`)
 * or flat (`{name, description, parameters}`).
 *
 * @throws RiptideError `usage` with the path of the value that is wrong
 */
export async function readTools(path: string): Promise<readonly Tool[]> {
  const list = parseJson(await readTextFile(path), path);
  if (!Array.isArray(list)) throw wrong(path, "", `expected an array of tools, found ${kindOf(list)}`);
  const tools = list.map((entry, index) => toolOf(entry, { file: path, at: `[${index}]` }));
  for (const [index, { name }] of tools.entries()) {
    const first = tools.findIndex((tool) => tool.name === name);
    if (first < index) throw wrong(path, `[${index}].name`, `"${name}" is already the name of [${first}]`);
  }
  return tools;
}

/** The choice of `--tool-choice`: a word, or the name of one of the tools given. */
export function readToolChoice(text: string, tools: readonly Tool[]): ToolChoice {
  if (tools.length === 0) throw new RiptideError("usage", "--tool-choice needs --tools FILE");
  if (text === "auto" || text === "none" || text === "required") return text;
  const names = tools.map(({ name }) => name);
  if (names.includes(text)) return { name: text };
  const meant = nearest(text, ["auto", "none", "required", ...names]);
  throw new RiptideError("usage", `--tool-choice ${text}: no tool has this name`, {
    ...(meant && { reasons: [`did you mean "${meant}"?`] }),
    hint: `auto, none, required, or one of ${names.join(", ")}`,
  });
}

interface Place {
  readonly file: string;
  readonly at: string;
}

function toolOf(entry: Json, place: Place): Tool {
  const outer = objectAt(entry, place);
  if (outer.type !== undefined && outer.type !== "function") {
    throw wrong(place.file, `${place.at}.type`, `expected "function", found ${JSON.stringify(outer.type)}`);
  }
  if (outer.function === undefined) return flatTool(outer, place, ["type"]);
  onlyKeys(outer, place, ["type", "function"]);
  const inner = { ...place, at: `${place.at}.function` };
  return flatTool(objectAt(outer.function, inner), inner, []);
}

function flatTool(tool: JsonObject, place: Place, also: readonly string[]): Tool {
  onlyKeys(tool, place, ["name", "description", "parameters", "strict", ...also]);
  const { name, description, strict } = tool;
  const fail = (key: string, problem: string) => wrong(place.file, `${place.at}.${key}`, problem);
  if (typeof name !== "string" || !NAME.test(name)) {
    throw fail("name", "expected 1 to 64 letters, digits, _ or -");
  }
  if (description !== undefined && typeof description !== "string") {
    throw fail("description", `expected text, found ${kindOf(description)}`);
  }
  if (strict !== undefined && typeof strict !== "boolean") {
    throw fail("strict", `expected true or false, found ${kindOf(strict)}`);
  }
  return {
    name,
    ...(description !== undefined && { description }),
    parameters: parametersOf(tool.parameters, { ...place, at: `${place.at}.parameters` }),
    ...(strict !== undefined && { strict }),
  };
}

function parametersOf(value: Json | undefined, place: Place): JsonObject {
  if (value === undefined) return NO_ARGUMENTS;
  const schema = objectAt(value, place);
  if (schema.type === "object" || schema.type === undefined) return schema;
  throw wrong(place.file, `${place.at}.type`, `expected "object", found ${JSON.stringify(schema.type)}`);
}

function onlyKeys(value: JsonObject, place: Place, known: readonly string[]): void {
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const meant = nearest(unknown, known);
  const guess = meant ? `; did you mean "${meant}"?` : "";
  throw wrong(place.file, place.at, `unknown key "${unknown}"${guess}`);
}

function objectAt(value: Json | undefined, place: Place): JsonObject {
  if (isObject(value)) return value;
  throw wrong(place.file, place.at, `expected an object, found ${kindOf(value)}`);
}
