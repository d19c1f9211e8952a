import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runInTerminal } from "../helpers/run-cli.ts";
import { expectErrorText, MOCK_YAML, openai, useStage } from "./stage.ts";
import { type Workplace, yamlOf } from "./vendors.ts";

const stage = useStage();
const YAML = `${MOCK_YAML}tenants:
  list:
    acme:
      key: secret-of-acme
      limits: { requests_per_minute: 6, tokens_per_minute: 5000, cost_per_hour: 10, max_concurrent: 3 }
      models: { allow: [default, "fake/*"], deny: [fake/large] }
      providers: { allow: [fake] }
      priority: 7
    stopped: { suspended: true }
`;
const ledgerPath = ({ folder }: Workplace) => join(folder, ".local/state/riptide/ledger.db");

const read = async (place: Workplace, ...args: readonly string[]) => {
  const { code, stdout, stderr } = await place.run(["tenants", ...args, "--json"]);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout).tenants;
};
const statuses = async (place: Workplace) =>
  Object.fromEntries(
    (await read(place, "list")).map(({ name, status }: Record<string, string>) => [name, status]),
  );

describe("riptide tenants list", () => {
  it("lists the default tenant and the configured ones with limits and usage, and makes no ledger", async () => {
    const place = await stage.workplace(YAML);
    const { stdout } = await place.run(["tenants", "--json"]);
    expect(JSON.parse(stdout).schema).toBe("riptide.tenants/1");
    const { tenants } = JSON.parse(stdout);
    expect(tenants.map(({ name }: { readonly name: string }) => name)).toEqual([
      "default",
      "acme",
      "stopped",
    ]);
    expect(tenants[1]).toEqual({
      ...{ name: "acme", status: "active" },
      limits: {
        ...{ requests_per_minute: 6, tokens_per_minute: 5000, cost_per_hour_usd: "10", max_concurrent: 3 },
        ...{ models: ["default", "fake/*"], models_denied: ["fake/large"] },
        ...{ providers: { allow: ["fake"], deny: [] }, priority: 7 },
      },
      usage: { requests_this_minute: 0, tokens_this_minute: 0, cost_this_hour_usd: "0", in_flight: 0 },
      ...{ refusals_24h: 0, has_key: true, socket: null },
    });
    expect(tenants[0].limits).toMatchObject({ requests_per_minute: null, models: [], priority: 100 });
    expect(tenants[2].status).toBe("suspended");
    expect(stdout).not.toContain("secret-of-acme");
    expect(existsSync(ledgerPath(place))).toBe(false);
  });

  it("adds tenants the ledger has seen, with the default limits that hold for them (TA-8)", async () => {
    const place = await stage.workplace(`${MOCK_YAML}tenants: { default_limits: standard }\n`);
    await place.run(["complete", "hi", "--tenant", "someone"]);
    await place.run(["complete", "hi"]);
    const [first, second] = await read(place, "list");
    expect([first.name, first.limits.requests_per_minute, first.usage.requests_this_minute]).toEqual([
      "default",
      null,
      1,
    ]);
    expect([second.name, second.limits.requests_per_minute]).toEqual(["someone", 60]);
    expect(second.usage.requests_this_minute).toBe(1);
    expect(second.usage.tokens_this_minute).toBeGreaterThan(0);
  });

  it("calls a tenant throttled while its limit would refuse a request, and counts refusals", async () => {
    const place = await stage.workplace(YAML);
    const ask = () => place.run(["complete", "hi", "--tenant", "acme", "--max-tokens", "5"]);
    expect((await ask()).code).toBe(0);
    expect((await ask()).code).toBe(7);
    const [acme] = await read(place, "show", "acme");
    expect(acme).toMatchObject({ status: "throttled", refusals_24h: 1, usage: { requests_this_minute: 1 } });
  });

  it("calls a tenant over budget, whosever budget it is that is spent", async () => {
    const place = await stage.workplace(`${YAML}budgets: [{ limit: 0, period: day }]\n`);
    expect(await statuses(place)).toEqual({
      ...{ default: "budget_exceeded", acme: "budget_exceeded", stopped: "suspended" },
    });
  });

  it("is a table of what is used of each limit, which fits 80 columns", async () => {
    const place = await stage.workplace(YAML);
    await place.run(["complete", "hi", "--tenant", "acme", "--max-tokens", "5"]);
    const { stdout } = await place.run(["tenants"]);
    expect(stdout).toMatch(/^TENANT +STATUS +REQ\/MIN +TOKENS\/MIN +COST\/HOUR +RUNNING +REFUSED$/m);
    expect(stdout).toMatch(/^acme +throttled +1\/6 +\d+\/5000 +\$0\.00\/\$10\.00 +0\/3 +0$/m);
    const env = { RIPTIDE_CONFIG: join(place.folder, "providers.yaml") };
    const { output } = await runInTerminal(["tenants", "--color", "never"], { home: place.folder, env });
    expect(Math.max(...output.split("\r\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    const shown = (await place.run(["tenants", "show", "acme"])).stdout;
    expect(shown).toMatch(/^acme: throttled\n {2}requests {3}1 this minute, limit 6\n/);
    expect(shown).toContain("models     default, fake/* but fake/large\n");
    expect((await place.run(["tenants", "show", "stopped"])).stdout).toMatch(
      /^stopped: suspended: tenants\.list\.stopped\.suspended in providers\.yaml\n/,
    );
  });

  it("goes by its argument: the tenant a call is for changes nothing", async () => {
    const place = await stage.workplace(YAML);
    const env = { RIPTIDE_TENANT: "stopped" };
    const { stdout } = await place.run(["--tenant", "stopped", "tenants", "show", "acme", "--json"], { env });
    expect(JSON.parse(stdout).tenants).toMatchObject([{ name: "acme" }]);
    expect((await place.run(["tenants", "show"], { env })).code).toBe(2);
  });

  it("does not know a name that was never used, and asks whether another was meant", async () => {
    const place = await stage.workplace(YAML);
    const { code, stderr } = await place.run(["tenants", "show", "amce"]);
    expect(code).toBe(1);
    expectErrorText(stderr, "not_found");
    expect(stderr).toContain("did you mean acme?");
    expect((await place.run(["tenants", "show", "constructor"])).code).toBe(1);
  });
});

describe("riptide tenants suspend and resume", () => {
  it("hold for every process from its next request on: no byte is sent in between", async () => {
    const simulator = await stage.simulate(openai, { kind: "answer", tokens: ["yes"] });
    const place = await stage.workplace(yamlOf([[openai, simulator.url]]));
    const ask = () => place.run(["complete", "hi", "--tenant", "acme"]);
    const first = await place.run(["tenants", "suspend", "acme"]);
    expect(first).toMatchObject({ code: 0, stdout: "acme is suspended; what is running goes on\n" });
    const refused = await ask();
    expect([refused.code, refused.stdout]).toEqual([9, ""]);
    expectErrorText(refused.stderr, "tenant_denied");
    expect(refused.stderr).toContain("riptide tenants resume acme");
    expect(simulator.requests).toHaveLength(0);
    expect((await place.run(["complete", "hi"])).code).toBe(0);
    expect(await place.run(["tenants", "resume", "acme"])).toMatchObject({
      ...{ code: 0, stdout: "acme may send requests again\n" },
    });
    expect(await ask()).toMatchObject({ code: 0, stdout: "yes\n" });
  });

  it("say so, with exit 0, where it is already as asked", async () => {
    const place = await stage.workplace(YAML);
    expect(await place.run(["tenants", "resume", "acme"])).toMatchObject({
      ...{ code: 0, stdout: "acme is not suspended\n" },
    });
    expect(existsSync(ledgerPath(place))).toBe(false);
    expect(await read(place, "suspend", "unseen")).toMatchObject([{ name: "unseen", status: "suspended" }]);
    expect((await place.run(["tenants", "suspend", "unseen"])).stdout).toBe("unseen was already suspended\n");
    expect((await place.run(["tenants", "show", "unseen"])).stdout).toMatch(
      /^unseen: suspended since 20\S+Z; riptide tenants resume unseen\n/,
    );
    expect((await statuses(place)).unseen).toBe("suspended");
    expect(await read(place, "resume", "unseen")).toMatchObject([{ status: "active" }]);
    expect(await place.run(["tenants", "resume", "acme"])).toMatchObject({
      ...{ code: 0, stdout: "acme is not suspended\n" },
    });
  });

  it("cannot take back what providers.yaml says", async () => {
    const place = await stage.workplace(YAML);
    const { code, stdout, stderr } = await place.run(["tenants", "resume", "stopped"]);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("tenant stopped stays suspended: providers.yaml says so");
    expect(stderr).toMatch(/hint: set tenants\.list\.stopped\.suspended: false in \S+providers\.yaml/);
  });

  it("take only listed names under tenants.strict", async () => {
    const place = await stage.workplace(YAML.replace("tenants:\n", "tenants:\n  strict: true\n"));
    const { code, stderr } = await place.run(["tenants", "suspend", "acne"]);
    expect(code).toBe(1);
    expect(stderr).toContain("did you mean acme?");
    expect(await statuses(place)).toEqual({ default: "suspended", acme: "active", stopped: "suspended" });
    expect((await read(place, "suspend", "acme"))[0].status).toBe("suspended");
  });

  it.each([["a\nb"], ["acme\n"], ["a'; DROP TABLE marks; --"], ['"acme"'], ["a".repeat(65)], ["../x"], [""]])(
    "refuse what is no tenant's name: %j",
    async (name) => {
      const place = await stage.workplace(YAML);
      for (const verb of ["show", "suspend", "resume"]) {
        const { code, stdout, stderr } = await place.run(["tenants", verb, name]);
        expect([code, stdout]).toEqual([2, ""]);
        expectErrorText(stderr, "usage");
      }
      expect(existsSync(ledgerPath(place))).toBe(false);
    },
  );
});
