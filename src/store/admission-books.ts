import type { AdmissionAsk, AdmissionBooks } from "../admission/books.ts";
import { type Accepted, type AdmissionState, decide, type Refused } from "../admission/decide.ts";
import type { BudgetRule } from "../core/budget.ts";
import type { Clock } from "../core/clock.ts";
import type { Database } from "./database.ts";
import { alreadyAsked } from "./idempotency.ts";
import { settleLeftovers } from "./leftovers.ts";
import { limiterOf, setLimiter } from "./limiters.ts";
import { isSuspended } from "./marks.ts";
import { inFlightAt, noteRunning, occupyNow, runningOf } from "./occupancy.ts";
import { insertOperation } from "./operations.ts";
import type { Owner } from "./owner.ts";
import { COUNT_WITHIN_MS, countRefusals, type RecentRefusals, recentRefusals } from "./refusals.ts";
import { spendOf } from "./spends.ts";
import { nextTurn, takeTurn } from "./turns.ts";
import { bookWindows } from "./windows.ts";

/** What admission keeps in the ledger file. */
export function admissionBooks(database: Database, { clock, owner }: Owned): AdmissionBooks {
  const recent = recentRefusals(database, clock);
  const keeper: Keeper = { clock, owner, recent };
  // What dead processes still hold is room (LG-10).
  const isRoomFreed = async () => (await settleLeftovers(database, { owner, nowMs: clock.wall() })) > 0;
  return {
    async admit(ask) {
      const again = recent.again(ask);
      if (again) return again;
      const take = () => database.transact(() => admitNow(database, ask, keeper), ask.withinMs);
      const first = await take();
      if (first.ok) {
        // It goes elsewhere, whatever comes of this; the next one finds the room of the dead.
        if (first.passedOver.some(({ reason }) => reason === "busy")) await isRoomFreed().catch(() => false);
        return first;
      }
      if (!isForRoom(first)) return first;
      const decision = (await isRoomFreed()) ? await take() : first;
      return counted(database, ask, decision, clock);
    },
    preview: async (ask) =>
      database.read(() => decideNow(database, ask, stateOf(database, ask, clock.wall()))),
    async occupy(id, target, withinMs) {
      const take = () => database.transact(() => occupyNow(database, id, target), withinMs);
      return (await take()) || ((await isRoomFreed()) && take());
    },
    raise: (id, heldNano, budgets, withinMs) =>
      database.transact(() => raiseNow(database, id, heldNano, budgets), withinMs),
  };
}

interface Owned {
  readonly clock: Clock;
  /** This process. */
  readonly owner: Owner;
}

interface Keeper extends Owned {
  readonly recent: RecentRefusals;
}

/** Refusals that the leftovers of a dead process can have caused. */
const ROOM_ERRORS: readonly string[] = ["budget_exceeded", "tenant_busy", "rate_limited"];

const isForRoom = ({ error }: Refused): boolean => ROOM_ERRORS.includes(error.code);

function admitNow(database: Database, ask: AdmissionAsk, keeper: Keeper): Accepted | Refused {
  const { operation, rules } = ask;
  const nowMs = keeper.clock.wall();
  const earlier = alreadyAsked(database, operation, nowMs);
  if (earlier) return countedNow(database, ask, { ok: false, error: earlier }, nowMs);
  const state = stateOf(database, ask, nowMs);
  const decision = decideNow(database, ask, state);
  if (!decision.ok) {
    if (decision.error.code === "tenant_rate_limited") keeper.recent.note(ask, state);
    return isForRoom(decision) ? decision : countedNow(database, ask, decision, nowMs);
  }
  if (ask.turnOf !== undefined) takeTurn(database, ask.turnOf);
  const { holdNano, requestsTatUs, tokensTatUs } = decision;
  const seq = insertOperation(database, operation, { reservedNano: holdNano });
  reserve(database, seq, ask, decision, keeper);
  bookWindows(database, operation, { spentNano: 0, heldNano: holdNano });
  if (requestsTatUs !== undefined) setLimiter(database, rules.tenant, "requests", requestsTatUs);
  if (tokensTatUs !== undefined) setLimiter(database, rules.tenant, "tokens", tokensTatUs);
  return decision;
}

