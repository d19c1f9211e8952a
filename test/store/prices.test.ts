import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DAY_MS } from "../../src/core/period.ts";
import { createPriceBook, importKey } from "../../src/ledger/price-book.ts";
import type { Database } from "../../src/store/database.ts";
import { openDatabase } from "../../src/store/open.ts";
import { priceMemory, replaceImported, usedModels } from "../../src/store/prices.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

let folder: string;
let database: Database;
const path = () => join(folder, "ledger.db");

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "riptide-prices-"));
  database = await openDatabase({ path: path(), durability: "normal", clock: virtualClock() });
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

const gpt4o = { providerType: "openai", model: "gpt-4o", isFree: false, overrides: {} };

describe("prices in the ledger", () => {
  it("are remembered under their key, the last text of each", () => {
    const memory = priceMemory(database);
    expect(memory.recall("data openai/a")).toBe(undefined);
    memory.remember("data openai/a", "1");
    memory.remember("data openai/a'; --", "2");
    memory.remember("data openai/a", "3");
    expect(["data openai/a", "data openai/a'; --"].map(memory.recall)).toEqual(["3", "2"]);
  });

  it("spare the next process the price data", async () => {
    await createPriceBook(priceMemory(database)).priceOf(gpt4o, 0);
    database.close();
    const script = `
      import { register } from "node:module";
      import { openDatabase } from "./src/store/open.ts";
      import { priceMemory } from "./src/store/prices.ts";
      import { createPriceBook } from "./src/ledger/price-book.ts";
      import { systemClock } from "./src/core/clock.ts";
      register("data:text/javascript," + encodeURIComponent(
        "export function resolve(name, context, next) {" +
        " if (name.includes('price-data')) throw new Error('the price data is loaded'); return next(name, context); }"));
      const database = await openDatabase({ path: process.argv[1], durability: "normal", clock: systemClock });
      const { price } = await createPriceBook(priceMemory(database)).priceOf(${JSON.stringify(gpt4o)}, 0);
      process.stdout.write(String(price.inputNano));
      await createPriceBook(undefined).priceOf(${JSON.stringify(gpt4o)}, 0);`;
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script, path()], {
      cwd: join(import.meta.dirname, "../.."),
      encoding: "utf8",
    });
    expect(stdout).toBe("2500000000");
    // The same process without a memory does load it, so that this test can fail.
    expect(stderr).toContain("the price data is loaded");
    database = await openDatabase({ path: path(), durability: "normal", clock: virtualClock() });
  });

  it("neither fail nor wait when the ledger is locked by another process", () => {
    const other = new DatabaseSync(path());
    other.exec("BEGIN IMMEDIATE");
    const memory = priceMemory(database);
    const started = performance.now();
    memory.remember("data openai/a", "1");
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(memory.recall("data openai/a")).toBe(undefined);
    other.close();
    memory.remember("data openai/a", "1");
    expect(memory.recall("data openai/a")).toBe("1");
  });

  it("are looked up all the same where the ledger cannot be written or read", async () => {
    database.prepare("PRAGMA query_only = 1").run();
    const memory = priceMemory(database);
    memory.remember("data openai/gpt-4o", "1");
    expect((await createPriceBook(memory).priceOf(gpt4o, 0)).price?.inputNano).toBe(2_500_000_000);
    database.prepare("PRAGMA query_only = 0").run();
    database.prepare("DROP TABLE prices").run();
    expect((await createPriceBook(memory).priceOf(gpt4o, 0)).price?.inputNano).toBe(2_500_000_000);
  });
});

describe("a catalogue in the ledger", () => {
  const keys = () =>
    database
      .prepare("SELECT key FROM prices ORDER BY key")
      .all()
      .map(({ key }) => key);

  it("takes the place of the one before and leaves what is remembered", async () => {
    priceMemory(database).remember("data openai/a", "1");
    await replaceImported(database, [
      [importKey("openai", "A"), "1"],
      [importKey("openai", "b"), "2"],
    ]);
    await replaceImported(database, [[importKey("openai", "c"), "3"]]);
    expect(keys()).toEqual(["data openai/a", "import openai/c"]);
    await replaceImported(database, []);
    expect(keys()).toEqual(["data openai/a"]);
  });

  it("is applied whole or not at all", async () => {
    await replaceImported(database, [[importKey("openai", "a"), "1"]]);
    const broken = [
      [importKey("openai", "b"), "2"] as const,
      [importKey("openai", "c"), {} as string] as const,
    ];
    await expect(replaceImported(database, broken)).rejects.toThrow();
    expect(keys()).toEqual(["import openai/a"]);
  });
});

describe("the models in use", () => {
  it("are those that billed tokens since a day, each once", () => {
    const add = (day: number, model: string, input: number, output: number) =>
      database
        .prepare(
          `INSERT INTO rollup_day (start, tenant, alias, provider, model, outcome, input_tokens, output_tokens)
           VALUES (?, 't', '', 'p', ?, 'ok', ?, ?)`,
        )
        .run(day * DAY_MS, model, input, output);
    add(1, "old", 5, 5);
    add(9, "chat", 5, 5);
    add(10, "chat", 5, 5);
    add(10, "embed", 5, 0);
    add(10, "mistyped", 0, 0);
    expect(usedModels(database, 9 * DAY_MS)).toMatchObject([
      { provider: "p", model: "chat" },
      { provider: "p", model: "embed" },
    ]);
  });
});
