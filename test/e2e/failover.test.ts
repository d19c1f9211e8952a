import { createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type Scenario, type Simulator, startSimulator } from "../helpers/simulator.ts";
import { openWorkplace, VENDORS, type Vendor, type Workplace, yamlOf } from "./vendors.ts";

const [openai, anthropic] = VENDORS as readonly [Vendor, Vendor];
const GOOD: Scenario = {
  kind: "answer",
  tokens: ["from ", "the ", "second"],
  usage: { input: 3, output: 3 },
};
const open: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const resource of open.splice(0)) await resource.close();
});

async function simulate(vendor: Vendor, ...scenarios: Scenario[]): Promise<Simulator> {
  const simulator = await startSimulator(vendor.dialect);
  simulator.play(...scenarios);
  open.push(simulator);
  return simulator;
}

async function workplace(yaml: string): Promise<Workplace> {
  const place = await openWorkplace(yaml);
  open.push({ close: place.remove });
  return place;
}

async function closedPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
}

describe("failover before the first token", () => {
  it.each([
    ["answers 500", { kind: "failure", failure: "server" }, "provider_error", 1],
    ["answers 429", { kind: "failure", failure: "rate_limit", retryAfterSeconds: 60 }, "rate_limited", 0],
    ["is overloaded", { kind: "failure", failure: "overloaded" }, "overloaded", 0],
    ["is silent", { kind: "raw", behaviour: "silent" }, "attempt_timeout", 0],
    ["drops the connection", { kind: "raw", behaviour: "reset" }, "protocol_error", 1],
    [
      "answers HTML",
      { kind: "raw", headers: { "content-type": "text/html" }, body: "<h1>hi</h1>" },
      "protocol_error",
      0,
    ],
    [
      "answers nothing",
      { kind: "raw", headers: { "content-type": "application/json" }, body: "" },
      "protocol_error",
      0,
    ],
    [
      "answers half JSON",
      { kind: "raw", headers: { "content-type": "application/json" }, body: '{"choices":[' },
      "protocol_error",
      0,
    ],
    [
      "redirects",
      { kind: "raw", status: 302, headers: { location: "http://127.0.0.1:1/" } },
      "protocol_error",
      0,
    ],
    ["fails in band", { kind: "answer", tokens: ["x"], delivery: { errorAfterEvents: 0 } }, undefined, 0],
    [
      "ends without its marker",
      { kind: "answer", tokens: [], delivery: { noMarker: true } },
      "protocol_error",
      1,
    ],
  ] as const)("asks the next target when the first %s", async (_name, scenario, code, repairs) => {
    const first = await simulate(openai, scenario as Scenario);
    const second = await simulate(anthropic, GOOD);
    const place = await workplace(
      yamlOf([
        [openai, first.url],
        [anthropic, second.url],
      ]),
    );
    const run = await place.run(["complete", "hello", "-o", "jsonl", "--timeout", "3s"]);
    const lines = run.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const text = lines
      .filter(({ type }) => type === "delta")
      .map((line) => line.text)
      .join("");
    const end = lines.at(-1);
    expect([run.code, text, end.type]).toEqual([0, "from the second", "end"]);
    const { attempts } = end.completion;
    expect(attempts[0]).toMatchObject({ n: 1, provider: "openai", outcome: "error", ...(code && { code }) });
    expect(attempts.at(-1)).toMatchObject({ provider: "anthropic", outcome: "ok" });
    expect(attempts.filter(({ kind }: { kind: string }) => kind === "repair").length).toBe(repairs);
    expect(run.ms).toBeLessThan(30_000);
  });

  it("asks the next target when nobody listens at the first", async () => {
    const second = await simulate(anthropic, GOOD);
    const place = await workplace(
      yamlOf([
        [openai, await closedPort()],
        [anthropic, second.url],
      ]),
    );
    const { code, stdout } = await place.run(["complete", "hello", "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).attempts).toMatchObject([
      { code: "connect_failed" },
      { kind: "repair", code: "connect_failed" },
      { outcome: "ok" },
    ]);
  });

  it("does not send the key to where a redirect points", async () => {
    const thief = await simulate(openai, GOOD);
    const first = await simulate(openai, {
      kind: "raw",
      status: 307,
      headers: { location: `${thief.url}/v1/chat/completions` },
    });
    const place = await workplace(yamlOf([[openai, first.url]]));
    const { code } = await place.run(["complete", "hello"]);
    expect([code, thief.requests.length]).toEqual([5, 0]);
  });

  it("asks nobody else for a pinned target, nor after a request the vendor calls wrong", async () => {
    const first = await simulate(
      openai,
      { kind: "failure", failure: "server" },
      { kind: "failure", failure: "server" },
      { kind: "failure", failure: "bad_request" },
    );
    const second = await simulate(anthropic, GOOD);
    const place = await workplace(
      yamlOf([
        [openai, first.url],
        [anthropic, second.url],
      ]),
    );
    const pinned = await place.run(["complete", "hello", "-m", `openai/${openai.model}`]);
    const wrong = await place.run(["complete", "hello"]);
    expect([pinned.code, wrong.code, second.requests.length]).toEqual([5, 9, 0]);
  });

  it("reports every attempt when all fail, with the earliest time to come back", async () => {
    const first = await simulate(openai, { kind: "failure", failure: "rate_limit", retryAfterSeconds: 30 });
    const second = await simulate(anthropic, {
      kind: "failure",
      failure: "rate_limit",
      retryAfterSeconds: 20,
    });
    const place = await workplace(
      yamlOf([
        [openai, first.url],
        [anthropic, second.url],
      ]),
    );
    const { code, stdout, stderr } = await place.run(["complete", "hello", "--json"]);
    const { error, attempts } = JSON.parse(stdout);
    expect([code, error.code, error.retry_after_ms, attempts.length]).toEqual([
      7,
      "all_providers_failed",
      20_000,
      2,
    ]);
    expect(stderr).toMatch(/^error\[all_providers_failed\]: no provider answered \(2 tried, 0 skipped\)\n$/);
  });

  it("skips a provider whose key is not set, with one note, and uses the next", async () => {
    const second = await simulate(anthropic, GOOD);
    const place = await workplace(
      yamlOf([
        [openai, "http://127.0.0.1:9"],
        [anthropic, second.url],
      ]),
    );
    const run = await place.run(["complete", "hello"], { env: { OPENAI_API_KEY: undefined } });
    expect([run.code, run.stdout]).toEqual([0, "from the second\n"]);
    expect(run.stderr).toBe("note: provider openai was skipped: OPENAI_API_KEY is not set\n");
  });
});
