import { RiptideError } from "../core/errors.ts";
import { decompressed } from "./decompress.ts";
import { type Broken, bodyError } from "./faults.ts";

/** Cap on a body after decompression, unless the exchange sets another (AT-9). */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

interface Reading {
  readonly encoding: string | undefined;
  readonly maxBytes: number | undefined;
  readonly signal: AbortSignal;
  readonly broken: Broken;
  isMalformed(error: unknown): boolean;
  /** Called once: at the end, on failure, or when the reader leaves early. */
  finished(complete: boolean): void;
}

/**
 * The bytes of an answer, at the reader's pace. A body with neither length nor chunking ends where the
 * connection ends; whether it was whole is for its decoder to say.
 */
export async function* readBody(
  body: AsyncIterable<Uint8Array>,
  reading: Reading,
): AsyncGenerator<Uint8Array> {
  const { signal, broken, encoding, maxBytes = MAX_BODY_BYTES } = reading;
  let total = 0;
  let complete = false;
  try {
    for await (const chunk of decompressed(body, encoding)) {
      signal.throwIfAborted();
      total += chunk.length;
      if (total > maxBytes) throw tooLarge(broken, maxBytes);
      yield chunk;
    }
    // Destroying the socket ends a body without a length in good order.
    signal.throwIfAborted();
    complete = true;
  } catch (error) {
    throw signal.aborted ? signal.reason : bodyError(error, broken, reading.isMalformed(error));
  } finally {
    reading.finished(complete);
  }
}

function tooLarge({ host, connectionReused }: Broken, maxBytes: number): RiptideError {
  return new RiptideError("protocol_error", `the answer of ${host} is larger than ${maxBytes} bytes`, {
    phase: "body",
    action: "next",
    connectionReused,
  });
}
