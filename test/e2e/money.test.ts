import { describe, expect, it } from "vitest";
import { ledgerOf } from "../helpers/ledger-rows.ts";
import { runInTerminal } from "../helpers/run-cli.ts";
import type { Scenario } from "../helpers/simulator.ts";
import { anthropic, openai, shell, startCli, useStage } from "./stage.ts";
import { yamlOf } from "./vendors.ts";

const stage = useStage();
const answer = (usage: object | null, tokens: readonly string[] = ["yes"]): Scenario => ({
  kind: "answer",
  tokens,
  usage: usage as never, // What a provider reports is not always what it should.
});

async function withOpenAi(scenarios: readonly Scenario[], extra = "") {
  const simulator = await stage.simulate(openai, ...scenarios);
  const place = await stage.workplace(yamlOf([[openai, simulator.url]], extra));
  return { simulator, place };
}

describe("what an answer costs", () => {
  it("is the same in the document, on stderr and in the ledger, to the nano-dollar", async () => {
    const { place } = await withOpenAi([answer({ input: 1_000, cacheRead: 400, output: 200 })]);
    const { stdout, stderr } = await place.run(["complete", "hi", "--json", "--tag", "team=search", "-u"]);
    const document = JSON.parse(stdout);
    // 600 x $0.40, 400 x $0.10 and 200 x $1.60 a million.
    expect(document.cost).toEqual({ usd: "0.0006", priced: true, price_version: "genai-prices@0.1.8" });
    expect([document.attempts[0].cost_usd, document.tags]).toEqual(["0.0006", { team: "search" }]);
    expect(stderr).toBe("");
    const ledger = ledgerOf(place.folder);
    expect(ledger.operations()).toEqual([
      { tenant: "default", alias: "default", outcome: "ok", state: "settled", cost: 600_000 },
    ]);
    expect(ledger.held()).toBe(0);
    expect((await place.run(["complete", "hi", "-u"])).stderr).toContain(" · $0.0006000 · ");
  });

  it("is null and unpriced for a model whose price nobody knows, and not counted as nothing", async () => {
    const { place } = await withOpenAi([answer({ input: 10, output: 10 })]);
    const { stdout } = await place.run(["complete", "hi", "-m", "openai/house-model", "--json"]);
    expect(JSON.parse(stdout).cost).toEqual({ usd: null, priced: false, price_version: null });
    expect(ledgerOf(place.folder).attempts()).toMatchObject([{ source: "reported", cost: 0, version: null }]);
  });

  it.each([
    ["none at all", null, "no_usage"],
    ["a negative count", { input: -5, output: 10 }, "no_usage"],
    ["more than ten times what was reserved", { input: 100_000_000, output: 10 }, "bad_usage"],
    ["1e308", { input: 10, output: 1e308 }, "no_usage"],
  ])("is estimated and flagged where the provider reports %s (LG-5)", async (_name, usage, note) => {
    const { place } = await withOpenAi([answer(usage)]);
    expect((await place.run(["complete", "hi"])).stdout).toBe("yes\n");
    const [line] = ledgerOf(place.folder).attempts();
    expect(line).toMatchObject({ source: "estimated", note, output: 1 });
    expect(Number(line?.cost)).toBeGreaterThan(0);
  });
});

