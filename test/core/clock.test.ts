import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { type Clock, formatTime, parseTime, systemClock } from "../../src/core/clock.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

const CLOCKS: readonly (readonly [
  string,
  () => { clock: Clock; advance: (ms: number) => Promise<unknown> },
])[] = [
  [
    "virtual",
    () => {
      const clock = virtualClock();
      return { clock, advance: (ms) => clock.advance(ms) };
    },
  ],
  [
    "system",
    () => ({ clock: systemClock, advance: (ms) => new Promise((resolve) => setTimeout(resolve, ms + 5)) }),
  ],
];

describe.each(CLOCKS)("the %s clock", (_name, open) => {
  it("calls a timer once, unless it is cancelled first", async () => {
    const { clock, advance } = open();
    const called: string[] = [];
    clock.timer(1, () => called.push("kept"));
    clock.timer(1, () => called.push("cancelled"))();
    clock.timer(-5, () => called.push("late"));
    await advance(2);
    await advance(2);
    expect(called.toSorted()).toEqual(["kept", "late"]);
  });

  it("sleeps until the time or the signal, and leaves no listener", async () => {
    const { clock, advance } = open();
    const controller = new AbortController();
    const slept = clock.sleep(1, controller.signal);
    const stopped = clock.sleep(60_000, controller.signal);
    const outcome = expect(stopped).rejects.toThrow("left");
    await advance(2);
    await slept;
    controller.abort(new Error("left"));
    await outcome;
    await expect(clock.sleep(1, controller.signal)).rejects.toThrow("left");
    const fresh = new AbortController();
    const sleeping = clock.sleep(0, fresh.signal);
    await advance(1);
    await sleeping;
    expect(getEventListeners(fresh.signal, "abort")).toHaveLength(0);
  });
});

describe("the system clock", () => {
  it("refuses a delay that Node would not wait for", () => {
    for (const ms of [2 ** 31, Number.POSITIVE_INFINITY, Number.NaN])
      expect(() => systemClock.timer(ms, () => {})).toThrow(/longer than Node can wait/);
    systemClock.timer(2 ** 31 - 1, () => {})();
  });
});

describe("a time", () => {
  const AT = Date.UTC(2026, 10, 22, 15, 0, 12);
  it.each([
    ["Sun, 22 Nov 2026 15:00:12 GMT", AT],
    ["2026-11-22T15:00:12Z", AT],
    ["2026-11-22T15:00:12.500Z", AT + 500],
    ["2026-11-22T16:00:12+01:00", AT],
  ])("%s is read", (text, at) => {
    expect(parseTime(text)).toBe(at);
  });

  it.each([
    undefined,
    "",
    "-5",
    "12",
    "2026",
    "May 5",
    "soon 1",
    "2026-11-22",
    "2026-11-22T15:00:12",
    "Sun Nov 22 15:00:12 2026",
    "Sun, 22 Nov 2026 15:00:12",
    "Sun, 99 Nov 2026 15:00:12 GMT",
    "2026-13-45T15:00:12Z",
  ])("%j is none", (text) => {
    expect(parseTime(text)).toBeUndefined();
  });

  it("is written in UTC", () => {
    expect(formatTime(AT)).toBe("2026-11-22T15:00:12Z");
    expect(formatTime(AT + 7)).toBe("2026-11-22T15:00:12.007Z");
  });
});
