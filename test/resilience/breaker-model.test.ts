import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BreakerEffect } from "../../src/core/errors.ts";
import {
  acquire,
  type Breaker,
  type BreakerOptions,
  countsOf,
  newBreaker,
  type Permit,
  record,
  retryAt,
  settleTime,
} from "../../src/resilience/breaker.ts";
import { trialsNeeded } from "../../src/resilience/thresholds.ts";
import { type NaiveBreaker, naiveBreaker } from "./naive-breaker.ts";
import { DEFAULT, enter, preset } from "./play.ts";

type Step =
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "enter"; readonly leaseMs: number }
  /** Of the attempts that are running, the one at this place. */
  | { readonly kind: "end"; readonly place: number; readonly effect: BreakerEffect };

const waits = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 1_500 }) },
  { weight: 1, arbitrary: fc.constantFrom(999, 1_000, 14_999, 15_000, 29_999, 30_000, 59_000, 60_000) },
);
const effects = fc.oneof(
  { weight: 6, arbitrary: fc.constant<BreakerEffect>("failure") },
  { weight: 5, arbitrary: fc.constant<BreakerEffect>("success") },
  { weight: 1, arbitrary: fc.constant<BreakerEffect>("ignored") },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: waits }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("enter" as const),
      leaseMs: fc.constantFrom(250, 3_000, 5_000, 40_000),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant("end" as const), place: fc.nat(4), effect: effects }),
  },
);
const steps = fc.array(step, { minLength: 20, maxLength: 150, size: "max" });
const presets = fc.constantFrom(preset("default"), preset("strict"), preset("lenient"));

interface World {
  breaker: Breaker;
  nowMs: number;
  readonly running: Permit[];
}

/** Takes a step; true when a caller was let in, false when one was refused. */
function take(world: World, next: Step, options = DEFAULT): boolean | undefined {
  if (next.kind === "wait") {
    world.nowMs += next.ms;
    return undefined;
  }
  if (next.kind === "enter") {
    const [breaker, permit] = enter(world.breaker, world.nowMs, options, next.leaseMs);
    world.breaker = breaker;
    if (permit) world.running.push(permit);
    return permit !== undefined;
  }
  const [permit] = world.running.splice(next.place, 1);
  if (permit) world.breaker = record(world.breaker, permit, next.effect, world.nowMs, options);
  return undefined;
}

/** As {@link take}. */
function takeInModel(model: NaiveBreaker, next: Step, nowMs: number): boolean | undefined {
  if (next.kind === "enter") return model.enter(nowMs, next.leaseMs);
  if (next.kind === "end") model.end(next.place, next.effect, nowMs);
  return undefined;
}

function checkedState({ breaker, nowMs }: World, model: NaiveBreaker, options: BreakerOptions) {
  const settled = settleTime(breaker, nowMs, options);
  expect(settled.state).toBe(model.stateAt(nowMs));
  const counts = settled.state === "closed" ? countsOf(settled, nowMs, options) : model.countsAt(nowMs);
  expect(counts).toEqual(model.countsAt(nowMs));
  return settled.state;
}

/** A state that can be reached, and the time it is. */
function reached(script: readonly Step[], options = DEFAULT): World {
  const world: World = { breaker: newBreaker, nowMs: 0, running: [] };
  for (const next of script) take(world, next, options);
  return world;
}

describe("whatever happens to a breaker (CB-1)", () => {
  it("it is in the state, and has counted, what a model says that keeps all events and recounts", () => {
    const seen = { open: 0, closed: 0, half_open: 0, reclosed: 0 };
    fc.assert(
      fc.property(presets, steps, (options, script) => {
        const world: World = { breaker: newBreaker, nowMs: 0, running: [] };
        const model = naiveBreaker(options);
        for (const next of script) {
          expect(take(world, next, options)).toBe(takeInModel(model, next, world.nowMs));
          const state = checkedState(world, model, options);
          seen[state] += 1;
          if (state === "closed" && world.breaker.generation > 0) seen.reclosed += 1;
        }
      }),
      { numRuns: 250 },
    );
    // A run that never saw a state would prove nothing about it.
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(20);
  });

  it("a refused caller is let in at the time it was told, if nobody else acts, and not a millisecond sooner", () => {
    let refusals = 0;
    fc.assert(
      fc.property(presets, steps, (options, script) => {
        const { breaker, nowMs } = reached(script, options);
        const acquired = acquire(breaker, nowMs, options, 1_000);
        expect(retryAt(breaker, nowMs, options)).toBe(acquired.ok ? null : acquired.retryAtMs);
        if (acquired.ok) return;
        refusals += 1;
        expect(enter(breaker, acquired.retryAtMs, options)[1]).toBeDefined();
        expect(enter(breaker, acquired.retryAtMs - 1, options)[1]).toBeUndefined();
      }),
      { numRuns: 300 },
    );
    expect(refusals).toBeGreaterThan(20);
  });

  it("a healthy provider with traffic is closed within 30 s and three requests (CB-9)", () => {
    const traffic = fc.record({
      everyMs: fc.integer({ min: 50, max: 9_000 }),
      takesMs: fc.integer({ min: 1, max: 5_000 }),
    });
    fc.assert(
      fc.property(presets, steps, traffic, (options, script, { everyMs, takesMs }) => {
        const world = reached(script, options);
        const settled = settleTime(world.breaker, world.nowMs, options);
        const lostUntilMs = leasesEndAt(settled, world.nowMs);
        // The first of them may come just before the trials' time is over, or a lost trial's.
        const requests = trialsNeeded(options) + (lostUntilMs > world.nowMs ? 2 : 1);
        const limitMs = lostUntilMs + options.recoveryTimeoutMs + requests * Math.max(everyMs, takesMs);
        expect(closedAt(world, { everyMs, takesMs }, options)).toBeLessThanOrEqual(limitMs);
      }),
      { numRuns: 150 },
    );
  });
});

