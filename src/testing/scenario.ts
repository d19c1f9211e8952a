/** What a simulated provider is asked to do with one request, in no vendor's words. */
export type Scenario = Answer | Failure | Raw;

export interface Answer {
  readonly kind: "answer";
  /** The text, one entry per streamed token. */
  readonly tokens?: readonly string[];
  readonly reasoning?: string;
  readonly toolCalls?: readonly { readonly id: string; readonly name: string; readonly arguments: object }[];
  readonly finish?: "stop" | "length" | "content_filter";
  /** Normal form of src/core/usage.ts; `null` leaves usage out. */
  readonly usage?: {
    readonly input: number;
    readonly output: number;
    readonly cacheRead?: number;
    readonly cacheWrite?: number;
    readonly reasoning?: number;
  } | null;
  readonly vectors?: readonly (readonly number[])[];
  readonly delivery?: Delivery;
}

/** What goes wrong while a streamed answer is delivered. Counts are of the dialect's own events. */
export interface Delivery {
  /** Bytes per write; the whole answer at once unless given. */
  readonly slice?: number;
  /** Milliseconds between writes. */
  readonly intervalMs?: number;
  /** The connection is destroyed after this many bytes of the body. */
  readonly cutAfterBytes?: number;
  /** The connection is destroyed after this many events. */
  readonly cutAfterEvents?: number;
  /** Nothing more is sent after this many events; the connection stays open. */
  readonly stallAfterEvents?: number;
  /** The dialect's own in-band error follows this many events, then the stream ends. */
  readonly errorAfterEvents?: number;
  /** An event of a type nobody knows is put in after this many events. */
  readonly strangerAfterEvents?: number;
  /** The stream ends in good order, but without its terminal marker. */
  readonly noMarker?: boolean;
}

export interface Failure {
  readonly kind: "failure";
  readonly failure:
    | "auth"
    | "rate_limit"
    | "quota"
    | "overloaded"
    | "server"
    | "not_found"
    | "bad_request"
    | "context"
    | "filter";
  /** Sent the way the vendor sends it; left out by vendors that send none. */
  readonly retryAfterSeconds?: number;
}

/** Bytes as given: HTML, half JSON, nothing, a redirect. */
export interface Raw {
  readonly kind: "raw";
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** `silent` accepts and never answers; `reset` drops the connection at once. */
  readonly behaviour?: "silent" | "reset";
}

export interface Received {
  readonly method: string;
  /** Path with query, as sent. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The parsed body; undefined when it is not JSON. */
  readonly json: unknown;
}

/** A reply before delivery. A streamed one gives its events apart, so that faults fall between them. */
export interface Rendered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly events: readonly (string | Uint8Array)[];
  /** How many of the last events are the terminal marker and what belongs to it. */
  readonly markerEvents?: number;
}

/** One vendor's side of the wire, written from the vendor's documentation and independent of the adapter. */
export interface Dialect {
  readonly name: string;
  /** What is wrong with a request: path, headers, signature, JSON shape, order of messages. */
  problems(request: Received): string[];
  render(scenario: Answer | Failure, request: Received): Rendered;
  /** The dialect's in-band error, as one event. */
  errorEvent(): string | Uint8Array;
  /** An event of an unknown type that a client has to ignore. */
  strangerEvent(): string | Uint8Array;
}
