import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { expectErrorText, MOCK_YAML, useStage } from "./stage.ts";
import type { Workplace } from "./vendors.ts";

const stage = useStage();
const PRICED = `# top
version: 1
providers:
  fake:
    type: mock
    reply: "{{prompt}}"   # says what it hears
    prices: { m: { input: 1000, output: 1000 } }
models:
  default: { targets: [fake/m] }
`;
const fileOf = ({ folder }: Workplace) => readFile(join(folder, "providers.yaml"), "utf8");
const SET = ["budgets", "set", "acme", "--limit", "50", "--period", "month"];
const BLOCK = "tenants:\n  list:\n    acme:\n      budgets:\n        - { limit: 50, period: month }\n";

describe("budgets set and rm, tenants set and rm", () => {
  it("adds a budget to the file, says so in one line, and does nothing the second time", async () => {
    const place = await stage.workplace(PRICED);
    const first = await place.run(SET);
    expect([first.code, first.stderr]).toEqual([0, ""]);
    expect(first.stdout).toMatch(/^acme may spend \$50\.00 per month \(.*providers\.yaml\)\n$/);
    expect(await fileOf(place)).toBe(PRICED + BLOCK);
    const again = await place.run(SET);
    expect([again.code, again.stdout.startsWith("nothing to change: ")]).toEqual([0, true]);
    const gone = await place.run(["budgets", "rm", "acme"]);
    expect([gone.code, gone.stdout]).toEqual([0, expect.stringContaining("acme has no budget any more")]);
    const none = await place.run(["budgets", "rm", "acme", "--period", "day"]);
    expect(none.code).toBe(1);
    expectErrorText(none.stderr, "not_found");
  });

  it("prints the difference with --dry-run and writes nothing", async () => {
    const place = await stage.workplace(PRICED);
    const { code, stdout, stderr } = await place.run([...SET, "--dry-run"]);
    expect([code, stderr, await fileOf(place)]).toEqual([0, "", PRICED]);
    expect(stdout).toMatch(/^--- .*providers\.yaml\n\+\+\+ .*providers\.yaml\n@@ -\d+,3 \+\d+,8 @@\n/);
    expect(stdout).toContain("+        - { limit: 50, period: month }\n");
    const json = JSON.parse((await place.run([...SET, "--dry-run", "--json"])).stdout);
    expect(json).toEqual({
      schema: "riptide.edit/1",
      path: join(place.folder, "providers.yaml"),
      changed: true,
      dry_run: true,
      diff: stdout,
    });
  });

  it("never prints a key of the file in a difference", async () => {
    const key = "sk-written-in-the-file-0123456789";
    const place = await stage.workplace(`version: 1\nproviders:\n  o: { type: openai, api_key: ${key} }\n`);
    const { code, stdout } = await place.run([...SET, "--dry-run"]);
    expect([code, stdout.includes("api_key"), stdout.includes(key)]).toEqual([0, true, false]);
  });

  it("sets the cap and budget of the whole installation, which the next call obeys at once", async () => {
    const place = await stage.workplace(PRICED);
    expect((await place.run(["complete", "hello"])).code).toBe(0);
    await place.run(["budgets", "set", "--global", "--max-cost", "0.000001"]);
    const capped = await place.run(["complete", "hello"]);
    expect(capped.code).toBe(8);
    expectErrorText(capped.stderr, "cost_cap_exceeded");
    await place.run(["budgets", "set", "--global", "--max-cost", ""]);
    expect(await fileOf(place)).toBe(PRICED);
    await place.run(["budgets", "set", "--global", "--limit", "0.000001", "--period", "day"]);
    const spent = await place.run(["complete", "hello"]);
    expect(spent.code).toBe(8);
    expectErrorText(spent.stderr, "budget_exceeded");
    await place.run(["budgets", "rm", "--global"]);
    expect(await fileOf(place)).toBe(PRICED);
    expect((await place.run(["complete", "hello"])).code).toBe(0);
  });

  it("makes, changes and removes the block of a tenant", async () => {
    const place = await stage.workplace(PRICED);
    const flags = ["--requests-per-minute", "60", "--cost-per-hour", "50c", "--models", "default,fake/*"];
    const made = await place.run(["tenants", "set", "acme", ...flags, "--deny-providers", "fake"]);
    expect([made.code, made.stderr]).toEqual([0, ""]);
    expect((await fileOf(place)).slice(PRICED.length)).toBe(
      'tenants:\n  list:\n    acme:\n      limits:\n        requests_per_minute: 60\n        cost_per_hour: 0.5\n      models:\n        allow: [default, "fake/*"]\n      providers:\n        deny: [fake]\n',
    );
    await place.run(["tenants", "set", "acme", "--models", "", "--deny-providers", "", "--priority", "7"]);
    expect((await fileOf(place)).slice(PRICED.length)).toBe(
      "tenants:\n  list:\n    acme:\n      limits:\n        requests_per_minute: 60\n        cost_per_hour: 0.5\n      priority: 7\n",
    );
    const unsure = await place.run(["tenants", "rm", "acme", "--confirm", "acne"]);
    expect(unsure.code).toBe(2);
    expectErrorText(unsure.stderr, "usage");
    const gone = await place.run(["tenants", "rm", "acme", "--confirm", "acme"]);
    expect(gone.stdout).toContain("its history stays in the ledger");
    expect((await place.run(["config", "validate"])).code).toBe(0);
    expect((await place.run(["tenants", "rm", "acme", "--confirm", "acme"])).code).toBe(1);
  });

  it.each([
    [["budgets", "set", "acme", "--limit", "5", "--period", "day", "--on-exceeded", "degrade:nope"], "nope"],
    [["tenants", "set", "acme", "--allow-providers", "nobody"], "nobody"],
  ])("refuses a change that would make the file invalid: %j", async (args, named) => {
    const place = await stage.workplace(PRICED);
    const { code, stderr } = await place.run(args);
    expect([code, await fileOf(place)]).toEqual([3, PRICED]);
    expect(stderr).toContain("would make");
    expect(stderr).toContain(named);
    expectErrorText(stderr, "config_invalid");
  });

  it.each([
    [["budgets", "set"], "name a tenant"],
    [["budgets", "set", "acme"], "wants a limit"],
    [["budgets", "set", "acme", "--limit", "5"], "--limit does nothing without --period"],
    [["budgets", "set", "acme", "--global", "--max-cost", "1"], "--global cannot stand beside"],
    [["budgets", "set", "a b", "--max-cost", "1"], "a tenant's name"],
    [["budgets", "set", "acme", "--limit", "-5", "--period", "day"], "--limit wants an amount"],
    [["budgets", "set", "acme", "--limit", "5", "--period", "year"], "--period wants"],
    [["budgets", "set", "acme", "--limit", "5", "--period", "day", "--thresholds", "1.5"], "--thresholds"],
    [["budgets", "set", "acme", "--max-cost", "1", "--set", "version=1"], "--set changes one call"],
    [["budgets", "set", "acme", "--max-cost", "1", "-C", "-"], "stdin cannot be edited"],
    [["tenants", "set", "acme", "--max-concurrent", "0"], "--max-concurrent wants"],
    [["tenants", "set", "acme", "--models", ","], "names nothing"],
  ])("refuses %j with exit 2", async (args, message) => {
    const place = await stage.workplace(PRICED);
    const { code, stderr } = await place.run(args);
    expect([code, await fileOf(place)]).toEqual([2, PRICED]);
    expect(stderr).toContain(message);
    expectErrorText(stderr, "usage");
  });

  it("asks for a file where there is none, and refuses one that is no file", async () => {
    const place = await stage.workplace();
    const none = await place.run(SET, { env: { RIPTIDE_CONFIG: undefined } });
    expect([none.code, none.stderr.includes("riptide config init")]).toEqual([3, true]);
    expectErrorText(none.stderr, "config_not_found");
    expect((await place.run([...SET, "-C", "/dev/null"])).code).toBe(2);
    expect((await place.run([...SET, "-C", place.folder])).code).not.toBe(0);
  });

  it("refuses what an alias shares, and says what to write by hand", async () => {
    const yaml = `${MOCK_YAML}tenants:\n  list:\n    a: &a { priority: 1 }\n    acme: *a\n`;
    const place = await stage.workplace(yaml);
    const { code, stderr } = await place.run(SET);
    expect([code, await fileOf(place)]).toEqual([1, yaml]);
    expect(stderr).toContain("tenants.list.acme is the alias *a");
    expect(stderr).toContain("by hand: add { limit: 50, period: month } to tenants.list.acme.budgets");
    expectErrorText(stderr, "write_failed");
  });
});

