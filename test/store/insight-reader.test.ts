import { afterEach, beforeEach, expect, it } from "vitest";
import { readLongPrompts, readMedians, readTraffic } from "../../src/store/insight-reader.ts";
import { rowsWanted } from "../../src/store/sequence.ts";
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

const SINCE_MS = Date.parse("2026-11-20T00:00:00Z");
const range = { sinceMs: SINCE_MS, untilMs: SINCE_MS + 3_600_000 };
const tried = (inputTokens: number, more: Partial<SeedAttempt> = {}): SeedAttempt => ({
  ...{ provider: "p", model: "m", inputTokens, outputTokens: 1, costNano: 1 },
  ...more,
});
const asked = (attempts: readonly SeedAttempt[], more: Partial<SeedOperation> = {}): SeedOperation => ({
  ...{ tenant: "acme", alias: "smart", startedMs: SINCE_MS, attempts },
  ...more,
});

it("long prompts are added up under the highest bound that each of them passes", async () => {
  const { database } = ledger;
  await seedOperations(database, [
    ...[100, 101, 150, 200, 201, 900].map((tokens) => asked([tried(tokens)])),
    asked([tried(500, { code: "overloaded" }), tried(50)]),
    asked([tried(800)], { startedMs: range.untilMs }),
  ]);
  const found = database.read(() => {
    const rows = rowsWanted(database, { range });
    return rows ? readLongPrompts(database, rows, [200, 100]) : [];
  });
  expect(
    found.map(({ aboveTokens, inputTokens, outputTokens }) => [aboveTokens, inputTokens, outputTokens]),
  ).toEqual([
    [100, 101 + 150 + 200, 3],
    [200, 201 + 900, 2],
  ]);
  expect(database.read(() => readLongPrompts(database, { first: 1, last: 9 }, []))).toEqual([]);
});

it("the median of a target's answers is known to the bound of its histogram", async () => {
  const { database } = ledger;
  const times = (model: string, ...all: readonly number[]) =>
    all.map((ms) => asked([tried(1, { model, ms })]));
  await seedOperations(database, [
    ...times("even", 200, 200, 400, 400),
    ...times("odd", 200, 400, 400),
    ...times("slow", 200, 60_000, 60_000),
    asked([tried(1, { model: "lost", code: "overloaded" })], { outcome: "error" }),
  ]);
  expect([...database.read(() => readMedians(database, range))]).toEqual([
    ["p/even", 250],
    ["p/odd", 500],
  ]);
});

it("traffic is added up over the outcomes wanted, and is that of one tenant where it is asked for", async () => {
  const { database } = ledger;
  await seedOperations(database, [
    asked([tried(10)]),
    asked([tried(20)], { outcome: "error" }),
    asked([tried(40)], { outcome: "unreconciled" }),
    asked([tried(80)], { tenant: "labs", alias: null }),
  ]);
  const read = (tenant: string | undefined, ...outcomes: readonly string[]) =>
    database
      .read(() => readTraffic(database, { range, tenant }, outcomes))
      .map(({ tenant: whose, alias, requests, inputTokens }) => [whose, alias, requests, inputTokens]);
  expect(read(undefined, "ok", "error")).toEqual(
    expect.arrayContaining([
      ["acme", "smart", 2, 30],
      ["labs", "", 1, 80],
    ]),
  );
  expect(read("acme", "ok")).toEqual([["acme", "smart", 1, 10]]);
});
