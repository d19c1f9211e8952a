import type { CostsData, DashboardData } from "./data.ts";

const NO_COSTS: CostsData = {
  range: { since: "", until: "", tz: "UTC" },
  by: [],
  rows: [],
  totals: {
    ...{ requests: 0, failed: 0, attempts: 0, unpriced_requests: 0, cost_usd: "0", share: null },
    usage: { input_tokens: 0, output_tokens: 0, cache_read_tokens: 0 },
  },
  unreconciled_usd: "0",
  unreconciled_requests: 0,
};

/** Where the view shows nothing of it. */
export const NOTHING_SHOWN = {
  ...{ costs: NO_COSTS, tenant_costs: NO_COSTS, spending: null },
  ...{ budgets: [], tenants: [], alerts: [], failovers: [], circuits: [], requests: [] },
  performance: { attempts: 0, since: null, is_complete: true, latency_bounds_ms: [], targets: [] },
  activity: { is_complete: true, requests: [], providers: {} },
} satisfies Partial<DashboardData>;
