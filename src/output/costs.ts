import { formatTime } from "../core/clock.ts";
import type { JsonObject } from "../core/json.ts";
import { usdText } from "../core/money.ts";
import type { TimeRange } from "../ledger/range.ts";
import type { CostReport, Dimension, ReportRow } from "../ledger/report.ts";
import type { OperationRow } from "../store/line-reader.ts";
import { type BudgetState, budgetDocument } from "./budgets.ts";
import { changeOf, knownUsd, ratioOf, repricedUsd } from "./costs-figures.ts";

/** Everything `riptide costs` says, in whatever format. */
export interface Costs extends CostReport {
  readonly range: TimeRange;
  readonly previousRange?: TimeRange | undefined;
  readonly zone: string;
  readonly by: readonly Dimension[];
  /**
   * Undefined where everything asked for is in it. What tags tell apart, and what is priced anew, is read from rows: since
   * this moment, in Unix milliseconds, they are kept.
   */
  readonly rowsSinceMs?: number | undefined;
  readonly budgets: readonly BudgetState[];
  readonly prices: { readonly versions: readonly string[]; readonly complete: boolean };
  /** Operations whose process died; undefined unless they were asked for. */
  readonly unreconciled?: readonly OperationRow[] | undefined;
}

/** `riptide.costs/1` */
export function costsDocument(costs: Costs): JsonObject {
  const { range, previousRange, zone, by, rows, totals, leftOut, budgets, prices, unreconciled } = costs;
  return {
    schema: "riptide.costs/1",
    range: { ...rangeDocument(range), tz: zone },
    ...(previousRange && { previous_range: rangeDocument(previousRange) }),
    by: [...by],
    ...(costs.rowsSinceMs !== undefined && { rows_since: formatTime(costs.rowsSinceMs) }),
    rows: rows.map((row) => ({ key: { ...row.key }, ...rowDocument(row) })),
    rows_left_out: leftOut,
    totals: rowDocument(totals),
    budgets: budgets.map(budgetDocument),
    price_versions: [...prices.versions],
    price_versions_complete: prices.complete,
    unreconciled_usd: usdText(totals.sums.unreconciledNano),
    unreconciled_requests: Number(totals.sums.unreconciled),
    ...(unreconciled && {
      unreconciled: unreconciled.map(({ id, tenant, startedMs, costNano }) => ({
        id,
        tenant,
        at: formatTime(Number(startedMs)),
        cost_usd: usdText(costNano),
      })),
    }),
  };
}

const rangeDocument = ({ sinceMs, untilMs }: TimeRange) => ({
  since: formatTime(sinceMs),
  until: formatTime(untilMs),
});

function rowDocument({ sums, share, previous, repriced }: ReportRow): JsonObject {
  return {
    requests: Number(sums.requests),
    failed: Number(sums.failed),
    attempts: Number(sums.attempts),
    unpriced_requests: Number(sums.unpriced),
    usage: {
      input_tokens: Number(sums.inputTokens),
      output_tokens: Number(sums.outputTokens),
      cache_read_tokens: Number(sums.cacheReadTokens),
      cache_write_tokens: Number(sums.cacheWriteTokens),
      reasoning_tokens: Number(sums.reasoningTokens),
      source: sums.estimated > 0n ? "estimated" : "reported",
    },
    estimated_attempts: Number(sums.estimated),
    cost_usd: knownUsd(sums),
    share: ratioOf(share),
    unreconciled_usd: usdText(sums.unreconciledNano),
    ...(previous && {
      previous: { requests: Number(previous.requests), cost_usd: knownUsd(previous) },
      change: ratioOf(changeOf({ sums, previous })),
    }),
    ...(repriced && { repriced_usd: repricedUsd(repriced), repriced_unpriced_attempts: repriced.unpriced }),
  };
}
