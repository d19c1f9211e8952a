import type { Json } from "../core/json.ts";
import { oneLine } from "../output/sanitise.ts";

const MOST_CHARACTERS = 500;

/** A document whose texts do nothing to a terminal and stand on one line each. */
export function cleaned(value: Json): Json {
  if (typeof value === "string") return oneLine(value, MOST_CHARACTERS);
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [oneLine(name, MOST_CHARACTERS), cleaned(member ?? null)]),
  );
}
