import type { Json } from "../core/json.ts";

/**
 * One JSON document with its final newline; a value that is undefined is written as null. What a terminal would obey
 * is escaped, which changes no value, so a document needs no sanitising.
 */
export function documentText(document: unknown): string {
  const text = JSON.stringify(document, (_key, value) => (value === undefined ? null : value));
  return `${text.replace(OBEYED, escaped)}\n`;
}

/** JSON itself escapes C0; DEL, C1, bidi controls and tag characters can only stand inside strings. */
const OBEYED = /[\p{Cc}\u{202a}-\u{202e}\u{2066}-\u{2069}\u{e0000}-\u{e007f}]/gu;

const escaped = (char: string): string =>
  char
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");

/** Names of fields whose contents belong to the user or the model and keep their own keys. */
const VERBATIM: readonly string[] = ["data", "tags", "options"];

/**
 * A result with the keys of its JSON document: `camelCase` becomes `snake_case`, undefined becomes null.
 * What lies under a field named in `verbatim` is left as it is.
 */
export function toSnake(value: unknown, verbatim: readonly string[] = VERBATIM): Json {
  if (value === undefined) return null;
  if (Array.isArray(value)) return value.map((item) => toSnake(item, verbatim));
  // Numbers, text, and objects that write themselves, such as Secret, are JSON.stringify's business.
  if (!isPlainObject(value)) return value as Json;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      snakeKey(key),
      verbatim.includes(key) ? ((inner ?? null) as Json) : toSnake(inner, verbatim),
    ]),
  );
}

const snakeKey = (key: string): string =>
  key
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .toLowerCase();

function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
