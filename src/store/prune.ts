import { DAY_MS } from "../core/period.ts";
import type { Database } from "./database.ts";
import { startOf } from "./windows.ts";

const REFUSALS_MS = 48 * 3_600_000;
const DECISIONS_MS = 30 * DAY_MS;

/** Removed in one transaction, so that no request waits longer than that. */
const BATCH = 2_000;

export interface Prune {
  /** Operations that started before this are no longer wanted. */
  readonly beforeMs: number;
  readonly nowMs: number;
  /** About so many rows at most; the rest is left for the next time. */
  readonly maxRows?: number;
}

export interface Pruned {
  /** The UTC day from which on operations are kept. */
  readonly borderMs: number;
  readonly operations: number;
  /** Of kept operations: why their targets were chosen. */
  readonly decisions: number;
  /** Counts of refusals, probes and resolved alerts. */
  readonly others: number;
  /** False when there was more than could be removed this time. */
  readonly isDone: boolean;
}

/**
 * Removes old operations with everything of theirs, never one that still holds money; sums by day and hour stay. At
 * every moment what is left agrees with its sums from the border on (LG-7).
 */
export async function pruneLedger(database: Database, prune: Prune): Promise<Pruned> {
  const { beforeMs, nowMs, maxRows = Number.MAX_SAFE_INTEGER } = prune;
  const borderMs = startOf(beforeMs, DAY_MS);
  let left = maxRows;
  const all = async (work: (limit: number) => number) => {
    let removed = 0;
    for (let full = true; full && left > 0; ) {
      const limit = Math.min(BATCH, left);
      const count = await database.transact(() => work(limit));
      full = count >= limit;
      removed += count;
      left -= count;
    }
    return removed;
  };
  const operations = await all((limit) => removeOperations(database, borderMs, limit));
  const decisions = await all((limit) => removeDecisions(database, nowMs - DECISIONS_MS, limit));
  const others = left > 0 ? await database.transact(() => removeOthers(database, borderMs, nowMs)) : 0;
  const isDone = left > 0;
  // Whoever asks next goes on with it today.
  if (!isDone) await database.transact(() => setFact(database, "pruned_at", 0));
  return { borderMs, operations, decisions, others, isDone };
}

/** Whether this process is the one to prune today: true for one of them, and at most once a day. */
export async function pruneDue(database: Database, nowMs: number): Promise<boolean> {
  const isDue = () => Math.abs(nowMs - (fact(database, "pruned_at") ?? -DAY_MS)) >= DAY_MS;
  if (!database.read(isDue)) return false;
  return database.transact(() => {
    if (!isDue()) return false;
    setFact(database, "pruned_at", nowMs);
    return true;
  });
}

function removeOperations(database: Database, borderMs: number, limit: number): number {
  const rows = database
    .prepare("SELECT seq FROM operations WHERE started < ? AND state <> 'held' ORDER BY started LIMIT ?")
    .all(borderMs, limit);
  if (rows.length === 0) return 0;
  // From here on nothing before the border is compared any more.
  if (borderMs > (fact(database, "pruned_before") ?? 0)) setFact(database, "pruned_before", borderMs);
  for (const sql of REMOVALS) {
    const remove = database.prepare(sql);
    for (const { seq } of rows) remove.run(seq ?? null);
  }
  return rows.length;
}

const REMOVALS = [
  "DELETE FROM attempts WHERE operation = ?",
  "DELETE FROM decisions WHERE operation = ?",
  "DELETE FROM operations WHERE seq = ?",
] as const;

/** Looks only at those written first, as the oldest are among them. */
function removeDecisions(database: Database, beforeMs: number, limit: number): number {
  const { changes } = database
    .prepare(
      `DELETE FROM decisions WHERE operation IN (
         SELECT d.operation FROM (SELECT operation FROM decisions ORDER BY operation LIMIT ?) d
         LEFT JOIN operations o ON o.seq = d.operation WHERE coalesce(o.started, 0) < ?)`,
    )
    .run(limit, beforeMs);
  return Number(changes);
}

function removeOthers(database: Database, borderMs: number, nowMs: number): number {
  const { changes: refusals } = database
    .prepare("DELETE FROM refusals WHERE hour < ?")
    .run(nowMs - REFUSALS_MS);
  const { changes: probes } = database.prepare("DELETE FROM probes WHERE at < ?").run(borderMs);
  const { changes: alerts } = database.prepare("DELETE FROM alerts WHERE resolved < ?").run(borderMs);
  return Number(refusals) + Number(probes) + Number(alerts);
}

function fact(database: Database, name: string): number | undefined {
  const value = database.prepare("SELECT value FROM facts WHERE name = ?").get(name)?.value;
  return value === undefined ? undefined : Number(value);
}

function setFact(database: Database, name: string, value: number): void {
  database
    .prepare("INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value")
    .run(name, String(value));
}
