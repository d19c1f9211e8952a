import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildReport, costOf, shareOf, type UsageGroup, type UsageSums } from "../../src/ledger/report.ts";

const ZERO: UsageSums = {
  requests: 0n,
  failed: 0n,
  unpriced: 0n,
  unreconciled: 0n,
  attempts: 0n,
  estimated: 0n,
  inputTokens: 0n,
  cacheReadTokens: 0n,
  cacheWriteTokens: 0n,
  outputTokens: 0n,
  reasoningTokens: 0n,
  costNano: 0n,
  unreconciledNano: 0n,
};
const sums = (given: Partial<UsageSums>): UsageSums => ({ ...ZERO, ...given });
const group = (tenant: string | null, given: Partial<UsageSums>): UsageGroup => ({
  key: { tenant },
  sums: sums(given),
});
const tenants = ({ rows }: ReturnType<typeof buildReport>) => rows.map(({ key }) => key.tenant);

describe("a cost report", () => {
  it.each([
    ["every request unpriced: unknown, not free", { requests: 3n, unpriced: 3n }, null],
    ["some requests unpriced: what is known", { requests: 3n, unpriced: 2n, costNano: 5n }, 5n],
    ["some unpriced, the others free: nothing", { requests: 3n, unpriced: 2n }, 0n],
    ["free: nothing", { requests: 3n }, 0n],
    ["no request at all: nothing", {}, 0n],
  ])("%s", (_name, given, cost) => {
    expect(costOf(sums(given))).toBe(cost);
  });

  it("adds up groups of one key", () => {
    const { rows } = buildReport(
      [group("a", { costNano: 1n }), group("b", { costNano: 9n }), group("a", { costNano: 3n })],
      { by: ["tenant"] },
    );
    expect(rows.map(({ key, sums: { costNano } }) => [key.tenant, costNano])).toEqual([
      ["b", 9n],
      ["a", 4n],
    ]);
  });

  it("keeps the total whole when only the first rows are shown", () => {
    const report = buildReport(
      ["a", "b", "c"].map((tenant, index) => group(tenant, { costNano: BigInt(index) })),
      { by: ["tenant"], top: 2 },
    );
    expect(tenants(report)).toEqual(["c", "b"]);
    expect(report.leftOut).toBe(1);
    expect(report.totals.sums.costNano).toBe(3n);
  });

  it.each([
    [undefined, ["b", "c", "a"]],
    ["requests", ["a", "b", "c"]],
    ["tenant", ["a", "b", "c"]],
  ] as const)("sorts by %s", (sort, order) => {
    const groups = [
      group("a", { requests: 9n, costNano: 1n }),
      group("c", { requests: 1n, costNano: 5n }),
      group("b", { requests: 2n, costNano: 5n }),
    ];
    expect(tenants(buildReport(groups, { by: ["tenant"], sort }))).toEqual(order);
  });

  it("goes by time where it is cut by time, by cost within", () => {
    const of = (day: string, tenant: string, costNano: bigint) => ({
      key: { tenant, day },
      sums: sums({ costNano }),
    });
    const { rows } = buildReport(
      [of("2026-11-02", "a", 9n), of("2026-11-01", "b", 1n), of("2026-11-01", "a", 2n)],
      {
        by: ["tenant", "day"],
      },
    );
    expect(rows.map(({ key }) => `${key.day} ${key.tenant}`)).toEqual([
      "2026-11-01 a",
      "2026-11-01 b",
      "2026-11-02 a",
    ]);
  });

  it("compares each row with the range before, rows that are gone included", () => {
    const { rows, totals } = buildReport([group("a", { costNano: 3n }), group("new", { costNano: 1n })], {
      by: ["tenant"],
      previous: [group("a", { costNano: 2n }), group("gone", { costNano: 5n })],
    });
    expect(rows.map(({ key, sums, previous }) => [key.tenant, sums.costNano, previous?.costNano])).toEqual([
      ["a", 3n, 2n],
      ["new", 1n, 0n],
      ["gone", 0n, 5n],
    ]);
    expect(totals.previous?.costNano).toBe(7n);
  });

  it("gives shares of the whole that add up, in integers far above 2^53", () => {
    const huge = fc.bigInt({ min: 0n, max: 2n ** 62n });
    fc.assert(
      fc.property(fc.array(huge, { minLength: 1, maxLength: 30 }), (costs) => {
        const report = buildReport(
          costs.map((costNano, index) => group(String(index), { costNano })),
          { by: ["tenant"] },
        );
        const total = costs.reduce((sum, cost) => sum + cost, 0n);
        expect(report.totals.sums.costNano).toBe(total);
        const shares = report.rows.map(({ share }) => share ?? 0n).reduce((sum, share) => sum + share, 0n);
        const miss = total === 0n ? 0n : shares - 1_000_000n;
        expect(miss * miss <= BigInt(costs.length) ** 2n).toBe(true);
      }),
    );
    expect(shareOf(1n, 3n)).toBe(333_333n);
    expect(shareOf(1n, 0n)).toBeNull();
  });
});
