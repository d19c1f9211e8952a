import { RiptideError } from "../core/errors.ts";
import type { Trail } from "./events.ts";
import { attemptTexts, endedBy, skipText } from "./final-error.ts";

/** The end of an answer that broke off and that nobody carried on, with all that was tried. */
export function interruption(error: RiptideError, { attempts, skipped }: Trail): RiptideError {
  if (attempts.length + skipped.length < 2) return endedBy(error, { attempts, skipped });
  const reasons = [...attemptTexts(attempts), ...skipped.map(skipText)];
  return new RiptideError(error.code, error.message, { ...error.facts, cause: error, reasons });
}
