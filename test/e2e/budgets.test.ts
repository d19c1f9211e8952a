import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { openDatabase } from "../../src/store/open.ts";
import { type SeedOperation, seedOperations } from "../helpers/ledger-seed.ts";
import { runInTerminal } from "../helpers/run-cli.ts";
import { expectErrorText, MOCK_YAML, useStage } from "./stage.ts";
import type { Workplace } from "./vendors.ts";

const stage = useStage();
const YAML = `${MOCK_YAML}  cheap: { targets: [fake/s] }
budgets: [{ limit: 100, period: month }]
tenants:
  list:
    acme:
      limits: { cost_per_hour: 10 }
      budgets: [{ limit: 50, period: day, thresholds: [0.5, 0.9, 1.0], on_exceeded: "degrade:cheap" }]
    quiet: {}
`;
const ledgerPath = ({ folder }: Workplace) => join(folder, ".local/state/riptide/ledger.db");

async function spend(place: Workplace, usd: number, more: Partial<SeedOperation> = {}): Promise<void> {
  const path = ledgerPath(place);
  const database = await openDatabase({ path, durability: "normal", clock: systemClock });
  const attempts = [{ provider: "p", model: "m", costNano: usd * 1_000_000_000 }];
  await seedOperations(database, [{ tenant: "acme", startedMs: Date.now(), attempts, ...more }]);
  database.close();
}

const read = async (place: Workplace, ...args: readonly string[]) => {
  const { code, stdout, stderr } = await place.run(["budgets", ...args, "--json"]);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout).budgets;
};

