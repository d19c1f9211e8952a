import { closeSync, constants, fstatSync, openSync, renameSync, writeSync } from "node:fs";

/** A file of lines that begins anew when it has grown too large. */
export interface LogFile {
  write(text: string): void;
  close(): void;
}

const MAX_BYTES = 10 * 1_048_576;
const KEPT = 5;
/** A link in its place is not followed. */
const FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;

/**
 * Opens a log, or goes on with the one that is there. Beyond 10 MiB it becomes `.1`, that one `.2`, and so on to `.5`.
 * @throws the error of the file system where it cannot be written
 */
export function openLogFile(path: string): LogFile {
  let descriptor = openSync(path, FLAGS, 0o600);
  let size = fstatSync(descriptor).size;
  const rotate = (): void => {
    closeSync(descriptor);
    for (let number = KEPT; number > 0; number -= 1) {
      tryRename(number === 1 ? path : `${path}.${number - 1}`, `${path}.${number}`);
    }
    descriptor = openSync(path, FLAGS, 0o600);
    size = 0;
  };
  return {
    write(text) {
      const bytes = Buffer.from(text);
      if (size > 0 && size + bytes.length > MAX_BYTES) rotate();
      size += bytes.length;
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    },
    close: () => closeSync(descriptor),
  };
}

function tryRename(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch {
    // There are not that many yet.
  }
}
