import { once } from "node:events";
import { type Exchange, type Headers, watchEnd } from "./exchange.ts";
import { cutStalled, STALL_MS } from "./stall.ts";

/** The body of a streamed answer. */
export interface StreamBody {
  /** Its head has been sent, so that a failure can no longer be a status. */
  isOpen(): boolean;
  open(headers: Headers): void;
  /** Something to wait for where the reader does not keep up: it resolves when that has read on, or has gone. */
  write(text: string): Promise<void> | undefined;
  end(): void;
  /** Hands over what was written and ends the connection without the body's proper end. */
  breakOff(): void;
}

/** Texts of one turn of the event loop are one chunk, up to this; the connection holds 64 KiB more. */
const MAX_PENDING_CHARACTERS = 16 * 1024;

/**
 * @param exchange Its answer is still whole: no head was sent.
 * @param stallMs A reader that takes nothing for so long is cut off (SD-7).
 */
export function streamBody({ response, signal, clock }: Exchange, stallMs = STALL_MS): StreamBody {
  let pending = "";
  let isScheduled = false;
  let blocked: Promise<void> | undefined;

  function takePending(): string {
    const text = pending;
    pending = "";
    return text;
  }

  function flush(): void {
    isScheduled = false;
    const text = takePending();
    if (text === "" || response.destroyed) return;
    if (!response.write(chunkOf(text))) blocked ??= drained();
  }

  async function drained(): Promise<void> {
    const taken = response.socket ? cutStalled(response.socket, clock, stallMs) : () => {};
    // A reader that goes away aborts the request itself.
    await once(response, "drain", { signal }).catch(() => {});
    taken();
    blocked = undefined;
  }

  return {
    isOpen: () => response.headersSent,
    open(headers) {
      response.writeHead(200, { ...headers, "cache-control": "no-store", "transfer-encoding": "chunked" });
      // Node would write each chunk in four pieces; one is half the work, and a token is a chunk.
      response.chunkedEncoding = false;
    },
    write(text) {
      pending += text;
      if (pending.length >= MAX_PENDING_CHARACTERS) flush();
      else if (!isScheduled) {
        isScheduled = true;
        // Runs when all promises that can settle have done so: nothing more comes before the provider's next bytes.
        process.nextTick(flush);
      }
      return blocked;
    },
    end() {
      response.end(`${chunkOf(takePending())}${LAST_CHUNK}`);
      if (response.writableLength > 0) watchEnd(response, clock, stallMs);
    },
    breakOff() {
      if (response.destroyed) return;
      watchEnd(response, clock, stallMs);
      response.write(chunkOf(takePending()), () => response.destroy());
    },
  };
}

/** RFC 9112, section 7.1 */
const LAST_CHUNK = "0\r\n\r\n";

/** An empty chunk would be the last one. */
const chunkOf = (text: string): string =>
  text === "" ? "" : `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
