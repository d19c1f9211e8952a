import type { BudgetRule, Spend } from "../core/budget.ts";
import { formatTime } from "../core/clock.ts";
import type { JsonObject } from "../core/json.ts";
import { humanUsd, usdText } from "../core/money.ts";
import { spanOf } from "../core/period.ts";
import { shareOf } from "../ledger/report.ts";
import { budgetName } from "./budget-name.ts";
import { percentText, ratioOf } from "./costs-figures.ts";
import { bar } from "./spark.ts";
import type { Paint } from "./style.ts";
import type { Column } from "./table.ts";

/** A budget and what its period has seen. */
export interface BudgetState extends Spend {
  readonly rule: BudgetRule;
  /** The moment it was looked at; its period is the one around that. */
  readonly atMs: number;
}

export type Level = "ok" | "warn" | "exceeded";

/** Where spending stands: at or over the limit, at a share of it (in millionths) or over, or below. */
export function levelOf(spentNano: number, limitNano: number, warnMillionths: bigint): Level {
  if (spentNano >= limitNano) return "exceeded";
  return BigInt(spentNano) * 1_000_000n >= BigInt(limitNano) * warnMillionths ? "warn" : "ok";
}

/**
 * Where a budget stands: it warns from its first threshold from 0.8 to below 1, else from the highest below 1, and from
 * 0.8 where it has none.
 */
export function stateOf({ rule, spentNano }: Pick<BudgetState, "rule" | "spentNano">): Level {
  const { thresholds, limitNano } = rule;
  const early = thresholds.filter((threshold) => threshold < 1);
  const near = early.find((threshold) => threshold >= NEAR) ?? early.at(-1) ?? NEAR;
  return levelOf(spentNano, limitNano, millionths(near));
}

/** From this share on a budget is worth a look; `riptide costs check` warns from there too. */
const NEAR = 0.8;

/** One budget in a document, in the shape of `riptide.budgets/1`. */
export function budgetDocument({ rule, spentNano, heldNano, atMs }: BudgetState): JsonObject {
  const { startMs, endMs } = spanOf(rule.period, atMs);
  const crossed = rule.thresholds.filter((threshold) => hasCrossed(spentNano, rule.limitNano, threshold));
  return {
    scope: rule.tenant === null ? "global" : "tenant",
    tenant: rule.tenant,
    period: rule.period,
    limit_usd: usdText(rule.limitNano),
    spent_usd: usdText(spentNano),
    reserved_usd: usdText(heldNano),
    remaining_usd: usdText(remaining({ rule, spentNano, heldNano })),
    used: ratioOf(shareOf(BigInt(spentNano), BigInt(rule.limitNano))),
    thresholds: [...rule.thresholds],
    crossed,
    on_exceeded: rule.degradeTo === null ? "reject" : `degrade:${rule.degradeTo}`,
    state: stateOf({ rule, spentNano }),
    window_start: formatTime(startMs),
    resets_at: formatTime(endMs),
  };
}

/** `riptide.budgets/1` */
export const budgetsDocument = (states: readonly BudgetState[]): JsonObject => ({
  schema: "riptide.budgets/1",
  budgets: states.map(budgetDocument),
});

/** One budget as a line for people. */
export function budgetLine(state: BudgetState): string {
  const { rule, spentNano, heldNano, atMs } = state;
  const left = `${humanUsd(remaining(state))} of ${humanUsd(rule.limitNano)} left`;
  const resets = formatTime(spanOf(rule.period, atMs).endMs).replace(".000Z", "Z");
  return `budget ${budgetName(rule)}: ${humanUsd(spentNano)} spent, ${humanUsd(heldNano)} reserved, ${left}, resets ${resets}`;
}

const remaining = ({ rule, spentNano, heldNano }: Omit<BudgetState, "atMs">): number =>
  Math.max(0, rule.limitNano - spentNano - heldNano);

const hasCrossed = (spentNano: number, limitNano: number, threshold: number): boolean =>
  levelOf(spentNano, limitNano, millionths(threshold)) !== "ok";

const millionths = (share: number): bigint => BigInt(Math.round(share * 1_000_000));

/** Budgets as a table; a terminal gets a bar for each, in what room the figures leave. */
export function budgetTable(states: readonly BudgetState[], terminal?: Terminal): BudgetTable {
  const rows = states.map(cellsOf);
  const room = terminal ? terminal.width - widthOf([COLUMNS.map(({ head }) => head), ...rows]) - GAP : 0;
  if (!terminal || room < MIN_BAR) return { columns: COLUMNS, rows };
  const columns = Math.min(room, MAX_BAR);
  return {
    columns: [...COLUMNS, { head: "", paint: () => "cyan" }],
    rows: states.map((state, at) => [...(rows[at] ?? []), barOf(state, columns, terminal.ascii)]),
  };
}

interface BudgetTable {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

interface Terminal {
  readonly ascii: boolean;
  /** Columns of the terminal. */
  readonly width: number;
}

const GAP = 2;
const MIN_BAR = 4;
const MAX_BAR = 24;

const PAINTS: Readonly<Record<string, Paint>> = { ok: "green", warn: "yellow", exceeded: "red" };

const COLUMNS: readonly Column[] = [
  { head: "tenant" },
  { head: "period" },
  { head: "state", paint: (cell) => PAINTS[cell] },
  ...["used", "spent", "held", "limit"].map((head) => ({ head, align: "right" }) as const),
  { head: "resets", align: "right" },
];

function cellsOf(state: BudgetState): readonly string[] {
  const { rule, spentNano, heldNano, atMs } = state;
  const share = shareOf(BigInt(spentNano), BigInt(rule.limitNano));
  return [
    rule.tenant ?? "global",
    rule.period,
    stateOf(state),
    share === null ? "-" : percentText(share),
    ...[humanUsd(spentNano), humanUsd(heldNano), humanUsd(rule.limitNano)],
    // A period ends on a full hour.
    formatTime(spanOf(rule.period, atMs).endMs).replace(":00Z", "Z"),
  ];
}

/** Full where the limit is reached, whatever was spent beyond it. */
function barOf({ rule, spentNano }: BudgetState, columns: number, ascii: boolean): string {
  const share = shareOf(BigInt(Math.min(spentNano, rule.limitNano)), BigInt(rule.limitNano));
  return bar(share ?? 1_000_000n, columns, ascii);
}

function widthOf(rows: readonly (readonly string[])[]): number {
  const widths = COLUMNS.map((_, at) => Math.max(...rows.map((row) => [...(row[at] ?? "")].length)));
  return widths.reduce((sum, width) => sum + GAP + width, -GAP);
}
