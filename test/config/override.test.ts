import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { errorOf, workspace } from "./workspace.ts";

let place: ReturnType<typeof workspace>;
beforeEach(() => {
  place = workspace();
});
afterEach(() => place.remove());

const FILE = `providers:
  my-lab: { type: mock, prices: { gpt-4.1: { input: 1, output: 2 } } }
timeouts: strict
`;

describe("a variable", () => {
  it("sets one scalar of the file, by the same schema", async () => {
    const { config } = await place.loadText(FILE, {
      RIPTIDE_TIMEOUTS__COMPLETION: "9s",
      RIPTIDE_PROVIDERS__MY_LAB__ENABLED: "false",
      RIPTIDE_PROVIDERS__MY_LAB__PRIORITY: "3",
      RIPTIDE_STRATEGY: "round-robin",
      RIPTIDE_TELEMETRY__OTLP_ENDPOINT: "null",
    });
    expect(config.timeouts).toMatchObject({ completionMs: 9_000, embeddingMs: 2_000 });
    expect(config.providers[0]).toMatchObject({ id: "my-lab", enabled: false, priority: 3 });
    expect(config.strategy).toBe("round-robin");
  });

  it("is named when its value is bad", async () => {
    const error = await errorOf(place.loadText(FILE, { RIPTIDE_TIMEOUTS__COMPLETION: "soon" }));
    expect(error.code).toBe("config_invalid");
    expect(error.message).toMatch(/^RIPTIDE_TIMEOUTS__COMPLETION: expected a duration/);
  });

  it("is named when its path is wrong, with the key that was meant", async () => {
    const error = await errorOf(place.loadText(FILE, { RIPTIDE_TIMEOUTS__COMPLETOIN: "9s" }));
    expect(error.message).toBe('RIPTIDE_TIMEOUTS__COMPLETOIN: unknown key "completoin" in timeouts');
    expect(error.facts.reasons).toEqual(['did you mean "completion"?']);
  });

  it("that nobody knows is a warning with the one that was meant", async () => {
    const { warnings } = await place.loadText(FILE, {
      RIPTIDE_TIMEUOT: "5s",
      RIPTIDE_TIMEUOTS__MAX: "5s",
      RIPTIDE_X: "1",
    });
    expect(warnings.toSorted()).toEqual([
      "RIPTIDE_TIMEUOT is not a variable of riptide; did you mean RIPTIDE_TIMEOUT?",
      "RIPTIDE_TIMEUOTS__MAX is not a variable of riptide; did you mean RIPTIDE_TIMEOUTS__MAX?",
      "RIPTIDE_X is not a variable of riptide",
    ]);
  });

  it.each(["true", "True", "TRUE"])("says %s as YAML does", async (word) => {
    const { config } = await place.loadText(FILE, { RIPTIDE_PROVIDERS__MY_LAB__ALLOW_PRIVATE: word });
    expect(config.providers[0]?.allowPrivate).toBe(true);
  });

  it.each(["my-lab", "My.Lab", "MY_LAB", "myLab2"])("reaches a provider named %s", async (id) => {
    const name = `RIPTIDE_PROVIDERS__${id.toUpperCase().replaceAll(/[-.]/g, "_")}__PRIORITY`;
    const { config } = await place.loadText(`providers:\n  ${id}: { type: mock }\n`, { [name]: "7" });
    expect(config.providers[0]).toMatchObject({ id, priority: 7 });
  });

  it("that may mean two providers is refused, unless one is spelled just so", async () => {
    const file = (...ids: string[]) => `providers:\n${ids.map((id) => `  ${id}: { type: mock }\n`).join("")}`;
    const variable = { RIPTIDE_PROVIDERS__MY_LAB__ENABLED: "false" };
    const error = await errorOf(place.loadText(file("my-lab", "My.Lab"), variable));
    expect(error.message).toBe("RIPTIDE_PROVIDERS__MY_LAB__ENABLED: may mean my-lab or My.Lab");
    const { config } = await place.loadText(file("my-lab", "my_lab"), variable);
    expect(config.providers.map(({ enabled }) => enabled)).toEqual([true, false, true]);
  });

  it("is named when it begins what the file does not have", async () => {
    const error = await errorOf(place.loadText(FILE, { RIPTIDE_PROVIDERS__OTHER__ENABLED: "false" }));
    expect(error.message).toBe('RIPTIDE_PROVIDERS__OTHER__ENABLED: providers.other needs "type"');
  });

  it("is named when it makes another value too large", async () => {
    const error = await errorOf(
      place.loadText("providers: { m: { type: mock } }\n", { RIPTIDE_TIMEOUTS__MAX: "3s" }),
    );
    expect(error.message).toBe(
      "RIPTIDE_TIMEOUTS__MAX: timeouts.completion (5 s) is longer than timeouts.max (3 s)",
    );
  });

  it("names no plugin, and neither does --set", async () => {
    const file = `${FILE}plugins: [{ module: "acme" }]\n`;
    const byVariable = await errorOf(place.loadText(file, { RIPTIDE_PLUGINS__0__MODULE: "/evil" }));
    expect(byVariable.message).toBe("RIPTIDE_PLUGINS__0__MODULE: plugins are named in the file only");
    const byFlag = await errorOf(place.loadText(file, {}, { sets: ["plugins.0.module=/evil"] }));
    expect(byFlag.code).toBe("config_invalid");
  });

  it("of a flag is not taken for a path", async () => {
    const { warnings } = await place.loadText(FILE, {
      RIPTIDE_TENANT: "acme",
      RIPTIDE_TENANT_KEY: "k",
      RIPTIDE_RUNTIME: "/usr/bin/node",
    });
    expect(warnings).toEqual([]);
  });
});

