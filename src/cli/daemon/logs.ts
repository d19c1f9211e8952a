import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseTime } from "../../core/clock.ts";
import { parseDuration } from "../../core/duration.ts";
import { RiptideError } from "../../core/errors.ts";
import { sanitise } from "../../output/sanitise.ts";
import type { Call, Run } from "../command.ts";
import { durationOf, integerOf, wordOf } from "../values.ts";
import { isWanted, LOG_LEVELS, type LogFilter, logText } from "./log-lines.ts";
import { createLogTail } from "./log-tail.ts";

const LINES = 200;
const MAX_LINES = 1_000_000;
/** So many files are kept beside the newest one. */
const KEPT = 5;
const LOOK_EVERY_MS = 200;

/** `riptide daemon logs`: the end of the daemon's log, whether one runs or not; `-f` goes on with what comes. */
export const run: Run = async (call) => {
  const { given, io } = call;
  const path = join(io.environment.stateDir, "daemon.log");
  const count = integerOf(given, "lines", { min: 0, max: MAX_LINES }) ?? LINES;
  const filter: LogFilter = {
    sinceMs: sinceOf(call),
    level: wordOf(given, "level", LOG_LEVELS),
    request: given.value("request"),
  };
  const text = (await textAt(path)) ?? (given.has("follow") ? "" : missing(path));
  const end = text.lastIndexOf("\n") + 1;
  const lines = await linesOf(path, text.slice(0, end), { count, filter });
  for (const line of lines) await print(call, line);
  if (given.has("follow")) await follow(call, path, { from: Buffer.byteLength(text.slice(0, end)), filter });
  return 0;
};

function sinceOf({ given, io }: Call): number | undefined {
  const text = given.value("since");
  if (text === undefined) return undefined;
  const agoMs = parseDuration(text);
  const atMs =
    agoMs === undefined ? parseTime(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text) : undefined;
  if (agoMs !== undefined) return io.clock.wall() - (durationOf(given, "since") ?? agoMs);
  if (atMs !== undefined) return atMs;
  throw new RiptideError(
    "usage",
    `--since wants a duration or a time, such as 10m or 2026-11-01, not "${text}"`,
  );
}

function missing(path: string): never {
  throw new RiptideError("not_found", "the daemon has written no log yet", {
    reasons: [path],
    hint: "riptide daemon start",
  });
}

interface Wanted {
  readonly count: number;
  readonly filter: LogFilter;
}

/** The last lines that are wanted, from the files before it too as long as there are too few. */
async function linesOf(path: string, newest: string, { count, filter }: Wanted): Promise<readonly string[]> {
  if (count === 0) return [];
  let lines: readonly string[] = [];
  for (let number = 0; number <= KEPT && lines.length < count; number += 1) {
    const text = number === 0 ? newest : await textAt(`${path}.${number}`);
    if (text === undefined) break;
    const wanted = text.split("\n").filter((line) => line !== "" && isWanted(line, filter));
    lines = [...wanted, ...lines];
  }
  return lines.slice(-count);
}

async function textAt(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new RiptideError("not_found", `cannot read ${path}`, { cause });
  }
}

/** Reads on until Ctrl-C. */
async function follow(
  call: Call,
  path: string,
  { from, filter }: { readonly from: number; readonly filter: LogFilter },
): Promise<void> {
  const { io } = call;
  const tail = createLogTail(path, from);
  try {
    for (;;) {
      for (const line of await tail.next()) if (isWanted(line, filter)) await print(call, line);
      await io.clock.sleep(LOOK_EVERY_MS, io.signal);
    }
  } finally {
    await tail.close();
  }
}

async function print({ io, format }: Call, line: string): Promise<void> {
  const text = format === "text" ? sanitise(logText(line)) : line;
  await io.stdout.write(`${io.redactor.redact(text)}\n`);
}
