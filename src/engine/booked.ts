import type { Clock } from "../core/clock.ts";
import type { Settled } from "../ledger/settlement.ts";

/** The books are waited for at least this long, though the caller's time is up. */
const LEAST_MS = 50;
const LATE = "its cost is still being booked: the ledger is locked by another process";

/**
 * Waits for the books to be closed, but not beyond the time the caller was promised (DL-1): what takes longer goes on by
 * itself, and the answer is handed over without it.
 * @param leftMs What remains of that time, in milliseconds.
 */
export function bookedInTime(booking: Promise<Settled>, leftMs: number, clock: Clock): Promise<Settled> {
  return new Promise((resolve, reject) => {
    const cancel = clock.timer(Math.max(LEAST_MS, leftMs), () =>
      resolve({ fresh: true, alerts: [], warnings: [LATE] }),
    );
    booking.then(resolve, reject).finally(cancel);
  });
}
