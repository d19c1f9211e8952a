import { describe, expect, it } from "vitest";
import { expectErrorText, MOCK_YAML, useStage } from "./stage.ts";

const stage = useStage();
/** Without a configuration of its own. */
const BARE = {
  RIPTIDE_CONFIG: undefined,
  OPENAI_API_KEY: undefined,
  ANTHROPIC_API_KEY: undefined,
  AZURE_OPENAI_API_KEY: undefined,
};

describe("the command line", () => {
  it("prints help on stderr with exit 2 when nothing was asked, on stdout with 0 when it was", async () => {
    const place = await stage.workplace();
    const bare = await place.run([]);
    const asked = await place.run(["--help"]);
    expect([bare.code, bare.stdout, asked.code, asked.stderr]).toEqual([2, "", 0, ""]);
    expect(bare.stderr).toBe(asked.stdout);
    expect((await place.run(["help"])).stdout).toBe(asked.stdout);
  });

  it.each([
    [["complet", "hi"], 'unknown command "complet"', "did you mean complete?"],
    [["modles"], 'unknown command "modles"', "did you mean models?"],
    [["models", "lst"], 'unknown verb of models "lst"', "did you mean list?"],
    [["complete", "hi", "--modle", "x"], "unknown flag --modle", "did you mean --model?"],
    [["--jsn", "models"], "unknown flag --jsn", "did you mean --json?"],
    [["complete", "hi", "-Z"], "unknown flag -Z", "riptide complete --help"],
    [
      ["models", "list", "extra"],
      'models list does not take the argument "extra"',
      "riptide models list --help",
    ],
    [["models", "show", "a", "b"], 'models show does not take the argument "b"', ""],
    [["version", "extra"], 'version does not take the argument "extra"', ""],
    [["help", "nonsense"], 'no help on "nonsense"', ""],
    [["help", "enviroment"], 'no help on "enviroment"', 'did you mean "environment"?'],
    [["models", "-o", "yaml"], "models list cannot print yaml", "it prints text, json"],
    [["complete", "hi", "-o", "csv"], "complete cannot print csv", "it prints text, json, jsonl"],
    [["dashbord"], 'unknown command "dashbord"', "did you mean dashboard?"],
  ])("refuses %j with exit 2 and says what it might have been", async (args, message, guess) => {
    const place = await stage.workplace();
    const { code, stdout, stderr } = await place.run(args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
    expect(stderr).toContain(guess);
    expectErrorText(stderr, "usage");
  });

  it("works in this process with --daemon off and auto, and ends with 10 where the daemon is required", async () => {
    const place = await stage.workplace();
    expect((await place.run(["complete", "hi", "--daemon", "off"])).stdout).toBe("hi\n");
    const required = await place.run(["complete", "hi", "--daemon", "require"]);
    expect(required.code).toBe(10);
    expectErrorText(required.stderr, "daemon_not_running");
    expect((await place.run(["complete", "hi"], { env: { RIPTIDE_DAEMON: "require" } })).code).toBe(10);
  });

  it("makes a request of one idempotency key once (AT-12)", async () => {
    const place = await stage.workplace();
    const ask = () => place.run(["complete", "hi", "--idempotency-key", "deploy-42"]);
    expect((await ask()).stdout).toBe("hi\n");
    const again = await ask();
    expect([again.code, again.stdout]).toEqual([1, ""]);
    expectErrorText(again.stderr, "already_exists");
    const unusable = await place.run(["complete", "hi", "--idempotency-key", "a b"]);
    expect(unusable.code).toBe(2);
  });

  it.each([["--messages", "f.json"], ["--extract"], ["-x"]])(
    "says of %s that it comes later, with exit 2",
    async (...flags) => {
      const place = await stage.workplace();
      const { code, stderr } = await place.run(["complete", "hi", ...flags]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^error\[usage\]: --[\w-]+ is not part of this version: it comes with /);
      expectErrorText(stderr, "usage");
    },
  );

  it("takes global flags before and after the command, long and short, with = and attached", async () => {
    const place = await stage.workplace();
    const other = await place.write("other.yaml", MOCK_YAML.replace("{{prompt}}", "other"));
    for (const args of [
      ["-C", other, "complete", "hi"],
      ["complete", "hi", "-C", other],
      [`--config=${other}`, "c", "hi"],
      ["c", `-C${other}`, "hi"],
      ["-q", "--timeout", "2s", "-C", other, "complete", "hi"],
    ])
      expect((await place.run(args)).stdout).toBe("other\n");
    expect((await place.run(["--json", "models", "list"])).stdout).toBe(
      (await place.run(["models", "--json"])).stdout,
    );
  });

  it("sets single values with --set, over variables, over the file", async () => {
    const place = await stage.workplace();
    const env = { RIPTIDE_PROVIDERS__FAKE__REPLY: "variable" };
    const set = ["--set", "providers.fake.reply=flag"];
    const say = async (args: readonly string[], more: object = {}) =>
      (await place.run(["complete", "hi", ...args], more)).stdout;
    expect([await say([]), await say([], { env }), await say(set, { env })]).toEqual([
      "hi\n",
      "variable\n",
      "flag\n",
    ]);
    const wrong = await place.run(["complete", "hi", "--set", "providers.fake.rely=x"]);
    expect(wrong.code).toBe(3);
    expect(wrong.stderr).toContain('did you mean "reply"?');
  });

  it.each([
    ["RIPTIDE_TIMEOUT", "soon", "RIPTIDE_TIMEOUT wants a duration"],
    ["RIPTIDE_MAX_COST", "a lot", "RIPTIDE_MAX_COST wants an amount such as 0.05"],
  ])("checks the variable %s=%s like its flag", async (name, value, message) => {
    const place = await stage.workplace();
    const { code, stderr } = await place.run(["complete", "hi"], { env: { [name]: value } });
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expectErrorText(stderr, "usage");
  });

  it.each([
    [["models", "--color", "sometimes"], '--color wants auto, always, never, not "sometimes"'],
    [["providers", "types", "--sanitize=no"], '--sanitize wants auto, always, never, not "no"'],
    [["complete", "hi", "--keep-partial"], "--keep-partial does nothing without --out"],
  ])("checks flags before anything else: %j", async (args, message) => {
    const place = await stage.workplace("not: [a configuration");
    const { code, stderr } = await place.run(args);
    expect([code, stderr.split("\n")[0]]).toEqual([2, `error[usage]: ${message}`]);
  });

  it.each([[["-C", "x.yaml"]], [["-Cx.yaml"]], [["--config=x.yaml"]]])(
    "hints at the provider and the configuration that were used: %j",
    async (config) => {
      const place = await stage.workplace();
      const lab = "lab: { type: ollama, base_url: 'http://127.0.0.1:1' }";
      await place.write(
        "x.yaml",
        `version: 1\nproviders:\n  ${lab}\n  far: { type: ollama, base_url: 'http://127.0.0.1:2' }\n`,
      );
      const asked = await place.run([...config, "complete", "hi", "-m", "lab/m"]);
      expect(asked.stderr).toContain("\nhint: riptide -C x.yaml providers test lab\n");
      const probed = await place.run([...config, "providers", "test", "lab"]);
      expect(probed.stderr).toMatch(/^error\[connect_failed\]: lab: /);
      expect(probed.stderr).toContain("\nhint: riptide -C x.yaml providers show lab ");
      const listed = await place.run([...config, "models", "list", "--refresh"]);
      expect(listed.stderr).toMatch(/^error\[connect_failed\]: .*\n {2}lab: .*\n {2}far: /);
      const one = await place.run([...config, "models", "list", "--refresh", "-P", "far"]);
      expect(one.stderr).toMatch(/^error\[connect_failed\]: far: /);
    },
  );

  it("takes the format of a variable where the command has it, else text", async () => {
    const place = await stage.workplace();
    const env = { RIPTIDE_OUTPUT: "jsonl" };
    expect((await place.run(["complete", "hi"], { env })).stdout).toMatch(/^\{"type":"start"/);
    expect((await place.run(["models"], { env })).stdout).toMatch(/^ALIAS/);
    expect((await place.run(["complete", "hi"], { env: { RIPTIDE_OUTPUT: "nonsense" } })).stdout).toBe(
      "hi\n",
    );
  });

  it("warns of a variable that is none", async () => {
    const place = await stage.workplace();
    const { code, stderr } = await place.run(["complete", "hi"], { env: { RIPTIDE_TIMEUOT: "1s" } });
    expect([code, stderr]).toEqual([0, expect.stringContaining("did you mean RIPTIDE_TIMEOUT?")]);
  });

  it("does not use ./providers.yaml unnamed, and says so", async () => {
    const place = await stage.workplace();
    const { code, stderr } = await place.run(["complete", "hi"], { env: BARE });
    expect(code).toBe(3);
    expect(stderr).toContain("error[no_providers]: no configuration and no provider keys found");
    expect(stderr).toContain("./providers.yaml exists but is not used unless named");
    expect(stderr).toContain("hint: riptide --config ./providers.yaml");
  });

  it("answers from the mock without any configuration when it is named", async () => {
    const place = await stage.workplace();
    for (const args of [
      ["-P", "mock"],
      ["-m", "mock/mock-small"],
      ["-m", "mock/anything"],
    ]) {
      const { code, stdout } = await place.run(["complete", "hi", ...args], { env: BARE, cwd: "/" });
      expect([code, stdout]).toEqual([0, "Mock response to: hi\n"]);
    }
  });

  it("shows a stack only with --debug", async () => {
    const place = await stage.workplace();
    const plain = await place.run(["complete", "hi", "-m", "nobody"]);
    const debug = await place.run(["complete", "hi", "-m", "nobody", "--debug"]);
    expect(plain.stderr).not.toMatch(/^ +at /m);
    expect(debug.stderr).toMatch(/^ +at /m);
  });

  it("prints its version in three ways", async () => {
    const place = await stage.workplace();
    const said = await Promise.all(
      [["--version"], ["-V"], ["complete", "--version"]].map((args) => place.run(args)),
    );
    expect(new Set(said.map(({ stdout }) => stdout)).size).toBe(1);
    expect(said[0]?.stdout).toMatch(/^riptide \d+\.\d+\.\d+\n$/);
    expect(JSON.parse((await place.run(["version", "--json"])).stdout)).toStrictEqual({
      schema: "riptide.version/1",
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      node: expect.stringMatching(/^\d+\./),
      protocol: 1,
      daemon: null,
    });
  });
});
