import { expect, it } from "vitest";
import { watchLoop } from "../../src/daemon/loop-delay.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

const UNTIL_MS = 2_000;

function watching() {
  const clock = virtualClock();
  return { clock, delay: watchLoop(clock, { resolutionMs: 5, untilMs: UNTIL_MS }) };
}

it("knows nothing before the first question, nor after a pause", async () => {
  const { clock, delay } = watching();
  expect(delay.takeMs(50, 99)).toEqual([0, 0]);
  await clock.advance(UNTIL_MS);
  expect(delay.takeMs(99)).toEqual([0]);
});

it("is watched from each question until a while after it, and not at rest", async () => {
  const { clock, delay } = watching();
  expect(clock.pending).toBe(0);
  delay.takeMs(99);
  await clock.advance(UNTIL_MS - 1);
  delay.takeMs(99);
  await clock.advance(UNTIL_MS - 1);
  expect(clock.pending).toBe(1);
  await clock.advance(1);
  expect(clock.pending).toBe(0);
});

it("tells of a loop that stood still", async () => {
  const { delay } = watching();
  delay.takeMs(99);
  for (let turn = 0; turn < 10; turn += 1) {
    const until = performance.now() + 20;
    while (performance.now() < until);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(delay.takeMs(99)[0]).toBeGreaterThan(5);
});
