import { expect, it } from "vitest";
import { seededRandom } from "../../src/core/random.ts";
import { circuitReports } from "../../src/engine/circuit-reports.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { createGuard } from "../../src/engine/live-guard.ts";
import { openStages } from "../../src/engine/stages.ts";
import type { CircuitHistory, OutcomeRow } from "../../src/resilience/history.ts";
import { answers, fakeStage } from "../helpers/fake-provider.ts";

/** An engine of the providers a, b and c, of which c's completions have just failed ten times. */
async function stage() {
  const { generation, clock } = await fakeStage({
    a: [answers("x")],
    b: [answers("x")],
    c: [answers("x")],
  });
  const { endpoint } = await generation.provider("c");
  const failure: OutcomeRow = {
    ...{ endpoint, class: "completion", effect: "failure", trial: false, rateLimited: false },
    endedMs: clock.wall() - 5_000,
  };
  const reads = { outcomes: 0 };
  const history: CircuitHistory = {
    outcomes() {
      reads.outcomes += 1;
      return Array.from({ length: 10 }, () => failure);
    },
    holds: () => [
      { endpoint, model: "m", code: "auth_failed", endedMs: clock.wall(), untilMs: clock.wall() + 60_000 },
    ],
    marks: () => [{ kind: "force", provider: "b", state: "open", atMs: clock.wall(), untilMs: null }],
  };
  const random = seededRandom(1);
  const guard = createGuard({
    ...{ clock, random, retryBudget: { ratio: 0.2, floor: 10 } },
    history: async () => history,
  });
  const engine: Engine = { generation, clock, random, guard, stages: openStages };
  return { engine, clock, reads, endpoint };
}

it("tell of each provider and operation what a request would meet, in calendar time (CB-10, CB-13)", async () => {
  const { engine, clock, endpoint } = await stage();
  const reports = await circuitReports(["a", "b", "c"], engine);
  expect(reports.map(({ provider, operation, state }) => `${provider} ${operation} ${state}`)).toEqual([
    ...["a completion closed", "a embedding closed", "b completion open", "b embedding open"],
    ...["c completion open", "c embedding closed"],
  ]);
  expect(reports[2]).toMatchObject({ forced: "open", retryAtMs: null, requests: 0, successRate: null });
  expect(reports[4]).toMatchObject({
    ...{ endpoint, windowMs: 60_000, forced: null, failures: 10, requests: 10, successRate: 0 },
    ...{ openedAtMs: clock.wall() - 5_000, retryAtMs: clock.wall() + 25_000, halfOpenMax: 3 },
    hold: { code: "auth_failed", untilMs: clock.wall() + 60_000 },
  });
});

it("read the ledger once for each kind of operation, however many providers there are", async () => {
  const { engine, reads } = await stage();
  await circuitReports(["a", "b", "c"], engine);
  expect(reads.outcomes).toBe(2);
});
