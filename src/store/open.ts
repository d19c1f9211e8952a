import { lstatSync } from "node:fs";
import { basename } from "node:path";
import { RiptideError } from "../core/errors.ts";
import type { ConnectOptions } from "./connect.ts";
import { clearStrayLog, setAside, setAsides } from "./damage.ts";
import type { Database } from "./database.ts";
import { examine, factOf } from "./examine.ts";
import { createFile } from "./file.ts";
import { sqliteCode, unavailable } from "./sqlite-error.ts";

export interface OpenOptions extends ConnectOptions {
  /**
   * What a ledger that was lost by damage means. True: nothing depends on what it would have said, so it is set aside,
   * with a warning, and a new one takes its place. False: budgets or limits do, so neither a damaged ledger nor the one
   * that took its place is used before `riptide ledger recover`. Absent: whoever only looks is told of the damage, and
   * takes a new ledger as it is.
   */
  readonly mayStartFresh?: boolean;
  /** One line for people. */
  readonly onWarning?: (line: string) => void;
}

/** Whatever is found may be another process's next step, which settles after a few rounds. */
const MAX_ROUNDS = 20;
/** SQLite's result code for a file that is not there, or not to be had. */
const CANNOT_OPEN = 14;
/** A log of this size is not being emptied (LG-8). */
const MAX_LOG_BYTES = 64 * 1_048_576;

/**
 * Opens the ledger, making it where there is none (LG-9).
 * @throws RiptideError `ledger_unavailable` when it is damaged, locked, not ours, or cannot be read or written.
 */
export async function openDatabase(options: OpenOptions): Promise<Database> {
  const { path } = options;
  for (let round = 1; round <= MAX_ROUNDS; round += 1) {
    try {
      const found = await examine(options, "due");
      if (found.kind === "sound") return checked(found.database, options);
      if (found.kind === "missing") await create(options);
      else await replace(options, found.reason);
    } catch (error) {
      // What was there a moment ago may just have been set aside by another process.
      if (round < MAX_ROUNDS && sqliteCode(error) === CANNOT_OPEN) continue;
      throw unavailable(error, path);
    }
  }
  throw new RiptideError("ledger_unavailable", "the ledger does not stay in its place", {
    reasons: [path],
    hint: "riptide ledger verify",
  });
}

async function create({ path, clock }: OpenOptions): Promise<void> {
  await clearStrayLog(path, clock);
  const lost = setAsides(path).at(-1);
  // What spent the money is not in it, so a budget has to wait until that is known and accepted.
  createFile(path, lost === undefined ? {} : { recover_due: lost });
}

async function replace(options: OpenOptions, reason: string): Promise<void> {
  const { path, clock, mayStartFresh, onWarning } = options;
  if (mayStartFresh !== true) {
    throw new RiptideError("ledger_unavailable", "the ledger is damaged", {
      reasons: [`${path}: ${reason}`],
      hint: "riptide ledger recover",
    });
  }
  const aside = await setAside(path, clock, () => isDamaged(options, "due"));
  if (aside === undefined) return;
  onWarning?.(`the ledger was damaged (${reason}) and is set aside as ${aside}; a new one begins`);
}

/** Whether the file is damaged still; another process may have replaced it. */
export async function isDamaged(options: ConnectOptions, check: "always" | "due"): Promise<boolean> {
  const found = await examine(options, check);
  if (found.kind === "sound") found.database.close();
  return found.kind === "damaged";
}

function checked(database: Database, { path, mayStartFresh, onWarning }: OpenOptions): Database {
  const lost = mayStartFresh === false ? factOf(database, "recover_due") : undefined;
  if (lost !== undefined) {
    database.close();
    throw new RiptideError("ledger_unavailable", "the ledger is new, as the one before was damaged", {
      reasons: [`what was spent before stands in ${basename(lost)}`, "to let budgets count from zero:"],
      hint: "riptide ledger recover",
    });
  }
  const logBytes = lstatSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  if (logBytes > MAX_LOG_BYTES) {
    const size = `${Math.round(logBytes / 1_048_576)} MB`;
    onWarning?.(`the ledger's log has grown to ${size}: another process reads on without end (${path}-wal)`);
  }
  return database;
}
