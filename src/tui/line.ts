import stringWidth from "string-width";
import type { Paint } from "../output/style.ts";

/** A piece of a line in one colour. */
export type Span = readonly [text: string, paint?: Paint | undefined];
export type Line = readonly Span[];

const ASCII = /^[\x20-\x7e]*$/;

/** Columns of a terminal that a text takes. */
export const widthOf = (text: string): number => (ASCII.test(text) ? text.length : stringWidth(text));

export const lineWidth = (line: Line): number => line.reduce((sum, [text]) => sum + widthOf(text), 0);

export const plainText = (line: Line): string => line.map(([text]) => text).join("");

/** A text of at most so many columns; where it is cut a mark stands at its end. */
export function cut(text: string, columns: number, mark = "…"): string {
  if (columns <= 0) return "";
  if (widthOf(text) <= columns) return text;
  const room = columns - widthOf(mark);
  if (room <= 0) return mark.slice(0, columns);
  let kept = "";
  let width = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    width += widthOf(segment);
    if (width > room) break;
    kept += segment;
  }
  return kept + mark;
}

/** A text of exactly so many columns, on the left unless said otherwise. */
export function pad(text: string, columns: number, align: "left" | "right" = "left", mark?: string): string {
  const shown = cut(text, columns, mark);
  const room = " ".repeat(Math.max(0, columns - widthOf(shown)));
  return align === "right" ? room + shown : shown + room;
}

/** A line of at most so many columns; where it is cut a mark stands at its end. */
export function clipped(line: Line, columns: number, mark?: string): Line {
  if (lineWidth(line) <= columns) return line;
  const kept: Span[] = [];
  let left = columns;
  for (const [text, paint] of line) {
    if (left <= 0) break;
    // The mark stands in the piece that no longer fits, also where only the ones behind it do not.
    const isLast = widthOf(text) >= left;
    const shown = isLast ? cut(`${text} `, left, mark) : text;
    kept.push([shown, paint]);
    left -= widthOf(shown);
  }
  return kept;
}

/** A line of exactly so many columns. */
export function filled(line: Line, columns: number, mark?: string): Line {
  const kept = clipped(line, columns, mark);
  const room = columns - lineWidth(kept);
  return room > 0 ? [...kept, [" ".repeat(room)]] : kept;
}

/** Lines side by side, each block in its columns. */
export function beside(blocks: readonly Block[], mark?: string): readonly Line[] {
  const height = Math.max(...blocks.map(({ lines }) => lines.length));
  return Array.from({ length: height }, (_, row) =>
    blocks.flatMap(({ lines, columns }, at): Line => {
      const line = filled(lines[row] ?? [], columns, mark);
      return at === 0 ? line : [[GAP], ...line];
    }),
  );
}

const GAP = "  ";

export interface Block {
  readonly lines: readonly Line[];
  readonly columns: number;
}
