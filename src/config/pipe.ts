import type { Readable } from "node:stream";
import type { Clock } from "../core/clock.ts";
import { formatDuration } from "../core/duration.ts";
import { RiptideError } from "../core/errors.ts";
import { MAX_FILE_BYTES } from "./limits.ts";

/** As long as a prompt may take to begin (cli.md 1.5). */
const FIRST_BYTE_MS = 30_000;

/** What waiting for a pipe needs of the process around it. */
export interface Waiting {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A configuration that comes through a pipe. A writer that has begun is read to its end.
 * @param shown the name the reader knows it by.
 * @throws RiptideError `config_invalid` when nothing comes or too much; the signal's reason.
 */
export async function readPipe(
  stream: Readable,
  shown: string,
  { clock, signal }: Waiting,
): Promise<Uint8Array> {
  signal?.throwIfAborted();
  const stop = () => stream.destroy(signal?.reason);
  signal?.addEventListener("abort", stop, { once: true });
  const cancel = clock.timer(FIRST_BYTE_MS, () => stream.destroy(tooLate(shown)));
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      cancel();
      length += chunk.length;
      if (length > MAX_FILE_BYTES) throw tooLarge(shown);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } finally {
    cancel();
    signal?.removeEventListener("abort", stop);
    stream.destroy();
  }
}

export const tooLarge = (shown: string): RiptideError =>
  new RiptideError("config_invalid", `${shown}: the file is larger than 1 MiB`);

const tooLate = (shown: string) =>
  new RiptideError("config_invalid", `${shown}: nothing came within ${formatDuration(FIRST_BYTE_MS)}`);
