import type { Key as InkKey } from "ink";
import type { Key } from "./keys.ts";

const NAMED: readonly (readonly [keyof InkKey, Exclude<Key["kind"], "char">])[] = [
  ["upArrow", "up"],
  ["downArrow", "down"],
  ["pageUp", "page-up"],
  ["pageDown", "page-down"],
  ["home", "home"],
  ["end", "end"],
  ["return", "enter"],
  ["escape", "escape"],
  ["backspace", "backspace"],
  ["delete", "backspace"],
];

/** The keys in what a terminal sent; a paste is many. Those with Ctrl or Alt mean nothing here. */
export function keyOf(input: string, key: InkKey): readonly Key[] {
  if (key.tab) return [{ kind: key.shift ? "back-tab" : "tab" }];
  const named = NAMED.find(([name]) => key[name]);
  if (named) return [{ kind: named[1] }];
  if (key.ctrl || key.meta) return [];
  return [...input].filter((char) => char >= " ").map((char): Key => ({ kind: "char", char }));
}