/** The decision with its targets in their order, by the turn that is next. */
function decideNow(database: Database, ask: AdmissionAsk, state: AdmissionState): Accepted | Refused {
  const decision = decide(ask.rules, ask.quotes, state);
  if (!decision.ok) return decision;
  const turn = ask.turnOf === undefined ? undefined : nextTurn(database, ask.turnOf);
  return { ...decision, turn, chosen: ask.order?.(decision.chosen, turn ?? 0) ?? decision.chosen };
}

function stateOf(
  database: Database,
  { rules, quotes, operation }: AdmissionAsk,
  nowMs: number,
): AdmissionState {
  const { tenant, budgets, maxConcurrent, requestsPerMinute, tokensPerMinute } = rules;
  return {
    nowMs,
    suspended: isSuspended(database, tenant),
    inFlight: maxConcurrent === undefined ? 0 : runningOf(database, tenant),
    requestsTatUs: requestsPerMinute === undefined ? undefined : limiterOf(database, tenant, "requests"),
    tokensTatUs: tokensPerMinute === undefined ? undefined : limiterOf(database, tenant, "tokens"),
    spends: budgets.map((budget) => spendOf(database, budget, operation.startedMs)),
    inFlightAt: inFlightAt(database, quotes),
  };
}

function reserve(
  database: Database,
  seq: number,
  { operation, quotes, expiresInMs }: AdmissionAsk,
  { chosen, holdNano, tokens }: Accepted,
  { clock, owner }: Keeper,
): void {
  // Should the process die, its money is booked on the target it was going to ask first.
  const first = quotes[chosen[0]?.index ?? 0];
  database
    .prepare(
      `INSERT INTO reservations (operation, tenant, provider, model, held_nano, tokens, owner_pid, owner_started,
         owner_boot, expires) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      ...[seq, operation.tenant, first?.provider ?? null, first?.model ?? null, holdNano, tokens],
      ...[owner.pid, owner.started, owner.boot, clock.wall() + expiresInMs],
    );
  noteRunning(database, operation.tenant, 1);
  database.known()?.begun.set(operation.id, seq);
}

/** Counts a refusal after the search for room, for the tenant's figures. */
async function counted<D extends Accepted | Refused>(
  database: Database,
  ask: AdmissionAsk,
  decision: D,
  clock: Clock,
): Promise<D> {
  if (decision.ok || !isForRoom(decision)) return decision;
  const count = () => countedNow(database, ask, decision, clock.wall());
  // The refusal stands, whether it is counted or not.
  await database.transact(count, COUNT_WITHIN_MS).catch(() => undefined);
  return decision;
}

/** The same within the transaction that refused it. */
function countedNow(
  database: Database,
  { operation }: AdmissionAsk,
  refused: Refused,
  nowMs: number,
): Refused {
  countRefusals(database, { tenant: operation.tenant, code: refused.error.code, count: 1 }, nowMs);
  return refused;
}

function raiseNow(database: Database, id: string, heldNano: number, budgets: readonly BudgetRule[]): boolean {
  const row = database
    .prepare(
      `SELECT r.operation AS seq, r.held_nano AS held, o.tenant AS tenant, o.started AS startedMs
       FROM operations o JOIN reservations r ON r.operation = o.seq WHERE o.id = ?`,
    )
    .get(id) as { seq: number; held: number; tenant: string; startedMs: number } | undefined; // As queried.
  // It was admitted without the ledger, or taken for dead since: nothing is held that could be raised.
  if (!row) return budgets.length === 0;
  const more = heldNano - row.held;
  if (more <= 0) return true;
  const fits = budgets.every((budget) => {
    const { spentNano, heldNano: held } = spendOf(database, budget, row.startedMs);
    return spentNano + held + more <= budget.limitNano;
  });
  if (!fits) return false;
  database.prepare("UPDATE reservations SET held_nano = ? WHERE operation = ?").run(heldNano, row.seq);
  database
    .prepare("UPDATE operations SET reserved_nano = max(reserved_nano, ?) WHERE seq = ?")
    .run(heldNano, row.seq);
  bookWindows(database, row, { spentNano: 0, heldNano: more });
  return true;
}
