import { isScalar, isSeq, type Pair, type YAMLMap, type YAMLSeq } from "yaml";
import type { Json } from "../core/json.ts";
import { colonOf, endOf, isEmpty, isHollow, startOf } from "./edit-nodes.ts";
import { blockLines, columnOf, eolOf, inlineYaml, isBlock, lineEnd, type Splice } from "./edit-text.ts";

/** Another value for a key that is there. */
export function replacedValue(text: string, map: YAMLMap, pair: Pair, value: Json): Splice {
  const old = pair.value;
  if (isEmpty(old) && !(isScalar(old) && old.source)) return filled(text, map, pair, value);
  const colon = colonOf(pair);
  if (isHollow(old) && !map.flow && isBlock(value) && colon !== undefined) {
    const behind = text.slice(endOf(text, old), lineEnd(text, endOf(text, old)));
    const lines = linesBelow(text, pair, value);
    return { from: colon + 1, to: lineEnd(text, endOf(text, old)), text: behind + lines };
  }
  if (isSeq(old) && !old.flow && Array.isArray(value) && value.length > 0) {
    return relisted(text, old, value);
  }
  return { from: startOf(old), to: endOf(text, old), text: inlineYaml(value) };
}

/** A value for a key that had none: behind the colon, or as lines below it. */
function filled(text: string, map: YAMLMap, pair: Pair, value: Json): Splice {
  const colon = colonOf(pair);
  if (colon === undefined) {
    const at = endOf(text, pair.key);
    return { from: at, to: at, text: `: ${inlineYaml(value)}` };
  }
  if (map.flow || !isBlock(value)) return { from: colon + 1, to: colon + 1, text: ` ${inlineYaml(value)}` };
  const at = lineEnd(text, colon);
  return { from: at, to: at, text: linesBelow(text, pair, value) };
}

function linesBelow(text: string, pair: Pair, value: Json): string {
  const indent = " ".repeat(columnOf(text, startOf(pair.key)) + 2);
  const eol = eolOf(text);
  return blockLines(value, indent)
    .map((line) => eol + line)
    .join("");
}

/** A list of lines stays one, and what stays in it keeps the comment behind it. */
function relisted(text: string, list: YAMLSeq, values: readonly Json[]): Splice {
  const indent = " ".repeat(columnOf(text, startOf(list)));
  const known = new Map(
    list.items.map((item): readonly [unknown, string] => [
      isScalar(item) ? item.value : item,
      text.slice(startOf(item), lineEnd(text, endOf(text, item))),
    ]),
  );
  const lines = values.map((value) => `- ${known.get(value) ?? inlineYaml(value)}`);
  return {
    from: startOf(list),
    to: lineEnd(text, endOf(text, list)),
    text: lines.join(eolOf(text) + indent),
  };
}
