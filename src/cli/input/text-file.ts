import { type FileHandle, open } from "node:fs/promises";
import { RiptideError } from "../../core/errors.ts";
import { formatBytes, utf8Text } from "./utf8.ts";

/** The largest text file that is taken as input, as large as the default of stdin. */
const MAX_TEXT_BYTES = 4 * 1_048_576;

/**
 * A text file given on the command line.
 *
 * @throws RiptideError `usage` for a file that is missing, a directory, not readable, too large or not UTF-8
 */
export async function readTextFile(path: string, maxBytes: number = MAX_TEXT_BYTES): Promise<string> {
  return utf8Text(await readInputFile(path, maxBytes), path);
}

/** The bytes of a file or pipe given on the command line, no more than `maxBytes` of them. */
export async function readInputFile(path: string, maxBytes: number): Promise<Buffer> {
  const file = await open(path, "r").catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  try {
    return await readUpTo(file, path, maxBytes);
  } catch (cause) {
    throw cause instanceof RiptideError ? cause : unreadable(path, cause);
  } finally {
    await file.close();
  }
}

async function readUpTo(file: FileHandle, path: string, maxBytes: number): Promise<Buffer> {
  const stats = await file.stat();
  const size = stats.isFile() ? stats.size : 0;
  if (size > maxBytes) throw tooLarge(path, formatBytes(size), maxBytes);
  const chunks: Buffer[] = [];
  let bytes = 0;
  // A pipe says nothing of its size beforehand.
  for await (const chunk of file.createReadStream({ autoClose: false })) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(path, `more than ${formatBytes(maxBytes)}`, maxBytes);
  }
  return Buffer.concat(chunks);
}

const tooLarge = (path: string, size: string, maxBytes: number) =>
  new RiptideError("usage", `${path} is too large: ${size}, at most ${formatBytes(maxBytes)}`);

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EISDIR: "it is a directory",
  EACCES: "permission denied",
};

function unreadable(path: string, cause: unknown): RiptideError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const reason = REASONS[code] ?? (cause instanceof Error ? cause.message : String(cause));
  return new RiptideError("usage", `cannot read ${path}: ${reason}`, { cause });
}
