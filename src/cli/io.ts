import type { ReadStream, WriteStream } from "node:tty";
import type { Environment } from "../config/environment.ts";
import type { Clock } from "../core/clock.ts";
import type { RiptideError } from "../core/errors.ts";
import type { Redactor } from "../wire/redact.ts";
import type { Sink } from "./sink.ts";

/** Everything of the process that a command may touch. */
export interface Io {
  readonly stdin: ReadStream;
  /** Results only. */
  readonly stdout: Sink;
  /** Stdout itself, for what draws a whole screen. */
  readonly terminal: WriteStream;
  /** Stops the process until the shell continues it, as Ctrl-Z does. */
  suspend(): void;
  /** Nobody reads stdout any more: what was wanted has been read (cli.md 1.6). */
  readerGone(): boolean;
  /** Why stdout takes no more, for another reason than that. */
  writeFailure(): RiptideError | undefined;
  /** Warnings, progress and errors; passes the redactor and never fails. */
  readonly stderr: Sink;
  readonly environment: Environment;
  readonly cwd: string;
  readonly clock: Clock;
  readonly redactor: Redactor;
  readonly version: string;
  readonly nodeVersion: string;
  /** Aborted with `cancelled` by a signal, or when the reader of stdout has gone. */
  readonly signal: AbortSignal;
}
