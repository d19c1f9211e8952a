/** Holds the sender back, and lets it go on. */
export interface Flow {
  pause(): void;
  resume(): void;
}

/** Bytes that are pushed from one side and pulled from the other. */
export interface ChunkQueue {
  push(chunk: Uint8Array): void;
  /** All has been pushed. */
  end(): void;
  fail(error: unknown): void;
  /** May be read once. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /**
   * The reader wants no more, and what still comes is thrown away.
   * @param gone Is called once: with true when the end has come, with false when it is too far off.
   */
  leave(gone: (isWhole: boolean) => void): void;
}

/** Beyond this the sender is held back until the reader has caught up. */
const MAX_WAITING_BYTES = 64 * 1024;

/** @param onRead Called when the reader has come to the end. */
export function createChunkQueue(flow: Flow, onRead: () => void): ChunkQueue {
  const waiting: Uint8Array[] = [];
  let bytes = 0;
  let ending: { readonly error?: unknown } | undefined;
  let reader: PromiseWithResolvers<IteratorResult<Uint8Array, undefined>> | undefined;
  let left: ((isWhole: boolean) => void) | undefined;
  const leftBehind = (isWhole: boolean): void => {
    const tell = left;
    left = undefined;
    tell?.(isWhole);
    if (tell && isWhole) onRead();
  };
  const finish = (how: { readonly error?: unknown }): void => {
    if (ending) return;
    ending = how;
    leftBehind(how.error === undefined);
    const asked = reader;
    reader = undefined;
    if (asked) last(how).then(asked.resolve, asked.reject);
  };
  const last = async ({ error }: { readonly error?: unknown }): Promise<Done> => {
    if (error !== undefined) throw error;
    onRead();
    return DONE;
  };
  const take = (chunk: Uint8Array) => {
    bytes -= chunk.length;
    if (bytes + chunk.length > MAX_WAITING_BYTES && bytes <= MAX_WAITING_BYTES) flow.resume();
    return { done: false, value: chunk } as const;
  };
  const iterator: AsyncIterator<Uint8Array, undefined> = {
    next() {
      const chunk = waiting.shift();
      if (chunk) return Promise.resolve(take(chunk));
      if (ending) return last(ending);
      reader = Promise.withResolvers();
      return reader.promise;
    },
    return: async () => DONE,
  };
  return {
    leave(gone) {
      left = gone;
      waiting.length = 0;
      if (ending) return leftBehind(ending.error === undefined);
      if (bytes > MAX_WAITING_BYTES) flow.resume();
      bytes = 0;
    },
    push(chunk) {
      if (left) {
        bytes += chunk.length;
        if (bytes > MAX_WAITING_BYTES) leftBehind(false);
        return;
      }
      if (reader) {
        const { resolve } = reader;
        reader = undefined;
        return resolve({ done: false, value: chunk });
      }
      waiting.push(chunk);
      bytes += chunk.length;
      if (bytes > MAX_WAITING_BYTES) flow.pause();
    },
    end: () => finish({}),
    fail: (error) => finish({ error }),
    chunks: { [Symbol.asyncIterator]: () => iterator },
  };
}

type Done = { readonly done: true; readonly value: undefined };
const DONE: Done = { done: true, value: undefined };
