import type { DaemonEvent, EventType } from "./event.ts";
import type { EventRing } from "./ring.ts";

/** Holds and failovers of every request are not among them: the ledger tells of these. */
const TOLD = ["circuit", "health", "reload", "tenant", "lifecycle"] as const satisfies readonly EventType[];

/** Of each type. */
export const NEWEST_EVENTS = 30;

/**
 * What happened to the daemon itself, the newest first. Neither a tenant that is refused all day nor the failovers of
 * many requests push out a circuit that opened in the morning, as they would of the ring.
 */
export function createNewest(ring: EventRing): () => readonly DaemonEvent[] {
  const kept = new Map<EventType, DaemonEvent[]>(TOLD.map((type) => [type, []]));
  let seen = ring.newest();
  ring.onEvent(() => {
    for (const event of ring.after(seen)) {
      const own = kept.get(event.type);
      own?.push(event);
      if (own && own.length > NEWEST_EVENTS) own.shift();
    }
    seen = ring.newest();
  });
  return () => [...kept.values()].flat().toSorted((one, other) => other.seq - one.seq);
}
