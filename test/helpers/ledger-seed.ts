import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ERRORS, type ErrorCode } from "../../src/core/errors.ts";
import type { Charge } from "../../src/ledger/settlement.ts";
import { bookRollups, costOfLines, isUnpriced } from "../../src/store/booking.ts";
import type { Database } from "../../src/store/database.ts";
import { effectNumber } from "../../src/store/effects.ts";
import { openDatabase } from "../../src/store/open.ts";
import { bookWindows } from "../../src/store/windows.ts";
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
  readonly kind?: "try" | "repair" | "continue";
  /** How it failed, and so counted for its breaker; null, and not at all, unless given. */
  readonly code?: ErrorCode;
  /** How long it took (700). */
  readonly ms?: number;
  readonly firstTokenMs?: number;
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
  const { tenant = "default", alias = null, outcome = "ok", startedMs } = seed;
  const attempts = seed.attempts.map((attempt, index) => ({
    n: index + 1,
    provider: attempt.provider,
    model: attempt.model,
    charge: chargeOf(attempt),
    ...timesOf(seed, index),
  }));
  const { endedMs = startedMs + DEFAULT_MS } = attempts.at(-1) ?? {};
  const winner = outcome === "ok" && attempts.length > 0 ? attempts.length : null;
  const costNano = costOfLines(attempts);
  const booked = { tenant, alias, outcome, startedMs, endedMs, winner, attempts };
  const seq = insertOperation(database, seed, { ...booked, costNano, unpriced: attempts.some(isUnpriced) });
  for (const line of attempts) insertAttempt(database, seq, seed, { ...line, isWinner: line.n === winner });
  bookWindows(database, { tenant, startedMs }, { spentNano: costNano, heldNano: 0 });
  bookRollups(database, booked, "add");
}

interface Totals {
  readonly tenant: string;
  readonly alias: string | null;
  readonly outcome: string;
  readonly endedMs: number;
  readonly winner: number | null;
  readonly costNano: number;
  readonly unpriced: boolean;
}

function insertOperation(
  database: Database,
  { id, startedMs, tags, attempts }: SeedOperation,
  { tenant, alias, outcome, endedMs, winner, costNano, unpriced }: Totals,
): number {
  seeded += 1;
  const { lastInsertRowid } = database
    .prepare(
      `INSERT INTO operations (id, tenant, requested_model, alias, class, dialect, strategy, config_revision, generation,
         stream, via, tags, started, ended, state, outcome, attempts, winner, reserved_nano, cost_nano, unpriced, ttft_ms)
       VALUES (?, ?, ?, ?, 'completion', 'cli', 'sequential', 'r', 0, 0, 'in-process', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      ...[id ?? `rq_${String(seeded).padStart(8, "0")}`, tenant, alias ?? "m", alias],
      ...[tags ? JSON.stringify(tags) : null, startedMs, endedMs],
      ...[outcome === "unreconciled" ? outcome : "settled", outcome, attempts.length, winner],
      ...[costNano, costNano, unpriced ? 1 : 0, attempts.at(-1)?.firstTokenMs ?? null],
    );
  return Number(lastInsertRowid);
}

interface SeedLine {
  readonly n: number;
  readonly charge: Charge;
  readonly startedMs: number;
  readonly endedMs: number;
  readonly isWinner: boolean;
}

function insertAttempt(
  database: Database,
  seq: number,
  seed: SeedOperation,
  { n, charge, startedMs, endedMs, isWinner }: SeedLine,
): void {
  const {
    provider = "",
    model = "",
    kind = "try",
    code = null,
    firstTokenMs = null,
  } = seed.attempts[n - 1] ?? {};
  // What was cut short by its caller failed for no reason of its own.
  const lost = seed.outcome === "cancelled" && code === null ? "cancelled" : "error";
  const effect = isWinner ? "success" : code ? ERRORS[code].breaker : undefined;
  database
    .prepare(
      `INSERT INTO attempts (operation, n, provider, model, kind, class, outcome, error_code, endpoint, ambiguous, started,
         ended, ttft_ms, input_tokens, cached_tokens, cache_write_tokens, output_tokens, reasoning_tokens, usage_source,
         price_version, cost_nano, effect)
       VALUES (?, ?, ?, ?, ?, 'completion', ?, ?, 'e', 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      ...[seq, n, provider, model, kind, isWinner ? "ok" : lost, code, startedMs, endedMs, firstTokenMs],
      ...[charge.inputTokens, charge.cacheReadTokens, charge.cacheWriteTokens, charge.outputTokens],
      ...[charge.reasoningTokens, charge.source, charge.priceVersion, charge.costNano],
      effectNumber({ effect, code, trial: false }),
    );
}

const DEFAULT_MS = 700;

/** Attempts that say how long they took follow each other; others all take the same time. */
function timesOf({ startedMs, attempts }: SeedOperation, index: number) {
  const beforeMs = attempts.slice(0, index).reduce((sum, { ms = 0 }) => sum + ms, 0);
  const { ms = DEFAULT_MS } = attempts[index] ?? {};
  return { startedMs: startedMs + beforeMs, endedMs: startedMs + beforeMs + ms };
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
