import { systemClock } from "../core/clock.ts";
import type { Completion, CompletionRequest, ToolCall } from "../core/completion.ts";
import type { Embedding, EmbeddingRequest } from "../core/embedding.ts";
import { asRiptideError, type RiptideError } from "../core/errors.ts";
import type { StreamEvent } from "../core/events.ts";
import { Secret } from "../core/secret.ts";
import { type Call, completeOnce, fetchReply, streamOnce } from "../engine/exchange.ts";
import type { ProviderRequest } from "../providers/adapter.ts";
import { fitToModel } from "../providers/fit.ts";
import type { Plugin, ProviderContext, ProviderInstance } from "../providers/plugin.ts";
import type { Transport, WireReply, WireRequest } from "../wire/http.ts";
import { createNodeTransport } from "../wire/transport-node.ts";
import { rejection } from "./check.ts";

/** A caller of one provider: real bytes over loopback, without the engine's limits and failover. */
export interface Driver {
  complete(request: CompletionRequest): Promise<Completion>;
  stream(request: CompletionRequest, onEvent?: (event: StreamEvent) => void): Promise<Streamed>;
  embed(request: EmbeddingRequest): Promise<Embedding>;
  count(request: CompletionRequest): Promise<number>;
  /** One exchange of any other kind; a failed status throws the vendor's error. */
  send(wire: WireRequest): Promise<WireReply>;
  request(request: CompletionRequest, stream?: boolean): ProviderRequest;
}

interface Streamed {
  readonly events: readonly StreamEvent[];
  /** The events put together, as the pipeline does it. */
  readonly completion: Completion;
}

export interface DriverOptions {
  readonly model: string;
  readonly signal?: AbortSignal;
  readonly transport?: Transport;
}

/** Drives a provider's adapter with one model; requests are fitted to the model first, as the engine does. */
export function drive(instance: ProviderInstance, options: DriverOptions): Driver {
  const { adapter } = instance;
  const { model, signal = new AbortController().signal, transport = loopbackTransport() } = options;
  const call: Call = {
    adapter,
    transport: authorised(instance, transport),
    exchange: { signal, connectTimeoutMs: 2_000 },
    clock: systemClock,
  };
  const fitted = (request: CompletionRequest, stream = false): ProviderRequest => {
    const facts = adapter.facts(model);
    return { ...fitToModel(request, facts, false).request, model, facts, stream };
  };
  return {
    request: fitted,
    complete: (request) => completeOnce(call, fitted(request)),
    send: (wire) => fetchReply(call, wire),
    async stream(request, onEvent = () => {}) {
      const events: StreamEvent[] = [];
      const read = async (batch: readonly StreamEvent[]) => {
        events.push(...batch);
        for (const event of batch) onEvent(event);
        return true;
      };
      await streamOnce(call, fitted(request, true), { read, onBytes: () => {} });
      return { events, completion: collect(events) };
    },
    async embed(request) {
      const { embed } = adapter;
      if (!embed) throw new Error("the adapter has no embeddings");
      const asked = { ...request, model };
      const replies: WireReply[] = [];
      for (const wire of embed.toWire(asked)) replies.push(await fetchReply(call, wire));
      return embed.fromWire(replies, asked);
    },
    async count(request) {
      if (!adapter.count) throw new Error("the adapter has no count");
      return adapter.count.fromWire(await fetchReply(call, adapter.count.toWire(fitted(request))));
    },
  };
}

/** What a promise rejects with, as a RiptideError; fails the test when it does not reject. */
export async function failureOfPromise(promise: Promise<unknown>): Promise<RiptideError> {
  return asRiptideError(await rejection(promise));
}

/** A context for `create` with nothing in the environment unless given. */
export function contextFor(
  environment: Readonly<Record<string, string>> = {},
  files: Readonly<Record<string, string>> = {},
): ProviderContext {
  return {
    id: "under-test",
    clock: systemClock,
    environment: (name) => environment[name],
    readFile: async (path) => {
      const text = files[path];
      if (text === undefined) throw Object.assign(new Error(`no file ${path}`), { code: "ENOENT" });
      return text;
    },
    credentialTransport: loopbackTransport(),
  };
}

/** An instance from an entry as providers.yaml has it, through its schema; secrets are given as plain text. */
export async function createFrom(
  plugin: Plugin,
  entry: { readonly type: string; readonly [key: string]: unknown },
  context: ProviderContext = contextFor(),
): Promise<ProviderInstance> {
  const { type, ...keys } = entry;
  const providerType = plugin.types[type];
  if (!providerType) throw new Error(`the plugin has no type ${type}`);
  return providerType.create(resolved((await providerType.options()).parse(keys)), context);
}

function resolved(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(resolved);
  if ("kind" in value && value.kind === "secret" && "text" in value) return new Secret(String(value.text));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolved(item)]));
}

/** Each driver has connections of its own, so that no test shares a socket with another. */
const loopbackTransport = () => createNodeTransport({ allowPrivate: true }, systemClock);

function authorised({ authoriser }: ProviderInstance, transport: Transport): Transport {
  if (!authoriser) return transport;
  return async (wire, exchange) => transport(await authoriser.authorise(wire, exchange.signal), exchange);
}

/** Puts a stream's events together; a tool call's pieces are joined by index. */
export function collect(events: readonly StreamEvent[]): Completion {
  const calls: { id: string; name: string; arguments: string }[] = [];
  const joined = (type: "delta" | "reasoning") =>
    events.map((event) => (event.type === type ? event.text : "")).join("");
  for (const event of events) {
    if (event.type !== "tool_call") continue;
    const call = calls[event.index] ?? { id: "", name: "", arguments: "" };
    call.id ||= event.id ?? "";
    call.name ||= event.name ?? "";
    call.arguments += event.argumentsDelta;
    calls[event.index] = call;
  }
  const last = <Type extends StreamEvent["type"]>(type: Type) =>
    events.findLast((event): event is Extract<StreamEvent, { type: Type }> => event.type === type);
  const { finish = "stop", unknownFinish, refusal } = last("finish") ?? {};
  const usage = last("usage")?.usage;
  const model = last("model")?.model;
  return {
    text: joined("delta"),
    reasoning: joined("reasoning"),
    toolCalls: calls satisfies readonly ToolCall[],
    finish,
    ...(unknownFinish !== undefined && { unknownFinish }),
    ...(refusal !== undefined && { refusal }),
    ...(usage && { usage }),
    ...(model !== undefined && { model }),
  };
}
