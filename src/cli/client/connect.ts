import type { Socket } from "node:net";
import { RiptideError } from "../../core/errors.ts";
import { type ReplyReader, replyReader } from "./reply-reader.ts";
import { notRunning, stale } from "./socket-check.ts";

/** One request to the daemon. */
export interface Ask {
  readonly method: "GET" | "POST";
  /** With its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON text. */
  readonly body?: string | undefined;
  /** Aborting it closes the connection, which gives the request up. */
  readonly signal?: AbortSignal | undefined;
}

/** The head of an answer; its body has not been read. */
export interface Reply {
  readonly status: number;
  header(name: string): string | undefined;
  /** The text of the body, in pieces. @throws RiptideError `daemon_lost` where it breaks off; the signal's reason */
  readonly pieces: AsyncIterable<string>;
  /** The rest is not wanted. */
  close(): void;
}

/**
 * Sends one request over the socket, on a connection of its own. Node's own client takes longer to load than the daemon
 * takes to answer, and this needs little of it.
 * @throws RiptideError `daemon_not_running` or `socket_stale` where nobody took the connection, so that nothing was
 * sent; `daemon_lost` where it ended without an answer; the signal's reason
 */
export async function send(socket: string, ask: Ask): Promise<Reply> {
  const { signal } = ask;
  signal?.throwIfAborted();
  const connection = await connected(socket, signal);
  signal?.addEventListener("abort", () => connection.destroy(), { once: true });
  connection.write(requestOf(ask));
  const reader = replyReader();
  const body = bodyOf(connection, reader, signal);
  // The first turn ends with the head, and brings what came along with it.
  const first = await body.next();
  const { status = 0, headers } = reader.head() ?? {};
  return {
    status,
    header: (name) => headers?.get(name),
    pieces: whole(first.value ?? "", body, connection),
    close: () => void connection.destroy(),
  };
}

function connected(path: string, signal: AbortSignal | undefined): Promise<Socket> {
  const { connect } = process.getBuiltinModule("node:net");
  return new Promise((resolve, reject) => {
    const connection = connect(path);
    const giveUp = () => {
      connection.destroy();
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", giveUp, { once: true });
    connection.once("error", (cause) => reject(refused(path, cause)));
    connection.once("connect", () => {
      signal?.removeEventListener("abort", giveUp);
      // Whoever reads hears of an error, also of one that comes when nobody does.
      connection.on("error", () => {});
      resolve(connection);
    });
  });
}

function requestOf({ method, path, headers, body }: Ask): string {
  const fields = {
    host: "riptide",
    connection: "close",
    ...(body !== undefined && {
      "content-type": "application/json",
      "content-length": String(Buffer.byteLength(body)),
    }),
    ...headers,
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  // What may not stand in a header is refused where it is read; this is the last look.
  const head = [`${method} ${path} HTTP/1.1`, ...lines];
  if (head.some((line) => UNSAFE.test(line))) {
    throw new RiptideError("usage", "a value for the daemon holds characters that no header may hold");
  }
  return `${head.join("\r\n")}\r\n\r\n${body ?? ""}`;
}

/** Anything but visible ASCII, spaces and tabs. */
const UNSAFE = /[^\t\x20-\x7e]/;

/** The text of the body in pieces; the first, which may be empty, when the head is whole. */
async function* bodyOf(
  connection: Socket,
  reader: ReplyReader,
  signal: AbortSignal | undefined,
): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  try {
    for await (const bytes of connection) {
      const pieces = reader.push(bytes);
      const text = pieces.map((piece) => decoder.decode(piece, { stream: true })).join("");
      if (reader.head()) yield text;
      if (reader.isWhole()) return;
    }
    throw new Error("the connection was closed");
  } catch (cause) {
    throw signal?.aborted ? signal.reason : lost(cause);
  } finally {
    connection.destroy();
  }
}

/** Whoever reads no further closes the connection. */
async function* whole(
  first: string,
  rest: AsyncIterable<string>,
  connection: Socket,
): AsyncGenerator<string> {
  try {
    yield first;
    yield* rest;
  } finally {
    connection.destroy();
  }
}

/** Nobody took the connection, so nothing was sent. */
function refused(socket: string, cause: NodeJS.ErrnoException): RiptideError {
  return cause.code === "ECONNREFUSED" ? stale(socket) : notRunning(socket, cause.message);
}

const lost = (cause: unknown): RiptideError =>
  new RiptideError("daemon_lost", "the daemon went away before the end of its answer", {
    hint: "riptide daemon status   (what was sent is not sent again)",
    cause,
  });

/** A whole answer as text. @throws as {@link send} and {@link Reply.pieces} do */
export async function textOf({ pieces }: Reply): Promise<string> {
  let text = "";
  for await (const piece of pieces) text += piece;
  return text;
}
