import { renameSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { ledgerStages } from "../../src/library/ledger-stages.ts";
import type { Database } from "../../src/store/database.ts";
import { openDatabase } from "../../src/store/open.ts";
import { createRedactor } from "../../src/wire/redact.ts";
import { workspace } from "../config/workspace.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

/** The stages of a process that stays, on a ledger that has been opened. */
async function stage() {
  const space = workspace();
  onTestFinished(() => space.remove());
  const { config } = await space.loadText("providers: { mocky: { type: mock } }\n");
  const clock = virtualClock();
  const said: string[] = [];
  const opened: Database[] = [];
  const around = { environment: space.environment(), clock, redactor: createRedactor() };
  const stages = ledgerStages(() => config, around, {
    warn: (line) => void said.push(line),
    onOpen: (database) => opened.push(database),
  });
  onTestFinished(() => {
    for (const database of opened) database.close();
  });
  await stages.check(100);
  return {
    ...{ path: join(space.stateDir, "ledger.db"), clock, said, opened },
    look: () => stages.check(100),
    /** A ledger that failed is left alone for a while. */
    async lookLater() {
      await clock.advance(5_000);
      await stages.check(100);
    },
  };
}
const AWAY = { code: "ledger_unavailable" };

it("a ledger that begins anew is told of, whoever has made it", async () => {
  const { path, clock, said, look, lookLater } = await stage();
  renameSync(path, `${path}.aside`);
  await expect(look()).rejects.toMatchObject(AWAY);
  (await openDatabase({ path, durability: "normal", clock })).close();
  await lookLater();
  const text = "the ledger is another file than before, and budgets count what stands in this one";
  expect(said).toEqual([`${text}: ${path}`]);
  renameSync(path, `${path}.second`);
  await expect(look()).rejects.toMatchObject(AWAY);
  await lookLater();
  expect(said).toHaveLength(2);
});

it("a ledger that is opened again after it failed is open once", async () => {
  const { path, said, opened, look, lookLater } = await stage();
  renameSync(path, `${path}.aside`);
  await expect(look()).rejects.toMatchObject(AWAY);
  renameSync(`${path}.aside`, path);
  await lookLater();
  const isOpen = opened.map((database) => {
    try {
      return database.prepare("SELECT 1 AS one").get()?.one === 1;
    } catch {
      return false;
    }
  });
  expect([isOpen, said]).toEqual([[false, true], []]);
});
