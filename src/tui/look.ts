import { bar, sparkline } from "../output/spark.ts";
import { symbols } from "../output/style.ts";
import { widthOf } from "./line.ts";

/** How big the screen is, and which characters it shows. */
export interface Look {
  readonly columns: number;
  readonly rows: number;
  readonly ascii: boolean;
  /** Nothing is cut or left out for want of room: a program or a file reads it. */
  readonly isWhole?: boolean;
}

const WIDE = 96;

/** Whether lines may say more than what matters most. */
export const isWide = ({ columns }: Pick<Look, "columns">): boolean => columns >= WIDE;

/** The few signs of the dashboard, or their ASCII stand-ins. */
export const signsOf = (ascii: boolean) => ({
  ...symbols(ascii),
  rule: ascii ? "-" : "─",
  cursor: ascii ? ">" : "›",
  empty: ascii ? "." : "░",
});

/** Columns for names that stand under each other: so many at most where the room is small. */
export const nameRoom = (names: readonly string[], most: number, { isWhole }: Look): number =>
  Math.min(isWhole ? Number.POSITIVE_INFINITY : most, Math.max(0, ...names.map(widthOf)));

/** A gauge: filled as far as a share (0 to 1, more is full) of so many columns. */
export function gauge(share: number, columns: number, ascii: boolean): string {
  const millionths = BigInt(Math.round(Math.min(1, Math.max(0, share)) * 1_000_000));
  const filled = bar(millionths, columns, ascii);
  return filled + signsOf(ascii).empty.repeat(Math.max(0, columns - [...filled].length));
}

/** A bar as long as a value is beside the largest. */
export function barOf(value: number, largest: number, columns: number, ascii: boolean): string {
  if (largest <= 0 || value <= 0) return "";
  return bar(BigInt(Math.round((value / largest) * 1_000_000)), columns, ascii);
}

/** One character for each column: values are added up where there are more of them than columns. */
export function course(values: readonly number[], columns: number, ascii: boolean): string {
  return sparkline(
    gathered(values, columns).map((value) => BigInt(Math.round(value * 1_000_000))),
    ascii,
  );
}

/** So many values at most, neighbours added up; the newest stand at the end. */
export function gathered(values: readonly number[], most: number): readonly number[] {
  const size = Math.max(1, Math.ceil(values.length / Math.max(1, most)));
  const first = values.length % size;
  const groups: number[] = first > 0 ? [sum(values.slice(0, first))] : [];
  for (let at = first; at < values.length; at += size) groups.push(sum(values.slice(at, at + size)));
  return groups;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
