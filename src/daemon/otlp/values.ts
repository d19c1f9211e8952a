import type { Json, JsonObject } from "../../core/json.ts";

/** An attribute's value; a number that is not always whole says so, so that its type never changes. */
export type Value = string | boolean | number | { readonly doubleValue: number } | null | undefined;

/** Attributes as OTLP writes them in JSON; what is null or absent is left out. */
export const attributesOf = (values: Readonly<Record<string, Value>>): readonly JsonObject[] =>
  Object.entries(values).flatMap(([key, value]) =>
    value === null || value === undefined ? [] : [{ key, value: anyValue(value) }],
  );

function anyValue(value: NonNullable<Value>): JsonObject {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  // 64-bit integers are text in JSON (OTLP specification, "JSON Protobuf Encoding").
  return typeof value === "number" ? { intValue: String(value) } : { doubleValue: value.doubleValue };
}

/** Unix milliseconds as nanoseconds; a double holds microseconds of this century exactly, but no nanoseconds. */
export const nanosOf = (ms: number): string => `${Math.round(ms * 1_000)}000`;

/** The body of an export, without the secrets that a caller or a provider may have put into a name. */
export function bodyOf(body: Json, redact: (text: string) => string): string {
  const text = JSON.stringify(body);
  if (redact(text) === text) return text;
  // Only values of attributes: a mask within an id or a time would make the whole export unreadable.
  return JSON.stringify(body, (key, value) => (key === "stringValue" ? redact(String(value)) : value));
}
