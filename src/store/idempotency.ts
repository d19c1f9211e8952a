import { RiptideError } from "../core/errors.ts";
import type { OperationStart } from "../core/operation.ts";
import type { Database } from "./database.ts";

/** A key stands for one request for so long (AT-12). */
const KEPT_MS = 600_000;

/**
 * Why a request with this key is not made again: one with the same tenant and key runs or has finished (AT-12). Answers
 * are not kept, so none can be given in its place. Null for a key that is new.
 */
export function alreadyAsked(
  database: Database,
  { tenant, idempotencyKey }: OperationStart,
  nowMs: number,
): RiptideError | null {
  if (idempotencyKey === null) return null;
  const earlier = database
    .prepare(
      `SELECT id, state, outcome FROM operations WHERE tenant = ? AND idempotency_key = ? AND started > ?
       ORDER BY seq DESC LIMIT 1`,
    )
    .get(tenant, idempotencyKey, nowMs - KEPT_MS) as Earlier | undefined; // The columns are those of the query.
  return earlier ? already(earlier, "with this idempotency key") : null;
}

interface Earlier {
  readonly id: string;
  readonly state: string;
  readonly outcome: string | null;
}

/** Why a request is refused whose caller has given it the id of another one; null for an id that is new. */
export function idTaken(database: Database, id: string): RiptideError | null {
  const earlier = database.prepare("SELECT id, state, outcome FROM operations WHERE id = ?").get(id) as
    | Earlier
    | undefined; // The columns are those of the query.
  return earlier ? already(earlier, "of this id") : null;
}

function already({ id, state, outcome }: Earlier, which: string): RiptideError {
  const how = state === "held" ? "is running" : `has finished: ${outcome ?? state}`;
  return new RiptideError("already_exists", `the request ${which} ${how}`, {
    reasons: [`it is ${id}`],
    hint: `riptide why ${id}`,
  });
}
