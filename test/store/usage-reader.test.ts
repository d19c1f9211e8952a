import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { wholeQuarters } from "../../src/ledger/range.ts";
import { buildReport, costOf, type Dimension, type UsageSums } from "../../src/ledger/report.ts";
import { UTC, type Zone, zoneNamed } from "../../src/ledger/zone.ts";
import { readUsage, type UsageAsk } from "../../src/store/usage-reader.ts";
import { usageSource } from "../../src/store/usage-source.ts";
import {
  openSeedLedger,
  type SeedAttempt,
  type SeedOperation,
  seedOperations,
} from "../helpers/ledger-seed.ts";

let ledger: Awaited<ReturnType<typeof openSeedLedger>>;
beforeEach(async () => {
  ledger = await openSeedLedger();
});
afterEach(() => ledger.close());

const at = (text: string) => Date.parse(text);
const berlin = zoneNamed("Europe/Berlin") ?? UTC;
const november = { sinceMs: at("2026-11-01T00:00:00Z"), untilMs: at("2026-12-01T00:00:00Z") };

const ask = (by: readonly Dimension[], more: Partial<UsageAsk> = {}): UsageAsk => ({
  range: november,
  by,
  zone: UTC,
  probes: false,
  ...more,
});
const read = (asked: UsageAsk) =>
  buildReport(
    ledger.database.read(() => readUsage(ledger.database, asked)),
    asked,
  ).rows;
const costs = (asked: UsageAsk) =>
  Object.fromEntries(
    read(asked).map(({ key, sums }) => [Object.values(key).join(" "), Number(sums.costNano)]),
  );

const priced = (model: string, costNano: number): SeedAttempt => ({ provider: "p", model, costNano });

