import { describe, expect, it } from "vitest";
import { exitOf, failingUnder } from "../../src/health/policy.ts";
import type { HealthPolicy, ProviderHealth } from "../../src/health/report.ts";
import { ALL, failedWith, providerOf, reportFor } from "./reports.ts";

const healthy = providerOf("a");
const degraded = providerOf("b", "degraded");
const unknown = providerOf("c", "unknown");
const off = providerOf("d", "disabled");
const dead = failedWith("e", "connect_failed");
const keyless = failedWith("f", "secret_missing", "misconfigured");
const refused = failedWith("g", "auth_failed", "misconfigured");
const broke = failedWith("h", "quota_exhausted", "misconfigured");
/** A probe passed, but the circuit is open. */
const open = providerOf("i", "down", { circuit: "open" });

const atLeast = (value: number): HealthPolicy => ({ mode: "min_healthy", value });
const needs = (...value: readonly string[]): HealthPolicy => ({ mode: "require", value });
const ANY: HealthPolicy = { mode: "any", value: null };

const exits = (providers: readonly ProviderHealth[], policy: HealthPolicy, failOnDegraded = false) => {
  const report = reportFor(providers, policy);
  return [report.status, exitOf(report, { failOnDegraded })];
};

describe("a policy (HM-7)", () => {
  it.each([
    ["all is well", [healthy, healthy], ALL, "pass", 0],
    ["degraded is usable", [healthy, degraded], ALL, "warn", 0],
    ["disabled is not expected to be usable", [healthy, off], ALL, "pass", 0],
    ["unknown is not usable", [healthy, unknown], ALL, "fail", 5],
    ["one that is down is enough to fail", [healthy, dead], ALL, "fail", 5],
    ["an open circuit is down whatever the probe says (HM-5)", [healthy, open], ALL, "fail", 5],
    ["a missing secret alone is 3", [healthy, keyless], ALL, "fail", 3],
    ["a refused key alone is 4", [refused, healthy], ALL, "fail", 4],
    ["a spent account is 4 too", [refused, broke], ALL, "fail", 4],
    ["secrets and keys together: the configuration comes first", [refused, keyless], ALL, "fail", 3],
    ["a secret and something else is 5", [keyless, dead], ALL, "fail", 5],
    ["a secret and an unknown is 5", [keyless, unknown], ALL, "fail", 5],
    ["any: one is enough", [dead, keyless, degraded], ANY, "warn", 0],
    ["any: none is not", [dead, unknown], ANY, "fail", 5],
    ["any: all without keys", [keyless, keyless], ANY, "fail", 3],
    ["min-healthy counts what can be used", [healthy, degraded, dead], atLeast(2), "warn", 0],
    ["min-healthy: too few", [healthy, degraded, dead], atLeast(3), "fail", 5],
    ["min-healthy: more than there are", [healthy], atLeast(2), "fail", 5],
    ["require looks at those it names only", [healthy, dead, keyless], needs("a"), "pass", 0],
    ["require: one of them is degraded", [healthy, degraded, dead], needs("a", "b"), "warn", 0],
    ["require: one of them is down", [healthy, dead], needs("a", "e"), "fail", 5],
    ["require: one of them is disabled", [healthy, off], needs("d"), "fail", 5],
  ] as const)("%s", (_name, providers, policy, status, exit) =>
    expect(exits(providers, policy)).toEqual([status, exit]),
  );

  it("makes 12 of a warning for a caller who asked to know, and of nothing else", () => {
    expect(exits([healthy, degraded], ALL, true)).toEqual(["warn", 12]);
    expect(exits([healthy, dead], ANY, true)).toEqual(["warn", 12]);
    expect(exits([healthy], ALL, true)).toEqual(["pass", 0]);
    expect(exits([degraded, dead], ALL, true)).toEqual(["fail", 5]);
    expect(exits([keyless], ALL, true)).toEqual(["fail", 3]);
  });

  it("counts every state", () => {
    expect(reportFor([healthy, healthy, degraded, unknown, off, dead, keyless]).summary).toEqual({
      ...{ total: 7, healthy: 2, degraded: 1, unknown: 1, disabled: 1, down: 1, misconfigured: 1 },
    });
  });

  it("names those that cannot be used, of those it speaks of", () => {
    expect(failingUnder([dead, healthy, keyless, off], ALL).map(({ name }) => name)).toEqual(["e", "f"]);
    expect(failingUnder([dead, healthy, keyless], needs("e")).map(({ name }) => name)).toEqual(["e"]);
  });
});
