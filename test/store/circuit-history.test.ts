import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AttemptLine } from "../../src/ledger/settlement.ts";
import {
  autoCircuit,
  circuitHistory,
  forceCircuit,
  resetCircuit,
  tripCircuit,
} from "../../src/store/circuits.ts";
import { recordProbes } from "../../src/store/probes.ts";
import { sampleReader } from "../../src/store/samples.ts";
import { settleNow } from "../../src/store/settle.ts";
import { openSeedLedger } from "../helpers/ledger-seed.ts";
import { settlementFor } from "../helpers/ledger-settlements.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

const NOON = Date.parse("2026-11-20T12:00:00Z");
let ledger: Awaited<ReturnType<typeof openSeedLedger>>;
let count = 0;
beforeEach(async () => {
  ledger = await openSeedLedger();
});
afterEach(() => ledger.close());

/** Books an operation with these attempts. */
async function book(...lines: readonly Partial<AttemptLine>[]): Promise<void> {
  count += 1;
  const base = settlementFor(`rq_${count}`, NOON);
  const [first] = base.attempts;
  if (!first) throw new Error("a settlement has an attempt");
  const attempts = lines.map((line, index) => ({ ...first, n: index + 1, ...line }));
  await ledger.database.transact(() => settleNow(ledger.database, { ...base, attempts }, NOON));
}
const history = () => circuitHistory(ledger.database, () => NOON);

describe("what breakers are folded from (CB-13)", () => {
  it("is each attempt since a moment, in order of its end, with how it counted", async () => {
    await book(
      { endedMs: NOON + 30, effect: "failure", trial: true },
      { endedMs: NOON + 10, effect: "success" },
    );
    await book({ endedMs: NOON + 20, effect: "ignored", code: "rate_limited" }, { endedMs: NOON - 1 });
    const row = { endpoint: "e", class: "completion", trial: false, rateLimited: false };
    expect(history().outcomes(NOON)).toEqual([
      { ...row, endedMs: NOON + 10, effect: "success" },
      { ...row, endedMs: NOON + 20, effect: "ignored", rateLimited: true },
      { ...row, endedMs: NOON + 30, effect: "failure", trial: true },
    ]);
  });

  it("is read from the index alone", async () => {
    const plan = ledger.database
      .prepare(
        "EXPLAIN QUERY PLAN SELECT ended, endpoint, class, effect FROM attempts WHERE ended >= 0 ORDER BY ended",
      )
      .all();
    expect(JSON.stringify(plan)).toContain("COVERING INDEX attempts_ended");
  });

  it("holds what asks to be left alone still (HO-4)", async () => {
    await book(
      { code: "auth_failed", holdUntilMs: NOON + 60_000 },
      { code: "rate_limited", holdUntilMs: NOON },
    );
    expect(history().holds(NOON)).toEqual([
      { endpoint: "e", model: "m", code: "auth_failed", endedMs: NOON + 10, untilMs: NOON + 60_000 },
    ]);
  });

  it("holds every model of a provider that asked a probe to leave it alone (HM-3)", async () => {
    const probe = { provider: "a", endpoint: "e", status: "unknown", latencyMs: 3, level: "auth" } as const;
    const limited = { ...probe, code: "rate_limited", atMs: NOON - 5 };
    await recordProbes(ledger.database, [
      { ...limited, holdUntilMs: NOON + 7 },
      { ...limited, holdUntilMs: NOON },
      { ...probe, code: null, atMs: NOON },
    ]);
    expect(history().holds(NOON)).toEqual([
      { endpoint: "e", model: "", code: "rate_limited", endedMs: NOON - 5, untilMs: NOON + 7 },
    ]);
  });
});

describe("an operator's marks (CB-10)", () => {
  const marks = () => history().marks();

  it("are kept for every process until they end or are taken back", async () => {
    const { database } = ledger;
    await tripCircuit(database, "a", { nowMs: NOON - 10, untilMs: NOON + 5 });
    await forceCircuit(database, "b", { state: "closed", nowMs: NOON - 5, untilMs: NOON + 9 });
    expect(marks()).toEqual([
      { kind: "trip", provider: "a", state: "open", atMs: NOON - 10, untilMs: NOON + 5 },
      { kind: "force", provider: "b", state: "closed", atMs: NOON - 5, untilMs: NOON + 9 },
    ]);
    expect(circuitHistory(database, () => NOON + 5).marks()).toHaveLength(1);
    expect([await autoCircuit(database, "b"), await autoCircuit(database, "b")]).toEqual([true, false]);
    expect(marks()).toHaveLength(1);
  });

  it("a reset ends a trip, and no force", async () => {
    const { database } = ledger;
    await tripCircuit(database, "a", { nowMs: NOON, untilMs: NOON + 5 });
    await forceCircuit(database, "a", { state: "open", nowMs: NOON, untilMs: NOON + 5 });
    await resetCircuit(database, "a", NOON + 1);
    expect(marks().map(({ kind, atMs }) => [kind, atMs - NOON])).toEqual([
      ["force", 0],
      ["reset", 1],
    ]);
  });
});

it("samples are what completions showed, the newest first, probes left out", async () => {
  await book(
    { endedMs: NOON + 1, firstTokenMs: 7, startedMs: NOON - 9, effect: "success" },
    { endedMs: NOON + 2, effect: "failure" },
    { endedMs: NOON + 3, kind: "probe" },
  );
  const read = sampleReader(ledger.database, virtualClock());
  expect(read(NOON)).toMatchObject([
    { endedMs: NOON + 2, effect: "failure", ttftMs: null },
    {
      provider: "p",
      model: "m",
      endpoint: "e",
      effect: "success",
      ttftMs: 7,
      totalMs: 10,
      endedMs: NOON + 1,
    },
  ]);
});

it("samples are read again after a second, or for an earlier moment", async () => {
  const clock = virtualClock();
  const read = sampleReader(ledger.database, clock);
  const known = (sinceMs: number) => read(sinceMs).map(({ endedMs }) => endedMs - NOON);
  await book({ endedMs: NOON + 1 });
  expect(known(NOON)).toEqual([1]);
  await book({ endedMs: NOON + 2 });
  await clock.advance(999);
  expect([known(NOON), known(NOON - 1), known(NOON)]).toEqual([[1], [2, 1], [2, 1]]);
  await book({ endedMs: NOON + 3 });
  await clock.advance(1_000);
  expect(known(NOON)).toEqual([3, 2, 1]);
});