describe("usage of the ledger", () => {
  it("is nothing for an empty ledger, whatever it is grouped by", () => {
    for (const by of [[], ["tenant"], ["day"], ["tag:x"]] as const) expect(read(ask(by))).toEqual([]);
  });

  it("counts an operation once where it was answered, and each attempt's money where it arose", async () => {
    await seedOperations(ledger.database, [
      { startedMs: november.sinceMs, attempts: [priced("first", 5), priced("second", 7)] },
      { startedMs: november.sinceMs, outcome: "error", attempts: [priced("second", 1), priced("first", 2)] },
      { startedMs: november.sinceMs, outcome: "cancelled", attempts: [] },
    ]);
    for (const by of [["model"], ["tag:none", "model"]] as const) {
      const rows = read(ask(by)).map(({ key, sums }) => [
        key.model,
        ...[sums.requests, sums.failed, sums.attempts, sums.costNano].map(Number),
      ]);
      expect(rows).toEqual([
        ["p/second", 1, 0, 2, 8],
        ["p/first", 1, 1, 2, 7],
        [null, 1, 1, 0, 0],
      ]);
    }
  });

  it("shows a target without a price as unpriced where it arose, though another one answered", async () => {
    const unpriced = { provider: "house", model: "m", outputTokens: 9, priceVersion: null } as const;
    await seedOperations(ledger.database, [
      { startedMs: november.sinceMs, attempts: [unpriced, unpriced, priced("m", 7)] },
    ]);
    for (const by of [["model"], ["tag:none", "model"]] as const) {
      const rows = read(ask(by)).map(({ key, sums }) => [key.model, Number(sums.unpriced), costOf(sums)]);
      expect(rows).toEqual([
        ["p/m", 0, 7n],
        ["house/m", 1, null],
      ]);
    }
  });

  it("leaves out health probes unless they are included or asked for", async () => {
    await seedOperations(ledger.database, [
      { tenant: "_health", startedMs: november.sinceMs, attempts: [priced("m", 1)] },
      { tenant: "acme", startedMs: november.sinceMs, attempts: [priced("m", 2)] },
    ]);
    expect(costs(ask(["tenant"]))).toEqual({ acme: 2 });
    expect(costs(ask(["tenant"], { probes: true }))).toEqual({ acme: 2, _health: 1 });
    expect(costs(ask(["tenant"], { tenant: "_health" }))).toEqual({ _health: 1 });
    expect(costs(ask(["tenant"], { tenant: "acm' OR 1=1 --" }))).toEqual({});
  });

  it("groups by a tag of any name", async () => {
    const odd = `a"b'$.]`;
    await seedOperations(ledger.database, [
      { startedMs: november.sinceMs, tags: { [odd]: "=1+1", team: "x" }, attempts: [priced("m", 1)] },
      { startedMs: november.sinceMs, tags: { team: "y" }, attempts: [priced("m", 2)] },
      { startedMs: november.sinceMs, attempts: [priced("m", 4)] },
    ]);
    expect(costs(ask([`tag:${odd}`]))).toEqual({ "=1+1": 1, "": 6 });
    expect(costs(ask(["tag:team", "tenant"]))).toEqual({ "x default": 1, "y default": 2, " default": 4 });
  });

  it("cuts days in the zone asked for, on the day clocks change too", async () => {
    const moments = [
      "2026-10-24T21:59:59Z",
      "2026-10-24T22:00:00Z",
      "2026-10-25T22:59:59Z",
      "2026-10-25T23:00:00Z",
    ];
    await seedOperations(
      ledger.database,
      moments.map((moment, index) => ({ startedMs: at(moment), attempts: [priced("m", 10 ** index)] })),
    );
    const october = { sinceMs: at("2026-10-01T00:00:00Z"), untilMs: november.sinceMs };
    const by = (zone: Zone) => costs(ask(["day"], { range: october, zone }));
    expect(by(UTC)).toEqual({ "2026-10-24": 11, "2026-10-25": 1_100 });
    expect(by(berlin)).toEqual({ "2026-10-24": 1, "2026-10-25": 110, "2026-10-26": 1_000 });
  });

  it("sums exactly above 2^53", async () => {
    const most = Number.MAX_SAFE_INTEGER;
    await seedOperations(
      ledger.database,
      [0, 1, 2].map((day) => ({
        startedMs: november.sinceMs + day * 86_400_000,
        attempts: [priced("m", most - day)],
      })),
    );
    expect(read(ask([]))[0]?.sums.costNano).toBe(3n * BigInt(most) - 3n);
  });

  it.each([
    [["tenant", "model"], "rollup_day"],
    [["day"], "rollup_day"],
    [[], "rollup_quarter"],
  ] as const)("finds the rows for %j of %s by the range of their key", (by, table) => {
    const source = usageSource(by).sql[table === "rollup_day" ? "day" : "quarter"];
    const plan = ledger.database
      .prepare(`EXPLAIN QUERY PLAN ${source}`)
      .all({ since: 0, until: 1, tenant: null, probes: 0 })
      .map(({ detail }) => detail);
    expect(plan.join("\n")).toContain(`SEARCH ${table} USING PRIMARY KEY (start>? AND start<?)`);
  });

  it("finds rows with tags by their time", () => {
    const { sql, parameters } = usageSource(["tag:x", "model"]);
    const plan = ledger.database
      .prepare(`EXPLAIN QUERY PLAN ${sql.day}`)
      .all({ since: 0, until: 1, tenant: null, probes: 0, ...parameters })
      .map(({ detail }) => String(detail));
    expect(plan.filter((line) => /^SCAN (operations|attempts|a|h)\b/.test(line))).toEqual([]);
    expect(plan.join("\n")).toContain("operations_started (started>? AND started<?)");
  });
});

const sumOf = (rows: readonly { readonly sums: UsageSums }[], name: keyof UsageSums) =>
  rows.reduce((sum, { sums }) => sum + sums[name], 0n);

