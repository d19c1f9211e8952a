import { correctedTokens } from "../admission/gcra.ts";
import type { Clock } from "../core/clock.ts";
import type { Settled, Settlement, SettlementBooks } from "../ledger/settlement.ts";
import { raiseAlerts } from "./alerts.ts";
import { type Booked, bookRollups, costOfLines, isUnpriced, unreconciled } from "./booking.ts";
import type { Database } from "./database.ts";
import { effectNumber } from "./effects.ts";
import { limiterOf, setLimiter } from "./limiters.ts";
import { unforgive } from "./marks.ts";
import { noteRunning } from "./occupancy.ts";
import { insertOperation } from "./operations.ts";
import { bookWindows } from "./windows.ts";

/** The books of finished operations in the ledger file. */
export function settlementBooks(database: Database, clock: Clock): SettlementBooks {
  return {
    settle: (settlement) => database.transact(() => settleNow(database, settlement, clock.wall())),
  };
}

/** Settles inside a transaction; see {@link SettlementBooks}. */
export function settleNow(database: Database, settlement: Settlement, nowMs: number): Settled {
  const { operation, attempts } = settlement;
  const freed = release(database, operation);
  const known = freed ? undefined : knownOperation(database, operation.id);
  if (known?.state === "settled") return { fresh: false, alerts: [] };
  const seq = freed?.seq ?? known?.seq ?? insertOperation(database, operation, { reservedNano: 0 });
  if (known?.state === "unreconciled") takeBack(database, known);
  const costNano = costOfLines(attempts);
  const booked: Booked = {
    ...settlement,
    tenant: operation.tenant,
    alias: operation.alias,
    startedMs: operation.startedMs,
  };
  writeOperation(database, seq, settlement, {
    costNano,
    overrunNano: freed ? Math.max(0, costNano - freed.heldNano) : 0,
  });
  writeAttempts(database, seq, settlement);
  database
    .prepare("INSERT INTO decisions (operation, decision) VALUES (?, ?)")
    .run(seq, JSON.stringify(settlement.decision));
  bookWindows(database, booked, { spentNano: costNano, heldNano: -(freed?.heldNano ?? 0) });
  bookRollups(database, booked, "add");
  if (freed) correctTokens(database, settlement, freed.tokens, nowMs);
  return {
    fresh: true,
    alerts: raiseAlerts(database, settlement.budgets, { costNano, atMs: operation.startedMs, nowMs }),
  };
}

interface KnownOperation {
  readonly seq: number;
  readonly state: string;
  readonly tenant: string;
  readonly alias: string | null;
  readonly started: number;
  readonly ended: number;
}

function knownOperation(database: Database, id: string): KnownOperation | undefined {
  const row = database
    .prepare("SELECT seq, state, tenant, alias, started, ended FROM operations WHERE id = ?")
    .get(id);
  return row as KnownOperation | undefined; // The columns are those of the query, NOT NULL but for alias.
}

/** Undoes what was booked when the operation's process was taken for dead: the whole reservation, as one line. */
function takeBack(database: Database, { seq, tenant, alias, started, ended }: KnownOperation): void {
  const lines = database
    .prepare("DELETE FROM attempts WHERE operation = ? RETURNING provider, model, cost_nano AS cost")
    .all(seq) as { provider: string; model: string; cost: number }[]; // The columns are those of the query.
  const attempts = lines.map(({ provider, model, cost }, index) => ({
    n: index + 1,
    provider,
    model,
    charge: unreconciled(cost),
  }));
  const booked: Booked = {
    tenant,
    alias,
    outcome: "unreconciled",
    startedMs: started,
    endedMs: ended,
    winner: null,
    attempts,
  };
  const costNano = costOfLines(attempts);
  unforgive(database, { tenant, startedMs: started, bookedMs: ended }, costNano);
  bookWindows(database, booked, { spentNano: -costNano, heldNano: 0 });
  bookRollups(database, booked, "remove");
}

interface Freed {
  readonly seq: number;
  readonly heldNano: number;
  readonly tokens: number;
}

/** Ends the reservation and the lease that goes with it, which only an operation that is not settled has. */
function release(database: Database, { id, tenant }: Settlement["operation"]): Freed | undefined {
  const begun = database.known()?.begun;
  const seq = begun?.get(id);
  begun?.delete(id);
  const which = seq === undefined ? "(SELECT seq FROM operations WHERE id = ?)" : "?";
  const row = database
    .prepare(
      `DELETE FROM reservations WHERE operation = ${which}
       RETURNING operation AS seq, held_nano AS heldNano, tokens`,
    )
    .get(seq ?? id);
  if (row) noteRunning(database, tenant, -1);
  return row as Freed | undefined; // The columns are those of the query.
}

function writeOperation(
  database: Database,
  seq: number,
  { outcome, code, endedMs, firstTokenMs, winner, attempts }: Settlement,
  { costNano, overrunNano }: { readonly costNano: number; readonly overrunNano: number },
): void {
  database
    .prepare(
      `UPDATE operations SET state = 'settled', outcome = ?, error_code = ?, ended = ?, ttft_ms = ?, winner = ?,
         attempts = ?, cost_nano = ?, overrun_nano = ?, unpriced = ? WHERE seq = ?`,
    )
    .run(
      ...[outcome, code, endedMs, firstTokenMs, winner],
      ...[attempts.length, costNano, overrunNano, attempts.some(isUnpriced) ? 1 : 0, seq],
    );
}

function writeAttempts(database: Database, seq: number, { attempts, operation }: Settlement): void {
  const insert = database.prepare(INSERT_ATTEMPT);
  for (const line of attempts) {
    const { charge } = line;
    insert.run(
      ...[seq, line.n, line.provider, line.model, line.kind, operation.class, line.outcome, line.code],
      ...[line.status, line.providerRequestId, line.endpoint, line.holdUntilMs],
      ...[line.ambiguous ? 1 : 0, line.startedMs, line.firstTokenMs, line.endedMs],
      ...[charge.inputTokens, charge.cacheReadTokens, charge.cacheWriteTokens, charge.outputTokens],
      ...[charge.reasoningTokens, charge.source, charge.note, charge.priceVersion, charge.costNano],
      effectNumber(line),
    );
  }
}

const INSERT_ATTEMPT = `INSERT INTO attempts (operation, n, provider, model, kind, class, outcome, error_code,
  http_status, provider_request_id, endpoint, hold_until, ambiguous, started, ttft_ms, ended, input_tokens,
  cached_tokens, cache_write_tokens, output_tokens, reasoning_tokens, usage_source, usage_note, price_version, cost_nano,
  effect)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** Gives back the tokens that were taken and not used, or takes those used beyond (TA-3). */
function correctTokens(
  database: Database,
  { operation, attempts, tokensPerMinute }: Settlement,
  reserved: number,
  nowMs: number,
): void {
  if (tokensPerMinute === null) return;
  const used = attempts.reduce((sum, { charge }) => sum + charge.inputTokens + charge.outputTokens, 0);
  const tatUs = limiterOf(database, operation.tenant, "tokens");
  if (tatUs === undefined) return;
  const corrected = correctedTokens(tatUs, { reserved, used, tokensPerMinute }, nowMs);
  setLimiter(database, operation.tenant, "tokens", corrected);
}
