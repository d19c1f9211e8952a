import type { Completion } from "../core/completion.ts";
import { RiptideError } from "../core/errors.ts";
import type { StreamEvent } from "../core/events.ts";
import type { Usage } from "../core/usage.ts";
import type { WireRequest } from "../wire/http.ts";
import type { Adapter, EmbeddingAdapter } from "./adapter.ts";
import { failureOf, wrongShape } from "./failure.ts";
import { instanceProblem, type Plugin, type ProviderInstance, type ProviderType } from "./plugin.ts";
import { isObject } from "./read.ts";

/**
 * A provider made by code that is not RipTide's own. What that code throws or gives amiss is an error of this provider,
 * so that the next one is asked; counts that cannot be are no usage, so that the ledger estimates.
 * @param type The provider type, for people.
 */
export function guarded(instance: ProviderInstance, type: string): ProviderInstance {
  // Told by whoever asked for it, with the name of the entry.
  if (instanceProblem(instance) !== undefined) return instance;
  const { baseUrl, authoriser, transport, adapter } = instance;
  return {
    ...{ adapter: guardedAdapter(adapter, `the adapter of type ${type}`), baseUrl },
    ...(authoriser && { authoriser }),
    ...(transport && { transport }),
  };
}

/** A plugin whose providers are guarded. */
export function guardedPlugin({ apiVersion, types }: Plugin): Plugin {
  const made = Object.entries(types).map(([name, type]): readonly [string, ProviderType] => [
    name,
    {
      ...{ aliases: type.aliases ?? [], operations: type.operations, free: type.free ?? false },
      authentication: type.authentication,
      options: () => type.options(),
      create: async (options, context) => guarded(await type.create(options, context), name),
    },
  ]);
  return { apiVersion, types: Object.fromEntries(made) };
}

/** Runs what is not our own, and looks at what it gives. */
type Run = <T, R>(work: () => T, check: (value: T, who: string) => R) => R;

function guardedAdapter(adapter: Adapter, who: string): Adapter {
  const { framing, embed } = adapter;
  const run: Run = (work, check) => check(attempt(who, work), who);
  return {
    framing,
    facts: (model) => run(() => adapter.facts(model), same),
    toWire: (request) => run(() => adapter.toWire(request), wireOf),
    fromWire: (reply, request) => run(() => adapter.fromWire(reply, request), completionOf),
    decoder(request) {
      const decode = run(() => adapter.decoder(request), same);
      return (frame) => run(() => decode(frame), eventsOf);
    },
    classify(failure) {
      const error: unknown = run(() => adapter.classify(failure), same);
      return error instanceof RiptideError ? error : failureOf(failure, { message: "" });
    },
    ...sideCalls(adapter, run),
    ...(embed && { embed: guardedEmbedding(embed, run) }),
  };
}

function sideCalls({ probe, models, count }: Adapter, run: Run): Pick<Adapter, "probe" | "models" | "count"> {
  return {
    probe: {
      toWire: (model) => run(() => probe.toWire(model), wireOf),
      fromWire: (reply) => run(() => probe.fromWire(reply), objectOf),
    },
    ...(models && {
      models: {
        toWire: (cursor) => run(() => models.toWire(cursor), wireOf),
        fromWire: (reply) => run(() => models.fromWire(reply), objectOf),
      },
    }),
    ...(count && {
      count: {
        toWire: (request) => run(() => count.toWire(request), wireOf),
        fromWire: (reply) => run(() => count.fromWire(reply), same),
      },
    }),
  };
}

const guardedEmbedding = (embed: EmbeddingAdapter, run: Run): EmbeddingAdapter => ({
  toWire: (request) => run(() => embed.toWire(request), same),
  fromWire: (replies, request) =>
    run(
      () => embed.fromWire(replies, request),
      (embedding, who) => {
        const { vectors, usage } = objectOf(embedding, who);
        const { length } = request.texts;
        if (Array.isArray(vectors) && vectors.length === length) return { vectors, ...soundUsage(usage) };
        throw wrongShape(`${who} gives not one vector for each of ${length} texts`);
      },
    ),
});

const same = <T>(value: T): T => value;

/** What is thrown by strangers may quote the vendor's answer, so that only its kind and its place are told. */
function attempt<T>(who: string, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof RiptideError) throw thrown;
    throw new RiptideError("protocol_error", `${who} has thrown ${kindOf(thrown)}`, { cause: thrown });
  }
}

function kindOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return "something that is no error";
  const [, place] = /([^/\\\s(]+:\d+:\d+)\)?$/m.exec(thrown.stack ?? "") ?? [];
  return place === undefined ? thrown.name : `${thrown.name} at ${place}`;
}

function objectOf<T extends object>(value: T | undefined, who: string): T {
  if (isObject(value) && !(value instanceof Promise)) return value;
  throw wrongShape(`${who} gives no object, or a promise of one`);
}

/** A transport would say of these only that the connection was closed. */
function wireOf(value: WireRequest | undefined, who: string): WireRequest {
  const { method, url, body } = objectOf(value, who);
  if (typeof method !== "string" || typeof url !== "string")
    throw wrongShape(`${who} gives no method or no url`);
  const isSendable = body === undefined || typeof body === "string" || body instanceof Uint8Array;
  if (!isSendable) throw wrongShape(`${who} gives a body that is neither a text nor bytes`);
  return { headers: {}, ...value, method, url };
}

const FINISHES: readonly string[] = ["stop", "length", "tool_calls", "content_filter"];

function completionOf(value: Completion | undefined, who: string): Completion {
  const { usage, ...said } = objectOf(value, who);
  const completion = { ...said, reasoning: said.reasoning ?? "", toolCalls: said.toolCalls ?? [] };
  if (typeof completion.text !== "string") throw wrongShape(`${who} gives an answer without a text`);
  if (!FINISHES.includes(completion.finish)) throw wrongShape(`${who} gives an answer without a finish`);
  if (!Array.isArray(completion.toolCalls)) throw wrongShape(`${who} gives tool calls that are no list`);
  return { ...completion, ...soundUsage(usage) };
}

function eventsOf(events: readonly StreamEvent[] | undefined, who: string): readonly StreamEvent[] {
  if (!Array.isArray(events)) throw wrongShape(`${who} makes of a frame no list of events`);
  for (const event of events) {
    if ("text" in event && typeof event.text !== "string")
      throw wrongShape(`${who} gives a text that is none`);
  }
  if (events.every((event) => event.type !== "usage")) return events;
  return events.filter((event) => event.type !== "usage" || "usage" in soundUsage(event.usage));
}

const COUNTS = [
  "inputTokens",
  "outputTokens",
  "cacheReadTokens",
  "cacheWriteTokens",
  "reasoningTokens",
] as const;

/** The usage, where all its counts are whole numbers. */
function soundUsage(usage: Usage | undefined): { readonly usage?: Usage } {
  if (!usage || !COUNTS.every((name) => Number.isSafeInteger(usage[name]) && usage[name] >= 0)) return {};
  return { usage };
}
