import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFairQueue, type FairQueue } from "../../../src/daemon/gate/queue.ts";

interface Waiter {
  readonly n: number;
  readonly tenant: string;
  readonly priority: number;
}

/** The rule said plainly: of all that may go, the lowest priority, then the tenant served longest ago, then age. */
function naiveQueue() {
  const turns = new Map<string, number>();
  let waiters: Waiter[] = [];
  let turn = 0;
  return {
    add(waiter: Waiter) {
      // Whoever comes to a line that was empty goes to the end of the round.
      if (!waiters.some(({ tenant }) => tenant === waiter.tenant)) turns.set(waiter.tenant, ++turn);
      waiters.push(waiter);
    },
    remove(waiter: Waiter) {
      const had = waiters.length;
      waiters = waiters.filter((other) => other !== waiter);
      return waiters.length < had;
    },
    take(mayGo: (waiter: Waiter) => boolean) {
      const firsts = waiters.filter((w) => waiters.find(({ tenant }) => tenant === w.tenant) === w);
      const [next] = firsts
        .filter(mayGo)
        .sort((a, b) => a.priority - b.priority || (turns.get(a.tenant) ?? 0) - (turns.get(b.tenant) ?? 0));
      if (next) {
        waiters = waiters.filter((other) => other !== next);
        turns.set(next.tenant, ++turn);
      }
      return next;
    },
    all: () => waiters,
  };
}

const TENANTS = { a: 1, b: 1, c: 1, d: 2, e: 2 } as const;
const tenant = fc.constantFrom("a" as const, "b" as const, "c" as const, "d" as const, "e" as const);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("add" as const), tenant }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("remove" as const), which: fc.nat(20) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("take" as const), full: fc.subarray(["a", "b", "c", "d", "e"]) }),
  },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function both(queue: FairQueue<Waiter>, model: ReturnType<typeof naiveQueue>, each: Step, n: number): void {
  if (each.do === "add") {
    const waiter = { n, tenant: each.tenant, priority: TENANTS[each.tenant] };
    queue.add(waiter);
    model.add(waiter);
  } else if (each.do === "remove") {
    const waiter = model.all()[each.which] ?? { n: 0, tenant: "a", priority: 1 };
    expect(queue.remove(waiter)).toBe(model.remove(waiter));
  } else {
    const mayGo = (waiter: Waiter) => !each.full.some((name) => name === waiter.tenant);
    expect(queue.take(mayGo)?.n).toBe(model.take(mayGo)?.n);
  }
}

describe("who waits (TA-5)", () => {
  it("goes by priority, then in turn between tenants, then first come first served", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
        const queue = createFairQueue<Waiter>();
        const model = naiveQueue();
        for (const [n, each] of steps.entries()) {
          both(queue, model, each, n + 1);
          expect(queue.size()).toBe(model.all().length);
          expect(queue.sizeOf("a")).toBe(model.all().filter((waiter) => waiter.tenant === "a").length);
        }
        expect(queue.clear().length).toBe(model.all().length);
        expect(queue.size()).toBe(0);
      }),
      { numRuns: 150 },
    );
  });
});
