import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEventRing, KEPT_EVENTS } from "../../../src/daemon/events/ring.ts";

describe("the event ring", () => {
  it("keeps the last thousand", () => {
    const ring = createEventRing(() => 0);
    for (let n = 1; n <= 1_500; n += 1) ring.add("hold", { n });
    const kept = ring.after(0);
    expect(kept.length).toBe(KEPT_EVENTS);
    expect([kept[0]?.seq, kept.at(-1)?.seq]).toEqual([501, 1_500]);
  });

  it("gives what came after any number, as a plain list would", () => {
    fc.assert(
      fc.property(fc.nat(30), fc.integer({ min: 1, max: 8 }), fc.nat(40), (count, kept, since) => {
        const ring = createEventRing(() => 0, kept);
        const all = Array.from({ length: count }, (_, index) => index + 1);
        for (const n of all) ring.add("hold", { n });
        const expected = all.slice(-kept).filter((n) => n > since);
        expect(ring.after(since).map(({ seq, facts }) => [seq, facts.n])).toEqual(
          expected.map((n) => [n, n]),
        );
        expect(ring.newest()).toBe(count);
      }),
    );
  });

  it("finds the place of a time", () => {
    let nowMs = 0;
    const ring = createEventRing(() => nowMs);
    for (nowMs of [10, 20, 30]) ring.add("hold", {});
    expect([0, 10, 11, 30, 31].map((ms) => ring.before(ms))).toEqual([0, 0, 1, 2, 3]);
  });

  it("tells listeners of each event until they leave, and takes none after its end", () => {
    const ring = createEventRing(() => 0);
    let heard = 0;
    const leave = ring.onEvent(() => {
      heard += 1;
    });
    ring.add("hold", {});
    leave();
    ring.add("hold", {});
    ring.close();
    ring.add("hold", {});
    expect([heard, ring.newest(), ring.isClosed()]).toEqual([1, 2, true]);
  });
});
