import { describe, expect, it } from "vitest";
import type { Config } from "../../src/config/config.ts";
import { RiptideError } from "../../src/core/errors.ts";
import { tenantRules } from "../../src/engine/tenant-rules.ts";
import { errorText } from "../admission/cases.ts";
import { workspace } from "../config/workspace.ts";

const PROVIDERS = `
providers:
  openai: { type: openai, api_key: sk-test }
  claude: { type: anthropic, api_key: sk-test }
models:
  default: { targets: [openai/gpt-x, claude/claude-x] }
  cheap: { targets: [openai/gpt-x-mini] }
`;

async function configOf(text: string): Promise<Config> {
  const space = workspace();
  try {
    return (await space.loadText(PROVIDERS + text)).config;
  } finally {
    space.remove();
  }
}

async function rulesOf(text: string, tenant = "acme", maxCostNano?: number) {
  return tenantRules(await configOf(text), tenant, { maxCostNano });
}

async function refusalOf(text: string, tenant: string): Promise<readonly string[]> {
  const config = await configOf(text);
  try {
    tenantRules(config, tenant, {});
  } catch (thrown) {
    if (thrown instanceof RiptideError) return errorText(thrown);
    throw thrown;
  }
  return ["accepted"];
}

describe("the rules of a tenant", () => {
  it("are none where the configuration says nothing", async () => {
    expect(await rulesOf("", "default")).toMatchObject({
      rules: {
        tenant: "default",
        requestsPerMinute: undefined,
        tokensPerMinute: undefined,
        maxConcurrent: undefined,
        budgets: [],
        capNano: undefined,
        unpriced: "refuse",
      },
      access: { models: { allow: [], deny: [] }, providers: { allow: [], deny: [] } },
      prefer: [],
    });
  });

  it("are its limits, its budgets, its cost per hour and the installation's budgets", async () => {
    const { rules } = await rulesOf(`
tenants:
  list:
    acme:
      limits: { requests_per_minute: 60, tokens_per_minute: 1000, cost_per_hour: 10, max_concurrent: 3 }
      budgets: [ { limit: 50, period: month, thresholds: [0.5, 1.0], on_exceeded: "degrade:cheap" } ]
budgets: [ { limit: 2000, period: 30d } ]
unpriced: allow
`);
    expect(rules).toEqual({
      tenant: "acme",
      requestsPerMinute: 60,
      tokensPerMinute: 1_000,
      maxConcurrent: 3,
      budgets: [
        { tenant: "acme", period: "month", limitNano: 50e9, thresholds: [0.5, 1], degradeTo: "cheap" },
        { tenant: "acme", period: "hour", limitNano: 10e9, thresholds: [], degradeTo: null },
        { tenant: null, period: "30d", limitNano: 2_000e9, thresholds: [0.5, 0.8, 0.9, 1], degradeTo: null },
      ],
      capNano: undefined,
      unpriced: "allow",
    });
  });

  it.each([
    ["the installation's", "max_cost_per_request: 0.10", undefined, 0.1e9],
    ["the tenant's", capped("0.10", "0.05"), undefined, 0.05e9],
    ["the call's", capped("0.10", "0.05"), 0.02e9, 0.02e9],
    ["not the call's where that is higher", capped("0.10", "0.25"), 1e9, 0.1e9],
    ["the call's alone", "", 0, 0],
  ])("cap a request at the lowest: %s", async (_name, text, maxCostNano, capNano) => {
    expect((await rulesOf(text, "acme", maxCostNano)).rules.capNano).toBe(capNano);
  });

  it("carry its lists, the targets of the aliases and the providers that go first", async () => {
    const { access, prefer } = await rulesOf(`
tenants:
  list:
    acme:
      models: { allow: [default, "openai/*"], deny: [cheap] }
      providers: { deny: [claude], prefer: [openai] }
`);
    expect(access.models).toEqual({ allow: ["default", "openai/*"], deny: ["cheap"] });
    expect(access.providers).toMatchObject({ allow: [], deny: ["claude"] });
    expect(access.aliases.cheap?.targets).toEqual([{ provider: "openai", model: "gpt-x-mini" }]);
    expect(prefer).toEqual(["openai"]);
  });

  it("do not ask for a key in the caller's own process", async () => {
    const { rules } = await rulesOf("tenants: { list: { acme: { key: secret-key } } }");
    expect(rules.tenant).toBe("acme");
  });
});

function capped(installation: string, tenant: string): string {
  return `
max_cost_per_request: ${installation}
tenants: { list: { acme: { max_cost_per_request: ${tenant} } } }
`;
}

describe("default limits (TA-8)", () => {
  const STANDARD = "tenants: { default_limits: standard, list: { listed: {} } }";

  it("are 60 requests and 100,000 tokens a minute, 10 at once, for a tenant without a block", async () => {
    expect((await rulesOf(STANDARD, "someone")).rules).toMatchObject({
      requestsPerMinute: 60,
      tokensPerMinute: 100_000,
      maxConcurrent: 10,
    });
  });

  it("are not for a tenant with a block, nor for the default one", async () => {
    for (const tenant of ["listed", "default"]) {
      const { requestsPerMinute, tokensPerMinute, maxConcurrent } = (await rulesOf(STANDARD, tenant)).rules;
      expect([requestsPerMinute, tokensPerMinute, maxConcurrent]).toEqual([undefined, undefined, undefined]);
    }
  });

  it("may hold a cost per hour, which is a budget of that tenant", async () => {
    const { rules } = await rulesOf("tenants: { default_limits: { cost_per_hour: 1 } }", "someone");
    expect(rules.budgets).toEqual([
      { tenant: "someone", period: "hour", limitNano: 1e9, thresholds: [], degradeTo: null },
    ]);
  });

  it("are for a tenant that is called as something every object has", async () => {
    expect((await rulesOf(STANDARD, "constructor")).rules.requestsPerMinute).toBe(60);
  });
});

describe("a tenant that may not ask", () => {
  const STRICT = "tenants: { strict: true, list: { acme: {}, research: {} } }";

  it("is an unknown one under tenants.strict, with the name that may have been meant", async () => {
    expect(await refusalOf(STRICT, "reserch")).toEqual([
      'tenant_denied: unknown tenant "reserch", and tenants.strict admits only those that are listed',
      'did you mean "research"?',
      "hint: name one with --tenant or RIPTIDE_TENANT, or add it to tenants.list in providers.yaml",
    ]);
    expect((await refusalOf(STRICT, "x-999"))[1]).toBe("known: acme, research");
    expect(await refusalOf(STRICT, "acme")).toEqual(["accepted"]);
    expect((await refusalOf(STRICT, "constructor"))[0]).toMatch(/^tenant_denied: unknown tenant/);
  });

  it("is the default one too under tenants.strict, unless it is listed", async () => {
    expect((await refusalOf(STRICT, "default"))[0]).toBe(
      "tenant_denied: no tenant was named, and tenants.strict admits only those that are listed",
    );
    expect(await refusalOf("tenants: { strict: true, list: { default: {} } }", "default")).toEqual([
      "accepted",
    ]);
  });

  it("is one that the configuration suspends", async () => {
    expect(await refusalOf("tenants: { list: { acme: { suspended: true } } }", "acme")).toEqual([
      "tenant_denied: tenant acme is suspended in the configuration; nothing was sent",
      "hint: set tenants.list.acme.suspended: false in providers.yaml",
    ]);
  });
});
