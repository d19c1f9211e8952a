import type { Alert } from "../core/budget.ts";
import { RiptideError } from "../core/errors.ts";
import type { Settlement } from "../ledger/settlement.ts";
import type { Database } from "./database.ts";
import { appendLine, pendingPath } from "./emergency.ts";
import { type Claim, claimsOf, hasPending, readClaim, removeClaim } from "./fold-claims.ts";
import type { Owner } from "./owner.ts";
import { settleNow } from "./settle.ts";

/** Beside the ledger: lines of the emergency file that could not be understood. */
export const unreadablePath = (ledgerPath: string): string => `${ledgerPath}.unreadable.jsonl`;

export interface Fold {
  readonly owner: Owner;
  readonly nowMs: number;
  readonly warn: (line: string) => void;
}

export interface Folded {
  /** Settlements that had not been booked before. */
  readonly booked: number;
  /** Lines that were set aside, as nobody can tell what they say. */
  readonly unreadable: number;
  /** Thresholds that were crossed by them. */
  readonly alerts: readonly Alert[];
}

const NOTHING: Folded = { booked: 0, unreadable: 0, alerts: [] };

/** So many settlements are booked in one transaction, for the others do not wait longer than that. */
const BATCH = 100;

/**
 * Books what other processes could not, each settlement once (LG-11). Where there is nothing it costs two looks into
 * the file system. A file that cannot be folded is left as it is, with a warning.
 * @throws RiptideError `ledger_unavailable` when the ledger takes none of it; then nothing is lost.
 */
export async function foldEmergency(database: Database, fold: Fold): Promise<Folded> {
  if (!hasPending(database.path)) return NOTHING;
  let all = NOTHING;
  try {
    for (const claim of claimsOf(database.path, fold))
      all = sumOf(all, await foldClaim(database, claim, fold));
  } catch (error) {
    if (error instanceof RiptideError && error.code === "ledger_unavailable") throw error;
    const why = error instanceof Error ? error.message : String(error);
    fold.warn(`settlements in ${pendingPath(database.path)} could not be booked and stay there: ${why}`);
  }
  if (all.unreadable > 0) {
    fold.warn(
      `unbooked settlements that cannot be read (${all.unreadable}): ${unreadablePath(database.path)}`,
    );
  }
  return all;
}

const sumOf = (one: Folded, other: Folded): Folded => ({
  booked: one.booked + other.booked,
  unreadable: one.unreadable + other.unreadable,
  alerts: [...one.alerts, ...other.alerts],
});

/** A crash before the end makes the next process book the same lines again, which changes nothing. */
async function foldClaim(database: Database, claim: Claim, { nowMs }: Fold): Promise<Folded> {
  const lines = readClaim(claim);
  let all = NOTHING;
  for (let start = 0; start < lines.length; start += BATCH) {
    all = sumOf(all, await foldBatch(database, lines.slice(start, start + BATCH), nowMs));
  }
  removeClaim(claim);
  return all;
}

async function foldBatch(database: Database, lines: readonly string[], nowMs: number): Promise<Folded> {
  const parsed = lines.map(parsedLine);
  if (!parsed.includes(undefined)) {
    const together = await settleAll(database, parsed, nowMs);
    if (together) return together;
  }
  let all = NOTHING;
  for (const [index, line] of lines.entries()) {
    all = sumOf(all, (await settleAll(database, [parsed[index]], nowMs)) ?? setAside(database, line));
  }
  return all;
}

function parsedLine(line: string): Settlement | undefined {
  try {
    const value = JSON.parse(line) as Settlement; // What else is not one, the ledger's own constraints refuse.
    return value.attempts.every(hasAmounts) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Amounts in words would be added up as words. */
const hasAmounts = ({ charge }: Settlement["attempts"][number]): boolean =>
  AMOUNTS.every((name) => Number.isSafeInteger(charge[name]));

const AMOUNTS = [
  ...["costNano", "inputTokens", "cacheReadTokens"],
  ...["cacheWriteTokens", "outputTokens", "reasoningTokens"],
] as const;

/** Books all of them or none; undefined when one is not a settlement. */
async function settleAll(
  database: Database,
  settlements: readonly (Settlement | undefined)[],
  nowMs: number,
): Promise<Folded | undefined> {
  try {
    return await database.transact(() =>
      settlements.map((settlement) => settleOne(database, settlement, nowMs)).reduce(sumOf, NOTHING),
    );
  } catch (error) {
    if (error instanceof RiptideError && error.code === "ledger_unavailable") throw error;
    return undefined;
  }
}

function settleOne(database: Database, settlement: Settlement | undefined, nowMs: number): Folded {
  if (settlement === undefined) throw new TypeError("not a settlement");
  const { fresh, alerts } = settleNow(database, settlement, nowMs);
  return { booked: fresh ? 1 : 0, unreadable: 0, alerts };
}

function setAside(database: Database, line: string): Folded {
  if (!appendLine(unreadablePath(database.path), line)) {
    throw new RiptideError("write_failed", "the file of unreadable settlements does not stay in its place");
  }
  return { ...NOTHING, unreadable: 1 };
}
