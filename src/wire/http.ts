import type { Secret } from "../core/secret.ts";

/** Lower-case names; a value that must not be printed is a {@link Secret}. */
export type RequestHeaders = Readonly<Record<string, string | Secret>>;
/** Lower-case names; repeated headers joined by a comma and a space. */
export type ResponseHeaders = Readonly<Record<string, string>>;

export interface WireRequest {
  readonly method: "GET" | "POST" | "PUT";
  /** Absolute; never holds a secret. */
  readonly url: string;
  readonly headers: RequestHeaders;
  readonly body?: string | Uint8Array;
}

/** Milliseconds since the request began; a step that did not happen (reused connection, plain http) is absent. */
export interface WireTimings {
  readonly lookupMs?: number;
  readonly connectMs?: number;
  readonly tlsMs?: number;
  readonly firstByteMs: number;
}

/** The head of an answer and its bytes, already decompressed. Leaving the iteration early closes the connection. */
export interface WireResponse {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly body: AsyncIterable<Uint8Array>;
  /** The body fails with the signal's reason as soon as the exchange's signal aborts, whatever it waits for (DL-5). */
  readonly endsWithSignal?: boolean;
  readonly timings: WireTimings;
  /** It was refused for a token that has been dropped since: the next request brings another one (HO-3). */
  readonly tokenDropped?: boolean;
}

/** An answer read to its end. */
export interface WireReply {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly body: Uint8Array;
}

export interface Exchange {
  /** Aborting closes the connection at once; the transport then rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** Lookup, TCP and TLS together (DL-4). */
  readonly connectTimeoutMs: number;
  /** Cap on the body after decompression; 16 MiB unless given (AT-9). A larger one is a `protocol_error`. */
  readonly maxBodyBytes?: number;
  /** On a new connection, whatever waits (AT-4). */
  readonly fresh?: boolean;
  /** Is kept up to date while the request goes out. */
  readonly progress?: Progress;
}

/** How far a request has come. A transport that does not tell has sent it. */
export interface Progress {
  /** Credentials are being fetched or a connection is being made: not a byte of the request has left. */
  isUnsent: boolean;
}

/**
 * Sends one request and resolves when the head of the answer is there. Rejects with a RiptideError
 * (`connect_failed` or `protocol_error`, with `phase` and `connectionReused`) or with the signal's reason.
 * Follows no redirect and retries nothing (AT-9).
 */
export type Transport = (request: WireRequest, exchange: Exchange) => Promise<WireResponse>;

/** What a connection to one endpoint may do (H-5 to H-7). */
export interface EndpointPolicy {
  /** Private ranges and plain http are allowed. */
  readonly allowPrivate: boolean;
  /** Only for fetchers of credentials: link-local and metadata addresses are allowed. */
  readonly allowMetadata?: boolean;
  /** PEM certificates that are trusted as well. */
  readonly ca?: string;
  /** Proxy for https endpoints, from HTTPS_PROXY, and the hosts it is not used for, from NO_PROXY. */
  readonly proxy?: { readonly url: string; readonly noProxy: string };
}

/** Adds credentials to a request, as a decorator of a transport. */
export interface Authoriser {
  authorise(request: WireRequest, signal: AbortSignal): Promise<WireRequest>;
  /**
   * The provider answered 401 or 403 to a request that was authorised at this moment of the monotonic clock.
   * @returns True when its token is gone, so that the next request brings another one.
   */
  rejected?(authorisedAtMs?: number): boolean;
}
