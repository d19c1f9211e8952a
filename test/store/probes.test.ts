import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ProbeRow } from "../../src/core/sample.ts";
import type { Database } from "../../src/store/database.ts";
import { openDatabase } from "../../src/store/open.ts";
import { readProbes, recordProbes } from "../../src/store/probes.ts";
import { pruneLedger } from "../../src/store/prune.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

const DAY_MS = 86_400_000;
let folder: string;
let database: Database;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "riptide-probes-"));
  database = await openDatabase({
    path: join(folder, "ledger.db"),
    durability: "normal",
    clock: virtualClock(),
  });
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

const row = (provider: string, atMs: number, more: Partial<ProbeRow> = {}): ProbeRow => ({
  ...{ provider, endpoint: "e", level: "auth", status: "pass", latencyMs: 12, code: null, atMs },
  ...more,
});

describe("rows of probes", () => {
  it("are read as they were written, the oldest first, from a moment on", async () => {
    const failed = row("b", 2_000, {
      level: "reach",
      status: "fail",
      latencyMs: null,
      code: "connect_failed",
    });
    await recordProbes(database, [row("c", 3_000), failed]);
    await recordProbes(database, [row("a", 1_000), row("d", 3_000)]);
    expect(readProbes(database, 2_000)).toEqual([failed, row("c", 3_000), row("d", 3_000)]);
    expect(readProbes(database, 3_001)).toEqual([]);
  });

  it("are pruned with the operations of their time", async () => {
    const nowMs = 100 * DAY_MS;
    await recordProbes(database, [row("old", 9 * DAY_MS), row("kept", 10 * DAY_MS)]);
    const { others } = await pruneLedger(database, { beforeMs: 10 * DAY_MS, nowMs });
    expect(others).toBe(1);
    expect(readProbes(database, 0).map(({ provider }) => provider)).toEqual(["kept"]);
  });
});
