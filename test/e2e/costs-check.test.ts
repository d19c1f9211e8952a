import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { openDatabase } from "../../src/store/open.ts";
import { type SeedOperation, seedOperations } from "../helpers/ledger-seed.ts";
import { expectErrorText, MOCK_YAML, useStage } from "./stage.ts";
import type { Workplace } from "./vendors.ts";

const stage = useStage();
const YAML = `${MOCK_YAML}budgets: [{ limit: 100, period: month }]
tenants: { list: { acme: { budgets: [{ limit: 50, period: month }, { limit: 30, period: day }] } } }
`;

async function spend({ folder }: Workplace, usd: number, more: Partial<SeedOperation> = {}): Promise<void> {
  const path = join(folder, ".local/state/riptide/ledger.db");
  const database = await openDatabase({ path, durability: "normal", clock: systemClock });
  const attempts = [{ provider: "p", model: "m", costNano: usd * 1_000_000_000 }];
  await seedOperations(database, [{ tenant: "acme", startedMs: Date.now(), attempts, ...more }]);
  database.close();
}

const document = async (place: Workplace, ...args: readonly string[]) => {
  const { code, stdout } = await place.run(["costs", "check", ...args, "--json"]);
  return { code, ...JSON.parse(stdout) };
};

describe("riptide costs check", () => {
  it("exits 0, 12 and 8 as the budgets fill; the worst of them decides", async () => {
    const place = await stage.workplace(YAML);
    expect(await document(place, "--tenant", "acme")).toMatchObject({
      schema: "riptide.costs_check/1",
      ...{ code: 0, state: "ok", basis: "spent", spent_usd: "0", limit_usd: "50", used: 0 },
    });
    await spend(place, 24);
    const near = await document(place, "--tenant", "acme");
    expect(near).toMatchObject({ code: 12, state: "warn", spent_usd: "24", limit_usd: "30", used: 0.8 });
    expect(near.budgets).toMatchObject([{ state: "ok" }, { state: "warn" }]);
    await spend(place, 6);
    expect(await document(place)).toMatchObject({ code: 8, state: "exceeded", spent_usd: "30", used: 1 });
    const { code, stdout } = await place.run(["costs", "check"]);
    expect(code).toBe(8);
    expect(stdout).toBe(
      [
        "ok: global/month: $30.00 of $100.00 spent (30.0%)",
        "ok: acme/month: $30.00 of $50.00 spent (60.0%)",
        "exceeded: acme/day: $30.00 of $30.00 spent (100.0%)\n",
      ].join("\n"),
    );
  });

  it.each([
    ["30.000000001", "0.999999", 12],
    ["30.000000001", "1", 0],
    ["30", "1", 8],
    ["300", "0.1", 12],
    ["300.00001", "0.1", 0],
    ["0", "0.8", 8],
  ])("compares $30 with --max %s --warn %s to the last digit: exit %d", async (max, warn, exit) => {
    const place = await stage.workplace();
    await spend(place, 30);
    expect((await place.run(["costs", "check", "--max", max, "--warn", warn])).code).toBe(exit);
  });

  it("looks at the period and the tenant asked for", async () => {
    const place = await stage.workplace(YAML);
    await spend(place, 30, { startedMs: Date.now() - 40 * 86_400_000 });
    expect(await document(place, "--max", "30")).toMatchObject({ code: 0, spent_usd: "0" });
    await spend(place, 30);
    expect(await document(place, "--max", "30", "--period", "hour")).toMatchObject({ code: 8 });
    expect(await document(place, "--max", "30", "--tenant", "other")).toMatchObject({
      code: 0,
      spent_usd: "0",
    });
    expect(await document(place, "--period", "day")).toMatchObject({ code: 8, limit_usd: "30" });
  });

  it.each([
    [[], "no budget is configured"],
    [["--tenant", "acme", "--period", "hour"], "no hour budget is configured for tenant acme"],
    [["--max", "lots"], "--max wants an amount in dollars"],
    [["--max", "5", "--warn", "80"], "--warn wants a share from 0 to 1"],
    [["--max", "5", "--warn", "1.1"], "--warn wants a share from 0 to 1"],
  ])("refuses %j with exit 2", async (args, says) => {
    const place = await stage.workplace();
    const { code, stderr } = await place.run(["costs", "check", ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(says);
    expectErrorText(stderr, "usage");
  });
});
