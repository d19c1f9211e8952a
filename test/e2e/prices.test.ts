import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { runInTerminal } from "../helpers/run-cli.ts";
import { expectErrorText, useStage } from "./stage.ts";
import type { Workplace } from "./vendors.ts";

const stage = useStage();

const YAML = `version: 1
providers:
  fake: { type: mock, reply: hi }
  paid: { type: mock, reply: hi, prices: { big: { input: 1, output: 2, cached_input: 0.125 }, "big-*": { input: 3, output: 4 } } }
  openai: { type: openai, api_key: k, default_model: gpt-5.4 }
  anthropic: { type: anthropic, api_key: k, enabled: false, default_model: claude-haiku-4-5 }
  bed: { type: bedrock, region: us-east-1, default_model: "amazon.titan-embed-text-v2:0" }
models:
  default: { targets: [fake/m, openai/gpt-4o-mini, paid/big-one] }
`;
const WITHOUT_PRICE = `${YAML.replace("models:", '  own: { type: openai-compatible, base_url: "https://own.example/v1", default_model: my-model }\nmodels:')}`;

const CATALOGUE = JSON.stringify({
  sample_spec: { input_cost_per_token: "dollars" },
  "gpt-4o-mini": {
    litellm_provider: "openai",
    mode: "chat",
    input_cost_per_token: 2.5e-7,
    output_cost_per_token: 1e-6,
    input_cost_per_token_above_128k_tokens: 5e-7,
  },
  "groq/x": {
    litellm_provider: "groq",
    mode: "chat",
    input_cost_per_token: 1e-7,
    output_cost_per_token: 1e-7,
  },
});

const ledgerOf = ({ folder }: Workplace) => join(folder, ".local/state/riptide/ledger.db");

async function versionsOf(place: Workplace): Promise<Readonly<Record<string, string | null>>> {
  const { stdout } = await place.run(["prices", "--json"]);
  const { prices } = JSON.parse(stdout) as {
    prices: { provider: string; model: string; price_version: string | null }[];
  };
  return Object.fromEntries(
    prices.map(({ provider, model, price_version }) => [`${provider}/${model}`, price_version]),
  );
}

