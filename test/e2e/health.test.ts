import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runInTerminal } from "../helpers/run-cli.ts";
import type { Scenario } from "../helpers/simulator.ts";
import { parseXml } from "../helpers/xml.ts";
import { anthropic, expectErrorText, openai, shell, startCli, useStage } from "./stage.ts";
import { CREDENTIALS, yamlOf } from "./vendors.ts";

const stage = useStage();
const WELL: Scenario = { kind: "answer" };
const HTML: Scenario = { kind: "raw", headers: { "content-type": "text/html" }, body: "<h1>Sign in</h1>" };
const REFUSES: Scenario = { kind: "failure", failure: "auth" };
const SILENT: Scenario = { kind: "raw", behaviour: "silent" };

/** Two providers that answer like this, in one configuration. */
async function pair(first: Scenario, second: Scenario, extra = "") {
  const one = await stage.simulate(openai, first);
  const two = await stage.simulate(anthropic, second);
  const place = await stage.workplace(
    yamlOf(
      [
        [openai, one.url],
        [anthropic, two.url],
      ],
      extra,
    ),
  );
  return { one, two, place };
}

const statuses = (stdout: string): readonly string[] =>
  JSON.parse(stdout).providers.map(({ status }: { status: string }) => status);

describe("exit codes of riptide health", () => {
  it("is 0 where the policy is met, with free calls only (HM-2)", async () => {
    const { one, two, place } = await pair(WELL, WELL);
    const { code, stdout, stderr } = await place.run(["health"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(
      /^PROVIDER {3}STATUS {3}LEVEL {2}LATENCY {2,}CIRCUIT {2}DETAIL\nopenai +healthy {2}auth +\d+ ms +closed +\d+ models?\nanthropic {2}healthy {2}auth /,
    );
    expect(stdout).not.toContain("\u001b");
    for (const { requests, problems } of [one, two]) {
      expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
        expect.stringMatching(/^GET \/v1\/models/),
      ]);
      expect(problems).toEqual([]);
    }
  });

  it("is 5 where a provider answers 200 with HTML, and 12 for who asked to know", async () => {
    const { place } = await pair(WELL, HTML);
    const { code, stdout, stderr } = await place.run(["health", "--json"]);
    expect([code, statuses(stdout)]).toEqual([5, ["healthy", "down"]]);
    expectErrorText(stderr, "health_policy");
    const warned = await place.run(["health", "--any", "--fail-on", "degraded"]);
    expect([warned.code, warned.stderr]).toEqual([12, "warning: anthropic is down\n"]);
  });

  it("is 3 for a missing key, which is named, whatever the format", async () => {
    const { place } = await pair(WELL, WELL);
    const env = { ...CREDENTIALS, ANTHROPIC_API_KEY: undefined };
    const { code, stdout, stderr } = await place.run(["health", "anthropic", "--reporter", "github"], {
      env,
    });
    expect(code).toBe(3);
    expect(stdout).toMatch(/^::error title=anthropic%3A misconfigured::ANTHROPIC_API_KEY is not set%0A/);
    expect(stderr).toContain("ANTHROPIC_API_KEY is not set");
  });

  it("is 6 where --timeout cut a probe: what did not end is unknown", async () => {
    const { place } = await pair(WELL, SILENT);
    const { code, stdout, stderr } = await place.run(["health", "--json", "--timeout", "700ms"]);
    expect([code, statuses(stdout)]).toEqual([6, ["healthy", "unknown"]]);
    expectErrorText(stderr, "deadline_exceeded");
    expect(stderr).toContain("anthropic");
  });

  it("is 2 for what makes no sense, before anybody is asked", async () => {
    const { one, place } = await pair(WELL, WELL);
    const { code, stderr } = await shell(
      place,
      `riptide health opnai; echo $?
       riptide health --report junit=no/such/dir.xml; echo $?
       riptide health --cached --deep; echo $?
`,
    );
    expect(code).toBe(0);
    expect(stderr.match(/^error\[usage\]: .*/gm)).toEqual([
      expect.stringContaining('unknown provider "opnai"'),
      expect.stringContaining("no directory for no/such/dir.xml"),
      expect.stringContaining("--cached cannot stand beside --deep"),
    ]);
    expect(one.requests).toEqual([]);
  });
});

