import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar } from "yaml";
import type { Json, JsonObject } from "../core/json.ts";
import { MAX_DEPTH } from "./depth.ts";
import { type Path, type Place, type Position, pathKey, pathText } from "./position.ts";
import { type ParseResult, type Problem, type ProblemCode, textProblem } from "./problems.ts";

/** Values counted with each alias written out; a bomb of aliases ends here. */
const MAX_VALUES = 50_000;
/** A number keeps this many decimal digits for certain (IEEE 754 double precision). */
const MAX_DIGITS = 15;
const FORBIDDEN: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

interface Walk {
  readonly at: (offset: number) => Position;
  readonly places: Record<string, Place>;
  readonly anchors: Map<string, Node>;
  values: number;
}

/** The content of a parsed document as plain data without prototypes, with the place of every key and value. */
export function readTree(contents: Node | null, at: (offset: number) => Position): ParseResult {
  const walk: Walk = { at, places: {}, anchors: new Map(), values: 0 };
  try {
    const empty = contents === null || (isScalar(contents) && contents.value === null);
    if (empty) throw new Refusal("empty", "the file is empty", { line: 1, column: 1 }, []);
    if (!isMap(contents))
      throw new Refusal("wrong_type", "expected a map of keys", start(walk, contents), []);
    walk.places[pathKey([])] = [1, 1, 1, 1];
    // A map node is read as an object.
    return { parsed: { tree: read(contents, [], walk) as JsonObject, places: walk.places } };
  } catch (thrown) {
    if (thrown instanceof Refusal) return { problems: [thrown.problem] };
    throw thrown;
  }
}

/** Leaves the recursion at the first thing that cannot be read. */
class Refusal extends Error {
  readonly problem: Problem;

  constructor(code: ProblemCode, message: string, at: Position, path: Path) {
    super(message);
    this.problem = { ...textProblem(code, message, at), key: pathText(path) };
  }
}

function read(node: unknown, path: Path, walk: Walk): Json {
  const found = resolveAlias(node, path, walk);
  const at = start(walk, found);
  walk.values += 1;
  if (walk.values > MAX_VALUES) throw new Refusal("too_large", "too many values", at, path);
  if (path.length >= MAX_DEPTH) {
    throw new Refusal("too_deep", `nested more than ${MAX_DEPTH} levels deep`, at, path);
  }
  if (found?.tag) throw new Refusal("syntax", "tags are not used in a configuration", at, path);
  if (isMap(found)) return readMap(found.items, path, walk);
  if (isSeq(found)) return found.items.map((item, index) => readItem(item, [...path, index], walk));
  if (isScalar(found)) return readScalar(found, at, path);
  return null;
}

function resolveAlias(node: unknown, path: Path, walk: Walk): Node | undefined {
  if (!isAlias(node)) {
    const known = node as Node | null; // What a parsed document holds is a node or nothing.
    if (known && "anchor" in known && known.anchor) walk.anchors.set(known.anchor, known);
    return known ?? undefined;
  }
  const target = walk.anchors.get(node.source);
  if (target) return target;
  throw new Refusal("syntax", "the alias refers to no anchor before it", start(walk, node), path);
}

function readItem(item: unknown, path: Path, walk: Walk): Json {
  const { line, column } = start(walk, item);
  walk.places[pathKey(path)] = [line, column, line, column];
  return read(item, path, walk);
}

function readMap(items: readonly Pair[], path: Path, walk: Walk): Json {
  const map: Record<string, Json> = Object.create(null);
  for (const { key, value } of items) {
    const name = String(isScalar(key) ? key.value : key);
    const at = start(walk, key);
    if (FORBIDDEN.has(name)) {
      throw new Refusal("forbidden_key", `the key "${name}" is not allowed`, at, [...path, name]);
    }
    if (Object.hasOwn(map, name)) {
      const where = path.length > 0 ? ` in ${pathText(path)}` : "";
      throw new Refusal("duplicate_key", `duplicate key "${name}"${where}`, at, [...path, name]);
    }
    const from = value === null ? at : start(walk, value);
    walk.places[pathKey([...path, name])] = [at.line, at.column, from.line, from.column];
    map[name] = read(value, [...path, name], walk);
  }
  return map;
}

function readScalar(scalar: Scalar, at: Position, path: Path): Json {
  const { value, source = "" } = scalar;
  if (typeof value === "string") {
    if (!value.includes("\0")) return value;
    throw new Refusal("bad_value", "a text cannot hold a NUL character", at, path);
  }
  if (typeof value === "number" && !keepsDigits(value, source)) {
    throw new Refusal("bad_value", "the number has more digits than can be kept; put it in quotes", at, path);
  }
  if (value === null || typeof value === "boolean" || typeof value === "number") return value;
  throw new Refusal("wrong_type", "expected text, a number, true or false", at, path);
}

function keepsDigits(value: number, source: string): boolean {
  if (!Number.isFinite(value)) return false;
  if (/^[-+]?0[xo]/.test(source)) return Number.isSafeInteger(value);
  const digits = source.replace(/e.*$/i, "").replace(/\D/g, "").replace(/^0+/, "");
  return digits.length <= MAX_DIGITS;
}

function start(walk: Walk, node: unknown): Position {
  const range = (node as Partial<Node> | null | undefined)?.range; // Nodes of a parsed document have one.
  return walk.at(range?.[0] ?? 0);
}