describe("riptide prices", () => {
  it("lists every model in use with its exact price, longer prompts in rows of their own", async () => {
    const place = await stage.workplace(YAML);
    const { code, stdout, stderr } = await place.run(["prices"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toBe(
      [
        "MODEL                             INPUT  OUTPUT  CACHED  TO CACHE  PRICE",
        "fake/m                            $0.00   $0.00   $0.00     $0.00  free",
        "paid/big                          $1.00   $2.00  $0.125     $1.00  override:289afc80",
        "paid/big-one                      $3.00   $4.00   $3.00     $3.00  override:b352a7c5",
        "openai/gpt-5.4                    $2.50  $15.00   $0.25     $2.50  genai-prices@0.1.8",
        "  above 271,999                   $5.00  $22.50   $0.50     $5.00",
        "openai/gpt-4o-mini                $0.15   $0.60  $0.075     $0.15  genai-prices@0.1.8",
        "bed/amazon.titan-embed-text-v2:0  $0.02   $0.00   $0.02     $0.02  corrections@1",
        "",
      ].join("\n"),
    );
    expect(existsSync(ledgerOf(place))).toBe(false);
  });

  it("fits a terminal of 80 columns, with the source dimmed and a missing price in yellow", async () => {
    const place = await stage.workplace(WITHOUT_PRICE);
    const { output } = await runInTerminal(["prices", "check"], {
      home: place.folder,
      cwd: place.folder,
      env: { RIPTIDE_CONFIG: join(place.folder, "providers.yaml") },
    });
    expect(output).toContain("own/my-model");
    expect(output).toContain("\u001b[33munpriced");
    const { output: all } = await runInTerminal(["prices"], {
      home: place.folder,
      cwd: place.folder,
      env: { RIPTIDE_CONFIG: join(place.folder, "providers.yaml") },
    });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences have no width.
    const lines = all.replace(/\u001b\[[\d;?]*[a-zA-Z]/g, "").split("\r\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(all).toContain("\u001b[2mgenai-prices@0.1.8");
  });

  it("gives the document riptide.prices/1, amounts as decimal strings, an unknown price as null", async () => {
    const place = await stage.workplace(WITHOUT_PRICE);
    const { code, stdout } = await place.run(["prices", "list", "-m", "O", "--json"]);
    const document = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(document).toMatchObject({ schema: "riptide.prices/1", version: "genai-prices@0.1.8" });
    expect(document.prices.find(({ model }: { model: string }) => model === "gpt-5.4")).toEqual({
      provider: "openai",
      model: "gpt-5.4",
      input_usd_per_mtok: "2.5",
      output_usd_per_mtok: "15",
      cache_read_usd_per_mtok: "0.25",
      cache_write_usd_per_mtok: "2.5",
      reasoning_usd_per_mtok: "15",
      source: "builtin",
      priced: true,
      price_version: "genai-prices@0.1.8",
      tiers: [
        {
          above_tokens: 271_999,
          input_usd_per_mtok: "5",
          output_usd_per_mtok: "22.5",
          cache_read_usd_per_mtok: "0.5",
          cache_write_usd_per_mtok: "5",
          reasoning_usd_per_mtok: "22.5",
        },
      ],
    });
    const sources = document.prices.map((entry: { provider: string; source: unknown; priced: boolean }) => [
      entry.provider,
      entry.source,
      entry.priced,
    ]);
    expect(sources).toContainEqual(["paid", "override", true]);
    expect(sources).toContainEqual(["own", null, false]);
    expect(document.prices.find(({ provider }: { provider: string }) => provider === "own")).toMatchObject({
      input_usd_per_mtok: null,
      output_usd_per_mtok: null,
      cache_read_usd_per_mtok: null,
      cache_write_usd_per_mtok: null,
    });
  });

  it("gives the same figures as CSV, and says where a model is not in use", async () => {
    const place = await stage.workplace(YAML);
    const { stdout } = await place.run(["prices", "-m", "gpt-5", "-o", "csv"]);
    expect(stdout.split("\r\n").slice(1)).toEqual([
      "openai,gpt-5.4,0,2.5,15,0.25,2.5,15,genai-prices@0.1.8",
      "openai,gpt-5.4,271999,5,22.5,0.5,5,22.5,genai-prices@0.1.8",
      "",
    ]);
    const none = await place.run(["prices", "-m", "gpt-99"]);
    expect([none.code, none.stdout]).toEqual([0, ""]);
    expect(none.stderr).toContain('no model in use has "gpt-99" in its name');
  });
});

describe("riptide prices show", () => {
  it("prices any model of a configured provider, and says how to give the price it does not know", async () => {
    const place = await stage.workplace(YAML);
    const known = await place.run(["prices", "show", "openai/gpt-4o-2024-08-06"]);
    expect(known.stdout).toMatch(
      /openai\/gpt-4o-2024-08-06 +\$2\.50 +\$10\.00 +\$1\.25 +\$2\.50 +genai-prices/,
    );
    const unknown = await place.run(["prices", "show", "openai/gpt-99"]);
    expect(unknown.code).toBe(0);
    expect(unknown.stdout).toMatch(/openai\/gpt-99 +- +- +- +- +unpriced/);
    expect(unknown.stderr).toContain('prices: { "gpt-99": { input: 2.5, output: 10 } }');
  });

  it.each([
    [["prices", "show"], "which model?"],
    [["prices", "show", "gpt-4o"], "which model?"],
    [["prices", "show", "opnai/gpt-4o"], 'unknown provider "opnai"'],
    [["prices", "update"], "prices update wants --from FILE"],
  ])("refuses %j", async (args, message) => {
    const place = await stage.workplace(YAML);
    const { code, stdout, stderr } = await place.run(args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
    expectErrorText(stderr, "usage");
  });
});

describe("riptide prices check", () => {
  it("exits 0 when every model has a price, 1 when a configured one has none", async () => {
    const good = await stage.workplace(YAML);
    expect(await good.run(["prices", "check"])).toMatchObject({
      code: 0,
      stdout: "every model in use has a price (6)\n",
    });
    const bad = await stage.workplace(WITHOUT_PRICE);
    const { code, stdout, stderr } = await bad.run(["prices", "check"]);
    expect(code).toBe(1);
    expect(stdout.split("\n")[1]).toMatch(/^own\/my-model .*unpriced$/);
    expect(stdout).not.toContain("gpt");
    expect(stderr).toContain("write in providers.yaml under own:");
    const json = await bad.run(["prices", "check", "--json"]);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout).prices).toMatchObject([{ model: "my-model", priced: false }]);
  });

  it("counts what was used in the last 30 days, of providers there still are", async () => {
    const place = await stage.workplace(YAML);
    const empty = await place.write("none.json", "{}");
    expect((await place.run(["prices", "update", "--from", empty])).code).toBe(0);
    const ledger = new DatabaseSync(ledgerOf(place));
    const use = (provider: string, model: string, daysAgo: number) =>
      ledger
        .prepare(
          `INSERT INTO rollup_day (start, tenant, alias, provider, model, outcome, output_tokens)
           VALUES (?, 't', '', ?, ?, 'ok', 1)`,
        )
        .run(Date.now() - daysAgo * 86_400_000, provider, model);
    use("openai", "gpt-99", 1);
    use("openai", "gpt-98", 60);
    use("gone", "gpt-97", 1);
    ledger.close();
    const { code, stdout } = await place.run(["prices", "check", "-o", "csv"]);
    expect(code).toBe(1);
    expect(stdout.split("\r\n").slice(1)).toEqual(["openai,gpt-99,0,,,,,,", ""]);
  });
});

describe("riptide prices update", () => {
  it("puts a catalogue between the configuration and the bundled data, named by the file's digest", async () => {
    const place = await stage.workplace(YAML);
    const file = await place.write("prices.json", CATALOGUE);
    const version = `import:${createHash("sha256").update(CATALOGUE).digest("hex").slice(0, 8)}`;
    expect(await place.run(["prices", "update", "--from", file])).toMatchObject({
      code: 0,
      stdout: `1 prices in force as ${version}; 1 entries of other vendors or kinds passed over\n`,
    });
    expect(await versionsOf(place)).toMatchObject({
      "openai/gpt-4o-mini": version,
      "openai/gpt-5.4": "genai-prices@0.1.8",
      "paid/big": "override:289afc80",
    });
    const { stdout } = await place.run(["prices", "show", "openai/gpt-4o-mini", "-o", "csv"]);
    expect(stdout).toContain(`openai,gpt-4o-mini,0,0.25,1,0.25,0.25,1,${version}`);
    expect(stdout).toContain(`openai,gpt-4o-mini,128000,0.5,1,0.5,0.5,1,${version}`);
    const nothing = await place.write("none.json", "{}");
    const taken = await place.run(["prices", "update", "--from", nothing, "--json"]);
    expect(JSON.parse(taken.stdout)).toMatchObject({
      schema: "riptide.prices/1",
      version: "import:44136fa3",
    });
    expect(await versionsOf(place)).toMatchObject({ "openai/gpt-4o-mini": "genai-prices@0.1.8" });
  });

  const chat = (fields: string) =>
    `{"gpt-4o": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1e-6, ${fields}}}`;

  it.each([
    ["no JSON", "{", "not JSON"],
    ["a list", "[]", "a price catalogue is not a JSON object"],
    [
      "1e309",
      chat('"output_cost_per_token": 1e309'),
      '"gpt-4o": output_cost_per_token is not the price of a token: Infinity',
    ],
    [
      "a negative price",
      chat('"output_cost_per_token": -1e-6'),
      "output_cost_per_token is not the price of a token: -0.000001",
    ],
    [
      "dollars per million",
      chat('"output_cost_per_token": 10'),
      "output_cost_per_token is not the price of a token: 10",
    ],
    ["other vendors only", '{"x": {"litellm_provider": "groq"}}', "no entry has a price"],
  ])("refuses %s with the place and changes nothing", async (_what, text, message) => {
    const place = await stage.workplace(YAML);
    await place.run(["prices", "update", "--from", await place.write("good.json", CATALOGUE)]);
    const { code, stdout, stderr } = await place.run([
      "prices",
      "update",
      "--from",
      await place.write("bad.json", text),
    ]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
    expectErrorText(stderr, "usage");
    expect((await versionsOf(place))["openai/gpt-4o-mini"]).toMatch(/^import:/);
  });

  it.each(["1e309", '"1e309"', "-1", ".inf", ".nan"])(
    "refuses a price of %s in providers.yaml",
    async (price) => {
      const place = await stage.workplace(YAML.replace("input: 3,", `input: ${price},`));
      const { code, stdout, stderr } = await place.run(["prices"]);
      expect([code, stdout]).toEqual([3, ""]);
      expect(stderr).toContain("providers.yaml:4:");
    },
  );
});
