import { Lexer } from "yaml";
import type { Position } from "./position.ts";

/** Deepest nesting of a configuration (HR-3). */
export const MAX_DEPTH = 20;

/** How far the reading of tokens has come. */
interface Cursor {
  line: number;
  /** From 0. */
  column: number;
  /** Brackets that are open. */
  flow: number;
  /** Columns of the blocks that are open. */
  readonly blocks: number[];
  /** What comes next may open a block. */
  opens: boolean;
}

/**
 * Where a text nests deeper than any configuration does, found in its tokens alone: the parser calls itself
 * for each level and must not see such a text (P-1).
 */
export function tooDeep(text: string): Position | undefined {
  const cursor: Cursor = { line: 1, column: 0, flow: 0, blocks: [], opens: true };
  for (const token of new Lexer().lex(text)) {
    if (MARKERS.has(token)) continue;
    nest(cursor, token);
    // One more than the limit, for a value on a line of its own; the exact count follows after parsing.
    if (cursor.blocks.length + cursor.flow > MAX_DEPTH + 1) {
      return { line: cursor.line, column: cursor.column + 1 };
    }
    advance(cursor, token);
  }
  return undefined;
}

/** Tokens that stand for no character: start of document, start of a scalar, end of a broken flow. */
const MARKERS: ReadonlySet<string> = new Set(["\u0002", "\u001f", "\u0018"]);
const FLOW: Readonly<Record<string, number>> = { "[": 1, "{": 1, "]": -1, "}": -1 };

function nest(cursor: Cursor, token: string): void {
  const bracket = FLOW[token];
  if (bracket !== undefined) cursor.flow += bracket;
  else if (cursor.flow === 0 && cursor.opens && !/^[\s#]/.test(token)) openBlock(cursor);
  if (!/^[ \t]+$/.test(token)) cursor.opens = token === "-" || token === "?" || token.endsWith("\n");
}

function openBlock({ blocks, column }: Cursor): void {
  while ((blocks.at(-1) ?? -1) >= column) blocks.pop();
  blocks.push(column);
}

function advance(cursor: Cursor, token: string): void {
  const lastBreak = token.lastIndexOf("\n");
  if (lastBreak < 0) {
    cursor.column += token.length;
    return;
  }
  cursor.line += token.split("\n").length - 1;
  cursor.column = token.length - lastBreak - 1;
}
