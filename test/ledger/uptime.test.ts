import { expect, it } from "vitest";
import type { BadQuarter, ProbedQuarter, Quarter } from "../../src/ledger/stats-facts.ts";
import { uptimes } from "../../src/ledger/uptime.ts";

const seen = (startMs: number, attempts: number): Quarter => ({
  ...{ provider: "p", startMs, attempts, requests: attempts },
});
const bad = (startMs: number, attempts: number, more: Partial<BadQuarter> = {}): BadQuarter => ({
  ...{ provider: "p", startMs, attempts, outcome: "error", code: "overloaded", ...more },
});
const probed = (startMs: number, isUp: boolean): ProbedQuarter => ({ provider: "p", startMs, isUp });

it.each([
  ["nothing is known of it", [], [], [], undefined],
  ["all its quarters answered", [seen(0, 9), seen(1, 1)], [], [], 1],
  [
    "one quarter of four brought failures alone",
    [0, 1, 2, 3].map((at) => seen(at, 2)),
    [bad(3, 2)],
    [],
    0.75,
  ],
  ["one answer among many failures came", [seen(0, 9)], [bad(0, 8)], [], 1],
  [
    "failures were the request's own fault",
    [seen(0, 2)],
    [bad(0, 2, { code: "bad_request" })],
    [],
    undefined,
  ],
  ["callers went away", [seen(0, 2)], [bad(0, 2, { outcome: "cancelled", code: null })], [], undefined],
  ["probes alone say so", [], [], [probed(0, true), probed(1, false)], 0.5],
  ["a probe passed while requests failed", [seen(0, 2)], [bad(0, 2)], [probed(0, true)], 1],
] as const)("a provider's uptime where %s", (_name, quarters, badQuarters, probes, share) => {
  expect(uptimes({ quarters, badQuarters, probed: probes }).get("p")).toBe(share);
});

it("keeps providers apart", () => {
  const quarters = [seen(0, 1), { ...seen(0, 1), provider: "other one" }];
  const shares = uptimes({ quarters, badQuarters: [{ ...bad(0, 1), provider: "other one" }], probed: [] });
  expect([...shares]).toEqual(
    expect.arrayContaining([
      ["p", 1],
      ["other one", 0],
    ]),
  );
});
