import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Config } from "../../src/config/config.ts";
import { errorOf, workspace } from "./workspace.ts";

let place: ReturnType<typeof workspace>;
beforeEach(() => {
  place = workspace();
});
afterEach(() => place.remove());

const MINIMAL = "providers:\n  m: { type: mock }\n";
const entry = ({ providers }: Config, id: string) => providers.find((provider) => provider.id === id);

describe("a configuration", () => {
  it("is complete with its defaults", async () => {
    const { config, warnings } = await place.loadText(MINIMAL);
    expect(warnings).toEqual([]);
    expect(config).toMatchObject({
      path: resolve(place.cwd, "providers.yaml"),
      strategy: "sequential",
      timeouts: {
        completionMs: 5_000,
        embeddingMs: 3_000,
        healthMs: 2_000,
        streamIdleMs: 5_000,
        streamMaxMs: 300_000,
        maxMs: 600_000,
        strict: false,
      },
      circuitBreaker: {
        failureThreshold: 5,
        failureWindowMs: 60_000,
        minRequestThreshold: 10,
        recoveryTimeoutMs: 30_000,
        maxRepairAttempts: 1,
        successRateThreshold: 0.7,
        halfOpenMaxRequests: 3,
      },
      failover: { repair: "first", on: [], replay: "allow", onCancel: "abort", maxAttempts: 4 },
      health: { intervalMs: 30_000, fall: 3, rise: 2 },
      tenants: { strict: false, defaultLimits: null, list: {} },
      unpriced: "refuse",
      limits: { maxStdinBytes: 4_194_304 },
      ledger: { durability: "normal", retentionMs: 34_560_000_000, promptHashes: false },
      daemon: { listen: null, maxConcurrent: 2_000, drainMs: 10_000, log: { level: "info", content: false } },
      telemetry: { prometheus: true, otlpEndpoint: null },
      plugins: [],
    });
    expect(config.revision).toMatch(/^[0-9a-f]{12}$/);
  });

  it.each([
    ["strict", { completionMs: 3_000, embeddingMs: 2_000, healthMs: 1_000 }],
    ["relaxed", { completionMs: 10_000, embeddingMs: 5_000, healthMs: 3_000 }],
    ["{ preset: relaxed, embedding: 9s }", { completionMs: 10_000, embeddingMs: 9_000, healthMs: 3_000 }],
    ["{ completion: 8s }", { completionMs: 8_000, embeddingMs: 3_000, healthMs: 2_000 }],
  ])("with timeouts %s has those", async (timeouts, expected) => {
    const { config } = await place.loadText(`${MINIMAL}timeouts: ${timeouts}\n`);
    expect(config.timeouts).toMatchObject(expected);
  });

  it("with a breaker preset has its values, and a provider its own over them", async () => {
    const { config } = await place.loadText(`providers:
  plain: { type: mock }
  own: { type: mock, circuit_breaker: { failure_threshold: 9 } }
  named: { type: mock, circuit_breaker: lenient }
circuit_breaker: strict
`);
    expect(entry(config, "plain")?.circuitBreaker).toEqual(config.circuitBreaker);
    expect(config.circuitBreaker).toMatchObject({ failureThreshold: 3, successRateThreshold: 0.8 });
    expect(entry(config, "own")?.circuitBreaker).toEqual({ ...config.circuitBreaker, failureThreshold: 9 });
    expect(entry(config, "named")?.circuitBreaker).toMatchObject({
      failureThreshold: 10,
      failureWindowMs: 120_000,
      halfOpenMaxRequests: 5,
    });
  });

  it("keeps providers in file order, by proper type, with snake_case made camelCase", async () => {
    const { config } = await place.loadText(
      `providers:
  z: { type: azure, endpoint: "https://x.openai.azure.com", api_key: "\${K}", default_model: d }
  a: { type: mock, token_interval: 5ms, headers: { X-Team: { env: TEAM } } }
`,
      { K: "k" },
    );
    expect(config.providers.map(({ id, type, implicit }) => [id, type, implicit])).toEqual([
      ["z", "azure-openai", false],
      ["a", "mock", false],
      ["mock", "mock", true],
    ]);
    expect(entry(config, "z")?.options).toMatchObject({
      apiKey: { kind: "secret", from: "text", text: `\${K}` },
      endpoint: "https://x.openai.azure.com",
    });
    expect(entry(config, "a")).toMatchObject({
      options: { tokenInterval: 5 },
      headers: { "x-team": { kind: "secret", from: "env", name: "TEAM" } },
    });
  });

  it("splits targets at the first slash and gives each alias its strategy", async () => {
    const { config } = await place.loadText(`providers:
  m: { type: mock }
models:
  a: { targets: [m/vendor/model] }
  b: { targets: [m/x], strategy: round-robin, stream_recovery: off, timeouts: { first_token: 1s } }
strategy: lowest-cost
`);
    expect(config.aliases).toMatchObject({
      a: {
        targets: [{ provider: "m", model: "vendor/model" }],
        strategy: "lowest-cost",
        streamRecovery: "continue",
      },
      b: { strategy: "round-robin", streamRecovery: "off", timeouts: { firstTokenMs: 1_000 } },
    });
  });

  it("leaves the name mock to the file that uses it", async () => {
    const { config } = await place.loadText("providers:\n  mock: { type: mock, latency: 1s }\n");
    expect(config.providers).toHaveLength(1);
    expect(config.providers[0]?.implicit).toBe(false);
  });

  it("may be empty when it says so", async () => {
    const { config } = await place.loadText("version: 1\nallow_empty: true\n");
    expect(config.providers.map(({ id }) => id)).toEqual(["mock"]);
  });

  it("reads money exactly, in all its spellings", async () => {
    const { config } = await place.loadText(`${MINIMAL}max_cost_per_request: 0.1
budgets:
  - { limit: "$9007199.254740991", period: month }
  - { limit: 5c, period: 30d }
  - { limit: 0.000000001, period: day }
`);
    expect(config.maxCostPerRequestNano).toBe(100_000_000);
    expect(config.budgets.map(({ limitNano }) => limitNano)).toEqual([
      Number.MAX_SAFE_INTEGER,
      50_000_000,
      1,
    ]);
    expect(config.budgets[1]).toMatchObject({ period: "30d", thresholds: [0.5, 0.8, 0.9, 1] });
  });

  it("survives a round trip through JSON", async () => {
    const { config } = await place.loadText(MINIMAL);
    const there: unknown = JSON.parse(JSON.stringify(config));
    expect(JSON.stringify(there)).toBe(JSON.stringify(config));
  });

  it("warns of an alias that has a provider's name", async () => {
    const { warnings } = await place.loadText(`${MINIMAL}models: { m: { targets: [m/x] } }\n`);
    expect(warnings).toEqual(['providers.yaml:3:11: the alias "m" has the name of a provider']);
  });

  it("tells where a value stands", async () => {
    const text = "version: 1\nproviders:\n  openai:\n    type: openai\n\n    api_key: x\n";
    const { placeOf } = await place.loadText(text);
    expect(placeOf(["providers", "openai", "api_key"])).toBe("providers.yaml:6:14");
  });
});

