import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { openDatabase } from "../../src/store/open.ts";
import { type SeedOperation, seedOperations } from "../helpers/ledger-seed.ts";
import { runInTerminal } from "../helpers/run-cli.ts";
import { expectErrorText, MOCK_YAML, useStage } from "./stage.ts";
import type { Workplace } from "./vendors.ts";

const stage = useStage();
const at = (text: string) => Date.parse(text);
/** The command line of SQLite, where a machine has it. */
const SQLITE = "sqlite3";
const NOVEMBER = ["--since", "2026-11-01", "--until", "2026-12-01"];

const SEEDS: readonly SeedOperation[] = [
  {
    tenant: "acme",
    startedMs: at("2026-11-02T10:00:00Z"),
    attempts: [
      { provider: "p", model: "small", costNano: 250_000_000, inputTokens: 1_000 },
      { provider: "p", model: "large", costNano: 1_500_000_000, cacheReadTokens: 40 },
    ],
  },
  {
    tenant: "acme",
    startedMs: at("2026-11-03T10:00:00Z"),
    outcome: "error",
    attempts: [{ provider: "q", model: "strange", priceVersion: null }],
  },
  {
    tenant: '=HYPERLINK("x","y")|`a`',
    startedMs: at("2026-11-03T23:30:00Z"),
    tags: { team: "+SUM(A1)" },
    attempts: [{ provider: "p", model: "small", costNano: 123, source: "estimated" }],
  },
  {
    tenant: "research",
    outcome: "unreconciled",
    startedMs: at("2026-11-04T00:00:00Z"),
    attempts: [
      { provider: "p", model: "large", costNano: 750_000_000, source: "unreconciled", priceVersion: null },
    ],
  },
];

async function ledgerIn({ folder }: Workplace, seeds: readonly SeedOperation[] = SEEDS): Promise<string> {
  const path = join(folder, ".local/state/riptide/ledger.db");
  const database = await openDatabase({ path, durability: "normal", clock: systemClock });
  await seedOperations(database, seeds);
  database.close();
  return path;
}

async function withLedger(yaml?: string, seeds?: readonly SeedOperation[]) {
  const place = await stage.workplace(yaml);
  return { place, path: await ledgerIn(place, seeds) };
}

