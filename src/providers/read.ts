import { plainText } from "../core/text.ts";
import { wrongShape } from "./failure.ts";

const MARKUP = /^\s*<(?:!doctype|html|\?xml)/i;

/** How much of an error's plain text is shown: enough to recognise it, too little to flood a terminal. */
const SHOWN_TEXT = 120;

/**
 * Parses a vendor's JSON.
 * @throws RiptideError `protocol_error` for an empty body, a web page or broken JSON.
 */
export function parseJson(body: Uint8Array | string): unknown {
  const text = textOf(body);
  try {
    return JSON.parse(text);
  } catch {
    // Neither the text nor the parser's words are kept: both may hold a part of the answer.
    if (text.trim() === "") throw wrongShape("the answer is empty");
    if (MARKUP.test(text))
      throw wrongShape("the answer is a web page, not JSON: check base_url and any proxy");
    throw wrongShape(`the answer is not JSON (${text.length} characters)`);
  }
}

/** The JSON of a body that may be anything, such as a gateway's error page: undefined when it is none. */
export function tryJson(body: Uint8Array | string): unknown {
  try {
    return JSON.parse(textOf(body));
  } catch {
    return undefined;
  }
}

/**
 * The words of a body that is no JSON, for an error message: nothing of a web page, the start of plain text.
 * JSON of an unknown shape is not quoted: some servers send the request back in it.
 */
export function shortText(body: Uint8Array): string {
  const text = textOf(body.subarray(0, 4_096));
  const isQuotable = !MARKUP.test(text) && !/<\/[a-z]/i.test(text) && !/^\s*[[{"]/.test(text);
  return isQuotable ? plainText(text).slice(0, SHOWN_TEXT) : "";
}

const textOf = (body: Uint8Array | string) =>
  typeof body === "string" ? body : new TextDecoder().decode(body);

/** A JSON object, not an array and not null. */
export function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

type Path = readonly (string | number)[];

/** What lies at a path of keys and indexes; undefined where the path ends early. */
export function valueAt(value: unknown, ...path: Path): unknown {
  let here = value;
  for (const step of path) here = stepInto(here, step);
  return here;
}

function stepInto(value: unknown, step: string | number): unknown {
  if (typeof step === "number") return Array.isArray(value) ? value[step] : undefined;
  return isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}

/** The string at a path; undefined for anything else. */
export function textAt(value: unknown, ...path: Path): string | undefined {
  const found = valueAt(value, ...path);
  return typeof found === "string" ? found : undefined;
}

/** The finite number at a path; undefined for anything else. */
export function numberAt(value: unknown, ...path: Path): number | undefined {
  const found = valueAt(value, ...path);
  return typeof found === "number" && Number.isFinite(found) ? found : undefined;
}

/** The list at a path; empty for anything else. */
export function listAt(value: unknown, ...path: Path): readonly unknown[] {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** More tokens than any vendor can mean in one answer. */
const MAX_TOKENS = 1_000_000_000;

/** The count of tokens at a path: a whole number from 0 to a thousand million; undefined for anything else. */
export function countAt(value: unknown, ...path: Path): number | undefined {
  const found = numberAt(value, ...path);
  return found !== undefined && Number.isInteger(found) && found >= 0 && found <= MAX_TOKENS
    ? found
    : undefined;
}
