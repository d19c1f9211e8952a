import { describe, expect, it } from "vitest";
import { inView, latencyOf, levelOf, notRun, probeRow, statusOf } from "../../src/health/checks.ts";
import { detailOf, type HealthCheck } from "../../src/health/report.ts";
import { checkOf, providerOf } from "./reports.ts";

const config = checkOf({ id: "config", ms: 3 });
const reach = checkOf({ id: "reach", ms: 40 });
const auth = checkOf({ id: "auth", ms: 90, message: "3 models" });
const fails = (id: HealthCheck["id"], code: HealthCheck["code"], ms: number | null = 50) =>
  checkOf({ id, status: "fail", code, ms, message: `${code} it said` });
const unclear = (code: HealthCheck["code"]) =>
  checkOf({ id: "auth", status: "unknown", code, ms: 30, message: "hm" });

describe("what checks say of a provider", () => {
  it.each([
    ["all passed", [config, reach, auth], "healthy", "auth", 90],
    ["no key to check", [config, reach, notRun("auth", { status: "skip" })], "healthy", "reach", 40],
    ["passed with a warning", [config, reach, { ...auth, status: "warn" }], "degraded", "auth", 90],
    ["no secret", [fails("config", "secret_missing"), notRun("reach")], "misconfigured", "config", null],
    ["not reached", [config, fails("reach", "connect_failed"), notRun("auth")], "down", "reach", null],
    ["a refused key (HM-3)", [config, reach, fails("auth", "auth_failed")], "misconfigured", "auth", 40],
    [
      "a model nobody knows there",
      [config, reach, auth, fails("deep", "model_not_found")],
      "misconfigured",
      "deep",
      90,
    ],
    ["429 (HM-3)", [config, reach, unclear("rate_limited")], "unchanged", "auth", 40],
    ["404 (HM-3)", [config, { ...reach, status: "unknown" }, notRun("auth")], "unknown", "reach", null],
    ["not looked at to the end", [config, reach, notRun("auth")], "unknown", "auth", 40],
    ["configuration only", [config], "healthy", "config", null],
  ] as const)("%s", (_name, checks, status, level, latencyMs) => {
    expect([statusOf(checks), levelOf(checks), latencyOf(checks)]).toEqual([status, level, latencyMs]);
  });

  it("shows an open circuit as down, and a half-open one as what the probe found (HM-5)", () => {
    expect(inView("healthy", "open")).toBe("down");
    expect(inView("unknown", "open")).toBe("down");
    expect(inView("misconfigured", "open")).toBe("misconfigured");
    expect(inView("degraded", "half_open")).toBe("degraded");
  });
});

describe("the row that is kept of a look", () => {
  const kept = (checks: readonly HealthCheck[], latencyMs: number | null = null) =>
    probeRow({ name: "a", checks, latencyMs }, { endpoint: "e", atMs: 5 });

  it("holds the level that decided, with its code", () => {
    expect(kept([config, reach, auth], 90)).toEqual({
      ...{ provider: "a", endpoint: "e", level: "auth", status: "pass", latencyMs: 90, code: null, atMs: 5 },
      holdUntilMs: null,
    });
    expect(kept([config, reach, fails("auth", "auth_failed")])).toMatchObject({
      ...{ level: "auth", status: "fail", code: "auth_failed" },
    });
    expect(kept([config, reach, unclear("rate_limited")])).toMatchObject({
      ...{ level: "auth", status: "unknown", code: "rate_limited" },
    });
  });

  it("holds who asks to be left alone, for a second where it does not say how long (HM-3)", () => {
    const limited = (retryAfterMs?: number) => ({
      ...unclear("rate_limited"),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
    expect(kept([config, reach, limited(7_000)])?.holdUntilMs).toBe(7_005);
    expect(kept([config, reach, limited()])?.holdUntilMs).toBe(1_005);
  });

  it("is none where nothing was asked, or nothing came of it", () => {
    expect(kept([config])).toBeUndefined();
    expect(kept([fails("config", "secret_missing"), notRun("reach")])).toBeUndefined();
    expect(kept([config, notRun("reach", { code: "deadline_exceeded" }), notRun("auth")])).toBeUndefined();
  });

  it("does not lose what the free call showed where the deep one was never sent", () => {
    expect(kept([config, reach, auth, notRun("deep", { code: "budget_exceeded" })])).toMatchObject({
      ...{ level: "auth", status: "pass" },
    });
  });
});

describe("a provider in one line", () => {
  it("says what is wrong before what was found", () => {
    const line = (checks: readonly HealthCheck[], circuit: "closed" | "open" = "closed") =>
      detailOf(providerOf("a", "healthy", { checks, circuit }));
    expect(line([config, reach, auth])).toBe("3 models");
    expect(line([config, reach, auth, notRun("deep")])).toBe("3 models");
    expect(line([config, auth, notRun("auth", { status: "skip", message: "no key" })])).toBe("3 models");
    expect(line([config, fails("reach", "connect_failed"), notRun("auth")], "open")).toBe(
      "connect_failed it said",
    );
    expect(line([config, reach, auth], "open")).toBe("its circuit is open");
    expect(line([config, reach, unclear("rate_limited")])).toBe("rate_limited: hm");
    expect(line([config, reach, { ...auth, status: "warn", message: "slow" }])).toBe("slow");
    expect(line([notRun("config", { status: "skip", message: "disabled" })])).toBe("disabled");
  });
});
