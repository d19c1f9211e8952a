import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

/** A file of lines that begins anew when it has grown too large. */
export interface LogFile {
  /**
   * Writes to the file that stands at the path now, which may be another one than before.
   * @throws the error of the file system where it cannot be written; the next write tries again from the start
   */
  write(text: string): void;
  close(): void;
}

const MAX_BYTES = 10 * 1_048_576;
const KEPT = 5;
/** A link in its place is not followed, and a pipe without a reader is not waited for. */
const FLAGS =
  constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

interface Open {
  readonly descriptor: number;
  readonly dev: number;
  readonly ino: number;
}

/**
 * A log at a path, which goes on with what is there. Beyond 10 MiB it becomes `.1`, that one `.2`, and so on to `.5`.
 * Nothing is opened before the first write. A file that was removed or moved away is begun anew.
 */
export function createLogFile(path: string): LogFile {
  let file: Open | undefined;
  const close = (): void => {
    const closing = file;
    file = undefined;
    if (closing) closeSync(closing.descriptor);
  };
  /** The size of what stands there, if it is what is open. */
  const sizeOf = ({ dev, ino }: Open): number | undefined => {
    const there = lstatSync(path, { throwIfNoEntry: false });
    return there?.dev === dev && there.ino === ino ? there.size : undefined;
  };
  const ready = (bytes: number): Open => {
    const size = file && sizeOf(file);
    if (file && size !== undefined && (size === 0 || size + bytes <= MAX_BYTES)) return file;
    close();
    if (size !== undefined) rotate(path);
    file = opened(path);
    return file;
  };
  return {
    write(text) {
      const bytes = Buffer.from(text);
      try {
        const { descriptor } = ready(bytes.length);
        for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
      } catch (thrown) {
        close();
        throw thrown;
      }
    },
    close,
  };
}

function opened(path: string): Open {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const descriptor = openSync(path, FLAGS, 0o600);
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new Error("it is not a regular file");
    if (endsMidLine(descriptor, stat.size)) writeSync(descriptor, "\n");
    return { descriptor, dev: stat.dev, ino: stat.ino };
  } catch (thrown) {
    closeSync(descriptor);
    throw thrown;
  }
}

/** A disk that was full, or a process that was killed, may have left half a line. */
function endsMidLine(descriptor: number, size: number): boolean {
  const last = Buffer.alloc(1);
  return size > 0 && readSync(descriptor, last, 0, 1, size - 1) === 1 && last.toString() !== "\n";
}

function rotate(path: string): void {
  for (let number = KEPT; number > 0; number -= 1) {
    tryRename(number === 1 ? path : `${path}.${number - 1}`, `${path}.${number}`);
  }
}

function tryRename(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch {
    // There are not that many yet.
  }
}
