import { isPair, type YAMLMap, type YAMLSeq } from "yaml";
import type { Json } from "../core/json.ts";
import { endOf, startOf } from "./edit-nodes.ts";
import { blockPair, columnOf, eolOf, inlineYaml, lineEnd, lineStart, type Splice } from "./edit-text.ts";

/** A new last entry of a map. */
export function insertedPair(text: string, map: YAMLMap, key: string, value: Json): Splice {
  if (map.flow) return insideBrackets(text, map, `${inlineYaml(key)}: ${inlineYaml(value)}`);
  return afterLast(text, map, blockPair(key, value, indentOf(text, map)));
}

/** A new last item of a list. */
export function insertedItem(text: string, list: YAMLSeq, value: Json): Splice {
  if (list.flow) return insideBrackets(text, list, inlineYaml(value));
  return afterLast(text, list, [`${indentOf(text, list)}- ${inlineYaml(value)}`]);
}

const indentOf = (text: string, block: YAMLMap | YAMLSeq): string =>
  " ".repeat(columnOf(text, startOf(block)));

/** The line after the last one of a block, whose comment stays with it. */
function afterLast(text: string, block: YAMLMap | YAMLSeq, lines: readonly string[]): Splice {
  const at = lineEnd(text, endOf(text, block));
  const eol = eolOf(text);
  return { from: at, to: at, text: lines.map((line) => eol + line).join("") };
}

function insideBrackets(text: string, flow: YAMLMap | YAMLSeq, put: string): Splice {
  const last = flow.items.at(-1);
  if (last !== undefined) {
    const at = endOf(text, last);
    return onOwnLine(text, last, put) ?? { from: at, to: at, text: `, ${put}` };
  }
  const at = startOf(flow) + 1;
  const isTight = /\S/.test(text.charAt(at));
  const isMapping = text[at - 1] === "{";
  const lead = isMapping ? " " : "";
  return { from: at, to: at, text: `${lead}${put}${isTight ? lead : ""}` };
}

/** Where each part of a bracket has a line of its own, the new one gets one too, and each keeps its comment. */
function onOwnLine(text: string, last: unknown, put: string): Splice | undefined {
  const start = startOf(isPair(last) ? last.key : last);
  const indent = text.slice(lineStart(text, start), start);
  const from = endOf(text, last);
  const to = lineEnd(text, from);
  const behind = text.slice(from, to);
  const [, comma] = /^(,?)[ \t]*(?:[ \t]#.*)?$/.exec(behind) ?? [];
  if (comma === undefined || indent.trim() !== "") return undefined;
  const line = `${eolOf(text)}${indent}${put}`;
  return { from, to, text: comma === "" ? `,${behind}${line}` : `${behind}${line},` };
}
