import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Config } from "../../src/config/config.ts";
import { DAY_MS, HOUR_MS } from "../../src/core/period.ts";
import type { Price } from "../../src/ledger/price.ts";
import { UTC } from "../../src/ledger/zone.ts";
import { insightsDocument, insightsText } from "../../src/output/insights.ts";
import { readInsights } from "../../src/output/read-insights.ts";
import { workspace } from "../config/workspace.ts";
import {
  openSeedLedger,
  type SeedAttempt,
  type SeedOperation,
  seedOperations,
} from "../helpers/ledger-seed.ts";

const NOW_MS = Date.parse("2026-11-29T00:00:00Z");
const SINCE_MS = NOW_MS - 28 * DAY_MS;
const YAML = `version: 1
providers:
${["big", "small", "flaky", "steady", "warm"].map((name) => `  ${name}: { type: mock }\n`).join("")}
models:
  smart: { targets: [big/x, small/y] }
  chat: { targets: [flaky/z, steady/w] }
  notes: { targets: [steady/w] }
  long: { targets: [warm/c] }
tenants: { list: { acme: { budgets: [{ limit: 0.9, period: month, on_exceeded: reject }] } } }
`;
const price = (input: number, output: number, cached = input): Price => ({
  ...{ inputNano: input * 1e9, outputNano: output * 1e9, cacheReadNano: cached * 1e9 },
});
const PRICES = new Map<string, Price>([
  ["big/x", price(2, 8)],
  ["small/y", price(0.4, 1.6)],
  ["flaky/z", price(1, 1)],
  ["steady/w", price(1, 1)],
  ["warm/c", price(2, 8, 0.5)],
]);

/** So many requests, evenly over the range or a part of it. */
const spread = (
  count: number,
  seed: Omit<SeedOperation, "startedMs">,
  fromDay = 0,
  toDay = 28,
): SeedOperation[] =>
  Array.from({ length: count }, (_, at) => ({
    ...seed,
    startedMs: Math.floor(SINCE_MS + (fromDay + ((at + 0.5) / count) * (toDay - fromDay)) * DAY_MS),
  }));
const usd = (amount: number) => Math.round(amount * 1e9);

const big: SeedAttempt = {
  provider: "big",
  model: "x",
  inputTokens: 1_000,
  outputTokens: 100,
  costNano: usd(0.0028),
};
const steady: SeedAttempt = { provider: "steady", model: "w", inputTokens: 1_000, costNano: usd(0.001) };
const failed: SeedAttempt = { provider: "flaky", model: "z", costNano: usd(0.003), code: "provider_error" };
const again: SeedAttempt = { ...steady, costNano: usd(0.002), code: "overloaded" };
const warm: SeedAttempt = { provider: "warm", model: "c", inputTokens: 2_000, costNano: usd(0.004) };

const WASTE: readonly SeedOperation[] = [
  ...spread(300, { tenant: "acme", alias: "smart", attempts: [big] }),
  ...spread(60, { tenant: "labs", alias: "chat", attempts: [failed, steady] }),
  ...spread(10, { tenant: "labs", alias: "chat", attempts: [again, { ...steady, kind: "repair" }] }),
  ...spread(5, {
    ...{ tenant: "labs", alias: "chat", outcome: "error" },
    attempts: [again, { ...again, kind: "repair" }],
  }),
  ...spread(40, { tenant: "grow", alias: "notes", attempts: [steady] }, 0, 14),
  ...spread(40, { tenant: "grow", alias: "notes", attempts: [{ ...steady, inputTokens: 3_000 }] }, 14, 28),
  ...spread(297, { tenant: "odd", alias: "notes", attempts: [steady] }),
  ...spread(3, { tenant: "odd", alias: "notes", attempts: [{ ...steady, costNano: usd(0.5) }] }),
  ...spread(50, { tenant: "raw", alias: "long", attempts: [warm] }),
  ...spread(50, { tenant: "wise", alias: "long", attempts: [{ ...warm, cacheReadTokens: 1_200 }] }),
];

