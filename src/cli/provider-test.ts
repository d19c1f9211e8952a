import type { ProviderEntry } from "../config/config.ts";
import { formatDuration } from "../core/duration.ts";
import { asRiptideError, RiptideError } from "../core/errors.ts";
import { humanUsd, usdText } from "../core/money.ts";
import type { DeepProbe } from "../engine/health-deep.ts";
import { type Probe, probe } from "../engine/probe.ts";
import { toSnake } from "../output/json.ts";
import type { Call, Run } from "./command.ts";
import { printDocument, printTable } from "./print.ts";
import { entryNamed } from "./providers.ts";
import { generationOf, openSession, readConfig } from "./session.ts";
import { maxCostOf, timeoutOf } from "./values.ts";

const ONE_CENT_NANO = 10_000_000;

/** `riptide providers test NAME`: one free call, with the time of each step; with `--deep` a completion too. */
export const run: Run = async (call) => {
  const session = call.given.has("deep") ? await openSession(call) : undefined;
  const generation = session?.engine.generation ?? generationOf(await readConfig(call), call.io);
  const entry = entryNamed(call, generation);
  const { clock, signal } = call.io;
  const timeoutMs = timeoutOf(call) ?? generation.config.timeouts.healthMs;
  const loaded = await generation.provider(entry.id);
  const failed = (thrown: unknown) => {
    throw failureOf(entry.id, thrown);
  };
  const result = await probe(loaded, { clock, signal, timeoutMs, model: entry.defaultModel }).catch(failed);
  if (!session) return print(call, entry, { result });
  const { probeDeep } = await import("../engine/health-deep.ts");
  const maxCostNano = maxCostOf(call) ?? ONE_CENT_NANO;
  const ask = { probeTimeoutMs: timeoutMs, maxCostNano, newId: session.newId, signal };
  const deep = await probeDeep(loaded, session.engine, ask).catch(failed);
  return print(call, entry, { result, deep });
};

async function print(
  call: Call,
  { id, type }: ProviderEntry,
  { result, deep }: { readonly result: Probe; readonly deep?: DeepProbe },
): Promise<number> {
  const { timings, detail } = result;
  if (call.format === "json") {
    const paid = deep && { model: deep.model, ms: deep.ms, costUsd: usdText(deep.costNano) };
    const document = {
      ...{ schema: "riptide.provider_test/1", name: id, type, ok: true, ...result },
      timings: timingsDocument(timings),
    };
    await printDocument(call, toSnake({ ...document, ...(paid && { deep: paid }) }));
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
  const paid =
    deep && `${id}: ${deep.model} answered in ${formatDuration(deep.ms)}, ${humanUsd(deep.costNano)}\n`;
  await call.io.stdout.write(`${id}: ${detail}\n${paid ?? ""}`);
  return 0;
}

/** The failure with its provider's name, and where to look next. */
function failureOf(id: string, thrown: unknown): RiptideError {
  const error = asRiptideError(thrown);
  if (error.code === "cancelled") return error;
  const hint =
    error.facts.hint ?? `riptide providers show ${id}   (its address and where its key comes from)`;
  return new RiptideError(error.code, `${id}: ${error.message}`, { ...error.facts, hint });
}

const at = (ms: number | undefined) => (ms === undefined ? "-" : formatDuration(ms));

/** Every step, in whole milliseconds; one that was not taken is null. */
const timingsDocument = ({ lookupMs, connectMs, tlsMs, firstByteMs }: Probe["timings"]) => ({
  lookupMs: rounded(lookupMs),
  connectMs: rounded(connectMs),
  tlsMs: rounded(tlsMs),
  firstByteMs: rounded(firstByteMs),
});

const rounded = (ms: number | undefined) => (ms === undefined ? null : Math.round(ms));
