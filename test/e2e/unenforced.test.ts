import { afterEach, describe, expect, it } from "vitest";
import { runCli } from "../helpers/run-cli.ts";
import { openWorkplace, type Workplace } from "./vendors.ts";

const MOCK =
  "version: 1\nproviders:\n  fake: { type: mock, reply: hello }\nmodels:\n  default: { targets: [fake/m] }\n";
let place: Workplace | undefined;

afterEach(async () => place?.remove());

describe("limits that are configured but not carried out", () => {
  it("are named on stderr", async () => {
    place = await openWorkplace(`${MOCK}plugins: [{ module: riptide-provider-acme }]\n`);
    const { code, stderr } = await place.run(["complete", "hi"]);
    expect([code, stderr]).toEqual([0, "note: not enforced by this version: plugins\n"]);
  });

  it("are not budgets, caps and limits of tenants, which hold", async () => {
    const tenants = "tenants: { list: { acme: { limits: { requests_per_minute: 6 } } } }\n";
    place = await openWorkplace(
      `${MOCK}budgets: [{ limit: 5, period: month }]\nmax_cost_per_request: 0.5\n${tenants}`,
    );
    expect((await place.run(["complete", "hi"])).stderr).toBe("");
  });

  it("are not mentioned where there are none", async () => {
    place = await openWorkplace(MOCK);
    expect((await place.run(["complete", "hi"])).stderr).toBe("");
    expect((await runCli(["complete", "-m", "mock/m", "hi"])).stderr).toBe("");
  });
});
