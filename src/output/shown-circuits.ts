import type { CircuitReport } from "../engine/circuit-reports.ts";
import { lastErrors } from "../store/circuits.ts";
import type { Database } from "../store/database.ts";
import type { ShownCircuit } from "./circuits.ts";

/** The breakers with the code of the last failure within the window of each. Without a ledger nothing is known of it. */
export function shownCircuits(
  reports: readonly CircuitReport[],
  database: Database | undefined,
  nowMs: number,
): readonly ShownCircuit[] {
  if (!database || reports.length === 0) return reports.map((report) => ({ ...report, lastError: null }));
  const found = lastErrors(database, nowMs - Math.max(...reports.map(({ windowMs }) => windowMs)));
  return reports.map((report) => {
    const { endpoint, operation, windowMs, state, failures } = report;
    // A reset forgets what came before it.
    if (state === "closed" && failures === 0) return { ...report, lastError: null };
    const own = found.find((error) => error.endpoint === endpoint && error.class === operation);
    return { ...report, lastError: own && own.endedMs >= nowMs - windowMs ? own.code : null };
  });
}
