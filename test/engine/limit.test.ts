import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { RiptideError } from "../../src/core/errors.ts";
import { startLimit, untilAborted } from "../../src/engine/limit.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

const over = (what: string) => () => new RiptideError("attempt_timeout", what);

function started() {
  const clock = virtualClock();
  const outer = new AbortController();
  const limit = startLimit(clock, outer.signal);
  const reason = () => (limit.signal.reason as Error | undefined)?.message;
  return { clock, outer, limit, reason };
}

describe("the limit of an attempt (DL-5)", () => {
  it("aborts with its error when its time is over, not before", async () => {
    const { clock, limit, reason } = started();
    limit.set(100, over("first"));
    await clock.advance(99);
    expect(limit.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(reason()).toBe("first");
  });

  it("may be moved away and nearer, and is never more than one timer", async () => {
    const { clock, limit, reason } = started();
    limit.set(100, over("first"));
    for (let n = 0; n < 50; n += 1) {
      limit.set(100, over("moved"));
      expect(clock.pending).toBe(1);
      await clock.advance(10);
    }
    limit.set(20, over("nearer"));
    await clock.advance(19);
    expect([limit.signal.aborted, clock.pending]).toEqual([false, 1]);
    await clock.advance(1);
    expect(reason()).toBe("nearer");
  });

  it("that was moved away once is kept without being set again", async () => {
    const { clock, limit, reason } = started();
    limit.set(100, over("first"));
    await clock.advance(50);
    limit.set(100, over("moved"));
    await clock.advance(99);
    expect(limit.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(reason()).toBe("moved");
  });

  it("does not run while it is paused", async () => {
    const { clock, limit, reason } = started();
    limit.set(100, over("first"));
    await clock.advance(90);
    limit.pause();
    await clock.advance(10_000);
    expect(limit.signal.aborted).toBe(false);
    limit.set(50, over("second"));
    await clock.advance(49);
    expect(limit.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(reason()).toBe("second");
  });

  it("that was over before it was set aborts at once", async () => {
    const { clock, limit, reason } = started();
    limit.set(-5, over("late"));
    await clock.advance(0);
    expect(reason()).toBe("late");
  });

  it("ends with the caller, for the caller's reason, also when the caller had left before", () => {
    const { outer, limit, clock } = started();
    const reason = new RiptideError("cancelled", "left");
    outer.abort(reason);
    expect(limit.signal.reason).toBe(reason);
    expect(startLimit(clock, outer.signal).signal.reason).toBe(reason);
  });

  it("leaves neither timer nor listener, and closes what is still in use", () => {
    const { clock, outer, limit } = started();
    limit.set(100, over("first"));
    limit.dispose();
    expect([clock.pending, getEventListeners(outer.signal, "abort").length]).toEqual([0, 0]);
    expect(limit.signal.aborted).toBe(true);
  });
});

describe("waiting until something aborts", () => {
  const never = new Promise<never>(() => {});

  it("settles as the promise does, and leaves no listener", async () => {
    const { signal } = new AbortController();
    expect(await untilAborted(Promise.resolve(1), signal)).toBe(1);
    await expect(untilAborted(Promise.reject(new Error("no")), signal)).rejects.toThrow("no");
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  it("rejects at once when it is or gets aborted, whatever the promise does", async () => {
    const controller = new AbortController();
    const waiting = untilAborted(never, controller.signal);
    controller.abort(new Error("over"));
    await expect(waiting).rejects.toThrow("over");
    await expect(untilAborted(never, controller.signal)).rejects.toThrow("over");
  });
});
