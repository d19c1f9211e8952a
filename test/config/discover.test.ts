import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { noProvidersError } from "../../src/config/load.ts";
import { errorOf, workspace } from "./workspace.ts";

let place: ReturnType<typeof workspace>;
beforeEach(() => {
  place = workspace();
});
afterEach(() => place.remove());

const ALL = {
  OLLAMA_HOST: "127.0.0.1:11500",
  GOOGLE_APPLICATION_CREDENTIALS: "/key.json",
  GOOGLE_CLOUD_PROJECT: "p",
  AWS_BEARER_TOKEN_BEDROCK: "t",
  AWS_REGION: "eu-central-1",
  AZURE_OPENAI_API_KEY: "k",
  AZURE_OPENAI_ENDPOINT: "https://x.openai.azure.com",
  AZURE_OPENAI_DEPLOYMENT: "mine",
  ANTHROPIC_API_KEY: "k",
  OPENAI_API_KEY: "k",
};
const llama = { installedModel: async () => "llama3.2" };

describe("without a file", () => {
  it("providers come from the environment in the documented order and form the alias default", async () => {
    const { config } = await place.load(ALL, llama);
    expect(config.path).toBeNull();
    expect(config.aliases.default?.targets.map(({ provider, model }) => `${provider}/${model}`)).toEqual([
      "openai/gpt-4.1-mini",
      "anthropic/claude-haiku-4-5",
      "azure/mine",
      "bedrock/amazon.nova-lite-v1:0",
      "vertex/gemini-2.5-flash",
      "ollama/llama3.2",
    ]);
    expect(config.providers.map(({ id }) => id).at(-1)).toBe("mock");
    expect(config.providers.find(({ id }) => id === "azure")?.options).toMatchObject({
      endpoint: "https://x.openai.azure.com",
      deployments: { mine: "mine" },
    });
  });

  it.each([
    ["a key without its endpoint", { AZURE_OPENAI_API_KEY: "k", AZURE_OPENAI_DEPLOYMENT: "d" }],
    [
      "AWS credentials without consent",
      { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "s", AWS_REGION: "eu-central-1" },
    ],
    ["a token without a region", { AWS_BEARER_TOKEN_BEDROCK: "t" }],
    ["an empty key", { OPENAI_API_KEY: "" }],
    ["a project without credentials", { GOOGLE_CLOUD_PROJECT: "p" }],
  ])("%s is no provider", async (_name, env) => {
    const { config } = await place.load(env);
    expect(config.providers.map(({ id }) => id)).toEqual(["mock"]);
    expect(config.aliases).toEqual({});
  });

  it("RIPTIDE_DISCOVER=aws is consent to the credentials of the shell", async () => {
    const { config } = await place.load({ RIPTIDE_DISCOVER: "aws", AWS_DEFAULT_REGION: "eu-central-1" });
    expect(config.providers[0]).toMatchObject({ type: "bedrock", options: { region: "eu-central-1" } });
  });

  it("an address in a vendor's variable may be private, but the vendor's own needs no such leave", async () => {
    const { config } = await place.load({
      OPENAI_API_KEY: "k",
      OPENAI_BASE_URL: "http://10.0.0.5/v1",
      ANTHROPIC_API_KEY: "k",
    });
    expect(config.providers[0]).toMatchObject({
      allowPrivate: true,
      options: { baseUrl: "http://10.0.0.5/v1" },
    });
    expect(config.providers[1]?.allowPrivate).toBe(false);
  });

  it("an address that keys must never go to is refused all the same", async () => {
    const error = await errorOf(
      place.load({ OPENAI_API_KEY: "k", OPENAI_BASE_URL: "http://169.254.169.254/v1" }),
    );
    expect(error.code).toBe("config_invalid");
  });

  it.each([
    ["127.0.0.1:11500", "http://127.0.0.1:11500"],
    ["0.0.0.0", "http://127.0.0.1:11434"],
    ["box.example", "http://box.example:11434"],
    [":11500", "http://127.0.0.1:11500"],
    ["https://box.example/", "https://box.example"],
    ["http://box.example:80", "http://box.example"],
  ])("OLLAMA_HOST=%s means %s", async (host, address) => {
    const asked: string[] = [];
    const installedModel = async (url: string) => {
      asked.push(url);
      return undefined;
    };
    const { config } = await place.load({ OLLAMA_HOST: host }, { installedModel });
    expect(asked).toEqual([address]);
    expect(config.providers[0]).toMatchObject({
      id: "ollama",
      allowPrivate: true,
      options: { baseUrl: address },
    });
    expect(config.aliases).toEqual({});
  });

  it("a local server is used when one answers, and not named when none does", async () => {
    const { config } = await place.load({}, llama);
    expect(config.providers[0]).toMatchObject({
      id: "ollama",
      allowPrivate: false,
      defaultModel: "llama3.2",
    });
    expect((await place.load({})).config.providers.map(({ id }) => id)).toEqual(["mock"]);
  });

  it("a variable's text is never read as a variable again", async () => {
    const env = { ...ALL, AZURE_OPENAI_DEPLOYMENT: `\${HOME}` };
    const { config } = await place.load(env);
    expect(config.providers.find(({ id }) => id === "azure")?.defaultModel).toBe(`\${HOME}`);
  });

  it("the revision tells one set of finds from another, not one key from another", async () => {
    const revision = async (env: NodeJS.ProcessEnv) => (await place.load(env)).config.revision;
    expect(await revision({ OPENAI_API_KEY: "a" })).toBe(await revision({ OPENAI_API_KEY: "b" }));
    expect(await revision({ OPENAI_API_KEY: "a" })).not.toBe(await revision({ ANTHROPIC_API_KEY: "a" }));
  });
});

