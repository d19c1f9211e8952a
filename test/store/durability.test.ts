import { expect, it } from "vitest";
import { durable } from "../../src/store/durability.ts";
import { openSeedLedger } from "../helpers/ledger-seed.ts";

it("a ledger keeps what it writes as carefully as is asked for now (LG-8)", async () => {
  const ledger = await openSeedLedger();
  let wanted: "normal" | "full" = "normal";
  const database = durable(ledger.database, () => wanted);
  let looks = 0;
  const after = async (next: typeof wanted) => {
    wanted = next;
    await database.transact(() => {});
    looks += 1;
    // SQLite answers while it prepares, so each look is a text of its own.
    return database.prepare(`PRAGMA synchronous -- look ${looks}`).get()?.synchronous;
  };
  const [normal, full] = [1, 2];
  expect([await after("normal"), await after("full"), await after("normal"), await after("full")]).toEqual([
    ...[normal, full, normal, full],
  ]);
  await ledger.close();
});
