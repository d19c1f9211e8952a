import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import type { Places } from "../../../src/daemon/gate/places.ts";
import { createGate, type Gate, type Knock } from "../../../src/daemon/gate.ts";
import { type VirtualClock, virtualClock } from "../../helpers/virtual-clock.ts";

const PLACES: Places = {
  ofTenant: undefined,
  ofDaemon: 2_000,
  priority: 100,
  queue: { perTenant: 32, total: 512, maxWaitMs: 1_000 },
};
const OPEN = new AbortController().signal;

function knock(places: Partial<Places> = {}, more: Partial<Knock> = {}): Knock {
  return { tenant: "acme", remainingMs: 10_000, signal: OPEN, places: { ...PLACES, ...places }, ...more };
}

function setUp(reason?: string) {
  const clock = virtualClock();
  return { clock, gate: createGate(clock, { reason: () => reason }) };
}

/** Asks, and says later what came of it. */
function ask(gate: Gate, asked: Knock) {
  const seen: { code?: string; queueMs?: number; leave?: () => void } = {};
  const settled = gate.enter(asked).then(
    ({ queueMs, leave }) => void Object.assign(seen, { code: "in", queueMs, leave }),
    ({ code }) => void Object.assign(seen, { code }),
  );
  return { seen, settled };
}

describe("the gate", () => {
  it("lets in at once who has a place, and hands a place on when it is left", async () => {
    const { clock, gate } = setUp();
    const one = knock({ ofTenant: 1 });
    const first = await gate.enter(one);
    const { signal } = new AbortController();
    const second = ask(gate, { ...one, signal });
    await clock.advance(300);
    expect([gate.inFlight(), gate.waiting()]).toEqual([1, 1]);
    first.leave();
    first.leave();
    await second.settled;
    expect(second.seen).toMatchObject({ code: "in", queueMs: 300 });
    expect([gate.inFlight(), gate.waiting(), clock.pending]).toEqual([1, 0, 0]);
    expect(gate.letIn()).toBe(2);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it.each([
    ["a second", {}, 10_000, 1_000],
    ["less where the configuration says so", { maxWaitMs: 200 }, 10_000, 200],
    ["no longer than leaves 800 ms to work", {}, 1_300, 500],
    ["not at all where that is nothing", {}, 800, 0],
  ])("has a request wait %s (TA-5)", async (_name, queue, remainingMs, waitsMs) => {
    const { clock, gate } = setUp();
    const one = knock({ ofTenant: 1, queue: { ...PLACES.queue, ...queue } }, { remainingMs });
    await gate.enter(one);
    const late = ask(gate, one);
    await clock.advance(Math.max(0, waitsMs - 1));
    expect(late.seen.code).toBe(waitsMs === 0 ? "tenant_busy" : undefined);
    await clock.advance(1);
    expect(late.seen.code).toBe("tenant_busy");
    expect(gate.waiting()).toBe(0);
  });

  it("forgets who gave up", async () => {
    const { clock, gate } = setUp();
    const controller = new AbortController();
    const first = await gate.enter(knock({ ofTenant: 1 }));
    const gone = ask(gate, knock({ ofTenant: 1 }, { signal: controller.signal }));
    await clock.advance(10);
    controller.abort({ code: "cancelled" });
    await gone.settled;
    first.leave();
    expect([gone.seen.code, gate.inFlight(), gate.waiting(), clock.pending]).toEqual(["cancelled", 0, 0, 0]);
  });

  it("says tenant_busy where the tenant's line is full, overloaded_local where all lines are", async () => {
    const { gate } = setUp();
    const places = { ofTenant: 1, queue: { perTenant: 2, total: 3, maxWaitMs: 1_000 } };
    const each = (tenant: string) => ask(gate, knock(places, { tenant })).seen;
    const seen = ["a", "a", "a", "a", "b", "b", "b", "c"].map(each);
    await Promise.resolve();
    await new Promise(setImmediate);
    expect(seen.map(({ code }) => code)).toEqual([
      ...["in", undefined, undefined, "tenant_busy"],
      ...["in", undefined, "overloaded_local", "in"],
    ]);
  });

  it("says overloaded_local where the daemon's own places are taken", async () => {
    const { clock, gate } = setUp();
    await gate.enter(knock({ ofDaemon: 1 }));
    const late = ask(gate, knock({ ofDaemon: 1 }, { tenant: "other" }));
    await clock.advance(1_000);
    expect(late.seen.code).toBe("overloaded_local");
  });

  it("takes nothing more under pressure, or with 2,000 in flight (TA-7)", async () => {
    await expect(setUp("its event loop was 300 ms late").gate.enter(knock())).rejects.toMatchObject({
      code: "overloaded_local",
      message: expect.stringContaining("300 ms late"),
      facts: { retryAfterMs: 1_000 },
    });
    const { gate } = setUp();
    for (let n = 0; n < 2_000; n += 1) await gate.enter(knock());
    await expect(gate.enter(knock({ ofDaemon: 5_000 }))).rejects.toMatchObject({ code: "overloaded_local" });
  });

  it("sends away who waits and who comes while it drains, and is done when the last one leaves", async () => {
    const { gate } = setUp();
    const first = await gate.enter(knock({ ofTenant: 1 }));
    const waiting = ask(gate, knock({ ofTenant: 1 }));
    let isDone = false;
    const drained = gate.drain().then(() => {
      isDone = true;
    });
    await waiting.settled;
    expect(waiting.seen.code).toBe("shutting_down");
    await expect(gate.enter(knock())).rejects.toMatchObject({ code: "shutting_down" });
    expect(isDone).toBe(false);
    first.leave();
    await drained;
  });
});

/** Requests of one tenant that come at a steady pace, each working for as long, and what they waited. */
function traffic(gate: Gate, clock: VirtualClock, tenant: string, { everyMs, workMs, places }: Load) {
  const waits: number[] = [];
  let refused = 0;
  const come = () => {
    clock.timer(everyMs, come);
    gate.enter(knock(places, { tenant })).then(
      (turn) => {
        waits.push(turn.queueMs);
        clock.timer(workMs, turn.leave);
      },
      () => {
        refused += 1;
      },
    );
  };
  come();
  return {
    p99: () => waits.sort((a, b) => a - b)[Math.floor(waits.length * 0.99)] ?? 0,
    refused: () => refused,
  };
}

interface Load {
  readonly everyMs: number;
  readonly workMs: number;
  readonly places: Partial<Places>;
}

describe("fairness (TA-6)", () => {
  // At its limit a tenant of four places with work of 100 ms sends one request each 25 ms.
  const quiet: Load = { everyMs: 26, workMs: 100, places: { ofTenant: 4, ofDaemon: 8 } };
  const loud: Load = { ...quiet, everyMs: 0.5 };

  async function quietTenant(loads: readonly Load[]) {
    const { clock, gate } = setUp();
    const own = traffic(gate, clock, "quiet", { ...quiet, everyMs: 20 });
    for (const load of loads) traffic(gate, clock, "loud", load);
    await clock.advance(3_000);
    return { p99: own.p99(), refused: own.refused() };
  }

  it("keeps a tenant's p99 wait within 20 % while another sends 50 times its limit", async () => {
    const alone = await quietTenant([]);
    const beside = await quietTenant([loud]);
    expect(alone.p99).toBeGreaterThan(0);
    expect(beside.p99).toBeLessThanOrEqual(alone.p99 * 1.2);
    expect(beside.refused).toBe(alone.refused);
  });
});
