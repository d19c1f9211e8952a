import { z } from "zod";
import { parseDuration } from "../core/duration.ts";
import type { SecretSource } from "../core/secret.ts";

/** A duration with its unit, as milliseconds. */
export const durationField = () =>
  z.string().transform((text, context) => {
    const ms = parseDuration(text);
    if (ms !== undefined) return ms;
    context.addIssue({ code: "custom", message: "expected a duration with a unit, such as 250ms, 5s or 2m" });
    return z.NEVER;
  });

/** A secret: text (normally `${NAME}`), `{ env }`, `{ file }` or `{ command }`. Nothing is read here. */
export const secretField = () =>
  z
    .union([
      z.string().min(1),
      z.strictObject({ env: z.string().min(1) }),
      z.strictObject({ file: z.string().min(1) }),
      z.strictObject({ command: z.array(z.string()).min(1) }),
    ])
    .transform((value): SecretSource => {
      if (typeof value === "string") return { kind: "secret", from: "text", text: value };
      if ("env" in value) return { kind: "secret", from: "env", name: value.env };
      if ("file" in value) return { kind: "secret", from: "file", path: value.file };
      return { kind: "secret", from: "command", command: value.command };
    });

/** An http or https address; it may hold `${NAME}`, so it is checked after expansion, not here. */
export const addressField = () => z.string().min(1);

type CamelKey<Key extends string> = Key extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelKey<Tail>>}`
  : Key;
type CamelKeys<T> = { [Key in keyof T as Key extends string ? CamelKey<Key> : Key]: T[Key] };

/** A strict object whose own keys are snake_case in the file and camelCase inside; nested values are untouched. */
export const fields = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z
    .strictObject(shape)
    .transform((value) => camelKeys(value as Record<string, unknown>) as CamelKeys<typeof value>);

function camelKeys(value: Record<string, unknown>): Record<string, unknown> {
  const rename = (key: string) =>
    key.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [rename(key), item]));
}
