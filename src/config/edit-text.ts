import type { Json, JsonObject } from "../core/json.ts";

/** Text that takes the place of a part of another. */
export interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** The line end the text uses. */
export const eolOf = (text: string): string => (text.includes("\r\n") ? "\r\n" : "\n");

/** Where the line of an offset begins. */
export const lineStart = (text: string, offset: number): number => text.lastIndexOf("\n", offset - 1) + 1;

/** Where the line of an offset ends, before its line end. */
export function lineEnd(text: string, offset: number): number {
  const newline = text.indexOf("\n", offset);
  if (newline < 0) return text.length;
  return newline > offset && text[newline - 1] === "\r" ? newline - 1 : newline;
}

/** Where the line after that of an offset begins, or the text ends. */
export function nextLine(text: string, offset: number): number {
  const newline = text.indexOf("\n", offset);
  return newline < 0 ? text.length : newline + 1;
}

export const columnOf = (text: string, offset: number): number => offset - lineStart(text, offset);

/** A value on one line, as it may stand in a block and inside brackets alike. */
export function inlineYaml(value: Json): string {
  if (typeof value === "string") return isPlain(value) ? value : JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(inlineYaml).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  const pairs = entriesOf(value).map(([key, inner]) => `${inlineYaml(key)}: ${inlineYaml(inner)}`);
  return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
}

/** A key with its value as lines of a block; the items of a list stand on one line each. */
export function blockPair(key: string, value: Json, indent: string): readonly string[] {
  const head = `${indent}${inlineYaml(key)}:`;
  return isBlock(value) ? [head, ...blockLines(value, `${indent}  `)] : [`${head} ${inlineYaml(value)}`];
}

/** The lines of a map or a list of maps. */
export function blockLines(value: Json, indent: string): readonly string[] {
  if (Array.isArray(value)) return value.map((item) => `${indent}- ${inlineYaml(item)}`);
  return entriesOf(value).flatMap(([key, inner]) => blockPair(key, inner, indent));
}

/** Whether a value is written as lines of its own: a map that holds something, or a list of maps. */
export function isBlock(value: Json): boolean {
  if (Array.isArray(value)) return value.some((item) => typeof item === "object");
  return entriesOf(value).length > 0;
}

const entriesOf = (value: Json): readonly [string, Json][] =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.entries(value as JsonObject) // Neither null nor a list, so a map.
    : [];

/** Words that YAML reads as something else than text. */
const RESERVED = /^(true|false|null|yes|no|on|off)$/i;

const isPlain = (text: string): boolean =>
  (/^[A-Za-z_][\w./@-]*(:[\w./@-]+)*$/.test(text) || /^\d+d$/.test(text)) && !RESERVED.test(text);
