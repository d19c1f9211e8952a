import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { MOCK_YAML, useStage } from "./stage.ts";

const stage = useStage();

const SECRETIVE = `version: 1
providers:
  o: { type: openai, api_key: "\${KEY}", headers: { x-team: canary-header } }
  f: { type: openai, api_key: { file: /nowhere/key } }
  c: { type: openai, api_key: { command: [print, canary-argument] } }
  l: { type: openai, api_key: canary-literal }
models:
  default: { targets: [o/x] }
timeouts: { completion: 9s }
`;

describe("config show", () => {
  it("reads as the file, secrets by their source", async () => {
    const place = await stage.workplace(SECRETIVE);
    const { stdout } = await place.run(["config", "show"], { env: { KEY: "canary-key" } });
    expect(stdout).toContain('api_key: "[redacted] (env KEY)"');
    expect(stdout).toContain('api_key: "[redacted] (file /nowhere/key)"');
    expect(stdout).toContain('api_key: "[redacted] (command print)"');
    expect(stdout).toContain('api_key: "[redacted]"');
    expect(stdout).toContain('x-team: "[redacted]"');
  });

  it.each(
    [[], ["--effective"], ["--origin"], ["--effective", "--origin"]].flatMap((f) => [
      [f],
      [[...f, "--json"]],
    ]),
  )("with %j reveals nothing", async (flags) => {
    const place = await stage.workplace(SECRETIVE);
    const { code, stdout, stderr } = await place.run(["config", "show", ...flags], {
      env: { KEY: "canary-key", RIPTIDE_PROVIDERS__O__ORGANIZATION: "acme" },
    });
    expect(code).toBe(0);
    expect(stdout).toContain("[redacted]");
    expect(stdout + stderr).not.toContain("canary");
  });

  it("says where each value comes from", async () => {
    const place = await stage.workplace(SECRETIVE);
    const args = ["-C", "providers.yaml", "config", "show", "--effective", "--origin", "--json"];
    const { stdout } = await place.run([...args, "--set", "unpriced=allow"], {
      env: { RIPTIDE_TIMEOUTS__EMBEDDING: "7s" },
    });
    const { schema, path, config, origins } = JSON.parse(stdout);
    expect([schema, path]).toEqual(["riptide.config/1", join(place.folder, "providers.yaml")]);
    expect(config.timeouts).toMatchObject({ completion: "9s", embedding: "7s", stream_max: "300s" });
    const named = Object.fromEntries(
      origins.map(({ key, origin }: { key: string; origin: string }) => [key, origin]),
    );
    expect(named).toMatchObject({
      "timeouts.completion": "providers.yaml:9:25",
      "timeouts.embedding": "env RIPTIDE_TIMEOUTS__EMBEDDING",
      "timeouts.stream_max": "default",
      "providers.o.api_key": "providers.yaml:3:31",
      unpriced: "--set unpriced",
      strategy: "default",
    });
  });

  it("tells what the environment brought from what is built in", async () => {
    const place = await stage.workplace(SECRETIVE);
    const { stdout } = await place.run(["config", "show", "--origin"], {
      env: { RIPTIDE_CONFIG: undefined, OPENAI_API_KEY: "canary", ANTHROPIC_API_KEY: undefined },
    });
    expect(stdout).toMatch(/^providers\.openai\.api_key +"\[redacted\] \(env OPENAI_API_KEY\)" +env$/m);
    expect(stdout).not.toContain("canary");
  });

  it("names places on stdin", async () => {
    const place = await stage.workplace(SECRETIVE);
    const { stdout } = await place.run(["-C", "-", "config", "show", "--origin"], { stdin: SECRETIVE });
    expect(stdout).toMatch(/^timeouts\.completion +"9s" +<stdin>:9:25$/m);
  });
});

const WRONG = `version: 1
providers:
  o: { type: openai, api_kye: k }
  m: { type: mock, priority: high }
models:
  o: { targets: [m/x] }
`;

describe("a call with a wrong configuration", () => {
  it("names its problems in the order of the lines, each with what was meant", async () => {
    const place = await stage.workplace(
      "version: 1\nproviders:\n  m: { type: mock, priorty: 1 }\nmodels:\n  o: { targts: [m/x] }\ntimeots: {}\n",
    );
    const { code, stderr } = await place.run(["complete", "hi"]);
    expect(code).toBe(3);
    expect(stderr.match(/\d+:\d+: unknown key|did you mean "\w+"/g)).toEqual([
      "3:20: unknown key",
      'did you mean "priority"',
      "5:8: unknown key",
      'did you mean "targets"',
      "6:1: unknown key",
      'did you mean "timeouts"',
    ]);
    expect(stderr.trimEnd().split("\n").length).toBeLessThanOrEqual(8);
  });
});

