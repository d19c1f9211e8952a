import type { SecretSource } from "../core/secret.ts";
import type { ModelOverride } from "../providers/capabilities.ts";

/**
 * Everything providers.yaml, the environment and flags say, checked and complete: defaults are filled in,
 * durations are milliseconds, money is integer nano-dollars. It survives a round trip through JSON.
 */
export interface Config {
  /** Absolute path of the file; `-` for standard input; null when providers were found in the environment. */
  readonly path: string | null;
  /** First 12 hex digits of the SHA-256 of what it was built from. */
  readonly revision: string;
  /** In file order, which breaks every tie. An `implicit` one stands last. */
  readonly providers: readonly ProviderEntry[];
  readonly aliases: Readonly<Record<string, Alias>>;
  /** Used where no alias applies; an alias carries its own. */
  readonly strategy: StrategyName;
  readonly timeouts: Timeouts;
  readonly circuitBreaker: BreakerSettings;
  readonly failover: Failover;
  readonly health: HealthSettings;
  readonly tenants: Tenants;
  /** Of the whole installation. */
  readonly budgets: readonly Budget[];
  readonly maxCostPerRequestNano?: number | undefined;
  /** What happens to a model without a price where a budget or cap applies. */
  readonly unpriced: "refuse" | "allow";
  readonly limits: { readonly maxStdinBytes: number };
  readonly ledger: LedgerSettings;
  readonly daemon: DaemonSettings;
  readonly telemetry: { readonly prometheus: boolean; readonly otlpEndpoint: string | null };
  readonly plugins: readonly PluginReference[];
}

export const STRATEGIES = [
  "sequential",
  "lowest-cost",
  "fastest-first",
  "round-robin",
  "health-based",
] as const;
export type StrategyName = (typeof STRATEGIES)[number];

/** One provider as configured; secrets are still sources, resolved by `resolveOptions` when it is used. */
export interface ProviderEntry {
  /** The id used in targets, reports and metrics. */
  readonly id: string;
  /** The proper name of its type, never an alias. */
  readonly type: string;
  /** Always there to be asked for by name, but not written anywhere: in no alias, list or health check. */
  readonly implicit: boolean;
  readonly enabled: boolean;
  /** Lower goes first. */
  readonly priority: number;
  readonly tags: readonly string[];
  /** Extra request headers; names are lower-case. */
  readonly headers: Readonly<Record<string, SecretSource>>;
  readonly caFile?: string | undefined;
  /** Plain http and private addresses are allowed. */
  readonly allowPrivate: boolean;
  /** In-flight cap over the whole machine. */
  readonly maxConcurrent?: number | undefined;
  readonly timeouts: ProviderTimeouts;
  /** The provider's own values over the installation's. */
  readonly circuitBreaker: BreakerSettings;
  readonly health: { readonly probe: "free" | "completion" | "off"; readonly model?: string | undefined };
  /** By model name. */
  readonly prices: Readonly<Record<string, Price>>;
  /** By model name: what the file knows better than the program. */
  readonly models: Readonly<Record<string, ModelOverride>>;
  readonly defaultModel?: string | undefined;
  readonly slo?: Slo | undefined;
  /** The type's own keys, as its schema gives them. */
  readonly options: Readonly<Record<string, unknown>>;
}

export interface ProviderTimeouts {
  /** Cap of one attempt. */
  readonly attemptMs?: number | undefined;
  readonly connectMs?: number | undefined;
  readonly firstTokenMs?: number | undefined;
}

/** Nano-dollars per million tokens. */
export interface Price {
  readonly inputNano: number;
  readonly outputNano: number;
  readonly cachedInputNano?: number | undefined;
  readonly cacheWriteNano?: number | undefined;
}

/** What is promised of a provider or alias: a share of successes, and latencies. */
export interface Slo {
  readonly success?: number | undefined;
  readonly firstTokenP95Ms?: number | undefined;
  readonly totalP95Ms?: number | undefined;
}

/** A name callers ask for, and the models that answer it. */
export interface Alias {
  readonly targets: readonly Target[];
  readonly strategy: StrategyName;
  readonly timeouts: AliasTimeouts;
  readonly streamRecovery: "continue" | "off";
  readonly slo?: Slo | undefined;
}

export interface Target {
  readonly provider: string;
  /** The vendor's model name. */
  readonly model: string;
}

