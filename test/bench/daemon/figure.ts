import { columns, median } from "../measure/statistics.ts";

/** One line of the result. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly riptide: number;
  /** The same of the pass-through, where it is compared with one. */
  readonly bare?: number;
  /** To the pass-through; the median of the ratios of each round. */
  readonly ratio?: number;
  readonly aim?: Aim;
}

export interface Aim {
  readonly of: "riptide" | "ratio";
  readonly least?: number;
  readonly most?: number;
}

/** A figure of several rounds, each with one value of either side. */
export function compared(
  { name, unit, aim }: Pick<Figure, "name" | "unit"> & { readonly aim: Aim | undefined },
  riptide: readonly number[],
  bare: readonly number[],
): Figure {
  const ratios = riptide.map((value, round) => value / (bare[round] ?? Number.NaN));
  const figures = { name, unit, riptide: median(riptide), bare: median(bare), ratio: median(ratios) };
  return aim ? { ...figures, aim } : figures;
}

export function isMet({ riptide, ratio = Number.NaN, aim }: Figure): boolean | undefined {
  if (!aim) return undefined;
  const value = aim.of === "ratio" ? ratio : riptide;
  return value >= (aim.least ?? Number.NEGATIVE_INFINITY) && value <= (aim.most ?? Number.POSITIVE_INFINITY);
}

const TITLES = ["", "unit", "pass-through", "riptide", "ratio", "aim", ""];

export function figureTable(figures: readonly Figure[]): string {
  return columns([TITLES, ...figures.map(lineOf)]);
}

function lineOf(figure: Figure): readonly string[] {
  const { name, unit, bare, riptide, ratio } = figure;
  const met = isMet(figure);
  const verdict = met === undefined ? "" : met ? "met" : "MISSED";
  return [name, unit, numberText(bare), numberText(riptide), numberText(ratio), aimText(figure), verdict];
}

/** Three digits that matter; whole numbers where there are more. */
function numberText(value: number | undefined): string {
  if (value === undefined) return "";
  return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

function aimText({ aim, unit }: Figure): string {
  if (!aim) return "";
  const bound = aim.least === undefined ? `<= ${aim.most}` : `>= ${aim.least}`;
  return `${bound} ${aim.of === "ratio" ? "x" : unit}`;
}
