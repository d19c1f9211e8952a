import { byDaemonOrHere } from "./client/ways.ts";
import type { Call, Run } from "./command.ts";
import { readPrompt } from "./complete/ask.ts";
import type { EmbedWork } from "./embed/work.ts";
import { idempotencyKeyOf, integerOf, maxCostOf, routeAsk, tagsOf, timeoutOf } from "./values.ts";

const NO_TEXT = {
  message: "no text to embed",
  hint: 'riptide embed "some text"   or   pipe text in   (riptide embed --help)',
};

/** `riptide embed`: one vector for each argument, or for each line of the input. */
export const run: Run = (call) =>
  byDaemonOrHere(call, {
    read: (maxStdinBytes) => readWork(call, maxStdinBytes),
    through: async (daemon, work) => {
      const { embedThrough } = await import("./embed/through-daemon.ts");
      return embedThrough(call, daemon, work);
    },
    here: async (session, work) => {
      const { embedHere } = await import("./embed/in-process.ts");
      return embedHere(call, session, work);
    },
  });

async function readWork(call: Call, maxStdinBytes: number): Promise<EmbedWork> {
  const { given } = call;
  return {
    tags: tagsOf(given),
    maxCostNano: maxCostOf(call),
    texts: await readTexts(call, maxStdinBytes),
    dimensions: integerOf(given, "dimensions", { min: 1, max: 100_000 }),
    idempotencyKey: idempotencyKeyOf(given),
    route: routeAsk(given),
    timeoutMs: timeoutOf(call),
    maxAttempts: integerOf(given, "max-attempts", { min: 1, max: 100 }),
  };
}

async function readTexts(call: Call, maxStdinBytes: number): Promise<readonly string[]> {
  const { given } = call;
  const fromWords =
    given.words.length > 0 && !given.has("file") && !given.has("lines") && !given.words.includes("-");
  if (fromWords && given.value("stdin") !== "always") return given.words;
  const text = await readPrompt(call, maxStdinBytes, NO_TEXT);
  return given.has("lines") ? text.split(/\r?\n/).filter((line) => line.trim() !== "") : [text];
}
