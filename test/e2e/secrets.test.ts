import { chmod, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Scenario } from "../helpers/simulator.ts";
import { startSimulator } from "../helpers/simulator.ts";
import { anthropic, openai, useStage } from "./stage.ts";
import type { Workplace } from "./vendors.ts";

const stage = useStage();

/** Twelve secrets in the twelve places where this program may meet one. */
const CANARY = {
  openaiKey: "canary-openai-11c1f0a1",
  anthropicKey: "canary-anthropic-22c2f0a2",
  azureKey: "canary-azure-33c3f0a3",
  awsSecret: "canary/aws+secret-44c4f0a4",
  awsToken: "canary-aws-session-55c5f0a5",
  bearer: "canary-bedrock-bearer-66c6f0a6",
  vertexToken: "ya29.canary-vertex-77c7f0a7",
  header: "canary-header-88c8f0a8",
  file: "canary-from-file-99c9f0a9",
  command: "canary-from-command-aacaf0aa",
  literal: "canary-literal-bbcbf0ab",
  quoted: 'canary "quoted\\ ccccf0ac',
} as const;

const ENV = {
  OPENAI_API_KEY: CANARY.openaiKey,
  ANTHROPIC_API_KEY: CANARY.anthropicKey,
  AZURE_OPENAI_API_KEY: CANARY.azureKey,
  AWS_ACCESS_KEY_ID: "AKIDCANARY",
  AWS_SECRET_ACCESS_KEY: CANARY.awsSecret,
  AWS_SESSION_TOKEN: CANARY.awsToken,
  AWS_EC2_METADATA_DISABLED: "true",
  BEDROCK_TOKEN: CANARY.bearer,
  VERTEX_TOKEN: CANARY.vertexToken,
  HEADER_SECRET: CANARY.header,
  QUOTED: CANARY.quoted,
};

const env = (name: string) => `{ env: ${name} }`;

/** A file with every kind of provider and of secret source, all at one address. */
const yaml = (url: string) => `version: 1
providers:
  openai:
    type: openai
    api_key: ${env("OPENAI_API_KEY")}
    base_url: ${url}/v1
    headers: { x-team: ${env("HEADER_SECRET")} }
  anthropic: { type: anthropic, api_key: ${env("ANTHROPIC_API_KEY")}, base_url: "${url}" }
  azure:
    type: azure-openai
    api_key: ${env("AZURE_OPENAI_API_KEY")}
    endpoint: ${url}
    deployments: { gpt: gpt }
  bedrock: { type: bedrock, region: us-east-1, endpoint: "${url}", control_endpoint: "${url}" }
  bearer: { type: bedrock, region: us-east-1, endpoint: "${url}", bearer_token: ${env("BEDROCK_TOKEN")} }
  vertex: { type: vertex, project: p, endpoint: "${url}", access_token: ${env("VERTEX_TOKEN")} }
  from-file: { type: openai, base_url: "${url}/v1", api_key: { file: FOLDER/key.txt } }
  from-command: { type: openai, base_url: "${url}/v1", api_key: { command: ["cat", "./command.txt"] } }
  literal: { type: openai, base_url: "${url}/v1", api_key: "${CANARY.literal}" }
  quoted: { type: openai, base_url: "${url}/v1", api_key: ${env("QUOTED")} }
models:
  default: { targets: [openai/gpt-4.1-mini, anthropic/claude-sonnet-4-5] }
`;

const TARGETS = [
  "openai/gpt-4.1-mini",
  "anthropic/claude-sonnet-4-5",
  "azure/gpt",
  "bedrock/anthropic.claude-3-haiku-20240307-v1:0",
  "bearer/anthropic.claude-3-haiku-20240307-v1:0",
  "vertex/gemini-2.5-flash",
  "from-file/gpt-4.1-mini",
  "from-command/gpt-4.1-mini",
  "literal/gpt-4.1-mini",
  "quoted/gpt-4.1-mini",
];

