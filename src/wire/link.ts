import type { Socket } from "node:net";
import type { WireRequest } from "./http.ts";

/** How long a connection waits for its next request (AT-9). */
export const KEEP_ALIVE_MS = 4_000;
/** Longest header block of an answer (AT-9). */
export const MAX_HEADER_BYTES = 16 * 1024;

/** A request as it goes out: checked, with its secrets in the open. */
export interface PlainRequest {
  readonly method: WireRequest["method"];
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
}

/** The head of an answer as the engine reports it. */
export interface Head {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: AsyncIterable<Uint8Array>;
  /**
   * Throws away what is still to come of the body, so that the connection can serve again. Absent where leaving a body
   * closes its connection.
   * @param gone Is called once: with true when the end has come, with false when it is too far off.
   */
  leave?(gone: (isWhole: boolean) => void): void;
}

/** One connection under one HTTP engine; it carries one request at a time. */
export interface Link {
  send(request: PlainRequest): Promise<Head>;
  /** Whether an error of the body tells of bytes that are not HTTP, rather than of missing ones. */
  isMalformed(error: unknown): boolean;
}

/**
 * Puts an HTTP engine onto an open connection. `idle` is called whenever an answer has been read to its end
 * and the connection may be used again. The engine closes it after {@link KEEP_ALIVE_MS} without a request.
 */
export type Engine = (socket: Socket, origin: string, idle: () => void) => Link;
