import { type FileHandle, open, stat } from "node:fs/promises";

/** What comes to a log, across the files it is continued in. */
export interface LogTail {
  /** The whole lines since the last look. */
  next(): Promise<readonly string[]>;
  close(): Promise<void>;
}

const NEWLINE = 0x0a;

/**
 * Reads on in a log from a place in it. One that was put aside is read to its end, and the file that takes its place
 * from the beginning; one that was emptied is begun anew.
 * @param from Offset in bytes, at the beginning of a line.
 */
export function createLogTail(path: string, from: number): LogTail {
  let file: FileHandle | undefined;
  let at = from;
  const rest = async (handle: FileHandle): Promise<readonly string[]> => {
    const { size } = await handle.stat();
    if (size < at) at = 0;
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - at), 0, size - at, at);
    const length = buffer.subarray(0, bytesRead).lastIndexOf(NEWLINE) + 1;
    at += length;
    return length === 0 ? [] : buffer.toString("utf8", 0, length - 1).split("\n");
  };
  const close = async (): Promise<void> => {
    await file?.close();
    file = undefined;
  };
  return {
    async next() {
      file ??= await opened(path);
      if (!file) return [];
      const lines = await rest(file);
      if (!(await isReplaced(file, path))) return lines;
      const last = await rest(file);
      await close();
      at = 0;
      file = await opened(path);
      return [...lines, ...last, ...(file ? await rest(file) : [])];
    },
    close,
  };
}

/** Undefined where there is none yet. */
const opened = (path: string): Promise<FileHandle | undefined> => open(path, "r").catch(() => undefined);

async function isReplaced(file: FileHandle, path: string): Promise<boolean> {
  const [ours, there] = await Promise.all([file.stat(), stat(path).catch(() => undefined)]);
  // One that was put aside may still be written to until the next one stands there.
  return there !== undefined && (there.ino !== ours.ino || there.dev !== ours.dev);
}
