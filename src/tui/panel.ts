import { cut, type Line, widthOf } from "./line.ts";
import { type Look, signsOf } from "./look.ts";

/** A part of a view: lines under a title. */
export interface Panel {
  readonly title: string;
  /** Beside the title, at the right: what the figures are of. */
  readonly note?: string | undefined;
  readonly lines: readonly Line[];
  /** It gets at least so many lines before others get more; all of them unless given. */
  readonly least?: number;
  /** The row of a table that stays in sight, counted below its heads. */
  readonly selected?: number;
  /** Lines above the rows that always stay; one unless given. */
  readonly heads?: number;
}

/** A panel of exactly so many lines, its title included. What does not fit is counted in the last line. */
export function panelLines(panel: Panel, height: number, look: Look): readonly Line[] {
  const { title, note, lines } = panel;
  const room = height - 1;
  const shown = lines.length <= room ? lines : inSight(panel, Math.max(0, room - 1));
  const filled = Array.from({ length: Math.max(0, room) }, (_, at) => shown[at] ?? []);
  return [titleLine(title, note, look), ...filled].slice(0, Math.max(0, height));
}

/** So many of the lines, those around the selected row with the heads above them, and how many there are besides. */
function inSight({ lines, selected = 0, heads = 1 }: Panel, room: number): readonly Line[] {
  const rest = lines.length - room;
  const first = heads + Math.max(0, Math.min(selected - Math.floor((room - heads) / 2), rest));
  const shown = [...lines.slice(0, heads), ...lines.slice(first, first + room - heads)];
  return [...shown.slice(0, room), moreLine(rest)];
}

const moreLine = (count: number): Line => [[`  and ${count} more`, "dim"]];

function titleLine(title: string, note: string | undefined, { columns, ascii }: Look): Line {
  const { rule, ellipsis } = signsOf(ascii);
  const head = ` ${cut(title, columns - 4, ellipsis)} `;
  const room = columns - 1 - widthOf(head);
  const said = note === undefined || room < 6 ? "" : ` ${cut(note, room - 3, ellipsis)} `;
  return [
    [rule, "dim"],
    [head, "bold"],
    [rule.repeat(Math.max(0, room - widthOf(said) - (said ? 1 : 0))), "dim"],
    ...(said
      ? ([
          [said, "dim"],
          [rule, "dim"],
        ] as const)
      : []),
  ];
}

/** Panels one under the other in so many lines: each gets what it needs where there is room, else its least. */
export function stacked(panels: readonly Panel[], look: Look): readonly Line[] {
  const shown: Line[] = [];
  for (const [at, height] of heightsOf(panels, look.rows).entries()) {
    const panel = panels[at];
    const room = Math.min(height, look.rows - shown.length);
    // A title alone says nothing.
    if (!panel || room < 2) break;
    shown.push(...panelLines(panel, room, look));
  }
  return shown;
}

/** The lines of each, its title included: what is left after the least of all goes round, a line each. */
function heightsOf(panels: readonly Panel[], rows: number): readonly number[] {
  const needs = panels.map(({ lines }) => lines.length + 1);
  const heights = panels.map(({ lines, least }) => Math.min(lines.length, least ?? lines.length) + 1);
  let left = rows - total(heights);
  while (left > 0) {
    const short = needs.flatMap((need, at) => (need > (heights[at] ?? need) ? [at] : []));
    if (short.length === 0) break;
    for (const at of short.slice(0, left)) heights[at] = (heights[at] ?? 0) + 1;
    left -= Math.min(left, short.length);
  }
  return heights;
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0);

/** The part of a panel's title and of what stands in it that says there is nothing. */
export const nothing = (text: string): readonly Line[] => [[[`  ${text}`, "dim"]]];
