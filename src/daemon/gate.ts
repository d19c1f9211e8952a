import { type Clock, systemClock } from "../core/clock.ts";
import type { RiptideError } from "../core/errors.ts";
import { createOccupancy } from "./gate/occupancy.ts";
import type { Places } from "./gate/places.ts";
import { createPressure, type Pressure } from "./gate/pressure.ts";
import { noRoom, overloaded, shuttingDown, waitLimitMs } from "./gate/refusals.ts";
import { createWaitingRoom } from "./gate/waiting-room.ts";

/** Who asks to be let in. */
export interface Knock {
  readonly tenant: string;
  /** What remains of its deadline when it arrives. */
  readonly remainingMs: number;
  readonly signal: AbortSignal;
  readonly places: Places;
}

/** A request that works. */
export interface Turn {
  readonly queueMs: number;
  /** What it might still have waited. */
  readonly waitLeftMs: number;
  /** Called when it has ended; a second call does nothing. */
  leave(): void;
}

/** How many requests work at once, and who waits for whom (TA-5, TA-7). */
export interface Gate {
  /**
   * Resolves when the request may work.
   * @throws RiptideError `shutting_down`, `overloaded_local`, `tenant_busy`, or the signal's reason
   */
  enter(knock: Knock): Promise<Turn>;
  /** Why nobody is let in now, whoever asks. */
  refusal(): RiptideError | undefined;
  /** Requests that work now. */
  inFlight(): number;
  /** Requests that have ever been let in. */
  letIn(): number;
  /** Requests that wait. */
  waiting(): number;
  /** No more are let in; resolves when those inside have left. */
  drain(): Promise<void>;
  isDraining(): boolean;
}

/** Work in hand and waiting, at which nothing more is taken (TA-7). */
const MAX_IN_FLIGHT = 2_000;

/** The gate of one daemon. Only concurrency is waited for; all other limits are the ledger's. */
export function createGate(clock: Clock = systemClock, pressure: Pressure = createPressure(clock)): Gate {
  const occupancy = createOccupancy();
  const room = createWaitingRoom(clock);
  const hasPlace = ({ tenant, places }: Knock) => occupancy.hasPlace(tenant, places);
  const noPlace = (knock: Knock) => noRoom(knock, occupancy.isTenantFull(knock.tenant, knock.places));
  let drained: (() => void) | undefined;
  let draining: Promise<void> | undefined;

  function leave(tenant: string): void {
    occupancy.free(tenant);
    room.callIn(hasPlace, (next) => occupancy.take(next.tenant));
    if (occupancy.total() === 0) drained?.();
  }

  function refusal(): RiptideError | undefined {
    if (draining) return shuttingDown();
    const total = occupancy.total() + room.size();
    const reason = total >= MAX_IN_FLIGHT ? `${total} requests are in flight` : pressure.reason();
    return reason === undefined ? undefined : overloaded(reason);
  }

  /** Resolves with how long it waited. */
  async function waitFor(knock: Knock): Promise<number> {
    const { queue } = knock.places;
    if (room.size() >= queue.total) throw overloaded(`${room.size()} requests wait for a place`);
    if (room.sizeOf(knock.tenant) >= queue.perTenant || waitLimitMs(knock) <= 0) throw noPlace(knock);
    return room.wait(knock, () => noPlace(knock));
  }

  return {
    async enter(knock) {
      if (knock.signal.aborted) throw knock.signal.reason;
      const refused = refusal();
      if (refused) throw refused;
      const isNext = room.sizeOf(knock.tenant) === 0 && hasPlace(knock);
      if (isNext) occupancy.take(knock.tenant);
      const queueMs = isNext ? 0 : await waitFor(knock);
      return turnOf(knock, queueMs, leave);
    },
    refusal,
    inFlight: occupancy.total,
    letIn: occupancy.taken,
    waiting: room.size,
    drain() {
      draining ??= new Promise((resolve) => {
        drained = resolve;
        room.sendAway(shuttingDown());
        if (occupancy.total() === 0) resolve();
      });
      return draining;
    },
    isDraining: () => draining !== undefined,
  };
}

function turnOf(knock: Knock, queueMs: number, leave: (tenant: string) => void): Turn {
  let hasLeft = false;
  return {
    queueMs,
    waitLeftMs: Math.max(0, waitLimitMs(knock) - queueMs),
    leave() {
      if (hasLeft) return;
      hasLeft = true;
      leave(knock.tenant);
    },
  };
}
