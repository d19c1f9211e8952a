/** Nothing is started with less time than this (DL-3). */
const MIN_SLICE_MS = 250;

export interface SliceAsk {
  /** What remains of the deadline. */
  readonly remainingMs: number;
  /** Candidates left, this one included, capped by the attempts left. */
  readonly candidatesLeft: number;
  /** The provider's own cap on an attempt. */
  readonly attemptCapMs?: number | undefined;
}

/**
 * The part of the deadline one attempt may use; 0 when too little remains to start one (DL-3). A provider's own
 * short cap is no lack of time: it ends its attempts, not the operation.
 */
export function sliceMs({ remainingMs, candidatesLeft, attemptCapMs }: SliceAsk): number {
  const share = candidatesLeft <= 1 ? remainingMs : Math.max(800, Math.floor(remainingMs * 0.6));
  if (remainingMs < MIN_SLICE_MS) return 0;
  return Math.min(remainingMs, share, attemptCapMs ?? Number.POSITIVE_INFINITY);
}

/** How long connecting may take, lookup included (DL-4). */
export function connectLimitMs(slice: number, capMs = 1_000): number {
  return Math.min(capMs, 1_000, slice / 2);
}
