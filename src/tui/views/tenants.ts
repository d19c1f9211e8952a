import type { Paint } from "../../output/style.ts";
import { budgetPanel } from "../budgets.ts";
import type { DashboardData } from "../data.ts";
import { count, numberOf, ofLimit, usd } from "../figures.ts";
import type { Line } from "../line.ts";
import { barOf, type Look } from "../look.ts";
import { nothing, type Panel, stacked } from "../panel.ts";
import { type TenantRow, tenantRows } from "../rows.ts";
import { RANGE_WORDS, type State, sortOf } from "../state.ts";
import { tableLines, type ViewColumn } from "../table.ts";

/** Who uses how much of what they may. */
export const tenantsView = (data: DashboardData, state: State, look: Look): readonly Line[] =>
  stacked([tenantsPanel(data, state, look), budgetPanel(data, look)], look);

const PAINTS: Readonly<Record<string, Paint>> = {
  active: "green",
  throttled: "yellow",
  suspended: "red",
  budget_exceeded: "red",
};

const COLUMNS: readonly ViewColumn<TenantRow>[] = [
  { head: "tenant", cell: ({ name }) => name },
  { head: "status", cell: ({ status }) => status.replace("_", " "), paint: ({ status }) => PAINTS[status] },
  {
    head: "req/min",
    align: "right",
    drop: 1,
    cell: ({ usage, limits }) => ofLimit(usage.requests_this_minute, limits.requests_per_minute),
  },
  {
    head: "tokens/min",
    align: "right",
    drop: 4,
    cell: ({ usage, limits }) =>
      ofLimit(
        count(usage.tokens_this_minute),
        limits.tokens_per_minute === null ? null : count(limits.tokens_per_minute),
      ),
  },
  {
    head: "cost/hour",
    align: "right",
    drop: 5,
    cell: ({ usage, limits }) =>
      ofLimit(
        usd(usage.cost_this_hour_usd),
        limits.cost_per_hour_usd === null ? null : usd(limits.cost_per_hour_usd),
      ),
  },
  {
    head: "running",
    align: "right",
    drop: 3,
    cell: ({ usage, limits }) => ofLimit(usage.in_flight, limits.max_concurrent),
  },
  {
    head: "refused",
    align: "right",
    drop: 2,
    cell: ({ refusals_24h }) => count(refusals_24h),
    paint: ({ refusals_24h }) => (refusals_24h > 0 ? "yellow" : undefined),
  },
  { head: "requests", align: "right", cell: ({ requests }) => count(requests) },
  { head: "cost", align: "right", cell: ({ cost_usd }) => usd(cost_usd) },
];

function tenantsPanel(data: DashboardData, state: State, look: Look): Panel {
  const rows = tenantRows(data, state);
  const title = `Tenants by ${sortOf(state)}`;
  const note = `cost and requests: ${RANGE_WORDS[state.range]}; refused: 24 h`;
  if (rows.length === 0) return { title, note, lines: nothing("no tenant matches") };
  const barWidth = look.columns >= 130 ? 24 : 0;
  const largest = Math.max(...rows.map(({ cost_usd }) => numberOf(cost_usd)));
  const bars: ViewColumn<TenantRow> = {
    head: " ".repeat(barWidth),
    cell: ({ cost_usd }) => barOf(numberOf(cost_usd), largest, barWidth, look.ascii),
    paint: () => "cyan",
  };
  const columns = barWidth > 0 ? [...COLUMNS, bars] : COLUMNS;
  const { selected } = state;
  const lines = tableLines(columns, rows, { look, selected });
  return { title, note, lines, selected, least: 6 };
}
