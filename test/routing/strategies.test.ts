import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HealthState } from "../../src/core/health.ts";
import { type Rankable, type Snapshot, scoreOf, strategies } from "../../src/routing/strategies.ts";
import type { StrategyName } from "../../src/routing/strategy-name.ts";

interface Known {
  readonly cost?: number;
  readonly ttft?: number;
  readonly health?: HealthState;
}
const NAMES = Object.keys(strategies) as StrategyName[]; // The keys of the table are the names.

/** Candidates named `a`, `b` … in this order, and what is known of them. */
function stage(known: readonly Known[]) {
  const names = known.map((_, index) => String.fromCharCode(97 + index));
  const candidates = names.map(
    (provider, index): Rankable => ({ provider, model: "m", costNano: known[index]?.cost ?? null }),
  );
  const of = (provider: string) => known[names.indexOf(provider)];
  const snapshot: Snapshot = {
    ttftP50Ms: ({ provider }) => of(provider)?.ttft,
    health: (provider) => of(provider)?.health ?? "unknown",
  };
  return { candidates, snapshot };
}

function order(name: StrategyName, known: readonly Known[], turn = 0): string {
  const { candidates, snapshot } = stage(known);
  return strategies[name](candidates, snapshot, turn)
    .map(({ provider }) => provider)
    .join("");
}

describe("the order of the candidates (FB-3)", () => {
  it.each([
    [
      "sequential",
      [
        { cost: 9, ttft: 9, health: "down" },
        { cost: 1, ttft: 1, health: "healthy" },
      ],
      "ab",
    ],
    ["lowest-cost", [{ cost: 3 }, {}, { cost: 1 }, { cost: 0 }, { cost: 1 }], "dceab"],
    ["fastest-first", [{ ttft: 300 }, {}, { ttft: 120 }, { ttft: 300 }, {}], "cadbe"],
    [
      "health-based",
      [{ health: "down" }, { health: "degraded" }, {}, { health: "healthy" }, { health: "down" }],
      "dcbae",
    ],
  ] as const)("%s", (name, known, expected) => expect(order(name, known)).toBe(expected));

  it("round-robin begins with the first, and goes round", () => {
    const turns = [0, 1, 2, 3, 4].map((turn) => order("round-robin", [{}, {}, {}], turn));
    expect(turns).toEqual(["abc", "bca", "cab", "abc", "bca"]);
    expect(order("round-robin", [], 3)).toBe("");
  });

  it("is the same for the same candidates and state, however they were put together (FB-1)", () => {
    const known = fc.record({
      cost: fc.option(fc.nat(3), { nil: undefined }),
      ttft: fc.option(fc.nat(3), { nil: undefined }),
      health: fc.constantFrom<HealthState>("healthy", "unknown", "degraded", "down"),
    });
    const all = fc.array(known, { maxLength: 20 });
    fc.assert(
      fc.property(all, fc.nat(50), fc.infiniteStream(fc.nat()), (each, turn, shuffle) => {
        const { candidates, snapshot } = stage(each as readonly Known[]);
        // The same facts, kept in maps that were filled in another order.
        const shuffled = candidates.toSorted(() => (Number(shuffle.next().value) % 3) - 1);
        const times = new Map(shuffled.map((one) => [one.provider, snapshot.ttftP50Ms(one)]));
        const states = new Map(shuffled.map(({ provider }) => [provider, snapshot.health(provider)]));
        const other: Snapshot = {
          ttftP50Ms: ({ provider }) => times.get(provider),
          health: (provider) => states.get(provider) ?? "unknown",
        };
        for (const name of NAMES) {
          const once = strategies[name](candidates, snapshot, turn);
          const twice = strategies[name](structuredClone(candidates), other, turn);
          expect(JSON.stringify(twice)).toBe(JSON.stringify(once));
          expect(new Set(once)).toEqual(new Set(candidates));
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

it("a score is what the order goes by, or nothing where it is not known", () => {
  const { candidates, snapshot } = stage([{ cost: 7, ttft: 120, health: "degraded" }, {}]);
  const scores = NAMES.map((name) => candidates.map((candidate) => scoreOf(name, candidate, snapshot)));
  expect(scores).toEqual([
    [null, null],
    [7, null],
    [120, null],
    [null, null],
    [2, 1],
  ]);
});
