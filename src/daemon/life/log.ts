import { pino } from "pino";
import { type Clock, formatTime } from "../../core/clock.ts";
import type { Log } from "../context.ts";
import { createLogFile } from "./log-file.ts";

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

/**
 * The daemon's log: JSON lines in a file, gathered for a moment and written together. While the file cannot be written,
 * each write tries it again, and lines go to `fallback` instead; the file then says how many it lacks.
 */
export function openLog({ path, level, clock, redact, fallback }: LogOptions): OpenLog {
  const file = createLogFile(path);
  let gathered = "";
  let lost: number | undefined;
  let cancel: (() => void) | undefined;
  const write = (text: string): void => {
    try {
      file.write(lost ? `${lostLine(lost, clock)}${text}` : text);
      lost = undefined;
    } catch (thrown) {
      if (lost === undefined) fallback(failure(path, thrown));
      lost = (lost ?? 0) + text.split("\n").length - 1;
      if (text !== "") fallback(text);
    }
  };
  const flush = (): void => {
    cancel?.();
    cancel = undefined;
    const text = gathered;
    gathered = "";
    if (text !== "") write(text);
  };
  // Whoever begins hears at once that there will be no log.
  write("");
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
      if (lost) write("");
      file.close();
    },
  };
}

const lostLine = (lines: number, clock: Clock): string =>
  `${JSON.stringify({ level: "warn", time: formatTime(clock.wall()), lines, msg: `the log could not be written, and ${lines} lines are not in it` })}\n`;

const failure = (path: string, thrown: unknown): string =>
  `warning: the log ${path} cannot be written, so it goes to stderr: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`;
