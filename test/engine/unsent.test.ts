import { describe, expect, it } from "vitest";
import { RiptideError } from "../../src/core/errors.ts";
import { openStages, type Stages } from "../../src/engine/stages.ts";
import type { Settlement } from "../../src/ledger/settlement.ts";
import { ask } from "../helpers/ask.ts";
import { answers, delta, type FakeCall, fakeStage, type Step, streams } from "../helpers/fake-provider.ts";

const PRICE = { prices: { m: { input: 1, output: 10 } } };

/** Two priced providers, and what is booked in the end. */
async function booking(a: Step, raise: Stages["raise"] = openStages.raise, more: object = {}) {
  const stage = await fakeStage({ a: [a], b: [answers("b")] }, { entries: { a: PRICE, b: PRICE }, ...more });
  const booked: Settlement[] = [];
  const stages: Stages = {
    ...openStages,
    raise,
    async settle(settlement) {
      booked.push(settlement);
      return { fresh: true, alerts: [] };
    },
  };
  const lines = () =>
    booked.flatMap(({ attempts }) => attempts).map(({ provider, charge }) => [provider, charge.costNano > 0]);
  return { ...stage, stages, lines };
}

describe("what nobody was asked for is not booked (LG-5)", () => {
  it("a reader who leaves when told of the next provider", async () => {
    const stage = await booking(streams([delta("x".repeat(400))]));
    const asked = ask(stage, {
      stages: stage.stages,
      onEvent: ({ type }) => {
        if (type === "failover") throw new Error("left");
      },
    });
    await asked.done.catch(() => undefined);
    expect(stage.provider.b?.calls).toHaveLength(0);
    expect(stage.lines()).toEqual([["a", true]]);
  });

  it("a caller who gives up while money for the next provider is looked for", async () => {
    const failing: Step = () => {
      throw new RiptideError("attempt_timeout", "no");
    };
    let clock: Awaited<ReturnType<typeof fakeStage>>["clock"] | undefined;
    const stage = await booking(failing, async () => {
      await clock?.sleep(500);
      return true;
    });
    clock = stage.clock;
    const asked = ask(stage, { stages: stage.stages });
    await stage.clock.advance(100);
    asked.cancel();
    await stage.clock.advance(1_000);
    await asked.done;
    expect(stage.provider.b?.calls).toHaveLength(0);
    expect(stage.lines().map(([provider]) => provider)).toEqual(["a"]);
  });

  it("an attempt that ended before a byte had left costs nothing, and may be replaced under replay: never (AT-8)", async () => {
    const connecting: Step = ({ exchange }: FakeCall) => {
      if (exchange.progress) exchange.progress.isUnsent = true;
      throw new RiptideError("attempt_timeout", "no");
    };
    const stage = await booking(connecting, openStages.raise, {
      failover: { repair: "never", replay: "never" },
    });
    const asked = ask(stage, { stages: stage.stages });
    await asked.done;
    expect(asked.text).toBe("b");
    expect(asked.result?.attempts[0]).toMatchObject({ ambiguous: false, charge: { source: "none" } });
  });

  it("and one that had left is charged, and is not made again elsewhere", async () => {
    const sent: Step = () => {
      throw new RiptideError("attempt_timeout", "no");
    };
    const stage = await booking(sent, openStages.raise, { failover: { repair: "never", replay: "never" } });
    const asked = ask(stage, { stages: stage.stages });
    await asked.done;
    expect(stage.provider.b?.calls).toHaveLength(0);
    expect(asked.failure?.attempts[0]).toMatchObject({ ambiguous: true, charge: { source: "estimated" } });
  });
});
