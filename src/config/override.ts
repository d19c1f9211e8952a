import { RiptideError } from "../core/errors.ts";
import type { Json, JsonObject } from "../core/json.ts";
import { type Path, pathKey } from "./position.ts";

/** One scalar of the configuration, given outside the file. */
export interface Override {
  readonly from: "variable" | "flag";
  /** The variable's name, or `--set a.b`. */
  readonly origin: string;
  readonly path: readonly string[];
  readonly text: string;
}

/**
 * Reads `--set a.b=VALUE` arguments.
 * @throws RiptideError `usage` when one has no path or no `=`.
 */
export function parseSets(sets: readonly string[]): readonly Override[] {
  return sets.map((argument) => {
    const equals = argument.indexOf("=");
    const path = argument.slice(0, Math.max(0, equals)).split(".");
    if (equals < 1 || path.includes("")) {
      throw new RiptideError("usage", "--set needs a path and a value", {
        hint: "--set timeouts.completion=10s",
      });
    }
    return { from: "flag", origin: `--set ${path.join(".")}`, path, text: argument.slice(equals + 1) };
  });
}

/** A configuration as data that may still be changed. */
export type MutableTree = { [key: string]: Json };

/** Which paths were given outside the file, and by whom. */
export type Origins = ReadonlyMap<string, Override>;

/**
 * The tree with every override set, later ones over earlier ones; the tree itself is left as it was.
 * @throws RiptideError `config_invalid` for a path that leads through a value that is no map.
 */
export function applyOverrides(
  tree: JsonObject,
  overrides: readonly Override[],
): { readonly tree: MutableTree; readonly origins: Origins } {
  const copy = copyTree(tree);
  const origins = new Map<string, Override>();
  for (const override of overrides) {
    if (override.path[0] === "plugins") throw pluginsOutside(override);
    origins.set(pathKey(setText(copy, override)), override);
  }
  return { tree: copy, origins };
}

export function copyTree(tree: JsonObject): MutableTree {
  const copy = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(copy);
    if (!isMap(value)) return value;
    const entries = Object.entries(value).map(([key, item]) => [key, copy(item)] as const);
    return Object.assign(Object.create(null), Object.fromEntries(entries)) as MutableTree; // Made of the same keys.
  };
  return copy(tree) as MutableTree; // A map is copied as a map.
}

function setText(tree: MutableTree, override: Override): Path {
  let at: MutableTree | Json[] = tree;
  let rest: readonly string[] = override.path;
  const path: (string | number)[] = [];
  for (;;) {
    const { key, left } = nextKey(at, rest, override);
    path.push(key);
    rest = left;
    const holder = at as { [step: string | number]: Json }; // Lists and maps are both indexed by their key.
    if (rest.length === 0) {
      holder[key] = override.text;
      return path;
    }
    at = descend(holder, key, override);
  }
}

/** The key a step means: as written, several steps of a dotted name, or the same name in a variable's spelling. */
function nextKey(at: MutableTree | Json[], rest: readonly string[], override: Override) {
  const [head = ""] = rest;
  if (Array.isArray(at)) {
    if (!/^\d{1,4}$/.test(head) || Number(head) >= at.length) throw noSuchPath(override);
    return { key: Number(head), left: rest.slice(1) };
  }
  for (let length = rest.length; length > 0; length -= 1) {
    const name = rest.slice(0, length).join(".");
    if (Object.hasOwn(at, name)) return { key: name, left: rest.slice(length) };
  }
  if (["__proto__", "constructor", "prototype"].includes(head)) throw noSuchPath(override);
  const [spelled, other] = Object.keys(at).filter((key) => plain(key) === plain(head));
  if (spelled !== undefined && other !== undefined) throw ambiguous(override, spelled, other);
  return { key: spelled ?? head, left: rest.slice(1) };
}

const plain = (key: string) => key.toLowerCase().replaceAll(/[-.]/g, "_");

/** Blocks that may be written as the name of a preset. */
const PRESET_BLOCKS: ReadonlySet<string | number> = new Set(["timeouts", "circuit_breaker"]);

function descend(holder: { [step: string | number]: Json }, key: string | number, override: Override) {
  const value = Object.hasOwn(holder, key) ? holder[key] : undefined;
  if (typeof value === "object" && value !== null) return value as MutableTree | Json[]; // From `copyTree`.
  if (value !== undefined && !(typeof value === "string" && PRESET_BLOCKS.has(key))) {
    throw noSuchPath(override);
  }
  const block: MutableTree = Object.assign(Object.create(null), value === undefined ? {} : { preset: value });
  holder[key] = block;
  return block;
}

/** A module is trusted like the program, so it is named in a file that its user has chosen, and nowhere else. */
function pluginsOutside({ origin }: Override): RiptideError {
  return new RiptideError("config_invalid", `${origin}: plugins are named in the file only`);
}

/** A variable spells neither case nor dashes. */
function ambiguous({ origin }: Override, one: string, other: string): RiptideError {
  return new RiptideError("config_invalid", `${origin}: may mean ${one} or ${other}`, {
    hint: "use --set with the name as it is written",
  });
}

function noSuchPath({ origin }: Override): RiptideError {
  return new RiptideError("config_invalid", `${origin}: the configuration has no such path`, {
    hint: "riptide config show --effective",
  });
}

const isMap = (value: Json): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What stands at a path; undefined when nothing does. */
export function valueAt(tree: JsonObject, path: Path): Json | undefined {
  let at: unknown = tree;
  for (const step of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Record<string | number, unknown>)[step]; // Lists and maps are both indexed by their key.
  }
  return at as Json; // A tree holds nothing else.
}

/** Puts a value where another one stands. */
export function replaceAt(tree: MutableTree, path: Path, value: Json): void {
  const last = path.at(-1);
  const holder = valueAt(tree, path.slice(0, -1));
  if (last === undefined || typeof holder !== "object" || holder === null) return;
  (holder as { [step: string | number]: Json })[last] = value; // From `copyTree`, so it may change.
}
