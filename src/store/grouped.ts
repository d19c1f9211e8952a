import { type Database, MAX_WAIT_MS } from "./database.ts";
import { unavailable } from "./sqlite-error.ts";

/**
 * The same ledger for a process that does many things at once: what is asked for in one turn of the event loop is
 * written in one transaction. Each piece of work still is kept whole or not at all, and its promise settles only after
 * the commit.
 * @param later Runs the work that has gathered, in the same turn of the event loop or the next one.
 */
export function grouped(database: Database, later: (run: () => void) => void): Database {
  let gathered: Piece[] = [];
  const gather = (piece: Piece): void => {
    if (gathered.length === 0) later(flush);
    gathered.push(piece);
  };
  const flush = (): void => {
    const pieces = gathered;
    gathered = [];
    void together(database, pieces, gather);
  };
  return {
    ...database,
    transact: (work, withinMs = MAX_WAIT_MS) =>
      new Promise((resolve, reject) => {
        const run = () => {
          const value = work();
          return () => resolve(value);
        };
        gather({ withinMs, reject, run });
      }),
  };
}

interface Piece {
  readonly withinMs: number;
  /** Does the work inside a transaction; what it returns is told after the commit. */
  run(): () => void;
  reject(error: unknown): void;
}

async function together(
  database: Database,
  pieces: readonly Piece[],
  again: (piece: Piece) => void,
): Promise<void> {
  // A ledger that stays locked is given up by the one that can wait the least; the others go on waiting.
  const patienceMs = Math.min(...pieces.map(({ withinMs }) => withinMs));
  let hasBegun = false;
  try {
    const outcomes = await database.transact(() => {
      hasBegun = true;
      return pieces.map((piece) => piece.run());
    }, patienceMs);
    for (const tell of outcomes) tell();
  } catch (error) {
    if (hasBegun) return oneByOne(database, pieces, error);
    for (const piece of pieces) {
      const leftMs = piece.withinMs - patienceMs;
      if (leftMs > 0) again({ ...piece, withinMs: leftMs });
      else piece.reject(error);
    }
  }
}

/** The work of one has failed and undone that of all: each is done again by itself, so that the others' is kept. */
async function oneByOne(database: Database, pieces: readonly Piece[], error: unknown): Promise<void> {
  const [piece, ...others] = pieces;
  if (!piece) return;
  if (others.length === 0) return piece.reject(unavailable(error, database.path));
  for (const each of pieces) await together(database, [each], each.reject);
}
