import { describe, expect, it } from "vitest";
import type { Format } from "../../../src/cli/command.ts";
import { DAEMON_COMMANDS } from "../../../src/cli/daemon/commands.ts";
import { healthAsks } from "../../../src/cli/health/asks.ts";
import { cachedReport } from "../../../src/cli/health/cached.ts";
import { asRiptideError, RiptideError } from "../../../src/core/errors.ts";
import { errorDocument } from "../../../src/output/error-text.ts";
import { clientCall, standIn } from "../client/client-call.ts";

const STATUS = {
  ...{ schema: "riptide.daemon/1", state: "running", pid: 1, version: "0.0.0-test", protocol: 1 },
  ...{ config: { path: "/p.yaml", state: "current" }, problems: [], providers: { healthy: 2, down: 0 } },
};

type Answers = Readonly<Record<string, object | string | RiptideError>>;

/** Runs one verb against a daemon that answers so. */
async function run(words: string, answers: Answers, { format = "json" as Format, hello = {} } = {}) {
  const command = DAEMON_COMMANDS.find(({ path }) => words.startsWith(path.join(" ")));
  if (!command) throw new Error(words);
  const argv = words.split(" ").slice(command.path.length);
  const stage = clientCall({ argv, format, flags: command.flags });
  const sent: string[] = [];
  await standIn(stage, {
    hello,
    answer: ({ method, url = "" }, response, body) => {
      sent.push(`${method} ${url} ${body}`.trim());
      const answer = answers[url.split("?")[0] ?? ""];
      if (answer instanceof RiptideError) response.writeHead(500).end(JSON.stringify(errorDocument(answer)));
      else response.end(typeof answer === "string" ? answer : JSON.stringify(answer));
    },
  });
  const work = await command.load();
  const exit = await work(stage.call).catch((thrown: unknown) => asRiptideError(thrown));
  return { exit, sent, stdout: stage.stdout(), stderr: stage.stderr() };
}

const STATUS_PATH = "/riptide/v1/status";

describe("daemon status", () => {
  it("is 0 for a daemon that is well, and says how far the versions are apart", async () => {
    const { exit, stdout } = await run("daemon status", { [STATUS_PATH]: STATUS });
    expect([exit, JSON.parse(stdout)]).toEqual([
      0,
      { ...STATUS, client_version: "0.0.0-test", skew: "none" },
    ]);
    const other = await run("daemon status", { [STATUS_PATH]: { ...STATUS, version: "1.0.0" } });
    expect(JSON.parse(other.stdout).skew).toBe("build");
  });

  it.each([
    ["an outdated configuration", { config: { state: "stale" } }],
    ["a problem of its own", { problems: ["the socket is another's"] }],
  ])("is 12 for one with %s", async (_what, more) => {
    expect((await run("daemon status", { [STATUS_PATH]: { ...STATUS, ...more } })).exit).toBe(12);
  });

  it("is 11 for one of another protocol, with both versions (faults row 40)", async () => {
    const hello = { protocol: 2, version: "9.0.0" };
    const { exit, stdout, stderr, sent } = await run("daemon status", {}, { hello });
    expect([exit, sent]).toEqual([11, []]);
    expect(JSON.parse(stdout)).toMatchObject({
      skew: "protocol",
      version: "9.0.0",
      client_version: "0.0.0-test",
    });
    expect(stderr).toMatch(/^error\[protocol_mismatch\]: .*9\.0\.0.*0\.0\.0-test/);
  });

  it("shows people what is there, and nothing that is not", async () => {
    const { stdout } = await run("daemon status", { [STATUS_PATH]: STATUS }, { format: "text" });
    expect(stdout).toContain("state         running\n");
    expect(stdout).toContain("providers     2 healthy\n");
    expect(stdout).not.toContain("uptime");
    const config = { state: "stale", last_error: { message: "first", problems: ["first", "second"] } };
    const stale = await run("daemon status", { [STATUS_PATH]: { ...STATUS, config } }, { format: "text" });
    expect(stale.stdout).toMatch(/\nlast error {4}first\n {14}second\n/);
  });
});