const CLEAN: readonly SeedOperation[] = [
  ...spread(300, {
    tenant: "acme",
    alias: "smart",
    attempts: [{ ...big, provider: "small", model: "y", costNano: usd(0.00056) }],
  }),
  ...spread(300, { tenant: "labs", alias: "notes", attempts: [steady] }),
  ...spread(100, { tenant: "wise", alias: "long", attempts: [{ ...warm, cacheReadTokens: 1_200 }] }),
  // One failure in a hundred, and one repair, happen to everybody.
  ...spread(3, {
    tenant: "labs",
    alias: "notes",
    attempts: [{ ...steady, costNano: 0, code: "overloaded" }, steady],
  }),
];

let config: Config;
let place: ReturnType<typeof workspace>;
beforeAll(async () => {
  place = workspace();
  ({ config } = await place.loadText(YAML));
});
afterAll(() => place.remove());

async function foundIn(operations: readonly SeedOperation[], tenant?: string) {
  const { database, close } = await openSeedLedger();
  await seedOperations(database, operations);
  const wanted = { range: { sinceMs: SINCE_MS, untilMs: NOW_MS }, zone: UTC, tenant };
  const source = { database, config, prices: PRICES, nowMs: NOW_MS - HOUR_MS };
  const found = database.read(() => readInsights(wanted, source));
  await close();
  return found;
}

describe("findings in a ledger", () => {
  it("are the waste that is in it, each with what it would save", async () => {
    const found = await foundIn(WASTE);
    expect(found.requests).toBe(855);
    expect(found.insights.map(({ rule, tenant, savingNano }) => [rule, tenant, savingNano / 1e9])).toEqual([
      // The dearest three of 300: $0.499 beyond the others' $0.001 each.
      ["outlier_requests", "odd", 1.497],
      // 300 requests of $0.0028, which are $0.00056 at the other target.
      ["cheaper_target", "acme", 0.672],
      // 60 attempts of $0.003.
      ["failed_spend", "labs", 0.18],
      // 60,000 of 100,000 tokens, as the other tenant has, for $0.5 in place of $2 a million.
      ["cache_unused", "raw", 0.09],
      // 40 prompts of 2,000 tokens more, for $1 a million.
      ["prompt_growth", "grow", 0.08],
      // Ten first tries and five whose repair failed as well: 20 attempts of $0.002.
      ["repair_overhead", "labs", 0.04],
      ["tenant_limits", "acme", 0],
      ["unreliable_provider", null, 0],
    ]);
  });

  it("are none in a clean one, and in an empty one", async () => {
    expect((await foundIn(CLEAN)).insights).toEqual([]);
    expect(await foundIn([])).toMatchObject({ requests: 0, costNano: 0, insights: [] });
  });

  it("are of one tenant alone where that is asked for", async () => {
    const found = await foundIn(WASTE, "labs");
    expect(found.insights.map(({ rule }) => rule)).toEqual([
      ...["failed_spend", "repair_overhead", "unreliable_provider"],
    ]);
    expect(found.requests).toBe(75);
  });

  it("are documents with all that a finding carries, and lines for people", async () => {
    const found = await foundIn(WASTE);
    const document = insightsDocument(found);
    expect(Object.keys(document)).toEqual([
      ...["schema", "range", "requests", "cost_usd", "insights", "unavailable"],
    ]);
    expect(document).toMatchObject({
      schema: "riptide.insights/1",
      range: { since: "2026-11-01T00:00:00Z", until: "2026-11-29T00:00:00Z", tz: "UTC" },
    });
    const insights = Array.isArray(document.insights) ? document.insights : [];
    for (const insight of insights)
      expect(Object.keys(insight ?? {})).toEqual([
        ...["rule", "tenant", "summary", "evidence", "method", "saving_usd", "confidence", "apply"],
      ]);
    expect(insights[1]).toMatchObject({ rule: "cheaper_target", saving_usd: "0.672", confidence: "low" });
    const text = insightsText(found, false);
    expect(text).toContain("cheaper_target · tenant acme · saves $0.6720 · confidence low\n");
    expect(text).toContain("  do: riptide costs top -n 3 --tenant odd --since 2026-11-01T00:00:00Z\n");
    expect(text).toContain("  do, in providers.yaml:\n    models:\n      smart:\n");
  });
});
