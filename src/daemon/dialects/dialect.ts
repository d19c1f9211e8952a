import type { IncomingHttpHeaders } from "node:http";
import type { CompletionRequest } from "../../core/completion.ts";
import type { RiptideError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { EmbeddingResult } from "../../engine/embed.ts";
import type { CompletionResult, PipelineEvent } from "../../engine/events.ts";
import type { StreamRecovery } from "../../engine/operation.ts";
import type { RouteAsk } from "../../routing/route.ts";

/** What a request asks of RipTide itself, by its `riptide` member or its `X-Riptide-*` headers; a header wins. */
export interface Wishes {
  readonly id?: string | undefined;
  readonly tenant?: string | undefined;
  readonly route: RouteAsk;
  readonly timeoutMs?: number | undefined;
  readonly maxAttempts?: number | undefined;
  readonly streamRecovery?: StreamRecovery | undefined;
  readonly maxCostNano?: number | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** A body as the pipeline understands it. */
export interface CompletionAsk {
  readonly request: CompletionRequest;
  /** `route.model` is the body's `model`. */
  readonly wishes: Wishes;
  readonly stream: boolean;
  /** A stream of an answer that is wanted whole: its deadline holds to the last byte. */
  readonly atOnce?: boolean;
  /** Reasoning is part of the answer, so it counts as content. */
  readonly showReasoning: boolean;
  /** A parameter the model cannot take is an error, not a warning. */
  readonly strictParams: boolean;
  /** One sentence for each member of the body that nobody will be told. */
  readonly warnings: readonly string[];
}

export interface EmbeddingAsk {
  readonly texts: readonly string[];
  readonly dimensions?: number | undefined;
  readonly wishes: Wishes;
  readonly warnings: readonly string[];
}

/** What answers say of the request around the result. */
export interface AnswerFacts {
  readonly id: string;
  readonly tenant: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly requested: { readonly model: string; readonly strategy: string };
  readonly configRevision: string;
  /** Unix milliseconds of its arrival. */
  readonly arrivedMs: number;
}

/**
 * Turns the events of one stream into the text of its body, one call an event, in order. `""` for what this dialect
 * does not tell. The first text that is not empty commits the answer: until then a failure is still a status.
 */
export type StreamWriter = (event: PipelineEvent) => string;

/** The last event of a completion that failed. */
export type FailedEvent = Extract<PipelineEvent, { type: "error" }>;

/** What was done before it failed, as far as there is anything to tell. */
export type Story = Partial<
  Pick<FailedEvent, "partialText" | "attempts" | "skipped" | "alerts" | "warnings">
>;

/** The words in which one vendor's programs speak, as pure functions around the pipeline. */
export interface Dialect {
  readonly name: "openai" | "anthropic" | "native";
  /**
   * The body of a refused or failed request; its status is that of the error's code.
   * @param story How it came to it, where work had begun.
   */
  errorBody(error: RiptideError, id: string | undefined, story?: Story): JsonObject;
}

/** A route that completes. */
export interface CompletionDialect extends Dialect {
  /**
   * @param headers Those that the vendor's own programs send with it.
   * @throws RiptideError `invalid_request`, saying which member is wrong and how.
   */
  ask(body: JsonObject, headers?: IncomingHttpHeaders): CompletionAsk;
  answer(result: CompletionResult, ask: CompletionAsk, facts: AnswerFacts): JsonObject;
  /**
   * The body of a stream. After an `error` event the server ends the connection abnormally, so that no reader takes
   * what came for a whole answer.
   */
  stream(ask: CompletionAsk, facts: AnswerFacts): StreamWriter;
  readonly streamType: "text/event-stream" | "application/x-ndjson";
}

/** A route that embeds. */
export interface EmbeddingDialect extends Dialect {
  /** @throws RiptideError `invalid_request` */
  ask(body: JsonObject): EmbeddingAsk;
  answer(result: EmbeddingResult, ask: EmbeddingAsk, facts: AnswerFacts): JsonObject;
}
