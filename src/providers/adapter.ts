import type { Completion, CompletionRequest } from "../core/completion.ts";
import type { Embedding, EmbeddingRequest } from "../core/embedding.ts";
import type { RiptideError } from "../core/errors.ts";
import type { StreamEvent } from "../core/events.ts";
import type { Frame, Framing } from "../wire/frame.ts";
import type { WireReply, WireRequest } from "../wire/http.ts";
import type { ModelFacts } from "./capabilities.ts";

/** A request fitted to one model: what the model cannot take is already gone. */
export interface ProviderRequest extends CompletionRequest {
  /** The vendor's model name. */
  readonly model: string;
  readonly stream: boolean;
  readonly facts: ModelFacts;
}

export interface ProviderEmbeddingRequest extends EmbeddingRequest {
  readonly model: string;
}

/** A status above 299, or a 200 that holds an error. */
export interface WireFailure extends WireReply {
  /** Unix milliseconds when it arrived, for waits given as a point in time. */
  readonly wallMs: number;
}

/**
 * What differs between vendors, as pure functions. Every function that reads a vendor's bytes throws a
 * RiptideError: `protocol_error` for a wrong shape, the vendor's own error by its code.
 */
export interface Adapter {
  readonly framing: Framing;
  /** Built-in knowledge of a model, overridden by the provider's `models` block. */
  facts(model: string): ModelFacts;
  toWire(request: ProviderRequest): WireRequest;
  fromWire(reply: WireReply, request: ProviderRequest): Completion;
  /** One decoder reads one stream; it holds the state between frames. */
  decoder(request: ProviderRequest): (frame: Frame) => readonly StreamEvent[];
  /** The closed error code of a failure, with its wait and the vendor's words (ER-1). */
  classify(failure: WireFailure): RiptideError;
  readonly embed?: EmbeddingAdapter;
  readonly models?: ModelsAdapter;
  readonly count?: CountAdapter;
  readonly probe: ProbeAdapter;
}

/** One wire request for each call the vendor needs; replies come back in the same order. */
export interface EmbeddingAdapter {
  toWire(request: ProviderEmbeddingRequest): readonly WireRequest[];
  fromWire(replies: readonly WireReply[], request: ProviderEmbeddingRequest): Embedding;
}

export interface ModelListing {
  readonly model: string;
  readonly contextTokens?: number;
  readonly maxOutputTokens?: number;
}

/** The vendor's free list of models, a page at a time. */
export interface ModelsAdapter {
  toWire(cursor?: string): WireRequest;
  fromWire(reply: WireReply): { readonly models: readonly ModelListing[]; readonly cursor?: string };
}

/** Counts prompt tokens where the vendor does so for nothing. */
export interface CountAdapter {
  toWire(request: ProviderRequest): WireRequest;
  fromWire(reply: WireReply): number;
}

/** A free call that proves address and credentials (HM-2). */
export interface ProbeAdapter {
  toWire(model?: string): WireRequest;
  /** Throws when the body has not the expected shape (HM-3). */
  fromWire(reply: WireReply): { readonly detail: string; readonly models?: number };
}