/** Attempts that never report are waited for, as they may still count. */
const leasesEndAt = (breaker: Breaker, nowMs: number): number =>
  breaker.state === "half_open" ? Math.max(nowMs, ...breaker.leases.map(({ voidAtMs }) => voidAtMs)) : nowMs;

interface Traffic {
  readonly everyMs: number;
  readonly takesMs: number;
}

/** When the circuit closes if a caller comes every so often and each request succeeds after its time. */
function closedAt(
  { breaker: start, nowMs }: World,
  { everyMs, takesMs }: Traffic,
  options: BreakerOptions,
): number {
  let breaker = start;
  const running: { readonly permit: Permit; readonly endsMs: number }[] = [];
  for (let atMs = nowMs; atMs < nowMs + 300_000; atMs += everyMs) {
    for (const { permit, endsMs } of running.splice(
      0,
      running.findLastIndex(({ endsMs }) => endsMs <= atMs) + 1,
    )) {
      breaker = record(breaker, permit, "success", endsMs, options);
      if (breaker.state === "closed") return endsMs;
    }
    if (breaker.state === "closed") return atMs;
    const [after, permit] = enter(breaker, atMs, options, 5_000);
    breaker = after;
    if (permit) running.push({ permit, endsMs: atMs + takesMs });
  }
  return Number.POSITIVE_INFINITY;
}

describe("a dead provider", () => {
  it("sees ten attempts and those in flight at the trip, then at most three in any 30 s (CB-5, CB-6)", () => {
    const traffic = fc.array(fc.record({ gapMs: fc.nat(400), takesMs: fc.nat(4_000) }), {
      minLength: 300,
      maxLength: 500,
      size: "max",
    });
    fc.assert(
      fc.property(traffic, (callers) => {
        const { begun, trippedMs, endedAtTrip } = killed(callers);
        expect(endedAtTrip).toBe(10);
        const after = begun.filter((atMs) => atMs > trippedMs);
        expect(after.length).toBeGreaterThan(0);
        for (const atMs of after) {
          const within = after.filter((other) => other >= atMs && other < atMs + 30_000);
          expect(within.length).toBeLessThanOrEqual(3);
        }
      }),
      { numRuns: 40 },
    );
  });
});

/** Callers who each fail. When attempts began, and how many had ended when the circuit opened. */
function killed(callers: readonly { readonly gapMs: number; readonly takesMs: number }[]) {
  let breaker: Breaker = newBreaker;
  let running: { readonly permit: Permit; readonly endsMs: number }[] = [];
  const begun: number[] = [];
  let ended = 0;
  let trip: { readonly trippedMs: number; readonly endedAtTrip: number } | undefined;
  let atMs = 0;
  for (const { gapMs, takesMs } of callers) {
    atMs += gapMs;
    for (const { permit, endsMs } of running
      .filter((one) => one.endsMs <= atMs)
      .sort((a, b) => a.endsMs - b.endsMs)) {
      breaker = record(breaker, permit, "failure", endsMs, DEFAULT);
      ended += 1;
      if (!trip && breaker.state === "open") trip = { trippedMs: endsMs, endedAtTrip: ended };
    }
    running = running.filter((one) => one.endsMs > atMs);
    const [after, permit] = enter(breaker, atMs, DEFAULT, 5_000);
    breaker = after;
    if (!permit) continue;
    begun.push(atMs);
    running.push({ permit, endsMs: atMs + takesMs });
  }
  return { begun, trippedMs: trip?.trippedMs ?? Number.NaN, endedAtTrip: trip?.endedAtTrip ?? 0 };
}
