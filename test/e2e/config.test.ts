import { lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createRegistry } from "../../src/providers/registry.ts";
import { type RunOptions, runCli } from "../helpers/run-cli.ts";
import { MOCK_YAML, shell, useStage } from "./stage.ts";

const stage = useStage();
/** Without a named configuration. */
const bare = { RIPTIDE_CONFIG: undefined, OPENAI_API_KEY: undefined, ANTHROPIC_API_KEY: undefined };

async function workplace(yaml?: string) {
  const place = await stage.workplace(yaml);
  return {
    ...place,
    userConfig: join(place.folder, ".config/riptide/providers.yaml"),
    config: (args: readonly string[], options: RunOptions = {}) =>
      place.run(["config", ...args], { ...options, env: { ...bare, ...options.env } }),
    inUse: (args: readonly string[], options: RunOptions = {}) => place.run(["config", ...args], options),
  };
}

const modeOf = (path: string) => statSync(path).mode & 0o777;

describe("config init", () => {
  it("writes a file only its owner reads, and that can be used", async () => {
    const place = await workplace();
    const { code, stdout } = await place.config(["init", "--providers", "mock"]);
    expect([code, stdout]).toEqual([0, `wrote: ${place.userConfig}\n`]);
    expect([modeOf(place.userConfig), modeOf(join(place.userConfig, ".."))]).toEqual([0o600, 0o700]);
    expect((await place.config(["validate", place.userConfig])).stdout).toBe(`${place.userConfig}: valid\n`);
    const answer = await place.run(["complete", "hi"], { env: bare });
    expect([answer.code, answer.stdout, answer.stderr]).toEqual([0, "Mock response to: hi\n", ""]);
  });

  it.each(["000", "077", "277"])("gives it mode 0600 under umask %s", async (mask) => {
    const place = await workplace();
    const { code } = await shell(place, `umask ${mask}; riptide -C new.yaml config init -q`);
    expect([code, modeOf(join(place.folder, "new.yaml"))]).toEqual([0, 0o600]);
  });

  it("says the same again, but does not replace what says something else", async () => {
    const place = await workplace();
    await place.config(["init"]);
    expect((await place.config(["init"])).stdout).toBe(`already there: ${place.userConfig}\n`);
    const other = await place.config(["init", "--providers", "mock"]);
    expect([other.code, other.stderr]).toEqual([
      1,
      `error[already_exists]: ${place.userConfig} exists and says something else\n` +
        "hint: riptide config init --print   or, to replace it, --force\n",
    ]);
    expect(readFileSync(place.userConfig, "utf8")).toContain("OPENAI_API_KEY");
    expect((await place.config(["init", "--providers", "mock", "--force"])).code).toBe(0);
    expect(readFileSync(place.userConfig, "utf8")).not.toContain("OPENAI_API_KEY");
  });

  it("keeps a link, and replaces the file it leads to", async () => {
    const place = await workplace();
    await place.write("real.yaml", "old");
    symlinkSync("real.yaml", join(place.folder, "link.yaml"));
    expect((await place.config(["init", "--force", "-C", "link.yaml"])).code).toBe(0);
    expect(lstatSync(join(place.folder, "link.yaml")).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(place.folder, "real.yaml"), "utf8")).toContain("version: 1");
  });

  it("leaves nothing behind where it cannot write", async () => {
    const place = await workplace();
    mkdirSync(join(place.folder, "folder/providers.yaml"), { recursive: true });
    const { code, stderr } = await place.config(["init", "--force", "-C", "folder/providers.yaml"]);
    expect(code).toBe(1);
    expect(stderr).toContain("error[write_failed]: cannot read ");
    expect((await shell(place, "ls folder")).stdout).toBe("providers.yaml\n");
  });

  it("prints instead of writing, each provider once, by any name of its type", async () => {
    const place = await workplace();
    const printed = await place.config(["init", "--print", "--providers", "azure,azure-openai, ollama"]);
    expect(printed.stdout.match(/^ {2}\S+:$/gm)).toEqual(["  azure-openai:", "  ollama:", "  default:"]);
    expect((await shell(place, `ls ${place.userConfig}`)).code).not.toBe(0);
    const env = { AZURE_OPENAI_ENDPOINT: "https://x.openai.azure.com" };
    expect((await place.config(["validate", "-"], { stdin: printed.stdout, env })).code).toBe(0);
  });

  it.each([
    [["--providers", "opneai"], "no template for a provider of type opneai"],
    [["--providers", " , "], "--providers names no provider type"],
    [["-C", "-"], "--config names none"],
  ])("%j is a usage error", async (flags, words) => {
    const { code, stderr } = await (await workplace()).config(["init", ...flags]);
    expect(code).toBe(2);
    expect(stderr).toContain(words);
  });
});

