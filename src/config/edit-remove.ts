import { type Document, isMap, isSeq, type Pair, type YAMLMap, type YAMLSeq } from "yaml";
import type { Edit } from "./edit.ts";
import { collectionAt, colonOf, endOf, pairOf, startOf } from "./edit-nodes.ts";
import { refusal } from "./edit-refusal.ts";
import { columnOf, eolOf, lineEnd, lineStart, nextLine, type Splice } from "./edit-text.ts";

/** Takes a key or an item out; the last one leaves `{}` behind. */
export function removed(text: string, document: Document, edit: Edit): Splice {
  const above = collectionAt(document, edit, edit.path.length - 1);
  const index = indexIn(above, edit.path.at(-1) ?? "");
  const item = above.items[index];
  if (item === undefined) throw refusal(edit, "it is not in the file");
  const span = { from: spanStart(above, index, item), to: endOf(text, item) };
  if (above.flow) return outOfBrackets(text, span);
  if (above.items.length === 1) return emptied(text, document, edit, span);
  const isAlone = text.slice(lineStart(text, span.from), span.from).trim() === "";
  if (isAlone) return outOfLines(text, span);
  const next = above.items[index + 1];
  const until = next === undefined ? span.to : spanStart(above, index + 1, next);
  // The first key stands behind the dash of a list, where the second takes its place.
  if (next === undefined || text.slice(span.to, until).includes("#")) {
    throw refusal(edit, "it shares its line with something else");
  }
  return { from: span.from, to: until, text: "" };
}

interface Span {
  readonly from: number;
  readonly to: number;
}

function indexIn(above: YAMLMap | YAMLSeq, step: string | number): number {
  if (isSeq(above)) return Number(step);
  const pair = pairOf(above, step);
  return pair ? above.items.indexOf(pair) : -1;
}

/** A key, an item in brackets, or the dash of an item. */
function spanStart(above: YAMLMap | YAMLSeq, index: number, item: unknown): number {
  if (isMap(above)) return startOf((item as Pair).key); // The items of a map are pairs.
  const token = above.srcToken;
  if (token?.type !== "block-seq") return startOf(item);
  const dash = token.items[index]?.start.find(({ type }) => type === "seq-item-ind");
  return dash && "offset" in dash ? dash.offset : startOf(item);
}

/** Whole lines, with the comments below that are indented as parts of what goes. */
function outOfLines(text: string, { from, to }: Span): Splice {
  const begin = lineStart(text, from);
  const end = withOwnComments(text, nextLine(text, to), columnOf(text, from));
  const cutsLastLine = end === text.length && !text.endsWith("\n");
  // A file without a final newline stays one.
  return { from: cutsLastLine && begin > 0 ? begin - eolOf(text).length : begin, to: end, text: "" };
}

function withOwnComments(text: string, from: number, column: number): number {
  let end = from;
  for (let at = from; at < text.length; ) {
    const line = text.slice(at, lineEnd(text, at));
    const indent = line.search(/\S/);
    at = nextLine(text, at);
    if (indent < 0) continue;
    if (line[indent] !== "#" || indent <= column) break;
    end = at;
  }
  return end;
}

/** A part of a bracket with one of the commas beside it. */
function outOfBrackets(text: string, { from, to }: Span): Splice {
  const after = /^[ \t]*,[ \t]*/.exec(text.slice(to))?.[0];
  const before = /,[ \t]*$/.exec(text.slice(0, from))?.[0];
  const begin = after === undefined && before !== undefined ? from - before.length : from;
  const end = to + (after?.length ?? 0);
  const isAlone =
    text.slice(lineStart(text, begin), begin).trim() === "" &&
    text.slice(end, lineEnd(text, end)).trim() === "";
  return isAlone
    ? { from: lineStart(text, begin), to: nextLine(text, end), text: "" }
    : { from: begin, to: end, text: "" };
}

/** The only entry of a block: without anything below it, its key would say nothing. */
function emptied(text: string, document: Document, edit: Edit, span: Span): Splice {
  const path = edit.path.slice(0, -1);
  const outer = path.length > 0 ? collectionAt(document, edit, path.length - 1) : undefined;
  const pair = isMap(outer) ? pairOf(outer, path.at(-1) ?? "") : undefined;
  const colon = pair && colonOf(pair);
  if (!pair || colon === undefined) throw refusal(edit, "nothing else stands beside it");
  const { from, to } = outOfLines(text, span);
  const mark = isSeq(pair.value) ? " []" : " {}";
  return { from: colon + 1, to, text: mark + text.slice(colon + 1, from) };
}
