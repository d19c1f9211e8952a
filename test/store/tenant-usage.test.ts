import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { suspend } from "../../src/store/marks.ts";
import { NO_USAGE, readTenantUsage, seenTenants } from "../../src/store/tenant-usage.ts";
import { openSeedLedger, seedOperations } from "../helpers/ledger-seed.ts";

let ledger: Awaited<ReturnType<typeof openSeedLedger>>;
beforeEach(async () => {
  ledger = await openSeedLedger();
});
afterEach(() => ledger.close());

const NOON = Date.parse("2026-11-20T12:00:30Z");
const DAY = 86_400_000;
const run = (sql: string, ...values: readonly (number | string)[]) =>
  ledger.database.prepare(sql).run(...values);
const seed = (tenant: string, startedMs: number, costNano = 5) =>
  seedOperations(ledger.database, [
    {
      tenant,
      startedMs,
      attempts: [
        { provider: "p", model: "m", inputTokens: 100, outputTokens: 10 },
        { provider: "p", model: "n", inputTokens: 20, outputTokens: 1, costNano },
      ],
    },
  ]);

function reserve(tenant: string, startedMs: number, tokens: number): void {
  const { lastInsertRowid } = run(
    `INSERT INTO operations (id, tenant, requested_model, class, dialect, strategy, config_revision, generation, stream,
       via, started, state, reserved_nano) VALUES (?, ?, 'm', 'completion', 'cli', 's', 'r', 0, 0, 'v', ?, 'held', 0)`,
    ...[`rq_${tenant}_${startedMs}`, tenant, startedMs],
  );
  run(
    `INSERT INTO reservations (operation, tenant, held_nano, tokens, owner_pid, owner_started, owner_boot, expires)
     VALUES (?, ?, 0, ?, 1, 1, 'b', 0)`,
    ...[Number(lastInsertRowid), tenant, tokens],
  );
}

const usageOf = (tenant: string) => readTenantUsage(ledger.database, [tenant], NOON).get(tenant);

describe("what a tenant has used", () => {
  it("is nothing where the ledger has nothing of it", () => {
    expect(usageOf("acme")).toEqual(NO_USAGE);
  });

  it("counts requests of the last minute once, and the tokens of all their attempts", async () => {
    await seed("acme", NOON - 59_999);
    await seed("acme", NOON - 60_000);
    await seed("other", NOON - 1_000);
    expect(usageOf("acme")).toMatchObject({ requestsThisMinute: 1, tokensThisMinute: 131 });
  });

  it("counts what is running: its place always, its reserved tokens while it is of this minute", async () => {
    reserve("acme", NOON - 1_000, 700);
    reserve("acme", NOON - 120_000, 9_000);
    reserve("other", NOON, 1);
    expect(usageOf("acme")).toMatchObject({ inFlight: 2, requestsThisMinute: 1, tokensThisMinute: 700 });
  });

  it("counts the cost of this clock hour only, as the budget of an hour does (TA-8)", async () => {
    await seed("acme", NOON - 1_000, 5);
    await seed("acme", NOON - 3_600_000, 900);
    expect(usageOf("acme")?.costThisHourNano).toBe(5);
  });

  it("counts refusals of 24 hours, whatever their code", () => {
    const hour = NOON - 30_000;
    for (const [tenant, at, code, count] of [
      ["acme", hour, "tenant_busy", 2],
      ["acme", hour - 23 * 3_600_000, "budget_exceeded", 3],
      ["acme", hour - 24 * 3_600_000, "budget_exceeded", 50],
      ["other", hour, "tenant_busy", 70],
    ] as const) {
      run("INSERT INTO refusals VALUES (?, ?, ?, ?)", tenant, at, code, count);
    }
    expect(usageOf("acme")?.refusals24h).toBe(5);
  });

  it("tells the state of its limiters", () => {
    run("INSERT INTO limiter VALUES ('acme', 'tokens', 42), ('other', 'requests', 7)");
    expect(usageOf("acme")).toMatchObject({ requestsTatUs: undefined, tokensTatUs: 42 });
  });
});

describe("the tenants a ledger knows", () => {
  it("have had a request since, have one running, or are suspended", async () => {
    await seed("b-recent", NOON - DAY);
    await seed("old", NOON - 40 * DAY);
    reserve("a-running", NOON, 1);
    await suspend(ledger.database, "c-suspended", NOON);
    expect(seenTenants(ledger.database, NOON - 30 * DAY)).toEqual(["a-running", "b-recent", "c-suspended"]);
  });
});
