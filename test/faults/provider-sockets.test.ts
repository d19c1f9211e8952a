import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, describe, expect, it } from "vitest";
import { seededRandom } from "../../src/core/random.ts";
import { openStages } from "../../src/engine/stages.ts";
import type { Settlement } from "../../src/ledger/settlement.ts";
import { VENDORS, type Vendor } from "../e2e/vendors.ts";
import { type AskOptions, ask } from "../helpers/ask.ts";
import { answers, fails, fakeStage, type Step, silent } from "../helpers/fake-provider.ts";
import { documentOf, guarded, HEAD, modesOf, startServer } from "../helpers/fault-stage.ts";
import { faultTable } from "../helpers/fault-table.ts";
import { type Peer, startRawServer } from "../helpers/raw-server.ts";
import {
  type Answer,
  type Dialect,
  type Scenario,
  type Simulator,
  startSimulator,
} from "../helpers/simulator.ts";
import { SLOW_SERVERS } from "../helpers/slow-servers.ts";
import { tellingDialect } from "../helpers/telling-dialect.ts";
import { ENGINES } from "../helpers/transports.ts";
import { vendorEngine } from "../helpers/vendor-engine.ts";

const table = faultTable();
const [openai, anthropic] = VENDORS as readonly [Vendor, Vendor];
const open: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const resource of open.splice(0)) await resource.close();
});

const kept = <T extends { close(): Promise<unknown> }>(resource: T): T => {
  open.push(resource);
  return resource;
};

async function simulate(dialect: Dialect, scenario: Scenario): Promise<Simulator> {
  const simulator = kept(await startSimulator(dialect));
  simulator.play(scenario);
  return simulator;
}

describe("an answer whose connection is cut after the first token (row 15)", () => {
  const STORY = "Ebbe und Flut 🌊 – voilà,\n\n  ein 👩‍👩‍👧 am Meer. Ende.";
  const ASK: AskOptions = { request: { maxTokens: 500 } };

  /** The bytes of the whole stream, of which a cut takes the end. */
  const streamBytes = () => {
    const request = { method: "POST", path: "/v1/chat/completions", headers: {}, body: Buffer.alloc(0) };
    const json = { messages: [], stream: true };
    const { events } = tellingDialect(openai.dialect, STORY).render({ kind: "answer" }, { ...request, json });
    return events.reduce((sum, event) => sum + Buffer.byteLength(event as Uint8Array), 0);
  };

  /** The cut at each of these shares of the stream, with this successor. */
  async function cutBefore(vendor: Vendor, dialect: Dialect, each: (asked: ReturnType<typeof ask>) => void) {
    const second = await simulate(dialect, { kind: "answer" });
    const bytes = streamBytes();
    let recovered = 0;
    for (const percent of [10, 23, 37, 50, 61, 74, 90]) {
      const delivery = { cutAfterBytes: Math.floor((bytes * percent) / 100) };
      const first = await simulate(tellingDialect(openai.dialect, STORY), { kind: "answer", delivery });
      const engine = await vendorEngine([
        [openai, first.url, "first"],
        [vendor, second.url, "second"],
      ]);
      const asked = ask(guarded(engine), ASK);
      await asked.done;
      recovered += modesOf(asked.events).filter((mode) => mode !== "before_output").length;
      each(asked);
    }
    expect(second.problems).toEqual([]);
    expect(recovered).toBeGreaterThan(4);
  }

  it.each([
    ["goes on from a begun answer", anthropic, tellingDialect(anthropic.dialect, STORY), "continue"],
    ["knows no begun answers and says the same", openai, tellingDialect(openai.dialect, STORY), "splice"],
    [
      "refuses the begun answer and says the same",
      anthropic,
      tellingDialect(anthropic.dialect, STORY, { refusesPrefill: true }),
      "splice",
    ],
  ] as const)("is whole when the successor %s", async (_name, vendor, dialect, mode) => {
    await cutBefore(vendor, dialect, (asked) => {
      expect([asked.text, asked.result?.text]).toEqual([STORY, STORY]);
      expect(modesOf(asked.events).at(-1)).toBe(mode);
    });
    table.saw(15, `7 cuts, ${mode}: byte for byte`);
  });

  it("ends with the error and the part when the successor would say something else", async () => {
    const other = tellingDialect(openai.dialect, `Ein anderes Lied: ${STORY}`);
    await cutBefore(openai, other, (asked) => {
      if (asked.result) return expect(modesOf(asked.events)).toEqual(["before_output"]);
      expect(asked.failure?.error).toMatchObject({ code: "stream_interrupted", exit: 5 });
      expect(asked.failure?.partialText).toBe(asked.text);
      expect([asked.text === "", STORY.startsWith(asked.text)]).toEqual([false, true]);
    });
  });

  /** A provider whose stream is cut, and a sound one. */
  async function cutAt(cut: Answer, sound: Answer) {
    const first = await simulate(openai.dialect, { ...cut, delivery: { cutAfterEvents: 3 } });
    const second = await simulate(anthropic.dialect, sound);
    const engine = await vendorEngine([
      [openai, first.url, "first"],
      [anthropic, second.url, "second"],
    ]);
    return { engine: guarded(engine), second };
  }

  it("ends with the error when it was a tool call", async () => {
    const toolCalls = [{ id: "c1", name: "add", arguments: { a: 1, b: "x".repeat(400) } }];
    const tools = [{ name: "add", parameters: { type: "object" } }];
    const { engine, second } = await cutAt({ kind: "answer", toolCalls }, { kind: "answer", tokens: ["no"] });
    const asked = ask(engine, { request: { tools, maxTokens: 500 } });
    await asked.done;
    expect(asked.failure?.error).toMatchObject({ code: "stream_interrupted", exit: 5 });
    expect(second.requests).toHaveLength(0);
  });

  it("is not handed over before it is whole when a schema was asked for, so the next one gives it all", async () => {
    const { engine } = await cutAt(
      { kind: "answer", tokens: ['{"from":', '"the first"}'] },
      { kind: "answer", tokens: ['{"from":', '"the second"}'] },
    );
    const schema = { name: "s", schema: { type: "object" } };
    const asked = ask(engine, { request: { schema, maxTokens: 500 } });
    await asked.done;
    expect([asked.text, asked.result?.data]).toEqual(['{"from":"the second"}', { from: "the second" }]);
    expect(modesOf(asked.events)).toEqual(["before_output"]);
  });
});

