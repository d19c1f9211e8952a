import { ERRORS, type ErrorCode, type ErrorFacts, RiptideError } from "../../core/errors.ts";
import { hintFor } from "../../output/hints.ts";
import type { TrailDocument } from "./documents.ts";
import { objectOf } from "./hello.ts";

/** `riptide.error/1` as the daemon sends it. */
export interface ErrorDocument extends Partial<TrailDocument> {
  readonly id: string | null;
  readonly error: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly hint: string | null;
    readonly exit: number;
    readonly retry_after_ms: number | null;
    readonly retry_budget_exhausted?: boolean;
  };
  readonly reasons?: readonly string[];
  readonly partial_text?: string | null;
  readonly alerts?: readonly string[];
  readonly warnings?: readonly string[];
}

/** The error of a document, such as this process would have met itself. */
export function errorOf({ error: said, reasons = [], attempts = [] }: ErrorDocument): RiptideError {
  const code = Object.hasOwn(ERRORS, said.code) ? said.code : "internal";
  const facts: ErrorFacts = {
    ...(reasons.length > 0 && { reasons }),
    ...(said.exit !== ERRORS[code].exit && { exit: said.exit }),
    ...(said.retry_after_ms !== null && { retryAfterMs: said.retry_after_ms }),
    ...(said.retry_budget_exhausted && { retryBudgetExhausted: true }),
  };
  const bare = new RiptideError(code, said.message, facts);
  // What the daemon only guessed from the code is guessed better here, where the command is known.
  if (said.hint === null || hintFor(bare, { attempts }) === said.hint) return bare;
  return new RiptideError(code, said.message, { ...facts, hint: said.hint });
}

/** The body of an answer that is no success. */
export function errorDocumentOf(text: string, status: number): ErrorDocument {
  const said = objectOf(text);
  // The daemon speaks our protocol: what calls itself riptide.error/1 has its members.
  if (said?.schema === "riptide.error/1") return said as unknown as ErrorDocument;
  const error = new RiptideError("internal", `the daemon answered ${status} without a reason`);
  const { code, message, exit } = error;
  return { id: null, error: { code, message, hint: null, exit, retry_after_ms: null } };
}
