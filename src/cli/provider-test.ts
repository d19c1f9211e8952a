import { formatDuration } from "../core/duration.ts";
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
  const result = await probe(loaded, {
    clock: io.clock,
    signal: io.signal,
    timeoutMs,
    model: entry.defaultModel,
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

const at = (ms: number | undefined) => (ms === undefined ? "-" : formatDuration(ms));
