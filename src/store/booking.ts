import { DAY_MS } from "../core/period.ts";
import { type AttemptLine, type Charge, NO_TOKENS } from "../ledger/settlement.ts";
import type { Database } from "./database.ts";
import type { PendingTable } from "./pending.ts";
import { LATENCY_BOUNDS_MS, LATENCY_COLUMNS, ROLLUP_SUMS } from "./schema.ts";
import { startOf } from "./windows.ts";

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

/** Adds an operation to the rollups, or takes it out of them. Inside a transaction. */
export function bookRollups({ pending }: Database, operation: Booked, direction: "add" | "remove"): void {
  const { tenant, alias, outcome, startedMs } = operation;
  const sign = direction === "add" ? 1 : -1;
  const [quarter, day] = [startOf(startedMs, QUARTER_MS), startOf(startedMs, DAY_MS)];
  for (const { provider, model, amounts } of rollupRows(operation)) {
    const values = ROLLUP_SUMS.map((column) => sign * (amounts.get(column) ?? 0));
    const key = [tenant, alias ?? "", provider, model, outcome];
    pending.add(ROLLUP_QUARTER, [quarter, ...key], values);
    pending.add(ROLLUP_DAY, [day, ...key], values);
  }
}

const rollup = (name: string): PendingTable => ({
  name,
  key: ["start", "tenant", "alias", "provider", "model", "outcome"],
  values: ROLLUP_SUMS,
});
const ROLLUP_QUARTER = rollup("rollup_quarter");
const ROLLUP_DAY = rollup("rollup_day");

interface RollupRow {
  readonly provider: string;
  readonly model: string;
  readonly amounts: Map<string, number>;
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
    const row = rows.get(key) ?? { provider, model, amounts: new Map<string, number>() };
    rows.set(key, row);
    return row.amounts;
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