describe("config path", () => {
  it("is the file in use, or an error", async () => {
    const place = await workplace();
    const file = join(place.folder, "providers.yaml");
    expect((await place.inUse(["path"])).stdout).toBe(`${file}\n`);
    const { code, stdout, stderr } = await place.config(["path"]);
    expect([code, stdout, stderr]).toEqual([
      3,
      "",
      "error[config_not_found]: no configuration file is in use\n" +
        `  looked for ${place.userConfig}\nhint: riptide config init\n`,
    ]);
  });

  it("is every place that is looked at with --all, used or not", async () => {
    const place = await workplace();
    expect((await place.config(["path", "--all"])).stdout).toBe(`${place.userConfig}\n`);
    const named = await place.config(["path", "--all"], { env: { RIPTIDE_CONFIG: "nowhere.yaml" } });
    expect([named.code, named.stdout]).toEqual([0, `nowhere.yaml\n${place.userConfig}\n`]);
  });

  it("is a document as JSON", async () => {
    const place = await workplace();
    const file = join(place.folder, "providers.yaml");
    expect(JSON.parse((await place.inUse(["path", "--json"])).stdout)).toEqual({
      schema: "riptide.config_path/1",
      path: file,
      searched: [file, place.userConfig],
    });
    const none = await place.config(["path", "--json"]);
    expect([none.code, JSON.parse(none.stdout).error.code]).toEqual([3, "config_not_found"]);
  });
});

describe("config schema", () => {
  it("accepts the example, and knows every key and type", async () => {
    const { stdout } = await (await workplace()).config(["schema"]);
    const schema = JSON.parse(stdout);
    const { Ajv2020 } = await import("ajv/dist/2020.js");
    const { parse } = await import("yaml");
    const check = new Ajv2020({ allErrors: true, strict: false }).compile(schema);
    const example = parse(readFileSync(join(import.meta.dirname, "../../providers.example.yaml"), "utf8"));
    expect(check(example), JSON.stringify(check.errors)).toBe(true);
    expect(check({ ...example, stratgy: "sequential" })).toBe(false);
    const types = schema.properties.providers.additionalProperties.anyOf.map(
      (branch: { properties: { type: { enum: string[] } } }) => branch.properties.type.enum[0],
    );
    expect(types).toEqual([...createRegistry().names]);
  });
});

describe("./providers.yaml", () => {
  const hint = "warning: ./providers.yaml is not used unless named: riptide --config ./providers.yaml …\n";

  it("is not read unnamed: the error says how to name it, once", async () => {
    const place = await workplace(MOCK_YAML);
    const { code, stderr } = await place.run(["complete", "hi"], { env: bare });
    expect([code, stderr]).toEqual([
      3,
      "error[no_providers]: no configuration and no provider keys found\n" +
        "  looked at --config, RIPTIDE_CONFIG, ~/.config/riptide/providers.yaml and provider variables\n" +
        "  ./providers.yaml exists but is not used unless named\n" +
        "hint: riptide --config ./providers.yaml …   or   riptide config init\n",
    ]);
  });

  it.each([
    ["complete", "-P", "mock", "hi"],
    ["providers", "list"],
    ["config", "show"],
  ])("is pointed at where the call goes on without it: %s %s", async (...args) => {
    const place = await workplace(MOCK_YAML);
    const { code, stderr } = await place.run(args, { env: bare });
    expect([code, stderr]).toEqual([0, hint]);
    expect((await place.run([...args, "-q"], { env: bare })).stderr).toBe("");
  });

  it("is not mentioned beside a configuration of the user's own", async () => {
    const place = await workplace(MOCK_YAML);
    await place.config(["init", "--providers", "mock"]);
    expect((await place.run(["complete", "hi"], { env: bare })).stderr).toBe("");
  });
});

describe("a configuration on stdin", () => {
  it.each(["a pipe", "a file"])("from %s serves a call whose prompt stands in its arguments", async (way) => {
    const place = await workplace();
    const stdin = way === "a file" ? { file: await place.write("c.yaml", MOCK_YAML) } : MOCK_YAML;
    const { code, stdout } = await place.run(["-C", "-", "complete", "hello"], { stdin });
    expect([code, stdout]).toEqual([0, "hello\n"]);
  });

  it.each([
    ["complete"],
    ["complete", "-"],
    ["complete", "-f", "-"],
    ["complete", "hi", "--stdin", "always"],
    ["embed", "-m", "fake/m"],
  ])("leaves none for the prompt: %s %s %s", async (...args) => {
    const { code, stderr } = await (await workplace()).run(["-C", "-", ...args], { stdin: MOCK_YAML });
    expect([code, stderr]).toEqual([
      2,
      "error[usage]: stdin holds the configuration (--config -), so the prompt cannot come from there\n" +
        "hint: give the prompt as an argument, or the configuration as a file\n",
    ]);
  });

  it("may come from what a shell substitutes", async () => {
    const place = await workplace(MOCK_YAML);
    const { code, stdout } = await shell(place, "riptide -C <(cat providers.yaml) complete hello");
    expect([code, stdout]).toEqual([0, "hello\n"]);
  });
});

