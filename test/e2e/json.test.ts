import { describe, expect, it } from "vitest";
import { anthropic, openai, useStage } from "./stage.ts";
import { yamlOf } from "./vendors.ts";

const stage = useStage();
const USAGE = { input: 12, output: 5, cacheRead: 4 };
const ID = expect.stringMatching(/^rq_[0-9A-Z]{26}$/);
const MS = expect.any(Number);
/** 8 x $3.00, 4 x $0.30 and 5 x $15.00 a million. */
const COST = { usd: "0.0001002", priced: true, price_version: "genai-prices@0.1.8" };
const UNBILLED = { usage_source: "none", cost_usd: "0" };
const REPORTED = {
  input_tokens: 12,
  output_tokens: 5,
  cache_read_tokens: 4,
  cache_write_tokens: 0,
  reasoning_tokens: 0,
  source: "reported",
};
const attempt = (provider: string, model: string, more: object = {}) => ({
  n: 1,
  kind: "try",
  provider,
  model,
  outcome: "ok",
  code: null,
  status: null,
  ms: MS,
  retry_after_ms: null,
  ambiguous: false,
  usage_source: "reported",
  usage_note: null,
  cost_usd: COST.usd,
  ...more,
});

async function twoVendors() {
  const first = await stage.simulate(openai, {
    kind: "failure",
    failure: "rate_limit",
    retryAfterSeconds: 30,
  });
  const second = await stage.simulate(anthropic, { kind: "answer", tokens: ["an ", "answer"], usage: USAGE });
  const place = await stage.workplace(
    yamlOf([
      [openai, first.url],
      [anthropic, second.url],
    ]),
  );
  return { first, second, place };
}

describe("riptide.completion/1", () => {
  it("has exactly its fields", async () => {
    const { place } = await twoVendors();
    const { code, stdout, stderr } = await place.run(["complete", "hi", "--json"]);
    expect([code, stderr, stdout.split("\n").length]).toEqual([0, "", 2]);
    expect(JSON.parse(stdout)).toStrictEqual({
      schema: "riptide.completion/1",
      id: ID,
      ok: true,
      text: "an answer",
      data: null,
      tool_calls: [],
      finish: "stop",
      partial: false,
      provider: "anthropic",
      model: expect.stringContaining("claude"),
      requested: { model: "default", strategy: "sequential" },
      via: "in-process",
      tenant: "default",
      tags: {},
      usage: REPORTED,
      cost: COST,
      timing: { total_ms: MS, first_token_ms: MS, queue_ms: 0 },
      attempts: [
        attempt("openai", openai.model, {
          outcome: "error",
          ...UNBILLED,
          code: "rate_limited",
          status: 429,
          retry_after_ms: 30_000,
        }),
        attempt("anthropic", anthropic.model, { n: 2 }),
      ],
      skipped: [],
      config_revision: expect.stringMatching(/^[0-9a-f]{12}$/),
      warnings: [],
    });
  });

  it("says ok:false with its error for an answer that is cut, and lists who was skipped", async () => {
    const simulator = await stage.simulate(openai, { kind: "answer", tokens: ["cut"], finish: "length" });
    const place = await stage.workplace(
      yamlOf([
        [anthropic, "http://127.0.0.1:9"],
        [openai, simulator.url],
      ]),
    );
    const { code, stdout, stderr } = await place.run(["complete", "hi", "--json", "--require-complete"], {
      env: { ANTHROPIC_API_KEY: undefined },
    });
    const document = JSON.parse(stdout);
    expect([code, document.ok, document.text, document.finish]).toEqual([13, false, "cut", "length"]);
    expect(document.error).toMatchObject({ code: "incomplete", exit: 13 });
    expect(document.skipped).toStrictEqual([
      { provider: "anthropic", model: anthropic.model, reason: "misconfigured", retry_at: null },
    ]);
    expect(stderr).toMatch(/^note: provider anthropic was skipped: .*\nerror\[incomplete\]: .*\n$/);
  });

  it("carries tool calls and the value under a schema with their own keys", async () => {
    const call = { id: "call_1", name: "add", arguments: { firstNumber: 1 } };
    const simulator = await stage.simulate(
      openai,
      { kind: "answer", toolCalls: [call] },
      { kind: "answer", tokens: ['{"camelCase":1}'] },
    );
    const place = await stage.workplace(yamlOf([[openai, simulator.url]]));
    const tools = await place.write("tools.json", '[{"name":"add"}]');
    const called = JSON.parse((await place.run(["complete", "q", "--tools", tools, "--json"])).stdout);
    expect([called.finish, called.tool_calls]).toEqual([
      "tool_calls",
      [{ id: "call_1", name: "add", arguments: '{"firstNumber":1}' }],
    ]);
    const shaped = await place.run(["complete", "q", "--schema", '{"type":"object"}', "--json"]);
    expect(JSON.parse(shaped.stdout).data).toEqual({ camelCase: 1 });
  });
});