const attempts = fc.record({
  provider: fc.constantFrom("p", "q"),
  model: fc.constantFrom("small", "large"),
  inputTokens: fc.nat(1_000),
  outputTokens: fc.nat(100),
  costNano: fc.nat(1_000_000),
  source: fc.constantFrom("reported", "estimated", "none"),
  priceVersion: fc.constantFrom("v1", "v2", null),
});
const operations: fc.Arbitrary<SeedOperation> = fc.record({
  tenant: fc.constantFrom("acme", "=cmd", "_health"),
  alias: fc.constantFrom("fast", null),
  outcome: fc.constantFrom("ok", "error", "cancelled", "unreconciled"),
  startedMs: fc.integer({ min: at("2026-10-20T00:00:00Z"), max: at("2026-11-05T00:00:00Z") }),
  tags: fc.constantFrom({}, { team: "a" }, { team: "b", "x y": "1" }),
  attempts: fc.array(attempts, { maxLength: 4 }),
});
const groupings = fc.uniqueArray(
  fc.constantFrom<Dimension>(
    ...([
      "provider",
      "model",
      "alias",
      "tenant",
      "outcome",
      "hour",
      "day",
      "week",
      "month",
      "tag:team",
    ] as const),
  ),
  { maxLength: 3 },
);

describe("sums", () => {
  it("of the rows equal the total and the raw rows, however they are grouped and wherever the range ends", async () => {
    const offsets = fc.tuple(fc.nat(16 * 96), fc.nat(16 * 96)).filter(([a, b]) => a !== b);
    await fc.assert(
      fc.asyncProperty(
        fc.array(operations, { maxLength: 25 }),
        groupings,
        offsets,
        async (seeds, by, ends) => {
          const own = await openSeedLedger();
          try {
            await seedOperations(own.database, seeds);
            const [from = 0, to = 0] = ends.toSorted((a, b) => a - b);
            const origin = at("2026-10-20T00:00:00Z");
            const range = wholeQuarters({ sinceMs: origin + from * 900_000, untilMs: origin + to * 900_000 });
            const asked = { range, by, zone: berlin, probes: true };
            const { rows, totals } = buildReport(
              own.database.read(() => readUsage(own.database, asked)),
              { by },
            );
            const raw = own.database
              .prepare(
                `SELECT (SELECT count(*) FROM operations WHERE started >= ?1 AND started < ?2) AS requests,
                 count(*) AS attempts, total(a.cost_nano) AS cost, total(a.input_tokens) AS input
               FROM attempts a JOIN operations o ON o.seq = a.operation WHERE o.started >= ?1 AND o.started < ?2`,
              )
              .get(range.sinceMs, range.untilMs);
            const sums = (["requests", "attempts", "costNano", "inputTokens"] as const).map((name) =>
              Number(sumOf(rows, name)),
            );
            expect(sums).toEqual([raw?.requests, raw?.attempts, raw?.cost, raw?.input]);
            expect(sumOf(rows, "unpriced")).toBe(totals.sums.unpriced);
            expect(totals.sums.costNano).toBe(BigInt(sums[2] ?? 0));
          } finally {
            await own.close();
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("from the rollups equal those from the rows", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operations, { maxLength: 25 }), groupings, async (seeds, by) => {
        const own = await openSeedLedger();
        try {
          await seedOperations(own.database, seeds);
          const dimensions = by.filter((dimension) => dimension !== "tag:team").slice(0, 2);
          const range = wholeQuarters({
            sinceMs: at("2026-10-20T00:00:00Z"),
            untilMs: at("2026-11-05T00:15:00Z"),
          });
          const of = (asked: readonly Dimension[]) =>
            buildReport(
              own.database.read(() =>
                readUsage(own.database, { range, by: asked, zone: berlin, probes: false }),
              ),
              { by: asked },
            ).rows.map(({ key: { "tag:none": _, ...key }, sums }) => ({ key, sums }));
          expect(of(["tag:none", ...dimensions])).toEqual(of(dimensions));
        } finally {
          await own.close();
        }
      }),
      { numRuns: 60 },
    );
  });
});
