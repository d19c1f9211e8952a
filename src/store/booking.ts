import { type AttemptLine, type Charge, NO_TOKENS } from "../ledger/settlement.ts";
import type { Database } from "./database.ts";
import { LATENCY_BOUNDS_MS, LATENCY_COLUMNS, ROLLUP_SUMS } from "./schema.ts";

/** A finished operation, as far as the sums over operations need it. Times are Unix milliseconds. */
export interface Booked {
  readonly tenant: string;
  readonly alias: string | null;
  readonly outcome: string;
  readonly startedMs: number;
  readonly endedMs: number;
  readonly winner: number | null;
  readonly attempts: readonly BookedAttempt[];
}

export type BookedAttempt = Pick<AttemptLine, "n" | "provider" | "model" | "charge">;

const QUARTER_MS = 900_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

const startOf = (atMs: number, lengthMs: number): number =>
  atMs - (((atMs % lengthMs) + lengthMs) % lengthMs);

/** The number of an operation's first line without a price, in the words of SQL; see {@link isUnpriced}. */
export const firstUnpriced = (seq: string): string =>
  `(SELECT min(n) FROM attempts WHERE operation = ${seq} AND price_version IS NULL
     AND usage_source NOT IN ('none', 'unreconciled'))`;

/** What a line costs all told. */
export const costOfLines = (attempts: readonly Pick<BookedAttempt, "charge">[]): number =>
  attempts.reduce((sum, { charge }) => sum + charge.costNano, 0);

/** The line of an operation whose process died: the reservation stands for what it used. */
export const unreconciled = (heldNano: number): Charge => ({
  ...NO_TOKENS,
  source: "unreconciled",
  note: null,
  costNano: heldNano,
  priceVersion: null,
});

/** True for a line whose price is not known; what the provider does not bill needs no price. */
export const isUnpriced = ({ charge }: Pick<BookedAttempt, "charge">): boolean =>
  charge.priceVersion === null && charge.source !== "none" && charge.source !== "unreconciled";

/**
 * Adds to what the tenant and the installation spent and hold in the hour and the day of an operation. Inside a
 * transaction.
 */
export function bookWindows(
  database: Database,
  { tenant, startedMs }: Pick<Booked, "tenant" | "startedMs">,
  { spentNano, heldNano }: { readonly spentNano: number; readonly heldNano: number },
): void {
  if (spentNano === 0 && heldNano === 0) return;
  const update = database.prepare(
    `UPDATE windows SET spent_nano = spent_nano + ?, held_nano = held_nano + ?
     WHERE scope = ? AND span = ? AND start = ?`,
  );
  const insert = database.prepare(
    "INSERT INTO windows (spent_nano, held_nano, scope, span, start) VALUES (?, ?, ?, ?, ?)",
  );
  for (const scope of ["", tenant]) {
    for (const [span, lengthMs] of SPANS) {
      const start = startOf(startedMs, lengthMs);
      const { changes } = update.run(spentNano, heldNano, scope, span, start);
      if (changes === 0) insert.run(spentNano, heldNano, scope, span, start);
    }
  }
}

const SPANS = [
  ["hour", HOUR_MS],
  ["day", DAY_MS],
] as const;

/** Adds an operation to the rollups, or takes it out of them. Inside a transaction. */
export function bookRollups(database: Database, operation: Booked, direction: "add" | "remove"): void {
  const { tenant, alias, outcome, startedMs } = operation;
  for (const { provider, model, sums } of rollupRows(operation)) {
    for (const { table, lengthMs } of ROLLUPS) {
      const key = [startOf(startedMs, lengthMs), tenant, alias ?? "", provider, model, outcome];
      const values = ROLLUP_SUMS.map((column) => sums.get(column) ?? 0);
      if (direction === "add") database.prepare(ADD[table]).run(...key, ...values);
      else database.prepare(REMOVE[table]).run(...values, ...key);
    }
  }
}

const ROLLUPS = [
  { table: "rollup_quarter", lengthMs: QUARTER_MS },
  { table: "rollup_day", lengthMs: DAY_MS },
] as const;

const KEY = ["start", "tenant", "alias", "provider", "model", "outcome"];
const COLUMNS = [...KEY, ...ROLLUP_SUMS];

const addTo = (table: string) =>
  `INSERT INTO ${table} (${COLUMNS.join(", ")}) VALUES (${COLUMNS.map(() => "?").join(", ")})
   ON CONFLICT DO UPDATE SET ${ROLLUP_SUMS.map((name) => `${name} = ${name} + excluded.${name}`).join(", ")}`;
const removeFrom = (table: string) =>
  `UPDATE ${table} SET ${ROLLUP_SUMS.map((name) => `${name} = ${name} - ?`).join(", ")}
   WHERE ${KEY.map((name) => `${name} = ?`).join(" AND ")}`;

const ADD = { rollup_quarter: addTo("rollup_quarter"), rollup_day: addTo("rollup_day") };
const REMOVE = { rollup_quarter: removeFrom("rollup_quarter"), rollup_day: removeFrom("rollup_day") };

interface RollupRow {
  readonly provider: string;
  readonly model: string;
  readonly sums: Map<string, number>;
}

/**
 * One row for each target. The request itself counts where it was answered, or tried last; that it is unpriced counts
 * where its first line without a price is, so that nobody looks free.
 */
function rollupRows(operation: Booked): Iterable<RollupRow> {
  const { attempts, winner, outcome, startedMs, endedMs } = operation;
  const rows = new Map<string, RollupRow>();
  const rowOf = (provider: string, model: string) => {
    const key = `${provider}\0${model}`;
    const row = rows.get(key) ?? { provider, model, sums: new Map<string, number>() };
    rows.set(key, row);
    return row.sums;
  };
  for (const attempt of attempts) addAttempt(rowOf(attempt.provider, attempt.model), attempt);
  const home = attempts.find(({ n }) => n === winner) ?? attempts.at(-1);
  const sums = rowOf(home?.provider ?? "", home?.model ?? "");
  sums.set("requests", 1);
  sums.set("failed", outcome === "ok" ? 0 : 1);
  const unpriced = attempts.find(isUnpriced);
  if (unpriced) rowOf(unpriced.provider, unpriced.model).set("unpriced", 1);
  sums.set(latencyColumn(endedMs - startedMs), 1);
  return rows.values();
}

function addAttempt(sums: Map<string, number>, { charge }: BookedAttempt): void {
  const add = (column: string, amount: number) => sums.set(column, (sums.get(column) ?? 0) + amount);
  add("attempts", 1);
  add("estimated", charge.source === "estimated" ? 1 : 0);
  add("input_tokens", charge.inputTokens);
  add("cached_tokens", charge.cacheReadTokens);
  add("cache_write_tokens", charge.cacheWriteTokens);
  add("output_tokens", charge.outputTokens);
  add("reasoning_tokens", charge.reasoningTokens);
  add("cost_nano", charge.costNano);
  add("unreconciled_nano", charge.source === "unreconciled" ? charge.costNano : 0);
}

function latencyColumn(ms: number): string {
  const index = LATENCY_BOUNDS_MS.findIndex((bound) => ms <= bound);
  return LATENCY_COLUMNS[index === -1 ? LATENCY_BOUNDS_MS.length : index] ?? "longer";
}
