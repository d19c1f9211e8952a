import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { tendAtRest } from "../../../src/daemon/life/rest.ts";
import { virtualClock } from "../../helpers/virtual-clock.ts";

const MIB = 1_024 * 1_024;

function resting(heapMib = 200) {
  const clock = virtualClock();
  const state = { inFlight: 0, letIn: 0, collected: 0, broughtIn: 0, heapMib, collectsTo: 34 };
  const end = tendAtRest({
    clock,
    work: { inFlight: () => state.inFlight, letIn: () => state.letIn },
    heapBytes: () => state.heapMib * MIB,
    collect: () => {
      state.collected += 1;
      state.heapMib = Math.min(state.heapMib, state.collectsTo);
    },
    bringIn: () => {
      state.broughtIn += 1;
    },
  });
  return { clock, state, end };
}

it("gives a large heap back once nobody has asked for anything for a while, and only once", async () => {
  const { clock, state, end } = resting();
  state.inFlight = 1;
  await clock.advance(60_000);
  expect(state.collected).toBe(0);
  state.inFlight = 0;
  await clock.advance(10_000);
  expect(state.collected).toBe(0);
  await clock.advance(60_000);
  expect(state.collected).toBe(1);
  end();
});

it("is not at rest where a request comes and goes between any two looks", async () => {
  const { clock, state, end } = resting();
  for (let second = 0; second < 60; second += 1) {
    state.letIn += 1;
    await clock.advance(1_000);
  }
  expect(state.collected).toBe(0);
  await clock.advance(20_000);
  expect(state.collected).toBe(1);
  end();
});

it("gives back what a start left behind at the first look", async () => {
  const { clock, state, end } = resting();
  await clock.advance(5_000);
  expect(state.collected).toBe(1);
  end();
});

it("leaves a small heap alone", async () => {
  const { clock, state, end } = resting(20);
  await clock.advance(60_000);
  expect(state.collected).toBe(0);
  end();
});

it("leaves a heap alone that has hardly grown since it was collected", async () => {
  const { clock, state, end } = resting();
  await clock.advance(60_000);
  state.letIn += 1;
  state.heapMib = 42;
  await clock.advance(60_000);
  expect(state.collected).toBe(1);
  state.letIn += 1;
  state.heapMib = 43;
  await clock.advance(60_000);
  expect(state.collected).toBe(2);
  end();
});

it("gives back what came free after a collection once it has rested for minutes, and only once", async () => {
  const { clock, state, end } = resting();
  state.collectsTo = 100;
  await clock.advance(60_000);
  expect([state.collected, state.heapMib]).toEqual([1, 100]);
  // What was in use has become garbage, which nobody can see.
  state.collectsTo = 34;
  await clock.advance(4 * 60_000);
  expect([state.collected, state.heapMib]).toEqual([2, 34]);
  await clock.advance(3_600_000);
  expect(state.collected).toBe(2);
  end();
});

it("brings the ledger's log in once after each time of work", async () => {
  const { clock, state, end } = resting();
  await clock.advance(60_000);
  expect(state.broughtIn).toBe(0);
  for (let time = 1; time <= 2; time += 1) {
    state.letIn += 100;
    await clock.advance(5_000);
    expect(state.broughtIn).toBe(time - 1);
    await clock.advance(60_000);
    expect(state.broughtIn).toBe(time);
  }
  end();
});

it("collects what nobody uses", () => {
  const rest = new URL("../../../src/daemon/life/rest.ts", import.meta.url);
  const program = `const { processHeap } = await import("${rest.href}");
    const { collect, heapBytes } = await processHeap();
    const gone = new WeakRef({});
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    process.stdout.write(String(gone.deref() === undefined && heapBytes() > 1e6));`;
  const argv = ["--input-type=module", "--eval", program];
  expect(spawnSync(process.execPath, argv, { encoding: "utf8", timeout: 20_000 }).stdout).toBe("true");
});
