import type { Database } from "./database.ts";
import type { PendingTable } from "./pending.ts";

/** A limit of a tenant that is kept as a theoretical arrival time. */
export type LimiterKind = "requests" | "tokens";

/** What a limiter stands at, in microseconds of Unix time; undefined before the first request. */
export function limiterOf(database: Database, tenant: string, kind: LimiterKind): number | undefined {
  const known = database.known()?.limiters;
  const name = nameOf(tenant, kind);
  if (known?.has(name)) return known.get(name);
  database.pending.write();
  const row = database
    .prepare("SELECT tat_us AS tatUs FROM limiter WHERE tenant = ? AND kind = ?")
    .get(tenant, kind);
  const tatUs = (row as { readonly tatUs: number } | undefined)?.tatUs; // The column is that of the query.
  known?.set(name, tatUs);
  return tatUs;
}

/** Moves a limiter; inside a transaction. */
export function setLimiter(database: Database, tenant: string, kind: LimiterKind, tatUs: number): void {
  database.pending.set(LIMITER, [tenant, kind], [tatUs]);
  database.known()?.limiters.set(nameOf(tenant, kind), tatUs);
}

const nameOf = (tenant: string, kind: LimiterKind): string => `${kind} ${tenant}`;

const LIMITER: PendingTable = { name: "limiter", key: ["tenant", "kind"], values: ["tat_us"] };
