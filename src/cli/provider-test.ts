import { formatDuration } from "../core/duration.ts";
import { asRiptideError, RiptideError } from "../core/errors.ts";
import { probe } from "../engine/probe.ts";
import { toSnake } from "../output/json.ts";
import type { Run } from "./command.ts";
import { printDocument, printTable } from "./print.ts";
import { entryNamed } from "./providers.ts";
import { generationOf, readConfig } from "./session.ts";
import { timeoutOf } from "./values.ts";

/** `riptide providers test NAME`: one free call, with the time of each step. */
export const run: Run = async (call) => {
  const { io } = call;
  const generation = generationOf(await readConfig(call), io);
  const entry = entryNamed(call, generation);
  const timeoutMs = timeoutOf(call) ?? generation.config.timeouts.healthMs;
  const loaded = await generation.provider(entry.id);
  const ask = { clock: io.clock, signal: io.signal, timeoutMs, model: entry.defaultModel };
  const result = await probe(loaded, ask).catch((thrown: unknown) => {
    throw failureOf(entry.id, thrown);
  });
  const { timings } = result;
  if (call.format === "json") {
    await printDocument(
      call,
      toSnake({ schema: "riptide.provider_test/1", name: entry.id, type: entry.type, ok: true, ...result }),
    );
    return 0;
  }
  await printTable(
    call,
    [{ head: "step" }, { head: "at", align: "right" }],
    [
      ["name resolved", at(timings.lookupMs)],
      ["connected", at(timings.connectMs)],
      ["tls", at(timings.tlsMs)],
      ["first byte", at(timings.firstByteMs)],
    ],
  );
  await io.stdout.write(`${entry.id}: ${result.detail}\n`);
  return 0;
};

/** The failure with its provider's name, and where to look next. */
function failureOf(id: string, thrown: unknown): RiptideError {
  const error = asRiptideError(thrown);
  if (error.code === "cancelled") return error;
  const hint =
    error.facts.hint ?? `riptide providers show ${id}   (its address and where its key comes from)`;
  return new RiptideError(error.code, `${id}: ${error.message}`, { ...error.facts, hint });
}

const at = (ms: number | undefined) => (ms === undefined ? "-" : formatDuration(ms));
