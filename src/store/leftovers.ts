import { bookRollups, unreconciled } from "./booking.ts";
import type { Database } from "./database.ts";
import { noteRunning } from "./occupancy.ts";
import { lifeOf, type Owner } from "./owner.ts";
import { bookWindows } from "./windows.ts";

/** A reservation whose process is not this one. */
interface Reservation {
  readonly seq: number;
  readonly tenant: string;
  readonly alias: string | null;
  readonly class: string;
  readonly startedMs: number;
  readonly provider: string;
  readonly model: string;
  readonly heldNano: number;
  readonly pid: number;
  readonly started: number;
  readonly boot: string;
  readonly expires: number;
}

/**
 * Books what dead processes still hold as spent, at the amount they had reserved, and marks it as unreconciled: what
 * their providers really charged is not known (LG-10). A settlement of such an operation that comes later corrects it.
 * @returns How many there were.
 */
export async function settleLeftovers(database: Database, { owner, nowMs }: Moment): Promise<number> {
  const isLeft = leftBy(owner, nowMs);
  if (countLeftovers(database, { owner, nowMs }) === 0) return 0;
  return database.transact(() => {
    // Others may have been quicker while this process waited for its turn.
    const left = reservationsOfOthers(database, owner).filter(isLeft);
    for (const reservation of left) bookAsSpent(database, reservation, nowMs);
    return left.length;
  });
}

/** Who asks, and when. */
export interface Moment {
  readonly owner: Owner;
  readonly nowMs: number;
}

/** How many reservations dead processes left behind; changes nothing. */
export function countLeftovers(database: Database, { owner, nowMs }: Moment): number {
  return database.read(() => reservationsOfOthers(database, owner)).filter(leftBy(owner, nowMs)).length;
}

/** Tells what was left behind, looking at each process only once. */
function leftBy({ boot }: Owner, nowMs: number): (reservation: Reservation) => boolean {
  const lives = new Map<string, ReturnType<typeof lifeOf>>();
  return (reservation) => {
    const key = `${reservation.pid} ${reservation.started} ${reservation.boot}`;
    const life = lives.get(key) ?? lifeOf(reservation, boot);
    lives.set(key, life);
    return life === "dead" || (life === "unknown" && reservation.expires < nowMs);
  };
}

function reservationsOfOthers(database: Database, { pid, started, boot }: Owner): readonly Reservation[] {
  const rows = database
    .prepare(
      `SELECT r.operation AS seq, o.tenant, o.alias, o.class, o.started AS startedMs, coalesce(r.provider, '') AS provider,
         coalesce(r.model, '') AS model, r.held_nano AS heldNano, r.owner_pid AS pid, r.owner_started AS started,
         r.owner_boot AS boot, r.expires
       FROM reservations r JOIN operations o ON o.seq = r.operation
       WHERE NOT (r.owner_pid = ? AND r.owner_started = ? AND r.owner_boot = ?)`,
    )
    .all(pid, started, boot);
  return rows as unknown as readonly Reservation[]; // The columns are those of the query.
}

function bookAsSpent(database: Database, reservation: Reservation, nowMs: number): void {
  const { seq, tenant, alias, startedMs, provider, model, heldNano } = reservation;
  database.prepare("DELETE FROM reservations WHERE operation = ?").run(seq);
  noteRunning(database, tenant, -1);
  database
    .prepare(
      `UPDATE operations SET state = 'unreconciled', outcome = 'unreconciled', ended = ?, attempts = 1, cost_nano = ?
       WHERE seq = ?`,
    )
    .run(nowMs, heldNano, seq);
  database
    .prepare(
      `INSERT INTO attempts (operation, n, provider, model, kind, class, endpoint, ambiguous, started, ended,
         input_tokens, cached_tokens, cache_write_tokens, output_tokens, reasoning_tokens, usage_source, cost_nano)
       VALUES (?, 1, ?, ?, 'try', ?, '', 1, ?, ?, 0, 0, 0, 0, 0, 'unreconciled', ?)`,
    )
    .run(seq, provider, model, reservation.class, startedMs, nowMs, heldNano);
  const attempts = [{ n: 1, provider, model, charge: unreconciled(heldNano) }];
  const ended = { outcome: "unreconciled", startedMs, endedMs: nowMs, winner: null, attempts };
  bookWindows(database, { tenant, startedMs }, { spentNano: heldNano, heldNano: -heldNano });
  bookRollups(database, { tenant, alias, ...ended }, "add");
}
