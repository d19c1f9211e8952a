import type { OperationClass } from "../core/operation.ts";
import type { CircuitHistory, CircuitMark, HoldRow, OutcomeRow } from "../resilience/history.ts";
import type { Database } from "./database.ts";
import { countedOf, FAILURES } from "./effects.ts";

/** What the ledger knows of the providers' breakers and holds. @throws RiptideError `ledger_unavailable` */
export function circuitHistory(database: Database, nowMs: () => number): CircuitHistory {
  return {
    outcomes: (sinceMs) => database.read(() => readOutcomes(database, sinceMs)),
    holds: (atMs) => database.read(() => readHolds(database, atMs)),
    marks: () => database.read(() => readMarks(database, nowMs())),
  };
}

/** A crowd leaves some thousands of rows a second behind: each is read into what is kept of it, one after the other. */
function readOutcomes(database: Database, sinceMs: number): readonly OutcomeRow[] {
  const rows = database
    .prepare(
      `SELECT ended AS endedMs, endpoint, class, effect FROM attempts INDEXED BY attempts_ended
       WHERE ended >= ? ORDER BY ended, operation, n`,
    )
    .iterate(sinceMs) as Iterable<{
    endedMs: number;
    endpoint: string;
    class: OperationClass;
    effect: number;
  }>; // The columns are those of the query; only these classes are written.
  let last = "";
  const shared = (name: string) => {
    if (name !== last) last = name;
    return last;
  };
  return Array.from(rows, ({ endedMs, endpoint, class: kind, effect }) => {
    const { effect: counted, rateLimited, trial } = countedOf(effect);
    return { endedMs, endpoint: shared(endpoint), class: kind, effect: counted, rateLimited, trial };
  });
}

const readHolds = (database: Database, nowMs: number): readonly HoldRow[] =>
  database
    .prepare(
      `SELECT endpoint, model, error_code AS code, ended AS endedMs, hold_until AS untilMs
       FROM attempts INDEXED BY attempts_held WHERE hold_until > ?1
       UNION ALL
       SELECT endpoint, '' AS model, code, at AS endedMs, hold_until AS untilMs
       FROM probes INDEXED BY probes_held WHERE hold_until > ?1
       ORDER BY untilMs`,
    )
    .all(nowMs) as unknown as HoldRow[]; // The columns are those of the query; a hold has a code.

const KINDS = { reset: "circuit_reset", trip: "circuit_trip", force: "circuit_force" } as const;

function readMarks(database: Database, nowMs: number): readonly CircuitMark[] {
  const rows = database
    .prepare(
      `SELECT substr(kind, 9) AS kind, subject AS provider, value, at AS atMs, until AS untilMs FROM marks
       WHERE kind IN ('circuit_reset', 'circuit_trip', 'circuit_force') AND (until IS NULL OR until > ?)
       ORDER BY at, kind, subject`,
    )
    .all(nowMs) as unknown as (Omit<CircuitMark, "state"> & { value: string })[]; // As queried and as written below.
  return rows.map(({ value, ...mark }) => ({
    ...mark,
    ...((value === "open" || value === "closed") && { state: value }),
  }));
}

/** What the newest failure of each endpoint and class was, since this moment. */
export function lastErrors(database: Database, sinceMs: number): readonly LastError[] {
  const rows = database.read(() =>
    database
      .prepare(
        `SELECT endpoint, class, error_code AS code, max(ended) AS endedMs FROM attempts
         WHERE ended >= ? AND effect IN (${FAILURES}) GROUP BY endpoint, class`,
      )
      .all(sinceMs),
  );
  return rows as unknown as LastError[]; // The columns are those of the query; a failure has a code.
}

export interface LastError {
  readonly endpoint: string;
  readonly class: OperationClass;
  readonly code: string;
  readonly endedMs: number;
}

/** Lets a provider's breakers and holds begin anew for every process; a force stays (CB-10). */
export const resetCircuit = (database: Database, provider: string, nowMs: number): Promise<void> =>
  database.transact(() => {
    remove(database, KINDS.trip, provider);
    put(database, KINDS.reset, { provider, value: "", atMs: nowMs, untilMs: null });
  });

/** Opens a provider's breakers for every process, until then. */
export const tripCircuit = (
  database: Database,
  provider: string,
  { nowMs, untilMs }: { readonly nowMs: number; readonly untilMs: number },
): Promise<void> =>
  database.transact(() => put(database, KINDS.trip, { provider, value: "open", atMs: nowMs, untilMs }));

/** Keeps a provider's breakers open or closed whatever happens, until then. */
export const forceCircuit = (
  database: Database,
  provider: string,
  {
    state,
    nowMs,
    untilMs,
  }: { readonly state: "open" | "closed"; readonly nowMs: number; readonly untilMs: number },
): Promise<void> =>
  database.transact(() => put(database, KINDS.force, { provider, value: state, atMs: nowMs, untilMs }));

/** Ends a force; false when there was none. */
export const autoCircuit = (database: Database, provider: string): Promise<boolean> =>
  database.transact(() => remove(database, KINDS.force, provider));

function put(
  database: Database,
  kind: string,
  {
    provider,
    value,
    atMs,
    untilMs,
  }: { provider: string; value: string; atMs: number; untilMs: number | null },
): void {
  database
    .prepare(
      `INSERT INTO marks (kind, subject, value, at, until) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET value = excluded.value, at = excluded.at, until = excluded.until`,
    )
    .run(kind, provider, value, atMs, untilMs);
}

const remove = (database: Database, kind: string, provider: string): boolean =>
  database.prepare("DELETE FROM marks WHERE kind = ? AND subject = ?").run(kind, provider).changes === 1;
