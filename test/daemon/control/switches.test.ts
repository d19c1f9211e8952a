import { describe, expect, it } from "vitest";
import { createSwitches } from "../../../src/daemon/control/switches.ts";
import type { Candidate } from "../../../src/engine/candidates.ts";
import { openGuard, type Pass } from "../../../src/engine/guard.ts";
import { virtualClock } from "../../helpers/virtual-clock.ts";

// Nothing else of a candidate is looked at.
const candidate = { provider: "a", model: "m" } as Candidate;

function stage() {
  const clock = virtualClock();
  const switches = createSwitches(clock);
  const guard = switches.guarding(openGuard);
  const enter = () => guard.enter(candidate, "completion", 1_000);
  // What enters here is not refused.
  return { clock, switches, guard, enter, passed: () => enter() as Pass };
}

const ENDED = { error: undefined, sliceMs: 1, configuredDeadlineMs: 1 };

describe("a provider that is switched off", () => {
  it("is refused until its time is over", () => {
    const { clock, switches, guard, enter } = stage();
    switches.disable("a", 1_000);
    expect(guard.refusal(candidate, "completion")).toMatchObject({
      reason: "disabled",
      error: { message: "disabled by an operator for 1 s more", facts: { retryAfterMs: 1_000 } },
    });
    expect(switches.look("a")).toEqual({ untilMs: clock.wall() + 1_000 });
    clock.skip(999);
    expect(enter()).toMatchObject({ reason: "disabled" });
    clock.skip(1);
    expect(guard.refusal(candidate, "completion")).toBeNull();
    expect(enter()).toHaveProperty("end");
    expect(switches.look("a")).toBeUndefined();
  });

  it("is refused without an end until it is switched on", () => {
    const { clock, switches, enter } = stage();
    switches.disable("a", null);
    clock.skip(1e9);
    expect(enter()).toMatchObject({ reason: "disabled", error: { message: "disabled by an operator" } });
    expect(switches.look("a")).toEqual({ untilMs: null });
    expect([switches.enable("a"), switches.enable("a")]).toEqual([true, false]);
    expect(enter()).toHaveProperty("end");
  });

  it("is idle when the last of its attempts has ended", async () => {
    const { clock, switches, passed } = stage();
    const running = [passed(), passed()];
    expect(switches.inFlight("a")).toBe(2);
    let isIdle = false;
    const idle = switches.idle("a", new AbortController().signal).then(() => {
      isIdle = true;
    });
    running[0]?.end(ENDED);
    await clock.advance(500);
    expect([isIdle, switches.inFlight("a")]).toEqual([false, 1]);
    running[1]?.end(ENDED);
    await clock.advance(50);
    await idle;
    expect(switches.inFlight("a")).toBe(0);
  });
});
