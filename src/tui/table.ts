import type { Paint } from "../output/style.ts";
import { type Line, pad, type Span, widthOf } from "./line.ts";
import { type Look, signsOf } from "./look.ts";

/** A column of a table in a view. */
export interface ViewColumn<Row> {
  readonly head: string;
  readonly cell: (row: Row) => string;
  readonly align?: "right";
  readonly paint?: (row: Row) => Paint | undefined;
  /** Half of it would tell nothing: it is never cut. */
  readonly isWhole?: boolean;
  /** Where the room is too small, columns with higher numbers go first; one without stays. */
  readonly drop?: number;
}

const GAP = 2;
/** A cell of text is not cut below this before columns are left out. */
const LEAST_TEXT = 12;

/** Rows under their heads, in as many columns as there is room for. `selected` is marked. */
export function tableLines<Row>(
  columns: readonly ViewColumn<Row>[],
  rows: readonly Row[],
  { look, selected }: { readonly look: Look; readonly selected?: number | undefined },
): readonly Line[] {
  const room = look.isWhole ? Number.POSITIVE_INFINITY : look.columns - MARK;
  const cells = rows.map((row) => columns.map((column) => column.cell(row)));
  const all = columns.map((column, at) => ({
    column,
    at,
    width: Math.max(widthOf(column.head), ...cells.map((row) => widthOf(row[at] ?? ""))),
  }));
  const shown = fitted(all, room);
  const { ellipsis, cursor } = signsOf(look.ascii);
  const head: Line = [
    [" ".repeat(MARK)],
    [shown.map(({ column, width }) => pad(column.head, width, column.align, ellipsis)).join(BLANK), "dim"],
  ];
  const body = rows.map((row, index): Line => {
    const isSelected = index === selected;
    const spans = shown.flatMap(({ column, at, width }, place): Span[] => {
      const text = pad(cells[index]?.[at] ?? "", width, column.align, ellipsis);
      const span: Span = [text, isSelected ? "bold" : column.paint?.(row)];
      return place === 0 ? [span] : [[BLANK], span];
    });
    return [[isSelected ? `${cursor} ` : " ".repeat(MARK), "cyan"], ...spans];
  });
  return [head, ...body];
}

const MARK = 2;
const BLANK = " ".repeat(GAP);

interface Sized<Row> {
  readonly column: ViewColumn<Row>;
  readonly at: number;
  readonly width: number;
}

/** Leaves out what there is no room for, then cuts the widest texts. */
function fitted<Row>(all: readonly Sized<Row>[], room: number): readonly Sized<Row>[] {
  let shown = all;
  while (leastWidth(shown) > room) {
    const last = shown
      .filter(({ column }) => column.drop !== undefined)
      .toSorted((one, other) => (other.column.drop ?? 0) - (one.column.drop ?? 0))[0];
    if (!last) break;
    shown = shown.filter((each) => each !== last);
  }
  return narrowed(shown, room);
}

/** Figures are whole or left out. */
const isCut = <Row>({ align, isWhole }: ViewColumn<Row>): boolean => !align && !isWhole;

const leastWidth = <Row>(shown: readonly Sized<Row>[]): number =>
  shown.reduce(
    (sum, { column, width }) => sum + GAP + (isCut(column) ? Math.min(width, LEAST_TEXT) : width),
    -GAP,
  );

function narrowed<Row>(shown: readonly Sized<Row>[], room: number): readonly Sized<Row>[] {
  const widths = shown.map(({ width }) => width);
  let excess = widths.reduce((sum, width) => sum + GAP + width, -GAP) - room;
  while (excess > 0) {
    const texts = shown.map(({ column }, at) => (isCut(column) ? (widths[at] ?? 0) : 0));
    const widest = Math.max(...texts);
    if (widest <= 4) break;
    const at = texts.indexOf(widest);
    widths[at] = widest - 1;
    excess -= 1;
  }
  return shown.map((each, at) => ({ ...each, width: widths[at] ?? each.width }));
}
