import type { SafeText } from "./sanitise.ts";
import { createPainter, type Paint, symbols } from "./style.ts";

export interface Column {
  readonly head: string;
  /** Numbers go right; left unless given. */
  readonly align?: "left" | "right";
  /** How a cell is painted where there is colour. */
  readonly paint?: (cell: SafeText) => Paint | undefined;
}

export type Row = readonly SafeText[];

export interface TableOptions {
  /** Columns of the terminal; without it nothing is cut. */
  readonly width?: number;
  readonly color: boolean;
  readonly ascii: boolean;
}

const GAP = "  ";
/** A column is never cut below this. */
const MIN_COLUMN = 6;

/**
 * Rows under upper-case heads, aligned, without lines around them; ends in a newline. A table wider than the terminal
 * loses the ends of its longest left-aligned cells. cli-table3 is loaded here, because a plain answer needs none.
 */
export async function renderTable(
  columns: readonly Column[],
  rows: readonly Row[],
  options: TableOptions,
): Promise<string> {
  const { default: Table } = await import("cli-table3");
  const painter = createPainter(options.color);
  const ellipsis = symbols(options.ascii).ellipsis;
  const heads = columns.map(({ head }) => head && painter("bold", head.toUpperCase()));
  const body = rows.map((row) =>
    columns.map((column, index) => {
      const cell = oneLine(row[index] ?? "") as SafeText; // Spaces for line breaks keep it safe.
      const paint = column.paint?.(cell);
      return paint ? painter(paint, cell) : cell;
    }),
  );
  const draw = (colWidths: readonly number[]) => {
    const table = new Table({
      chars: { ...NO_LINES, middle: GAP },
      style: { "padding-left": 0, "padding-right": 0, head: [], border: [], compact: true },
      colAligns: columns.map(({ align }) => align ?? "left"),
      truncate: ellipsis,
      colWidths: [...colWidths],
    });
    table.push(heads, ...body);
    const lines = table.toString().split("\n");
    // Drawing fills in the widths that were not given.
    return { text: lines.map((line) => `${line.trimEnd()}\n`).join(""), widths: table.options.colWidths };
  };
  const natural = draw([]);
  const fitting = fittingWidths(columns, natural.widths, options.width);
  return fitting ? draw(fitting).text : natural.text;
}

/** Tab-separated rows without heads, for `cut` and `awk`. */
export const renderPlain = (rows: readonly Row[]): string =>
  rows.map((row) => `${row.map(oneLine).join("\t")}\n`).join("");

const oneLine = (cell: string): string => cell.replace(/[\n\t]+/g, " ");

const NO_LINES = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
} as const;

/** Widths that fit the terminal, taken from the widest text column first; undefined when nothing has to change. */
function fittingWidths(
  columns: readonly Column[],
  natural: readonly (number | null)[],
  available = Number.POSITIVE_INFINITY,
): readonly number[] | undefined {
  const widths = natural.map((width) => width ?? 0);
  let excess = widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length) - available;
  if (excess <= 0) return undefined;
  while (excess > 0) {
    const candidates = widths.map((width, index) => (columns[index]?.align === "right" ? 0 : width));
    const widest = Math.max(...candidates);
    if (widest <= MIN_COLUMN) break;
    widths[candidates.indexOf(widest)] = widest - 1;
    excess -= 1;
  }
  return widths;
}
