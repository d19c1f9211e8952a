import type { Line } from "../line.ts";
import { cut, pad, widthOf } from "../line.ts";
import type { Look } from "../look.ts";
import { panelLines } from "../panel.ts";
import { type Overlay, RANGES, SORTS, type State } from "../state.ts";

/** What the keys do. */
export function helpLines({ view, isReadOnly }: State): readonly Line[] {
  const keys: readonly (readonly [string, string])[] = [
    ["1 to 6, tab", "overview, costs, tenants, performance, circuits, requests"],
    ["up down j k", "choose a row; page up, page down, home, end"],
    ["enter", "the requests of the row; of a request what happened, and why"],
    ["esc", "back; drop the filter, and show more than errors"],
    ["/", "show only rows that hold these words"],
    ["s", `sort by ${SORTS[view].join(", ")}`],
    ["t", `figures of ${RANGES.join(", ")}`],
    ["e", "show only what went wrong"],
    ["p", "pause and go on"],
    [
      "c",
      isReadOnly
        ? "reset a circuit: not with --read-only"
        : "in overview and circuits: reset those of the provider; asks first",
    ],
    [
      "w",
      isReadOnly
        ? "keep the choice: not with --read-only"
        : "keep view, range, sort and refresh for the next time",
    ],
    ["q, Ctrl-C", "quit; Ctrl-Z suspends"],
  ];
  return keys.map(([key, text]): Line => [[`  ${pad(key, 13)}`, "cyan"], [text]]);
}

type Detail = Extract<Overlay, { kind: "detail" }>;

/** The story of a request, from the line on that was scrolled to. */
export function detailLines(overlay: Detail, look: Look): readonly Line[] {
  const room = look.rows - 1;
  const wrapped = wrappedLines(overlay, look);
  const first = topWithin(overlay, look);
  const shown = wrapped.slice(first, first + room).map((line): Line => [[`  ${line}`]]);
  const below = wrapped.length - first - room;
  const note = below > 0 ? `${below} more lines below` : undefined;
  return panelLines({ title: `Request ${overlay.id}`, note, lines: shown }, look.rows, look);
}

/** How far down it is scrolled: no further than its last line needs. */
export const topWithin = (overlay: Detail, look: Look): number =>
  Math.max(0, Math.min(overlay.top, wrappedLines(overlay, look).length - (look.rows - 1)));

const wrappedLines = ({ lines }: Detail, { columns }: Look): readonly string[] =>
  lines.flatMap((line) => wrap(line, columns - 4));

/** A line in pieces that fit, broken between words where that can be; what follows the first stands further in. */
function wrap(line: string, columns: number): readonly string[] {
  const indent = /^\s*/.exec(line)?.[0].slice(0, columns / 2) ?? "";
  const pieces: string[] = [];
  let rest = line.trimEnd();
  while (widthOf(rest) > columns) {
    const fitting = cut(rest, columns, "");
    const at = fitting.lastIndexOf(" ");
    const piece = rest.slice(0, at > indent.length + 2 ? at : fitting.length);
    pieces.push(piece);
    rest = `${indent}  ${rest.slice(piece.length).trimStart()}`;
  }
  return [...pieces, rest];
}
