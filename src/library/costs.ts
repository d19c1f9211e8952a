import type { Config } from "../config/config.ts";
import { formatTime } from "../core/clock.ts";
import { usdText } from "../core/money.ts";
import type { Dimension, ReportRow } from "../ledger/report.ts";
import type { Words } from "../ledger/words.ts";
import type { BudgetState } from "../output/budgets.ts";
import { stateOf } from "../output/budgets.ts";
import { knownUsd } from "../output/costs-figures.ts";
import { readCosts, wantedCosts } from "../output/read-costs.ts";
import type { Database } from "../store/database.ts";

/** A report of costs, in the words of `riptide costs`. */
export interface CostsAsk {
  /** `7d`, `2026-11-01`, an RFC 3339 time; the current month unless given. */
  readonly since?: string;
  readonly until?: string;
  /** The zone days begin in, such as `Europe/Berlin`. */
  readonly tz?: string;
  /** Up to three of provider, model, alias, tenant, outcome, hour, day, week, month and tag:KEY. */
  readonly by?: readonly Dimension[];
  readonly tenant?: string;
  /** What counts besides requests: `probe`, the calls of `health({ level: "deep" })`. */
  readonly include?: readonly "probe"[];
}

export interface CostsRow {
  /** The values of the groups; empty for the totals. */
  readonly key: Readonly<Record<string, string | null>>;
  readonly requests: number;
  readonly failed: number;
  readonly attempts: number;
  /** Requests whose price is not known. */
  readonly unpriced: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** In dollars, as a decimal string; null where nothing of it has a price. */
  readonly costUsd: string | null;
}

export interface CostsReport {
  readonly since: string;
  readonly until: string;
  readonly by: readonly string[];
  readonly rows: readonly CostsRow[];
  readonly totals: CostsRow;
  readonly budgets: readonly BudgetSpending[];
}

export interface BudgetSpending {
  /** Null for the budget of the whole installation. */
  readonly tenant: string | null;
  readonly period: string;
  readonly limitUsd: string;
  readonly spentUsd: string;
  readonly state: "ok" | "warn" | "exceeded";
}

/** @throws RiptideError `usage` for what no report can be made of */
export function costsReport(
  ask: CostsAsk,
  source: { readonly database: Database; readonly config: Config; readonly nowMs: number },
): CostsReport {
  const wanted = wantedCosts(wordsOf(ask), source.nowMs);
  const { range, by, rows, totals, budgets } = source.database.read(() => readCosts(wanted, source));
  return {
    since: formatTime(range.sinceMs),
    until: formatTime(range.untilMs),
    by,
    rows: rows.map(rowOf),
    totals: rowOf(totals),
    budgets: budgets.map(spendingOf),
  };
}

function wordsOf({ by, include, ...ask }: CostsAsk): Words {
  const given: Readonly<Record<string, string | undefined>> = {
    ...ask,
    by: by?.join(),
    include: include?.join(),
  };
  return { has: (name) => given[name] !== undefined, value: (name) => given[name] };
}

const rowOf = ({ key, sums }: ReportRow): CostsRow => ({
  key,
  requests: Number(sums.requests),
  failed: Number(sums.failed),
  attempts: Number(sums.attempts),
  unpriced: Number(sums.unpriced),
  inputTokens: Number(sums.inputTokens),
  outputTokens: Number(sums.outputTokens),
  costUsd: knownUsd(sums),
});

function spendingOf(state: BudgetState): BudgetSpending {
  const { rule, spentNano } = state;
  const { tenant, period, limitNano } = rule;
  const spent = { limitUsd: usdText(limitNano), spentUsd: usdText(spentNano) };
  return { tenant, period, ...spent, state: stateOf(state) };
}
