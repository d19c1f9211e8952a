import type {
  BudgetData,
  CircuitData,
  CostRow,
  DashboardData,
  RequestData,
  TargetData,
} from "../../src/tui/data.ts";
import { NOTHING_SHOWN } from "../../src/tui/nothing-shown.ts";

export const AT = "2026-11-23T09:35:00Z";

const sums = (requests: number, cost_usd: string, share: number): Omit<CostRow, "key"> => ({
  ...{
    requests,
    failed: requests > 50 ? 3 : 0,
    attempts: requests + 5,
    unpriced_requests: 0,
    cost_usd,
    share,
  },
  usage: { input_tokens: requests * 11, output_tokens: requests * 16, cache_read_tokens: 0 },
});

const costs = (by: string, rows: readonly (readonly [string, number, string, number])[]) => ({
  range: { since: "2026-11-01T00:00:00Z", until: AT, tz: "UTC" },
  by: [by],
  rows: rows.map(
    ([name, requests, usd, share]): CostRow => ({ key: { [by]: name }, ...sums(requests, usd, share) }),
  ),
  totals: sums(76, "0.025", 1),
  ...{ unreconciled_usd: "0", unreconciled_requests: 0 },
});

export const budget = (more: Partial<BudgetData> = {}): BudgetData => ({
  ...{ tenant: null, period: "day", limit_usd: "0.5", spent_usd: "0.025", reserved_usd: "0" },
  ...{ remaining_usd: "0.475", used: 0.05, state: "ok", resets_at: "2026-11-24T00:00:00Z" },
  ...{ burn_usd_per_day: "0.063", forecast: null, forecast_reason: "two days are known" },
  ...more,
});

const target = (more: Partial<TargetData> = {}): TargetData => ({
  ...{ provider: "main", model: "fast", attempts: 20, failed: 5, success_rate: 0.75 },
  first_token_ms: { p50: 20, p95: 40, p99: 41 },
  total_ms: { p50: 90, p95: 180, p99: 950 },
  tokens_per_s: 176,
  errors: [{ code: "rate_limited", count: 5 }],
  latency: [0, 0, 2, 9, 3, 0, 1, 0, 0, 0, 0, 0, 0],
  ...more,
});

export const circuit = (more: Partial<CircuitData> = {}): CircuitData => ({
  ...{ provider: "main", operation: "completion", state: "closed", forced: null },
  ...{ failures_in_window: 0, requests_in_window: 6, success_rate: 1, opened_at: null, retry_at: null },
  ...{ last_error: null, hold: null },
  ...more,
});

export const request = (n: number, more: Partial<RequestData> = {}): RequestData => ({
  ...{ id: `rq_${String(n).padStart(4, "0")}`, tenant: "search", requested_model: "default" },
  ...{ started_at: "2026-11-23T09:34:01.100Z", ended_at: "2026-11-23T09:34:01.190Z", outcome: "ok" },
  ...{ error_code: null, attempts: 1, provider: "second", model: "fast", first_token_ms: 40 },
  ...{ input_tokens: 11, output_tokens: 16, cost_usd: "0.000332" },
  ...more,
});

const minutes = (count: number, failed: number) =>
  Array.from({ length: 60 }, (_, at) => ({
    at: AT,
    count: at === 59 ? count : 0,
    failed: at === 59 ? failed : 0,
  }));

/** A machine with a failover, an open circuit and a budget that has crossed a threshold. */
export const sample = (more: Partial<DashboardData> = {}): DashboardData => ({
  ...NOTHING_SHOWN,
  ...{ source: "daemon", at: AT, in_flight: 3, waiting: 1 },
  health: [{ name: "main", status: "degraded", latency_ms: 40 }],
  costs: costs("model", [
    ["second/fast", 66, "0.0219", 0.869],
    ["main/fast", 5, "0.0033", 0.131],
    ["broken/fast", 0, "0", 0],
  ]),
  tenant_costs: costs("tenant", [["search", 24, "0.0086", 0.344]]),
  spending: {
    unit: "day",
    points: [
      { name: "2026-11-22", cost_usd: "0.004" },
      { name: "2026-11-23", cost_usd: "0.021" },
    ],
  },
  budgets: [
    budget(),
    budget({ tenant: "search", limit_usd: "0.05", spent_usd: "0.045", used: 0.9, state: "warn" }),
  ],
  tenants: [
    {
      ...{ name: "search", status: "throttled", refusals_24h: 21 },
      limits: {
        requests_per_minute: 60,
        tokens_per_minute: null,
        cost_per_hour_usd: null,
        max_concurrent: 4,
      },
      usage: {
        requests_this_minute: 24,
        tokens_this_minute: 654,
        cost_this_hour_usd: "0.0086",
        in_flight: 1,
      },
    },
    {
      ...{ name: "default", status: "active", refusals_24h: 0 },
      limits: {
        requests_per_minute: null,
        tokens_per_minute: null,
        cost_per_hour_usd: null,
        max_concurrent: null,
      },
      usage: { requests_this_minute: 0, tokens_this_minute: 0, cost_this_hour_usd: "0", in_flight: 0 },
    },
  ],
  alerts: [
    { tenant: "search", period: "day", threshold: 0.8, at: "2026-11-23T09:20:00Z", resolved_at: null },
  ],
  performance: {
    ...{ attempts: 96, since: "2026-11-23T09:00:00Z", is_complete: true },
    latency_bounds_ms: [10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 60_000],
    providers: [
      {
        ...{ provider: "main", attempts: 20, failed: 5, success_rate: 0.75 },
        total_ms: { p50: 90, p95: 180, p99: 950 },
      },
    ],
    targets: [target({ provider: "second", failed: 0, success_rate: 1, errors: [], attempts: 66 }), target()],
  },
  activity: {
    is_complete: true,
    requests: minutes(71, 3),
    providers: { main: minutes(20, 5), second: minutes(66, 0), broken: minutes(10, 10) },
  },
  failovers: [
    {
      ...{ at: "2026-11-23T09:34:49Z", request: "rq_0001", tenant: "search", outcome: "ok" },
      ...{ from: "main/fast", to: "second/fast", code: "rate_limited" },
    },
  ],
  circuits: [
    circuit(),
    circuit({
      ...{
        provider: "broken",
        state: "open",
        failures_in_window: 10,
        requests_in_window: 10,
        success_rate: 0,
      },
      ...{
        opened_at: "2026-11-23T09:34:30Z",
        retry_at: "2026-11-23T09:35:17Z",
        last_error: "provider_error",
      },
    }),
  ],
  requests: Array.from({ length: 40 }, (_, at) =>
    request(
      at + 1,
      at === 2 ? { outcome: "error", error_code: "overloaded", provider: null, model: null } : {},
    ),
  ),
  ...more,
});
