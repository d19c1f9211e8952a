import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../../core/clock.ts";
import { ERRORS, RiptideError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { cutStalled } from "./stall.ts";

/** The listener a request came in by, which decides who it may be. */
export type Door =
  | { readonly kind: "main" }
  | { readonly kind: "tenant"; readonly tenant: string }
  | { readonly kind: "tcp" };

/** One HTTP request and its answer. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly door: Door;
  readonly method: string;
  /** Without the query, still encoded. */
  readonly path: string;
  query(): URLSearchParams;
  /** Unix milliseconds. */
  readonly arrivedMs: number;
  readonly clock: Clock;
  /** Aborted with `cancelled` when the caller has gone before the answer's end. */
  readonly signal: AbortSignal;
  /** Ends the work for this request, for another reason. */
  cancel(reason: RiptideError): void;
}

export interface Arrival extends Pick<Exchange, "request" | "response" | "door" | "arrivedMs" | "clock"> {}

/** Takes the request line apart; what few routes need is made when it is asked for. */
export function exchangeOf(arrival: Arrival): Exchange {
  const { request, response } = arrival;
  const url = pathOf(request.url ?? "");
  const mark = url.indexOf("?");
  const controller = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) {
      controller.abort(new RiptideError("cancelled", "the caller has gone before the answer's end"));
    }
  });
  return {
    ...arrival,
    method: request.method ?? "",
    path: mark < 0 ? url : url.slice(0, mark),
    // No getter: V8 makes a hidden class for each object that has one, and keeps the object with it.
    query: () => new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1)),
    signal: controller.signal,
    cancel: (reason) => controller.abort(reason),
  };
}

/** A proxy names the whole address; every server has to take that (RFC 9112, section 3.2.2). */
const pathOf = (url: string): string =>
  url.startsWith("/") ? url : url.replace(/^https?:\/\/[^/?]*/i, "") || url;

/** A header's value, where it was sent; a repeated one is joined by a comma. */
export function headerOf({ request }: Pick<Exchange, "request">, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === "string" ? value : value?.join(", ");
}

export type Headers = Readonly<Record<string, string>>;

/** Sends a whole answer. */
export function reply(
  { response, clock }: Exchange,
  {
    status,
    headers = {},
    type,
    body,
  }: {
    readonly status: number;
    readonly headers?: Headers;
    readonly type: string;
    readonly body: string;
  },
): void {
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
  if (response.writableLength > 0) watchEnd(response, clock);
}

/** Cuts off a reader that does not take the end of its answer. */
export function watchEnd(response: ServerResponse, clock: Clock, stallMs?: number): void {
  if (response.socket) response.once("close", cutStalled(response.socket, clock, stallMs));
}

export function replyJson(exchange: Exchange, body: Json, headers: Headers = {}, status = 200): void {
  reply(exchange, { status, headers, type: "application/json", body: JSON.stringify(body) });
}

/**
 * Sends an error; `body` is the dialect's way of saying it.
 * @param status Where it is not that of the error's code.
 */
export function replyError(
  exchange: Exchange,
  error: RiptideError,
  body: Json,
  headers: Headers = {},
  status: number = statusOf(error),
): void {
  if (exchange.response.headersSent || exchange.response.destroyed) {
    exchange.response.destroy();
    return;
  }
  const all = { ...headers, ...errorHeaders(error) };
  if (hasUnreadBody(exchange.request)) replyAndClose(exchange, body, { status, headers: all });
  else replyJson(exchange, body, all, status);
}

const statusOf = ({ code, facts }: RiptideError): number => facts.httpStatus ?? ERRORS[code].http;

const hasUnreadBody = ({ complete, headers }: IncomingMessage): boolean =>
  !complete && (headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0");

/** How long the rest of a body may pause while it is thrown away. */
const LINGER_MS = 1_000;

/**
 * What is left of a body would be taken for the next request, so the connection ends. The rest is read on for a while,
 * since a caller who is cut off while it writes may never see the answer.
 */
function replyAndClose(
  { request, response }: Exchange,
  json: Json,
  { status, headers }: { readonly status: number; readonly headers: Headers },
): void {
  const body = JSON.stringify(json);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    ...headers,
    connection: "close",
  });
  response.write(body);
  request.once("end", () => response.end());
  request.socket.setTimeout(LINGER_MS);
  request.resume();
}

const MS_PER_SECOND = 1_000;

/** Exit codes of errors after which asking again may help (ER-4): unavailable, timeout, rate limited. */
const WORTH_ANOTHER_TRY: readonly number[] = [5, 6, 7];

function errorHeaders({ code, exit, facts: { retryAfterMs } }: RiptideError): Headers {
  const waitMs = retryAfterMs ?? (code === "tenant_busy" ? MS_PER_SECOND : undefined);
  return {
    "x-riptide-error": code,
    ...(waitMs !== undefined && {
      "retry-after": String(Math.ceil(waitMs / MS_PER_SECOND)),
      "retry-after-ms": String(Math.ceil(waitMs)),
    }),
    // The vendors' own programs ask again after every 409 and 5xx, unless they are told not to.
    ...(!WORTH_ANOTHER_TRY.includes(exit) && { "x-should-retry": "false" }),
  };
}
