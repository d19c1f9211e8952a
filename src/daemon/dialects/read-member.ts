import { z } from "zod";
import { RiptideError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { plainText } from "../../core/text.ts";

/**
 * Reads a member of a body by its schema.
 * @param path Where it stands, such as `messages[2].content`; empty for the body itself.
 * @throws RiptideError `invalid_request`, which names the first wrong member: `messages[2].content: expected …`.
 */
export function readMember<T>(schema: z.ZodType<T>, value: unknown, path: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw wrongMember(memberPath(path, issue?.path ?? []), issue?.message ?? "is wrong");
}

/** @param problem What is wrong with it, without any value of the body. */
export function wrongMember(path: string, problem: string): RiptideError {
  const words = problem
    .replace(/^Invalid (?:input|option): /, "")
    .replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
  return new RiptideError("invalid_request", plainText(path === "" ? words : `${path}: ${words}`));
}

/** Above every address of a model that a vendor has; a name is looked up, suggested for, told and written down. */
const MAX_NAME = 2_048;

/** The name of a model, a provider or a target. */
export const anyName = z.string().min(1).max(MAX_NAME, `expected ${MAX_NAME} characters at most`);

/** A JSON object of any members, left as it is: the body was JSON, so its parts are. */
export const anyObject = z.custom<JsonObject>(isJsonObject, "expected an object");

function isJsonObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function memberPath(start: string, steps: readonly PropertyKey[]): string {
  return steps.reduce<string>((path, step) => {
    if (typeof step === "number") return `${path}[${step}]`;
    return path === "" ? String(step) : `${path}.${String(step)}`;
  }, start);
}