/** Only what the alias says itself; the installation's values hold for the rest. */
export interface AliasTimeouts {
  readonly completionMs?: number | undefined;
  readonly embeddingMs?: number | undefined;
  readonly firstTokenMs?: number | undefined;
  readonly streamIdleMs?: number | undefined;
  readonly streamMaxMs?: number | undefined;
}

export interface Timeouts {
  readonly completionMs: number;
  readonly embeddingMs: number;
  readonly healthMs: number;
  readonly streamIdleMs: number;
  readonly streamMaxMs: number;
  /** Ceiling for `--timeout` and alias values. */
  readonly maxMs: number;
  /** The completion limit covers the whole stream too. */
  readonly strict: boolean;
}

/** Parameters of a circuit breaker (CB). */
export interface BreakerSettings {
  readonly failureThreshold: number;
  readonly failureWindowMs: number;
  readonly minRequestThreshold: number;
  readonly recoveryTimeoutMs: number;
  readonly maxRepairAttempts: number;
  /** A share between 0 and 1. */
  readonly successRateThreshold: number;
  readonly halfOpenMaxRequests: number;
}

export interface Failover {
  readonly repair: "first" | "last" | "never";
  /** Errors that fail over although they would end the operation. */
  readonly on: readonly "content_filter"[];
  readonly replay: "allow" | "never";
  readonly onCancel: "abort" | "drain";
  readonly maxAttempts: number;
  readonly retryBudget: { readonly ratio: number; readonly floor: number };
}

export interface HealthSettings {
  readonly intervalMs: number;
  readonly fall: number;
  readonly rise: number;
}

export interface Tenants {
  /** An unknown tenant is refused. */
  readonly strict: boolean;
  /** For tenants without a block of their own; null means no limits. */
  readonly defaultLimits: TenantLimits | null;
  readonly list: Readonly<Record<string, Tenant>>;
}

/** An absent limit does not apply. */
export interface TenantLimits {
  readonly requestsPerMinute?: number | undefined;
  readonly tokensPerMinute?: number | undefined;
  readonly costPerHourNano?: number | undefined;
  readonly maxConcurrent?: number | undefined;
}

export interface Tenant {
  /** With it a bearer key is required to act as this tenant. */
  readonly key?: SecretSource | undefined;
  readonly socket?: TenantSocket | undefined;
  readonly limits: TenantLimits;
  readonly budgets: readonly Budget[];
  /** Globs over aliases and `provider/model`; an empty `allow` allows all. */
  readonly models: { readonly allow: readonly string[]; readonly deny: readonly string[] };
  /** Provider ids; an empty `allow` allows all, `prefer` only orders. */
  readonly providers: {
    readonly allow: readonly string[];
    readonly deny: readonly string[];
    readonly prefer: readonly string[];
  };
  readonly maxCostPerRequestNano?: number | undefined;
  readonly priority: number;
  readonly suspended: boolean;
}

export interface TenantSocket {
  readonly path: string;
  /** Permission bits, such as 0o660. */
  readonly mode?: number | undefined;
  readonly group?: string | undefined;
}

/** A calendar period in UTC, or a number of days that rolls. */
export type BudgetPeriod = "hour" | "day" | "week" | "month" | `${number}d`;

export interface Budget {
  readonly limitNano: number;
  readonly period: BudgetPeriod;
  /** Shares of the limit at which a warning is due, ascending. */
  readonly thresholds: readonly number[];
  readonly onExceeded: { readonly action: "reject" } | { readonly action: "degrade"; readonly alias: string };
}

export interface LedgerSettings {
  /** `<state dir>/ledger.db` unless given. */
  readonly path?: string | undefined;
  readonly durability: "normal" | "full";
  readonly retentionMs: number;
  readonly promptHashes: boolean;
}

export interface DaemonSettings {
  readonly socket?: string | undefined;
  /** `host:port` of a TCP listener; null means the socket only. */
  readonly listen: string | null;
  readonly maxConcurrent: number;
  readonly queue: { readonly perTenant: number; readonly total: number; readonly maxWaitMs: number };
  readonly drainMs: number;
  readonly log: { readonly level: LogLevel; readonly content: boolean };
}

export const LOG_LEVELS = ["error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface PluginReference {
  /** An absolute path or a package name. */
  readonly module: string;
}
