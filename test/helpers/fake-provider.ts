import { z } from "zod";
import { buildDraft } from "../../src/config/build.ts";
import type { Config } from "../../src/config/config.ts";
import type { Completion } from "../../src/core/completion.ts";
import { type ErrorCode, RiptideError } from "../../src/core/errors.ts";
import type { StreamEvent } from "../../src/core/events.ts";
import type { Json, JsonObject } from "../../src/core/json.ts";
import type { Call } from "../../src/engine/exchange.ts";
import { createGeneration, type Generation } from "../../src/engine/generation.ts";
import type { Adapter, ProviderRequest } from "../../src/providers/adapter.ts";
import { CAPABILITIES } from "../../src/providers/capabilities.ts";
import { failureOf } from "../../src/providers/failure.ts";
import { definePlugin, type ProviderInstance } from "../../src/providers/plugin.ts";
import { isObject, parseJson } from "../../src/providers/read.ts";
import { createRegistry } from "../../src/providers/registry.ts";
import { createFramer } from "../../src/wire/framer.ts";
import type { Exchange, Transport, WireRequest, WireResponse } from "../../src/wire/http.ts";
import { type VirtualClock, virtualClock } from "./virtual-clock.ts";

/** How a fake provider treats one call; the steps of a script are used in turn, the last one repeats. */
export type Step = (call: FakeCall, clock: VirtualClock) => Promise<WireResponse> | WireResponse;

export interface FakeCall {
  readonly wire: WireRequest;
  readonly exchange: Exchange;
  readonly request: ProviderRequest;
}

/** A provider in this process that speaks our own events as lines of JSON. */
export interface FakeProvider {
  readonly calls: readonly FakeCall[];
  /** Connections that are neither read to their end nor closed. */
  readonly open: number;
}

export interface Stage {
  readonly clock: VirtualClock;
  readonly generation: Generation;
  readonly config: Config;
  readonly provider: Readonly<Record<string, FakeProvider>>;
}

/**
 * A generation of fake providers, each with its script, in one alias in this order. A provider is not asked twice
 * unless `failover.repair` says so.
 */
export async function fakeStage(
  scripts: Readonly<Record<string, readonly Step[]>>,
  tree: {
    readonly entries?: Readonly<Record<string, JsonObject>>;
    readonly [key: string]: Json | undefined;
  } = {},
): Promise<Stage> {
  // Loaded before time is virtual: reading a file takes longer than any promise.
  await createFramer("ndjson");
  const clock = virtualClock();
  const provider: Record<string, FakeProvider> = {};
  const fake = definePlugin({
    apiVersion: 1,
    types: {
      fake: {
        operations: ["complete", "stream", "embed"],
        authentication: "none",
        options: async () => z.looseObject({}),
        async create(_options, { id }): Promise<ProviderInstance> {
          const { transport, view } = fakeTransport(scripts[id] ?? [], clock);
          provider[id] = view;
          return { adapter: fakeAdapter, baseUrl: "http://fake.invalid", transport };
        },
      },
    },
  });
  const registry = createRegistry([fake]);
  const { entries = {}, ...rest } = tree;
  const ids = Object.keys(scripts);
  const providers = Object.fromEntries(ids.map((id) => [id, { type: "fake", ...entries[id] }]));
  const models = { default: { targets: ids.map((id) => `${id}/m`) } };
  const source = {
    kind: "discovered",
    tree: { version: 1, providers, models, failover: { repair: "never" }, ...(rest as JsonObject) },
  } as const;
  const { draft } = await buildDraft({ source, overrides: [], registry, lookup: () => undefined });
  const config: Config = { ...draft.settings, path: null, revision: draft.revision };
  const generation = createGeneration(config, {
    clock,
    registry,
    environment: () => undefined,
    readFile: async (path) => Promise.reject(new Error(`no file ${path}`)),
    resolve: async (value) => value as never,
    createTransport: () => () => Promise.reject(new Error("a fake has no network")),
  });
  return { clock, generation, config, provider };
}

/** One call to a fake provider, without an engine. */
export function createFakeCall(step: Step, signal: AbortSignal = new AbortController().signal) {
  const clock = virtualClock();
  const { transport } = fakeTransport([step], clock);
  const request: ProviderRequest = {
    messages: [{ role: "user", content: "hi" }],
    model: "m",
    stream: true,
    facts: fakeAdapter.facts("m"),
  };
  const call: Call = {
    adapter: fakeAdapter,
    transport,
    clock,
    exchange: { signal, connectTimeoutMs: 1_000 },
  };
  return { call, request };
}

