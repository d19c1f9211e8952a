import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  rmSync,
} from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { RiptideError } from "../core/errors.ts";
import { makeFolder } from "./folder.ts";
import { APPLICATION_ID, MIGRATIONS } from "./schema.ts";
import { isDamage, osCode } from "./sqlite-error.ts";

/** What stands at the ledger's path; whatever is neither is refused. */
export type LedgerFile =
  | { readonly kind: "missing" }
  /** Nothing SQLite could read as a ledger. */
  | { readonly kind: "damaged"; readonly reason: string }
  | { readonly kind: "ledger"; readonly bytes: number };

/**
 * Looks at the file without changing it. A file that holds nothing is damage too, since a ledger is put in its place
 * complete (LG-9).
 * @throws RiptideError `ledger_unavailable` for what is not a ledger of this user that this version can read.
 */
export function lookAt(path: string): LedgerFile {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return { kind: "missing" };
  if (stat.isSymbolicLink()) throw refused(path, "is a link, which is not followed");
  if (!stat.isFile()) throw refused(path, stat.isDirectory() ? "is a directory" : "is not a regular file");
  if (stat.uid !== (process.getuid?.() ?? stat.uid))
    throw refused(path, `belongs to another user (uid ${stat.uid})`);
  if (stat.size === 0) return { kind: "damaged", reason: "the file is empty" };
  try {
    requireOurs(path, headerOf(path));
  } catch (error) {
    if (isDamage(error)) return { kind: "damaged", reason: "it is not an SQLite database any more" };
    throw error;
  }
  if ((stat.mode & 0o177) !== 0) makePrivate(path);
  return { kind: "ledger", bytes: stat.size };
}

interface Header {
  readonly applicationId: unknown;
  readonly version: unknown;
}

/**
 * The header as SQLite reads it, without a lock, a log or a rollback. This goes through SQLite, because closing a
 * descriptor of one's own drops every lock that this process holds on the file (POSIX advisory locks).
 */
function headerOf(path: string): Header {
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const sqlite = new DatabaseSync(locationOf(path, { mode: "ro", immutable: "1" }), {
    readOnly: true,
    defensive: false,
  });
  try {
    // While a log is being emptied the file may be shorter than its header says, which is an error otherwise.
    sqlite.exec("PRAGMA writable_schema = ON");
    return {
      applicationId: sqlite.prepare("PRAGMA application_id").get()?.application_id,
      version: sqlite.prepare("PRAGMA user_version").get()?.user_version,
    };
  } finally {
    sqlite.close();
  }
}

/** @throws RiptideError `ledger_unavailable` for a database of another program, or of a later version. */
function requireOurs(path: string, { applicationId, version }: Header): void {
  if (applicationId !== APPLICATION_ID) throw refused(path, "is an SQLite database of another program");
  requireKnown(path, version);
}

/** @throws RiptideError `ledger_unavailable` for a schema of a later version. */
export function requireKnown(path: string, version: unknown): number {
  if (typeof version === "number" && version <= MIGRATIONS.length) return version;
  throw new RiptideError(
    "ledger_unavailable",
    `the ledger was written by a newer RipTide (schema ${version}; this one knows ${MIGRATIONS.length})`,
    { reasons: [path], hint: "use the newer version, or name another file: ledger: { path: … }" },
  );
}

const refused = (path: string, what: string) =>
  new RiptideError("ledger_unavailable", `the ledger's file ${what}`, {
    reasons: [`${path} is left as it is`],
    hint: "move it away, or name another file: ledger: { path: … }",
  });

/** A database as SQLite wants it named so that it is never created by the way. */
export function locationOf(path: string, parameters: Readonly<Record<string, string>>): URL {
  const url = pathToFileURL(path);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url;
}

/** Takes the file from everybody else; on a disk that cannot be written it stays as it is. */
export function makePrivate(path: string): void {
  try {
    chmodSync(path, 0o600);
  } catch (error) {
    if (!["EROFS", "EPERM", "ENOENT"].includes(osCode(error) ?? "")) throw error;
  }
}

/**
 * Puts an empty ledger in place, complete from its first moment: it is written under another name and then linked. Of
 * several processes one wins, and the others find its file.
 * @param facts What it is to know from the start.
 */
export function createFile(path: string, facts: Readonly<Record<string, string>>): void {
  const folder = dirname(path);
  makeFolder(folder);
  const draft = `${path}.${randomBytes(6).toString("hex")}.new`;
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR } = constants;
  const file = openSync(draft, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    fchmodSync(file, 0o600);
    writeSchema(draft, facts);
    fsyncSync(file);
    linkSync(draft, path);
  } catch (error) {
    if (osCode(error) !== "EEXIST") throw error;
  } finally {
    closeSync(file);
    for (const ending of ["", "-wal", "-shm"]) rmSync(`${draft}${ending}`, { force: true });
  }
  syncFolder(folder);
}

function writeSchema(path: string, facts: Readonly<Record<string, string>>): void {
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const sqlite = new DatabaseSync(path);
  try {
    // Nobody reads the draft, and it is synced as a whole.
    sqlite.exec("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; BEGIN");
    sqlite.exec(MIGRATIONS.join(""));
    const insert = sqlite.prepare("INSERT INTO facts (name, value) VALUES (?, ?)");
    for (const [name, value] of Object.entries(facts)) insert.run(name, value);
    sqlite.exec(
      `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${MIGRATIONS.length}; COMMIT; PRAGMA journal_mode = WAL`,
    );
  } finally {
    sqlite.close();
  }
}

/** Makes a new name last through a power cut. */
function syncFolder(folder: string): void {
  const file = openSync(folder, constants.O_RDONLY);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
