import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import type { Scenario } from "../helpers/simulator.ts";
import { anthropic, openai, useStage } from "./stage.ts";
import { VENDORS, yamlOf } from "./vendors.ts";

const stage = useStage();
const ANSWER: Scenario = { kind: "answer", tokens: ["ok"] };
const DOWN: Scenario = { kind: "failure", failure: "server" };

/** Two vendors, three entries, two of them in the alias; every request is counted. */
async function three(...scenarios: readonly Scenario[]) {
  const [one, two, spare] = [
    await stage.simulate(openai, scenarios[0] ?? ANSWER),
    await stage.simulate(anthropic, scenarios[1] ?? ANSWER),
    await stage.simulate(openai, scenarios[2] ?? ANSWER),
  ];
  const yaml = yamlOf([
    [openai, one.url],
    [anthropic, two.url],
  ]);
  const entry = openai.entry(spare.url).map((line) => `    ${line}\n`);
  const place = await stage.workplace(
    yaml.replace(
      "models:\n",
      `  spare:\n${entry.join("")}    default_model: spare-model\nmodels:\n  tow: { targets: [spare/x] }\n`,
    ),
  );
  const asked = () => [one, two, spare].map(({ requests }) => requests.length);
  return { place, asked, one, two, spare };
}

const ordered = async (place: Awaited<ReturnType<typeof three>>["place"], args: readonly string[]) => {
  const { code, stdout, stderr } = await place.run(["complete", "hi", "--dry-run", "--json", ...args]);
  expect([code, stderr]).toEqual([0, ""]);
  const { route } = JSON.parse(stdout);
  return route.candidates.map((candidate: { provider: string; model: string }) => candidate.provider);
};

describe("the route", () => {
  it.each([
    ["the alias", [], ["openai", "anthropic"]],
    ["-P in its order", ["-P", "anthropic,openai"], ["anthropic", "openai"]],
    ["-P of a provider outside the alias, by its default model", ["-P", "spare,openai"], ["spare", "openai"]],
    ["--exclude", ["--exclude", "openai"], ["anthropic"]],
    ["a pinned target", ["-m", `anthropic/${anthropic.model}`], ["anthropic"]],
    [
      "a pinned target with --fallback",
      ["-m", "spare/x", "--fallback", "openai/y", "--fallback", "anthropic/z"],
      ["spare", "openai", "anthropic"],
    ],
    ["--no-fallback", ["--no-fallback"], ["openai"]],
    ["a bare model name", ["-m", anthropic.model], ["anthropic"]],
  ] as const)("follows %s", async (_name, args, expected) => {
    const { place, asked } = await three();
    expect(await ordered(place, args)).toEqual(expected);
    expect(asked()).toEqual([0, 0, 0]);
  });

  it.each([
    [["-m", "two"], 'unknown alias or model "two"', 'did you mean "tow"?'],
    [["-m", "opnai/gpt"], 'unknown alias or model "opnai/gpt"', ""],
    [["-P", "antropic"], 'unknown provider "antropic"', 'did you mean "anthropic"?'],
    [["--exclude", "opena"], 'unknown provider "opena"', 'did you mean "openai"?'],
    [["--fallback", "nobody"], '--fallback wants provider/model, not "nobody"', ""],
    [["--exclude", "openai,anthropic"], "no target is left to send this to", ""],
    [["-m", `openai/${openai.model}`, "-P", "anthropic"], "is not among the providers asked for", ""],
  ])("is refused with exit 2: %j", async (args, message, guess) => {
    const { place, asked } = await three();
    const { code, stderr } = await place.run(["complete", "hi", ...args]);
    expect([code, asked()]).toEqual([2, [0, 0, 0]]);
    expect(stderr).toContain(message);
    expect(stderr).toContain(guess);
    expect(stderr).toMatch(/\nhint: riptide /);
  });

  it.each([
    ["a pinned target asks nobody else", ["-m", `openai/${openai.model}`], 5, [1, 0, 0]],
    ["a fallback is asked after it", ["-m", `openai/${openai.model}`, "--fallback", "spare/x"], 0, [1, 0, 1]],
    ["--no-fallback asks the first only", ["--no-fallback"], 5, [1, 0, 0]],
    ["--max-attempts ends the walk", ["--max-attempts", "1"], 5, [1, 0, 0]],
    ["without them the next is asked", [], 0, [1, 1, 0]],
  ] as const)("is walked: %s", async (_name, args, exit, requests) => {
    const { place, asked } = await three(DOWN);
    const { code } = await place.run(["complete", "hi", ...args]);
    expect([code, asked().map((count) => Math.min(count, 1))]).toEqual([exit, requests]);
  });

  it("tells with -v that and why another target was asked", async () => {
    const { place } = await three(DOWN);
    const { stdout, stderr } = await place.run(["complete", "hi", "-v"]);
    expect(stdout).toBe("ok\n");
    expect(stderr).toBe(
      `note: openai/${openai.model}: provider_error; asking anthropic/${anthropic.model}\n`,
    );
  });

  it("tells with -u what was used, also after a failover", async () => {
    const { place } = await three(DOWN);
    const { stderr } = await place.run(["complete", "hi", "-u"]);
    expect(stderr).toMatch(
      /^anthropic\/\S+ · \d+ in \(\d+ cached\) → \d+ out · \$0\.0000\d+ · .* · \d attempts: openai provider_error → .*anthropic ok · rq_\w+\n$/,
    );
    const ascii = await place.run(["complete", "hi", "-u", "--ascii"]);
    expect(ascii.stderr).toMatch(/^[\x20-\x7e]+\n$/);
  });
});

