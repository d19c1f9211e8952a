const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Whether a value that came of JSON nests deeper than that; it looks no further down. */
export function isDeeperThan(limit: number, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (limit === 0) return true;
  for (const inner of Array.isArray(value) ? value : Object.values(value)) {
    if (typeof inner === "object" && isDeeperThan(limit - 1, inner)) return true;
  }
  return false;
}

/** How much JSON may hold. */
export interface JsonBounds {
  /** Objects and lists within each other. */
  readonly depth: number;
  /** Members of objects and elements of lists, all together. */
  readonly values: number;
}

/**
 * Which bound a text goes beyond, before anything is built of it: for bodies so large that what they hold could fill
 * the memory, or take so long to be read that others wait. What is no JSON gets any answer.
 */
export function excessOf(bytes: Buffer, bounds: JsonBounds): keyof JsonBounds | undefined {
  let depth = 0;
  let values = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      at = endOfString(bytes, at);
      continue;
    }
    const step = levelsOf(byte);
    depth += step;
    if (step === 1 || byte === COMMA) values += 1;
    if (depth > bounds.depth) return "depth";
    if (values > bounds.values) return "values";
  }
  return undefined;
}

function levelsOf(byte: number | undefined): 1 | 0 | -1 {
  if (byte === OPEN_BRACE || byte === OPEN_BRACKET) return 1;
  return byte === CLOSE_BRACE || byte === CLOSE_BRACKET ? -1 : 0;
}

/** A search pays where strings are long; where it finds an escaped quote, so many bytes are looked at one by one. */
const STRIDE_BYTES = 4_096;

/** Where the closing quote is. */
function endOfString(bytes: Buffer, start: number): number {
  let at = start + 1;
  while (at < bytes.length) {
    const quote = bytes.indexOf(QUOTE, at);
    if (quote < 0) break;
    if (!isEscaped(bytes, quote)) return quote;
    at = walk(bytes, quote + 1);
    if (bytes[at] === QUOTE) return at;
  }
  return bytes.length;
}

/** Goes on by a stride, or to the closing quote; escaped characters are stepped over. */
function walk(bytes: Buffer, from: number): number {
  let at = from;
  while (at < from + STRIDE_BYTES && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}

function isEscaped(bytes: Buffer, at: number): boolean {
  let backslashes = 0;
  while (bytes[at - 1 - backslashes] === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}