describe("config validate", () => {
  it("reports every problem in the order of the lines, with what was meant", async () => {
    const place = await stage.workplace(WRONG);
    const { code, stdout, stderr } = await place.run(["config", "validate", "providers.yaml"]);
    expect([code, stdout, stderr]).toEqual([
      3,
      'error: providers.yaml:3:22: unknown key "api_kye" in providers.o\n' +
        '  did you mean "api_key"?\n' +
        "error: providers.yaml:4:30: expected a number, found text\n",
      "",
    ]);
  });

  it("gives them as data, with exactly these fields", async () => {
    const place = await stage.workplace(WRONG);
    for (const flags of [["--json"], ["--reporter", "json"]]) {
      const { code, stdout } = await place.run(["config", "validate", "providers.yaml", ...flags]);
      expect(code).toBe(3);
      expect(JSON.parse(stdout)).toEqual({
        schema: "riptide.config_check/1",
        valid: false,
        path: join(place.folder, "providers.yaml"),
        problems: [
          {
            severity: "error",
            line: 3,
            column: 22,
            key: "providers.o.api_kye",
            code: "unknown_key",
            message: 'unknown key "api_kye" in providers.o',
            suggestion: 'did you mean "api_key"?',
          },
          {
            severity: "error",
            line: 4,
            column: 30,
            key: "providers.m.priority",
            code: "wrong_type",
            message: "expected a number, found text",
            suggestion: null,
          },
        ],
      });
    }
  });

  it("annotates a change on GitHub, whatever the file is called", async () => {
    const place = await stage.workplace(WRONG);
    await place.write("a,b:100%.yaml", "strategy: \t\n");
    const plain = await place.run(["config", "validate", "providers.yaml", "--reporter", "github"]);
    expect([plain.code, plain.stdout.split("\n")[0]]).toEqual([
      3,
      '::error file=providers.yaml,line=3,col=22::unknown key "api_kye" in providers.o; did you mean "api_key"?',
    ]);
    const odd = await place.run(["config", "validate", "a,b:100%.yaml", "--reporter", "github"]);
    expect(odd.stdout).toMatch(/^::error file=a%2Cb%3A100%25\.yaml,line=1,col=\d+::/);
    const none = await place.run(["config", "validate", "-", "--reporter", "github"], { stdin: "a: 1\n" });
    expect(none.stdout).toMatch(/^::error line=1,col=1::/);
  });

  it("checks what comes on stdin", async () => {
    const place = await stage.workplace(WRONG);
    const good = await place.run(["config", "validate", "-"], { stdin: MOCK_YAML });
    expect([good.code, good.stdout]).toEqual([0, "<stdin>: valid\n"]);
    const bad = await place.run(["config", "validate", "-", "--json"], { stdin: "a: 1\n" });
    expect([bad.code, JSON.parse(bad.stdout).path]).toEqual([3, null]);
  });

  const LEVELLED = `version: 1
providers:
  m: { type: mock, stratgy: x }
`;
  const SECRET = `providers:\n  o: { type: openai, api_key: "\${NOPE}" }\n`;
  const CA = `providers:\n  o: { type: openai, api_key: k, ca_file: /nowhere.pem }\n`;
  const VARIABLE = `providers:\n  v: { type: vertex, project: "\${NOPE}" }\n`;

  it.each([
    ["syntax", "a: [\n", 3],
    ["syntax", LEVELLED, 0],
    ["schema", LEVELLED, 3],
    ["schema", SECRET, 0],
    ["schema", VARIABLE, 0],
    ["secrets", VARIABLE, 3],
    ["secrets", SECRET, 3],
    ["secrets", CA, 0],
    ["provision", CA, 3],
    ["provision", CA.replace("/nowhere.pem", import.meta.filename), 3],
    ["provision", MOCK_YAML, 0],
  ] as const)("at the level %s of %j exits %i", async (level, yaml, exit) => {
    const place = await stage.workplace(yaml);
    const { code, stdout, stderr } = await place.run(["config", "validate", "--level", level]);
    expect([code, stderr], stdout).toEqual([exit, ""]);
  });

  it("passes warnings unless it is strict", async () => {
    const place = await stage.workplace(`${MOCK_YAML}  fake: { targets: [fake/x] }\n`);
    const lax = await place.run(["config", "validate"]);
    expect([lax.code, lax.stdout]).toEqual([
      0,
      expect.stringMatching(/^warning: .*has the name of a provider/),
    ]);
    expect((await place.run(["config", "validate", "--strict"])).code).toBe(3);
    expect(JSON.parse((await place.run(["config", "validate", "--strict", "--json"])).stdout).valid).toBe(
      false,
    );
  });

  it("counts what variables and --set would change, and names them", async () => {
    const place = await stage.workplace(MOCK_YAML);
    const byFlag = await place.run(["config", "validate", "--set", "timeouts.max=soon"]);
    expect([byFlag.code, byFlag.stdout]).toEqual([
      3,
      "error: --set timeouts.max: expected a duration with a unit, such as 250ms, 5s or 2m\n",
    ]);
    const byVariable = await place.run(["config", "validate", "--json"], { env: { RIPTIDE_STRATEGY: "x" } });
    expect(JSON.parse(byVariable.stdout).problems).toMatchObject([
      { line: null, column: null, key: "strategy", message: expect.stringContaining("RIPTIDE_STRATEGY: ") },
    ]);
  });

  it.each([
    [["nowhere.yaml"], "config_not_found", "nowhere.yaml cannot be read: it does not exist"],
    [["."], "config_invalid", ". cannot be read: it is a folder"],
    [["/dev/zero"], "config_invalid", "the file is larger than 1 MiB"],
    [["latin1.yaml"], "config_invalid", "the file is not UTF-8 text"],
  ])("of %j is an error", async (words, code, message) => {
    const place = await stage.workplace(MOCK_YAML);
    await place.write("latin1.yaml", new Uint8Array([0x61, 0xe9]));
    const run = await place.run(["config", "validate", ...words]);
    expect(run.code).toBe(3);
    expect(run.stderr).toContain(`error[${code}]: `);
    expect(run.stderr).toContain(message);
  });

  it("shows no control character of a stranger's file", async () => {
    const place = await stage.workplace('"\\e]52;c;aGk=\\a\\u202eevil": 1\n');
    for (const reporter of ["text", "github"]) {
      const { stdout } = await place.run(["config", "validate", "--reporter", reporter]);
      expect(stdout).toMatch(/unknown key "evil"/);
    }
  });
});
