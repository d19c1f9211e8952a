import { RiptideError } from "../core/errors.ts";

/** What SQLite's primary result codes mean for the ledger (SQLite documentation, "Result and Error Codes"). */
const MEANINGS: Readonly<Record<number, string>> = {
  3: "cannot be opened: access is denied",
  5: "is locked by another process",
  6: "is locked by another process",
  8: "cannot be written",
  10: "cannot be read or written (I/O error)",
  11: "is damaged",
  13: "cannot grow: the disk is full",
  14: "cannot be opened",
  15: "is locked by another process",
  26: "is damaged",
};

/** The same for errors of the file system. */
const OS_MEANINGS: Readonly<Record<string, string>> = {
  EACCES: "cannot be opened: access is denied",
  EPERM: "cannot be opened: access is denied",
  EROFS: "cannot be written: the disk is read-only",
  ENOSPC: "cannot be written: the disk is full",
  EDQUOT: "cannot be written: the disk quota is used up",
  EIO: "cannot be read or written (I/O error)",
  ENOTDIR: "cannot be opened: a part of its path is not a directory",
  EEXIST: "cannot be opened: a part of its path is not a directory",
  ELOOP: "cannot be opened: links in its path go round in circles",
  ENAMETOOLONG: "cannot be opened: its path is too long",
};

/** The primary result code; undefined for an error that is not SQLite's. */
export function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error && "errcode" in error && typeof error.errcode === "number")) return undefined;
  return error.errcode & 0xff;
}

/** The name of an error of the file system, such as `ENOSPC`; undefined for any other. */
export function osCode(error: unknown): string | undefined {
  const isOs = error instanceof Error && "syscall" in error && "code" in error;
  return isOs && typeof error.code === "string" ? error.code : undefined;
}

/** Another process holds the lock. */
export const isBusy = (error: unknown): boolean => [5, 6].includes(sqliteCode(error) ?? 0);

/** The file's contents cannot be trusted. */
export const isDamage = (error: unknown): boolean => [11, 26].includes(sqliteCode(error) ?? 0);

/**
 * An error of SQLite or of the file system as `ledger_unavailable`; any other stays as it is.
 * @param wasHurried The caller could have waited for a lock only for a moment.
 */
export function unavailable(error: unknown, path: string, wasHurried = false): unknown {
  const meaning = meaningOf(error);
  if (meaning === undefined) return error;
  return new RiptideError("ledger_unavailable", `the ledger ${meaning}`, {
    ...(wasHurried && isBusy(error) && { wasHurried }),
    reasons: [path],
    hint: hintOf(error),
    cause: error,
  });
}

/** What helps: the first words found in what the error means. */
const HINTS: readonly (readonly [words: string, hint: string])[] = [
  ["damaged", "riptide ledger recover"],
  ["locked", "wait for the other process, or find it: lsof FILE"],
  ["full", "free some space; nothing that was recorded is lost"],
  ["quota", "free some space; nothing that was recorded is lost"],
  ["denied", "give the file and its folder back to this user, or set RIPTIDE_STATE_DIR"],
];

function hintOf(error: unknown): string {
  const meaning = meaningOf(error) ?? "";
  const found = HINTS.find(([words]) => meaning.includes(words));
  return found?.[1] ?? "set RIPTIDE_STATE_DIR or ledger.path to a place that can be written";
}

function meaningOf(error: unknown): string | undefined {
  const os = osCode(error);
  if (os !== undefined) return OS_MEANINGS[os] ?? `cannot be opened (${os})`;
  const code = sqliteCode(error);
  return code === undefined ? undefined : MEANINGS[code];
}
