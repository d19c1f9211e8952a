import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { pino } from "pino";
import { type Clock, formatTime } from "../../core/clock.ts";
import type { Log } from "../context.ts";
import { type LogFile, openLogFile } from "./log-file.ts";

export interface LogOptions {
  readonly path: string;
  readonly level: "error" | "warn" | "info" | "debug";
  readonly clock: Clock;
  /** Every line passes it (S-2). */
  redact(text: string): string;
  /** Takes what cannot be written to the file, and once why. */
  fallback(text: string): void;
}

/** A log that is open. */
export interface OpenLog extends Log {
  /** From now on lines below this level are left out. */
  setLevel(level: LogOptions["level"]): void;
  close(): void;
}

const FLUSH_EVERY_MS = 1_000;
const FLUSH_CHARACTERS = 4_096;

/** The daemon's log: JSON lines in a file, gathered for a moment and written together. */
export function openLog({ path, level, clock, redact, fallback }: LogOptions): OpenLog {
  let file = opened(path, fallback);
  let gathered = "";
  let cancel: (() => void) | undefined;
  const flush = (): void => {
    cancel?.();
    cancel = undefined;
    const text = gathered;
    gathered = "";
    if (text === "") return;
    try {
      if (file) file.write(text);
      else fallback(text);
    } catch (thrown) {
      file = undefined;
      fallback(`${failure(path, thrown)}${text}`);
    }
  };
  const destination = {
    write(line: string) {
      gathered += redact(line);
      if (gathered.length >= FLUSH_CHARACTERS) flush();
      else cancel ??= clock.timer(FLUSH_EVERY_MS, flush);
    },
  };
  const timestamp = () => `,"time":"${formatTime(clock.wall())}"`;
  const log = pino(
    { level, base: null, timestamp, formatters: { level: (label) => ({ level: label }) } },
    destination,
  );
  return {
    debug: (facts, message) => log.debug(facts, message),
    info: (facts, message) => log.info(facts, message),
    warn: (facts, message) => log.warn(facts, message),
    error: (facts, message) => {
      log.error(facts, message);
      flush();
    },
    setLevel(level) {
      log.level = level;
    },
    close() {
      flush();
      file?.close();
    },
  };
}

function opened(path: string, fallback: (text: string) => void): LogFile | undefined {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return openLogFile(path);
  } catch (thrown) {
    fallback(failure(path, thrown));
    return undefined;
  }
}

const failure = (path: string, thrown: unknown): string =>
  `warning: the log ${path} cannot be written, so it goes to stderr: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`;