/** A whole or streamed answer, as the call wants it. */
export function answers(text: string, more: Partial<Completion> = {}): Step {
  const completion: Completion = { text, reasoning: "", toolCalls: [], finish: "stop", ...more };
  return ({ request }) =>
    request.stream
      ? lines([
          { type: "delta", text },
          { type: "finish", finish: completion.finish },
          ...(completion.usage ? [{ type: "usage", usage: completion.usage } as const] : []),
          { type: "done" },
        ])
      : respond([JSON.stringify(completion)]);
}

/** A stream of these events, which ends where they end. */
export const streams =
  (events: readonly Line[]): Step =>
  () =>
    lines(events);

type Line = StreamEvent | { readonly error: ErrorCode };

/** A stream with pauses: numbers are milliseconds of silence, text is sent as it is. */
export const paced =
  (...parts: readonly (Line | number | string)[]): Step =>
  ({ exchange }, clock) => {
    async function* body() {
      for (const part of parts) {
        if (typeof part === "number") await clock.sleep(part, exchange.signal);
        else yield lineOf(part);
      }
    }
    return { ...respond([]), body: body() };
  };

/** After `ms` what the other step does. */
export const delayed =
  (ms: number, step: Step): Step =>
  async (call, clock) => {
    await clock.sleep(ms, call.exchange.signal);
    return step(call, clock);
  };

export const fails =
  (status: number, message = "no", headers: Readonly<Record<string, string>> = {}): Step =>
  () => ({ ...respond([JSON.stringify({ message })]), status, headers });

export const refuses =
  (code: ErrorCode, message = "no"): Step =>
  () =>
    Promise.reject(new RiptideError(code, message));

/** Never answers; hears an abort. */
export const silent: Step = ({ exchange }) => never(exchange.signal);

/** Never answers, and hears no abort either. */
export const deaf: Step = () => new Promise(() => {});

/** Answers with a head, then hears nothing any more. */
export const deafBody: Step = () => ({
  ...respond([]),
  body: { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) },
});

export const delta = (text: string): StreamEvent => ({ type: "delta", text });
export const DONE: readonly StreamEvent[] = [{ type: "finish", finish: "stop" }, { type: "done" }];

const bytes = (text: string) => new TextEncoder().encode(text);

export function respond(parts: readonly string[], headers: WireResponse["headers"] = {}): WireResponse {
  async function* body() {
    for (const part of parts) yield bytes(part);
  }
  return { status: 200, headers, body: body(), timings: { firstByteMs: 0 } };
}

const lines = (events: readonly Line[]) => respond(events.map((event) => `${JSON.stringify(event)}\n`));

const lineOf = (part: Line | string) => bytes(typeof part === "string" ? part : `${JSON.stringify(part)}\n`);

function never(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

function fakeTransport(script: readonly Step[], clock: VirtualClock) {
  const calls: FakeCall[] = [];
  const open = new Set<FakeCall>();
  const transport: Transport = async (wire, exchange) => {
    const call = { wire, exchange, request: JSON.parse(String(wire.body)) as ProviderRequest };
    calls.push(call);
    open.add(call);
    exchange.signal.addEventListener("abort", () => open.delete(call), { once: true });
    const step = script[Math.min(calls.length, script.length) - 1];
    if (!step) throw new Error("the fake has no script");
    const response = await step(call, clock);
    return { ...response, body: watched(response.body, () => open.delete(call)) };
  };
  const view: FakeProvider = {
    calls,
    get open() {
      return open.size;
    },
  };
  return { transport, view };
}

function watched(body: WireResponse["body"], closed: () => void): WireResponse["body"] {
  return {
    async *[Symbol.asyncIterator]() {
      try {
        yield* body;
      } finally {
        closed();
      }
    },
  };
}

export const fakeAdapter: Adapter = {
  framing: "ndjson",
  facts: () => ({ supports: new Set(CAPABILITIES) }),
  toWire: (request) => post(request),
  fromWire: ({ body }) => checked(parseJson(body)) as Completion, // The scripts of the tests write completions.
  decoder:
    () =>
    ({ data }) => [checked(parseJson(data)) as StreamEvent],
  classify: (failure) =>
    failureOf(failure, { message: String((parseJson(failure.body) as JsonObject).message) }),
  embed: {
    toWire: ({ texts, ...request }) => texts.map((text) => post({ ...request, text })),
    fromWire: (replies) => ({
      vectors: replies.map(({ body }) => [String((parseJson(body) as JsonObject).text).length]),
    }),
  },
  probe: { toWire: () => post({}), fromWire: () => ({ detail: "a fake" }) },
};

const post = (body: object): WireRequest => ({
  method: "POST",
  url: "http://fake.invalid/",
  headers: {},
  body: JSON.stringify(body),
});

function checked(value: unknown): unknown {
  if (isObject(value) && typeof value.error === "string")
    throw new RiptideError(value.error as ErrorCode, "said in band");
  return value;
}
