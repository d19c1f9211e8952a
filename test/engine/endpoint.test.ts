import { expect, it } from "vitest";
import { buildDraft } from "../../src/config/build.ts";
import { completeSettings } from "../../src/config/complete.ts";
import { resolveOptions } from "../../src/config/secrets.ts";
import { systemClock } from "../../src/core/clock.ts";
import { createGeneration } from "../../src/engine/generation.ts";
import { createRegistry } from "../../src/providers/registry.ts";

const KEYS: Readonly<Record<string, string>> = { ONE: "sk-one", TWO: "sk-two", SAME: "sk-one" };
const lookup = (name: string) => KEYS[name];

/** What breakers and holds of the entry `x` belong to. */
async function endpoint(entry: string, id = "x"): Promise<string> {
  const registry = createRegistry();
  const source = { kind: "text", text: `version: 1\nproviders: { ${id}: ${entry} }`, shown: "test" } as const;
  const { draft } = await buildDraft({ source, overrides: [], registry, lookup });
  const { settings } = completeSettings(draft, lookup);
  const generation = createGeneration(
    { ...settings, path: null, revision: draft.revision },
    {
      clock: systemClock,
      registry,
      environment: lookup,
      readFile: (path) => Promise.reject(new Error(`no file ${path}`)),
      resolve: (value) =>
        resolveOptions(value, {
          environment: { lookup, home: "/nowhere" },
          clock: systemClock,
          onSecret: () => {},
        }),
      createTransport: () => () => Promise.reject(new Error("nothing is sent")),
    },
  );
  return (await generation.provider(id)).endpoint;
}

const OPENAI = "{ type: openai, api_key: { env: ONE } }";

it("stays as long as address and credentials do, wherever the key comes from", async () => {
  const same = await endpoint(
    "{ type: openai, api_key: { env: SAME }, tags: [eu], timeouts: { attempt: 2s } }",
  );
  expect(same).toBe(await endpoint(OPENAI));
  expect(same).toMatch(/^[0-9a-f]{8}$/);
});

it.each([
  ["another key", "{ type: openai, api_key: { env: TWO } }", "x"],
  ["another address", '{ type: openai, api_key: { env: ONE }, base_url: "https://eu.example/v1" }', "x"],
  ["another type", "{ type: anthropic, api_key: { env: ONE } }", "x"],
  ["another header", "{ type: openai, api_key: { env: ONE }, headers: { x-team: a } }", "x"],
  ["another entry", OPENAI, "y"],
])("changes with %s (CB-11)", async (_name, entry, id) => {
  expect(await endpoint(entry, id)).not.toBe(await endpoint(OPENAI));
});

it("changes with the deployment of a model", async () => {
  const azure = (name: string) =>
    `{ type: azure-openai, endpoint: "https://x.example", api_key: { env: ONE }, deployments: { m: ${name} } }`;
  expect(await endpoint(azure("d1"))).not.toBe(await endpoint(azure("d2")));
});
