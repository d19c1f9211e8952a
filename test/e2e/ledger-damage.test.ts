import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { expectErrorText, openai, useStage } from "./stage.ts";
import { yamlOf } from "./vendors.ts";

const stage = useStage();
const BUDGET = "tenants: { list: { default: { budgets: [ { limit: 5, period: month } ] } } }\n";

const sql = (path: string, text: string) => {
  const database = new DatabaseSync(path);
  database.exec(text);
  database.close();
};

/** What can be the matter with the file, and what is said of it. */
const TROUBLES: readonly (readonly [string, (path: string) => void, string])[] = [
  ["zero bytes long", (path) => writeFileSync(path, ""), "is damaged"],
  [
    "damaged in the middle",
    (path) => writeFileSync(path, readFileSync(path).fill(0x55, 9 * 4096, 10 * 4096)),
    "is damaged",
  ],
  [
    "another program's",
    (path) => {
      rmSync(path);
      sql(path, "CREATE TABLE mine (x)");
    },
    "is an SQLite database of another program",
  ],
  ["from a newer version", (path) => sql(path, "PRAGMA user_version = 99"), "was written by a newer RipTide"],
  [
    "a link",
    (path) => {
      rmSync(path);
      symlinkSync("/etc/hostname", path);
    },
    "is a link",
  ],
  [
    "a directory",
    (path) => {
      rmSync(path);
      mkdirSync(path);
    },
    "is a directory",
  ],
];

async function place(extra = "") {
  const simulator = await stage.simulate(openai, {
    kind: "answer",
    tokens: ["yes"],
    usage: { input: 1_000, output: 200 },
  });
  const workplace = await stage.workplace(yamlOf([[openai, simulator.url]], extra));
  const path = (await workplace.run(["ledger", "path"])).stdout.trim();
  await workplace.run(["complete", "hi"]);
  const document = async (args: readonly string[]) =>
    JSON.parse((await workplace.run([...args, "--json"])).stdout);
  return { ...workplace, simulator, path, document };
}

describe("a ledger that cannot be used (LG-9, LG-11)", () => {
  it.each(TROUBLES)("%s: with a budget in force nothing is sent, exit 8", async (_name, spoil, said) => {
    const { run, simulator, path } = await place(BUDGET);
    spoil(path);
    for (let time = 0; time < 2; time += 1) {
      const { code, stdout, stderr } = await run(["complete", "hi"]);
      expect([code, stdout, simulator.requests.length], stderr).toEqual([8, "", 1]);
      expectErrorText(stderr, "ledger_unavailable");
      expect(stderr).toContain(said);
    }
    const verified = await run(["ledger", "verify"]);
    expect([verified.code, verified.stdout]).toEqual([1, expect.stringContaining(said)]);
  });

  it.each(TROUBLES.slice(2))(
    "%s: without a budget it answers, warns, and keeps the cost for a later start",
    async (_name, spoil, said) => {
      const { run, path, document } = await place();
      spoil(path);
      const { code, stdout, stderr } = await run(["complete", "hi"]);
      expect([code, stdout]).toEqual([0, "yes\n"]);
      expect(stderr).toMatch(/^warning: /);
      expect(stderr).toContain(said);
      expect(readdirSync(dirname(path))).toContain("ledger.db.pending.jsonl");
      rmSync(path, { recursive: true });
      expect((await run(["complete", "hi"])).code).toBe(0);
      expect(existsSync(`${path}.pending.jsonl`)).toBe(false);
      expect(await document(["ledger", "verify"])).toMatchObject({ ok: true, operations: 2 });
    },
  );

  it.each(TROUBLES.slice(0, 2))(
    "%s: without a budget it is set aside with one warning, and the next ledger is used",
    async (_name, spoil) => {
      const { run, path, document } = await place();
      spoil(path);
      const { code, stdout, stderr } = await run(["complete", "hi"]);
      expect([code, stdout]).toEqual([0, "yes\n"]);
      expect(stderr).toMatch(/^warning: the ledger was damaged \(.+\) and is set aside as .+\n$/);
      expect((await run(["complete", "hi"])).stderr).toBe("");
      expect(await document(["ledger", "verify"])).toMatchObject({ ok: true, operations: 2 });
      expect(readdirSync(dirname(path)).filter((name) => name.includes(".damaged-"))).toHaveLength(1);
    },
  );

  it("is used again with a budget after riptide ledger recover, counting from zero", async () => {
    const { run, path, document } = await place(BUDGET);
    writeFileSync(path, "");
    expect((await run(["complete", "hi"])).code).toBe(8);
    const recovered = await document(["ledger", "recover"]);
    expect(recovered).toMatchObject({ ok: true, moved_to: expect.stringContaining(".damaged-") });
    expect((await run(["complete", "hi"])).code).toBe(0);
    expect(await document(["ledger", "verify"])).toMatchObject({ ok: true, operations: 1 });
  });

  it("that took a damaged one's place is not used by a budget that comes later, until recover", async () => {
    const { run, path, write, simulator } = await place();
    writeFileSync(path, "");
    expect((await run(["complete", "hi"])).code).toBe(0);
    await write("providers.yaml", yamlOf([[openai, simulator.url]], BUDGET));
    const { code, stderr } = await run(["complete", "hi"]);
    expect(code).toBe(8);
    expectErrorText(stderr, "ledger_unavailable");
    expect(stderr).toContain("hint: riptide ledger recover\n");
    expect((await run(["ledger", "recover"])).code).toBe(0);
    expect((await run(["complete", "hi"])).code).toBe(0);
  });
});
