import { describe, expect, it } from "vitest";
import { type TenantReport, tenantRow, tenantsDocument, tenantText } from "../../src/output/tenants.ts";

const QUIET: TenantReport = {
  ...{ name: "acme", status: "active", suspension: undefined, limits: {}, priority: 100 },
  models: { allow: [], deny: [] },
  providers: { allow: [], deny: [] },
  usage: {
    ...{ requestsThisMinute: 0, tokensThisMinute: 0, costThisHourNano: 0, inFlight: 0, refusals24h: 0 },
  },
  ...{ hasKey: false, socket: null },
};
const LIMITED: TenantReport = {
  ...QUIET,
  limits: { requestsPerMinute: 60, tokensPerMinute: 100, costPerHourNano: 2_500_000_000, maxConcurrent: 3 },
  models: { allow: ["default"], deny: ["openai/*"] },
  usage: {
    ...{ requestsThisMinute: 61, tokensThisMinute: 7, costThisHourNano: 1, inFlight: 2, refusals24h: 4 },
  },
};

describe("a tenant in a document", () => {
  it("has null where no limit applies, and empty lists where all is allowed", () => {
    expect(tenantsDocument([QUIET])).toEqual({
      schema: "riptide.tenants/1",
      tenants: [
        {
          ...{ name: "acme", status: "active" },
          limits: {
            ...{ requests_per_minute: null, tokens_per_minute: null, cost_per_hour_usd: null },
            ...{ max_concurrent: null, models: [], models_denied: [], priority: 100 },
            providers: { allow: [], deny: [] },
          },
          usage: { requests_this_minute: 0, tokens_this_minute: 0, cost_this_hour_usd: "0", in_flight: 0 },
          ...{ refusals_24h: 0, has_key: false, socket: null },
        },
      ],
    });
  });

  it("says money as exact text", () => {
    expect(tenantsDocument([LIMITED])).toMatchObject({
      tenants: [{ limits: { cost_per_hour_usd: "2.5" }, usage: { cost_this_hour_usd: "0.000000001" } }],
    });
  });
});

describe("a tenant for people", () => {
  it("is a row of what was used of what", () => {
    expect(tenantRow(LIMITED)).toEqual(
      expect.arrayContaining(["acme", "active", "61/60", "7/100", "2/3", "4"]),
    );
    expect(tenantRow({ ...QUIET, status: "budget_exceeded" })[1]).toBe("budget exceeded");
  });

  it("is lines with its limits and what it may use", () => {
    const text = tenantText(LIMITED);
    expect(text).toContain("61 this minute, limit 60\n");
    expect(text).toContain("default but openai/*\n");
    expect(tenantText(QUIET)).not.toContain("limit");
  });

  it.each([
    [{ by: "config" }, "tenants.list.acme.suspended in providers.yaml"],
    [{ by: "operator", sinceMs: 0 }, "since 1970-01-01T00:00:00Z; riptide tenants resume acme"],
    [{ by: "strict" }, "tenants.strict admits only listed tenants"],
  ] as const)("says who suspended it and what to do: %j", (suspension, words) => {
    const [first] = tenantText({ ...QUIET, status: "suspended", suspension }).split("\n");
    expect(first).toMatch(/^acme: suspended/);
    expect(first).toContain(words);
  });
});
