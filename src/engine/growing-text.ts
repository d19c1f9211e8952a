/** Text that arrives in small pieces. */
export interface GrowingText {
  add(piece: string): void;
  /** All of it so far. */
  whole(): string;
}

/** A piece may hold on to the whole chunk that it was cut from, so that few are kept. */
const BATCH = 8;

/**
 * Joins its pieces in batches. A string made by `+=` alone holds on to every piece, each with about a hundred bytes
 * around it, until it is read: a long answer would take many times its length.
 */
export function growingText(): GrowingText {
  let joined = "";
  let pieces: string[] = [];
  const join = () => {
    joined += pieces.join("");
    pieces = [];
    return joined;
  };
  return {
    add(piece) {
      pieces.push(piece);
      if (pieces.length === BATCH) join();
    },
    whole: join,
  };
}
