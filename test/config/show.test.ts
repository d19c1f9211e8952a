import { Ajv2020 } from "ajv/dist/2020.js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { configSchema } from "../../src/config/json-schema.ts";
import { showConfig, treeText } from "../../src/config/show.ts";
import { createRegistry } from "../../src/providers/registry.ts";
import { workspace } from "./workspace.ts";

let place: ReturnType<typeof workspace>;
beforeEach(() => {
  place = workspace();
});
afterEach(() => place.remove());

const FILE = `version: 1
providers:
  a: { type: openai, api_key: "\${KEY}", headers: { x-a: literal-canary } }
  b: { type: openai, api_key: { file: /keys/b } }
  c: { type: openai, api_key: { command: [pass, argument-canary] } }
  d: { type: openai, api_key: literal-canary }
timeouts: { preset: strict, embedding: 9s }
circuit_breaker: lenient
tenants: { list: { t: { key: { env: T_KEY } } } }
`;

async function show(effective: boolean, env: NodeJS.ProcessEnv = {}, sets: readonly string[] = []) {
  const { document } = await place.loadText(FILE, env, { sets, useCache: false });
  if (!document) throw new Error("the cache served");
  return showConfig({ document, file: "providers.yaml", registry: createRegistry(), effective });
}

describe("a configuration that is shown", () => {
  it("is the file with every secret redacted by its source", async () => {
    const { tree } = await show(false);
    expect(JSON.stringify(tree)).not.toContain("canary");
    expect(tree).toMatchObject({
      providers: {
        a: { api_key: "[redacted] (env KEY)", headers: { "x-a": "[redacted]" } },
        b: { api_key: "[redacted] (file /keys/b)" },
        c: { api_key: "[redacted] (command pass)" },
        d: { api_key: "[redacted]" },
      },
      tenants: { list: { t: { key: "[redacted] (env T_KEY)" } } },
      circuit_breaker: "lenient",
    });
    expect(tree).not.toHaveProperty("daemon");
  });

  it("has every default and preset value when the effective one is asked for", async () => {
    const { tree } = await show(true);
    expect(tree).toMatchObject({
      timeouts: {
        completion: "3s",
        embedding: "9s",
        health: "1s",
        stream_idle: "5s",
        max: "600s",
        strict: false,
      },
      circuit_breaker: { failure_threshold: 10, failure_window_secs: 120, half_open_max_requests: 5 },
      failover: { repair: "first", retry_budget: { ratio: 0.2, floor: 10 } },
      daemon: { queue: { per_tenant: 32, max_wait: "1s" }, listen: null },
      providers: { a: { enabled: true, priority: 100, health: { probe: "free" } } },
      tenants: { default_limits: "off", list: { t: { priority: 100, models: { allow: [] } } } },
    });
  });

  it("names the origin of each value", async () => {
    const { values } = await show(true, { RIPTIDE_STRATEGY: "round-robin" }, ["unpriced=allow"]);
    const origin = (key: string) => values.find((value) => value.key === key)?.origin;
    expect(origin("version")).toBe("providers.yaml:1:10");
    expect(origin("providers.a.api_key")).toBe("providers.yaml:3:31");
    expect(origin("timeouts.embedding")).toBe("providers.yaml:7:40");
    expect(origin("timeouts.completion")).toBe("providers.yaml:7:21");
    expect(origin("circuit_breaker.failure_threshold")).toBe("providers.yaml:8:18");
    expect(origin("strategy")).toBe("env RIPTIDE_STRATEGY");
    expect(origin("unpriced")).toBe("--set unpriced");
    expect(origin("daemon.drain")).toBe("default");
    expect(origin("providers.mock.type")).toBe("default");
  });

  it("found in the environment says so", async () => {
    const { document } = await place.load({ OPENAI_API_KEY: "sk-canary" }, { useCache: false });
    if (!document) throw new Error("the cache served");
    const registry = createRegistry();
    const { values } = await showConfig({ document, file: undefined, registry, effective: false });
    expect(values).toContainEqual({
      key: "providers.openai.api_key",
      value: "[redacted] (env OPENAI_API_KEY)",
      origin: "env",
    });
    expect(JSON.stringify(values)).not.toContain("canary");
  });

  it("is a configuration again when its secrets are put back", async () => {
    const { tree } = await show(true);
    const { config } = await place.loadText(treeText(tree));
    const { config: original } = await place.loadText(FILE);
    expect({ ...config, revision: "", providers: [], tenants: {} }).toEqual({
      ...original,
      revision: "",
      providers: [],
      tenants: {},
    });
  });
});

describe("the JSON Schema", () => {
  it("accepts and refuses what the program does", async () => {
    const validate = new Ajv2020({ strict: false }).compile(await configSchema(createRegistry()));
    expect(validate(parse(FILE))).toBe(true);
    expect(validate({ providers: { a: { type: "azure", endpoint: "https://x" } } })).toBe(true);
    expect(validate({ providers: { a: { type: "openai", api_kye: "x" } } })).toBe(false);
    expect(validate({ providers: { a: { type: "nobody" } } })).toBe(false);
    expect(validate({ strategy: "cheapest" })).toBe(false);
    expect(validate({ timeouts: { preset: "strict", completion: 5 } })).toBe(false);
  });
});
