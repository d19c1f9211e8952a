import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { openDatabase } from "../../src/store/open.ts";
import { type SeedOperation, seededNumbers, seedOperations } from "../helpers/ledger-seed.ts";
import { expectErrorText, startCli, useStage } from "./stage.ts";

const stage = useStage();
const START = Date.parse("2026-11-02T10:00:00Z");
const RANGE = ["--since", "2026-11-01", "--until", "2026-12-01"];

const SEEDS: readonly SeedOperation[] = [
  {
    id: "rq_one",
    tenant: "acme",
    startedMs: START,
    tags: { team: "=cmd" },
    attempts: [
      { provider: "p", model: "small", costNano: 2_000_000 },
      { provider: "q", model: "-large", costNano: 5_000_000, cacheReadTokens: 7 },
    ],
  },
  { id: "rq_two", startedMs: START + 1, attempts: [{ provider: "q", model: "x", priceVersion: null }] },
  { id: "rq_three", tenant: "_health", startedMs: START, attempts: [] },
];

async function placeWith(seeds: readonly SeedOperation[]) {
  const place = await stage.workplace();
  // Where both ways of running the command line look.
  for (const state of [".local/state/riptide", "riptide"]) {
    const path = join(place.folder, state, "ledger.db");
    const database = await openDatabase({ path, durability: "normal", clock: systemClock });
    await seedOperations(database, seeds);
    database.close();
  }
  return place;
}

const lines = (text: string) => text.split("\n").filter(Boolean);

describe("riptide costs export", () => {
  it("writes each request as one line of JSON, with its target and tags; probes only where they are included", async () => {
    const place = await placeWith(SEEDS);
    const { stdout } = await place.run(["costs", "export", ...RANGE, "-o", "jsonl"]);
    const rows = lines(stdout).map((line) => JSON.parse(line));
    expect(rows.map(({ id }) => id)).toEqual(["rq_one", "rq_two"]);
    expect(rows[0]).toMatchObject({
      ...{ tenant: "acme", tags: { team: "=cmd" }, started_at: "2026-11-02T10:00:00Z", outcome: "ok" },
      ...{ attempts: 2, provider: "q", model: "-large", input_tokens: 200, cost_usd: "0.007", priced: true },
    });
    expect(rows[1]).toMatchObject({ cost_usd: null, priced: false, tags: {} });
    const all = await place.run(["costs", "export", ...RANGE, "-o", "jsonl", "--include", "probe"]);
    expect(lines(all.stdout)).toHaveLength(3);
    const one = await place.run(["costs", "export", ...RANGE, "-o", "jsonl", "--tenant", "acme"]);
    expect(lines(one.stdout)).toHaveLength(1);
  });

  it("writes attempts as CSV that no spreadsheet runs; what has no price is empty", async () => {
    const place = await placeWith(SEEDS);
    const { stdout } = await place.run(["costs", "export", ...RANGE, "--kind", "attempts", "-o", "csv"]);
    const [head = "", ...rows] = stdout.split("\r\n");
    expect(rows).toHaveLength(4);
    expect(rows[1]).toContain(`rq_one,2,acme,m,,"{""team"":""=cmd""}",completion,try,q,'-large,ok,`);
    expect(rows[1]).toMatch(/,reported,,test,0\.005,true$/);
    expect(rows[2]).toMatch(/,reported,,,,false$/);
    expect(head.split(",")).toHaveLength(rows[2]?.split(",").length ?? 0);
  });

  it("writes the columns of FOCUS for -o focus: one charge for each attempt", async () => {
    const place = await placeWith(SEEDS);
    const { stdout } = await place.run(["costs", "export", ...RANGE, "-o", "focus"]);
    const [head = "", first = "", , unpriced = ""] = stdout.split("\r\n");
    const row = Object.fromEntries(head.split(",").map((name, index) => [name, first.split(",")[index]]));
    expect(row).toMatchObject({
      ...{ BilledCost: "0.002", EffectiveCost: "0.002", ListCost: "0.002", BillingCurrency: "USD" },
      ...{ ChargePeriodStart: "2026-11-02T10:00:00Z", ChargePeriodEnd: "2026-11-02T10:00:00.700Z" },
      ...{ BillingPeriodStart: "2026-11-01T00:00:00Z", BillingPeriodEnd: "2026-12-01T00:00:00Z" },
      ...{ ServiceCategory: "AI and Machine Learning", ChargeCategory: "Usage", SubAccountId: "acme" },
    });
    expect(unpriced).toMatch(/^,q,q,USD,/);
    const { code, stderr } = await place.run(["costs", "export", "--kind", "operations", "-o", "focus"]);
    expect(code).toBe(2);
    expectErrorText(stderr, "usage");
  });

  it("gives a slow reader everything, and ends quietly with one that leaves", async () => {
    const next = seededNumbers(1);
    const many = Array.from({ length: 5_000 }, (_, index) => ({
      startedMs: START + index,
      attempts: [{ provider: "p", model: `m${next(9)}`, costNano: next(1_000) }],
    }));
    const place = await placeWith(many);
    const { child, ended } = startCli(place, ["costs", "export", ...RANGE, "-o", "jsonl"]);
    if (!child.stdout) throw new Error("no stdout");
    let seen = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      JSON.parse(line);
      seen += 1;
      if (seen % 500 === 0) await new Promise((turn) => setImmediate(turn));
    }
    expect(seen).toBe(5_000);
    expect((await ended).code).toBe(0);
    const left = await place.run(["costs", "export", ...RANGE], { closeStdoutAfterBytes: 100 });
    expect(left).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("riptide costs top", () => {
  it("names the costliest requests, dearest first", async () => {
    const place = await placeWith([
      ...SEEDS,
      { id: "rq_dear", startedMs: START, attempts: [{ provider: "p", model: "m", costNano: 9_000_000_000 }] },
    ]);
    const { stdout } = await place.run(["costs", "top", ...RANGE, "-n", "2", "--json"]);
    const { schema, requests } = JSON.parse(stdout);
    expect(schema).toBe("riptide.requests/1");
    expect(requests.map(({ id, cost_usd: cost }: { id: string; cost_usd: string }) => [id, cost])).toEqual([
      ["rq_dear", "9"],
      ["rq_one", "0.007"],
    ]);
    const text = await place.run(["costs", "top", ...RANGE]);
    expect(text.stdout).toMatch(/^ *rq_dear {2}2026-11-02T10:00:00Z {2}default {2}p\/m +\$9\.00 {2}ok$/m);
    expect(text.stdout).toMatch(/^ *rq_two .* unpriced {2}ok$/m);
  });
});
