import { describe, expect, it } from "vitest";
import { createPools, type Pool } from "../../../src/daemon/reload/pools.ts";
import { virtualClock } from "../../helpers/virtual-clock.ts";

const PUBLIC = { allowPrivate: false };
const PRIVATE = { allowPrivate: true };

function stage() {
  const clock = virtualClock();
  const events: string[] = [];
  let opened = 0;
  const pools = createPools((policy): Pool => {
    opened += 1;
    const name = `${policy.allowPrivate ? "private" : "public"}${opened}`;
    return {
      transport: () => Promise.reject(new Error(name)),
      close: async () => void events.push(`${name} closed`),
      destroy: () => void events.push(`${name} destroyed`),
    };
  }, clock);
  return { pools, clock, events };
}

describe("connection pools (HR-5, HR-6)", () => {
  it("are shared by generations that ask for the same policy, and by no others", () => {
    const { pools } = stage();
    const [one, two] = [pools.lease(), pools.lease()];
    expect(two.transport({ ...PUBLIC })).toBe(one.transport(PUBLIC));
    expect(two.transport(PRIVATE)).not.toBe(one.transport(PUBLIC));
    expect(one.policies()).not.toEqual(two.policies());
  });

  it("are closed when the last generation that used them is closed", async () => {
    const { pools, events } = stage();
    const [one, two] = [pools.lease(), pools.lease()];
    one.transport(PUBLIC);
    one.transport(PRIVATE);
    two.transport(PUBLIC);
    await one.close();
    expect(events).toEqual(["private2 closed"]);
    await two.close();
    await two.close();
    expect(events).toEqual(["private2 closed", "public1 closed"]);
  });

  it("are opened anew after they were closed", async () => {
    const { pools } = stage();
    const one = pools.lease();
    const first = one.transport(PUBLIC);
    await one.close();
    expect(pools.lease().transport(PUBLIC)).not.toBe(first);
  });

  it("are destroyed 300 s after their generation was replaced, unless a newer one uses them too", async () => {
    const { pools, clock, events } = stage();
    const [one, two] = [pools.lease(), pools.lease()];
    one.transport(PUBLIC);
    one.transport(PRIVATE);
    two.transport(PUBLIC);
    one.retire();
    await clock.advance(299_999);
    expect(events).toEqual([]);
    await clock.advance(1);
    expect(events).toEqual(["private2 destroyed"]);
    await one.close();
    expect(events).toHaveLength(1);
  });

  it("hold no timer once the replaced generation is closed", async () => {
    const { pools, clock, events } = stage();
    const one = pools.lease();
    one.transport(PUBLIC);
    one.retire();
    await one.close();
    expect([clock.pending, events]).toEqual([0, ["public1 closed"]]);
  });
});
