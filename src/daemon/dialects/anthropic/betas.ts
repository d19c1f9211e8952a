import type { IncomingHttpHeaders } from "node:http";
import { RiptideError } from "../../../core/errors.ts";

const HEADER = "anthropic-beta";
/** Dates of letters and dashes, as in `context-1m-2025-08-07`. */
const NAME = /^[\w.-]{1,100}$/;

/**
 * The vendor's beta features that the caller turns on (Anthropic documentation, "Beta headers").
 * @throws RiptideError `invalid_request` for what can be no name of one
 */
export function betasOf(headers: IncomingHttpHeaders): readonly string[] {
  const names = [headers[HEADER] ?? []]
    .flat()
    .flatMap((text) => text.split(","))
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (names.every((name) => NAME.test(name))) return names;
  throw new RiptideError(
    "invalid_request",
    `the header ${HEADER} wants names of features with commas between`,
  );
}
