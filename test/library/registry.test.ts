import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  definePlugin,
  fields,
  IntelligenceClient,
  LlmRegistry,
  Message,
  ProviderConfig,
} from "../../src/index.ts";
import { mockAdapter } from "../../src/providers/mock/adapter.ts";
import { mockTransport } from "../../src/providers/mock/transport.ts";
import type { ProviderContext } from "../../src/providers/plugin.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "riptide-registry-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A provider that answers in this process. */
const local = (reply: string, { clock }: ProviderContext) => {
  const baseUrl = "http://local.invalid";
  return { adapter: mockAdapter(baseUrl), baseUrl, transport: mockTransport({ reply }, clock) };
};

async function answerOf(registry: LlmRegistry, provider?: string): Promise<string> {
  const client = new IntelligenceClient(registry, provider, { ledger: "memory" });
  try {
    const model = provider === undefined ? "default" : "m";
    return (await client.complete({ model, messages: [Message.user("hi")] })).content;
  } finally {
    await client.close();
  }
}

describe("LlmRegistry", () => {
  it("makes providers by a factory, which takes the place of a type of that name", async () => {
    const registry = new LlmRegistry();
    const seen: ProviderConfig[] = [];
    registry.registerFactory("openai", (config, context) => {
      seen.push(config);
      return local("from the factory", context);
    });
    await registry.loadProvider(new ProviderConfig("main", "openai").withConfig("my_key", "k"));
    expect(await answerOf(registry, "main")).toBe("from the factory");
    expect(seen[0]).toMatchObject({ id: "main", type: "openai", options: { my_key: "k" } });
  });

  it("shows of a provider's configuration the names of its keys alone", () => {
    const config = new ProviderConfig("main", "openai", { api_key: "sk-secret" });
    for (const shown of [inspect({ config }, { depth: 9, showHidden: true }), JSON.stringify(config)]) {
      expect(shown).toContain("api_key");
      expect(shown).not.toContain("sk-secret");
    }
  });

  it("asks the next provider where the adapter of a plugin fails", async () => {
    const registry = new LlmRegistry();
    registry.registerFactory("clumsy", (_config, context) => {
      const { adapter, ...rest } = local("never read", context);
      const fromWire = () => JSON.parse("the vendor's answer");
      return { ...rest, adapter: { ...adapter, fromWire } };
    });
    await registry.loadProvider(new ProviderConfig("first", "clumsy", { default_model: "m" }));
    await registry.loadProvider(
      new ProviderConfig("next", "mock", { default_model: "m", reply: "from the next" }),
    );
    const client = new IntelligenceClient(registry, ["first", "next"], { ledger: "memory" });
    const { content, attempts } = await client.complete("hi");
    expect([content, attempts.map(({ code }) => code)]).toEqual(["from the next", ["protocol_error", null]]);
    await client.close();
  });

  it("leaves a provider that is removed to the calls that were made before", async () => {
    const registry = new LlmRegistry();
    await registry.loadProvider(new ProviderConfig("main", "mock", { reply: "still", default_model: "m" }));
    const client = new IntelligenceClient(registry, "main", { ledger: "memory" });
    const before = [client.complete("hi"), client.complete("hi")];
    registry.removeProvider("main");
    const after = client.complete("hi");
    await expect(after).rejects.toMatchObject({ code: "usage", message: 'unknown provider "main"' });
    expect((await Promise.all(before)).map(({ content }) => content)).toEqual(["still", "still"]);
    await client.close();
  });

  it("waits for a factory no longer than a call's deadline, its signal and the client do", async () => {
    const registry = new LlmRegistry();
    registry.registerFactory("stuck", () => new Promise(() => {}));
    await registry.loadProvider(new ProviderConfig("main", "stuck", { default_model: "m" }));
    const client = new IntelligenceClient(registry, "main", { ledger: "memory" });
    const code = (promise: Promise<unknown>) => promise.catch((error: { code: string }) => error.code);
    expect(await code(client.complete("hi", { timeoutMs: 20 }))).toBe("deadline_exceeded");
    const caller = new AbortController();
    const left = code(client.complete("hi", { signal: caller.signal }));
    const running = code(client.complete("hi"));
    caller.abort();
    expect(await left).toBe("cancelled");
    await client.close();
    expect(await running).toBe("cancelled");
  });

  it("takes plugins, and no type twice", async () => {
    const create = async (_options: unknown, context: ProviderContext) => local("from a plugin", context);
    const type = {
      operations: ["complete"],
      authentication: "none",
      options: async () => fields({}),
      create,
    };
    const plugin = definePlugin({ apiVersion: 1, types: { acme: { ...type, operations: ["complete"] } } });
    const registry = new LlmRegistry().registerPlugin(plugin);
    await registry.loadProvider(new ProviderConfig("mine", "acme"));
    expect(await answerOf(registry, "mine")).toBe("from a plugin");
    expect(() => registry.registerPlugin(plugin)).toThrow("there is a provider type acme already");
  });

  it("reads a file with its policies and plugins", async () => {
    await writeFile(
      join(folder, "plugin.mjs"),
      `export const plugin = { apiVersion: 1, types: { acme: {
        operations: ["complete"], authentication: "none", async options() {}, async create() {} } } };`,
    );
    const byUrl = await new LlmRegistry().loadPlugin(pathToFileURL(join(folder, "plugin.mjs")));
    expect(byUrl.types).toContain("acme");
    const path = join(folder, "providers.yaml");
    const text = `version: 1\nplugins: [{ module: ${join(folder, "plugin.mjs")} }]\n`;
    const rest = "providers:\n  a: { type: mock, reply: filed }\nmodels:\n  default: { targets: [a/m] }\n";
    await writeFile(path, text + rest, { mode: 0o600 });
    const registry = await new LlmRegistry().loadFile(path);
    expect([registry.types.includes("acme"), registry.providers]).toEqual([true, ["a"]]);
    expect(await answerOf(registry)).toBe("filed");
  });

  it("says where a file is wrong", async () => {
    const path = join(folder, "providers.yaml");
    await writeFile(path, "version: 1\nproviders:\n  a: { type: mock, repyl: x }\n", { mode: 0o600 });
    await expect(new LlmRegistry().loadFile(path)).rejects.toMatchObject({
      code: "config_invalid",
      message: expect.stringMatching(/providers\.yaml:3:\d+: unknown key "repyl"/),
    });
  });

  it("keeps what it had when a provider is refused", async () => {
    const registry = new LlmRegistry();
    await registry.loadProvider(new ProviderConfig("main", "mock", { reply: "kept" }));
    const wrong = new ProviderConfig("main", "mock", { reply: 5 });
    await expect(registry.loadProvider(wrong)).rejects.toMatchObject({ code: "config_invalid" });
    await expect(registry.loadProvider(new ProviderConfig("b", "opnai"))).rejects.toMatchObject({
      facts: { reasons: ['did you mean "openai"?'] },
    });
    expect(registry.providers).toEqual(["main"]);
    const refused = registry.loadProvider(wrong).catch(() => undefined);
    // Also while it is looked at.
    expect(await answerOf(registry, "main")).toBe("kept");
    await refused;
    expect(await answerOf(registry, "main")).toBe("kept");
  });

  it("takes policies by the file's words, and providers only where they are loaded", () => {
    const registry = new LlmRegistry();
    expect(() => registry.configure({ providers: {} })).toThrow(
      "configure takes neither providers nor plugins",
    );
    expect(registry.removeProvider("nobody")).toBe(false);
  });

  it("does not show the key of a configuration", () => {
    const config = new ProviderConfig("main", "openai").withConfig("api_key", "sk-secret");
    expect(JSON.stringify(config)).not.toContain("sk-secret");
  });
});