describe("riptide.error/1", () => {
  it("has exactly its fields, with what came of the answer", async () => {
    const simulator = await stage.simulate(openai, {
      kind: "answer",
      tokens: ["half ", "an "],
      delivery: { cutAfterEvents: 3 },
    });
    const place = await stage.workplace(yamlOf([[openai, simulator.url]]));
    const { code, stdout, stderr } = await place.run(["complete", "hi", "-o", "jsonl"]);
    const last = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
    expect(code).toBe(5);
    expect(last).toStrictEqual({
      type: "error",
      schema: "riptide.error/1",
      ok: false,
      id: ID,
      error: {
        code: "stream_interrupted",
        message: expect.any(String),
        hint: expect.any(String),
        exit: 5,
        retryable: true,
        retry_after_ms: null,
      },
      attempts: [
        attempt("openai", openai.model, {
          ...{ outcome: "error", code: "stream_interrupted", ambiguous: true },
          ...{
            usage_source: "estimated",
            usage_note: "cut",
            cost_usd: expect.stringMatching(/^0\.0000\d+$/),
          },
        }),
      ],
      skipped: [],
      partial_text: expect.stringMatching(/^half /),
    });
    expect(stderr).toMatch(/^error\[stream_interrupted\]: [^\n]*\n$/);
  });

  it.each([
    [["--json", "complete", "--bogus"]],
    [["complete", "--bogus", "-o", "json"]],
    [["complete", "--bogus", "-ojson"]],
    [["complete", "--bogus", "--output=json"]],
    [["nonsense", "--json"]],
    [["models", "nonsense", "--json"]],
    [["models", "list", "extra", "--json"]],
    [["complete", "--json"]],
    [["complete", "q", "--max-cost", "much", "--json"]],
    [["complete", "q", "-m", "nobody", "--json"]],
    [["help", "nonsense", "--json"]],
  ])("is what a usage error is under --json: %j", async (args) => {
    const place = await stage.workplace();
    const { code, stdout, stderr } = await place.run(args);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toStrictEqual({
      schema: "riptide.error/1",
      ok: false,
      id: null,
      error: {
        code: "usage",
        message: expect.any(String),
        hint: expect.stringContaining("riptide"),
        exit: 2,
        retryable: false,
        retry_after_ms: null,
      },
      attempts: [],
      skipped: [],
      partial_text: null,
    });
    expect(stderr).toMatch(/^error\[usage\]: [^\n]*\n$/);
  });

  it("follows RIPTIDE_OUTPUT, but not into a format the command lacks, nor past --", async () => {
    const place = await stage.workplace();
    const json = await place.run(["complete", "--bogus"], { env: { RIPTIDE_OUTPUT: "json" } });
    expect(JSON.parse(json.stdout).error.code).toBe("usage");
    const event = await place.run(["complete", "--bogus"], { env: { RIPTIDE_OUTPUT: "jsonl" } });
    expect(JSON.parse(event.stdout)).toMatchObject({ type: "error", schema: "riptide.error/1" });
    const lacking = await place.run(["models", "--bogus"], { env: { RIPTIDE_OUTPUT: "jsonl" } });
    const word = await place.run(["complete", "--bogus", "--", "--json"]);
    expect([lacking.code, lacking.stdout, word.code, word.stdout]).toEqual([2, "", 2, ""]);
  });
});

describe("riptide.events/1", () => {
  it("tells a failover and an answer, one event a line, ending with end without the text", async () => {
    const { place } = await twoVendors();
    const { code, stdout } = await place.run(["complete", "hi", "-o", "jsonl"]);
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(code).toBe(0);
    const { id } = events[0];
    const [one, two] = [
      { provider: "openai", model: openai.model },
      { provider: "anthropic", model: anthropic.model },
    ];
    expect(events.slice(0, -1)).toStrictEqual([
      { type: "start", id: ID, schema: "riptide.events/1", plan: [one, two] },
      {
        type: "attempt",
        id,
        attempt: attempt("openai", openai.model, {
          outcome: "error",
          ...UNBILLED,
          code: "rate_limited",
          status: 429,
          retry_after_ms: 30_000,
        }),
      },
      { type: "failover", id, from: one, to: two, code: "rate_limited", mode: "before_output" },
      { type: "delta", id, text: "an " },
      { type: "delta", id, text: "answer" },
      { type: "attempt", id, attempt: attempt("anthropic", anthropic.model, { n: 2 }) },
      { type: "usage", id, usage: REPORTED },
    ]);
    const { completion, ...end } = events.at(-1);
    expect(end).toEqual({ type: "end", id });
    expect(completion).toMatchObject({ schema: "riptide.completion/1", id, ok: true, finish: "stop" });
    expect(completion).not.toHaveProperty("text");
  });

  it("shows reasoning and tool calls as they come", async () => {
    const simulator = await stage.simulate(anthropic, {
      kind: "answer",
      reasoning: "hm",
      tokens: ["so"],
      toolCalls: [{ id: "toolu_1", name: "add", arguments: { a: 1 } }],
    });
    const place = await stage.workplace(yamlOf([[anthropic, simulator.url]]));
    const tools = await place.write("tools.json", '[{"name":"add"}]');
    const { stdout } = await place.run(["complete", "hi", "--tools", tools, "-o", "jsonl"]);
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(
      events
        .filter(({ type }) => type === "reasoning")
        .map(({ text }) => text)
        .join(""),
    ).toBe("hm");
    const calls = events.filter(({ type }) => type === "tool_call");
    expect(calls[0]).toStrictEqual({
      type: "tool_call",
      id: ID,
      index: 0,
      call_id: "toolu_1",
      name: "add",
      arguments_delta: expect.any(String),
    });
    expect(calls.map((call) => call.arguments_delta).join("")).toBe('{"a":1}');
  });
});

describe("the model's own words", () => {
  const text = "export API_KEY=abcdefgh; Authorization: Bearer abcdefgh; sk-abcdefghijklmnop";

  it("stay as they are in every format, though they look like keys", async () => {
    const simulator = await stage.simulate(openai, { kind: "answer", tokens: [text] });
    const place = await stage.workplace(yamlOf([[openai, simulator.url]]));
    const plain = await place.run(["complete", "q"]);
    const json = await place.run(["complete", "q", "--json"]);
    const lines = await place.run(["complete", "q", "-o", "jsonl"]);
    const delta = JSON.parse(lines.stdout.split("\n")[1] ?? "");
    expect([plain.stdout, JSON.parse(json.stdout).text, delta.text]).toEqual([`${text}\n`, text, text]);
  });
});
