import { describe, expect, it } from "vitest";
import { STRATEGIES } from "../../src/config/config.ts";
import type { ProbeRow, Sample } from "../../src/core/sample.ts";
import { type Candidate, loadCandidates } from "../../src/engine/candidates.ts";
import { snapshotFor } from "../../src/engine/snapshot.ts";
import { openStages } from "../../src/engine/stages.ts";
import { routeOf } from "../../src/routing/route.ts";
import { strategies } from "../../src/routing/strategies.ts";
import type { StrategyName } from "../../src/routing/strategy-name.ts";
import { answers, fakeStage } from "../helpers/fake-provider.ts";
import { seededNumbers } from "../helpers/ledger-seed.ts";

const IDS = Array.from({ length: 8 }, (_, index) => String.fromCharCode(97 + index));
const CONSTRUCTIONS = 1_000;

async function stage() {
  const { clock, generation } = await fakeStage(Object.fromEntries(IDS.map((id) => [id, [answers(id)]])));
  const targets = IDS.map((provider) => ({ provider, model: "m" }));
  const { candidates } = await loadCandidates(targets, generation);
  return { clock, generation, candidates };
}

/** What a ledger could remember of the last minutes: some fast, some slow, some failing, some unknown. */
function pastOf(candidates: readonly Candidate[], nowMs: number) {
  const below = seededNumbers(7);
  const samples = Array.from({ length: 60 }, (_, index): Sample => {
    const of = candidates[below(candidates.length - 2)];
    const ttftMs = 100 + below(40) * 10;
    return {
      ...{ provider: of?.provider ?? "", model: "m", endpoint: of?.loaded.endpoint ?? "" },
      ...{
        effect: below(4) === 0 ? "failure" : "success",
        ttftMs,
        totalMs: ttftMs,
        endedMs: nowMs - 1 - index * 997,
      },
    };
  });
  const probes = Array.from({ length: 20 }, (_, index): ProbeRow => {
    const of = candidates[below(candidates.length - 1)];
    return {
      ...{ provider: of?.provider ?? "", endpoint: of?.loaded.endpoint ?? "", level: "auth", latencyMs: 9 },
      ...{
        status: below(2) === 0 ? "fail" : "pass",
        code: "connect_failed",
        atMs: nowMs - 500 - index * 1_009,
      },
    };
  });
  return { samples, probes };
}

const shuffled = <T>(items: readonly T[], below: (bound: number) => number): readonly T[] =>
  items
    .map((item) => ({ item, key: below(1_000_000) }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);

describe("what is known of the providers", () => {
  it(`gives the same order in ${CONSTRUCTIONS} constructions of the same state (FB-1)`, async () => {
    const { clock, generation, candidates } = await stage();
    const { samples, probes } = pastOf(candidates, clock.wall());
    const below = seededNumbers(1);
    const aliases = [...generation.table.aliases, ...IDS.map((id) => [`only-${id}`, aliasTo(id)] as const)];
    const seen = new Map<string, number>();
    for (let count = 0; count < CONSTRUCTIONS; count += 1) {
      const table = { ...generation.table, aliases: new Map(shuffled(aliases, below)) };
      const stages = {
        ...openStages,
        samples: async () => shuffled(samples, below),
        probes: async () => shuffled(probes, below),
      };
      const snapshot = await snapshotFor("all", shuffled(candidates, below), { clock, generation, stages });
      const targets = routeOf({}, table).targets.map((target) => ({ ...target, costNano: null }));
      const orders = STRATEGIES.map((name) =>
        strategies[name](targets, snapshot, 3)
          .map(({ provider }) => provider)
          .join(""),
      );
      seen.set(orders.join(" "), (seen.get(orders.join(" ")) ?? 0) + 1);
    }
    expect([...seen.values()]).toEqual([CONSTRUCTIONS]);
    // The state has to tell the providers apart, or every construction gives the same.
    const [orders = ""] = seen.keys();
    expect(new Set(orders.split(" ")).size).toBeGreaterThanOrEqual(4);
  });

  it("is read from the ledger only where the strategy goes by it", async () => {
    const { clock, generation, candidates } = await stage();
    const readsOf = async (strategy: StrategyName) => {
      const reads: string[] = [];
      const note = (name: string) => async () => {
        reads.push(name);
        return [];
      };
      const stages = { ...openStages, samples: note("samples"), probes: note("probes") };
      await snapshotFor(strategy, candidates, { clock, generation, stages });
      return reads.join(" ");
    };
    expect(await Promise.all(STRATEGIES.map(readsOf))).toEqual(
      STRATEGIES.map(
        (name) => ({ "fastest-first": "samples", "health-based": "samples probes" })[String(name)] ?? "",
      ),
    );
  });

  it("leaves out what another endpoint of the same name did", async () => {
    const { clock, generation, candidates } = await stage();
    const [first] = candidates;
    const sample: Sample = {
      ...{
        provider: "a",
        model: "m",
        effect: "success",
        ttftMs: 124,
        totalMs: 200,
        endedMs: clock.wall() - 1,
      },
      endpoint: first?.loaded.endpoint ?? "",
    };
    const knownBy = async (endpoint: string) => {
      const samples = async () => Array<Sample>(5).fill({ ...sample, endpoint });
      const stages = { ...openStages, samples };
      const snapshot = await snapshotFor("all", candidates, { clock, generation, stages });
      return [snapshot.ttftP50Ms({ provider: "a", model: "m" }), snapshot.health("a")];
    };
    expect(await knownBy(sample.endpoint)).toEqual([120, "healthy"]);
    expect(await knownBy("elsewhere")).toEqual([undefined, "unknown"]);
  });
});

const aliasTo = (id: string) => ({
  ...{ targets: [{ provider: id, model: "m" }], strategy: "sequential" as const },
});
