import { expect, it } from "vitest";
import { createNewest, NEWEST_EVENTS } from "../../../src/daemon/events/newest.ts";
import { createEventRing } from "../../../src/daemon/events/ring.ts";

it("keeps a circuit that opened, however many tenants are refused and requests fail over after it", () => {
  const ring = createEventRing(() => 0);
  const newest = createNewest(ring);
  ring.add("circuit", { to: "open" });
  for (let n = 0; n < 3_000; n += 1) ring.add(n % 2 === 0 ? "tenant" : "failover", { n });
  const told = newest();
  expect(told).toHaveLength(NEWEST_EVENTS + 1);
  expect(told[0]).toMatchObject({ type: "tenant", facts: { n: 2_998 } });
  expect(told.at(-1)).toMatchObject({ type: "circuit", seq: 1 });
});

it("tells the newest first, whatever their types", () => {
  const ring = createEventRing(() => 0);
  const newest = createNewest(ring);
  for (const type of ["lifecycle", "health", "circuit", "hold", "health"] as const) ring.add(type, {});
  expect(newest().map(({ seq }) => seq)).toEqual([5, 3, 2, 1]);
});
