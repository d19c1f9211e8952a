import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readSync,
  writeSync,
} from "node:fs";
import { RiptideError } from "../core/errors.ts";
import type { Settlement } from "../ledger/settlement.ts";

/** Beside the ledger: settlements that could not be booked, one JSON line each. */
export const pendingPath = (ledgerPath: string): string => `${ledgerPath}.pending.jsonl`;

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDWR } = constants;
const NEWLINE = 10;

/** Another process may take the file away between two steps; never so often in a row. */
const MAX_TRIES = 100;

/**
 * Keeps a settlement for the next process that opens the ledger (LG-11).
 * @throws when the line is not whole on the disk.
 */
export function appendEmergency(ledgerPath: string, settlement: Settlement): void {
  const path = pendingPath(ledgerPath);
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    // A line in a file that was being folded may have come too late to be read; booked twice it counts once.
    if (appendLine(path, JSON.stringify(withoutDigest(settlement)))) return;
  }
  throw new RiptideError("write_failed", "the file of unbooked settlements does not stay in its place", {
    reasons: [path],
  });
}

/** Without its salt, which is in the ledger, a digest would tell a short prompt to whoever guesses it. */
const withoutDigest = (settlement: Settlement): Settlement => ({
  ...settlement,
  operation: { ...settlement.operation, promptDigest: undefined },
});

/**
 * Appends a line to a file of this user, making it where there is none.
 * @returns Whether the file still has its name now that the line is on the disk.
 */
export function appendLine(path: string, line: string): boolean {
  const file = openSync(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
  try {
    // A line that the full disk cut short must not spoil this one.
    const bytes = Buffer.from(endsInLine(file) ? `${line}\n` : `\n${line}\n`);
    if (writeSync(file, bytes) < bytes.length)
      throw new RiptideError("write_failed", "the disk took only a part of the line", { reasons: [path] });
    fsyncSync(file);
    return fstatSync(file).ino === lstatSync(path, { throwIfNoEntry: false })?.ino;
  } finally {
    closeSync(file);
  }
}

function endsInLine(file: number): boolean {
  const { size } = fstatSync(file);
  const last = Buffer.alloc(1, NEWLINE);
  if (size > 0) readSync(file, last, 0, 1, size - 1);
  return last[0] === NEWLINE;
}
