import { deepEqual, ok } from "node:assert/strict";

/** An object has these members, whatever else it has; members of theirs likewise. */
export function has(value: unknown, expected: object, at = ""): void {
  ok(typeof value === "object" && value !== null, `${at || "the value"} is no object`);
  for (const [key, wanted] of Object.entries(expected)) {
    const found: unknown = Reflect.get(value, key);
    const isRecord = typeof wanted === "object" && wanted !== null && !Array.isArray(wanted);
    if (isRecord) has(found, wanted, `${at}${key}.`);
    else deepEqual(found, wanted, `${at}${key} is ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`);
  }
}

export const contains = (text: string, part: string): void =>
  ok(text.includes(part), `${JSON.stringify(part)} does not stand in ${text.slice(0, 500)}`);

/** What a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ("error" in outcome) return outcome.error;
  throw new Error(`expected a failure, got ${JSON.stringify(outcome.value)}`);
}
