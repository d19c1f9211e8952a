import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { errorOf, workspace } from "./workspace.ts";

let place: ReturnType<typeof workspace>;
beforeEach(() => {
  place = workspace();
});
afterEach(() => place.remove());

const MOCK = "providers:\n  lab: { type: mock }\n";
const reasonsOf = async (text: string) => {
  const { message, facts } = await errorOf(place.loadText(MOCK + text));
  return [message, ...(facts.reasons ?? [])];
};

describe("values that must fit one another", () => {
  it.each(["completion", "embedding", "first_token", "stream_idle", "stream_max"])(
    "an alias's %s stays below timeouts.max",
    async (key) => {
      const alias = (value: string) =>
        `models:\n  default: { targets: [lab/x], timeouts: { ${key}: ${value} } }\n`;
      const [message] = await reasonsOf(alias("11m"));
      expect(message).toContain(`models.default.timeouts.${key} (11 m) is longer than timeouts.max (10 m)`);
      await expect(place.loadText(MOCK + alias("10m"))).resolves.toBeDefined();
    },
  );

  it("a target's provider exists, or the one that was meant is named", async () => {
    expect(await reasonsOf("models:\n  default: { targets: [lob/x] }\n")).toEqual([
      'providers.yaml:4:24: unknown provider "lob"',
      'did you mean "lab"?',
    ]);
  });

  it.each([
    [
      "of a tenant",
      "tenants: { list: { a: { budgets: [{ limit: 1, period: day, on_exceeded: degrade:chaep }] } } }\n",
    ],
    ["of the installation", "budgets: [{ limit: 1, period: day, on_exceeded: degrade:chaep }]\n"],
  ])("the alias that a budget %s degrades to exists", async (_whose, block) => {
    const found = await reasonsOf(`models:\n  cheap: { targets: [lab/x] }\n${block}`);
    expect(found[0]).toContain('unknown alias "chaep"');
    expect(found[1]).toBe('did you mean "cheap"?');
  });

  it.each(["allow", "deny", "prefer"])("a provider in a tenant's %s list exists", async (list) => {
    const [message] = await reasonsOf(`tenants: { list: { a: { providers: { ${list}: [lob] } } } }\n`);
    expect(message).toContain('unknown provider "lob"');
  });

  const withKey = (listen: string) =>
    `daemon: { listen: "${listen}" }\ntenants: { list: { a: { key: { env: K } } } }\n`;

  it.each(["127.0.0.1:4100", "localhost:4100", "[::1]:4100"])("daemon.listen may be %s", async (listen) => {
    const { config } = await place.loadText(MOCK + withKey(listen));
    expect(config.daemon.listen).toBe(listen);
  });

  it.each(["0.0.0.0:4100", "[::]:4100", "box.example:4100", "127.0.0.1.example.com:4100"])(
    "daemon.listen may not be %s, which others can reach",
    async (listen) => {
      const [message] = await reasonsOf(withKey(listen));
      expect(message).toContain("daemon.listen must be an address of this machine");
    },
  );

  it("daemon.listen needs a tenant with a key", async () => {
    const [message] = await reasonsOf("daemon: { listen: 127.0.0.1:4100 }\n");
    expect(message).toContain("daemon.listen needs a tenant with a key");
  });
});

describe("a provider", () => {
  const entries: readonly (readonly [alias: string, name: string, keys: string])[] = [
    ["azure", "azure-openai", "endpoint: https://x.openai.azure.com, api_key: k"],
    ["azure_openai", "azure-openai", "endpoint: https://x.openai.azure.com, api_key: k"],
    ["aws_bedrock", "bedrock", "region: eu-central-1"],
    ["google_vertex", "vertex", "project: p"],
    ["localai", "openai-compatible", "base_url: http://127.0.0.1:8080/v1"],
  ];

  it.each(entries)("of type %s is one of type %s", async (alias, name, keys) => {
    const { config } = await place.loadText(`providers:\n  x: { type: ${alias}, ${keys} }\n`);
    expect(config.providers[0]).toMatchObject({ id: "x", type: name });
  });

  it.each([
    ["ca_file", "type: openai, api_key: k"],
    ["credentials_file", "type: vertex, project: p"],
  ])("has no %s below the current folder", async (key, keys) => {
    const entry = (path: string) => `providers:\n  o: { ${keys}, ${key}: ${path} }\n`;
    expect((await errorOf(place.loadText(entry("./mine")))).message).toContain("expected an absolute path");
    await expect(place.loadText(entry("/mine"))).resolves.toBeDefined();
  });

  it.each(["https://u@x.example", "https://x.example?a=b", "https://x.example/#f", "ftp://x.example"])(
    "has no address such as %s",
    async (url) => {
      const text = `providers:\n  o: { type: openai, api_key: k, base_url: "${url}" }\n`;
      expect((await errorOf(place.loadText(text))).message).toMatch(/^providers\.yaml:2:\d+: the endpoint /);
    },
  );
});
