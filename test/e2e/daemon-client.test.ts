import { createServer } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunResult } from "../helpers/run-cli.ts";
import { useStage } from "./stage.ts";
import { openWorkplace, type Workplace } from "./vendors.ts";

const YAML = `version: 1
providers:
  fake: { type: mock, reply: "{{prompt}} is what you said" }
  bad: { type: mock, always_fail: true }
models:
  default: { targets: [fake/m] }
  broken: { targets: [bad/m] }
  both: { targets: [bad/m, fake/m] }
  embed: { targets: [fake/e] }
`;
const TOOLS = JSON.stringify([{ name: "look", parameters: { type: "object", properties: {} } }]);

let place: Workplace;
beforeAll(async () => {
  place = await openWorkplace(YAML);
  await place.write("tools.json", TOOLS);
  const { code, stderr } = await place.run(["daemon", "start"]);
  if (code !== 0) throw new Error(stderr);
});
afterAll(async () => {
  await place.run(["daemon", "stop", "--grace", "100ms"]);
  await place.remove();
});

/** What differs from one request to the next, whoever serves it. */
const settled = ({ code, stdout, stderr }: RunResult) => {
  const plain = (text: string) =>
    text
      .replace(/rq_[0-9A-Z]{26}/g, "rq_X")
      .replace(/"(ms|total_ms|first_token_ms|queue_ms)":\d+/g, '"$1":0')
      .replace(/\b\d+(\.\d+)? m?s\b/g, "0 s")
      .replace(/"via":"(in-process|daemon)"/, '"via":""');
  return { code, stdout: plain(stdout), stderr: plain(stderr).replace(" · via daemon", "") };
};

describe("a call through the daemon", () => {
  it.each<readonly [string, readonly string[], number]>([
    ["text, with what it took", ["complete", "hello", "-u"], 0],
    ["a document", ["complete", "hello", "--json", "--tag", "team=a", "--tenant", "acme"], 0],
    ["events", ["complete", "hello", "-o", "jsonl", "--max-tokens", "30"], 0],
    ["tool calls", ["complete", "hello", "--tools", "tools.json", "--tool-choice", "look"], 0],
    [
      "an answer by a schema",
      ["complete", "x", "--schema", '{"type":"object","properties":{"a":{"type":"string"}}}'],
      0,
    ],
    ["a failover", ["complete", "hello", "-m", "both", "-v"], 0],
    ["an unknown model", ["complete", "hello", "-m", "nope"], 2],
    ["a failure", ["complete", "hello", "-m", "broken", "--json"], 5],
    ["vectors", ["embed", "a", "b", "--json", "-u"], 0],
  ])("prints what a call without it prints: %s", async (_what, args, exit) => {
    const [through, without] = [
      await place.run([...args, "--daemon", "require"]),
      await place.run([...args, "--daemon", "off"]),
    ];
    expect(settled(through)).toEqual(settled(without));
    expect(through.code).toBe(exit);
  });

  it("is what auto does, and says so", async () => {
    const { stdout } = await place.run(["complete", "hello", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ via: "daemon", text: "hello is what you said" });
    const usage = await place.run(["complete", "hello", "-u"]);
    expect(usage.stderr).toMatch(/^fake\/m · .* · via daemon · rq_\w{26}\n$/);
  });

  it("stays in this process for --set, for another file, and for a plan", async () => {
    const other = await place.write("other.yaml", YAML);
    const via = async (...args: string[]) =>
      JSON.parse((await place.run(["complete", "hello", "--json", ...args])).stdout).via;
    expect(await via("--set", "strategy=sequential")).toBe("in-process");
    expect(await via("--config", other)).toBe("in-process");
    const plan = await place.run(["complete", "hello", "--dry-run", "--daemon", "require"]);
    expect([plan.code, JSON.parse(plan.stdout).schema]).toEqual([0, "riptide.plan/1"]);
  });
});

describe("a daemon that goes away", () => {
  const stage = useStage();

  it("in the middle of an answer: what came stays, exit 5, and nothing is asked again (SD-5)", async () => {
    const own = await stage.workplace();
    const socket = join(own.folder, "s");
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? "");
      if (request.url === "/riptide/v1/hello") {
        const config = { path: join(own.folder, "providers.yaml"), revision: "r" };
        const hello = {
          schema: "riptide.hello/1",
          version: "x",
          protocol: 1,
          pid: 1,
          state: "running",
          config,
        };
        response.end(JSON.stringify(hello));
        return;
      }
      response.write(
        '{"type":"start","id":"rq_1","plan":[]}\n{"type":"delta","id":"rq_1","text":"half an "}\n',
      );
      setImmediate(() => request.socket.destroy());
    });
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    stage.defer(async () => void server.close());
    const { code, stdout, stderr } = await own.run(["complete", "hello", "--socket", socket]);
    expect([code, stdout]).toEqual([5, "half an \n"]);
    expect(stderr).toMatch(/^error\[daemon_lost\]: /);
    expect(asked).toEqual(["/riptide/v1/hello", "/riptide/v1/complete"]);
  });
});
