import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { expectErrorText, shell, useStage } from "./stage.ts";
import type { Workplace } from "./vendors.ts";

const stage = useStage();

/** A port on which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

/** A provider that is dead, and one that answers. */
async function place(): Promise<Workplace> {
  return stage.workplace(`version: 1
providers:
  dead: { type: openai-compatible, base_url: "http://127.0.0.1:${await closedPort()}/v1" }
  fake: { type: mock, reply: "{{prompt}}" }
models:
  default: { targets: [dead/m, fake/m] }
`);
}

interface Circuit {
  readonly provider: string;
  readonly operation: string;
  readonly state: string;
  readonly failures_in_window: number;
}
const circuitsOf = (text: string): readonly Circuit[] => JSON.parse(text).circuits;
const completion = (text: string, provider = "dead") =>
  circuitsOf(text).find((each) => each.provider === provider && each.operation === "completion");

describe("a loop of one-shot calls against a dead provider (row 23)", () => {
  it("opens its circuit, which later calls keep to until it is reset", async () => {
    const at = await place();
    const loop = "for i in 1 2 3 4 5; do riptide complete hi --json; done";
    const { stdout } = await shell(at, loop, { XDG_STATE_HOME: `${at.folder}/.local/state` });
    const tried = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).attempts.length);
    expect(tried).toEqual([3, 3, 3, 3, 3]);
    const sixth = JSON.parse((await at.run(["complete", "hi", "--json"])).stdout);
    expect(sixth).toMatchObject({
      provider: "fake",
      attempts: [{ provider: "fake", outcome: "ok" }],
      skipped: [{ provider: "dead", reason: "circuit_open", retry_at: expect.stringMatching(/Z$/) }],
    });
    expect(completion((await at.run(["circuits", "--json"])).stdout)).toMatchObject({
      ...{ state: "open", forced: null, failures_in_window: 10, requests_in_window: 10, success_rate: 0 },
      ...{ window_ms: 60_000, half_open_max: 3, last_error: "connect_failed", hold: null },
    });
    const table = await at.run(["circuits", "show", "dead"]);
    expect(table.stdout).toMatch(/^PROVIDER +OPERATION +STATE +FAILURES +REQUESTS +SUCCESS +RETRY AT\n/);
    expect(table.stdout).toMatch(/dead +completion +open +10 +10 +0 % +\d{4}-.*Z\n/);
    expect((await at.run(["circuits", "reset", "dead"])).stdout).toBe("reset: dead\n");
    expect(completion((await at.run(["circuits", "show", "dead", "--json"])).stdout)).toMatchObject({
      ...{ state: "closed", failures_in_window: 0, success_rate: null, last_error: null },
    });
    const after = JSON.parse((await at.run(["complete", "hi", "--json"])).stdout);
    expect(after.attempts.map(({ provider }: { provider: string }) => provider)).toEqual([
      "dead",
      "dead",
      "fake",
    ]);
  });
});

describe("an operator's circuits", () => {
  it("are tripped and forced for every process, until they end", async () => {
    const at = await place();
    await at.run(["circuits", "trip", "fake", "--for", "1m"]);
    const refused = await at.run(["complete", "hi", "-m", "fake/m"]);
    expect(refused.code).toBe(5);
    expectErrorText(refused.stderr, "circuit_open");
    const forced = await at.run(["circuits", "force", "fake", "closed", "--for", "1m", "--json"]);
    expect(completion(forced.stdout, "fake")).toMatchObject({ forced: "closed", state: "closed" });
    expect((await at.run(["complete", "hi", "-m", "fake/m"])).code).toBe(0);
    const auto = await at.run(["circuits", "force", "fake", "auto", "--json"]);
    expect(completion(auto.stdout, "fake")).toMatchObject({ forced: null, state: "open" });
    const all = await at.run(["circuits", "reset", "--all", "--json"]);
    expect(circuitsOf(all.stdout).every(({ state }) => state === "closed")).toBe(true);
  });

  it.each([
    [["reset"], "which provider?"],
    [["reset", "daed"], 'did you mean "dead"?'],
    [["force", "dead", "open"], "for how long?"],
    [["trip", "dead", "--for", "100000000d"], "at most 365d"],
    [["force", "dead", "ajar"], 'open, closed or auto after the provider, not "ajar"'],
  ])("are not touched by %j", async (words, said) => {
    const { code, stderr } = await (await place()).run(["circuits", ...words]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(said)]);
    expectErrorText(stderr, "usage");
  });
});

describe("riptide why", () => {
  it("tells the story of a request that failed over", async () => {
    const at = await place();
    const { id } = JSON.parse(
      (await at.run(["complete", "a secret", "--json", "--strategy", "lowest-cost"])).stdout,
    );
    const { code, stdout } = await at.run(["why", id]);
    expect(code).toBe(0);
    const story = stdout.replace(/\d+ ms/g, "N ms").replace(/ +/g, " ");
    expect(story).toMatch(
      /^request rq_\w+\nasked: .*Z, an answer of default, for tenant default, in process/,
    );
    expect(story).toContain(
      "order: 1 fake/m (up to $0.00), 2 dead/m (no price is known) (lowest-cost: the cheapest first)",
    );
    expect(story).toContain("1. +N ms asked fake/m: answered in N ms");
    expect(story).toContain("ended: answered after N ms, exit 0\n");
    expect(stdout).not.toContain("a secret");
    await at.run(["complete", "hi"]);
    const last = (await at.run(["why", "--last"])).stdout.replace(/\d+ ms/g, "N ms").replace(/ +/g, " ");
    expect(last).toContain("1. +N ms asked dead/m: connect_failed after N ms: no connection came about\n");
    expect(last).toContain("2. +N ms asked again dead/m: connect_failed after N ms");
    expect(last).toContain("3. +N ms then fake/m: answered in N ms, first token after N ms; ");
  });

  it("has the same as a document", async () => {
    const at = await place();
    const { id, ...made } = JSON.parse((await at.run(["complete", "hi", "--json"])).stdout);
    const why = JSON.parse((await at.run(["why", id, "--json"])).stdout);
    expect(why).toMatchObject({
      ...{ schema: "riptide.why/1", id, tenant: "default", via: "in-process", outcome: "ok", exit: 0 },
      requested: { model: "default", strategy: "sequential" },
      config_revision: made.config_revision,
      order: [{ provider: "dead" }, { provider: "fake" }],
      usage: made.usage,
      cost: made.cost,
      reservation: { reserved_usd: "0", settled_usd: "0", state: "settled" },
    });
    const essence = ({ n, kind, provider, code, outcome }: Record<string, unknown>) => [
      n,
      kind,
      provider,
      code,
      outcome,
    ];
    expect(why.attempts.map(essence)).toEqual(made.attempts.map(essence));
    const byStart = await at.run(["why", id.slice(0, 20), "--json"]);
    expect(JSON.parse(byStart.stdout).id).toBe(id);
  });

  it("says with exit 1 that an id is not known, and with 2 that none was given", async () => {
    const at = await place();
    const none = await at.run(["why", "--last"]);
    await at.run(["complete", "hi", "-m", "fake/m"]);
    const unknown = await at.run(["why", "rq_unknown"]);
    const missing = await at.run(["why"]);
    expect([none.code, unknown.code, missing.code]).toEqual([1, 1, 2]);
    expectErrorText(unknown.stderr, "not_found");
  });
});
