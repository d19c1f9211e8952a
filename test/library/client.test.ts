import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import {
  type ClientOptions,
  CompletionRequest,
  IntelligenceClient,
  LlmRegistry,
  Message,
  ProviderConfig,
  RiptideError,
} from "../../src/index.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

const PRICES = { "gpt-4": { input: 1_000, output: 2_000 } };

async function clientOf(
  options: Parameters<typeof ProviderConfig.prototype.withConfig>[1] = {},
  more: ClientOptions = {},
  settings: object = {},
) {
  const registry = new LlmRegistry().configure(settings as never);
  await registry.loadProvider(new ProviderConfig("main", "mock", { prices: PRICES, ...(options as object) }));
  const client = new IntelligenceClient(registry, "main", { ledger: "memory", ...more });
  open.push(client);
  return { registry, client };
}

const request = new CompletionRequest("gpt-4", [Message.user("Explain quantum computing")]).withMaxTokens(
  500,
);

/** What a promise rejects with, which has to be a RiptideError. */
async function failure(promise: Promise<unknown>): Promise<RiptideError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof RiptideError) return error;
  throw new Error(`expected a RiptideError, got ${String(error)}`);
}

describe("IntelligenceClient", () => {
  it("gives a whole answer with its usage and cost", async () => {
    const { client } = await clientOf({ reply: "a qubit", usage: { input: 10, output: 4 } });
    const answer = await client.complete(request);
    expect(answer).toMatchObject({ content: "a qubit", finish: "stop", provider: "main", model: "gpt-4" });
    expect(answer.usage).toMatchObject({ inputTokens: 10, outputTokens: 4 });
    expect(answer.cost).toEqual({ usd: "0.018", nano: 18_000_000, priced: true });
  });

  it("takes plain data and a bare text as well", async () => {
    const { client } = await clientOf({ reply: "{{prompt}}!", default_model: "gpt-4" });
    const plain = { model: "gpt-4", messages: [Message.user("plain")] };
    expect((await client.complete(plain)).content).toBe("plain!");
    expect((await client.complete("bare")).content).toBe("bare!");
  });

  it("takes a deadline that is no whole number", async () => {
    const { client } = await clientOf({ reply: "in time" });
    expect((await client.complete(request, { timeoutMs: 1_234.56 })).content).toBe("in time");
  });

  it("throws errors that loggers call by their name", async () => {
    const { client } = await clientOf();
    expect(String(await failure(client.complete("")))).toBe(
      "RiptideError: messages: expected at least 1 entry",
    );
  });

  it("keeps its own cap, tenant and providers where a call says nothing of them", async () => {
    const { client, registry } = await clientOf(
      { default_model: "gpt-4" },
      { maxCostUsd: 0.000001, tenant: "a" },
    );
    const silent = { maxCostUsd: undefined, tenant: undefined } as object;
    expect((await failure(client.complete(request, silent))).code).toBe("cost_cap_exceeded");
    expect((await client.complete(request, { ...silent, maxCostUsd: 10 })).content).toBeTruthy();
    expect((await client.costs()).rows.map(({ key }) => key.tenant)).toEqual(["a"]);
    const named = new IntelligenceClient(registry, "main", {
      ledger: "memory",
      providers: undefined,
    } as object);
    open.push(named);
    expect((await named.complete("hi")).provider).toBe("main");
  });

  it("helps with words that a program can say", async () => {
    const { client } = await clientOf();
    const bare = await failure(client.complete("hi"));
    expect(bare.facts.hint).toBe('model: "main/MODEL"   or set providers.main.default_model');
    const dear = await failure(client.complete(request, { maxCostUsd: 0.000001 }));
    expect(dear.facts.hint).toBe("lower maxTokens, or raise maxCostUsd or max_cost_per_request");
    const odd = await failure(client.costs({ by: ["modle" as "model"] }));
    expect([odd.message, odd.facts.hint]).toEqual(['by cannot group by "modle"', "by tenant,model"]);
  });

  it("books a stream that was given up and is not read on", async () => {
    const { client } = await clientOf({ reply: "one two three four" });
    const caller = new AbortController();
    const left = client.stream(request, { signal: caller.signal });
    while ((await left.next()).value?.type !== "delta");
    expect((await client.costs()).totals.requests).toBe(0);
    caller.abort();
    await expect.poll(async () => (await client.costs()).totals).toMatchObject({ requests: 1, failed: 1 });
    expect((await failure(left.next().then(() => left.next()))).code).toBe("cancelled");
  });

  it("tells what deep looks have cost to those who ask for it", async () => {
    const { client } = await clientOf({ default_model: "gpt-4", usage: { input: 10, output: 4 } });
    expect((await client.health({ level: "deep", maxCostUsd: 1 })).status).toBe("pass");
    expect((await client.costs()).totals).toMatchObject({ requests: 0, costUsd: "0" });
    const { totals } = await client.costs({ include: ["probe"] });
    expect([totals.requests, Number(totals.costUsd) > 0]).toEqual([1, true]);
  });

  it("is closed at the end of the block that uses it", async () => {
    const { client } = await clientOf({ reply: "hi" });
    {
      await using used = client;
      expect((await used.complete(request)).content).toBe("hi");
    }
    expect((await failure(client.complete(request))).code).toBe("cancelled");
  });

  it("streams the engine's events, the whole answer last", async () => {
    const { client } = await clientOf({ reply: "one two three" });
    const types: string[] = [];
    let text = "";
    let content = "";
    for await (const event of client.stream(request)) {
      types.push(event.type);
      if (event.type === "delta") text += event.text;
      if (event.type === "end") content = event.completion.content;
    }
    expect(types[0]).toBe("start");
    expect(types.slice(-2)).toEqual(["usage", "end"]);
    expect([text, content]).toEqual(["one two three", "one two three"]);
  });

  it("throws what ends a stream after its first text, and books it", async () => {
    const { client } = await clientOf(
      { script: [{ cut_after_tokens: 1 }] },
      {},
      { failover: { repair: "never" } },
    );
    const texts: string[] = [];
    const read = async () => {
      for await (const event of client.stream(request)) if (event.type === "delta") texts.push(event.text);
    };
    expect((await failure(read())).code).toBe("stream_interrupted");
    expect(texts).toHaveLength(1);
    expect((await client.costs()).totals).toMatchObject({ requests: 1, failed: 1 });
  });

  it("makes one vector for each text", async () => {
    const { client } = await clientOf();
    const { vectors, dimensions } = await client.embed(["a fox", "a dog"], { model: "e", dimensions: 4 });
    expect([vectors.length, dimensions]).toEqual([2, 4]);
  });

  it("adds up what was spent in a ledger that nobody else sees", async () => {
    const { client } = await clientOf({ usage: { input: 10, output: 4 } });
    await client.complete(request, { tags: { team: "a" } });
    await client.complete(request, { tags: { team: "b" } });
    const { rows, totals } = await client.costs({ by: ["tag:team"] });
    expect(totals).toMatchObject({ requests: 2, inputTokens: 20, outputTokens: 8, costUsd: "0.036" });
    expect(rows.map(({ key }) => key["tag:team"]).toSorted()).toEqual(["a", "b"]);
    const { client: other } = await clientOf();
    expect((await other.costs()).totals.requests).toBe(0);
  });

  it("shares a ledger in a file with the next client", async () => {
    const folder = await mkdtemp(join(tmpdir(), "riptide-library-"));
    try {
      const ledger = join(folder, "ledger.db");
      const { client } = await clientOf({}, { ledger });
      await client.complete(request);
      await client.close();
      const { client: next } = await clientOf({}, { ledger });
      expect((await next.costs()).totals.requests).toBe(1);
      await next.close();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("keeps budgets and caps as the command line does", async () => {
    const budgets = [{ limit: 0.03, period: "day" }];
    const { client } = await clientOf({ usage: { input: 10, output: 4 } }, {}, { budgets });
    const small = request.withMaxTokens(4);
    await client.complete(small);
    expect((await failure(client.complete(small))).code).toBe("budget_exceeded");
    const { client: capped } = await clientOf();
    const capError = await failure(capped.complete(request, { maxCostUsd: 0.000_001 }));
    expect(capError.code).toBe("cost_cap_exceeded");
  });

  it("fails over to the next of its providers", async () => {
    const registry = new LlmRegistry();
    await registry.loadProvider(new ProviderConfig("down", "mock", { always_fail: true }));
    await registry.loadProvider(new ProviderConfig("up", "mock", { reply: "here" }));
    const client = new IntelligenceClient(registry, ["down", "up"], { ledger: "memory" });
    open.push(client);
    const answer = await client.complete({ model: "m", messages: [Message.user("hi")] });
    expect([answer.content, answer.provider]).toEqual(["here", "up"]);
    expect(answer.attempts[0]).toMatchObject({ provider: "down", outcome: "error" });
  });

  it("goes by what the registry says at the time of each call", async () => {
    const { client, registry } = await clientOf({ reply: "before" });
    expect((await client.complete(request)).content).toBe("before");
    await registry.loadProvider(new ProviderConfig("main", "mock", { reply: "after" }));
    expect((await client.complete(request)).content).toBe("after");
  });

  it("says how the providers are", async () => {
    const { client } = await clientOf();
    const { status, providers } = await client.health();
    expect([status, providers.map(({ name, status }) => [name, status])]).toEqual([
      "pass",
      [["main", "healthy"]],
    ]);
    expect((await failure(client.health({ providers: ["nobody"] }))).code).toBe("usage");
  });

  it("gives up when its caller does", async () => {
    const { client } = await clientOf({ script: ["timeout"] });
    const controller = new AbortController();
    const asked = failure(client.complete(request, { signal: controller.signal }));
    controller.abort();
    expect((await asked).code).toBe("cancelled");
  });

  it("ends its calls when it is closed, and takes no more", async () => {
    const { client } = await clientOf({ script: ["timeout"] });
    const asked = failure(client.complete(request));
    await client.close();
    expect((await asked).code).toBe("cancelled");
    expect((await failure(client.complete(request))).message).toBe("the client is closed");
  });
});
