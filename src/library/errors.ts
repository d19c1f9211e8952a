import { RiptideError } from "../core/errors.ts";
import type { Redactor } from "../wire/redact.ts";

/** The same error without a secret in its words: some providers repeat the key that they refuse. */
export function redacted(error: RiptideError, { redact }: Redactor): RiptideError {
  const { facts } = error;
  const { reasons, hint } = facts;
  const clean = new RiptideError(error.code, redact(error.message), {
    ...facts,
    ...(reasons && { reasons: reasons.map(redact) }),
    ...(hint !== undefined && { hint: redact(hint) }),
    ...(facts.cause instanceof RiptideError && { cause: redacted(facts.cause, { redact } as Redactor) }),
  });
  if (error.stack !== undefined) clean.stack = redact(error.stack);
  return clean;
}
