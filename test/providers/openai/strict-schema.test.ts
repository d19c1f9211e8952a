import { expect, it } from "vitest";
import type { JsonObject } from "../../../src/core/json.ts";
import { isStrictSchema } from "../../../src/providers/openai/strict-schema.ts";

const closed = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
});
const text = { type: "string" };

it.each<[string, JsonObject, boolean]>([
  ["a closed object", closed({ a: text, b: { type: ["number", "null"] } }), true],
  ["an object without properties", closed({}), true],
  [
    "closed objects in lists, choices and definitions",
    closed({ a: { type: "array", items: closed({ b: text }) } }),
    true,
  ],
  ["a reference to a definition", closed({ a: { $ref: "#/$defs/x" } }, { $defs: { x: closed({}) } }), true],
  ["a property called like a keyword", closed({ not: text, oneOf: text }), true],
  ["a choice", closed({ a: { anyOf: [text, closed({ b: text })] } }), true],
  ["an open object", { ...closed({ a: text }), additionalProperties: true }, false],
  [
    "an object that says nothing of other properties",
    { type: "object", properties: {}, required: [] },
    false,
  ],
  ["an optional property", { ...closed({ a: text, b: text }), required: ["a"] }, false],
  ["an open object in a list", closed({ a: { type: "array", items: { type: "object" } } }), false],
  ["an open object in a choice", closed({ a: { anyOf: [text, { type: "object" }] } }), false],
  ["an open object in a definition", closed({}, { $defs: { x: { properties: {} } } }), false],
  ["a keyword that is not taken", closed({ a: { type: "string", minLength: 1 } }), false],
  ["a format that is not taken", closed({ a: { type: "string", format: "uri" } }), false],
  ["no object at the root", { anyOf: [closed({})] }, false],
  ["a list at the root", { type: "array", items: text }, false],
])("judges %s for strict mode", (_what, schema, strict) => {
  expect(isStrictSchema(schema)).toBe(strict);
});
