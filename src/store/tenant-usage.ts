import { DAY_MS } from "../core/period.ts";
import type { Database } from "./database.ts";
import { limiterOf } from "./limiters.ts";
import { spendOf } from "./spends.ts";

/** What a tenant has used of its limits. */
export interface TenantUsage {
  /** Started in the last 60 seconds. */
  readonly requestsThisMinute: number;
  /** Used or reserved by those. */
  readonly tokensThisMinute: number;
  readonly costThisHourNano: number;
  /** Live leases. */
  readonly inFlight: number;
  /** In the present hour and the 23 before it. */
  readonly refusals24h: number;
  /** Theoretical arrival times in microseconds; undefined before the first request. */
  readonly requestsTatUs: number | undefined;
  readonly tokensTatUs: number | undefined;
}

export const NO_USAGE: TenantUsage = {
  requestsThisMinute: 0,
  tokensThisMinute: 0,
  costThisHourNano: 0,
  inFlight: 0,
  refusals24h: 0,
  requestsTatUs: undefined,
  tokensTatUs: undefined,
};

const MINUTE_MS = 60_000;

/** Tenants that the ledger knows: with requests since then, with one that is running, or with an operator's mark. */
export function seenTenants(database: Database, sinceMs: number): readonly string[] {
  const rows = database
    .prepare(
      `SELECT tenant FROM rollup_day WHERE start >= ? UNION SELECT tenant FROM reservations
       UNION SELECT subject FROM marks WHERE kind = 'suspended' ORDER BY 1`,
    )
    .all(sinceMs) as { tenant: string }[]; // The column is that of the query.
  return rows.map(({ tenant }) => tenant);
}

/** What each of these tenants has used. */
export function readTenantUsage(
  database: Database,
  tenants: readonly string[],
  nowMs: number,
): ReadonlyMap<string, TenantUsage> {
  const recent = (sql: string) => countsOf(database, sql, nowMs - MINUTE_MS);
  const requests = recent(
    "SELECT tenant, count(*) AS count FROM operations WHERE started > ? GROUP BY tenant",
  );
  const used = recent(
    `SELECT tenant, sum(input_tokens + output_tokens) AS count
     FROM operations JOIN attempts ON operation = seq WHERE operations.started > ? GROUP BY tenant`,
  );
  const reserved = recent(
    `SELECT r.tenant, sum(r.tokens) AS count
     FROM reservations r JOIN operations o ON o.seq = r.operation WHERE o.started > ? GROUP BY r.tenant`,
  );
  const running = countsOf(database, "SELECT tenant, count(*) AS count FROM reservations GROUP BY tenant");
  const usageOf = (tenant: string): TenantUsage => ({
    requestsThisMinute: requests.get(tenant) ?? 0,
    tokensThisMinute: (used.get(tenant) ?? 0) + (reserved.get(tenant) ?? 0),
    costThisHourNano: spendOf(database, { tenant, period: "hour" }, nowMs).spentNano,
    inFlight: running.get(tenant) ?? 0,
    refusals24h: refusalsOf(database, tenant, nowMs - DAY_MS),
    requestsTatUs: limiterOf(database, tenant, "requests"),
    tokensTatUs: limiterOf(database, tenant, "tokens"),
  });
  return new Map(tenants.map((tenant) => [tenant, usageOf(tenant)]));
}

function countsOf(
  database: Database,
  sql: string,
  ...values: readonly number[]
): ReadonlyMap<string, number> {
  const rows = database.prepare(sql).all(...values) as { tenant: string; count: number }[]; // As every query above says.
  return new Map(rows.map(({ tenant, count }) => [tenant, count]));
}

function refusalsOf(database: Database, tenant: string, afterMs: number): number {
  const row = database
    .prepare("SELECT coalesce(sum(count), 0) AS count FROM refusals WHERE tenant = ? AND hour > ?")
    .get(tenant, afterMs);
  return (row as { readonly count: number }).count; // An aggregate without GROUP BY gives exactly one row.
}
