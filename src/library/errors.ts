import { RiptideError } from "../core/errors.ts";
import type { Redactor } from "../wire/redact.ts";
import { inProgram } from "./words.ts";

/** The same error in a program's words, and without a secret: some providers repeat the key that they refuse. */
export function redacted(error: RiptideError, redactor: Pick<Redactor, "redact">): RiptideError {
  const { facts } = error;
  const redact = (text: string): string => inProgram(redactor.redact(text));
  const { reasons, hint } = facts;
  const clean = new RiptideError(error.code, redact(error.message), {
    ...facts,
    ...(reasons && { reasons: reasons.map(redact) }),
    ...(hint !== undefined && { hint: redact(hint) }),
    ...(facts.cause instanceof RiptideError && { cause: redacted(facts.cause, redactor) }),
  });
  if (error.stack !== undefined) clean.stack = redact(error.stack);
  return clean;
}