describe("a plan sends nothing", () => {
  it.each(VENDORS)("$name: --estimate, --dry-run and --as curl, with no key in them", async (vendor) => {
    const simulator = await stage.simulate(vendor, ANSWER);
    const place = await stage.workplace(yamlOf([[vendor, simulator.url]]));
    for (const flags of [
      ["--estimate"],
      ["--estimate", "--json"],
      ["--dry-run"],
      ["--dry-run", "--json"],
      ["--as", "curl"],
    ]) {
      const { code, stdout, stderr } = await place.run([
        "complete",
        "what is two?",
        "-s",
        "be brief",
        ...flags,
      ]);
      expect([code, simulator.requests.length]).toEqual([0, 0]);
      expect(stdout + stderr).not.toMatch(/sk-simulated|sk-ant-test|azure-simulated|ya29\.test|wJalr/);
      if (flags[0] !== "--estimate") expect(stdout).toContain("what is two?");
    }
  });

  it("--estimate has its shape", async () => {
    const { place } = await three();
    const { stdout } = await place.run(["complete", "hi", "--estimate", "--max-tokens", "50", "--json"]);
    const candidate = {
      input_tokens: expect.any(Number),
      max_output_tokens: 50,
      worst_usd: expect.stringMatching(/^0\.000\d+$/),
      priced: true,
    };
    expect(JSON.parse(stdout)).toStrictEqual({
      schema: "riptide.estimate/1",
      candidates: [
        { provider: "openai", model: openai.model, ...candidate },
        { provider: "anthropic", model: anthropic.model, ...candidate },
      ],
    });
  });

  it("--dry-run shows the redacted request and the whole route with its slices", async () => {
    const { place, one } = await three();
    const { stdout } = await place.run(["complete", "hi", "--dry-run", "--json", "--timeout", "4s"], {
      env: { ANTHROPIC_API_KEY: undefined },
    });
    const { schema, request, route } = JSON.parse(stdout);
    expect(schema).toBe("riptide.plan/1");
    expect(request).toMatchObject({
      method: "POST",
      url: `${one.url}/v1/chat/completions`,
      body: { model: openai.model },
    });
    expect(Object.values(request.headers).join()).toContain("[redacted]");
    expect(route).toMatchObject({
      schema: "riptide.route/1",
      requested: "default",
      alias: "default",
      deadline_ms: 4_000,
    });
    expect(route.candidates).toMatchObject([
      { rank: 1, provider: "openai", eligible: true, reason: null, slice_ms: expect.any(Number) },
      { rank: null, provider: "anthropic", eligible: false, reason: "misconfigured" },
    ]);
  });

  it("--as curl is a command that a shell can run once the key is filled in", async () => {
    const { place, one } = await three();
    const { stdout } = await place.run([
      "complete",
      'it\'s "quoted" $HOME `x`',
      "--no-stream",
      "--as",
      "curl",
    ]);
    const filled = stdout.replace("[redacted]", "Bearer sk-simulated").replace("Bearer Bearer", "Bearer");
    const { stdout: reply } = await promisify(execFile)("bash", ["-c", filled]);
    expect(JSON.parse(reply).choices[0].message.content).toBe("ok");
    expect(one.problems).toEqual([]);
    expect(JSON.stringify(one.requests[0]?.json)).toContain('it\'s \\"quoted\\" $HOME `x`');
  });

  it("refuses another tool than curl", async () => {
    const { place } = await three();
    const { code, stderr } = await place.run(["complete", "hi", "--as", "wget"]);
    expect([code, stderr]).toEqual([
      2,
      'error[usage]: --as wants curl, not "wget"\nhint: riptide complete --help\n',
    ]);
  });
});

