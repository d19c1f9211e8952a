import { existsSync } from "node:fs";
import { RiptideError } from "../core/errors.ts";
import { type ConnectOptions, connect } from "./connect.ts";
import { damageOf } from "./damage.ts";
import type { Database } from "./database.ts";
import { lookAt } from "./file.ts";
import { thisProcess } from "./owner.ts";
import { isDamage, sqliteCode } from "./sqlite-error.ts";

/** What there is at the ledger's path. */
export type Found =
  | { readonly kind: "missing" }
  | { readonly kind: "damaged"; readonly reason: string }
  | { readonly kind: "sound"; readonly database: Database };

/** A file of up to this size is checked at every opening, which takes 2 ms. */
const ALWAYS_BYTES = 512 * 1_024;
/** A larger one once in each run of the machine, which takes 0.2 s for this size; one that is still larger by `verify`. */
const ONCE_BYTES = 32 * 1_048_576;

/**
 * Connects to what is at the path and checks its pages: `always`, or when the file is small or was not checked since
 * the machine was started.
 * @throws RiptideError `ledger_unavailable` for a file that is refused, SQLite's own errors for one that is locked.
 */
export async function examine(options: ConnectOptions, check: "always" | "due"): Promise<Found> {
  const { path } = options;
  const file = lookAt(path);
  if (file.kind !== "ledger") return file;
  let database: Database | undefined;
  try {
    database = await connect(options);
    const checkedBoot = factOf(database, "checked_boot");
    const reason =
      check === "always" ? damageOf(database) : await damageIfDue(database, file.bytes, checkedBoot);
    if (reason === undefined) return { kind: "sound", database: watched(database) };
    database.close();
    return { kind: "damaged", reason };
  } catch (error) {
    database?.close();
    if (!existsSync(path)) return { kind: "missing" };
    if (!isDamage(error) && sqliteCode(error) !== NO_SUCH_TABLE) throw error;
    return { kind: "damaged", reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Stands in the place of the machine's run when the ledger met damage since it was checked. */
const SUSPECT = "damage was met";

/** Damage that is met in use is looked for by whoever opens the ledger next, however large it is (LG-9). */
function watched(database: Database): Database {
  const met = (error: unknown): unknown => {
    if (error instanceof RiptideError && isDamage(error.cause)) suspect(database);
    return error;
  };
  return {
    ...database,
    async transact(work, withinMs) {
      try {
        return await database.transact(work, withinMs);
      } catch (error) {
        throw met(error);
      }
    },
    read(work) {
      try {
        return database.read(work);
      } catch (error) {
        throw met(error);
      }
    },
  };
}

/** Where even this cannot be written, the error that led here is the one to tell; the next that meets damage tries again. */
function suspect(database: Database): void {
  try {
    setFact(database, "checked_boot", SUSPECT);
  } catch (error) {
    if (sqliteCode(error) === undefined) throw error;
  }
}

/** What SQLite says when a statement does not fit the tables there are (SQLITE_ERROR). */
const NO_SUCH_TABLE = 1;

async function damageIfDue(
  database: Database,
  bytes: number,
  checkedBoot: string | undefined,
): Promise<string | undefined> {
  if (bytes <= ALWAYS_BYTES) return damageOf(database);
  const [machine = ""] = thisProcess().boot.split(" ");
  if (checkedBoot !== SUSPECT && (bytes > ONCE_BYTES || checkedBoot === machine)) return undefined;
  const damage = damageOf(database);
  if (damage === undefined) await note(database, "checked_boot", machine);
  return damage;
}

/** A small thing the ledger knows of itself. */
export function factOf(database: Database, name: string): string | undefined {
  const row = database.prepare("SELECT value FROM facts WHERE name = ?").get(name);
  return row === undefined ? undefined : String(row.value);
}

/** Where it cannot be written now, the next process checks again. */
async function note(database: Database, name: string, value: string): Promise<void> {
  try {
    await database.transact(() => setFact(database, name, value), 0);
  } catch (error) {
    if (!(error instanceof RiptideError && error.code === "ledger_unavailable")) throw error;
  }
}

function setFact(database: Database, name: string, value: string): void {
  database
    .prepare("INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value")
    .run(name, value);
}