describe.each(ENGINES)("under load over %s (row 28)", (name, make) => {
  /** Resets, delays, cuts and closes at random; where it answers, it says back the nonce of the request. */
  async function moody(peer: Peer, request: string, luck: number): Promise<void> {
    const document = documentOf(/nonce-\d+/.exec(request)?.[0] ?? "none");
    if (luck < 0.1) return peer.reset();
    if (luck < 0.2) await new Promise((resolve) => setTimeout(resolve, 10));
    peer.send(luck > 0.9 ? document.slice(0, -9) : document);
    if (luck > 0.8) peer.end();
  }

  it("every caller gets the answer to its own question, whatever happens to connections", async () => {
    const random = seededRandom(28);
    const server = kept(await startServer((peer, request) => moody(peer, request, random())));
    const around = { createTransport: (policy: Parameters<typeof make>[0]) => make(policy) };
    const entries = [
      [openai, server.url, "first"],
      [openai, server.url, "second"],
    ] as const;
    const engine = { ...(await vendorEngine(entries, "", around)), random: () => 0.01 };
    const seen = { answered: 0, failed: 0, crossed: 0 };
    const one = async (n: number) => {
      const asked = ask(engine, { request: { messages: [{ role: "user", content: `nonce-${n}` }] } });
      if (n % 7 === 0) setTimeout(asked.cancel, random() * 10);
      await asked.done;
      seen[asked.result ? "answered" : "failed"] += 1;
      if (asked.text !== "" && asked.text !== `nonce-${n}`) seen.crossed += 1;
    };
    for (let n = 0; n < 150; n += 30) await Promise.all(Array.from({ length: 30 }, (_, m) => one(n + m)));
    expect(seen.crossed).toBe(0);
    expect(seen.answered).toBeGreaterThan(110);
    table.saw(28, `${name}: ${seen.answered} answered, ${seen.failed} failed, ${seen.crossed} crossed`);
  });
});

