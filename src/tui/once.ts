import type { Painter } from "../output/style.ts";
import type { DashboardData } from "./data.ts";
import { clockTime } from "./figures.ts";
import { VIEW_LINES } from "./frame.ts";
import { plainText } from "./line.ts";
import { RANGE_WORDS, type State } from "./state.ts";

/** More lines than any view has. */
const ALL_ROWS = 1_000;

/** Nobody chooses a row of it. */
const NO_ROW = -1;

/** One view as text, as long as it is: for a pipe, a file, and a terminal that only prints. */
export function onceText(
  data: DashboardData,
  state: State,
  look: { readonly columns: number; readonly ascii: boolean; readonly painter: Painter },
): string {
  const from = data.source === "daemon" ? "from the daemon" : "from the ledger, no daemon runs";
  const head = `riptide ${state.view}, ${RANGE_WORDS[state.range]}, ${clockTime(data.at)} UTC, ${from}`;
  const lines = VIEW_LINES[state.view](data, { ...state, selected: NO_ROW }, { ...look, rows: ALL_ROWS });
  const texts = lines.map((line) => {
    const end = plainText(line).trimEnd().length;
    return end === 0 ? "" : painted(line, end, look.painter);
  });
  return [head, ...texts].map((text) => `${text}\n`).join("");
}

/** The line up to its last character that shows. */
function painted(line: Parameters<typeof plainText>[0], end: number, painter: Painter): string {
  let left = end;
  return line
    .map(([text, paint]) => {
      const shown = text.slice(0, Math.max(0, left));
      left -= text.length;
      return paint && shown !== "" ? painter(paint, shown) : shown;
    })
    .join("");
}
