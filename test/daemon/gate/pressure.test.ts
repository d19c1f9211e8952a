import { describe, expect, it } from "vitest";
import { createPressure, processGauges } from "../../../src/daemon/gate/pressure.ts";
import { virtualClock } from "../../helpers/virtual-clock.ts";

function setUp() {
  const clock = virtualClock();
  const gauges = { delayMs: 0, share: 0, looks: 0 };
  const pressure = createPressure(clock, {
    loopDelayMs() {
      gauges.looks += 1;
      return gauges.delayMs;
    },
    memoryShare: () => gauges.share,
  });
  pressure.reason();
  return { clock, gauges, pressure };
}

describe("pressure (TA-7)", () => {
  it.each([
    ["an event loop at most 200 ms late", { delayMs: 200 }, undefined],
    ["an event loop more than 200 ms late", { delayMs: 201 }, "its event loop was 201 ms late"],
    ["memory below its limit", { share: 0.9 }, undefined],
    ["memory near its limit", { share: 0.91 }, "91 % of its memory is used"],
  ])("sees %s", (_name, state, reason) => {
    const { clock, gauges, pressure } = setUp();
    Object.assign(gauges, state);
    clock.skip(1_000);
    expect(pressure.reason()).toBe(reason);
  });

  it("looks once a second, and holds to what it saw until then", () => {
    const { clock, gauges, pressure } = setUp();
    gauges.delayMs = 500;
    clock.skip(999);
    expect(pressure.reason()).toBeUndefined();
    clock.skip(1);
    expect(pressure.reason()).toBeDefined();
    gauges.delayMs = 0;
    clock.skip(1_000);
    expect(pressure.reason()).toBeUndefined();
    expect(gauges.looks).toBe(3);
  });

  it("does not take what came long before for the last second", () => {
    const { clock, gauges, pressure } = setUp();
    gauges.delayMs = 500;
    clock.skip(2_001);
    expect(pressure.reason()).toBeUndefined();
  });

  it("reads a process that has hardly begun as one that is well", () => {
    const gauges = processGauges(virtualClock());
    expect(gauges.loopDelayMs()).toBeLessThan(200);
    expect(gauges.memoryShare()).toBeGreaterThan(0);
    expect(gauges.memoryShare()).toBeLessThan(0.9);
  });
});