describe("the file of an edit (F-4)", () => {
  it("keeps its mode, its byte order mark and its line ends, and the link that leads to it", async () => {
    const place = await stage.workplace();
    await mkdir(join(place.folder, "real"));
    const target = join(place.folder, "real", "p.yaml");
    const text = `\ufeff${PRICED.replaceAll("\n", "\r\n")}`;
    await writeFile(target, text);
    await chmod(target, 0o640);
    const link = join(place.folder, "link.yaml");
    await symlink("real/p.yaml", link);
    expect((await place.run([...SET, "-C", link])).code).toBe(0);
    expect(await readFile(target, "utf8")).toBe(text + BLOCK.replaceAll("\n", "\r\n"));
    expect((await stat(target)).mode & 0o7777).toBe(0o640);
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect(await readdir(join(place.folder, "real"))).toEqual(["p.yaml"]);
  });

  it("loses no change of edits that run at once: each is in the file or was refused", async () => {
    const place = await stage.workplace(PRICED);
    const names = ["a", "b", "c", "d", "e", "f"];
    const runs = await Promise.all(
      names.map((name) => place.run(["tenants", "set", name, "--priority", "5"])),
    );
    const text = await fileOf(place);
    for (const [index, { code, stderr }] of runs.entries()) {
      const isThere = text.includes(`    ${names[index]}:\n      priority: 5\n`);
      expect([code, isThere]).toEqual(code === 0 ? [0, true] : [1, false]);
      if (code !== 0) expect(stderr).toMatch(/was changed meanwhile|is under way/);
    }
    expect(runs.some(({ code }) => code === 0)).toBe(true);
    expect(text.startsWith(PRICED)).toBe(true);
    expect((await readdir(place.folder)).filter((name) => name.endsWith(".edit"))).toEqual([]);
  });

  it("does not write over an edit that is under way, nor remove its file", async () => {
    const place = await stage.workplace(PRICED);
    const other = await place.write("providers.yaml.edit", "half");
    const { code, stderr } = await place.run(SET);
    expect([code, await fileOf(place), await readFile(other, "utf8")]).toEqual([1, PRICED, "half"]);
    expect(stderr).toContain("under way");
  });
});
