import type { Json, JsonObject } from "../../core/json.ts";

/** Keywords that strict mode takes, from OpenAI's guide to structured outputs. */
const KEYWORDS = new Set(
  (
    "$schema $ref $defs definitions title description type enum const properties required additionalProperties " +
    "items anyOf pattern format multipleOf minimum maximum exclusiveMinimum exclusiveMaximum minItems maxItems"
  ).split(" "),
);
const FORMATS = new Set([
  "date-time",
  "time",
  "date",
  "duration",
  "email",
  "hostname",
  "ipv4",
  "ipv6",
  "uuid",
]);

/**
 * Whether a JSON Schema qualifies for strict mode: an object at the root, every object closed and all its
 * properties required, no other keywords. Any other schema would be refused, so it is sent without strictness.
 */
export function isStrictSchema(schema: JsonObject): boolean {
  return schema.type === "object" && isStrict(schema);
}

function isStrict(schema: Json | undefined): boolean {
  if (!isObject(schema)) return false;
  if (Object.keys(schema).some((word) => !KEYWORDS.has(word))) return false;
  if (typeof schema.format === "string" && !FORMATS.has(schema.format)) return false;
  if (isObjectSchema(schema) && !isClosed(schema)) return false;
  return parts(schema).every(isStrict);
}

function isObjectSchema({ type, properties }: JsonObject): boolean {
  return type === "object" || (Array.isArray(type) && type.includes("object")) || properties !== undefined;
}

function isClosed({ additionalProperties, properties = {}, required }: JsonObject): boolean {
  if (additionalProperties !== false || !isObject(properties)) return false;
  const names = Array.isArray(required) ? required : [];
  return Object.keys(properties).every((name) => names.includes(name));
}

function parts({ properties, $defs, definitions, items, anyOf }: JsonObject): readonly Json[] {
  const maps = [properties, $defs, definitions].filter(isObject).flatMap((map) => Object.values(map));
  const list = Array.isArray(anyOf) ? anyOf : [];
  return [...maps, ...list, ...(items === undefined ? [] : [items])];
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
