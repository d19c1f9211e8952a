import type { Database } from "./database.ts";
import { scopeOf } from "./spends.ts";

/** A threshold of a budget that was crossed. Times are Unix milliseconds. */
export interface NotedAlert {
  /** Null for the whole installation. */
  readonly tenant: string | null;
  readonly period: string;
  /** Share of the limit. */
  readonly threshold: number;
  readonly atMs: number;
  /** When the spending of a rolling period fell below it again. */
  readonly resolvedMs: number | null;
}

const INSTALLATION = scopeOf(null);

/** The alerts that were raised last, the newest first. Inside {@link Database.read}. */
export function readAlerts(database: Database, most: number): readonly NotedAlert[] {
  const rows = database.prepare(ALERTS).all(most) as unknown as readonly AlertRow[]; // As queried.
  return rows.map(({ scope, threshold, ...row }) => ({
    ...row,
    tenant: scope === INSTALLATION ? null : scope,
    threshold: Number(threshold),
  }));
}

interface AlertRow extends Omit<NotedAlert, "tenant" | "threshold"> {
  readonly scope: string;
  readonly threshold: string;
}

const ALERTS = `SELECT scope, period, threshold, at AS atMs, resolved AS resolvedMs FROM alerts
  ORDER BY at DESC, threshold DESC LIMIT ?`;
