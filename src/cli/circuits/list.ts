import type { Config } from "../../config/config.ts";
import { type CircuitReport, circuitReports } from "../../engine/circuit-reports.ts";
import { CIRCUIT_COLUMNS, circuitRows, circuitsDocument, type ShownCircuit } from "../../output/circuits.ts";
import { shownCircuits } from "../../output/shown-circuits.ts";
import type { Call, Run } from "../command.ts";
import { hasLedger, openLedger } from "../open-ledger.ts";
import { printDocument, printTable } from "../print.ts";
import { entryNamed } from "../providers.ts";
import { openSession, type Session } from "../session.ts";
import { timeoutOf } from "../values.ts";

const WATCH_MS = 2_000;

/** `riptide circuits list` */
export const list: Run = async (call) => {
  if (call.given.has("watch")) return watch(call);
  await print(call, await openSession(call), undefined);
  return 0;
};

/** `riptide circuits show PROVIDER` */
export const show: Run = async (call) => {
  const session = await openSession(call);
  await print(call, session, entryNamed(call, session.engine.generation).id);
  return 0;
};

/** Each look is that of a new process: it sees what all others have done since. */
async function watch(call: Call): Promise<number> {
  const { io } = call;
  const endsAtMs = io.clock.now() + (timeoutOf(call) ?? Number.POSITIVE_INFINITY);
  while (!io.signal.aborted && io.clock.now() < endsAtMs) {
    const session = await openSession(call);
    if (io.stdout.isTty && call.format === "text") await io.stdout.write("\u001b[H\u001b[2J");
    await print(call, session, undefined);
    // Ctrl-C is how it ends.
    await io.clock.sleep(Math.min(WATCH_MS, endsAtMs - io.clock.now()), io.signal).catch(() => undefined);
  }
  return 0;
}

/** @param only The one provider asked about; all that are configured otherwise. */
export async function print(call: Call, session: Session, only: string | undefined): Promise<void> {
  await session.requireProviders({ providers: only === undefined ? undefined : [only] });
  const { config, engine } = session;
  const ids = config.providers.filter(({ implicit }) => !implicit).map(({ id }) => id);
  const reports = await circuitReports(only === undefined ? ids : [only], engine);
  const shown = await shownBy(call, config, reports);
  if (call.format === "json") await printDocument(call, circuitsDocument(shown));
  else await printTable(call, CIRCUIT_COLUMNS, circuitRows(shown));
}

async function shownBy(
  { io }: Call,
  config: Config,
  reports: readonly CircuitReport[],
): Promise<readonly ShownCircuit[]> {
  const database = hasLedger(config, io) ? await openLedger(config, io) : undefined;
  try {
    return shownCircuits(reports, database, io.clock.wall());
  } finally {
    database?.close();
  }
}
