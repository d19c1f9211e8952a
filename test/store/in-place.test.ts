import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { inPlace } from "../../src/store/in-place.ts";
import { openDatabase } from "../../src/store/open.ts";
import { checkWritable } from "../../src/store/writable.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "riptide-place-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const opened = (name: string) =>
  openDatabase({ path: join(folder, name), durability: "normal", clock: virtualClock() });
const written = "SELECT value FROM facts WHERE name = 'written'";

it("a ledger that was moved away takes nothing more, and has all that it took before", async () => {
  const ledger = inPlace(await opened("ledger.db"));
  await checkWritable(ledger, 41, 100);
  renameSync(ledger.path, join(folder, "aside.db"));
  await expect(checkWritable(ledger, 42, 100)).rejects.toMatchObject({
    code: "ledger_unavailable",
    message: "the ledger is not in its place any more",
  });
  const aside = await opened("aside.db");
  expect(aside.prepare(written).get()?.value).toBe("41");
  for (const each of [aside, ledger]) each.close();
});

it("a ledger that was replaced takes nothing more", async () => {
  const ledger = inPlace(await opened("ledger.db"));
  const other = await opened("other.db");
  other.close();
  renameSync(other.path, ledger.path);
  await expect(checkWritable(ledger, 42, 100)).rejects.toMatchObject({
    code: "ledger_unavailable",
    message: "the ledger was replaced by another file",
  });
  ledger.close();
});
