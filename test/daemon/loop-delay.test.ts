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

it("asks Node for each percentile of the time since the last question, less the timer's own", async () => {
  const clock = virtualClock();
  const state = { isEnabled: false, resets: 0 };
  const histogram = {
    enable() {
      state.isEnabled = true;
      return true;
    },
    disable() {
      state.isEnabled = false;
      return true;
    },
    reset() {
      state.resets += 1;
    },
    percentile: (percentile: number) => percentile * 1e6,
  };
  const delay = watchLoop(clock, { resolutionMs: 5, untilMs: UNTIL_MS }, histogram);
  expect(state.isEnabled).toBe(false);
  delay.takeMs(50);
  expect(delay.takeMs(50, 99, 2)).toEqual([45, 94, 0]);
  expect(state).toEqual({ isEnabled: true, resets: 2 });
  // A later question puts off the rest that the one before it asked for.
  await clock.advance(UNTIL_MS - 1);
  delay.takeMs(50);
  await clock.advance(UNTIL_MS - 1);
  expect([state.isEnabled, delay.takeMs(50)]).toEqual([true, [45]]);
  await clock.advance(UNTIL_MS);
  expect([state.isEnabled, delay.takeMs(50)]).toEqual([false, [0]]);
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
