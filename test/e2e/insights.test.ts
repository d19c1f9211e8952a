import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { DAY_MS } from "../../src/core/period.ts";
import { openDatabase } from "../../src/store/open.ts";
import { ledgerOf } from "../helpers/ledger-rows.ts";
import { seedOperations } from "../helpers/ledger-seed.ts";
import { expectErrorText, useStage } from "./stage.ts";
import type { Workplace } from "./vendors.ts";

const stage = useStage();
const YAML = `version: 1
providers:
  dear: { type: mock, prices: { "*": { input: 2, output: 8 } }, slo: { success: 0.99 } }
  cheap: { type: mock, prices: { "*": { input: 0.4, output: 1.6 } } }
models:
  default: { targets: [dear/x, cheap/y] }
budgets: [{ limit: 1000, period: 30d }]
`;

/** Ten answers on each of the last five days, each of $0.0028. */
async function spend({ folder }: Workplace): Promise<void> {
  const path = join(folder, ".local/state/riptide/ledger.db");
  const database = await openDatabase({ path, durability: "normal", clock: systemClock });
  const tokens = { inputTokens: 1_000, outputTokens: 100, costNano: 2_800_000 };
  await seedOperations(
    database,
    Array.from({ length: 50 }, (_, at) => ({
      ...{ tenant: "acme", alias: "default", startedMs: Date.now() - ((at % 5) + 0.1) * DAY_MS },
      attempts: [{ provider: "dear", model: "x", ...tokens }],
    })).map((each) => ({ ...each, startedMs: Math.floor(each.startedMs) })),
  );
  database.close();
}

const SAME = ["complete", "the same again", "--max-tokens", "50"];

describe("what the ledger tells besides costs", () => {
  it("is known of requests that were just made, and of what came before", async () => {
    const place = await stage.workplace(YAML);
    await spend(place);
    expect((await place.run(["complete", "hello"])).code).toBe(0);
    const document = async (...args: readonly string[]) => {
      const { code, stdout } = await place.run([...args, "--json"]);
      return { code, ...JSON.parse(stdout) };
    };
    expect(await document("costs", "forecast", "--interval", "0.9")).toMatchObject({
      ...{ code: 0, schema: "riptide.forecast/1", interval: 0.9, method: "daily_run_rate", reason: null },
      budgets: [{ period: "30d", limit_usd: "1000" }],
    });
    const { insights } = await document("costs", "insights", "--since", "7d");
    expect(insights).toMatchObject([{ rule: "cheaper_target", tenant: "acme", saving_usd: "0.112" }]);
    expect(await document("stats", "--since", "7d", "--by", "provider")).toMatchObject({
      ...{ code: 0, schema: "riptide.stats/1", rows: [{ requests: 51, success_rate: 1 }] },
      slos: [{ name: "dear", met: true }],
    });
    const simulated = await document("route", "simulate", "--strategy", "lowest-cost");
    expect(simulated).toMatchObject({
      code: 0,
      schema: "riptide.simulation/1",
      requests: 51,
      moved_requests: 51,
    });
    // A fifth of the price of every request, the one just made included.
    expect(Number(simulated.simulated_usd)).toBeCloseTo(Number(simulated.actual_usd) / 5, 5);
    const check = ["costs", "check", "--period", "month", "--forecast"];
    const within = await document(...check, "--max", "1000");
    expect(within).toMatchObject({ code: 0, state: "ok", basis: "forecast", limit_usd: "1000" });
    expect(Number(within.forecast_usd)).toBeGreaterThan(Number(within.spent_usd));
    const beyond = ["--max", within.forecast_usd, "--warn", "0"];
    expect(await document(...check, ...beyond)).toMatchObject({ code: 12, basis: "forecast" });
    expect(await document(...check, "--max", "0.000000001")).toMatchObject({ code: 8, state: "exceeded" });
  });

  it("finds prompts sent again where their hashes are kept, and keeps none elsewhere", async () => {
    const place = await stage.workplace(`${YAML}ledger: { prompt_hashes: true }\n`);
    const answers = [
      await place.run(SAME),
      await place.run(SAME),
      await place.run([...SAME, "-m", "cheap/y"]),
    ];
    expect(answers.map(({ code }) => code)).toEqual([0, 0, 0]);
    await place.run([...SAME, "--set", "ledger.prompt_hashes=false"]);
    const rows = ledgerOf(place.folder).all(
      "SELECT prompt_hash AS hash, max_tokens AS most, cost_nano AS cost FROM operations",
    );
    expect(rows.map(({ hash, most }) => [hash === null, most])).toEqual([
      ...[false, false, false, true].map((isNone) => [isNone, 50]),
    ]);
    const { stdout } = await place.run(["costs", "insights", "--since", "1h", "--json"]);
    const { insights, unavailable } = JSON.parse(stdout);
    expect(unavailable).toEqual([]);
    expect(insights).toMatchObject([
      {
        rule: "repeated_prompts",
        evidence: { alias: "default", prompts: 1, requests: 2 },
        confidence: "medium",
      },
    ]);
    expect(Math.round(Number(insights[0].saving_usd) * 1e9)).toBe(rows[1]?.cost);
    // What it proposes to run shows which requests those are.
    const exported = await place.run(insights[0].apply.split(" ").slice(1));
    const hashes = exported.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).prompt_hash);
    expect(hashes[1]).toMatch(/^[\da-f]{32}$/);
    expect(hashes[0]).toBe(hashes[1]);
    expect(hashes[3]).toBeNull();
  });

  it("is a page, whole under its name, and nothing else on stdout but that", async () => {
    const place = await stage.workplace(YAML);
    await spend(place);
    const { code, stdout } = await place.run(["costs", "--since", "7d", "--html", "report.html"], {
      cwd: place.folder,
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "report.html\n" });
    const path = join(place.folder, "report.html");
    expect(readFileSync(path, "utf8")).toMatch(/^<!doctype html>.*cheaper_target.*<\/html>\n$/s);
    const lost = await place.run(["costs", "--html", join(path, "no-folder.html")]);
    expect(lost.code).toBe(1);
    expectErrorText(lost.stderr, "write_failed");
    expect(statSync(path).isFile()).toBe(true);
  });

  it("is little where nothing was recorded, and no file is made to say so", async () => {
    const place = await stage.workplace(YAML);
    const forecast = await place.run(["costs", "forecast"]);
    expect(forecast.stdout).toContain("no forecast: spending is known of 0 whole days");
    expect((await place.run(["costs", "insights"])).stdout).toContain("nothing to act on in 0 requests");
    expect((await place.run(["costs", "forecast", "--interval", "1"])).code).toBe(2);
  });
});
