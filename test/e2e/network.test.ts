import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { MOCK_YAML, openai, useStage } from "./stage.ts";
import { VENDORS, type Workplace, yamlOf } from "./vendors.ts";

const stage = useStage();
const TRACER = resolve(import.meta.dirname, "fixtures/traced.ts");
/** Some containers have the program and forbid what it does. */
const canTrace = spawnSync("strace", ["-o", "/dev/null", "true"]).status === 0;
const suite = canTrace
  ? describe
  : (name: string, tests: () => void) => describe.skip(`${name} (strace is missing or forbidden)`, tests);

/** Runs the command line and gives its exit code with every address that it or a child connected to. */
async function connections(
  place: Workplace,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
) {
  const file = join(place.folder, "trace");
  const { code, stderr } = await place.run([file, ...args], { program: TRACER, env });
  const trace = await readFile(file, "utf8");
  const addresses = trace.split("\n").flatMap((line) => {
    const call = /\b(?:connect|sendto)\(\d+, (.*)/.exec(line)?.[1];
    const family = /sa_family=(\w+)/.exec(call ?? "")?.[1];
    if (!call || !family) return [];
    const address = /inet_addr\("([^"]+)"|inet_pton\(AF_INET6, "([^"]+)"|sun_path="([^"]+)"/.exec(call);
    const port = /htons\((\d+)\)/.exec(call)?.[1];
    return [`${address?.[1] ?? address?.[2] ?? address?.[3] ?? family}${port ? `:${port}` : ""}`];
  });
  return { code, stderr, addresses: [...new Set(addresses)].toSorted() };
}

suite("the network (C-4)", () => {
  it("is not used by an answer of the mock provider", async () => {
    const place = await stage.workplace(MOCK_YAML);
    expect(await connections(place, ["complete", "hi"])).toEqual({ code: 0, stderr: "", addresses: [] });
  });

  it.each([
    "help",
    "version",
    "providers list",
    "models list",
    "config show --effective",
    "config validate --level provision",
    "complete hi --dry-run",
    "complete hi --estimate",
  ])("is not used by %s", async (line) => {
    const everyVendor = yamlOf(VENDORS.map((vendor) => [vendor, "http://127.0.0.1:9"] as const));
    const place = await stage.workplace(everyVendor);
    const { code, addresses } = await connections(place, line.split(" "));
    expect([code, addresses]).toEqual([0, []]);
  });

  it("reaches the provider that answers, and no other of the file", async () => {
    const [simulator, other] = [
      await stage.simulate(openai, { kind: "answer", tokens: ["ok"] }),
      await stage.simulate(openai),
    ];
    const place = await stage.workplace(
      yamlOf([
        [openai, simulator.url, "one"],
        [openai, other.url, "two"],
      ]),
    );
    const { code, addresses } = await connections(place, ["complete", "hi"]);
    expect([code, addresses]).toEqual([0, [new URL(simulator.url).host]]);
  });

  it("reaches the found provider and asks this machine for a local one, when there is no file", async () => {
    const simulator = await stage.simulate(openai, { kind: "answer", tokens: ["ok"] });
    const place = await stage.workplace();
    const { code, addresses } = await connections(place, ["complete", "hi"], {
      RIPTIDE_CONFIG: undefined,
      ANTHROPIC_API_KEY: undefined,
      AZURE_OPENAI_API_KEY: undefined,
      OPENAI_BASE_URL: `${simulator.url}/v1`,
    });
    expect(code).toBe(0);
    expect(addresses).toEqual(["127.0.0.1:11434", new URL(simulator.url).host].toSorted());
  });
});
