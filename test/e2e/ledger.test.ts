import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { expectErrorText, useStage } from "./stage.ts";

const stage = useStage();

async function place() {
  const workplace = await stage.workplace();
  const path = (await workplace.run(["ledger", "path"])).stdout.trim();
  const json = async (...args: readonly string[]) => {
    const { code, stdout } = await workplace.run(["ledger", ...args, "--json"]);
    return { code, ...JSON.parse(stdout) };
  };
  const sql = (text: string) => {
    const database = new DatabaseSync(path);
    database.exec(text);
    database.close();
  };
  return { ...workplace, path, json, sql };
}

describe("riptide ledger", () => {
  it("prints where the ledger is, as it does without a verb, and creates none", async () => {
    const { run, path, json } = await place();
    expect((await run(["ledger"])).stdout).toBe(`${path}\n`);
    expect(await json("path")).toEqual({
      ...{ code: 0, schema: "riptide.ledger/1", path, ok: true, operations: 0, attempts: 0, differences: [] },
    });
    expect(await run(["ledger", "verify"])).toMatchObject({ code: 0, stdout: `no ledger yet: ${path}\n` });
    expect(await json("prune", "--older-than", "30d")).toMatchObject({ code: 0, ok: true });
    expect(existsSync(path)).toBe(false);
  });

  it("verifies a sound ledger with exit 0 (LG-7)", async () => {
    const { run, path, json } = await place();
    await run(["complete", "hello"]);
    expect(await run(["ledger", "verify"])).toMatchObject({
      code: 0,
      stdout: `ok: ${path} (1 operation, 1 attempt)\n`,
    });
    expect(await json("verify")).toMatchObject({
      ok: true,
      operations: 1,
      attempts: 1,
      leftovers: 0,
      pending: false,
    });
  });

  it("tells each difference with exit 1, and changes nothing (LG-7)", async () => {
    const { run, path, json, sql } = await place();
    await run(["complete", "hello"]);
    sql("UPDATE attempts SET cost_nano = cost_nano + 5");
    const { code, stdout } = await run(["ledger", "verify"]);
    expect([code, stdout.split("\n")[0]]).toEqual([1, `not ok: ${path} (1 operation, 1 attempt)`]);
    expect(stdout).toContain("  an operation is not the sum of its attempts: rq_");
    const again = await json("verify");
    expect([again.code, again.ok, again.differences.length]).toEqual([1, false, 3]);
  });

  it("tells of what dead processes hold and of lines that wait, as a note", async () => {
    const { run, path, sql } = await place();
    await run(["complete", "hello"]);
    sql(`INSERT INTO operations (id, tenant, requested_model, class, dialect, strategy, config_revision, generation,
        stream, via, started, state, reserved_nano) VALUES ('rq_x', 't', 'm', 'completion', 'cli', 's', 'r', 0, 0, 'in-process', 1, 'held', 0);
      INSERT INTO reservations VALUES (2, 't', 'p', 'm', 0, 0, 4194303, 1, 'other', 1)`);
    writeFileSync(`${path}.pending.jsonl`, "{}\n");
    const { code, stdout } = await run(["ledger", "verify"]);
    expect(code).toBe(0);
    expect(stdout).toContain("note: 1 reservation of ended processes; the next request books them\n");
    expect(stdout).toContain("note: settlements wait in the emergency file; the next request books them\n");
    expect(readdirSync(dirname(path))).toContain("ledger.db.pending.jsonl");
  });

  it("calls a file that is no ledger a difference, with exit 1, and leaves it alone", async () => {
    const { run, path, json } = await place();
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, "this is not a database, but a text of more than a hundred characters".repeat(9), {
      mode: 0o600,
    });
    const { code, stdout } = await run(["ledger", "verify"]);
    expect([code, stdout]).toEqual([1, expect.stringContaining(`not ok: ${path}\n  the ledger is damaged`)]);
    expect(await json("path")).toMatchObject({ code: 0, ok: false });
  });

  it("recovers by setting a damaged file aside, loses nothing of it, and leaves a sound one alone (LG-9)", async () => {
    const { run, path, json } = await place();
    await run(["complete", "hello"]);
    expect(await json("recover")).toMatchObject({ code: 0, ok: true, moved_to: null });
    const damaged = "not a ledger any more ".repeat(400);
    for (const end of ["", "-wal", "-shm"]) rmSync(`${path}${end}`, { force: true });
    writeFileSync(path, damaged, { mode: 0o600 });
    const { code, moved_to: movedTo } = await json("recover");
    expect([code, readFileSync(String(movedTo), "utf8")]).toEqual([0, damaged]);
    expect(await json("verify")).toMatchObject({ code: 0, ok: true, operations: 0 });
  });

  it("prunes whole old days and says how much went", async () => {
    const { run, json, sql } = await place();
    await run(["complete", "hello"]);
    expect(await json("prune", "--older-than", "1d")).toMatchObject({
      operations: 1,
      pruned: { operations: 0 },
    });
    sql("UPDATE operations SET started = 1750000000000");
    expect((await run(["ledger", "prune", "--older-than", "90d"])).stdout).toMatch(
      /^removed 1 operation from before \d{4}-\d\d-\d\d \(UTC\), 0 decisions, 0 other rows\n$/,
    );
    expect(await json("path")).toMatchObject({ operations: 0, attempts: 0 });
  });

  it.each([[[]], [["--older-than", "23h"]], [["--older-than", "1"]], [["--older-than", "-1d"]]])(
    "refuses to prune with %j, with exit 2",
    async (flags) => {
      const { run } = await place();
      const { code, stderr } = await run(["ledger", "prune", ...flags]);
      expect(code).toBe(2);
      expectErrorText(stderr, "usage");
    },
  );
});