describe("without a folder for state", () => {
  it.each(["/proc/nowhere", "/dev/null", "/dev/null/below"])("at %s a call works", async (folder) => {
    const place = await workplace();
    const { code, stdout, stderr } = await place.run(["complete", "hi"], {
      env: { RIPTIDE_STATE_DIR: folder },
    });
    expect([code, stdout]).toEqual([0, "hi\n"]);
    // What it cost is known to nobody then, and that is said.
    expect(stderr).toMatch(
      /^warning: sent without the ledger, .*\nwarning: the cost of rq_\w+, \$0\.00, could not be recorded anywhere: .*\n$/,
    );
  });

  it("eight calls at once that all write the cache answer, and leave one file", async () => {
    const place = await workplace();
    const together = () => Promise.all(Array.from({ length: 8 }, () => place.run(["complete", "hi"])));
    // During the first round the file may be too young to be kept.
    const runs = [...(await together()), ...(await together())];
    expect(runs.map(({ code, stdout, stderr }) => [code, stdout, stderr])).toEqual(
      runs.map(() => [0, "hi\n", ""]),
    );
    const { stdout } = await shell(place, "ls -A .local/state/riptide/cache");
    expect(stdout.trim().split("\n")).toHaveLength(1);
  });
});

describe("what the environment forbids", () => {
  it("is a connection that checks no certificate", async () => {
    const place = await workplace();
    const { code, stderr } = await place.run(["complete", "hi"], {
      env: { NODE_TLS_REJECT_UNAUTHORIZED: "0" },
    });
    expect(code).toBe(3);
    expect(stderr).toMatch(/^error\[config_invalid\]: NODE_TLS_REJECT_UNAUTHORIZED=0 /);
  });

  it("is a secret whose file others may read", async () => {
    const place = await workplace();
    const key = await place.write("key", "sk-canary");
    writeFileSync(
      join(place.folder, "providers.yaml"),
      `providers:\n  o: { type: openai, api_key: { file: ${key} } }\n`,
    );
    const { code, stderr } = await place.run(["complete", "hi", "-m", "o/x"]);
    expect(code).toBe(3);
    expect(stderr).toContain(`error[unsafe_permissions]: the secret file ${key} has mode 0644`);
    expect(stderr).toContain(`hint: chmod 600 ${key}\n`);
  });
});

describe("an error of the configuration", () => {
  it("reads as the manual says when a key is unknown", async () => {
    const yaml = `version: 1\n\n# here\n\nproviders:\n  openai:\n    type: openai\n    api_kye: \${KEY}\n`;
    const { folder, run } = await workplace(yaml);
    const { code, stderr } = await run(["-C", "./providers.yaml", "complete", "hi"], { cwd: folder });
    expect([code, stderr]).toEqual([
      3,
      'error[config_invalid]: ./providers.yaml:8:5: unknown key "api_kye" in providers.openai\n' +
        '  did you mean "api_key"?\n' +
        "hint: riptide config validate ./providers.yaml\n",
    ]);
  });

  it("reads as the manual says when a secret is missing", async () => {
    const yaml =
      `version: 1\nmodels:\n  default: { targets: [openai/x] }\nproviders:\n` +
      `  openai: { type: openai,\n    api_key: "\${MY_KEY}" }\n`;
    const { run } = await workplace(yaml);
    const { code, stderr } = await run(["-C", "providers.yaml", "complete", "hi"]);
    expect(code).toBe(3);
    expect(stderr.replace(/request: .*\n/, "")).toBe(
      "error[secret_missing]: MY_KEY is not set\n" +
        "  needed by provider openai (providers.yaml:6:14); no other provider is usable\n" +
        "hint: export MY_KEY=…   or use {file: PATH} there\n",
    );
  });

  it("is told on stdout too when JSON is asked for", async () => {
    const { run } = await workplace("providers: [\n");
    const { code, stdout, stderr } = await run(["complete", "hi", "--json"]);
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: "riptide.error/1",
      ok: false,
      error: { code: "config_invalid", exit: 3 },
    });
    expect(stderr.split("\n")).toHaveLength(2);
  });

  it("is one line of help for a home without anything", async () => {
    const { code, stderr } = await runCli(["complete", "hi"]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^error\[no_providers\].*\n {2}looked at .*\nhint: riptide config init\n$/);
  });
});
