import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Charge } from "../../src/ledger/settlement.ts";
import { bookRollups, bookWindows, costOfLines, isUnpriced } from "../../src/store/booking.ts";
import type { Database } from "../../src/store/database.ts";
import { openDatabase } from "../../src/store/open.ts";
import { virtualClock } from "./virtual-clock.ts";

/** One try of a seeded operation. */
export interface SeedAttempt {
  readonly provider: string;
  readonly model: string;
  readonly inputTokens?: number;
  readonly cacheReadTokens?: number;
  readonly outputTokens?: number;
  readonly source?: Charge["source"];
  readonly costNano?: number;
  /** Null is unpriced; `test` unless given. */
  readonly priceVersion?: string | null;
}

export interface SeedOperation {
  readonly id?: string;
  readonly tenant?: string;
  readonly alias?: string | null;
  readonly outcome?: "ok" | "error" | "cancelled" | "unreconciled";
  readonly startedMs: number;
  readonly tags?: Readonly<Record<string, string>>;
  /** The last one answered, where the outcome is `ok`. */
  readonly attempts: readonly SeedAttempt[];
}

/** Writes finished operations as the program would: rows, windows and rollups agree. */
export async function seedOperations(
  database: Database,
  operations: readonly SeedOperation[],
): Promise<void> {
  await database.transact(() => {
    for (const operation of operations) seedOne(database, operation);
  });
}

let seeded = 0;

function seedOne(database: Database, seed: SeedOperation): void {
  const { tenant = "default", alias = null, outcome = "ok", startedMs, tags } = seed;
  const attempts = seed.attempts.map((attempt, index) => ({
    n: index + 1,
    provider: attempt.provider,
    model: attempt.model,
    charge: chargeOf(attempt),
  }));
  seeded += 1;
  const { id = `rq_${String(seeded).padStart(8, "0")}` } = seed;
  const winner = outcome === "ok" && attempts.length > 0 ? attempts.length : null;
  const costNano = costOfLines(attempts);
  const { lastInsertRowid } = database
    .prepare(
      `INSERT INTO operations (id, tenant, requested_model, alias, class, dialect, strategy, config_revision, generation,
         stream, via, tags, started, ended, state, outcome, attempts, winner, reserved_nano, cost_nano, unpriced)
       VALUES (?, ?, ?, ?, 'completion', 'cli', 'sequential', 'r', 0, 0, 'in-process', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      ...[id, tenant, alias ?? "m", alias, tags ? JSON.stringify(tags) : null, startedMs, startedMs + 700],
      ...[outcome === "unreconciled" ? outcome : "settled", outcome, attempts.length, winner],
      ...[costNano, costNano, attempts.some(isUnpriced) ? 1 : 0],
    );
  const insert = database.prepare(
    `INSERT INTO attempts (operation, n, provider, model, kind, class, outcome, endpoint, ambiguous, started, ended,
       input_tokens, cached_tokens, cache_write_tokens, output_tokens, reasoning_tokens, usage_source, price_version,
       cost_nano) VALUES (?, ?, ?, ?, 'try', 'completion', ?, 'e', 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  for (const { n, provider, model, charge } of attempts) {
    insert.run(
      ...[lastInsertRowid, n, provider, model, n === winner ? "ok" : "error", startedMs, startedMs + 700],
      ...[charge.inputTokens, charge.cacheReadTokens, charge.cacheWriteTokens, charge.outputTokens],
      ...[charge.reasoningTokens, charge.source, charge.priceVersion, charge.costNano],
    );
  }
  bookWindows(database, { tenant, startedMs }, { spentNano: costNano, heldNano: 0 });
  const booked = { tenant, alias, outcome, startedMs, endedMs: startedMs + 700, winner, attempts };
  bookRollups(database, booked, "add");
}

const chargeOf = (attempt: SeedAttempt): Charge => ({
  inputTokens: attempt.inputTokens ?? 100,
  cacheReadTokens: attempt.cacheReadTokens ?? 0,
  cacheWriteTokens: 0,
  outputTokens: attempt.outputTokens ?? 10,
  reasoningTokens: 0,
  source: attempt.source ?? "reported",
  note: null,
  costNano: attempt.costNano ?? 0,
  priceVersion: attempt.priceVersion === undefined ? "test" : attempt.priceVersion,
});

/** An empty ledger in a folder of its own. */
export async function openSeedLedger() {
  const folder = await mkdtemp(join(tmpdir(), "riptide-ledger-"));
  const database = await openDatabase({
    path: join(folder, "ledger.db"),
    durability: "normal",
    clock: virtualClock(),
  });
  return {
    database,
    folder,
    async close() {
      database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A generator of numbers from 0 up to a bound, the same for every run (mulberry32). */
export function seededNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
