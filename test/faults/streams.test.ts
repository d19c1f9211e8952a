import { afterEach, describe, expect, it } from "vitest";
import type { StreamEvent } from "../../src/core/events.ts";
import { streamOnce } from "../../src/engine/exchange.ts";
import { VENDORS, type Vendor } from "../e2e/vendors.ts";
import { ask } from "../helpers/ask.ts";
import { collect } from "../helpers/drive.ts";
import { faultTable } from "../helpers/fault-table.ts";
import {
  type Answer,
  type Received,
  type Scenario,
  type Simulator,
  startSimulator,
} from "../helpers/simulator.ts";
import { vendorEngine } from "../helpers/vendor-engine.ts";

faultTable();
const [openai] = VENDORS as readonly [Vendor];
const TOKENS = ["Tide ", "turns 🌊🏄🏽", " – voilà", "."];
const TEXT = TOKENS.join("");
const GOOD: Answer = { kind: "answer", tokens: TOKENS, usage: { input: 12, output: 7 } };
const SECOND: Answer = { kind: "answer", tokens: ["from the second"], usage: { input: 1, output: 3 } };
const simulators: Simulator[] = [];

afterEach(async () => {
  for (const simulator of simulators.splice(0)) await simulator.close();
});

async function simulate(vendor: Vendor, scenario: Scenario): Promise<Simulator> {
  const simulator = await startSimulator(vendor.dialect);
  simulator.play(scenario);
  simulators.push(simulator);
  return simulator;
}

/** One completion at this vendor in this mood, with a sound provider behind it. */
async function askFirst(vendor: Vendor, scenario: Scenario, stream = true) {
  const [first, second] = [await simulate(vendor, scenario), await simulate(openai, SECOND)];
  const engine = await vendorEngine([
    [vendor, first.url, "first"],
    [openai, second.url, "second"],
  ]);
  const asked = ask(engine, { stream, request: { maxTokens: 100 } });
  await asked.done;
  expect(first.problems).toEqual([]);
  return asked;
}

describe.each(VENDORS)("a stream of $name", (vendor) => {
  it("that ends in good order without its marker is no answer: the next one gives it (row 10, SR-1)", async () => {
    const asked = await askFirst(vendor, { kind: "answer", tokens: [], delivery: { noMarker: true } });
    expect(asked.text).toBe("from the second");
    // The first one is asked twice: an answer that is cut may be repaired.
    expect(asked.tried).toEqual(["first protocol_error", "first protocol_error", "second ok"]);
  });

  it("that ends so after its first token keeps its part and says so where the next one says something else (row 10, SR-1)", async () => {
    const asked = await askFirst(vendor, { ...GOOD, delivery: { noMarker: true } });
    expect(asked.failure?.error).toMatchObject({ code: "stream_interrupted", exit: 5 });
    expect([asked.failure?.partialText, asked.text]).toEqual([TEXT, TEXT]);
    expect(asked.tried).toEqual(["first stream_interrupted", "second unsupported"]);
  });

  it("with an error in place of its first token goes on by the inner code (row 17)", async () => {
    const asked = await askFirst(vendor, { ...GOOD, delivery: { errorAfterEvents: 0 } });
    const code = vendor.name === "ollama" ? "provider_error" : "overloaded";
    expect([asked.text, asked.tried]).toEqual(["from the second", [`first ${code}`, "second ok"]]);
  });

  it("reads the same however its bytes are cut in two (row 11)", async () => {
    const { bytes, headers, call, request } = await recorded(vendor, GOOD);
    for (let at = 0; at <= bytes.length; at += 1) {
      const parts = [bytes.subarray(0, at), bytes.subarray(at)];
      const events = await replay(call, request, headers, parts);
      const { text, usage, finish } = collect(events);
      expect([text, finish, usage?.outputTokens]).toEqual([TEXT, "stop", 7]);
    }
  });

  it("that says its end twice, and more after it, is settled once (row 26)", async () => {
    const { bytes, headers, call, request } = await recorded(vendor, GOOD);
    const events = await replay(call, request, headers, [Buffer.concat([bytes, bytes])]);
    expect(collect(events)).toMatchObject({ text: TEXT, finish: "stop" });
    expect(events.filter(({ type }) => type === "finish")).toHaveLength(1);
  });

  it("without usage, or with one nobody can believe, has an estimate instead (row 25)", async () => {
    const usages = [null, { input: -1, output: 7 }, { input: 12, output: 1e308 }, { input: 0.5, output: 7 }];
    for (const usage of usages) {
      for (const stream of [true, false]) {
        const asked = await askFirst(vendor, { ...GOOD, usage }, stream);
        expect([asked.text, asked.result?.provider]).toEqual([TEXT, "first"]);
        expect(asked.result?.usage.source).toBe("estimated");
        const counts = Object.values(asked.result?.usage ?? {}).filter((value) => typeof value === "number");
        expect(counts.every((count) => Number.isSafeInteger(count) && count >= 0)).toBe(true);
      }
    }
  });
});

