import { describe, expect, it } from "vitest";
import { useStage } from "./stage.ts";

const stage = useStage();

const YAML = `version: 1
providers:
  dear: { type: mock, reply: dear, prices: { m: { input: 5, output: 10 } } }
  cheap: { type: mock, reply: cheap, prices: { m: { input: 1, output: 2 } } }
  gone: { type: mock, enabled: false }
  keyless: { type: openai, api_key: { env: NO_SUCH_KEY } }
models:
  default: { targets: [dear/m, gone/m, cheap/m] }
  round: { targets: [dear/m, cheap/m], strategy: round-robin }
  off: { targets: [gone/m] }
  secret: { targets: [keyless/m] }
`;

describe("riptide route explain", () => {
  it("prints the order of a request now, and what it goes by", async () => {
    const place = await stage.workplace(YAML);
    const args = [
      "--strategy",
      "lowest-cost",
      "--tokens-in",
      "2000",
      "--max-tokens",
      "10",
      "--timeout",
      "4s",
    ];
    const { code, stdout, stderr } = await place.run(["route", "explain", ...args, "--json"]);
    expect([code, stderr]).toEqual([0, ""]);
    const known = { model: "m", health: "unknown", circuit: "closed" };
    expect(JSON.parse(stdout)).toStrictEqual({
      ...{ schema: "riptide.route/1", requested: "default", alias: "default", strategy: "lowest-cost" },
      ...{ tenant: "default", deadline_ms: 4_000 },
      candidates: [
        {
          ...{ ...known, rank: 1, provider: "cheap", eligible: true, reason: null },
          ...{ score: 0.00222, estimate_usd: "0.00222", slice_ms: 2_400 },
        },
        {
          ...{ ...known, rank: 2, provider: "dear", eligible: true, reason: null },
          ...{ score: 0.0111, estimate_usd: "0.0111", slice_ms: 1_600 },
        },
        {
          ...{
            ...known,
            rank: null,
            provider: "gone",
            eligible: false,
            reason: "disabled",
            health: "disabled",
          },
          ...{ score: null, estimate_usd: null, slice_ms: null },
        },
      ],
    });
  });

  it("prints it as a table for people, one line for each target", async () => {
    const place = await stage.workplace(YAML);
    const { stdout } = await place.run(["route"]);
    expect(stdout.split("\n").map((line) => line.trim().split(/ {2,}/))).toEqual([
      ["RANK", "TARGET", "WHY", "ESTIMATE", "HEALTH", "CIRCUIT", "SHARE"],
      ["1", "dear/m", "in the order given", "$0.04099", "unknown", "closed", "3 s"],
      ["2", "cheap/m", "in the order given", "$0.008198", "unknown", "closed", "2 s"],
      ["-", "gone/m", "disabled in the configuration", "-", "disabled", "closed", "-"],
      [""],
    ]);
  });

  it("tells whose turn is next and takes none; each request takes one", async () => {
    const place = await stage.workplace(YAML);
    const told = async () => {
      const { stdout } = await place.run(["route", "explain", "-m", "round", "--json"]);
      return JSON.parse(stdout).candidates.map(({ provider }: { provider: string }) => provider);
    };
    expect(await told()).toEqual(["dear", "cheap"]);
    expect((await place.run(["complete", "hi", "-m", "round"])).stdout).toBe("dear\n");
    expect(await told()).toEqual(["cheap", "dear"]);
    expect((await place.run(["complete", "hi", "-m", "round"])).stdout).toBe("cheap\n");
  });

  it.each([
    ["off", 5, "disabled", "error[no_provider_available]: "],
    ["secret", 3, "misconfigured", "error[secret_missing]: "],
  ])("ends as the request would where nobody can be asked: -m %s", async (model, exit, reason, told) => {
    const place = await stage.workplace(YAML);
    const { code, stdout, stderr } = await place.run(["route", "explain", "-m", model, "--json"]);
    const { candidates } = JSON.parse(stdout);
    expect([code, candidates[0].eligible, candidates[0].reason]).toEqual([exit, false, reason]);
    expect(stderr).toContain(told);
    expect((await place.run(["complete", "hi", "-m", model])).code).toBe(exit);
  });
});
