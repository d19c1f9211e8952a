import type { RiptideError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import { type HintContext, hintFor } from "./hints.ts";
import { toSnake } from "./json.ts";
import { MAX_PROVIDER_TEXT, oneLine } from "./sanitise.ts";

const MAX_LINES = 8;
/** Longest line of our own words, which may hold a path. */
const MAX_OWN_TEXT = 1_000;
/** Exit codes of what this machine said by itself: failed, usage, configuration, no daemon, protocol. */
const OWN_EXITS: ReadonlySet<number> = new Set([1, 2, 3, 10, 11]);
/** Exit codes after which the same request may well succeed: unavailable, timeout, rate limited, no daemon. */
const RETRYABLE_EXITS: ReadonlySet<number> = new Set([5, 6, 7, 10]);

/** What is known of the call around an error. */
export interface ErrorContext extends HintContext {
  readonly requestId?: string | undefined;
}

/** An error for people: what, one indented line per provider or problem, what to do, the request. */
export function errorText(error: RiptideError, context: ErrorContext = {}): string {
  // A request that nobody was asked about left nothing that could be told of it.
  const { requestId, attempts = [] } = context;
  const { reasons = [] } = error.facts;
  const hint = hintFor(error, context);
  const tail = [
    ...(hint ? [`hint: ${oneLine(hint, MAX_OWN_TEXT)}`] : []),
    ...(requestId && attempts.length > 0 ? [requestText(oneLine(requestId, MAX_OWN_TEXT))] : []),
  ];
  const room = MAX_LINES - 1 - tail.length;
  const shown = reasons.length > room ? reasons.slice(0, room - 1) : reasons;
  const hidden = reasons.length - shown.length;
  const indented = shown.map((reason) => `  ${line(error, reason)}`);
  return `${[errorLine(error), ...indented, ...(hidden ? [`  and ${hidden} more`] : []), ...tail].join("\n")}\n`;
}

const requestText = (id: string) => `request: ${id} (riptide why ${id})`;

/** The first line of {@link errorText}, which also goes to stderr when the document goes to stdout. */
export const errorLine = (error: RiptideError): string =>
  `error[${error.code}]: ${lowerStart(line(error, error.message))}`;

/** What is known of the operation that failed. Its keys may be in our own case. */
export interface FailedOperation extends HintContext {
  readonly id?: string | undefined;
  readonly skipped?: readonly object[];
  readonly partialText?: string | undefined;
  /** What it cost all the same. */
  readonly spent?: string | undefined;
}

/**
 * An error as the document `riptide.error/1`.
 * @param redact Applied to the words about the error; the model's own text stays as it came.
 */
export function errorDocument(
  error: RiptideError,
  operation: FailedOperation = {},
  redact: (text: string) => string = (text) => text,
): JsonObject {
  const { id, attempts = [], skipped = [], partialText } = operation;
  const hint = hintFor(error, operation);
  const document = toSnake({
    schema: "riptide.error/1",
    ok: false,
    id,
    error: {
      code: error.code,
      message: redact(oneLine(error.message, 2 * MAX_OWN_TEXT)),
      hint: hint && redact(hint),
      exit: error.exit,
      retryable: RETRYABLE_EXITS.has(error.exit),
      retryAfterMs: error.facts.retryAfterMs,
      ...(error.facts.retryBudgetExhausted && { retryBudgetExhausted: true }),
    },
    attempts,
    skipped,
    partialText: partialText || null,
  });
  return document as JsonObject; // An object's document is an object.
}

const line = (error: RiptideError, text: string): string =>
  oneLine(text, OWN_EXITS.has(error.exit) ? MAX_OWN_TEXT : MAX_PROVIDER_TEXT);

/** Messages start in lower case; a name such as `OPENAI_API_KEY` keeps its own. */
const lowerStart = (text: string): string =>
  text.replace(/^\p{Lu}\p{Ll}+(?=[\s,]|$)/u, (word) => word.toLowerCase());