/** A provider that says back, in an error, every credential it was ever sent, in several spellings. */
function parrot(): Scenario {
  const all = Object.values(CANARY);
  const spelled = all.flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString("base64"),
    JSON.stringify(secret),
  ]);
  const body = JSON.stringify({
    error: { message: `bad: ${spelled.join(" ")}`, type: "invalid", code: spelled[0] },
  });
  return {
    kind: "raw",
    status: 401,
    headers: { "content-type": "application/json", "x-request-id": all[0] ?? "" },
    body,
  };
}

function expectNone(where: string, text: string): void {
  for (const [name, secret] of Object.entries(CANARY)) {
    const forms = [
      secret,
      secret.slice(0, -2),
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret),
      Buffer.from(secret).toString("base64").replace(/=+$/, ""),
    ];
    for (const form of forms)
      expect(text.includes(form), `${name} in ${where}: ${text.slice(0, 400)}`).toBe(false);
  }
}

async function filesUnder(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function open(scenario: Scenario): Promise<Workplace> {
  // Which dialect does not matter: the scenario is bytes, and no request is checked by it before.
  const simulator = await startSimulator({ ...openai.dialect, problems: () => [] });
  simulator.play(scenario);
  stage.defer(simulator.close);
  const place = await stage.workplace(yaml(simulator.url));
  await place.write("providers.yaml", yaml(simulator.url).replace("FOLDER", place.folder));
  await chmod(await place.write("key.txt", `${CANARY.file}\n`), 0o600);
  await place.write("command.txt", `${CANARY.command}\n`);
  return place;
}

describe("no secret leaves the process but to its provider", () => {
  it.each(TARGETS)("when the provider says them all back: %s", async (target) => {
    const place = await open(parrot());
    for (const flags of [[], ["--json"], ["-o", "jsonl"], ["--debug", "-v"]]) {
      await place.forget();
      const { code, stdout, stderr } = await place.run(["complete", "hi", "-m", target, ...flags], {
        env: ENV,
      });
      expect([4, 5, 9], stderr).toContain(code);
      const own = ownSecret(target);
      for (const [where, text] of [
        ["stdout", stdout],
        ["stderr", stderr],
      ] as const)
        expect(
          own.filter((secret) => text.includes(secret)),
          `${where} of ${flags.join(" ")}`,
        ).toEqual([]);
    }
  });

  it.each([
    ["config show"],
    ["config show --effective"],
    ["config show --origin --json"],
    ["providers list --json"],
    ["providers show openai --json"],
    ["providers show literal"],
    ["providers show vertex --json"],
    ["models list --json"],
    ["config validate --level provision"],
    ["complete hi --dry-run"],
    ["complete hi --dry-run -m literal/x --json"],
    ["complete hi --dry-run -m bearer/anthropic.claude-3-haiku-20240307-v1:0"],
    ["complete hi --dry-run -m vertex/gemini-2.5-flash"],
    ["complete hi --dry-run -m quoted/x"],
    ["complete hi --as curl"],
    ["complete hi --as curl -m azure/gpt"],
    ["complete hi --as curl -m from-file/x"],
    ["complete hi --as curl -m from-command/x"],
    ["complete hi --estimate --json"],
    ["complete hi --set providers.openai.base_url=canary"],
  ])("by %s", async (line) => {
    const place = await open(parrot());
    const { stdout, stderr } = await place.run(line.split(" "), { env: ENV });
    expectNone("stdout", stdout);
    expectNone("stderr", stderr);
  });

  it("into any file that is written, the cache included", async () => {
    const place = await open({ kind: "answer", tokens: ["ok"] });
    const before = new Set(await filesUnder(place.folder));
    const written = async () => (await filesUnder(place.folder)).filter((path) => !before.has(path));
    // A file with a key in it is not kept in the cache at all.
    const text = await readFile(join(place.folder, "providers.yaml"), "utf8");
    await place.write("providers.yaml", text.replace(`"${CANARY.literal}"`, "{ env: QUOTED }"));
    const isCached = (path: string) => path.includes("/cache/config-");
    for (let calls = 0; calls < 100 && !(await written()).some(isCached); calls += 1) {
      for (const target of TARGETS) await place.run(["complete", "hi", "-m", target], { env: ENV });
    }
    expect((await written()).some(isCached)).toBe(true);
    for (const path of await written()) expectNone(path, await readFile(path, "utf8"));
  });

  it("in the error of a wrong configuration", async () => {
    const place = await open(parrot());
    const broken = await place.write(
      "broken.yaml",
      `version: 1\nproviders:\n  openai:\n    type: openai\n    api_key: [${CANARY.literal}]\n`,
    );
    for (const flags of [[], ["--json"], ["--debug"]]) {
      const { code, stdout, stderr } = await place.run(["complete", "hi", ...flags], {
        env: { ...ENV, RIPTIDE_CONFIG: broken },
      });
      expect(code).toBe(3);
      expectNone("stdout", stdout);
      expectNone("stderr", stderr);
    }
  });

  it("on a command line: a key given with --set is refused", async () => {
    const place = await open(parrot());
    const { code, stdout, stderr } = await place.run(
      ["complete", "hi", "--set", `providers.openai.api_key=${CANARY.openaiKey}`],
      { env: ENV },
    );
    expect(code).toBe(3);
    expectNone("stderr", stdout + stderr);
  });

  it.each([[], ["--json"]])("in the last words of a program that breaks %j", async (...flags) => {
    const place = await open({ kind: "raw", behaviour: "silent" });
    const broken = `setTimeout(() => { throw new Error("broken by ${CANARY.openaiKey}"); }, 800)`;
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(broken)}`;
    const run = await place.run(["complete", "hi", "-m", "openai/gpt-4.1-mini", ...flags], {
      env: { ...ENV, NODE_OPTIONS },
    });
    expect([run.code, run.stderr]).toEqual([
      70,
      expect.stringMatching(/^error\[internal\]: broken by \[redacted\]\n/),
    ]);
    expectNone("stdout", run.stdout);
    expectNone("stderr", run.stderr);
    expect(run.stderr).not.toMatch(/^ +at /m);
    if (flags.length > 0) expect(JSON.parse(run.stdout).error.exit).toBe(70);
  });

  it("from variables without a configuration file", async () => {
    const place = await open(parrot());
    const simulator = await startSimulator({ ...anthropic.dialect, problems: () => [] });
    stage.defer(simulator.close);
    simulator.play(parrot());
    const variables = {
      ...ENV,
      RIPTIDE_CONFIG: undefined,
      OPENAI_BASE_URL: `${simulator.url}/v1`,
      ANTHROPIC_BASE_URL: simulator.url,
    };
    const { code, stdout, stderr } = await place.run(["complete", "hi", "-P", "openai,anthropic", "--json"], {
      env: variables,
    });
    expect(code).toBe(4);
    for (const secret of [CANARY.openaiKey, CANARY.anthropicKey])
      expect(stdout + stderr).not.toContain(secret);
  });
});

/** The secrets that a call to this target has read: only what the process knows can it recognise. */
function ownSecret(target: string): readonly string[] {
  const known: Readonly<Record<string, readonly string[]>> = {
    openai: [CANARY.openaiKey, CANARY.header],
    anthropic: [CANARY.anthropicKey],
    azure: [CANARY.azureKey],
    bedrock: [CANARY.awsSecret, CANARY.awsToken],
    bearer: [CANARY.bearer],
    vertex: [CANARY.vertexToken],
    "from-file": [CANARY.file],
    "from-command": [CANARY.command],
    literal: [CANARY.literal],
    quoted: [CANARY.quoted],
  };
  const secrets = known[target.slice(0, target.indexOf("/"))] ?? [];
  return secrets.flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString("base64").replace(/=+$/, ""),
  ]);
}