describe("an event stream in any of the standard's forms (row 11)", () => {
  const forms: readonly (readonly [string, (text: string) => string])[] = [
    ["CRLF line ends", (text) => text.replaceAll("\n", "\r\n")],
    ["CR line ends", (text) => text.replaceAll("\n", "\r")],
    ["a byte order mark", (text) => `\ufeff${text}`],
    ["comments between the lines", (text) => text.replaceAll("data:", ": ping\ndata:")],
    ["data on several lines", (text) => text.replaceAll(',"created"', '\ndata: ,"created"')],
    ["no space after the colon", (text) => text.replaceAll("data: ", "data:")],
  ];
  it.each(forms)("%s, cut anywhere", async (_name, form) => {
    const { bytes, headers, call, request } = await recorded(openai, GOOD);
    const other = Buffer.from(form(bytes.toString("utf8")));
    expect(other.equals(bytes)).toBe(false);
    for (let at = 0; at <= other.length; at += 3) {
      const events = await replay(call, request, headers, [other.subarray(0, at), other.subarray(at)]);
      expect(collect(events).text).toBe(TEXT);
    }
  });
});

/** The bytes that a vendor's simulator streams, and the call that reads them. */
async function recorded(vendor: Vendor, answer: Answer) {
  const engine = await vendorEngine([[vendor, "http://127.0.0.1:9"]]);
  const { adapter } = await engine.generation.provider(vendor.name);
  const messages = [{ role: "user", content: "hi" }] as const;
  const request = { messages, model: vendor.model, stream: true, facts: adapter.facts(vendor.model) };
  const wire = adapter.toWire(request);
  const { pathname, search } = new URL(wire.url);
  const body = Buffer.from(wire.body ?? "");
  const received: Received = {
    method: wire.method,
    path: pathname + search,
    headers: {},
    body,
    json: JSON.parse(body.toString("utf8")),
  };
  const { events, headers } = vendor.dialect.render(answer, received);
  const bytes = Buffer.concat(events.map((event) => Buffer.from(event as Uint8Array)));
  return { bytes, headers, request, call: { adapter, clock: engine.clock } };
}

async function replay(
  call: Awaited<ReturnType<typeof recorded>>["call"],
  request: Awaited<ReturnType<typeof recorded>>["request"],
  headers: Readonly<Record<string, string>>,
  parts: readonly Uint8Array[],
): Promise<readonly StreamEvent[]> {
  async function* body() {
    yield* parts.filter(({ length }) => length > 0);
  }
  const transport = async () => ({ status: 200, headers, body: body(), timings: { firstByteMs: 0 } });
  const exchange = { signal: new AbortController().signal, connectTimeoutMs: 1_000 };
  const events: StreamEvent[] = [];
  const read = async (batch: readonly StreamEvent[]) => events.push(...batch) > 0;
  await streamOnce({ ...call, transport, exchange }, request, { read, onBytes: () => {} });
  return events;
}
