import { fstatSync, type Stats } from "node:fs";
import type { Readable } from "node:stream";
import { isatty } from "node:tty";
import type { Clock } from "../../core/clock.ts";
import { formatDuration } from "../../core/duration.ts";
import { RiptideError } from "../../core/errors.ts";
import { formatBytes, utf8Text } from "./utf8.ts";

export type StdinMode = "auto" | "always" | "never";
export type StdinKind = "terminal" | "file" | "pipe" | "socket" | "device" | "closed" | "directory";

/** What stdin is, and the stream of its bytes; the stream is only asked for when it is read. */
export interface Stdin {
  readonly kind: StdinKind;
  readonly open: () => Readable;
}

export interface StdinOptions {
  readonly mode: StdinMode;
  /** How long the first byte may take. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly clock: Clock;
  /** Called once with a line for stderr when the first byte is late. */
  readonly notice: (line: string) => void;
}

const NOTICE_AFTER_MS = 1_000;
const WAY_OUT = "use --stdin never or </dev/null";

/** Stdin of this process. */
export function processStdin(io: { readonly stdin: Readable }): Stdin {
  return { kind: kindOf(0), open: () => io.stdin };
}

/**
 * The text on stdin, or undefined where it is not read: a terminal, a device such as `/dev/null`, or closed, unless
 * the mode is `always`; nothing when it is `never`. Once the first byte came, a slow producer is read to its end.
 *
 * @throws RiptideError `usage` when no byte comes in time, for too many bytes, and for bytes that are not UTF-8
 */
export async function readStdin(stdin: Stdin, options: StdinOptions): Promise<string | undefined> {
  if (options.mode === "never" || stdin.kind === "closed") return undefined;
  if (options.mode === "auto" && (stdin.kind === "terminal" || stdin.kind === "device")) return undefined;
  // Node would present it as an empty stream.
  if (stdin.kind === "directory") throw unreadable("it is a directory");
  const stream = stdin.open();
  try {
    return utf8Text(await readAll(stream, options), "stdin");
  } finally {
    // A pipe whose writer lives on would keep this process alive.
    stream.destroy();
  }
}

function readAll(stream: Readable, options: StdinOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const stopWaiting = awaitFirstByte(options, (error) => settle(() => reject(error)));
    const settle = (finish: () => void) => {
      stopWaiting();
      stream.off("data", take).off("end", end).off("close", end).off("error", fail);
      // Destroying the stream may still report an error, which no longer matters to anybody.
      stream.on("error", () => undefined);
      finish();
    };
    const take = (chunk: Buffer) => {
      stopWaiting();
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > options.maxBytes) settle(() => reject(tooLarge(options.maxBytes)));
    };
    const end = () => settle(() => resolve(Buffer.concat(chunks)));
    const fail = (cause: Error) => settle(() => reject(unreadable(cause.message, cause)));
    stream.on("data", take).on("end", end).on("close", end).on("error", fail);
  });
}

/** Says after a second that it waits, and gives up at the limit; the returned function ends both. */
function awaitFirstByte(options: StdinOptions, giveUp: (error: RiptideError) => void): () => void {
  const { clock, timeoutMs, notice } = options;
  const timers = [
    clock.timer(timeoutMs, () => giveUp(tooLate(timeoutMs))),
    ...(timeoutMs > NOTICE_AFTER_MS
      ? [clock.timer(NOTICE_AFTER_MS, () => notice(`waiting for stdin (${WAY_OUT})`))]
      : []),
  ];
  return () => {
    for (const cancel of timers) cancel();
  };
}

const tooLate = (timeoutMs: number) =>
  new RiptideError("usage", `nothing came on stdin within ${formatDuration(timeoutMs)}`, { hint: WAY_OUT });
const tooLarge = (maxBytes: number) =>
  new RiptideError("usage", `stdin is larger than ${formatBytes(maxBytes)} (${maxBytes} bytes)`, {
    hint: "send less, or raise limits.max_stdin in providers.yaml",
  });
const unreadable = (reason: string, cause?: Error) =>
  new RiptideError("usage", `cannot read stdin: ${reason}`, { hint: WAY_OUT, cause });

function kindOf(fd: number): StdinKind {
  if (isatty(fd)) return "terminal";
  const stats = tryStat(fd);
  if (!stats) return "closed";
  if (stats.isFIFO()) return "pipe";
  if (stats.isSocket()) return "socket";
  if (stats.isDirectory()) return "directory";
  return stats.isCharacterDevice() ? "device" : "file";
}

function tryStat(fd: number): Stats | undefined {
  try {
    return fstatSync(fd);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EBADF") return undefined;
    throw error;
  }
}
