/** Bytes that wait for the rest of their frame. */
export interface ByteBuffer {
  /** What is held. It shares memory with the buffer: read it before the next call. */
  view(): Buffer;
  /** How many bytes are held. */
  length(): number;
  append(bytes: Uint8Array): void;
  /** Forgets the first bytes. */
  discard(length: number): void;
}

const NONE = Buffer.alloc(0);

/** Memory grows with what has arrived, by doubling, and never with a length that was only announced. */
export function byteBuffer(): ByteBuffer {
  let store = NONE;
  let start = 0;
  let end = 0;
  return {
    view: () => store.subarray(start, end),
    length: () => end - start,
    append(bytes) {
      if (end + bytes.length > store.length) {
        const held = store.subarray(start, end);
        const larger = Buffer.allocUnsafe(2 * (held.length + bytes.length));
        larger.set(held);
        store = larger;
        end = held.length;
        start = 0;
      }
      store.set(bytes, end);
      end += bytes.length;
    },
    discard(length) {
      start += length;
      if (start < end) return;
      start = 0;
      end = 0;
    },
  };
}
