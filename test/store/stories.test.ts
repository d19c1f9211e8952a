import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AttemptLine, Settlement } from "../../src/ledger/settlement.ts";
import { insertOperation } from "../../src/store/operations.ts";
import { settleNow } from "../../src/store/settle.ts";
import { readStory } from "../../src/store/stories.ts";
import { openSeedLedger, seedOperations } from "../helpers/ledger-seed.ts";
import { settlementFor } from "../helpers/ledger-settlements.ts";

const NOON = Date.parse("2026-11-20T12:00:00Z");
let ledger: Awaited<ReturnType<typeof openSeedLedger>>;
beforeEach(async () => {
  ledger = await openSeedLedger();
});
afterEach(() => ledger.close());

const settle = (settlement: Settlement) =>
  ledger.database.transact(() => settleNow(ledger.database, settlement, NOON));
const book = (id: string) => settle(settlementFor(id, NOON));
const read = (id: string | null) => readStory(ledger.database, id);
const idOf = (id: string | null) => read(id).operation.id;

describe("a request's story", () => {
  it("has the operation, its decision and each attempt as they were settled", async () => {
    const plain = settlementFor("rq_1", NOON, 1_000);
    const [line] = plain.attempts;
    if (!line) throw new Error("a settlement has an attempt");
    const failed: Partial<AttemptLine> = {
      ...{ outcome: "error", code: "rate_limited", effect: "ignored", trial: true, ambiguous: true },
      ...{ holdUntilMs: NOON + 5, status: 429 },
    };
    await settle({
      ...plain,
      attempts: [
        { ...line, ...failed },
        { ...line, n: 2, kind: "repair" },
      ],
      winner: 2,
    });
    const { operation, decision, attempts, heldNano } = read("rq_1");
    expect(operation).toMatchObject({ id: "rq_1", state: "settled", outcome: "ok", costNano: 2_000 });
    expect([decision, heldNano]).toEqual([{ order: ["p/m"], skipped: [] }, 0]);
    expect(attempts).toMatchObject([
      { n: 1, kind: "try", ...failed },
      { n: 2, kind: "repair", outcome: "ok", code: null, effect: "success", trial: false, ambiguous: false },
    ]);
  });

  it("has no decision and no attempt yet while the request runs", async () => {
    const { operation } = settlementFor("rq_1", NOON);
    await ledger.database.transact(() => insertOperation(ledger.database, operation, { reservedNano: 9 }));
    expect(read("rq_1")).toMatchObject({
      operation: { state: "held", outcome: null, reservedNano: 9 },
      decision: null,
      attempts: [],
    });
  });

  it("knows no outcome of a request whose process died (LG-10)", async () => {
    const attempts = [{ provider: "p", model: "m", costNano: 7, source: "unreconciled" }] as const;
    await seedOperations(ledger.database, [
      { id: "rq_1", startedMs: NOON, outcome: "unreconciled", attempts },
    ]);
    expect(read("rq_1").operation).toMatchObject({ state: "unreconciled", outcome: null, costNano: 7 });
  });

  it("is found by the beginning of an id that no other request shares, and by a whole id that begins others", async () => {
    for (const id of ["rq_01A", "rq_01AB", "rq_02C"]) await book(id);
    expect([idOf("rq_01A"), idOf("rq_01AB"), idOf("rq_02")]).toEqual(["rq_01A", "rq_01AB", "rq_02C"]);
    expect(() => read("rq_01")).toThrow(expect.objectContaining({ code: "usage" }));
    expect(() => read("rq_03")).toThrow(expect.objectContaining({ code: "not_found" }));
  });

  it("is that of the last request of a caller when none is named, not of a look at a provider", async () => {
    expect(() => read(null)).toThrow(expect.objectContaining({ code: "not_found" }));
    await book("rq_2");
    await book("rq_1");
    const look = settlementFor("rq_3", NOON + 1);
    await settle({ ...look, operation: { ...look.operation, tenant: "_health" } });
    expect(idOf(null)).toBe("rq_1");
    expect(idOf("rq_3")).toBe("rq_3");
  });
});