describe("an answer that did not come well", () => {
  it("is booked for what was seen when it was cut, and an attempt that was refused costs nothing", async () => {
    const first = await stage.simulate(anthropic, { kind: "failure", failure: "server" });
    const second = await stage.simulate(openai, {
      kind: "answer",
      tokens: ["half ", "an ", "answer"],
      delivery: { cutAfterEvents: 3 },
    });
    const place = await stage.workplace(
      yamlOf([
        [anthropic, first.url],
        [openai, second.url],
      ]),
    );
    const { code } = await place.run(["complete", "hi", "--timeout", "5s"]);
    expect(code).toBe(5);
    expect(ledgerOf(place.folder).attempts()).toMatchObject([
      { provider: "anthropic", outcome: "error", code: "provider_error", source: "none", cost: 0 },
      { provider: "anthropic", outcome: "error", code: "provider_error", source: "none", cost: 0 },
      { provider: "openai", outcome: "error", code: "stream_interrupted", source: "estimated", note: "cut" },
    ]);
  });

  it("is booked when it was cancelled by Ctrl-C, says what it cost, and holds nothing (row 30)", async () => {
    const { simulator, place } = await withOpenAi([
      {
        kind: "answer",
        tokens: Array.from({ length: 400 }, (_, n) => `w${n} `),
        delivery: { slice: 200, intervalMs: 20 },
      },
    ]);
    const run = await place.run(["complete", "hi"], { killAfterStdoutBytes: 10, signal: "SIGINT" });
    expect([run.code, run.stderr]).toEqual([130, expect.stringMatching(/interrupted, \$0\.0\d+ spent\n$/)]);
    await expect.poll(() => simulator.aborted).toBe(1);
    const ledger = ledgerOf(place.folder);
    expect(ledger.attempts()).toMatchObject([
      { outcome: "cancelled", source: "estimated", note: "cancelled" },
    ]);
    expect([ledger.operations()[0]?.outcome, ledger.held()]).toEqual(["cancelled", 0]);
    expect(ledger.counters().reservations).toEqual([]);
  });

  it.each([
    ["ends in time: its own usage", 60, { source: "reported", note: null, output: 777 }],
    ["does not: what was seen", 4_000, { source: "estimated", note: "cancelled" }],
  ])("is read on for two seconds under on_cancel: drain, and where it %s", async (_name, count, line) => {
    const { place } = await withOpenAi(
      [
        {
          kind: "answer",
          tokens: Array.from({ length: count }, (_, n) => `w${n} `),
          usage: { input: 10, output: 777 },
          delivery: { slice: 400, intervalMs: 10 },
        },
      ],
      "failover: { on_cancel: drain }\n",
    );
    const running = startCli(place, ["complete", "hi"]);
    await running.waitFor("w1 ");
    running.child.kill("SIGINT");
    expect(await running.ended).toMatchObject({ code: 130 });
    expect(running.stdout().length).toBeLessThan(200);
    expect(ledgerOf(place.folder).attempts()).toMatchObject([{ outcome: "cancelled", ...line }]);
  });

  it("is booked when its reader went away (row 30)", async () => {
    const { place } = await withOpenAi([
      {
        kind: "answer",
        tokens: Array.from({ length: 400 }, (_, n) => `w${n} `),
        delivery: { slice: 200, intervalMs: 20 },
      },
    ]);
    await shell(place, "riptide complete hi | head -c 10 >/dev/null");
    const ledger = ledgerOf(place.folder);
    expect(ledger.attempts()).toMatchObject([{ outcome: "cancelled", note: "cancelled" }]);
    expect(ledger.held()).toBe(0);
  });

  it("is booked for its prompt when the provider never said a word", async () => {
    const { place } = await withOpenAi([{ kind: "raw", behaviour: "silent" }]);
    expect((await place.run(["complete", "hi", "--timeout", "1s"])).code).toBe(6);
    expect(ledgerOf(place.folder).attempts()).toMatchObject([
      { outcome: "error", code: "deadline_exceeded", source: "estimated", note: "no_answer", output: 0 },
    ]);
  });
});

describe("a refusal sends nothing, takes nothing and says why", () => {
  const PRICED = "tenants: { list: { acme: { budgets: [ { limit: 0.01, period: month } ] } } }\n";

  it("over a budget: exit 8 with the figures", async () => {
    const { simulator, place } = await withOpenAi([answer({ input: 10, output: 5_000 })], PRICED);
    const args = ["complete", "hi", "--tenant", "acme", "--max-tokens", "5000"];
    // 5,000 x $1.60 a million are $0.008: once, and not twice.
    expect((await place.run(args)).code).toBe(0);
    const before = ledgerOf(place.folder).counters();
    const { code, stdout, stderr } = await place.run(args);
    expect([code, stdout, simulator.requests.length]).toEqual([8, "", 1]);
    expect(stderr).toMatch(
      /^error\[budget_exceeded\]: tenant acme would exceed its month budget; nothing was sent\n/,
    );
    expect(stderr).toMatch(
      /limit \$0\.01000, spent \$0\.00800\d, reserved \$0\.00, this request up to \$0\.00800\d/,
    );
    expect(stderr).toMatch(/resets 20\d\d-\d\d-01T00:00:00Z/);
    expect(ledgerOf(place.folder).counters()).toEqual(before);
    expect((await place.run([...args, "--json"])).stdout).toContain('"code":"budget_exceeded"');
  });

  it("over a limit of requests: exit 7, and when to come back", async () => {
    const limits = "tenants: { list: { acme: { limits: { requests_per_minute: 6 } } } }\n";
    const { simulator, place } = await withOpenAi([answer({ input: 10, output: 5 })], limits);
    const args = ["complete", "hi", "--tenant", "acme", "--json"];
    expect((await place.run(args)).code).toBe(0);
    const before = ledgerOf(place.folder).counters();
    const { code, stdout } = await place.run(args);
    const { error } = JSON.parse(stdout);
    expect([code, error.code, simulator.requests.length]).toEqual([7, "tenant_rate_limited", 1]);
    expect(error.retry_after_ms).toBeGreaterThan(5_000);
    expect(error.retry_after_ms).toBeLessThanOrEqual(10_000);
    expect(ledgerOf(place.folder).counters()).toEqual(before);
  });

  it.each([
    ["models: { allow: [other] }", ["-m", "openai/gpt-4.1-mini"], 9, "tenant_denied"],
    ["providers: { deny: [openai] }", [], 9, "tenant_denied"],
    ["suspended: true", [], 9, "tenant_denied"],
    ["max_cost_per_request: 0.000001", ["--max-tokens", "500"], 8, "cost_cap_exceeded"],
  ])("a tenant with %s: the request goes nowhere", async (block, flags, exit, error) => {
    const { simulator, place } = await withOpenAi(
      [answer({ input: 1, output: 1 })],
      `tenants: { list: { acme: { ${block} } } }\n`,
    );
    const { code, stderr } = await place.run(["complete", "hi", "--tenant", "acme", ...flags]);
    expect([code, simulator.requests.length]).toEqual([exit, 0]);
    expect(stderr).toContain(error);
  });

  it("an unknown tenant under tenants.strict", async () => {
    const { place } = await withOpenAi([], "tenants: { strict: true, list: { acme: {} } }\n");
    const { code, stderr } = await place.run(["complete", "hi", "--tenant", "acne"]);
    expect([code, stderr]).toEqual([9, expect.stringContaining('did you mean "acme"?')]);
  });

  it("--confirm-above without a terminal: exit 8, unless -y confirms", async () => {
    const { simulator, place } = await withOpenAi([answer({ input: 10, output: 5 })]);
    const args = ["complete", "hi", "--max-tokens", "1000", "--confirm-above", "0.001"];
    const refused = await place.run(args);
    expect([refused.code, simulator.requests.length]).toEqual([8, 0]);
    expect(refused.stderr).toMatch(/error\[cost_not_confirmed\]: the call may cost up to \$0\.00160\d/);
    expect((await place.run([...args, "-y"])).code).toBe(0);
    expect((await place.run(["complete", "hi", "--max-tokens", "10", "--confirm-above", "1c"])).code).toBe(0);
  });
});

