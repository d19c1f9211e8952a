import type { Line } from "../line.ts";
import { pad } from "../line.ts";
import type { Look } from "../look.ts";
import { panelLines } from "../panel.ts";
import { type Overlay, RANGE_WORDS, RANGES, SORTS, type State } from "../state.ts";

/** What the keys do. */
export function helpLines({ view, isReadOnly }: State): readonly Line[] {
  const keys: readonly (readonly [string, string])[] = [
    ["1 to 6, tab", "overview, costs, tenants, performance, circuits, requests"],
    ["up down j k", "choose a row; page up, page down, home, end"],
    ["enter", "what happened to the request, and why"],
    ["esc", "back; drop the filter"],
    ["/", "show only rows that hold these words"],
    ["s", `sort by ${SORTS[view].join(", ")}`],
    ["t", `costs of ${RANGES.map((range) => RANGE_WORDS[range]).join(", ")}`],
    ["e", "show only what went wrong"],
    ["p", "pause and go on"],
    [
      "c",
      isReadOnly
        ? "reset a circuit: not with --read-only"
        : "in circuits: reset those of the provider, after a question",
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

/** The story of a request, from the line on that was scrolled to. */
export function detailLines(
  { id, lines, top }: Extract<Overlay, { kind: "detail" }>,
  look: Look,
): readonly Line[] {
  const wrapped = lines.flatMap((line) => wrap(line, look.columns - 4));
  const first = Math.max(0, Math.min(top, wrapped.length - (look.rows - 1)));
  const shown = wrapped.slice(first).map((line): Line => [[`  ${line}`]]);
  const below = wrapped.length - first - (look.rows - 1);
  const note = below > 0 ? `${below} more lines below` : undefined;
  return panelLines({ title: `Request ${id}`, note, lines: shown.slice(0, look.rows - 1) }, look.rows, look);
}

/** A line in pieces that fit, broken between words where that can be. */
function wrap(line: string, columns: number): readonly string[] {
  if (line.length <= columns) return [line];
  const indent = /^\s*/.exec(line)?.[0] ?? "";
  const at = line.lastIndexOf(" ", columns);
  const end = at > indent.length ? at : columns;
  return [line.slice(0, end), ...wrap(`${indent}  ${line.slice(end).trimStart()}`, columns)];
}
