import type { JsonObject } from "../../core/json.ts";
import type { DaemonEvent, EventType } from "./event.ts";

/** The last events of a daemon, and how to hear of the next. */
export interface EventRing {
  add(type: EventType, facts: JsonObject): void;
  /** The kept events with a higher number, the oldest first. */
  after(seq: number): readonly DaemonEvent[];
  /** Number of the newest event; 0 before the first. */
  newest(): number;
  /** Number before the oldest event from this moment (Unix milliseconds) on. */
  before(atMs: number): number;
  /** Nothing more is added: whoever follows comes to the end. */
  close(): void;
  isClosed(): boolean;
  /** Calls back after each event, and at the end, until the returned function is called. It must not throw. */
  onEvent(listen: () => void): () => void;
}

/** Whoever comes later than so many events has missed some. */
export const KEPT_EVENTS = 1_000;

/** @param wall Unix milliseconds */
export function createEventRing(wall: () => number, kept = KEPT_EVENTS): EventRing {
  const events: DaemonEvent[] = [];
  const listeners = new Set<() => void>();
  let newest = 0;
  let isClosed = false;
  const tell = () => {
    for (const listen of [...listeners]) listen();
  };
  /** Event `seq` lies at `(seq - 1) % kept`, and the oldest is `newest - events.length + 1`. */
  const after = (seq: number): readonly DaemonEvent[] => {
    const found: DaemonEvent[] = [];
    for (let at = Math.max(seq, newest - events.length); at < newest; at += 1) {
      const event = events[at % kept];
      if (event) found.push(event);
    }
    return found;
  };
  return {
    add(type, facts) {
      if (isClosed) return;
      events[newest % kept] = { seq: newest + 1, atMs: wall(), type, facts };
      newest += 1;
      tell();
    },
    after,
    newest: () => newest,
    before(atMs) {
      const first = after(0).find((event) => event.atMs >= atMs);
      return first ? first.seq - 1 : newest;
    },
    close() {
      isClosed = true;
      tell();
    },
    isClosed: () => isClosed,
    onEvent(listen) {
      listeners.add(listen);
      return () => void listeners.delete(listen);
    },
  };
}
