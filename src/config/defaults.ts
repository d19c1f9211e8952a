import type { Json, JsonObject } from "../core/json.ts";
import type { JsonSchema } from "./json-schema.ts";
import { BREAKER_PRESETS, TIMEOUT_PRESETS } from "./presets.ts";

/** A configuration with every default of its schema written out, in the words of the file. */
export function withDefaults(tree: JsonObject, schema: JsonSchema): JsonObject {
  const { timeouts, circuit_breaker: breaker, ...rest } = fill(tree, schema) as JsonObject; // A map stays a map.
  return {
    ...rest,
    timeouts: spelledOut(timeouts, TIMEOUT_PRESETS),
    circuit_breaker: spelledOut(breaker, BREAKER_PRESETS),
  };
}

/** A preset's name or map as all of its values. */
function spelledOut(block: Json | undefined, presets: Readonly<Record<string, JsonObject>>): JsonObject {
  const given: JsonObject = typeof block === "string" ? { preset: block } : isMap(block) ? block : {};
  const { preset = "default", ...own } = given;
  return { preset, ...(typeof preset === "string" && presets[preset]), ...own };
}

function fill(value: Json, schema: JsonSchema): Json {
  if (Array.isArray(value)) return value.map((item) => (schema.items ? fill(item, schema.items) : item));
  if (!isMap(value)) return value;
  const branch = branchFor(value, schema);
  if (!branch) return value;
  const filled = Object.entries(value).map(([key, item]) => {
    const inner = branch.properties?.[key] ?? branch.additionalProperties;
    return [key, typeof inner === "object" ? fill(item, inner) : item] as const;
  });
  const absent = Object.entries(branch.properties ?? {}).flatMap(
    ([key, inner]) =>
      inner.default === undefined || Object.hasOwn(value, key)
        ? []
        : [[key, fill(inner.default as Json, inner)] as const], // A default of a JSON Schema is JSON.
  );
  return Object.fromEntries([...filled, ...absent]);
}

/** The schema that means a map: itself, or the branch for its type, or the only branch with keys. */
function branchFor(value: JsonObject, schema: JsonSchema): JsonSchema | undefined {
  if (!schema.anyOf) return schema;
  const maps = schema.anyOf.filter((branch) => branch.properties);
  return (
    maps.find((branch) => allows(branch.properties?.type, value.type)) ??
    (maps.length === 1 ? maps[0] : undefined)
  );
}

const allows = (schema: JsonSchema | undefined, type: Json | undefined) =>
  Array.isArray(schema?.enum) && schema.enum.includes(type);

const isMap = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
