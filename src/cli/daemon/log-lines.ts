import { formatTime, parseTime } from "../../core/clock.ts";
import type { JsonObject } from "../../core/json.ts";
import { objectOf } from "../client/hello.ts";
import { factText } from "./fact-text.ts";

/** From the quietest to the most talkative, as pino numbers them (pino documentation, "Level"). */
const LEVELS = { error: 50, warn: 40, info: 30, debug: 20 } as const;
export type LogLevel = keyof typeof LEVELS;
export const LOG_LEVELS: readonly LogLevel[] = ["error", "warn", "info", "debug"];

/** Which lines of a log are wanted. */
export interface LogFilter {
  readonly sinceMs: number | undefined;
  /** This level and what is worse. */
  readonly level: LogLevel | undefined;
  /** A request's id. */
  readonly request: string | undefined;
}

/** Whether a line of the log is wanted; one that is no JSON is where nothing is asked of lines. */
export function isWanted(line: string, { sinceMs, level, request }: LogFilter): boolean {
  const asksNothing = sinceMs === undefined && level === undefined && request === undefined;
  if (asksNothing) return true;
  const said = objectOf(line);
  if (!said) return false;
  if (level !== undefined && levelOf(said) < LEVELS[level]) return false;
  if (sinceMs !== undefined && (timeOf(said) ?? 0) < sinceMs) return false;
  return request === undefined || line.includes(JSON.stringify(request));
}

/** A line for people; one that is no JSON stays as it is. */
export function logText(line: string): string {
  const said = objectOf(line);
  if (!said) return line;
  const atMs = timeOf(said);
  const { level: _level, time: _time, msg, message, pid: _pid, hostname: _hostname, ...facts } = said;
  const at = atMs === undefined ? "-" : formatTime(atMs);
  return factText([at, levelName(said).padEnd(5), String(msg ?? message ?? "")], facts);
}

function levelOf({ level }: JsonObject): number {
  if (typeof level === "number") return level;
  const name = LOG_LEVELS.find((known) => known === level);
  return name ? LEVELS[name] : LEVELS.error;
}

const levelName = (said: JsonObject): string => {
  const number = levelOf(said);
  return LOG_LEVELS.find((name) => LEVELS[name] <= number) ?? "debug";
};

function timeOf({ time }: JsonObject): number | undefined {
  return typeof time === "number" ? time : parseTime(typeof time === "string" ? time : undefined);
}
