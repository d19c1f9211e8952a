import { spanOf } from "../core/period.ts";
import type { Database } from "./database.ts";
import { scopeOf } from "./spends.ts";

/** Whether an operator has suspended the tenant. */
export function isSuspended(database: Database, tenant: string): boolean {
  const known = database.known()?.suspended;
  const isKnown = known?.get(tenant);
  if (isKnown !== undefined) return isKnown;
  const found = database.prepare("SELECT 1 FROM marks WHERE kind = 'suspended' AND subject = ?").get(tenant);
  known?.set(tenant, found !== undefined);
  return found !== undefined;
}

/** Who is suspended by an operator, and since when (Unix milliseconds). */
export function readSuspensions(database: Database): ReadonlyMap<string, number> {
  const rows = database
    .prepare("SELECT subject, at FROM marks WHERE kind = 'suspended' ORDER BY subject")
    .all() as { subject: string; at: number }[]; // The columns are those of the query.
  return new Map(rows.map(({ subject, at }) => [subject, at]));
}

/** Suspends a tenant for every process, from its next request on; false when it was already. */
export const suspend = (database: Database, tenant: string, nowMs: number): Promise<boolean> =>
  database.transact(() => {
    const { changes } = database
      .prepare(
        "INSERT INTO marks (kind, subject, value, at) VALUES ('suspended', ?, '', ?) ON CONFLICT DO NOTHING",
      )
      .run(tenant, nowMs);
    database.forgetKnown();
    return changes === 1;
  });

/** Ends an operator's suspension; false when there was none. */
export const resume = (database: Database, tenant: string): Promise<boolean> =>
  database.transact(() => {
    const { changes } = database
      .prepare("DELETE FROM marks WHERE kind = 'suspended' AND subject = ?")
      .run(tenant);
    database.forgetKnown();
    return changes === 1;
  });

/**
 * Lets the budgets of a scope begin anew: what was spent so far no longer counts against them, and what they have
 * warned of may be warned of again. What is held still counts, and the reports keep every cent.
 * @param tenant Null for the whole installation.
 */
export const resetBudgets = (database: Database, tenant: string | null, nowMs: number): Promise<void> =>
  database.transact(() => {
    const scope = scopeOf(tenant);
    database.pending.write();
    database.prepare("UPDATE windows SET forgiven_nano = spent_nano WHERE scope = ?").run(scope);
    database.forgetKnown();
    database.prepare("UPDATE alerts SET resolved = ? WHERE scope = ? AND resolved IS NULL").run(nowMs, scope);
    database
      .prepare(
        `INSERT INTO marks (kind, subject, value, at) VALUES ('budget_reset', ?, '', ?)
         ON CONFLICT DO UPDATE SET at = excluded.at`,
      )
      .run(scope, nowMs);
  });

/**
 * Forgives an amount no longer that was booked before the last reset and is now taken back, or it would hide as much
 * that was spent since. Inside a transaction, before the amount leaves the windows.
 */
export function unforgive(
  database: Database,
  {
    tenant,
    startedMs,
    bookedMs,
  }: { readonly tenant: string; readonly startedMs: number; readonly bookedMs: number },
  nano: number,
): void {
  const update = database.prepare(
    `UPDATE windows SET forgiven_nano = max(0, forgiven_nano - ?)
     WHERE scope = ? AND ((span = 'hour' AND start = ?) OR (span = 'day' AND start = ?))
       AND EXISTS (SELECT 1 FROM marks WHERE kind = 'budget_reset' AND subject = scope AND at >= ?)`,
  );
  const [hour, day] = [spanOf("hour", startedMs).startMs, spanOf("day", startedMs).startMs];
  for (const scope of [scopeOf(null), scopeOf(tenant)]) update.run(nano, scope, hour, day, bookedMs);
  database.forgetKnown();
}
