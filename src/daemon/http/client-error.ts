import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type ErrorCode, RiptideError } from "../../core/errors.ts";
import { errorDocument } from "../../output/error-text.ts";

/**
 * Answers what Node's parser refused, and closes the connection.
 * @param running The answer that is under way on this connection.
 */
export function answerClientError(
  error: Error & { readonly code?: string },
  socket: Socket,
  running: ServerResponse | undefined,
): void {
  if (error.code === "ECONNRESET" || !socket.writable || running?.headersSent) {
    socket.destroy();
    return;
  }
  const { status, message } = SAYINGS[error.code ?? ""] ?? MALFORMED;
  sendAndClose(socket, status, { code: "invalid_request", message });
}

interface Saying {
  readonly status: string;
  readonly message: string;
}

const MALFORMED: Saying = { status: "400 Bad Request", message: "the request is not valid HTTP/1.1" };

const SAYINGS: Readonly<Record<string, Saying>> = {
  HPE_HEADER_OVERFLOW: {
    status: "431 Request Header Fields Too Large",
    message: "the headers are larger than 8 KiB",
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: {
    status: "413 Payload Too Large",
    message: "the chunk extensions are too large",
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: "408 Request Timeout",
    message: "the request took too long: 5 s for its headers, 30 s in all",
  },
};

/** Writes a whole answer past Node's own, on a connection that is not used afterwards. */
export function sendAndClose(
  socket: Socket,
  status: string,
  { code, message }: { readonly code: ErrorCode; readonly message: string },
): void {
  const body = JSON.stringify(errorDocument(new RiptideError(code, message)));
  const retry = code === "overloaded_local" ? "retry-after: 1\r\n" : "";
  const head = `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nx-riptide-error: ${code}\r\n${retry}`;
  socket.write(`HTTP/1.1 ${status}\r\n${head}connection: close\r\n\r\n${body}`);
  socket.destroySoon();
}
