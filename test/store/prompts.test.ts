import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readOutputLimits, readRepeatedPrompts } from "../../src/store/prompts.ts";
import { rowsWanted } from "../../src/store/sequence.ts";
import { settleNow } from "../../src/store/settle.ts";
import { openSeedLedger } from "../helpers/ledger-seed.ts";
import { settlementFor } from "../helpers/ledger-settlements.ts";

let ledger: Awaited<ReturnType<typeof openSeedLedger>>;
beforeEach(async () => {
  ledger = await openSeedLedger();
});
afterEach(() => ledger.close());

const NOON = Date.parse("2026-11-20T12:00:00Z");
const RANGE = { sinceMs: NOON, untilMs: NOON + 3_600_000 };

interface Asked {
  readonly tenant?: string;
  readonly prompt?: string;
  readonly maxTokens?: number;
  readonly costNano?: number;
  readonly outputTokens?: number;
  readonly isLost?: boolean;
  readonly startedMs?: number;
}

let made = 0;

/** Books requests, each by one attempt. */
async function book(...requests: readonly Asked[]) {
  const { database } = ledger;
  await database.transact(() => {
    for (const {
      tenant = "acme",
      prompt,
      maxTokens,
      costNano = 10,
      outputTokens = 5,
      isLost,
      startedMs,
    } of requests) {
      made += 1;
      const settlement = settlementFor(`rq_${made}`, startedMs ?? NOON);
      const [line] = settlement.attempts;
      if (!line) throw new Error("a settlement without an attempt");
      const charge = { ...line.charge, costNano, outputTokens };
      settleNow(
        database,
        {
          ...settlement,
          operation: { ...settlement.operation, tenant, promptDigest: prompt, maxTokens },
          ...(isLost && { outcome: "error" as const, winner: null }),
          attempts: [{ ...line, charge }],
        },
        NOON,
      );
    }
  });
}

function read<T>(
  reader: (database: typeof ledger.database, rows: NonNullable<ReturnType<typeof rowsWanted>>) => T,
) {
  const { database } = ledger;
  return database.read(() => {
    const rows = rowsWanted(database, { range: RANGE });
    return rows && reader(database, rows);
  });
}
const repeated = () =>
  read(readRepeatedPrompts)?.map(({ tenant, prompts, requests, repeatedNano }) => [
    tenant,
    prompts,
    requests,
    repeatedNano,
  ]);

describe("prompts that were sent again", () => {
  it("cost what all but the first of each did, in each tenant for itself", async () => {
    await book(
      ...[100, 7, 7].map((costNano) => ({ prompt: "hello", costNano })),
      ...[50, 3].map((costNano) => ({ prompt: "bye", costNano })),
      ...[{ prompt: "once" }, {}, {}],
      ...[1, 2].map((costNano) => ({ tenant: "labs", prompt: "hello", costNano })),
    );
    expect(repeated()).toEqual([
      ["acme", 2, 5, 17],
      ["labs", 1, 2, 2],
    ]);
  });

  it("are those that were answered in the range", async () => {
    await book(
      { prompt: "hello" },
      { prompt: "hello", isLost: true },
      { prompt: "hello", startedMs: RANGE.untilMs },
      { prompt: "hello", tenant: "_health" },
      { prompt: "hello", tenant: "_health" },
    );
    expect(repeated()).toEqual([]);
  });

  it("are known by a hash that no other ledger makes of them, and that does not hold the digest", async () => {
    const hashIn = ({ database }: typeof ledger): Buffer =>
      Buffer.from(
        (database.prepare("SELECT prompt_hash FROM operations LIMIT 1").get()?.prompt_hash ??
          []) as Uint8Array,
      );
    await book({ prompt: "abcd" });
    const first = hashIn(ledger);
    await ledger.close();
    ledger = await openSeedLedger();
    await book({ prompt: "abcd" });
    expect(first).toHaveLength(16);
    expect(hashIn(ledger)).toHaveLength(16);
    expect(hashIn(ledger).equals(first)).toBe(false);
    expect(first.toString("latin1")).not.toContain("abcd");
  });
});

it("limits on answers stand beside the longest answer, of requests that set one", async () => {
  await book(
    { maxTokens: 1_000, outputTokens: 20 },
    { maxTokens: 400, outputTokens: 90, costNano: 30 },
    { outputTokens: 9_999 },
    { maxTokens: 5, isLost: true },
  );
  expect(read(readOutputLimits)).toMatchObject([
    { tenant: "acme", requests: 2, leastLimit: 400, longestOutput: 90, costNano: 40 },
  ]);
});
