import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { readStats, wantedStats } from "../../src/output/read-stats.ts";
import { peakLine, sloLines, statsDocument, statsTable } from "../../src/output/stats.ts";
import { errorOf, workspace } from "../config/workspace.ts";
import { openSeedLedger, type SeedAttempt, seedOperations } from "../helpers/ledger-seed.ts";

const NOW_MS = Date.parse("2026-11-20T12:00:00Z");
const SINCE_MS = NOW_MS - 3 * 3_600_000;
const YAML = `version: 1
providers:
  p: { type: mock, slo: { success: 0.9, first_token_p95: 20ms, total_p95: 2s } }
  q: { type: mock }
models:
  smart: { targets: [p/m, q/n], slo: { success: 0.5 } }
`;
const p = (ms: number, more: Partial<SeedAttempt> = {}): SeedAttempt => ({
  ...{ provider: "p", model: "m", ms, firstTokenMs: Math.round(ms / 10), outputTokens: 30 },
  ...more,
});
const q: SeedAttempt = { provider: "q", model: "n", ms: 400, outputTokens: 30 };

/** Three answers of p; one that q gave after p failed; one of p's repairs; one cancelled; ten failures in a row. */
const OPERATIONS = [
  ...[100, 200, 300].map((ms) => ({ startedMs: SINCE_MS, alias: "smart", attempts: [p(ms)] })),
  { startedMs: SINCE_MS + 1, alias: "smart", attempts: [p(50, { code: "overloaded" }), q] },
  {
    ...{ startedMs: SINCE_MS + 2, alias: "smart", tenant: "acme" },
    attempts: [p(50, { code: "provider_error" }), p(100, { kind: "repair" })],
  },
  { startedMs: SINCE_MS + 3, alias: "smart", outcome: "cancelled", attempts: [p(10)] },
  ...Array.from({ length: 10 }, (_, at) => ({
    ...{ startedMs: SINCE_MS + 3_600_000 + at, outcome: "error" as const },
    attempts: [p(5, { code: "overloaded" })],
  })),
] as const;

let place: ReturnType<typeof workspace>;
let ledger: Awaited<ReturnType<typeof openSeedLedger>>;
let read: (flags: Readonly<Record<string, string>>) => ReturnType<typeof readStats>;
beforeAll(async () => {
  place = workspace();
  ledger = await openSeedLedger();
  const { database } = ledger;
  const { config } = await place.loadText(YAML);
  await seedOperations(database, OPERATIONS);
  const probe = database.prepare(
    "INSERT INTO probes (provider, endpoint, level, status, at) VALUES (?, 'e', ?, ?, ?)",
  );
  for (const [level, status] of [
    ["reach", "fail"],
    ["config", "pass"],
    ["auth", "unknown"],
  ] as const)
    probe.run("p", level, status, SINCE_MS + 2 * 3_600_000);
  read = (flags) => {
    const words = { has: (name: string) => name in flags, value: (name: string) => flags[name] };
    const wanted = wantedStats(words, NOW_MS);
    return database.read(() => readStats(wanted, { database, config }));
  };
});
afterAll(async () => {
  place.remove();
  await ledger.close();
});

