import { parseDuration } from "../../core/duration.ts";
import { RiptideError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";

/** The members of a control body; one that is not known is refused, since it would do nothing. */
export function refuseOthers(body: JsonObject, known: readonly string[]): void {
  const other = Object.keys(body).find((name) => !known.includes(name));
  if (other === undefined) return;
  throw wrong(`${other.slice(0, 80)} is not one of its members`, [`known: ${known.join(", ")}`]);
}

/** @throws RiptideError `invalid_request` for another word, and where it is missing */
export function wordMember<Word extends string>(
  body: JsonObject,
  name: string,
  words: readonly Word[],
): Word {
  const found = words.find((word) => word === body[name]);
  if (found) return found;
  throw wrong(`${name} has to be one of ${words.join(", ")}`);
}

/** @throws RiptideError `invalid_request` */
export function booleanMember(body: JsonObject, name: string): boolean {
  const value = body[name] ?? false;
  if (typeof value === "boolean") return value;
  throw wrong(`${name} has to be true or false`);
}

const MAX_MS = 86_400_000;

/** @throws RiptideError `invalid_request` */
export function millisecondsMember(body: JsonObject, name: string): number | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value === "number" && value >= 0 && value <= MAX_MS) return value;
  throw wrong(`${name} has to be a number of milliseconds from 0 to ${MAX_MS}`);
}

/** What would outlast whoever asked for it is a slip. */
const MAX_DURATION_MS = 365 * 86_400_000;

/** A duration with its unit, such as `10m`. @throws RiptideError `invalid_request` */
export function durationMember(body: JsonObject, name: string): number | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined) return undefined;
  const ms = typeof value === "string" ? parseDuration(value) : undefined;
  if (ms !== undefined && ms > 0 && ms <= MAX_DURATION_MS) return ms;
  throw wrong(`${name} has to be a duration with its unit, such as "30s" or "10m", up to 365d`);
}

const wrong = (message: string, reasons: readonly string[] = []) =>
  new RiptideError("invalid_request", message, { reasons });
