import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { RiptideError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { excessOf, isDeeperThan } from "./json-depth.ts";
import { faultOf } from "./json-fault.ts";

/** daemon.md, Limits. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;
const MAX_JSON_DEPTH = 64;
/** What is read of a body is read in one go, while nobody else is served: so much takes about a tenth of a second. */
const MAX_JSON_VALUES = 100_000;
/** Up to here it costs less to look at what came of a body than at each of its bytes. */
const MAX_UNSCANNED_BYTES = 1024 * 1024;

const HTTP_TOO_LARGE = 413;

/**
 * Reads a body that has to be one JSON object.
 * @throws RiptideError `invalid_request`; `cancelled` where the caller went away before its end
 */
export async function readJsonObject(request: IncomingMessage): Promise<JsonObject> {
  return parseObject(await readAll(request));
}

function readAll(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers["content-length"] ?? 0) > MAX_BODY_BYTES) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const take = (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) refuse(tooLarge());
      else chunks.push(chunk);
    };
    const whole = () => {
      stop();
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
    };
    const left = () => refuse(gone());
    const refuse = (error: RiptideError) => {
      stop();
      reject(error);
    };
    const listeners = { data: take, end: whole, error: left, close: left };
    // A request lives as long as its answer, and would keep its bytes for all of it.
    const stop = () => {
      for (const [event, listener] of Object.entries(listeners)) request.off(event, listener);
    };
    for (const [event, listener] of Object.entries(listeners)) request.on(event, listener);
  });
}

const tooLarge = () =>
  new RiptideError("invalid_request", "the body is larger than 32 MiB", { httpStatus: HTTP_TOO_LARGE });

const gone = () => new RiptideError("cancelled", "the caller went away before the end of its body");

/** @throws RiptideError `invalid_request`; no error tells anything of what the body says */
export function parseObject(bytes: Buffer): JsonObject {
  if (!isUtf8(bytes)) throw new RiptideError("invalid_request", "the body is not valid UTF-8");
  const isLarge = bytes.length > MAX_UNSCANNED_BYTES;
  const excess = isLarge ? excessOf(bytes, { depth: MAX_JSON_DEPTH, values: MAX_JSON_VALUES }) : undefined;
  if (excess !== undefined) throw excess === "depth" ? tooDeep() : tooMany();
  const value = parsed(bytes.toString("utf8"));
  if (isDeeperThan(MAX_JSON_DEPTH, value)) throw tooDeep();
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new RiptideError("invalid_request", "the body has to be a JSON object");
  }
  return value as JsonObject; // JSON.parse makes nothing else of an object.
}

const tooDeep = () =>
  new RiptideError("invalid_request", `the body is nested more than ${MAX_JSON_DEPTH} levels deep`);

const tooMany = () =>
  new RiptideError("invalid_request", `the body holds more than ${MAX_JSON_VALUES} JSON values`, {
    httpStatus: HTTP_TOO_LARGE,
  });

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // To find the place in a large one would take longer than to send it did.
    if (text.length > MAX_UNSCANNED_BYTES) {
      throw new RiptideError("invalid_request", "the body is not valid JSON");
    }
    // The parser's own message quotes the text, which is somebody's prompt.
    const { line, column, problem } = faultOf(text);
    throw new RiptideError(
      "invalid_request",
      `the body is not valid JSON: ${problem} at line ${line}, column ${column}`,
    );
  }
}
