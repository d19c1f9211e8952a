import { formatTime } from "../core/clock.ts";
import { humanUsd } from "../core/money.ts";
import { costOf, type ReportRow, shareOf } from "../ledger/report.ts";
import { repricedNano } from "../ledger/reprice.ts";
import type { Costs } from "./costs.ts";
import { changeOf, percentText } from "./costs-figures.ts";
import { bar } from "./spark.ts";
import type { Column } from "./table.ts";

/** A column of the report: its head, and what stands in it for each row. */
interface Field extends Column {
  readonly cell: (row: ReportRow) => string;
}

/** The table for people: one row for each group, then the total. */
export interface CostTable {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

export interface Terminal {
  readonly ascii: boolean;
  /** Columns of the terminal. */
  readonly width: number;
}

const MIN_BAR = 4;
const MAX_BAR = 24;
const GAP = 2;

/**
 * The report as a table. A terminal gets a bar for each row in what room the figures leave, as long as its cost beside
 * the largest. On a narrow one the shares go first and notes become a mark, so that names stay readable.
 */
export function costTable(costs: Costs, terminal?: Terminal): CostTable {
  const whole = [...keyFields(costs), ...figureFields(costs)];
  const room = terminal ? terminal.width - widthOf(whole, costs) : 0;
  if (!terminal || room === 0) return drawn(whole, costs);
  if (room < 0) return drawn([...keyFields(costs), ...narrowFields(costs)], costs);
  const columns = Math.min(room - GAP, MAX_BAR);
  const largest = costs.rows.reduce((most, { sums }) => (sums.costNano > most ? sums.costNano : most), 0n);
  if (columns < MIN_BAR || largest === 0n) return drawn(whole, costs);
  const bars: Field = {
    head: "",
    cell: (row) =>
      row === costs.totals ? "" : bar(shareOf(row.sums.costNano, largest) ?? 0n, columns, terminal.ascii),
    paint: (text) => (text === "" ? undefined : "cyan"),
  };
  const beside = whole.filter((field) => field === notes);
  return drawn([...whole.filter((field) => field !== notes), bars, ...beside], costs);
}

function drawn(fields: readonly Field[], costs: Costs): CostTable {
  return { columns: fields, rows: cellsOf(fields, costs) };
}

/** The rows, then the total, which has no key. */
function cellsOf(fields: readonly Field[], { by, rows, totals }: Costs): readonly (readonly string[])[] {
  const total = fields.map(({ cell }, at) => (at === 0 ? "total" : at < by.length ? "" : cell(totals)));
  return [...rows.map((row) => fields.map(({ cell }) => cell(row))), total];
}

function keyFields({ by }: Costs): readonly Field[] {
  return by.map((dimension) => ({ head: dimension, cell: ({ key }) => key[dimension] ?? "-" }));
}

function figureFields(costs: Costs): readonly Field[] {
  const { rows, totals } = costs;
  const hasNotes = [...rows, totals].some((row) => noteText(row) !== "");
  return [
    ...countFields,
    costField(({ sums }) => humanUsd(costOf(sums))),
    count("share", shareText),
    ...extraFields(costs),
    ...(hasNotes ? [notes] : []),
  ];
}

function narrowFields(costs: Costs): readonly Field[] {
  const cost = costField((row) => humanUsd(costOf(row.sums)) + (noteText(row) === "" ? "" : MARK));
  return [...countFields, cost, ...extraFields(costs)];
}

const notes: Field = { head: "", cell: noteText, paint: (text) => (text === "" ? undefined : "yellow") };

/** Stands behind an amount that is not all. */
const MARK = "*";

const count = (head: string, cell: Field["cell"]): Field => ({ head, align: "right", cell });

const countFields: readonly Field[] = [
  count("requests", ({ sums }) => String(sums.requests)),
  { ...count("failed", ({ sums }) => String(sums.failed)), paint: (cell) => (cell === "0" ? "dim" : "red") },
  count("in tokens", ({ sums }) => String(sums.inputTokens)),
  count("out tokens", ({ sums }) => String(sums.outputTokens)),
];

const costField = (cell: Field["cell"]): Field => ({
  ...count("cost", cell),
  paint: (text) => (text === "unpriced" || text.endsWith(MARK) ? "yellow" : undefined),
});

const extraFields = ({ totals, unreconciled }: Costs): readonly Field[] => [
  ...(totals.previous ? [count("change", changeText)] : []),
  ...(totals.repriced ? [count("today", repricedText)] : []),
  ...(unreconciled ? [count("unreconciled", ({ sums }) => humanUsd(sums.unreconciledNano))] : []),
];

const shareText = ({ share }: ReportRow): string => (share === null ? "-" : percentText(share));

/** At today's prices; marked where some of it has none. */
export const repricedText = ({ repriced }: ReportRow): string =>
  repriced
    ? humanUsd(repricedNano(repriced)) + (repriced.unpriced > 0 && repriced.nano > 0n ? MARK : "")
    : "-";

/** How much more was spent than in the range before. */
export function changeText(row: ReportRow): string {
  const change = changeOf(row);
  if (change === null) return row.previous?.requests === 0n ? "new" : "-";
  return `${change > 0n ? "+" : ""}${percentText(change)}`;
}

/** Where some of a sum has no price, the sum is not all. */
function noteText({ sums }: ReportRow): string {
  return sums.unpriced > 0n && costOf(sums) !== null ? `(${sums.unpriced} unpriced)` : "";
}

function widthOf(fields: readonly Field[], costs: Costs): number {
  const rows = [fields.map(({ head }) => head), ...cellsOf(fields, costs)];
  const widths = fields.map((_, at) => Math.max(...rows.map((row) => [...(row[at] ?? "")].length)));
  return widths.reduce((sum, width) => sum + GAP + width, -GAP);
}

/** What follows the table besides budgets: what was left out, has no price, or was never settled. */
export function closingLines({ leftOut, totals, unreconciled, rowsSinceMs }: Costs): readonly string[] {
  const { sums } = totals;
  return [
    ...(rowsSinceMs === undefined
      ? []
      : [
          `${totals.repriced ? "today" : "tags"}: requests before ${formatTime(rowsSinceMs)} are not in it, as only their sums are kept`,
        ]),
    ...(leftOut > 0 ? [`${leftOut} more ${leftOut === 1 ? "row" : "rows"}, counted in the total`] : []),
    ...(sums.unpriced > 0n
      ? [`unpriced: ${counted(sums.unpriced)} not in the cost; see riptide prices check`]
      : []),
    ...(totals.repriced && totals.repriced.unpriced > 0
      ? [`today: ${totals.repriced.unpriced} attempts of models without a price are not in it`]
      : []),
    ...(sums.unreconciled > 0n
      ? [
          `unreconciled: ${counted(sums.unreconciled)} cut off with the process, ${humanUsd(sums.unreconciledNano)} of the cost`,
        ]
      : []),
    ...(unreconciled ?? []).map(
      ({ id, tenant, startedMs, costNano }) =>
        `  ${id}  ${formatTime(Number(startedMs)).replace(/\.\d+Z/, "Z")}  ${tenant}  ${humanUsd(costNano)}`,
    ),
  ];
}

const counted = (requests: bigint): string => `${requests} ${requests === 1n ? "request" : "requests"}`;
