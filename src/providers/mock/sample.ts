import type { Json, JsonObject } from "../../core/json.ts";

/** How deep a schema that refers to itself is followed. */
const MAX_DEPTH = 16;

/** A small value that simple JSON Schemas accept: required fields, first choices, lowest numbers, shortest lists. */
export function sampleOf(schema: Json | undefined, root: Json | undefined = schema, depth = 0): Json {
  if (!isObject(schema) || depth > MAX_DEPTH) return depth > MAX_DEPTH ? null : {};
  if (schema.const !== undefined) return schema.const;
  if (Array.isArray(schema.enum) && schema.enum.length > 0) return schema.enum[0] ?? null;
  const next = (inner: Json | undefined) => sampleOf(inner, root, depth + 1);
  if (typeof schema.$ref === "string") return next(pointed(root, schema.$ref));
  const choice = firstOf(schema.anyOf) ?? firstOf(schema.oneOf);
  if (choice !== undefined) return next(choice);
  if (Array.isArray(schema.allOf)) return next(merged(schema.allOf, root));
  return ofType(schema, next);
}

function ofType(schema: JsonObject, next: (inner: Json | undefined) => Json): Json {
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case "string":
      return stringOf(schema);
    case "integer":
    case "number":
      return numberOf(schema, type === "integer" ? 1 : 0);
    case "boolean":
      return false;
    case "null":
      return null;
    case "array":
      return Array.from({ length: size(schema.minItems) }, () => next(schema.items));
    default:
      return objectOf(schema, next);
  }
}

function objectOf(schema: JsonObject, next: (inner: Json | undefined) => Json): Json {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required : [];
  const names = required.filter((name) => typeof name === "string");
  return Object.fromEntries(names.map((name) => [name, next(properties[name])]));
}

const FORMATS: Readonly<Record<string, string>> = {
  date: "2000-01-01",
  "date-time": "2000-01-01T00:00:00Z",
  email: "mock@example.com",
  time: "00:00:00Z",
  uri: "https://example.com/",
  uuid: "00000000-0000-4000-8000-000000000000",
};

function stringOf(schema: JsonObject): string {
  const known = typeof schema.format === "string" ? FORMATS[schema.format] : undefined;
  if (known) return known;
  const least = size(schema.minLength);
  const most = schema.maxLength === undefined ? Number.POSITIVE_INFINITY : size(schema.maxLength);
  return "mock".padEnd(least, "-").slice(0, Math.max(least, Math.min(most, "mock".length)));
}

function numberOf(schema: JsonObject, whole: 0 | 1): number {
  const step =
    typeof schema.multipleOf === "number" && schema.multipleOf > 0 ? schema.multipleOf : whole || 0.5;
  const above = typeof schema.exclusiveMinimum === "number" ? schema.exclusiveMinimum : undefined;
  const least = typeof schema.minimum === "number" ? schema.minimum : undefined;
  const onStep = (value: number) => Math.ceil(value / step) * step;
  if (above !== undefined) return onStep(above) > above ? onStep(above) : onStep(above) + step;
  if (least !== undefined) return onStep(least);
  return typeof schema.maximum === "number" && schema.maximum < 0
    ? Math.floor(schema.maximum / step) * step
    : 0;
}

function merged(parts: readonly Json[], root: Json | undefined): Json {
  const schemas = parts
    .map((part) => (isObject(part) && typeof part.$ref === "string" ? pointed(root, part.$ref) : part))
    .filter(isObject);
  return Object.assign({}, ...schemas, {
    properties: Object.assign({}, ...schemas.map((schema) => schema.properties)),
    required: schemas.flatMap((schema) => (Array.isArray(schema.required) ? schema.required : [])),
  });
}

/** What a local reference such as `#/$defs/item` points at (RFC 6901). */
function pointed(root: Json | undefined, reference: string): Json | undefined {
  const steps = reference.replace(/^#\/?/, "").split("/").filter(Boolean);
  let at = root;
  for (const step of steps) {
    at = isObject(at) ? at[step.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined;
  }
  return at;
}

const firstOf = (list: Json | undefined) => (Array.isArray(list) ? list[0] : undefined);
const size = (value: Json | undefined) => (typeof value === "number" && value > 0 ? Math.ceil(value) : 0);

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
