import type { IncomingMessage } from "node:http";
import { RiptideError } from "../../core/errors.ts";
import type { Door } from "./exchange.ts";

/** Names and values follow each other in `rawHeaders`. */
const MAX_RAW_HEADERS = 2 * 100;

const HTTP_FORBIDDEN = 403;
const HTTP_UNSUPPORTED_MEDIA = 415;
const HTTP_HEADERS_TOO_LARGE = 431;

/** What Node's parser lets pass, and RipTide does not (H-1, H-2, H-3): the refusal, or undefined. */
export function refusalOf(request: IncomingMessage, door: Door): RiptideError | undefined {
  return (
    framingProblem(request) ??
    (door.kind === "tcp" ? browserProblem(request) : undefined) ??
    mediaProblem(request, door)
  );
}

const refused = (message: string, httpStatus = 400) =>
  new RiptideError("invalid_request", message, { httpStatus });

function framingProblem({ httpVersion, rawHeaders, headers }: IncomingMessage): RiptideError | undefined {
  if (httpVersion !== "1.1") return refused("only HTTP/1.1 is spoken here");
  if (rawHeaders.length > MAX_RAW_HEADERS) return refused("more than 100 headers", HTTP_HEADERS_TOO_LARGE);
  const coding = headers["transfer-encoding"];
  if (coding !== undefined && coding.toLowerCase() !== "chunked") {
    return refused("the only transfer-encoding understood is chunked");
  }
  if (countOf(rawHeaders, "host") !== 1) return refused("one host header is wanted");
  return undefined;
}

function countOf(rawHeaders: readonly string[], name: string): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const candidate = rawHeaders[at];
    if (candidate?.length === name.length && candidate.toLowerCase() === name) count += 1;
  }
  return count;
}

/** A web page must not be able to speak to us, nor one whose name was made to point here (H-3). */
function browserProblem({ headers, socket }: IncomingMessage): RiptideError | undefined {
  if (headers.origin !== undefined) return refused("requests of web pages are refused", HTTP_FORBIDDEN);
  const [, name = "", port] = /^(.*?)(?::(\d+))?$/.exec(headers.host ?? "") ?? [];
  const isHere =
    OWN_NAMES.has(name.toLowerCase()) && (port === undefined || Number(port) === socket.localPort);
  return isHere ? undefined : refused("the host header names another machine", HTTP_FORBIDDEN);
}

const OWN_NAMES: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

/** A body is JSON. On the socket it need not say so; by TCP a form of a web page must not pass for it. */
function mediaProblem({ headers }: IncomingMessage, { kind }: Door): RiptideError | undefined {
  const hasBody = headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
  if (!hasBody) return undefined;
  const { "content-type": type, "content-encoding": coding = "identity" } = headers;
  if (coding.toLowerCase() !== "identity") {
    return refused("a body with a content-encoding is not understood", HTTP_UNSUPPORTED_MEDIA);
  }
  const isJson = type === undefined ? kind !== "tcp" : JSON_TYPE.test(type);
  return isJson ? undefined : refused("a body wants content-type: application/json", HTTP_UNSUPPORTED_MEDIA);
}