describe("money that is nearly used up", () => {
  const PRICES = "    prices: { gpt-4.1-mini: { input: 0, output: 100 } }\n";
  const withPrices = (url: string, extra: string) =>
    yamlOf([[openai, url]], extra).replace("models:\n", `${PRICES}models:\n`);

  it("lowers the output limit to what --max-cost pays for, and says so when it was reached", async () => {
    const simulator = await stage.simulate(openai, {
      ...{ kind: "answer", tokens: ["cut"], finish: "length", usage: { input: 10, output: 100 } },
    });
    const place = await stage.workplace(withPrices(simulator.url, ""));
    const { code, stdout, stderr } = await place.run(["complete", "hi", "--max-cost", "1c"]);
    expect(simulator.requests[0]?.json).toMatchObject({ max_completion_tokens: 100 });
    expect([code, stdout]).toEqual([8, "cut\n"]);
    expect(stderr).toContain("budget_exceeded");
    const json = JSON.parse((await place.run(["complete", "hi", "--max-cost", "1c", "--json"])).stdout);
    expect([json.ok, json.finish, json.partial, json.cost.usd]).toEqual([false, "budget", true, "0.01"]);
  });

  it("ends a stream that nobody limited at the budget line, and books it to the token", async () => {
    const tokens = Array.from({ length: 9_000 }, () => "word");
    const simulator = await stage.simulate(openai, {
      kind: "answer",
      tokens,
      delivery: { slice: 20_000, intervalMs: 2 },
    });
    const place = await stage.workplace(
      withPrices(simulator.url, "budgets: [ { limit: 0.6, period: month } ]\n"),
    );
    const { code, stdout, stderr } = await place.run(["complete", "hi"]);
    expect(code).toBe(8);
    expect(stderr).toContain("the answer was ended");
    const ledger = ledgerOf(place.folder);
    const [line] = ledger.attempts();
    expect(line).toMatchObject({ outcome: "ok", source: "estimated", note: "budget" });
    expect(stdout.trimEnd().length / 4).toBe(line?.output);
    // Nearly all of the 6,000 tokens that $0.60 pay for, and not one more.
    expect(Number(line?.output)).toBeGreaterThan(5_200);
    expect([Number(line?.cost) <= 600_000_000, ledger.held()]).toEqual([true, 0]);
  });

  it("asks a cheaper alias once where the budget says so, and says that it did", async () => {
    const simulator = await stage.simulate(openai, answer({ input: 10, output: 1_000 }));
    const yaml = withPrices(
      simulator.url,
      "  cheap: { targets: [fake/m] }\nbudgets: [ { limit: 0.15, period: day, on_exceeded: degrade:cheap } ]\n",
    ).replace("models:\n", "  fake: { type: mock, reply: from the mock }\nmodels:\n");
    const place = await stage.workplace(yaml);
    const args = ["complete", "hi", "--max-tokens", "1000"];
    expect((await place.run(args)).stdout).toBe("yes\n");
    const degraded = await place.run(args);
    expect([degraded.code, degraded.stdout, simulator.requests.length]).toEqual([0, "from the mock\n", 1]);
    expect(degraded.stderr).toContain("a budget is spent: cheap answers in place of default");
    expect(ledgerOf(place.folder).operations()[1]).toMatchObject({ alias: "cheap", cost: 0 });
  });

  it("warns once for each threshold that is crossed (LG-13)", async () => {
    const simulator = await stage.simulate(openai, answer({ input: 10, output: 1_000 }));
    const budget = "budgets: [ { limit: 0.21, period: month, thresholds: [0.4, 0.9] } ]\n";
    const place = await stage.workplace(withPrices(simulator.url, budget));
    const args = ["complete", "hi", "--max-tokens", "1000"];
    expect((await place.run(args)).stderr).toMatch(
      /^warning: budget global\/month has reached 40 %: \$0\.1000 of \$0\.2100 spent, resets /,
    );
    expect((await place.run(args)).stderr).toContain("has reached 90 %");
    expect(ledgerOf(place.folder).all("SELECT threshold FROM alerts")).toHaveLength(2);
  });

  it("a target without a price fits no budget unless the configuration allows it", async () => {
    const simulator = await stage.simulate(openai, answer({ input: 10, output: 10 }));
    const budget = "budgets: [ { limit: 5, period: month } ]\n";
    const place = await stage.workplace(yamlOf([[openai, simulator.url]], budget));
    const args = ["complete", "hi", "-m", "openai/house-model"];
    const refused = await place.run(args);
    expect([refused.code, simulator.requests.length]).toEqual([8, 0]);
    expect(refused.stderr).toContain("price");
    expect((await place.run([...args, "--set", "unpriced=allow"])).code).toBe(0);
  });
});