describe("riptide health", () => {
  it("ends soon after the two seconds of a probe, whatever the providers do (HM-7)", async () => {
    const { place } = await pair(SILENT, SILENT);
    const { code, stdout, ms } = await place.run(["health", "--json"]);
    expect([code, statuses(stdout)]).toEqual([5, ["down", "down"]]);
    // Starting the process on a busy machine is not the providers' doing.
    expect(ms).toBeLessThan(3_000);
  });

  it("is 4 for a refused key, and writes reports to files and to the summary of a job, all of one look", async () => {
    const { one, place } = await pair(WELL, REFUSES);
    const summary = await place.write("summary.md", "before\n");
    const { code, stdout } = await place.run(
      ["health", "--reporter", "github", "--report", "junit=health.xml", "--report", "json=health.json"],
      { env: { GITHUB_STEP_SUMMARY: summary, GITHUB_ACTIONS: "true" } },
    );
    const read = (name: string) => readFileSync(join(place.folder, name), "utf8");
    expect(code).toBe(4);
    expect(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => line.slice(0, 20)),
    ).toEqual(["::error title=anthro", "::error title=riptid"]);
    const root = parseXml(read("health.xml"));
    expect(root.children.map(({ attributes }) => [attributes.name, attributes.failures])).toEqual([
      ["openai", "0"],
      ["anthropic", "1"],
      ["policy", "1"],
    ]);
    expect(statuses(read("health.json"))).toEqual(["healthy", "misconfigured"]);
    expect(read("summary.md")).toMatch(/^before\n### Providers: policy not met\n\n\| provider /);
    expect(one.requests).toHaveLength(1);
  });

  it("keeps its probes for the next process, which a 429 tells nothing new (HM-3), and warns where it cannot", async () => {
    const limited: Scenario = { kind: "failure", failure: "rate_limit" };
    const one = await stage.simulate(openai, WELL, limited);
    const place = await stage.workplace(yamlOf([[openai, one.url]]));
    const seen: unknown[] = [];
    for (let times = 0; times < 2; times += 1) {
      const { code, stdout } = await place.run(["health", "--json"]);
      seen.push([code, ...statuses(stdout)]);
    }
    expect(seen).toEqual([
      [0, "healthy"],
      [0, "healthy"],
    ]);
    const blocked = await place.run(["health", "--any"], {
      env: { RIPTIDE_STATE_DIR: await place.write("no-directory", "") },
    });
    expect([blocked.code, blocked.stderr]).toEqual([
      5,
      expect.stringMatching(/^warning: the probes are not recorded: /),
    ]);
  });

  it("is 1 where a report cannot be written, and shows an open circuit as down, whatever the probe says (HM-5)", async () => {
    const place = await stage.workplace();
    const { stdout } = await shell(
      place,
      `riptide health --report text=/dev/full >/dev/null; echo "exit $?"
       riptide circuits trip fake --for 1m >&2
       riptide health; echo "exit $?"`,
    );
    expect(stdout).toMatch(
      /^exit 1\nPROVIDER .*\nfake +down +reach +\d+ ms +open +its circuit is open\nexit 5\n$/,
    );
  });

  it("bills a completion with --deep only, to the tenant of health checks (HM-2)", async () => {
    const speaks: Scenario = { kind: "answer", tokens: ["pong"] };
    const { one, place } = await pair(speaks, WELL, "tenants: { strict: true }\n");
    const { code, stdout } = await place.run(["health", "openai", "--deep", "--json"]);
    expect([code, JSON.parse(stdout).providers[0].level]).toEqual([0, "deep"]);
    expect(one.requests.map(({ method }) => method)).toEqual(["GET", "POST"]);
    const tested = await place.run(["providers", "test", "openai", "--deep"]);
    expect([tested.code, tested.stdout]).toEqual([
      0,
      expect.stringMatching(/openai: gpt-4.1-mini answered in .*\$/),
    ]);
    const costs = await place.run(["costs", "--by", "tenant", "--include", "probe", "--json"]);
    expect(JSON.parse(costs.stdout).rows).toMatchObject([{ key: { tenant: "_health" } }]);
  });
});

describe("riptide health --watch", () => {
  it("shows every round, and ends with Ctrl-C as with 0", async () => {
    const { place } = await pair(WELL, HTML);
    const running = startCli(place, ["health", "--watch=1s", "--json"]);
    await running.waitFor('"down"');
    running.child.kill("SIGINT");
    expect(await running.ended).toEqual({ code: 0, signal: null });
    expect(statuses(running.stdout().split("\n")[0] ?? "")).toEqual(["healthy", "down"]);
  });

  it("is drawn in place on a terminal, in colour", async () => {
    const { place } = await pair(WELL, WELL);
    const { code, output } = await runInTerminal(["health", "--watch=1s"], {
      ...{ home: place.folder, cwd: place.folder },
      env: { ...CREDENTIALS, RIPTIDE_CONFIG: join(place.folder, "providers.yaml") },
      async act(terminal) {
        await terminal.waitFor("\u001b[3A\u001b[J");
        terminal.type("\u0003");
      },
    });
    expect(code).toBe(0);
    expect(output).toContain("\u001b[32mhealthy\u001b[39m");
  });
});