describe("stats of a ledger", () => {
  it("by model have the figures of its attempts", () => {
    const [first, second, ...others] = read({ since: "4h", by: "model" }).rows;
    expect(others).toEqual([]);
    expect(first).toEqual({
      key: { model: "p/m" },
      // Three answers, a repaired one, one cancelled, ten that failed; one more attempt was left for q.
      ...{ requests: 15, attempts: 17, successRate: 4 / 16 },
      firstToken: { p50Ms: 10, p95Ms: 30, p99Ms: 30 },
      total: { p50Ms: 100, p95Ms: 300, p99Ms: 300 },
      tokensPerS: 120 / 0.7,
      ...{ failovers: 1, repairs: 1, avgProvidersTried: 1 },
      // Up in the quarter that answered; down in that of ten failures and that of the failed probe.
      ...{ circuitOpens: 1, uptime: 1 / 3 },
      errors: [
        { code: "overloaded", count: 11 },
        { code: "provider_error", count: 1 },
      ],
    });
    expect(second).toMatchObject({
      requests: 1,
      attempts: 1,
      successRate: 1,
      avgProvidersTried: 2,
      uptime: 1,
    });
  });

  it("by alias have those of whole requests", () => {
    const rows = read({ since: "4h", by: "alias" }).rows;
    expect(rows.map(({ key, requests, successRate }) => [key.alias, requests, successRate])).toEqual([
      [null, 10, 0],
      ["smart", 6, 1],
    ]);
    // 100, 150, 200, 300 and 450 ms; the repaired one and the one of q took their failed tries, too.
    expect(rows[1]?.total).toEqual({ p50Ms: 200, p95Ms: 450, p99Ms: 450 });
  });

  it("are those of one tenant where it is asked for", () => {
    expect(read({ since: "4h", tenant: "acme" }).rows).toMatchObject([
      { requests: 1, attempts: 2, repairs: 1 },
    ]);
  });

  it("count requests by the hour of the zone", () => {
    const berlin = read({ since: "4h", tz: "Europe/Berlin" });
    expect(berlin.hours.flatMap((count, hour) => (count > 0 ? [[hour, count]] : []))).toEqual([
      [10, 6],
      [11, 10],
    ]);
    expect(peakLine(berlin)).toBe("peak hours (Europe/Berlin): 11:00 62.5%, 10:00 37.5%");
  });

  it("hold the targets of the configuration against what was seen", () => {
    expect(sloLines(read({ since: "4h" }).slos)).toEqual([
      "slo provider p success: missed, 25% of 17, wanted at least 90%",
      "slo provider p first_token_p95: missed, 30 ms of 17, wanted at most 20 ms",
      "slo provider p total_p95: met, 300 ms of 17, wanted at most 2 s",
      "slo alias smart success: met, 100% of 6, wanted at least 50%",
    ]);
  });

  it("are empty where nothing happened", () => {
    const nothing = read({ since: "2026-11-01", until: "2026-11-02" });
    expect(nothing).toMatchObject({ rows: [], timed: 0 });
    expect(nothing.slos.map(({ isMet }) => isMet)).toEqual([null, null, null, null]);
    expect(peakLine(nothing)).toBeUndefined();
  });

  it("refuse a dimension there is not", async () => {
    const { code, message } = await errorOf((async () => read({ by: "provider,day" }))());
    expect(code).toBe("usage");
    expect(message).toContain('not "provider,day"');
  });
});

describe("stats for programs and people", () => {
  it("are a document with these members", () => {
    const document = statsDocument(read({ since: "4h", by: "provider,model" }));
    expect(Object.keys(document)).toEqual([
      ...["schema", "range", "by", "rows", "slos", "peak_hours", "timed_answers"],
    ]);
    expect(document).toMatchObject({
      schema: "riptide.stats/1",
      by: ["provider", "model"],
      timed_answers: 5,
    });
    expect(document.peak_hours).toHaveLength(24);
    expect(document.rows).toMatchObject([
      {},
      {
        key: { provider: "q", model: "q/n" },
        ...{ requests: 1, attempts: 1, success_rate: 1, tokens_per_s: 75 },
        first_token_ms: { p50: null, p95: null, p99: null },
        total_ms: { p50: 400, p95: 400, p99: 400 },
        ...{ failovers: 0, repairs: 0, avg_providers_tried: 2, circuit_opens: 0, uptime: 1, errors: [] },
      },
    ]);
    expect(document.slos).toMatchObject([
      { scope: "provider", name: "p", metric: "success", target: 0.9, actual: 0.25, met: false, samples: 17 },
      ...[{}, {}, {}],
    ]);
  });

  it("are a table in which a model stands with its provider", () => {
    const { columns, rows } = statsTable(read({ since: "4h", by: "provider,model" }));
    expect(columns.map(({ head }) => head)).toEqual([
      ...[
        "model",
        "requests",
        "success",
        "ttft p50",
        "ttft p95",
        "p50",
        "p95",
        "p99",
        "tok/s",
        "opens",
        "uptime",
      ],
      "errors",
    ]);
    expect(rows[0]).toEqual([
      ...["p/m", "15", "25%", "10 ms", "30 ms", "100 ms", "300 ms", "300 ms", "171", "1", "33.33%"],
      "overloaded 11, provider_error 1",
    ]);
  });
});