describe("riptide costs", () => {
  it("is a document of zeros where nothing was recorded, with exit 0, and makes no ledger", async () => {
    const place = await stage.workplace();
    const { code, stdout } = await place.run(["costs", "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: "riptide.costs/1",
      by: ["tenant", "model"],
      rows: [],
      totals: { requests: 0, cost_usd: "0", share: null, unpriced_requests: 0 },
      budgets: [],
      price_versions: [],
      unreconciled_usd: "0",
    });
    for (const args of [
      ["-o", "csv"],
      ["-o", "md"],
      ["--plain"],
      ["--unreconciled", "--compare", "previous"],
    ])
      expect((await place.run(["costs", ...args])).code).toBe(0);
    expect((await place.run(["costs", "export"])).stdout).toMatch(/^id,tenant,[^\n]*\n$/);
    expect(existsSync(join(place.folder, ".local/state/riptide/ledger.db"))).toBe(false);
  });

  it("gives the rows of riptide.costs/1: requests where they were answered, money where it arose", async () => {
    const { place } = await withLedger();
    const { stdout } = await place.run(["costs", ...NOVEMBER, "--by", "tenant,model", "--json"]);
    const { rows, totals, range, price_versions: versions } = JSON.parse(stdout);
    expect(range).toEqual({ since: "2026-11-01T00:00:00Z", until: "2026-12-01T00:00:00Z", tz: "UTC" });
    expect(rows).toHaveLength(5);
    expect(rows[0]).toEqual({
      key: { tenant: "acme", model: "p/large" },
      requests: 1,
      failed: 0,
      attempts: 1,
      unpriced_requests: 0,
      usage: {
        input_tokens: 100,
        output_tokens: 10,
        cache_read_tokens: 40,
        cache_write_tokens: 0,
        reasoning_tokens: 0,
        source: "reported",
      },
      estimated_attempts: 0,
      cost_usd: "1.5",
      share: 0.6,
      unreconciled_usd: "0",
    });
    expect(rows).toContainEqual(
      expect.objectContaining({ key: { tenant: "acme", model: "p/small" }, requests: 0, cost_usd: "0.25" }),
    );
    expect(totals).toMatchObject({ requests: 4, failed: 2, attempts: 5, cost_usd: "2.500000123" });
    expect(versions).toEqual(["test"]);
  });

  it("never shows what has no price as free: null, unpriced, an empty cell; --strict-prices fails", async () => {
    const { place } = await withLedger();
    const args = ["costs", ...NOVEMBER, "--by", "model"];
    const { rows } = JSON.parse((await place.run([...args, "--json"])).stdout);
    expect(rows.find(({ key }: { key: { model: string } }) => key.model === "q/strange")).toMatchObject({
      cost_usd: null,
      share: null,
      unpriced_requests: 1,
    });
    const text = await place.run(args);
    expect(text.stdout).toMatch(/^q\/strange .* unpriced +-$/m);
    expect(text.stdout).toMatch(/^total .* \$2\.50 +100\.0% {2}\(1 unpriced\)$/m);
    expect((await place.run([...args, "-o", "csv"])).stdout).toMatch(
      /^q\/strange,1,1,1,1,100,10,0,0,0,,,0\r$/m,
    );
    expect((await place.run([...args, "--strict-prices"])).code).toBe(1);
    const priced = await place.run([...args, "--strict-prices", "--until", "2026-11-03"].toSpliced(3, 2));
    expect(priced.code).toBe(0);
  });

  it("keeps names of strangers from being formulas in CSV, cells in Markdown and escapes on a terminal", async () => {
    const { place } = await withLedger(undefined, [
      ...SEEDS,
      { tenant: "\u001b]0;x\u0007red\nline", startedMs: at("2026-11-05T00:00:00Z"), attempts: [] },
    ]);
    const args = ["costs", ...NOVEMBER, "--by", "tenant,tag:team"];
    const csv = (await place.run([...args, "-o", "csv"])).stdout;
    expect(csv).toContain(`"'=HYPERLINK(""x"",""y"")|\`a\`",'+SUM(A1),1,`);
    const markdown = (await place.run([...args, "-o", "md"])).stdout;
    expect(markdown).toContain('| =HYPERLINK("x","y")\\|\\`a\\` | +SUM(A1) | 1 |');
    expect(markdown).toContain("| red line |");
    expect(markdown.split("\n").filter(Boolean)).toHaveLength(7);
    const { output } = await runInTerminal(args, {
      home: place.folder,
      env: { RIPTIDE_CONFIG: join(place.folder, "providers.yaml") },
      columns: 120,
    });
    expect(output).not.toContain("\u001b]0;x");
    expect(output).toContain("red line");
  });

  it("cuts days by --tz", async () => {
    const { place } = await withLedger();
    const days = async (...args: readonly string[]) => {
      const { stdout } = await place.run(["costs", ...NOVEMBER, "--by", "day", "--plain", ...args]);
      return stdout.split("\n").map((line) => line.split("\t")[0]);
    };
    expect(await days()).toEqual(["2026-11-02", "2026-11-03", "2026-11-04", ""]);
    expect(await days("--tz", "Europe/Berlin")).toEqual(["2026-11-02", "2026-11-03", "2026-11-04", ""]);
    expect(await days("--tz", "Asia/Kolkata")).toEqual(["2026-11-02", "2026-11-03", "2026-11-04", ""]);
    expect(await days("--tz", "-10:00")).toEqual(["2026-11-02", "2026-11-03", ""]);
  });

  it("compares with the range before", async () => {
    const { place } = await withLedger();
    const args = [
      "costs",
      "--since",
      "2026-11-03",
      "--until",
      "2026-11-05",
      "--by",
      "tenant",
      "--compare",
      "previous",
    ];
    const {
      rows,
      totals,
      previous_range: previous,
    } = JSON.parse((await place.run([...args, "--json"])).stdout);
    expect(previous).toEqual({ since: "2026-11-01T00:00:00Z", until: "2026-11-03T00:00:00Z" });
    expect(totals).toMatchObject({ previous: { requests: 1, cost_usd: "1.75" }, change: -0.571429 });
    expect(rows[0]).toMatchObject({ key: { tenant: "research" }, previous: { requests: 0 }, change: null });
    expect((await place.run(args)).stdout).toMatch(/^research .* new$/m);
  });

  it("lists what was never settled", async () => {
    const { place } = await withLedger();
    const { stdout } = await place.run(["costs", ...NOVEMBER, "--unreconciled"]);
    expect(stdout).toContain("unreconciled: 1 request cut off with the process, $0.7500 of the cost");
    expect(stdout).toMatch(/^ {2}rq_\d+ {2}2026-11-04T00:00:00Z {2}research {2}\$0\.7500$/m);
    const document = JSON.parse((await place.run(["costs", ...NOVEMBER, "--unreconciled", "--json"])).stdout);
    expect(document.unreconciled).toHaveLength(1);
    expect(document).toMatchObject({ unreconciled_usd: "0.75", unreconciled_requests: 1 });
  });

  it("says the same in every format, and as the sqlite3 command line adds up", async (context) => {
    const { place, path } = await withLedger();
    const args = ["costs", ...NOVEMBER, "--by", "model"];
    const { rows, totals } = JSON.parse((await place.run([...args, "--json"])).stdout);
    const cells = (text: string, separator: RegExp | string) =>
      text
        .split(/\r?\n/)
        .filter(Boolean)
        .map((line) => line.split(separator));
    const csv = cells((await place.run([...args, "-o", "csv"])).stdout, ",").slice(1);
    const markdown = cells((await place.run([...args, "-o", "md"])).stdout, " | ").slice(2, -1);
    const plain = cells((await place.run([...args, "--plain"])).stdout, "\t");
    const text = cells((await place.run(args)).stdout, / {2,}/).slice(1, -1);
    for (const [index, { key, requests, cost_usd: cost, usage }] of rows.entries()) {
      expect(csv[index]?.[0]).toBe(key.model);
      expect(csv[index]?.[1]).toBe(String(requests));
      expect(csv[index]?.[10]).toBe(cost ?? "");
      expect(markdown[index]?.[10]).toBe(cost ?? "");
      expect(plain[index]?.slice(0, 4)).toEqual(text[index]?.slice(0, 4));
      expect(plain[index]?.[3]).toBe(String(usage.input_tokens));
    }
    if (spawnSync(SQLITE, ["-version"]).status !== 0) return context.skip("sqlite3 is not installed");
    const sums = execFileSync(SQLITE, [
      path,
      "SELECT sum(cost_nano), count(*), (SELECT count(*) FROM operations) FROM attempts",
    ]);
    expect(String(sums).trim()).toBe(
      [totals.cost_usd.replace(".", ""), totals.attempts, totals.requests].join("|"),
    );
  });

  it("gives a terminal bars and the course of spending, which a pipe does not get", async () => {
    const { place } = await withLedger();
    const args = ["costs", ...NOVEMBER, "--by", "tenant"];
    const env = { RIPTIDE_CONFIG: join(place.folder, "providers.yaml") };
    const { output } = await runInTerminal(args, { home: place.folder, env, columns: 120 });
    expect(output).toMatch(/acme.*█/);
    expect(output).toMatch(/per day from 2026-11-02, most \$1\.75 on 2026-11-02/);
    const ascii = await runInTerminal([...args, "--ascii"], { home: place.folder, env, columns: 120 });
    expect(ascii.output).toMatch(/acme.*##/);
    expect(ascii.output).not.toMatch(/[▁-█]/u);
    const narrow = await runInTerminal(["costs", ...NOVEMBER], { home: place.folder, env, columns: 80 });
    for (const line of stripVTControlCharacters(narrow.output).split(/\r?\n/))
      expect([...line].length, line).toBeLessThanOrEqual(80);
    const piped = (await place.run(args)).stdout;
    expect(piped).not.toMatch(/[▁-█]|per day/u);
    expect(piped).not.toContain("\u001b");
  });

  it("prints the budgets of the configuration, those of one tenant where one is named", async () => {
    const yaml = `${MOCK_YAML}budgets: [{ limit: 2000, period: month }]
tenants: { list: { acme: { budgets: [{ limit: 50, period: month }], limits: { cost_per_hour: 10 } } } }
`;
    const now = Date.now();
    const { place } = await withLedger(yaml, [
      { tenant: "acme", startedMs: now, attempts: [{ provider: "p", model: "m", costNano: 41_870_000_000 }] },
    ]);
    const all = (await place.run(["costs"])).stdout;
    expect(all).toMatch(
      /^budget global\/month: \$41\.87 spent, \$0\.00 reserved, \$1958\.13 of \$2000\.00 left, resets /m,
    );
    const one = (await place.run(["costs", "--tenant", "acme"])).stdout;
    expect(one).toMatch(
      /^budget acme\/month: \$41\.87 spent, \$0\.00 reserved, \$8\.13 of \$50\.00 left, resets \S+Z$/m,
    );
    expect(one).toMatch(/^budget acme\/hour: /m);
    expect(one).not.toContain("global");
    const other = (await place.run(["costs", "--json"], { env: { RIPTIDE_TENANT: "nobody" } })).stdout;
    expect(JSON.parse(other).totals.requests).toBe(1);
  });

  it.each([
    [["--by", "tenant,modle"], "did you mean model?"],
    [["--by", "tenant,model,day,hour"], "one to three"],
    [["--by", "day,day"], "one to three"],
    [["--since", "yesterday"], "--since wants a time"],
    [["--since", "2026-02-30"], "--since wants a time"],
    [["--until", "2026-11-01T10:00"], "--until wants a time"],
    [["--since", "2026-11-02", "--until", "2026-11-02"], "the range ends before it begins"],
    [["--tz", "Mars"], "--tz wants a time zone"],
    [["--sort", "colour"], "--sort has no column"],
    [["--include", "ghosts"], "--include knows failed and probe"],
    [["--compare", "previous", "--by", "day"], "cannot stand beside --by day"],
  ])("refuses %j with exit 2 and says what it wants", async (args, says) => {
    const place = await stage.workplace();
    const { code, stderr } = await place.run(["costs", ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(says);
    expectErrorText(stderr, "usage");
  });
});
