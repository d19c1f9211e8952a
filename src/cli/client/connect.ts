import type { IncomingMessage } from "node:http";
import { RiptideError } from "../../core/errors.ts";
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
 * Sends one request over the socket, on a connection of its own.
 * @throws RiptideError `daemon_not_running` or `socket_stale` where nobody took the connection, so that nothing was
 * sent; `daemon_lost` where it ended without an answer; the signal's reason
 */
export function send(socket: string, { method, path, headers, body, signal }: Ask): Promise<Reply> {
  // An import of node:http brings fetch along, which takes twice as long as a whole call.
  const { request } = process.getBuiltinModule("node:http");
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    let isConnected = false;
    const sent = request({
      ...{ method, path, socketPath: socket, agent: false },
      headers: {
        host: "riptide",
        ...(body !== undefined && {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
        }),
        ...headers,
      },
    });
    const giveUp = () => void sent.destroy();
    signal?.addEventListener("abort", giveUp, { once: true });
    sent.once("socket", (connection) => {
      connection.once("connect", () => {
        isConnected = true;
      });
    });
    sent.on("error", (cause) => {
      if (signal?.aborted) reject(signal.reason);
      else reject(isConnected ? lost(cause) : refused(socket, cause));
    });
    sent.once("response", (response) => resolve(replyOf(response, signal)));
    sent.end(body);
  });
}

function replyOf(response: IncomingMessage, signal: AbortSignal | undefined): Reply {
  return {
    status: response.statusCode ?? 0,
    header: (name) => [response.headers[name] ?? []].flat()[0],
    pieces: piecesOf(response, signal),
    close: () => void response.destroy(),
  };
}

async function* piecesOf(response: IncomingMessage, signal: AbortSignal | undefined): AsyncGenerator<string> {
  try {
    for await (const piece of response.setEncoding("utf8")) yield String(piece);
  } catch (cause) {
    throw signal?.aborted ? signal.reason : lost(cause);
  }
  if (signal?.aborted) throw signal.reason;
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
