import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunResult, runCli } from "../helpers/run-cli.ts";

const run = promisify(execFile);

let folder: string;
let server: Server;
const keys: string[] = [];

const cli = (...args: string[]): Promise<RunResult> =>
  runCli(args, {
    cwd: folder,
    home: folder,
    env: { ACME_API_KEY: "acme-canary-key", RIPTIDE_CONFIG: join(folder, "providers.yaml") },
  });

const configure = async (modules: string, url: string) =>
  writeFile(
    join(folder, "providers.yaml"),
    `version: 1\nplugins:\n  - { module: ${modules} }\nproviders:\n` +
      `  mine: { type: acme, api_key: "\${ACME_API_KEY}", base_url: "${url}", prices: { a1: { input: 1, output: 2 } } }\n` +
      "models:\n  default: { targets: [mine/a1] }\n",
    { mode: 0o600 },
  );

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "riptide-plugins-"));
  server = createServer((request, response) => {
    keys.push(request.headers.authorization ?? "");
    const answer = { text: "from acme", finish: "stop", usage: { input: 5, output: 2 } };
    response.end(`${JSON.stringify(answer)}\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});

describe("a plugin", () => {
  it("is written, passes its own verify, and works when it is installed from a tarball", async () => {
    const made = await cli("plugins", "new", "acme");
    expect([made.code, made.stderr]).toEqual([0, ""]);

    const verified = await cli("plugins", "verify", "./acme");
    expect([verified.code, verified.stderr]).toEqual([0, ""]);
    expect(verified.stdout).toMatch(/^riptide-provider-acme 0\.1\.0: acme\nacme: \d+ passed, 0 failed, /);

    const offline = { cwd: folder, env: { ...process.env, npm_config_offline: "true" } };
    await run("npm", ["pack", "--silent", "./acme"], offline);
    await run("npm", ["install", "--silent", "--no-save", "./riptide-provider-acme-0.1.0.tgz"], offline);
    await rm(join(folder, "acme"), { recursive: true });
    await configure("riptide-provider-acme", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);

    const answered = await cli("complete", "hello", "--json");
    expect(JSON.parse(answered.stdout)).toMatchObject({
      ...{ ok: true, text: "from acme", provider: "mine", model: "a1" },
      cost: { usd: "0.000009", priced: true },
    });
    expect(answered.stderr).toBe("");
    expect(keys).toEqual(["Bearer acme-canary-key"]);

    const { stdout } = await cli("plugins", "--json");
    expect(JSON.parse(stdout)).toEqual({
      schema: "riptide.plugins/1",
      plugins: [
        {
          name: "riptide-provider-acme",
          version: "0.1.0",
          api_version: 1,
          types: ["acme"],
          path: expect.stringMatching(/node_modules\/riptide-provider-acme\/index\.js$/),
        },
      ],
    });
  }, 30_000);

  it("that is broken is an error of the configuration that says where, in which file, and why", async () => {
    const path = join(folder, "broken.mjs");
    await writeFile(path, 'throw new Error("no such luck");\n');
    await configure(path, "http://127.0.0.1:1");
    const { code, stderr } = await cli("complete", "hello");
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /^error\[config_invalid\]: .*providers\.yaml:3:15: plugin .*broken\.mjs: no such luck\n/,
    );
  });

  it("fails the check of a plugin that ends the process", async () => {
    await writeFile(join(folder, "quits.mjs"), "process.exit(0);\n");
    const { code, stderr } = await cli("plugins", "verify", "./quits.mjs");
    expect([code, stderr]).toEqual([
      3,
      "error[config_invalid]: ./quits.mjs: its code has ended the process\n",
    ]);
  });
});
