import type { OccupiedTarget } from "../admission/books.ts";
import type { Quote } from "../admission/rules.ts";
import type { Database } from "./database.ts";

/** Requests of a tenant in flight, over the whole machine. */
export function runningOf(database: Database, tenant: string): number {
  const known = database.known()?.running;
  const running = known?.get(tenant);
  if (running !== undefined) return running;
  const row = database.prepare("SELECT count(*) AS count FROM reservations WHERE tenant = ?").get(tenant);
  const { count } = row as { readonly count: number }; // An aggregate without GROUP BY gives exactly one row.
  known?.set(tenant, count);
  return count;
}

/** Notes that a reservation of the tenant was made (1) or ended (-1); inside a transaction. */
export function noteRunning(database: Database, tenant: string, change: 1 | -1): void {
  const known = database.known()?.running;
  const running = known?.get(tenant);
  if (running !== undefined) known?.set(tenant, running + change);
}

/** Requests in flight, over the whole machine, at those of the quoted providers that have a limit. */
export function inFlightAt(database: Database, quotes: readonly Quote[]): ReadonlyMap<string, number> {
  const limited = new Set(
    quotes.filter(({ maxConcurrent }) => maxConcurrent !== undefined).map(({ provider }) => provider),
  );
  return new Map([...limited].map((provider) => [provider, countAt(database, provider)]));
}

/**
 * Moves an operation's reservation to the target it asks now, where its provider has room; inside a transaction. What
 * the operation holds would be charged to that target, should its process die.
 */
export function occupyNow(
  database: Database,
  id: string,
  { provider, model, maxConcurrent }: OccupiedTarget,
): boolean {
  const { changes } = database
    .prepare(
      `UPDATE reservations SET provider = ?1, model = ?2
       WHERE operation = (SELECT seq FROM operations WHERE id = ?3)
         AND (provider IS ?1 OR ?4 IS NULL OR (SELECT count(*) FROM reservations WHERE provider = ?1) < ?4)`,
    )
    .run(provider, model, id, maxConcurrent ?? null);
  return changes === 1 || !isReserved(database, id);
}

/** What was admitted without the ledger has no place in it, and takes none. */
const isReserved = (database: Database, id: string): boolean =>
  database
    .prepare("SELECT 1 FROM reservations r JOIN operations o ON o.seq = r.operation WHERE o.id = ?")
    .get(id) !== undefined;

function countAt(database: Database, provider: string): number {
  const row = database.prepare("SELECT count(*) AS count FROM reservations WHERE provider = ?").get(provider);
  return (row as { readonly count: number }).count; // An aggregate without GROUP BY gives exactly one row.
}
