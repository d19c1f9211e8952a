/** One message of a streamed answer, whatever its framing. */
export interface Frame {
  /**
   * `event`: an ordinary message. `exception` and `error`: AWS event-stream messages of those types.
   * `unframed`: text found where a frame should be, such as a bare JSON error in the middle of an SSE stream.
   */
  readonly kind: "event" | "exception" | "error" | "unframed";
  /** SSE event name, `:event-type`, `:exception-type` or `:error-code`; empty where there is none. */
  readonly event: string;
  /** The payload as text, JSON in every dialect RipTide speaks. */
  readonly data: string;
}

export type Framing = "sse" | "ndjson" | "aws-event-stream";

/** Cuts bytes into frames. Both functions throw a `protocol_error` for bytes that are no frame, or too long. */
export interface Framer {
  push(chunk: Uint8Array): readonly Frame[];
  /** The stream has ended: what is still in the buffer, or the error that it was cut. */
  end(): readonly Frame[];
}

/** Longest event line (AT-9). */
export const MAX_LINE_BYTES = 1024 * 1024;
