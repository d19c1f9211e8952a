import { describe, expect, it } from "vitest";
import { entraScope } from "../../../src/providers/azure/flavour.ts";
import { azureOpenAi } from "../../../src/providers/azure/plugin.ts";
import { createFrom, drive } from "../../helpers/drive.ts";

const ENTRY = { type: "azure-openai", endpoint: "https://r.openai.azure.com", api_key: "k" };

async function wireOf(more: object, model = "gpt-4o") {
  const instance = await createFrom(azureOpenAi, { ...ENTRY, ...more });
  const messages = [{ role: "user" as const, content: "Hello" }];
  const wire = instance.adapter.toWire(drive(instance, { model }).request({ messages, maxTokens: 9 }));
  return { ...wire, fields: JSON.parse(String(wire.body)), instance };
}

describe("an Azure address", () => {
  it.each([
    ["the resource", "https://r.openai.azure.com"],
    ["a trailing slash", "https://r.openai.azure.com/"],
    ["the v1 endpoint", "https://r.openai.azure.com/openai/v1/"],
    ["a /v1 at its end", "https://r.openai.azure.com/v1"],
    ["a pasted deployment", "https://r.openai.azure.com/openai/deployments/x/"],
    [
      "a pasted target",
      "https://r.openai.azure.com/openai/deployments/x/chat/completions?api-version=2024-06-01",
    ],
  ])("comes out the same from %s", async (_what, endpoint) => {
    const { url, instance } = await wireOf({ endpoint });
    expect(url).toBe("https://r.openai.azure.com/openai/v1/chat/completions");
    expect(instance.baseUrl).toBe("https://r.openai.azure.com");
  });

  it("keeps a host that is called openai, and a path in front of Azure's own", async () => {
    expect((await wireOf({ endpoint: "http://openai:80" })).url).toBe(
      "http://openai:80/openai/v1/chat/completions",
    );
    const behind = await wireOf({ endpoint: "http://127.0.0.1:1/eu" });
    expect(behind.url).toBe("http://127.0.0.1:1/eu/openai/v1/chat/completions");
  });

  it("names the deployment in the body, or in a dated path", async () => {
    const deployments = { "gpt-4o": "team a/b" };
    expect((await wireOf({ deployments })).fields.model).toBe("team a/b");
    const dated = await wireOf({ deployments, api_version: "2024-10-21" });
    expect(dated.url).toBe(
      "https://r.openai.azure.com/openai/deployments/team%20a%2Fb/chat/completions?api-version=2024-10-21",
    );
  });

  it("has no place in a path for a deployment that would leave it", async () => {
    const asked = wireOf({ deployments: { "gpt-4o": ".." }, api_version: "2024-10-21" });
    await expect(asked).rejects.toMatchObject({ code: "invalid_request" });
  });

  it.each([
    [undefined, true],
    ["2024-10-21", true],
    ["2024-09-01-preview", true],
    ["2024-06-01", false],
  ])("of version %s asks for usage in streams: %s", async (api_version, asks) => {
    const instance = await createFrom(azureOpenAi, { ...ENTRY, ...(api_version && { api_version }) });
    const messages = [{ role: "user" as const, content: "Hello" }];
    const request = drive(instance, { model: "gpt-4o" }).request({ messages }, true);
    expect("stream_options" in JSON.parse(String(instance.adapter.toWire(request).body))).toBe(asks);
  });

  it("takes a model without an entry for a deployment of that name", async () => {
    expect((await wireOf({ deployments: { other: "x" } })).fields.model).toBe("gpt-4o");
    expect((await wireOf({}, "constructor")).fields.model).toBe("constructor");
  });

  it("sends an undated version to the v1 endpoint", async () => {
    const { url } = await wireOf({ api_version: "preview" });
    expect(url).toBe("https://r.openai.azure.com/openai/v1/chat/completions?api-version=preview");
  });

  it("uses the limit's older name with dated versions, except for models that refuse it", async () => {
    const api_version = "2024-10-21";
    expect((await wireOf({ api_version })).fields.max_tokens).toBe(9);
    expect((await wireOf({ api_version }, "o3")).fields.max_completion_tokens).toBe(9);
    expect((await wireOf({})).fields.max_completion_tokens).toBe(9);
  });

  it("knows models by their own names and by Azure's spelling", async () => {
    const { adapter } = (await wireOf({})).instance;
    expect(adapter.facts("gpt-35-turbo").contextTokens).toBe(16_385);
    expect(adapter.facts("gpt-4.1").contextTokens).toBe(1_047_576);
  });
});

describe("Azure credentials", () => {
  it("are a key in a header of its own", async () => {
    const { headers, instance } = await wireOf({});
    expect(Object.keys(headers).sort()).toEqual(["api-key", "content-type"]);
    expect(instance.authoriser).toBeUndefined();
  });

  it.each([
    ["https://r.openai.azure.com", "https://cognitiveservices.azure.com/.default"],
    ["https://r.openai.azure.us", "https://cognitiveservices.azure.us/.default"],
    ["https://r.openai.azure.cn:443/x", "https://cognitiveservices.azure.cn/.default"],
    ["https://r.azure.us.example", "https://cognitiveservices.azure.com/.default"],
  ])("for %s are for %s", (resource, scope) => expect(entraScope(resource)).toBe(scope));

  it("are an Entra token, added when the request is sent", async () => {
    const { headers, instance } = await wireOf({ api_key: undefined, auth: "entra" });
    expect(Object.keys(headers)).toEqual(["content-type"]);
    expect(instance.authoriser).toBeDefined();
  });

  it.each([
    ["none", { api_key: undefined }],
    ["both", { auth: "entra" }],
    ["an unknown kind", { api_key: undefined, auth: "kerberos" }],
    ["a version with another query behind it", { api_version: "2024-10-21&x=1" }],
  ])("are refused with %s", async (_what, more) => {
    await expect(createFrom(azureOpenAi, { ...ENTRY, ...more })).rejects.toThrow();
  });
});
