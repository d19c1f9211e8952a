import type { HealthState } from "../core/health.ts";
import type { Json } from "../core/json.ts";
import type { CircuitState } from "../engine/guard.ts";
import type { Level } from "../output/budgets.ts";
import type { TenantStatus } from "../output/tenants.ts";

/**
 * What one view of a dashboard shows, as the documents have it: `*_usd` are decimal texts, times are RFC 3339. All texts
 * are safe for a terminal. What the view does not show is empty.
 */
export interface DashboardData {
  /** Who told: a daemon that runs, or the ledger alone. */
  readonly source: "daemon" | "ledger";
  readonly at: string;
  /** Requests that run and wait now; null where only a daemon could say. */
  readonly in_flight: number | null;
  readonly waiting: number | null;
  /** Null without a daemon, which is what looks. */
  readonly health: readonly ProviderHealth[] | null;
  readonly costs: CostsData;
  readonly tenant_costs: CostsData;
  /** Null where less than two hours are known. */
  readonly spending: SpendingData | null;
  readonly budgets: readonly BudgetData[];
  readonly tenants: readonly TenantData[];
  readonly alerts: readonly AlertData[];
  /** What the daemon works by, as `riptide daemon status` has it; null without one. */
  readonly config?: ConfigData | null;
  readonly performance: PerformanceData;
  readonly activity: ActivityData;
  readonly failovers: readonly FailoverData[];
  readonly circuits: readonly CircuitData[];
  /** What the daemon told of, the newest first; absent without one. */
  readonly events?: readonly EventData[];
  readonly requests: readonly RequestData[];
}

export interface ProviderHealth {
  readonly name: string;
  readonly status: HealthState;
  readonly latency_ms: number | null;
}

export interface CostsData {
  readonly range: { readonly since: string; readonly until: string; readonly tz: string };
  readonly by: readonly string[];
  readonly rows: readonly CostRow[];
  readonly totals: CostSums;
  readonly unreconciled_usd: string;
  readonly unreconciled_requests: number;
}

/** Spending by hour, day, week or month, pauses included. */
export interface SpendingData {
  readonly unit: string;
  readonly points: readonly { readonly name: string; readonly cost_usd: string }[];
}

export interface CostSums {
  readonly requests: number;
  readonly failed: number;
  readonly attempts: number;
  readonly unpriced_requests: number;
  readonly usage: {
    readonly input_tokens: number;
    readonly output_tokens: number;
    readonly cache_read_tokens: number;
  };
  /** Null where the price is not known. */
  readonly cost_usd: string | null;
  /** 0 to 1, of all costs. */
  readonly share: number | null;
}

export interface CostRow extends CostSums {
  readonly key: Readonly<Record<string, string | null>>;
}

export interface BudgetData {
  readonly tenant: string | null;
  readonly period: string;
  readonly limit_usd: string;
  readonly spent_usd: string;
  readonly reserved_usd: string;
  readonly remaining_usd: string;
  readonly used: number | null;
  readonly state: Level;
  readonly resets_at: string;
  readonly burn_usd_per_day: string | null;
  readonly forecast: {
    readonly mean_usd: string;
    readonly low_usd: string;
    readonly high_usd: string;
  } | null;
  readonly forecast_reason: string | null;
}

export interface TenantData {
  readonly name: string;
  readonly status: TenantStatus;
  readonly limits: {
    readonly requests_per_minute: number | null;
    readonly tokens_per_minute: number | null;
    readonly cost_per_hour_usd: string | null;
    readonly max_concurrent: number | null;
  };
  readonly usage: {
    readonly requests_this_minute: number;
    readonly tokens_this_minute: number;
    readonly cost_this_hour_usd: string;
    readonly in_flight: number;
  };
  readonly refusals_24h: number;
}

export interface AlertData {
  readonly tenant: string | null;
  readonly period: string;
  readonly threshold: number;
  readonly at: string;
  readonly resolved_at: string | null;
}

export interface ConfigData {
  /** The revision that is in use, also where the file has become another. */
  readonly revision: string;
  /** Why what stands in the file now is not in use. */
  readonly last_error: { readonly at: string; readonly message: string } | null;
}

export interface Times {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

export interface TargetData {
  readonly provider: string;
  readonly model: string;
  readonly attempts: number;
  readonly failed: number;
  readonly success_rate: number | null;
  readonly first_token_ms: Times;
  readonly total_ms: Times;
  readonly tokens_per_s: number | null;
  readonly errors: readonly { readonly code: string; readonly count: number }[];
  readonly latency: readonly number[];
}

/** Of all answers of a provider, whichever model gave them. */
export interface ProviderPerformanceData {
  readonly provider: string;
  readonly attempts: number;
  readonly failed: number;
  readonly success_rate: number | null;
  readonly total_ms: Times;
}

export interface PerformanceData {
  readonly attempts: number;
  readonly since: string | null;
  readonly is_complete: boolean;
  readonly latency_bounds_ms: readonly number[];
  /** Absent from a daemon of an earlier build. */
  readonly providers?: readonly ProviderPerformanceData[];
  /** What is promised of providers; absent from a daemon of an earlier build. */
  readonly slos?: readonly SloData[];
  readonly targets: readonly TargetData[];
}

/** A promise of the configuration: a share where `metric` is `success`, else milliseconds. */
export interface SloData {
  readonly name: string;
  readonly metric: string;
  readonly target: number;
  /** Null where nothing is known; `met` is, too. */
  readonly actual: number | null;
  readonly met: boolean | null;
}

export interface MinuteData {
  readonly at: string;
  readonly count: number;
  readonly failed: number;
}

export interface ActivityData {
  readonly is_complete: boolean;
  readonly requests: readonly MinuteData[];
  readonly providers: Readonly<Record<string, readonly MinuteData[]>>;
}

export interface FailoverData {
  readonly at: string;
  readonly request: string;
  readonly tenant: string;
  readonly from: string;
  readonly to: string;
  readonly code: string | null;
  readonly outcome: string | null;
}

/** An event; its further members depend on its type. */
export interface EventData {
  readonly seq: number;
  readonly at: string;
  readonly type: string;
  readonly [member: string]: Json;
}

export interface CircuitData {
  readonly provider: string;
  readonly operation: string;
  readonly state: CircuitState;
  readonly forced: "open" | "closed" | null;
  readonly failures_in_window: number;
  readonly requests_in_window: number;
  readonly success_rate: number | null;
  readonly opened_at: string | null;
  readonly retry_at: string | null;
  readonly last_error: string | null;
  readonly hold: { readonly code: string; readonly until: string } | null;
}

export interface RequestData {
  readonly id: string;
  readonly tenant: string;
  readonly requested_model: string;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly outcome: string;
  readonly error_code: string | null;
  readonly attempts: number;
  readonly provider: string | null;
  readonly model: string | null;
  readonly first_token_ms: number | null;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cost_usd: string | null;
}
