import type { SecretSource } from "../core/secret.ts";

/**
 * `${NAME}`, `${NAME:-fallback}`, or `$${` for a literal `${`. A fallback ends before the next `${`, so that a long
 * text of beginnings without an end costs linear time (P-3).
 */
const REFERENCE = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-((?:[^}$]|\$(?!\{))*))?\}/g;

export type Lookup = (name: string) => string | undefined;

/** A text with its variables put in; names the first variable that is not set and has no fallback. */
export function expandText(
  text: string,
  lookup: Lookup,
): { readonly text: string } | { readonly missing: string } {
  let missing: string | undefined;
  const expanded = text.replaceAll(REFERENCE, (whole, name?: string, fallback?: string) => {
    if (name === undefined) return whole.slice(1);
    const value = lookup(name) ?? fallback;
    if (value === undefined) missing ??= name;
    return value ?? "";
  });
  return missing === undefined ? { text: expanded } : { missing };
}

/** Whether a text holds anything to put in. */
export const hasReference = (text: string): boolean => text.includes("${");

/** Whether a text holds a `${` that is neither a variable nor written as `$${`. */
export const isBroken = (text: string): boolean => text.replaceAll(REFERENCE, " ").includes("${");

/** Variables a text cannot do without. */
export function neededVariables(text: string): readonly string[] {
  return [...text.matchAll(REFERENCE)].flatMap(([, name, fallback]) =>
    name !== undefined && fallback === undefined ? [name] : [],
  );
}

/** Whether a secret's text is nothing but a variable, perhaps behind a scheme such as `Bearer`. */
export const isPureReference = (text: string): boolean =>
  /^(?:[A-Za-z]{1,10} )?\$\{[A-Za-z_][A-Za-z0-9_]*(?::-)?\}$/.test(text);

/** The text that stands for a variable. */
export const reference = (name: string): string => `\${${name}}`;

/** A text that expands to itself. */
export const escapeReferences = (text: string): string => text.replaceAll("${", () => "$${");

/**
 * A value with the variables of every text in it put in, but for secrets, which are read when they are used.
 * A missing variable is handed to `onMissing` and leaves an empty text.
 */
export function expandValue<T>(value: T, lookup: Lookup, onMissing: (name: string) => void): T {
  const expandString = (text: string) => {
    const result = hasReference(text) ? expandText(text, lookup) : { text };
    if ("text" in result) return result.text;
    onMissing(result.missing);
    return "";
  };
  const expand = (item: unknown): unknown => {
    if (typeof item === "string") return expandString(item);
    if (Array.isArray(item)) return item.map(expand);
    if (typeof item !== "object" || item === null || isSecretSource(item)) return item;
    return Object.fromEntries(Object.entries(item).map(([key, inner]) => [key, expand(inner)]));
  };
  return expand(value) as T; // Texts become texts; everything else keeps its shape.
}

/** Whether a value says where a secret comes from. */
export function isSecretSource(value: unknown): value is SecretSource {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "secret";
}

/** A key as the file spells it. */
export const snakeKey = (key: string): string =>
  key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