describe("variables in a file", () => {
  it("are put into texts, with fallbacks, never into keys or YAML", async () => {
    const { config } = await place.loadText(
      `providers:
  m:
    type: mock
    reply: ["\${A}", "\${B:-b c}", "$\${A}", "\${C:-}", "x\${A}\${A}y"]
`,
      { A: "1}, evil: {" },
    );
    expect(entry(config, "m")?.options.reply).toEqual([
      "1}, evil: {",
      "b c",
      `\${A}`,
      "",
      "x1}, evil: {1}, evil: {y",
    ]);
  });

  it("may stand for numbers, switches, durations and presets", async () => {
    const text = `providers:
  m: { type: mock, priority: "\${P}", enabled: "\${E}", latency: "\${L}" }
timeouts: "\${PRESET:-strict}"
`;
    const { config } = await place.loadText(text, { P: "7", E: "false", L: "2s" });
    expect(entry(config, "m")).toMatchObject({ priority: 7, enabled: false, options: { latency: 2_000 } });
    expect(config.timeouts.completionMs).toBe(3_000);
  });

  it("are left in secrets until these are used, so that one missing key stops no other provider", async () => {
    const text = `providers:\n  a: { type: openai, api_key: "\${NOPE}" }\n  m: { type: mock }\n`;
    const { config } = await place.loadText(text);
    expect(entry(config, "a")?.options.apiKey).toEqual({ kind: "secret", from: "text", text: `\${NOPE}` });
  });

  it("are all named when they are missing", async () => {
    const text = `providers:\n  m: { type: mock, reply: "\${ONE}", default_model: "\${TWO}" }\n`;
    const { message, facts } = await errorOf(place.loadText(text));
    const lines = [message, ...(facts.reasons ?? [])].join("\n");
    expect(lines).toContain("the variable ONE of providers.m.reply is not set");
    expect(lines).toContain("the variable TWO of providers.m.default_model is not set");
  });
});

describe("the example", () => {
  it("is valid and begins with the hint for editors", async () => {
    const text = readFileSync(resolve(import.meta.dirname, "../../providers.example.yaml"), "utf8");
    expect(text).toMatch(/^# yaml-language-server: \$schema=/);
    const { config, warnings } = await place.loadText(text, { GOOGLE_CLOUD_PROJECT: "p" });
    expect(warnings).toEqual([]);
    expect(config.providers).toHaveLength(9);
    expect(Object.keys(config.aliases)).toEqual(["default", "cheap", "embed"]);
  });

  it("states the defaults where it spells a block out", async () => {
    const text = readFileSync(resolve(import.meta.dirname, "../../providers.example.yaml"), "utf8");
    const { config } = await place.loadText(text, { GOOGLE_CLOUD_PROJECT: "p" });
    const { config: plain } = await place.loadText(MINIMAL);
    const blocks = [
      "timeouts",
      "circuitBreaker",
      "failover",
      "health",
      "limits",
      "ledger",
      "daemon",
    ] as const;
    for (const block of blocks) expect(config[block]).toEqual(plain[block]);
  });
});