describe("a ledger that cannot be used (LG-11)", () => {
  const BLOCKED = (folder: string) => ({ RIPTIDE_STATE_DIR: `${folder}/providers.yaml/state` });

  it("stops a request that a budget limits, before a byte is sent", async () => {
    const { simulator, place } = await withOpenAi(
      [answer(null)],
      "budgets: [ { limit: 5, period: month } ]\n",
    );
    const { code, stderr } = await place.run(["complete", "hi"], { env: BLOCKED(place.folder) });
    expect([code, simulator.requests.length]).toEqual([8, 0]);
    expect(stderr).toContain("error[ledger_unavailable]");
  });

  it("does not stop one that nothing limits, which is answered with a warning", async () => {
    const { place } = await withOpenAi([answer({ input: 10, output: 5 })]);
    const { code, stdout, stderr } = await place.run(["complete", "hi"], { env: BLOCKED(place.folder) });
    expect([code, stdout]).toEqual([0, "yes\n"]);
    expect(stderr).toContain("warning: sent without the ledger");
  });
});

describe("--confirm-above on a terminal", () => {
  it.each([
    ["y\r", 0],
    ["n\r", 8],
    ["\u0003", 130],
    ["\u0004", 8],
  ])("takes %j for an answer: exit %i", async (keys, exit) => {
    const { simulator, place } = await withOpenAi([answer({ input: 10, output: 5 })]);
    const env = { RIPTIDE_CONFIG: `${place.folder}/providers.yaml`, OPENAI_API_KEY: "sk-simulated" };
    const args = ["complete", "hi", "--stdin", "never", "--max-tokens", "1000", "--confirm-above", "0.001"];
    const { code, output } = await runInTerminal(args, {
      ...{ env, cwd: place.folder, home: place.folder },
      act: async (terminal) => {
        await terminal.waitFor("send it? [y/N]");
        terminal.type(keys);
      },
    });
    expect([code, simulator.requests.length]).toEqual([exit, exit === 0 ? 1 : 0]);
    expect(output).not.toContain("error[internal]");
  });
});

it("a budget holds also where the provider does not keep to the limit it is sent", async () => {
  const tokens = Array.from({ length: 9_000 }, () => "word");
  const simulator = await stage.simulate(openai, {
    kind: "answer",
    tokens,
    delivery: { slice: 20_000, intervalMs: 2 },
  });
  const prices = "    prices: { gpt-4.1-mini: { input: 0, output: 100 } }\n";
  const yaml = yamlOf([[openai, simulator.url]]).replace("models:\n", `${prices}models:\n`);
  const place = await stage.workplace(yaml);
  const { code, stdout, stderr } = await place.run(["complete", "hi", "--max-cost", "0.1", "-u"]);
  expect([code, simulator.requests[0]?.json]).toMatchObject([8, { max_completion_tokens: 1_000 }]);
  // A thousand tokens are paid for, and a little more is what it takes to be sure.
  expect(stdout.length / 4).toBeLessThan(1_500);
  expect(stderr).toContain(" out · $0.1");
});