describe("plans that do not go together", () => {
  it.each([
    [["--as", "curl", "--json"], "--as cannot stand beside --json"],
    [["--as", "curl", "-o", "jsonl"], "--as cannot stand beside --output"],
    [["--estimate", "--dry-run"], "--estimate cannot stand beside --dry-run"],
    [["--estimate", "--as", "curl"], "--estimate cannot stand beside --as"],
  ])("are refused: %j", async (flags, message) => {
    const { place } = await three();
    const { code, stderr } = await place.run(["complete", "hi", ...flags]);
    expect([code, stderr.split("\n")[0]]).toEqual([2, `error[usage]: ${message}`]);
  });

  it("--as curl streams whatever format a variable asks for", async () => {
    const { place } = await three();
    const args = ["complete", "hi", "--as", "curl"];
    const { stdout } = await place.run(args, { env: { RIPTIDE_OUTPUT: "json" } });
    expect(stdout).toContain('"stream":true');
    expect((await place.run(args)).stdout).toBe(stdout);
  });
});

describe("--schema", () => {
  const SCHEMA = '{"type":"object","required":["n"],"properties":{"n":{"type":"integer"}}}';
  const say = (text: string): Scenario => ({ kind: "answer", tokens: [text] });

  it("prints a valid answer and asks once more for an invalid one, saying what was wrong", async () => {
    const { place, one } = await three();
    one.play(say('{"n":"x"}'), say('{"n":1}'));
    const { code, stdout } = await place.run(["complete", "hi", "--schema", SCHEMA]);
    expect([code, stdout, one.requests.length]).toEqual([0, '{"n":1}\n', 2]);
    expect(one.requests[1]?.body.toString()).toContain("/n must be integer");
  });

  it("is exit 13 after the one repair, with both attempts and no other provider", async () => {
    const { place, asked } = await three(say("{}"));
    const { code, stdout } = await place.run(["complete", "hi", "--schema", SCHEMA, "--json"]);
    const { error, attempts } = JSON.parse(stdout);
    expect([code, error.code, asked()]).toEqual([13, "schema_invalid", [2, 0, 0]]);
    expect(attempts.map(({ kind }: { kind: string }) => kind)).toEqual(["try", "repair"]);
    const text = await place.run(["complete", "hi", "--schema", SCHEMA]);
    expect([text.code, text.stdout]).toEqual([13, ""]);
    expect(text.stderr).toContain("/ must have required property 'n'");
  });

  it("is read from a file, and an answer cut short is incomplete, not repaired", async () => {
    const { place, one } = await three({ kind: "answer", tokens: ['{"n":'], finish: "length" });
    await place.write("n.json", SCHEMA);
    const { code, stderr } = await place.run(["complete", "hi", "--schema", "n.json"]);
    expect([code, one.requests.length]).toEqual([13, 1]);
    expect(stderr).toContain("error[incomplete]: ");
  });
});

describe("a parameter the model cannot take", () => {
  it("is left out with a warning, or refused with --strict-params before anything is sent", async () => {
    const { place, one } = await three();
    const lenient = await place.run(["complete", "hi", "-m", "openai/o3-mini", "--temperature", "0.5"]);
    expect([lenient.code, lenient.stdout]).toEqual([0, "ok\n"]);
    expect(lenient.stderr).toMatch(/^warning: .*temperature/);
    expect(one.requests[0]?.json).not.toHaveProperty("temperature");
    expect(
      (await place.run(["complete", "hi", "-q", "-m", "openai/o3-mini", "--temperature", "0.5"])).stderr,
    ).toBe("");
    for (const plan of [["--dry-run", "--json"], ["--estimate"], ["--as", "curl"]]) {
      const args = ["complete", "hi", "-m", "openai/o3-mini", "--temperature", "0.5", ...plan];
      const told = await place.run(args);
      expect([told.code, told.stderr]).toEqual([0, lenient.stderr]);
      expect((await place.run([...args, "-q"])).stderr).toBe("");
      if (plan[0] === "--dry-run")
        expect(JSON.parse(told.stdout).warnings).toEqual([lenient.stderr.trim().replace("warning: ", "")]);
    }
    const before = one.requests.length;
    const strict = await place.run([
      "complete",
      "hi",
      "-m",
      "openai/o3-mini",
      "--temperature",
      "0.5",
      "--strict-params",
    ]);
    expect([strict.code, one.requests.length - before]).toEqual([9, 0]);
    expect(strict.stderr).toMatch(/^error\[unsupported\]: .*temperature.* by this model$/m);
  });
});
