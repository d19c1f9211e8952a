import { type Document, parseDocument } from "yaml";
import { unreachable } from "../core/errors.ts";
import type { Json, JsonObject } from "../core/json.ts";
import { insertedItem, insertedPair } from "./edit-insert.ts";
import { applyToTree } from "./edit-model.ts";
import { locate } from "./edit-nodes.ts";
import { refusal } from "./edit-refusal.ts";
import { removed } from "./edit-remove.ts";
import { replacedValue } from "./edit-replace.ts";
import type { Splice } from "./edit-text.ts";
import { parseYaml } from "./parse.ts";
import type { Path } from "./position.ts";
import { problemsError } from "./problems.ts";

/** One change of a YAML file; missing maps and lists on the way are made. */
export type Edit =
  | { readonly kind: "set"; readonly path: Path; readonly value: Json }
  | { readonly kind: "append"; readonly path: Path; readonly value: Json }
  | { readonly kind: "remove"; readonly path: Path };

/**
 * Changes parts of a YAML text and leaves every other byte as it is: comments, blank lines, indentation, line ends.
 * Each change is a splice at the places the parser gives, and the result is read back: a splice that did anything
 * else than what was asked, as one inside an anchor would, is refused.
 * @param shown the name the reader knows the file by.
 * @throws RiptideError `config_invalid` for a text that cannot be read, `write_failed` for a change that is not safe.
 */
export function editYaml(text: string, edits: readonly Edit[], shown: string): string {
  return edits.reduce((current, edit) => {
    const before = treeOf(current, shown);
    const next = spliced(current, splice(current, edit));
    const result = parseYaml(next);
    const wanted = JSON.stringify(applyToTree(before, edit));
    if ("parsed" in result && JSON.stringify(result.parsed.tree) === wanted) return next;
    throw refusal(edit, "the way the file is written leaves no safe place for it");
  }, text);
}

/** The content of the file as data. @throws RiptideError `config_invalid` */
export function treeOf(text: string, shown: string): JsonObject {
  const result = parseYaml(text);
  if ("parsed" in result) return result.parsed.tree;
  throw problemsError(result.problems, shown);
}

function splice(text: string, edit: Edit): Splice {
  const document = parse(text);
  if (edit.kind === "remove") return removed(text, document, edit);
  const place = locate(document, edit);
  const value = edit.kind === "append" ? [edit.value] : edit.value;
  const nested = place.rest.reduceRight<Json>((inner, step) => ({ [step]: inner }), value);
  switch (place.kind) {
    case "absent":
      return insertedPair(text, place.map, place.key, nested);
    case "present":
      return replacedValue(text, place.map, place.pair, nested);
    case "list":
      return insertedItem(text, place.list, edit.value);
    default:
      return unreachable(place);
  }
}

function parse(text: string): Document.Parsed {
  return parseDocument(text, {
    keepSourceTokens: true,
    merge: false,
    prettyErrors: false,
    stringKeys: true,
    uniqueKeys: false,
  });
}

const spliced = (text: string, { from, to, text: put }: Splice): string =>
  text.slice(0, from) + put + text.slice(to);