describe("riptide budgets list", () => {
  it("lists the installation's budgets and the tenants', an hour's cost too, and makes no ledger", async () => {
    const place = await stage.workplace(YAML);
    const { code, stdout } = await place.run(["budgets", "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).schema).toBe("riptide.budgets/1");
    const { budgets } = JSON.parse(stdout);
    expect(budgets.map(({ scope, tenant, period }: never) => [scope, tenant, period])).toEqual([
      ["global", null, "month"],
      ["tenant", "acme", "day"],
      ["tenant", "acme", "hour"],
    ]);
    const day = new Date().toISOString().slice(0, 10);
    expect(budgets[1]).toEqual({
      ...{ scope: "tenant", tenant: "acme", period: "day", limit_usd: "50", spent_usd: "0" },
      ...{ reserved_usd: "0", remaining_usd: "50", used: 0, thresholds: [0.5, 0.9, 1], crossed: [] },
      ...{ on_exceeded: "degrade:cheap", state: "ok", window_start: `${day}T00:00:00Z` },
      resets_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT00:00:00Z$/),
    });
    expect(existsSync(ledgerPath(place))).toBe(false);
  });

  it.each([
    [26, "ok", [0.5]],
    [44.999, "ok", [0.5]],
    [45, "warn", [0.5, 0.9]],
    [50, "exceeded", [0.5, 0.9, 1]],
  ])(
    "warns from the first threshold of 0.8 or more: $%d of $50 is %s, as in costs",
    async (usd, state, crossed) => {
      const place = await stage.workplace(YAML);
      await spend(place, usd);
      const [day] = await read(place, "show", "acme");
      expect(day).toMatchObject({ state, crossed });
      const costs = JSON.parse((await place.run(["costs", "--json"])).stdout);
      expect(costs.budgets[1]).toEqual(day);
    },
  );

  it("counts what the default limits let a tenant spend in an hour once the ledger has seen it", async () => {
    const place = await stage.workplace(`${MOCK_YAML}tenants: { default_limits: { cost_per_hour: 4 } }\n`);
    expect(await read(place, "list")).toEqual([]);
    await spend(place, 1, { tenant: "someone" });
    await spend(place, 1, { tenant: "default" });
    expect(await read(place, "list")).toMatchObject([{ tenant: "someone", period: "hour", used: 0.25 }]);
  });

  it("says the state in words and draws a bar on a terminal, and fits 80 columns", async () => {
    const place = await stage.workplace(YAML);
    await spend(place, 60);
    const { stdout } = await place.run(["budgets", "list"]);
    expect(stdout).toMatch(/^TENANT {2,}PERIOD {2,}STATE {2,}USED {2,}SPENT {2,}HELD {2,}LIMIT {2,}RESETS$/m);
    expect(stdout).toMatch(/^acme +day +exceeded +120\.0% +\$60\.00 +\$0\.00 +\$50\.00 +\S+T00:00Z$/m);
    expect(stdout).not.toContain("█");
    const options = { home: place.folder, env: { RIPTIDE_CONFIG: join(place.folder, "providers.yaml") } };
    const wide = await runInTerminal(["budgets", "list", "--color", "never"], { ...options, columns: 120 });
    expect(wide.output).toMatch(/acme +day +exceeded .*Z {2}█{20,24}\r\n/);
    const narrow = await runInTerminal(["budgets", "list", "--color", "never"], { ...options, columns: 80 });
    expect(narrow.output).toMatch(/acme +day +exceeded +120\.0%/);
    expect(Math.max(...narrow.output.split("\r\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    const { stdout: plain } = await place.run(["budgets", "show", "--global", "--plain"]);
    expect(plain).toMatch(/^global\tmonth\tok\t60\.0%\t\$60\.00\t\$0\.00\t\$100\.00\t\S+\n$/);
  });

  it("shows one scope, empty for a tenant without budgets, and knows no other names", async () => {
    const place = await stage.workplace(YAML);
    expect(await read(place, "show", "--global")).toMatchObject([{ scope: "global", tenant: null }]);
    expect(await read(place, "show", "quiet")).toEqual([]);
    expect((await place.run(["budgets", "show", "quiet"])).stdout).toBe("");
    const { code, stderr } = await place.run(["budgets", "show", "acmee"]);
    expect(code).toBe(1);
    expectErrorText(stderr, "not_found");
    expect(stderr).toContain("did you mean acme?");
  });
});

describe("riptide budgets reset", () => {
  it("begins the budgets of one scope anew, alerts included, and prints them; the reports keep it all", async () => {
    const place = await stage.workplace(YAML);
    await spend(place, 50);
    expect((await read(place, "reset", "acme", "--confirm", "acme")).map(spentOf)).toEqual(["0", "0"]);
    expect((await read(place, "list")).map(spentOf)).toEqual(["50", "0", "0"]);
    await spend(place, 3);
    expect((await read(place, "list")).map(spentOf)).toEqual(["53", "3", "3"]);
    await read(place, "reset", "--global", "--confirm", "global");
    expect((await read(place, "list")).map(spentOf)).toEqual(["0", "3", "3"]);
    expect(JSON.parse((await place.run(["costs", "--json"])).stdout).totals.cost_usd).toBe("53");
    const { code, stderr } = await place.run(["ledger", "verify"]);
    expect(code, stderr).toBe(0);
  });

  const spentOf = ({ spent_usd }: { readonly spent_usd: string }) => spent_usd;

  it.each([
    [["acme"], "needs --confirm acme"],
    [["acme", "--confirm", "acm"], '--confirm says "acm"'],
    [["acme", "-y"], "needs --confirm acme"],
    [["--global", "--confirm", "acme"], "those of global"],
    [["acme", "--global", "--confirm", "acme"], "cannot stand beside"],
    [["--confirm", "acme", "--tenant", "acme"], "name a tenant"],
    [["acme\n", "--confirm", "acme\n"], "1 to 64 letters"],
    [["a'; DROP TABLE windows; --", "--confirm", "a"], "1 to 64 letters"],
  ])("changes nothing without the name given twice: %j", async (args, text) => {
    const place = await stage.workplace(YAML);
    await spend(place, 7);
    const { code, stdout, stderr } = await place.run(["budgets", "reset", ...args]);
    expect([code, stdout]).toEqual([2, ""]);
    expectErrorText(stderr, "usage");
    expect(stderr).toContain(text);
    expect(await read(place, "show", "acme")).toMatchObject([{ spent_usd: "7" }, { spent_usd: "7" }]);
  });

  it("refuses a name nobody knows, and makes no ledger where there is none", async () => {
    const place = await stage.workplace(YAML);
    const { code, stderr } = await place.run(["budgets", "reset", "nobody", "--confirm", "nobody"]);
    expect(code).toBe(1);
    expectErrorText(stderr, "not_found");
    expect(await read(place, "reset", "acme", "--confirm", "acme")).toHaveLength(2);
    expect(existsSync(ledgerPath(place))).toBe(false);
  });

  it("lets a tenant whose budget is spent send again", async () => {
    const yaml = `${MOCK_YAML.replace('reply: "{{prompt}}"', "reply: hi, prices: { m: { input: 1, output: 1 } }")}
tenants: { list: { acme: { budgets: [{ limit: 1, period: day }] } } }
`;
    const place = await stage.workplace(yaml);
    await spend(place, 1);
    const ask = () => place.run(["complete", "hi", "--tenant", "acme", "--max-tokens", "5"]);
    expect((await ask()).code).toBe(8);
    await read(place, "reset", "acme", "--confirm", "acme");
    expect(await ask()).toMatchObject({ code: 0, stdout: "hi\n" });
  });
});