describe("the file that is used", () => {
  const named = (id: string) => `providers:\n  ${id}: { type: mock }\n`;
  const firstId = async (env?: NodeJS.ProcessEnv, more?: object) =>
    (await place.load(env, more)).config.providers[0]?.id;
  const userFile = (base: string) => {
    mkdirSync(join(base, "riptide"), { recursive: true });
    writeFileSync(join(base, "riptide/providers.yaml"), named("user"));
  };

  it("is the flag's, then the variable's, then the user's", async () => {
    userFile(join(place.home, ".config"));
    place.write(named("flag"), "flag.yaml");
    place.write(named("variable"), "variable.yaml");
    const env = { RIPTIDE_CONFIG: "variable.yaml" };
    expect(await firstId(env, { configFlag: "flag.yaml" })).toBe("flag");
    expect(await firstId(env)).toBe("variable");
    expect(await firstId()).toBe("user");
  });

  it("is looked for under an absolute XDG_CONFIG_HOME only", async () => {
    userFile(join(place.home, "xdg"));
    expect(await firstId({ XDG_CONFIG_HOME: join(place.home, "xdg") })).toBe("user");
    expect(await firstId({ XDG_CONFIG_HOME: "../xdg" })).toBe("mock");
  });

  it("is never the current folder's unnamed one, which is only pointed at", async () => {
    place.write(named("stranger"));
    const { config, notice, located } = await place.load({});
    expect(config.providers.map(({ id }) => id)).toEqual(["mock"]);
    expect(notice).toContain("--config ./providers.yaml");
    expect(noProvidersError(located).facts.reasons).toContain(
      "./providers.yaml exists but is not used unless named",
    );
  });

  it("may come through standard input, which has no place on disk", async () => {
    const readStdin = async () => new TextEncoder().encode(named("piped"));
    const { config } = await place.load({}, { configFlag: "-", readStdin });
    expect([config.path, config.providers[0]?.id]).toEqual(["-", "piped"]);
  });

  it.each<[string, NodeJS.ProcessEnv, string | undefined]>([
    ["the flag", {}, "gone.yaml"],
    ["the variable", { RIPTIDE_CONFIG: "gone.yaml" }, undefined],
  ])("is an error when %s names one that is not there", async (_name, env, configFlag) => {
    const error = await errorOf(place.load(env, { configFlag }));
    expect([error.code, error.exit]).toEqual(["config_not_found", 3]);
    expect(error.message).toBe("no configuration at gone.yaml");
  });

  it("is an error when it is a folder", async () => {
    const error = await errorOf(place.load({}, { configFlag: "." }));
    expect(error.message).toBe(". cannot be read: it is a folder");
  });
});

describe("NODE_TLS_REJECT_UNAUTHORIZED=0", () => {
  it("is refused before anything is loaded", async () => {
    const error = await errorOf(place.load({ NODE_TLS_REJECT_UNAUTHORIZED: "0" }));
    expect([error.code, error.exit]).toEqual(["config_invalid", 3]);
    expect(error.facts.hint).toContain("ca_file");
  });
});