describe("garbage collection every 10 ms (row 29)", () => {
  it("keeps no request from its deadline", async () => {
    setFlagsFromString("--expose-gc");
    const collectGarbage = runInNewContext("gc") as () => void;
    const scripts = ["silent", "flooding with 1xx", "dripping its body"].map(
      (slow) => SLOW_SERVERS[slow]?.(50) ?? (() => {}),
    );
    const servers = await Promise.all(scripts.map(async (script) => kept(await startRawServer(script))));
    const engines = await Promise.all(servers.map(({ url }) => vendorEngine([[openai, url]])));
    const late: number[] = [];
    const one = async (n: number) => {
      const startedAt = performance.now();
      const asked = ask(engines[n % 3] ?? engines[0] ?? expect.unreachable(), {
        stream: n % 2 === 0,
        timeoutMs: 300,
      });
      await asked.done;
      expect(asked.failure?.error.code).toBe("deadline_exceeded");
      late.push(performance.now() - startedAt - 300);
    };
    const collecting = setInterval(collectGarbage, 10);
    await Promise.all(Array.from({ length: 30 }, (_, n) => one(n)));
    clearInterval(collecting);
    // Each of them has had its time: a request with too little of it is not sent at all.
    expect(Math.min(...late)).toBeGreaterThan(-20);
    table.saw(29, `30 requests, the latest ${Math.max(...late).toFixed(0)} ms after its deadline`);
  });
});

describe("a caller that is gone (row 30, SD-7)", () => {
  it.each([
    ["before the answer", ""],
    [
      "during the answer",
      `${HEAD("text/event-stream")}data: {"choices":[{"index":0,"delta":{"content":"half"}}]}\n\n`,
    ],
  ])("%s: the connection is closed at once, and the attempt is booked once", async (name, bytes) => {
    const server = kept(await startServer((peer) => peer.send(bytes)));
    const settled: Settlement[] = [];
    const stages = {
      ...openStages,
      settle: async (settlement: Settlement) => {
        settled.push(settlement);
        return { fresh: true, alerts: [] };
      },
    };
    const asked = ask(guarded(await vendorEngine([[openai, server.url]])), { stages });
    await expect.poll(() => server.peers[0]?.socket.bytesRead ?? 0).toBeGreaterThan(0);
    if (bytes) await expect.poll(() => asked.text).toBe("half");
    const leftAt = performance.now();
    asked.cancel();
    await server.peers[0]?.closed;
    const closedMs = performance.now() - leftAt;
    await asked.done;
    expect(asked.failure?.error).toMatchObject({ code: "cancelled", exit: 130 });
    expect(settled).toMatchObject([{ attempts: [{ outcome: "cancelled", effect: "ignored" }] }]);
    expect(closedMs).toBeLessThan(1_000);
    table.saw(30, `${name}: closed after ${closedMs.toFixed(1)} ms`);
  });

  it("gives back the permit of a trial, uncounted (CB-8)", async () => {
    let step: Step = fails(500);
    const stage = await fakeStage({ a: [(call, clock) => step(call, clock)] });
    const engine = guarded(stage);
    for (let n = 0; n < 10; n += 1) await ask(engine).done;
    await stage.clock.advance(30_000);
    step = silent;
    for (let round = 0; round < 4; round += 1) {
      const trials = [ask(engine), ask(engine), ask(engine)];
      await stage.clock.advance(1);
      const fourth = ask(engine);
      await fourth.done;
      expect(fourth.failure?.error.code).toBe("circuit_open");
      for (const { cancel } of trials) cancel();
      await Promise.all(trials.map(({ done }) => done));
    }
    step = answers("back");
    const last = [ask(engine), ask(engine), ask(engine)];
    await Promise.all(last.map(({ done }) => done));
    expect(last.map(({ text }) => text)).toEqual(["back", "back", "back"]);
    expect(stage.clock.pending).toBe(0);
    table.saw(30, "12 trials given up, their permits back");
  });
});
