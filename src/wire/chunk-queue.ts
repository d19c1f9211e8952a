/** Holds the sender back, and lets it go on. */
export interface Flow {
  pause(): void;
  resume(): void;
}

/** Bytes that are pushed from one side and pulled from the other, together what came together. */
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
    if (!left) return;
    left(isWhole);
    left = undefined;
    if (isWhole) onRead();
  };
  const finish = (how: { readonly error?: unknown }): void => {
    if (ending) return;
    ending = how;
    leftBehind(how.error === undefined);
    deliver();
    const asked = reader;
    reader = undefined;
    if (asked) last(how, onRead).then(asked.resolve, asked.reject);
  };
  const takeAll = () => {
    const value = joined(waiting.splice(0));
    const isHeldBack = bytes > MAX_WAITING_BYTES;
    bytes = 0;
    // The sender may go on at once.
    if (isHeldBack) flow.resume();
    return { done: false, value } as const;
  };
  const deliver = () => {
    const asked = reader;
    if (!asked || waiting.length === 0) return;
    reader = undefined;
    asked.resolve(takeAll());
  };
  const iterator: AsyncIterator<Uint8Array, undefined> = {
    next() {
      if (waiting.length > 0) return Promise.resolve(takeAll());
      if (ending) return last(ending, onRead);
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
      const isHeldBack = bytes > MAX_WAITING_BYTES;
      bytes = 0;
      if (isHeldBack) flow.resume();
    },
    push(chunk) {
      if (left) {
        bytes += chunk.length;
        if (bytes > MAX_WAITING_BYTES) leftBehind(false);
        return;
      }
      // What one read of the socket brings comes in many pieces, and is read as one.
      if (reader && waiting.length === 0) queueMicrotask(deliver);
      waiting.push(chunk);
      bytes += chunk.length;
      if (bytes > MAX_WAITING_BYTES) flow.pause();
    },
    end: () => finish({}),
    fail: (error) => finish({ error }),
    chunks: { [Symbol.asyncIterator]: () => iterator },
  };
}

const joined = (chunks: readonly Uint8Array[]): Uint8Array =>
  chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);

async function last({ error }: { readonly error?: unknown }, onRead: () => void): Promise<Done> {
  if (error !== undefined) throw error;
  onRead();
  return DONE;
}

type Done = { readonly done: true; readonly value: undefined };
const DONE: Done = { done: true, value: undefined };
