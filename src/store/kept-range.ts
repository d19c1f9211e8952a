import type { TimeRange } from "../ledger/range.ts";
import type { Database } from "./database.ts";

/**
 * The part of a range whose rows are kept: what came before is there as sums alone, and figures from rows beside figures
 * from sums would tell of attempts without their failures. Empty where all of it was pruned. Inside {@link Database.read}.
 */
export function keptRange(database: Database, { sinceMs, untilMs }: TimeRange): TimeRange {
  const row = database.prepare("SELECT value FROM facts WHERE name = 'pruned_before'").get();
  return { sinceMs: Math.min(untilMs, Math.max(sinceMs, Number(row?.value ?? 0))), untilMs };
}