describe("what an operator asks of the daemon", () => {
  it("reload waits for the verdict, tells its warnings, and prints what it came to", async () => {
    const answer = { ...STATUS, result: "unchanged", warnings: ["a key is old"] };
    const { exit, sent, stdout, stderr } = await run("daemon reload --dry-run", {
      "/riptide/v1/reload": answer,
    });
    expect([exit, sent]).toEqual([0, ['POST /riptide/v1/reload {"dry_run":true}']]);
    expect([JSON.parse(stdout).result, stderr]).toEqual(["unchanged", "warning: a key is old\n"]);
  });

  it("a file that is refused ends as the daemon's error does, with its place", async () => {
    const error = new RiptideError("config_invalid", 'providers.yaml:14:5: unknown key "api_kye"');
    const { exit } = await run("daemon reload", { "/riptide/v1/reload": error });
    expect(exit).toMatchObject({ code: "config_invalid", exit: 3, message: error.message });
  });

  it("drain says how long it waits, and ends with 6 where that is too short", async () => {
    const late = new RiptideError("deadline_exceeded", "2 requests are still running");
    const { exit, sent } = await run("daemon drain --wait 2s --cancel", { "/riptide/v1/drain": late });
    expect(sent).toEqual(['POST /riptide/v1/drain {"wait_ms":2000,"cancel":true}']);
    expect(exit).toMatchObject({ exit: 6 });
  });

  it("events prints what is remembered, for people and as lines", async () => {
    const line = '{"seq":1,"at":"2026-11-01T00:00:00Z","type":"reload","result":"reloaded","by":null}';
    const answers = { "/riptide/v1/events": `${line}\n` };
    const lines = await run("daemon events --type reload,circuit", answers, { format: "jsonl" });
    expect(lines.sent).toEqual(["GET /riptide/v1/events?since=0&follow=false&type=reload%2Ccircuit"]);
    expect(lines.stdout).toBe(`${line}\n`);
    const text = await run("daemon events", answers, { format: "text" });
    expect(text.stdout).toBe("2026-11-01T00:00:00Z  reload  result=reloaded\n");
    const refused = '{"at":"T","type":"reload","message":"first","problems":["first","second"]}';
    const several = await run("daemon events", { "/riptide/v1/events": `${refused}\n` }, { format: "text" });
    expect(several.stdout).toBe("T  reload  message=first\n    second\n");
  });

  it("ping prints nothing, or who answers as a document", async () => {
    expect(await run("daemon ping", {}, { format: "text" })).toMatchObject({ exit: 0, stdout: "", sent: [] });
    const { exit, stdout } = await run("daemon ping", {});
    expect([exit, JSON.parse(stdout)]).toMatchObject([
      0,
      {
        schema: "riptide.ping/1",
        ok: true,
        state: "running",
        pid: 1,
        protocol: 1,
        took_ms: expect.any(Number),
      },
    ]);
  });

  it("providers disable is for the running daemon alone", async () => {
    const { exit, sent } = await run("providers disable open/ai --for 10m", {
      "/riptide/v1/providers/open%2Fai": {},
    });
    expect([exit, sent]).toEqual([
      0,
      ['POST /riptide/v1/providers/open%2Fai {"action":"disable","for":"10m"}'],
    ]);
  });

  it("metrics are printed as they are, or as a document of families", async () => {
    const text = [
      "# HELP riptide_x_total How many\\nof them.",
      "# TYPE riptide_x_total counter",
      'riptide_x_total{provider="a\\"b",code="ok"} 3',
      "# TYPE riptide_s histogram",
      'riptide_s_bucket{le="+Inf"} 2',
      "riptide_s_sum NaN\n",
    ].join("\n");
    expect((await run("metrics", { "/metrics": text }, { format: "text" })).stdout).toBe(text);
    const { metrics } = JSON.parse((await run("metrics", { "/metrics": text })).stdout);
    expect(metrics).toEqual([
      {
        ...{ name: "riptide_x_total", type: "counter", help: "How many\nof them." },
        samples: [{ name: "riptide_x_total", labels: { provider: 'a"b', code: "ok" }, value: 3 }],
      },
      {
        ...{ name: "riptide_s", type: "histogram", help: "" },
        samples: [
          { name: "riptide_s_bucket", labels: { le: "+Inf" }, value: 2 },
          { name: "riptide_s_sum", labels: {}, value: null },
        ],
      },
    ]);
  });

  it("health --cached judges what the daemon saw by the policy of this call", async () => {
    const row = (name: string, status: string) => ({
      ...{ name, type: "mock", status, level: "auth", latency_ms: 3, circuit: "closed", models_found: 1 },
      checks: [
        { id: "auth", status: "pass", ms: 3, attempts: 1, code: null, message: null, remediation: null },
      ],
    });
    const seen = { checked_at: "2026-11-01T00:00:00Z", providers: [row("a", "healthy"), row("b", "down")] };
    const stage = clientCall({ format: "json" });
    await standIn(stage, { answer: (_request, response) => response.end(JSON.stringify(seen)) });
    const asks = healthAsks(stage.call);
    const all = await cachedReport(stage.call, asks);
    expect(all).toMatchObject({ status: "fail", via: "daemon", checkedAt: "2026-11-01T00:00:00Z" });
    expect(all.providers[0]).toMatchObject({ latencyMs: 3, modelsFound: 1 });
    const any = await cachedReport(stage.call, { ...asks, policy: { mode: "any", value: null } });
    expect(any.status).toBe("warn");
    const named = clientCall({ folder: stage.folder, argv: ["c"] });
    await expect(cachedReport(named.call, asks)).rejects.toMatchObject({ code: "usage" });
  });

  it.each(["daemon ping", "daemon reload", "metrics", "providers enable a"])(
    "%s is 11 with a daemon of another protocol, which is asked nothing more",
    async (words) => {
      const { exit, sent } = await run(words, {}, { hello: { protocol: 7 } });
      expect([exit, sent]).toMatchObject([{ code: "protocol_mismatch", exit: 11 }, []]);
    },
  );
});
