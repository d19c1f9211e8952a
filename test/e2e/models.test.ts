import { describe, expect, it } from "vitest";
import { expectErrorText, openai, useStage } from "./stage.ts";
import { VENDORS, yamlOf } from "./vendors.ts";

const stage = useStage();

describe("models and providers", () => {
  it.each(VENDORS)(
    "providers test reaches $name with a free call, and says why it cannot",
    async (vendor) => {
      const simulator = await stage.simulate(vendor, { kind: "answer" });
      const place = await stage.workplace(yamlOf([[vendor, simulator.url]]));
      const text = await place.run(["providers", "test", vendor.name]);
      expect([text.code, text.stderr, simulator.problems]).toEqual([0, "", []]);
      expect(text.stdout).toMatch(/connected +\S+ m?s/);
      const json = JSON.parse((await place.run(["providers", "test", vendor.name, "--json"])).stdout);
      expect(json).toMatchObject({ schema: "riptide.provider_test/1", name: vendor.name, ok: true });
      simulator.play({ kind: "failure", failure: "auth" });
      const refused = await place.run(["providers", "test", vendor.name]);
      expectErrorText(refused.stderr, "auth_failed");
      expect(refused.code).toBe(4);
    },
  );

  it("models list --refresh asks the providers; one that cannot answer is a warning, none is a failure", async () => {
    const simulator = await stage.simulate(openai, { kind: "answer" });
    const place = await stage.workplace(
      yamlOf([
        [openai, simulator.url],
        [openai, "http://127.0.0.1:9", "dead"],
      ]),
    );
    const { code, stdout, stderr } = await place.run(["models", "list", "--refresh", "--json"]);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^warning: dead: .*\n$/)]);
    const { schema, models } = JSON.parse(stdout);
    expect(schema).toBe("riptide.models/1");
    expect(models.length).toBeGreaterThan(0);
    expect(models[0]).toStrictEqual({
      provider: "openai",
      model: expect.any(String),
      context_tokens: null,
      max_output_tokens: null,
      capabilities: expect.any(Array),
      priced: false,
    });
    const dead = await place.run(["models", "list", "--refresh", "-P", "dead"]);
    expect(dead.code).toBe(5);
    expectErrorText(dead.stderr, "connect_failed");
  });

  it("models list and show tell aliases and models, and suggest", async () => {
    const place = await stage.workplace(yamlOf([[openai, "http://127.0.0.1:9"]]));
    const { aliases, models } = JSON.parse((await place.run(["models", "--json"])).stdout);
    const target = `openai/${openai.model}`;
    expect(aliases).toStrictEqual([{ name: "default", strategy: "sequential", targets: [target] }]);
    expect(models.map(({ provider, model }: Record<string, string>) => `${provider}/${model}`)).toEqual([
      target,
    ]);
    for (const name of ["default", target, openai.model])
      expect(JSON.parse((await place.run(["models", "show", name, "--json"])).stdout).models).toHaveLength(1);
    expect(
      JSON.parse((await place.run(["models", "--capability", "prefill", "--json"])).stdout).models,
    ).toEqual([]);
    for (const [args, guess] of [
      [["models", "show", "defualt"], 'did you mean "default"?'],
      [["models", "list", "-P", "opnai"], 'did you mean "openai"?'],
      [["models", "list", "--capability", "flying"], "--capability wants"],
      [["models", "show"], "which model?"],
    ] as const) {
      const { code, stderr } = await place.run(args);
      expect([code, stderr]).toEqual([2, expect.stringContaining(guess)]);
      expectErrorText(stderr, "usage");
    }
  });

  it("providers list, show and types tell what is configured, redacted, and what is possible", async () => {
    const place = await stage.workplace(yamlOf([[openai, "http://127.0.0.1:9"]]));
    const { providers } = JSON.parse((await place.run(["providers", "list", "--json"])).stdout);
    expect(providers).toStrictEqual([
      {
        name: "openai",
        type: "openai",
        enabled: true,
        status: "unknown",
        circuit: "closed",
        base_url: "http://127.0.0.1:9/v1",
        secret: { source: "env OPENAI_API_KEY", resolved: true },
        models: [openai.model],
        problem: null,
      },
    ]);
    const broken = await place.run(["providers", "list"], { env: { OPENAI_API_KEY: undefined } });
    expect(broken.stdout).toMatch(/openai +openai +misconfigured/);
    expect((await place.run(["providers", "show", "openai"])).stdout).toContain(
      "[redacted] (env OPENAI_API_KEY)",
    );
    const types = await place.run(["providers", "types"]);
    for (const type of [
      "openai",
      "anthropic",
      "azure-openai",
      "bedrock",
      "vertex",
      "ollama",
      "openai-compatible",
      "mock",
    ])
      expect(types.stdout).toMatch(new RegExp(`^${type} `, "m"));
    for (const args of [
      ["providers", "show", "opnai"],
      ["providers", "test", "opnai"],
    ]) {
      const { code, stderr } = await place.run(args);
      expect([code, stderr]).toEqual([2, expect.stringContaining('did you mean "openai"?')]);
      expectErrorText(stderr, "usage");
    }
  });
});