describe("--set", () => {
  it("wins over a variable and makes another revision", async () => {
    const { config: plain } = await place.loadText(FILE);
    const { config } = await place.loadText(
      FILE,
      { RIPTIDE_TIMEOUTS__COMPLETION: "9s" },
      { sets: ["timeouts.completion=8s", "providers.my-lab.prices.gpt-4.1.input=5"] },
    );
    expect(config.timeouts.completionMs).toBe(8_000);
    expect(config.providers[0]?.prices["gpt-4.1"]?.inputNano).toBe(5_000_000_000);
    expect(config.revision).not.toBe(plain.revision);
  });

  it("works without a file, also on the provider that is always there", async () => {
    const { config } = await place.load({}, { sets: ["providers.mock.latency=2s"] });
    expect(config.providers).toMatchObject([{ id: "mock", implicit: true, options: { latency: 2_000 } }]);
  });

  it("is named when its value is bad", async () => {
    const error = await errorOf(place.loadText(FILE, {}, { sets: ["daemon.max_concurrent=many"] }));
    expect(error.message).toMatch(/^--set daemon.max_concurrent: expected a number/);
  });

  it.each(["timeouts", "=5", "a..b=1", ".a=1"])("%s is a usage error", async (argument) => {
    expect((await errorOf(place.loadText(FILE, {}, { sets: [argument] }))).code).toBe("usage");
  });

  it.each(["strategy.x=1", "__proto__.x=1", "budgets.0.limit=1", "providers.constructor.x=1"])(
    "%s leads nowhere and is refused",
    async (argument) => {
      const { code } = await errorOf(place.loadText(FILE, {}, { sets: [argument] }));
      expect(code).toBe("config_invalid");
    },
  );

  it("takes no secret, but the name of a variable that holds one", async () => {
    const file = "providers:\n  a: { type: openai, api_key: { env: KEY } }\n";
    const error = await errorOf(place.loadText(file, {}, { sets: ["providers.a.api_key=sk-canary"] }));
    expect(error.message).toBe("--set providers.a.api_key: a secret cannot be given on the command line");
    expect(JSON.stringify(error.facts)).not.toContain("sk-canary");
    const { config } = await place.loadText(file, {}, { sets: [`providers.a.api_key=\${OTHER}`] });
    expect(config.providers[0]?.options).toMatchObject({ apiKey: { from: "text", text: `\${OTHER}` } });
  });
});
