import type { Painter } from "../output/style.ts";
import type { DashboardData } from "./data.ts";
import { clockTime } from "./figures.ts";
import { VIEW_LINES } from "./frame.ts";
import { clipped, type Line, plainText } from "./line.ts";
import { signsOf } from "./look.ts";
import { RANGE_WORDS, type State } from "./state.ts";

/** More lines than any view has. */
const ALL_ROWS = 1_000;

/** Nobody chooses a row of it. */
const NO_ROW = -1;

/** Columns of what is drawn where no terminal prints it; rows are as long as they are. */
const PLAIN_COLUMNS = 132;

export interface OnceLook {
  /** Columns of the terminal that prints it, and cuts it; undefined where a program or a file reads it. */
  readonly columns: number | undefined;
  readonly ascii: boolean;
  readonly painter: Painter;
}

/** One view as text, as long as it is: for a pipe, a file, and a terminal that only prints. */
export function onceText(data: DashboardData, state: State, { columns, ascii, painter }: OnceLook): string {
  const from = data.source === "daemon" ? "from the daemon" : "from the ledger, no daemon runs";
  const head: Line = [
    [`riptide ${state.view}, ${RANGE_WORDS[state.range]}, ${clockTime(data.at)} UTC, ${from}`],
  ];
  const look = { columns: columns ?? PLAIN_COLUMNS, rows: ALL_ROWS, ascii, isWhole: columns === undefined };
  const lines = [head, ...VIEW_LINES[state.view](data, { ...state, selected: NO_ROW }, look)];
  const texts = lines.map((line) => {
    const shown = columns === undefined ? line : clipped(line, columns, signsOf(ascii).ellipsis);
    const end = plainText(shown).trimEnd().length;
    return end === 0 ? "" : painted(shown, end, painter);
  });
  return texts.map((text) => `${text}\n`).join("");
}

/** The line up to its last character that shows. */
function painted(line: Line, end: number, painter: Painter): string {
  let left = end;
  return line
    .map(([text, paint]) => {
      const shown = text.slice(0, Math.max(0, left));
      left -= text.length;
      return paint && shown !== "" ? painter(paint, shown) : shown;
    })
    .join("");
}
