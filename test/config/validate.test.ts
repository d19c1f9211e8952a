import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { initTemplate } from "../../src/config/template.ts";
import { type ValidateOptions, validateConfig } from "../../src/config/validate.ts";
import { systemClock } from "../../src/core/clock.ts";
import { RiptideError } from "../../src/core/errors.ts";
import { createRegistry } from "../../src/providers/registry.ts";
import { workspace } from "./workspace.ts";

let place: ReturnType<typeof workspace>;
beforeEach(() => {
  place = workspace();
});
afterEach(() => place.remove());

const validate = (text: string, more: Partial<ValidateOptions> = {}, env: NodeJS.ProcessEnv = {}) =>
  validateConfig(text, {
    level: "schema",
    registry: createRegistry(),
    environment: place.environment(env),
    clock: systemClock,
    onSecret: () => {},
    ...more,
  });

const FILE = `providers:
  a:
    type: openai
    api_key: \${A_KEY}
  b:
    type: mock
    reply: \${B_REPLY}
`;

describe("validation", () => {
  it("of the syntax looks no further", async () => {
    expect(await validate("providers: { a: { type: nobody } }\n", { level: "syntax" })).toEqual([]);
    expect(await validate("a: 1\na: 2\n", { level: "syntax" })).toMatchObject([
      { line: 2, code: "duplicate_key" },
    ]);
  });

  it("of the schema gives every problem as data, in the order of the lines", async () => {
    const problems = await validate(`strategy: x\nproviders:\n  a: { type: openai, api_kye: k }\nfoo: 1\n`);
    expect(problems).toEqual([
      expect.objectContaining({ line: 1, column: 11, key: "strategy", code: "bad_value" }),
      {
        severity: "error",
        line: 3,
        column: 22,
        key: "providers.a.api_kye",
        code: "unknown_key",
        message: 'unknown key "api_kye" in providers.a',
        suggestion: 'did you mean "api_key"?',
      },
      expect.objectContaining({ line: 4, key: "foo", code: "unknown_key" }),
    ]);
  });

  it("of the schema needs no variable to be set, but says which are not", async () => {
    expect(await validate(FILE)).toMatchObject([
      { severity: "warning", code: "variable_missing", line: 7, column: 12, key: "providers.b.reply" },
    ]);
  });

  it("of the secrets reads each of them", async () => {
    const env = { B_REPLY: "x" };
    const level = "secrets";
    expect(await validate(FILE, { level }, { ...env, A_KEY: "k" })).toEqual([]);
    expect(await validate(FILE, { level }, env)).toMatchObject([
      { severity: "error", code: "secret_missing", line: 4, column: 14, key: "providers.a.api_key" },
    ]);
    expect(await validate(FILE, { level }, { A_KEY: "k" })).toMatchObject([
      { code: "variable_missing", severity: "error" },
    ]);
  });

  it("of the secrets looks at files, headers and tenants, but not at providers that are off", async () => {
    const path = join(place.home, "key");
    writeFileSync(path, "k", { mode: 0o644 });
    const text = `providers:
  a: { type: openai, api_key: { file: ${path} } }
  b: { type: mock, headers: { x-key: { env: NOPE } } }
  c: { type: openai, api_key: { env: NOPE }, enabled: false }
tenants: { list: { t: { key: { env: NOPE } } } }
`;
    const problems = await validate(text, { level: "secrets" });
    expect(problems.map(({ line, code, key }) => [line, code, key])).toEqual([
      [2, "unsafe_permissions", "providers.a.api_key"],
      [3, "secret_missing", "providers.b.headers.x-key"],
      [5, "secret_missing", "tenants.list.t.key"],
    ]);
  });

  it("of the provision makes each provider and reports what cannot be", async () => {
    const made: string[] = [];
    const provision: ValidateOptions["provision"] = async (_config, id) => {
      made.push(id);
      if (id === "a") throw new RiptideError("config_invalid", "no such thing");
    };
    const env = { A_KEY: "k", B_REPLY: "x" };
    expect(await validate(FILE, { level: "provision", provision }, env)).toMatchObject([
      { code: "unusable", message: "no such thing", line: 2, key: "providers.a" },
    ]);
    expect(made.toSorted()).toEqual(["a", "b"]);
  });
});

describe("the first file", () => {
  const registry = createRegistry();

  it.each(registry.names)("for %s is valid and has an alias default", async (type) => {
    const env = {
      OPENAI_API_KEY: "k",
      ANTHROPIC_API_KEY: "k",
      AZURE_OPENAI_API_KEY: "k",
      AZURE_OPENAI_ENDPOINT: "https://x.openai.azure.com",
      GOOGLE_CLOUD_PROJECT: "p",
    };
    expect(await validate(initTemplate([type]), { level: "secrets" }, env)).toEqual([]);
    const { config } = await place.loadText(initTemplate([type]), env);
    expect(config.aliases.default?.targets[0]?.provider).toBe(type);
  });

  it("holds several providers in the order they were asked for", async () => {
    const { config } = await place.loadText(initTemplate(["ollama", "openai"]));
    expect(config.providers.map(({ id }) => id)).toEqual(["ollama", "openai", "mock"]);
  });

  it("of an unknown type is refused with the one that was meant", () => {
    expect(() => initTemplate(["opanai"])).toThrow(
      expect.objectContaining({ code: "usage", facts: { hint: "did you mean openai?" } }),
    );
  });
});
