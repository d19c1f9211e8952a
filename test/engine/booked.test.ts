import { describe, expect, it } from "vitest";
import { openStages, type Stages } from "../../src/engine/stages.ts";
import { ask } from "../helpers/ask.ts";
import { answers, DONE, delta, fakeStage, streams } from "../helpers/fake-provider.ts";

/** A stage whose books take this long to be closed. */
async function slow(settleMs: number, script = answers("x")) {
  const stage = await fakeStage({ a: [script] }, { timeouts: { completion: "500ms" } });
  const settledAt: number[] = [];
  const stages: Stages = {
    ...openStages,
    async settle() {
      await stage.clock.sleep(settleMs);
      settledAt.push(stage.clock.now());
      return { fresh: true, alerts: [] };
    },
  };
  return { stage, stages, settledAt };
}

describe("books that cannot be closed in time (DL-1, LG-11)", () => {
  it("do not hold an answer up beyond its deadline, and are closed all the same", async () => {
    const { stage, stages, settledAt } = await slow(2_000);
    const began = stage.clock.now();
    const asked = ask(stage, { stages, stream: false });
    let endedMs = 0;
    void asked.done.then(() => {
      endedMs = stage.clock.now() - began;
    });
    for (let ms = 0; ms < 2_100; ms += 10) await stage.clock.advance(10);
    expect(endedMs).toBeLessThanOrEqual(600);
    expect(asked.result?.warnings).toEqual([expect.stringContaining("still being booked")]);
    expect(settledAt).toHaveLength(1);
  });

  it("are waited for while there is time", async () => {
    const { stage, stages, settledAt } = await slow(300);
    const asked = ask(stage, { stages, stream: false });
    await stage.clock.advance(400);
    await asked.done;
    expect([asked.result?.warnings, settledAt.length]).toEqual([[], 1]);
  });
});

it("a caller who gives up while a stream waits for more money is not held up (SD-7)", async () => {
  const price = { prices: { m: { input: 1, output: 10 } } };
  const script = streams([delta("word ".repeat(5_000)), delta("more "), ...DONE]);
  const stage = await fakeStage({ a: [script] }, { entries: { a: price } });
  const stages: Stages = {
    ...openStages,
    async raise() {
      await stage.clock.sleep(1_500);
      return true;
    },
  };
  const began = stage.clock.now();
  const asked = ask(stage, { stages, maxCostNano: 900_000_000_000 });
  await stage.clock.advance(50);
  asked.cancel();
  await stage.clock.advance(10);
  await asked.done;
  expect(stage.clock.now() - began).toBeLessThan(150);
  expect(asked.failure?.error.code).toBe("cancelled");
});
