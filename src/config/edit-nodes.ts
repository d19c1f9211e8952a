import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import type { Edit } from "./edit.ts";
import { refusal } from "./edit-refusal.ts";
import { type Path, pathText } from "./position.ts";

/** Where a change goes. */
export type Place =
  | { readonly kind: "absent"; readonly map: YAMLMap; readonly key: string; readonly rest: Path }
  | { readonly kind: "present"; readonly map: YAMLMap; readonly pair: Pair; readonly rest: Path }
  | { readonly kind: "list"; readonly list: YAMLSeq; readonly rest: Path };

/**
 * Follows the path of a change as far as it exists; the rest are keys to be made.
 * @throws RiptideError `write_failed` where it leads through an alias
 */
export function locate(document: Document, edit: Edit): Place {
  for (const [index, step] of edit.path.entries()) {
    const map = collectionAt(document, edit, index);
    if (isSeq(map)) continue;
    const rest = edit.path.slice(index + 1);
    const pair = pairOf(map, step);
    if (!pair) return { kind: "absent", map, key: String(step), rest };
    const isTarget = rest.length === 0 && edit.kind !== "append";
    if (isTarget || isOpen(map, pair.value)) return { kind: "present", map, pair, rest };
  }
  const list = collectionAt(document, edit, edit.path.length);
  if (isSeq(list)) return { kind: "list", list, rest: [] };
  throw refusal(edit, "it is not a list");
}

/** Whether a value is to be written anew when something comes into it. */
const isOpen = (map: YAMLMap, value: unknown): boolean => isEmpty(value) || (isHollow(value) && !map.flow);

/**
 * The map or list at the first steps of a path.
 * @throws RiptideError `write_failed` where it is another's, by alias or anchor
 */
export function collectionAt(document: Document, edit: Edit, length: number): YAMLMap | YAMLSeq {
  let node: unknown = document.contents;
  checkOwn(document, edit, node, 0);
  for (const [index, step] of edit.path.slice(0, length).entries()) {
    if (isMap(node)) node = pairOf(node, step)?.value;
    else if (isSeq(node)) node = node.items[Number(step)];
    checkOwn(document, edit, node, index + 1);
  }
  if (isMap(node) || isSeq(node)) return node;
  throw refusal(edit, `${pathText(edit.path.slice(0, length))} is not a map`);
}

/** A change inside what is written once and used twice would change both. */
function checkOwn(document: Document, edit: Edit, node: unknown, length: number): void {
  const where = pathText(edit.path.slice(0, length)) || "the file";
  if (isAlias(node)) {
    throw refusal(edit, `${where} is the alias *${node.source}, so the change would also apply elsewhere`);
  }
  const anchor = isMap(node) || isSeq(node) ? node.anchor : undefined;
  if (anchor !== undefined && isUsed(document, anchor)) {
    throw refusal(edit, `${where} has the anchor &${anchor}, which is used elsewhere as *${anchor}`);
  }
}

function isUsed(document: Document, anchor: string): boolean {
  let used = false;
  visit(document, {
    Alias: (_key, { source }) => {
      used ||= source === anchor;
    },
  });
  return used;
}

/** The entry of a map under a key. */
export const pairOf = (map: YAMLMap, step: string | number): Pair | undefined =>
  map.items.find(({ key }) => isScalar(key) && key.value === String(step));

export const isEmpty = (node: unknown): boolean =>
  node === null || node === undefined || (isScalar(node) && node.value === null);

/** `{}` or `[]`, which becomes lines when something comes into it. */
export const isHollow = (node: unknown): node is YAMLMap | YAMLSeq =>
  (isMap(node) || isSeq(node)) && node.flow === true && node.items.length === 0;

/** Where a node of a parsed text begins. */
export function startOf(node: unknown): number {
  const { range } = (node ?? {}) as { readonly range?: readonly number[] | null }; // Any node, or none.
  return range?.[0] ?? 0;
}

/** Where the colon of an entry stands; undefined for a bare key in brackets. */
export const colonOf = (pair: Pair): number | undefined => {
  const colon = pair.srcToken?.sep?.find(({ type }) => type === "map-value-ind");
  return colon && "offset" in colon ? colon.offset : undefined;
};

/** Where the last character of an entry or node ends, without the blank lines and comments the parser counts in. */
export function endOf(text: string, item: unknown): number {
  if (isEntry(item)) {
    const { value } = item;
    const isBlank = isEmpty(value) && (!isScalar(value) || value.source === "");
    if (!isBlank) return endOf(text, value);
    const colon = colonOf(item);
    return colon === undefined ? endOf(text, item.key) : colon + 1;
  }
  if ((isMap(item) || isSeq(item)) && item.flow !== true && item.items.length > 0) {
    return endOf(text, item.items.at(-1));
  }
  const { range } = (item ?? {}) as { readonly range?: readonly number[] | null }; // Any node, or none.
  return text.slice(0, range?.[1] ?? 0).trimEnd().length;
}

const isEntry = (item: unknown): item is Pair => typeof item === "object" && item !== null && "key" in item;
