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
export function readBody(body: AsyncIterable<Uint8Array>, reading: Reading): AsyncIterable<Uint8Array> {
  const { signal, broken, encoding, maxBytes = MAX_BODY_BYTES } = reading;
  let total = 0;
  let isOver = false;
  const finish = (complete: boolean): void => {
    if (isOver) return;
    isOver = true;
    reading.finished(complete);
  };
  const fail = (error: unknown): never => {
    finish(false);
    throw signal.aborted ? signal.reason : bodyError(error, broken, reading.isMalformed(error));
  };
  const iterate = (): AsyncIterator<Uint8Array> => {
    const chunks = opened(body, encoding);
    const leave = (error: unknown): never => {
      chunks.return?.().catch(() => undefined);
      return fail(error);
    };
    const take = (step: IteratorResult<Uint8Array>): IteratorResult<Uint8Array> => {
      // Destroying the socket ends a body without a length in good order.
      if (signal.aborted) return leave(signal.reason);
      total += step.done ? 0 : step.value.length;
      if (total > maxBytes) return leave(tooLarge(broken, maxBytes));
      if (step.done) finish(true);
      return step;
    };
    return {
      next: () => (isOver ? Promise.resolve(DONE) : chunks.next().then(take, fail)),
      async return() {
        finish(false);
        await chunks.return?.();
        return DONE;
      },
    };
  };
  // By hand, since a generator costs each chunk several turns of the microtask queue.
  return { [Symbol.asyncIterator]: iterate };
}

const DONE = { done: true, value: undefined } as const;

/** An encoding nobody asked for is a failure of the reading. */
function opened(body: AsyncIterable<Uint8Array>, encoding: string | undefined): AsyncIterator<Uint8Array> {
  try {
    return decompressed(body, encoding)[Symbol.asyncIterator]();
  } catch (error) {
    return { next: () => Promise.reject(error) };
  }
}

function tooLarge(broken: Broken, maxBytes: number): RiptideError {
  return new RiptideError("protocol_error", `the answer of ${broken.host} is larger than ${maxBytes} bytes`, {
    phase: "body",
    action: "next",
    connectionReused: broken.connectionReused,
  });
}
