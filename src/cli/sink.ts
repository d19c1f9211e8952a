import type { WriteStream } from "node:tty";
import { RiptideError } from "../core/errors.ts";

/** A stream written in order, at the reader's pace. */
export interface Sink {
  readonly isTty: boolean;
  readonly columns: number | undefined;
  /**
   * Resolves when the stream takes more. A reader that has gone is no error: the text is dropped.
   * @throws RiptideError `write_failed` for a full disk or a failing device.
   */
  write(text: string): Promise<void>;
  /** Resolves when everything has reached the operating system. */
  finish(): Promise<void>;
}

/**
 * @param lost Called once when nothing more can be written: with the reason, or without one when nobody reads any
 * more, which is no failure.
 */
export function createSink(stream: WriteStream, lost: (failure?: RiptideError) => void): Sink {
  let closed = false;
  let failure: RiptideError | undefined;
  // The error of a broken pipe comes once for each write; only the first says something new.
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && error.code !== "ERR_STREAM_DESTROYED") {
      failure ??= new RiptideError("write_failed", `cannot write the output: ${error.message}`, {
        cause: error,
      });
    }
    if (!closed) lost(failure);
    closed = true;
  });
  const check = () => {
    if (failure) throw failure;
  };
  return {
    isTty: stream.isTTY === true,
    columns: stream.columns,
    async write(text) {
      check();
      if (closed || text === "") return;
      if (!stream.write(text)) await drained(stream);
      check();
    },
    async finish() {
      if (!closed) await new Promise<void>((resolve) => stream.write("", () => resolve()));
      check();
    },
  };
}

function drained(stream: WriteStream): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off("drain", done).off("close", done).off("error", done);
      resolve();
    };
    stream.on("drain", done).on("close", done).on("error", done);
  });
}
