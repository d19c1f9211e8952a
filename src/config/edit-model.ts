import type { Json, JsonObject } from "../core/json.ts";
import type { Edit } from "./edit.ts";

/** What a tree is after a change: the measure of whether a splice of its text did the same. */
export function applyToTree(tree: JsonObject, { path, ...edit }: Edit): Json {
  return change(tree, path, (old) => {
    if (edit.kind === "remove") return undefined;
    if (edit.kind === "set") return edit.value;
    return [...(Array.isArray(old) ? old : []), edit.value];
  });
}

type Change = (old: Json | undefined) => Json | undefined;

function change(node: Json | undefined, path: Edit["path"], make: Change): Json {
  const [step, ...rest] = path;
  const next = (old: Json | undefined) => (rest.length === 0 ? make(old) : change(old, rest, make));
  if (Array.isArray(node)) {
    return node.flatMap((item, index): readonly Json[] => {
      if (index !== step) return [item];
      const value = next(item);
      return value === undefined ? [] : [value];
    });
  }
  const map = typeof node === "object" && node !== null ? node : {};
  const key = String(step);
  const value = next(Object.hasOwn(map, key) ? (map as JsonObject)[key] : undefined);
  const entries = Object.entries(map as JsonObject).filter(([name]) => name !== key || value !== undefined);
  if (value === undefined) return Object.fromEntries(entries);
  if (!Object.hasOwn(map, key)) return Object.fromEntries([...entries, [key, value]]);
  return Object.fromEntries(entries.map(([name, old]) => [name, name === key ? value : old]));
}
